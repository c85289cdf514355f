//! The engine: how guests are compiled, and the clock that ends those that take too long.

use std::{
    error::Error,
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};

use crate::{EngineError, Limits, Unfit, config::config};

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
    /// Runs the built-in planner: it does not count fuel, and has no compiler, which would take memory for nothing.
    built_in: wasmtime::Engine,
    /// Compiles and runs what anybody gave, counting fuel; made for the first of them.
    custom: Arc<OnceLock<wasmtime::Engine>>,
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
        let built_in =
            start(config().enable_compiler(false)).map_err(|source| EngineError::Start { source })?;
        Ok(Engine { built_in, custom: Arc::default(), limits })
    }

    /// What its guests may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The engine that runs the built-in planner.
    pub(crate) fn built_in(&self) -> &wasmtime::Engine {
        &self.built_in
    }

    /// The engine that compiles and runs what anybody gave.
    pub(crate) fn custom(&self) -> Result<&wasmtime::Engine, Unfit> {
        if let Some(engine) = self.custom.get() {
            return Ok(engine);
        }
        // Of two that are made at once the second is dropped.
        let engine = start(config().consume_fuel(true)).map_err(|source| Unfit::NoCompiler { source })?;
        Ok(self.custom.get_or_init(|| engine))
    }
}

/// An engine whose clock runs.
fn start(config: &wasmtime::Config) -> Result<wasmtime::Engine, Box<dyn Error + Send + Sync>> {
    let engine = wasmtime::Engine::new(config)?;
    tick(&engine)?;
    Ok(engine)
}

/// The longest deadline, millions of years: wasmtime adds the ticks so far to it without looking.
const LONGEST: u64 = u64::MAX / 2;

/// A time as ticks, for a deadline. One more than it holds, since the tick that runs has already begun.
pub(crate) fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos()) + 1).map_or(LONGEST, |ticks| ticks.min(LONGEST))
}

/// Counts ticks for as long as somebody has the engine.
fn tick(engine: &wasmtime::Engine) -> Result<(), std::io::Error> {
    let engine = engine.weak();
    thread::Builder::new().name("guest deadlines".to_owned()).spawn(move || {
        loop {
            thread::sleep(TICK);
            let Some(engine) = engine.upgrade() else { return };
            engine.increment_epoch();
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
