//! The engine: compiles guests, and has the clock that ends guests that take too long.

use std::{
    error::Error,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use wasmtime::component::Component;

use crate::{BuiltIn, Limits, Unfit, config::config};

/// How often the deadline of a running guest is checked. An answer takes milliseconds to seconds, so 10 ms is exact enough,
/// and the cost of 100 wake-ups a second cannot be measured.
const TICK: Duration = Duration::from_millis(10);

/// The origin of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The planner that was built with this program. Only its fuel is not counted, which would take up to 40 % more time:
    /// memory, deadline and returned data are limited all the same.
    BuiltIn,
    /// A component that somebody passed to the program. Its fuel is counted, so that it fails or succeeds in the same way on
    /// every machine and in every replay.
    Custom,
}

/// Compiles components and limits the resources that they use. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// Compiles and runs custom components, counting fuel. It is made for the first of them.
    custom: Arc<OnceLock<wasmtime::Engine>>,
    limits: Limits,
}

impl Engine {
    /// An engine whose guests all have these limits.
    pub fn new(limits: Limits) -> Engine {
        Engine { custom: Arc::default(), limits }
    }

    /// The limits of its guests.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The engine that compiles and runs custom components.
    pub(crate) fn custom(&self) -> Result<&wasmtime::Engine, Unfit> {
        if let Some(engine) = self.custom.get() {
            return Ok(engine);
        }
        // If two threads make an engine at once, one of them is dropped.
        // Costs nothing until a guest crashes: see `panic_text`.
        let engine = start(config().consume_fuel(true).coredump_on_trap(true))?;
        Ok(self.custom.get_or_init(|| engine))
    }
}

/// The built-in planner, in an engine that does not count fuel and has no compiler, which would only take memory.
///
/// It is loaded once in a process: wasmtime knows machine code by its address, and the built-in planner has only one.
pub(crate) fn built_in(planner: &BuiltIn) -> Result<Component, Unfit> {
    static LOADED: Mutex<Option<Component>> = Mutex::new(None);
    // A thread that panicked has not stored a component.
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(component) = &*loaded {
        return Ok(component.clone());
    }
    let engine = start(config().enable_compiler(false).with_custom_code_memory((planner.code_memory)()))?;
    let component =
        (planner.load)(&engine).map_err(|source| Unfit::OtherProcessor { source: source.into() })?;
    Ok(loaded.insert(component).clone())
}

/// Makes an engine and starts its clock: a thread, which ends within 10 ms after the last clone of the engine and its last
/// component are dropped.
fn start(config: &wasmtime::Config) -> Result<wasmtime::Engine, Unfit> {
    let start = || -> Result<wasmtime::Engine, Box<dyn Error + Send + Sync>> {
        let engine = wasmtime::Engine::new(config)?;
        tick(&engine)?;
        Ok(engine)
    };
    start().map_err(|source| Unfit::NoEngine { source })
}

/// The longest deadline, millions of years. It leaves room because wasmtime adds the current tick without a check.
const LONGEST: u64 = u64::MAX / 2;

/// A duration in ticks, for a deadline: rounded up, and one more, since the current tick has already begun.
pub(crate) fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos()) + 1).map_or(LONGEST, |ticks| ticks.min(LONGEST))
}

/// Counts ticks until the engine is dropped.
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
