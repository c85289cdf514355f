//! The planner and the policies of a replay, loaded once for each set of limits: a recording has its own.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use albatross_contract::GuestLimits;
use albatross_engine::{Engine, Limits};

use crate::{error::Error, inputs::PolicyComponent, pass::Makers};

/// The most sets of limits that are kept. A controller has one, and an upgrade may bring another.
const KEPT: usize = 8;

/// The planner and the policies. Threads share them: each call has an instance of its own.
pub struct Components {
    planner: Option<PathBuf>,
    policies: Vec<PolicyComponent>,
    loaded: Mutex<Vec<Arc<Makers>>>,
}

impl Components {
    /// The planner in this file, else the built-in one, and these policies.
    pub fn new(planner: Option<PathBuf>, policies: Vec<PolicyComponent>) -> Components {
        Components { planner, policies, loaded: Mutex::default() }
    }

    /// The components with the limits of a recording.
    ///
    /// # Errors
    /// A component that cannot be loaded.
    pub fn with(&self, limits: &GuestLimits) -> Result<Arc<Makers>, Error> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(makers) = loaded.iter().find(|makers| makers.limits() == limits) {
            return Ok(Arc::clone(makers));
        }
        let engine = Engine::new(Limits::from(limits));
        let makers = Arc::new(Makers::load(self.planner.as_deref(), &self.policies, &engine)?);
        if loaded.len() == KEPT {
            loaded.remove(0);
        }
        loaded.push(Arc::clone(&makers));
        Ok(makers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_few_sets_of_limits_are_kept_whatever_recordings_say() {
        let components = Components::new(None, Vec::new());
        for more in 0..KEPT as u64 + 3 {
            let limits = GuestLimits::from(&Limits::default());
            components.with(&GuestLimits { fuel: limits.fuel + more, ..limits }).unwrap();
        }
        assert_eq!(components.loaded.lock().unwrap().len(), KEPT);
    }
}
