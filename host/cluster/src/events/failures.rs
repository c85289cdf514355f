//! Actions that failed, and whom that concerns.

use std::collections::BTreeSet;

use albatross_contract::{ActionResult, ActionState, ObjectName, Plan};

use super::notice::{Notice, Regarding, Severity};

/// The reason of the Event.
const REASON: &str = "ActionFailed";

/// What failed when a plan was executed.
pub(crate) struct Failures<'a>(Vec<Failure<'a>>);

struct Failure<'a> {
    /// The objects that wait for the action.
    objects: &'a [ObjectName],
    error: &'a str,
}

impl<'a> Failures<'a> {
    /// The results are those of the plan's actions.
    pub(crate) fn new(plan: &'a Plan, results: &'a [ActionResult]) -> Failures<'a> {
        let failed = results.iter().filter(|result| result.state == ActionState::Failed);
        let failures = failed.filter_map(|result| {
            let action = plan.actions.iter().find(|action| action.id == result.action)?;
            let error = result.error.as_deref().unwrap_or_default();
            Some(Failure { objects: &action.objects, error })
        });
        Failures(failures.collect())
    }

    /// What there is to say to an object.
    pub(crate) fn of_object(&self, object: &ObjectName, regarding: &Regarding) -> BTreeSet<Notice> {
        let concern = |failure: &&Failure<'_>| failure.objects.contains(object);
        self.0.iter().filter(concern).map(|failure| notice(regarding, failure.error)).collect()
    }

    /// What no object that is there waits for.
    pub(crate) fn of_nobody(&self, is_there: impl Fn(&ObjectName) -> bool) -> BTreeSet<Notice> {
        let nobodys = |failure: &&Failure<'_>| !failure.objects.iter().any(&is_there);
        self.0.iter().filter(nobodys).map(|failure| notice(&Regarding::Controller, failure.error)).collect()
    }
}

fn notice(regarding: &Regarding, error: &str) -> Notice {
    Notice::new(regarding, Severity::Warning, REASON, format!("{error}. It is tried again"))
}
