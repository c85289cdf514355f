//! Stops everything after some writes, so that a test can kill the writer at that very moment.

/// Lets calls through until as many writes as were asked for have been executed.
#[derive(Debug, Default)]
pub(super) enum Gate {
    /// Everything passes.
    #[default]
    Open,
    /// So many writes may still pass.
    Closing(usize),
    /// Nothing passes. The last write was executed, and its answer is kept back.
    Closed,
}

/// What a call may do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// Pass.
    Free,
    /// Pass as the last one: close the gate when it was executed.
    Last,
    /// Wait, for good.
    Never,
}

impl Gate {
    /// Asks for one call.
    pub(super) fn pass(&mut self, is_write: bool) -> Passage {
        match self {
            Gate::Open => Passage::Free,
            Gate::Closed => Passage::Never,
            Gate::Closing(_) if !is_write => Passage::Free,
            Gate::Closing(0) => Passage::Never,
            Gate::Closing(left) => {
                *left -= 1;
                if *left == 0 { Passage::Last } else { Passage::Free }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_last_write_nothing_passes_and_before_it_everything_does() {
        let mut gate = Gate::Closing(2);
        assert_eq!(gate.pass(true), Passage::Free);
        assert_eq!(gate.pass(false), Passage::Free);
        assert_eq!(gate.pass(true), Passage::Last);
        assert_eq!(gate.pass(true), Passage::Never);
        assert_eq!(gate.pass(false), Passage::Free, "the last write is still being executed");
        gate = Gate::Closed;
        assert_eq!(gate.pass(false), Passage::Never);
        gate = Gate::Open;
        assert_eq!(gate.pass(true), Passage::Free);
    }
}
