//! Actions that failed, and the Ingresses concerned.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Action, ActionResult, ActionState, ObjectName, Plan};

use super::notice::{Notice, Regarding, Severity};

/// The reason of the Event.
const REASON: &str = "ActionFailed";

/// The actions of a plan that failed.
pub(crate) struct Failures<'a> {
    all: Vec<Failure<'a>>,
    /// The errors by the object that waits. An action that is denied can concern thousands of Ingresses.
    of_objects: BTreeMap<&'a ObjectName, BTreeSet<&'a str>>,
}

struct Failure<'a> {
    /// The objects that wait for the action.
    objects: &'a [ObjectName],
    error: &'a str,
}

impl<'a> Failures<'a> {
    /// `results` are the results of the actions of the plan.
    pub(crate) fn new(plan: &'a Plan, results: &'a [ActionResult]) -> Failures<'a> {
        let actions: BTreeMap<&str, &Action> =
            plan.actions.iter().map(|action| (action.id.as_str(), action)).collect();
        let failed = results.iter().filter(|result| result.state == ActionState::Failed);
        let failures = failed.filter_map(|result| {
            let action = actions.get(result.action.as_str())?;
            let error = result.error.as_deref().unwrap_or_default();
            Some(Failure { objects: &action.objects, error })
        });
        let all: Vec<Failure<'_>> = failures.collect();
        let mut of_objects: BTreeMap<&ObjectName, BTreeSet<&str>> = BTreeMap::new();
        for failure in &all {
            for object in failure.objects {
                of_objects.entry(object).or_default().insert(failure.error);
            }
        }
        Failures { all, of_objects }
    }

    /// The notices for an object.
    pub(crate) fn of_object(&self, object: &ObjectName, regarding: &Regarding) -> BTreeSet<Notice> {
        let errors = self.of_objects.get(object).into_iter().flatten();
        errors.map(|error| notice(regarding, error)).collect()
    }

    /// The notices about actions that no existing object waits for.
    pub(crate) fn of_nobody(&self, is_there: impl Fn(&ObjectName) -> bool) -> BTreeSet<Notice> {
        let nobodys = |failure: &&Failure<'_>| !failure.objects.iter().any(&is_there);
        self.all.iter().filter(nobodys).map(|failure| notice(&Regarding::Controller, failure.error)).collect()
    }
}

fn notice(regarding: &Regarding, error: &str) -> Notice {
    Notice::new(regarding, Severity::Warning, REASON, format!("{error}. Albatross will retry"))
}
