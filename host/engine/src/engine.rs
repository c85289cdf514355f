//! The engine: how guests are compiled, and the clock that ends those that take too long.

use std::{thread, time::Duration};

use crate::{EngineError, Limits, config::config};

/// How often the deadline of a running guest is looked at. An answer takes milliseconds to seconds, so 10 ms is exact
/// enough, and 100 wake-ups a second cost nothing that one could measure.
const TICK: Duration = Duration::from_millis(10);

/// Whose component it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The planner that was built with this program. It is not trusted with more than the time that counting its fuel
    /// would take (up to 40 %): memory, deadline and returned data are limited all the same.
    BuiltIn,
    /// Anybody's. Its fuel is counted: the same verdict on every machine and in every replay.
    Custom,
}

/// Compiles components and bounds what they use. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// Counts fuel.
    metered: wasmtime::Engine,
    /// Does not.
    unmetered: wasmtime::Engine,
    limits: Limits,
}

impl Engine {
    /// An engine whose guests all have these limits.
    ///
    /// It starts a thread that ends within 10 ms when the last clone and the last component are gone.
    ///
    /// # Errors
    /// [`EngineError::Start`] where this machine cannot run WebAssembly, or cannot start a thread.
    pub fn new(limits: Limits) -> Result<Engine, EngineError> {
        let start = |source: wasmtime::Error| EngineError::Start { source: source.into() };
        let metered = wasmtime::Engine::new(config().consume_fuel(true)).map_err(start)?;
        let unmetered = wasmtime::Engine::new(&config()).map_err(start)?;
        tick(&[&metered, &unmetered]).map_err(|source| EngineError::Start { source: source.into() })?;
        Ok(Engine { metered, unmetered, limits })
    }

    /// What its guests may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The engine that compiles and runs such a component.
    pub(crate) fn compiler(&self, trust: Trust) -> &wasmtime::Engine {
        match trust {
            Trust::BuiltIn => &self.unmetered,
            Trust::Custom => &self.metered,
        }
    }
}

/// The longest deadline, millions of years: wasmtime adds the ticks so far to it without looking.
const LONGEST: u64 = u64::MAX / 2;

/// A time as ticks, for a deadline. One more than it holds, since the tick that runs has already begun.
pub(crate) fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos()) + 1).map_or(LONGEST, |ticks| ticks.min(LONGEST))
}

/// Counts ticks for as long as somebody has one of the engines.
fn tick(engines: &[&wasmtime::Engine]) -> Result<(), std::io::Error> {
    let engines: Vec<_> = engines.iter().map(|engine| engine.weak()).collect();
    thread::Builder::new().name("guest deadlines".to_owned()).spawn(move || {
        loop {
            thread::sleep(TICK);
            let mut alive = false;
            for engine in engines.iter().filter_map(|engine| engine.upgrade()) {
                engine.increment_epoch();
                alive = true;
            }
            if !alive {
                return;
            }
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_never_shorter_than_its_time() {
        assert_eq!(ticks(Duration::ZERO), 1);
        assert_eq!(ticks(Duration::from_millis(1)), 2);
        assert_eq!(ticks(Duration::from_millis(10)), 2);
        assert_eq!(ticks(Duration::from_millis(11)), 3);
        assert_eq!(ticks(Duration::MAX), LONGEST);
    }
}
