//! The plan of a candidate beside the plan of those that decide.

use albatross_contract::{Outcome, Plan, Snapshot, Withheld};
use serde::Serialize;

use super::Deciders;
use crate::{
    comparison::{NameChanges, first_difference},
    pass::Pass,
    render::words::count,
};

/// What a candidate would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shadow {
    /// Why it does not take over. Empty: it may.
    pub holds: Vec<Hold>,
    /// What it would change. Absent: it has no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// Why a candidate does not take over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "code", content = "message")]
pub enum Hold {
    /// It cannot be loaded, or does not accept its settings.
    Unfit(String),
    /// A policy of it fails, or there is no plan that the guard accepts.
    Failed(String),
    /// A budget withholds something.
    Budget(String),
}

/// What a candidate would change in the next plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// Ingresses and RouteGroups.
    pub objects: usize,
    /// How many of them it would place on another load balancer. Those that a budget withholds are not among them.
    pub placed_elsewhere: usize,
    /// How many DNS names change.
    pub name_changes: usize,
    /// What the budgets withhold, also from those that decide now.
    pub withheld: Vec<Withheld>,
    /// The first difference, in words. Absent: the plans are equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

impl Hold {
    /// Why, in words.
    pub fn message(&self) -> &str {
        match self {
            Hold::Unfit(message) | Hold::Failed(message) | Hold::Budget(message) => message,
        }
    }
}

impl Shadow {
    /// A candidate that does not even get as far as a plan.
    pub fn held(hold: Hold) -> Shadow {
        Shadow { holds: vec![hold], difference: None }
    }
}

impl Difference {
    /// In words: `3 of 80 Ingresses get another load balancer, 3 DNS names change`.
    pub fn words(&self) -> String {
        if self.first.is_none() {
            return "the plan stays the same".to_owned();
        }
        format!(
            "{} of {} on another load balancer, {}",
            self.placed_elsewhere,
            count(self.objects, "Ingress"),
            count(self.name_changes, "DNS name change")
        )
    }
}

/// Plans a snapshot with a candidate, and compares the plan with the plan of those that decide. `allowed`: a person allows what the
/// budgets would withhold.
pub fn judge(now: &Plan, candidate: &Deciders, snapshot: &Snapshot, allowed: bool) -> Shadow {
    let pass = match candidate.pass(snapshot.clone(), allowed) {
        Ok(pass) => pass,
        Err(error) => return Shadow::held(Hold::Failed(error.to_string())),
    };
    let mut holds: Vec<Hold> =
        pass.failures.iter().map(|failure| Hold::Failed(failure.to_string())).collect();
    if !allowed {
        let more = pass.plan.withheld.iter().filter(|withheld| !is_withheld(withheld, now));
        holds.extend(more.map(|withheld| Hold::Budget(withheld.message.clone())));
    }
    Shadow { holds, difference: Some(difference(now, &pass)) }
}

/// Whether all of it is withheld from those that decide as well.
fn is_withheld(withheld: &Withheld, now: &Plan) -> bool {
    let is_of_it = |it: &&Withheld| it.budget == withheld.budget && it.subject == withheld.subject;
    let mut before = now.withheld.iter().filter(is_of_it);
    before.any(|before| withheld.ids.iter().all(|id| before.ids.contains(id)))
}

fn difference(now: &Plan, shadow: &Pass) -> Difference {
    let then = &shadow.plan;
    let place = |outcome: &Outcome| (outcome.object.clone(), outcome.load_balancer.clone());
    let places: std::collections::BTreeMap<_, _> = now.outcomes.iter().map(place).collect();
    let is_elsewhere = |outcome: &&Outcome| {
        places.get(&outcome.object).is_some_and(|before| *before != outcome.load_balancer)
    };
    Difference {
        objects: then.outcomes.len(),
        placed_elsewhere: then.outcomes.iter().filter(is_elsewhere).count(),
        name_changes: NameChanges::new(&shadow.snapshot, then).done.len(),
        withheld: then.withheld.clone(),
        first: first_difference(now, then),
    }
}
