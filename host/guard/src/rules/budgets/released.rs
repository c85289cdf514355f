//! Ingresses that are released although nobody deletes them.

use std::collections::BTreeSet;

use albatross_contract::{OutcomeState, StatusChange};

use super::{
    counted::{Counted, judge},
    limits::RELEASE,
};
use crate::{
    facts::{Facts, outcomes::SourceOutcome},
    violation::Findings,
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let allowed: BTreeSet<&str> =
        facts.view.snapshot.settings.allowances.release.iter().map(String::as_str).collect();
    let names =
        facts.outcomes.list.iter().filter(|outcome| is_released(outcome)).map(|it| it.name.to_string());
    let counted = names.filter(|name| !allowed.contains(name.as_str()));
    let counted: Vec<Counted> = counted.map(|id| Counted { action: None, id }).collect();
    judge(&RELEASE, &counted, || facts.view.sources.members(), facts, found);
}

fn is_released(outcome: &SourceOutcome<'_>) -> bool {
    let loses = outcome.outcome.state == OutcomeState::Released
        || matches!(outcome.outcome.status, StatusChange::Withdraw);
    let exists = outcome.source.is_some_and(|source| source.metadata().deleted_at.is_none());
    loses && exists && outcome.published.ours.is_some()
}
