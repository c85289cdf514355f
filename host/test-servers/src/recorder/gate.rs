//! Stops all calls after a number of writes, so that a test can kill the writer at exactly that moment.

/// Lets calls pass until the requested number of writes has been executed.
#[derive(Debug, Default)]
pub(super) enum Gate {
    /// Every call passes.
    #[default]
    Open,
    /// This many writes may still pass.
    Closing(usize),
    /// No call passes. The last write was executed, and its answer is withheld.
    Closed,
}

/// Whether a call may pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// The call passes.
    Free,
    /// The call passes as the last one: the gate closes when the call has been executed.
    Last,
    /// The call waits for ever.
    Never,
}

impl Gate {
    /// Decides about a call.
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
    fn every_call_passes_until_the_last_write_has_been_executed() {
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
