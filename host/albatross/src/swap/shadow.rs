//! The plan of a candidate beside the plan of those that decide.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Budget, ObjectName, Outcome, OutcomeState, Plan, Snapshot, Withheld};
use serde::Serialize;

use super::Deciders;
use crate::{
    comparison::{NameChanges, first_difference, names_withheld},
    pass::Pass,
    render::words::{count, first_of},
};

/// How many objects a message names.
const NAMED: usize = 3;

/// What a candidate would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shadow {
    /// Why it does not take over. Empty: it may.
    pub holds: Vec<Hold>,
    /// What it would change. Absent: it has no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// Objects whose name changes a person allowed with the candidate, `namespace/name`.
    #[serde(skip)]
    pub allowed_names: Vec<String>,
}

/// Why a candidate does not take over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "code", content = "message")]
pub enum Hold {
    /// It cannot be loaded, or does not accept its settings.
    Unfit(String),
    /// A policy of it fails, or there is no plan that the guard accepts.
    Failed(String),
    /// Objects that are served would not be served.
    Unserved(String),
    /// A budget withholds something.
    Budget(String),
}

/// What a candidate would change in the next plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// Ingresses and RouteGroups.
    pub objects: usize,
    /// How many of them would leave their load balancers for others. Those that a budget withholds are not among them.
    pub placed_elsewhere: usize,
    /// How many of them would get other certificates.
    pub other_certificates: usize,
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
            Hold::Unfit(message)
            | Hold::Failed(message)
            | Hold::Unserved(message)
            | Hold::Budget(message) => message,
        }
    }

    /// Its kind in one word.
    pub fn code(&self) -> &'static str {
        match self {
            Hold::Unfit(_) => "unfit",
            Hold::Failed(_) => "failed",
            Hold::Unserved(_) => "unserved",
            Hold::Budget(_) => "budget",
        }
    }

    /// Whether a person can allow it.
    pub fn can_be_allowed(&self) -> bool {
        matches!(self, Hold::Unserved(_) | Hold::Budget(_))
    }
}

impl Shadow {
    /// A candidate that may take over whatever it changes.
    pub fn nothing() -> Shadow {
        Shadow { holds: Vec::new(), difference: None, allowed_names: Vec::new() }
    }

    /// A candidate that does not even get as far as a plan.
    pub fn held(hold: Hold) -> Shadow {
        Shadow { holds: vec![hold], difference: None, allowed_names: Vec::new() }
    }
}

impl Difference {
    /// In words: `3 of 80 Ingresses on another load balancer, 3 DNS name changes`.
    pub fn words(&self) -> String {
        if self.first.is_none() {
            return "the plan stays the same".to_owned();
        }
        let mut words = format!(
            "{} of {} on another load balancer, {}",
            self.placed_elsewhere,
            count(self.objects, "Ingress"),
            count(self.name_changes, "DNS name change")
        );
        let withheld = self.withheld.iter().filter(|it| it.budget == Budget::NameChanges);
        let withheld: usize = withheld.map(|it| it.ids.len()).sum();
        if withheld > 0 {
            words.push_str(&format!(", {withheld} withheld"));
        }
        if self.other_certificates > 0 {
            words.push_str(&format!(
                ", {} with other certificates",
                count(self.other_certificates, "Ingress")
            ));
        }
        words
    }
}

/// Plans a snapshot with a candidate, and compares the plan with the plan of those that decide. `allowed`: a person allows what the
/// budgets would withhold.
pub fn judge(now: &Plan, candidate: &Deciders, snapshot: &Snapshot, allowed: bool) -> Shadow {
    let mut pass = match candidate.pass(snapshot.clone(), &[]) {
        Ok(pass) => pass,
        Err(error) => return Shadow::held(Hold::Failed(error.to_string())),
    };
    let mut allowed_names = Vec::new();
    if allowed {
        allowed_names = names_withheld_beyond(now, &pass.plan);
        if !allowed_names.is_empty() {
            pass = match candidate.pass(snapshot.clone(), &allowed_names) {
                Ok(pass) => pass,
                Err(error) => return Shadow::held(Hold::Failed(error.to_string())),
            };
        }
    }
    let failures = pass.failures.iter().map(|failure| Hold::Failed(failure.to_string()));
    let more = pass.plan.withheld.iter().filter(|withheld| !is_withheld(withheld, now));
    let budgets = more.map(|withheld| Hold::Budget(withheld.message.clone()));
    // A policy that fails freezes its point, which says nothing about its answers.
    let unserved = unserved(now, &pass.plan).filter(|_| pass.failures.is_empty());
    let mut holds: Vec<Hold> = failures.chain(unserved).chain(budgets).collect();
    if allowed {
        holds.retain(|hold| !hold.can_be_allowed());
    }
    Shadow { holds, difference: Some(difference(now, &pass)), allowed_names }
}

/// The objects whose name changes are withheld from the candidate, and not from those that decide.
fn names_withheld_beyond(now: &Plan, candidate: &Plan) -> Vec<String> {
    let before: BTreeSet<&str> = names_withheld(now).collect();
    names_withheld(candidate).filter(|id| !before.contains(id)).map(str::to_owned).collect()
}

/// Whether all of it is withheld from those that decide as well.
fn is_withheld(withheld: &Withheld, now: &Plan) -> bool {
    let is_of_it = |it: &&Withheld| it.budget == withheld.budget && it.subject == withheld.subject;
    let mut before = now.withheld.iter().filter(is_of_it);
    before.any(|before| withheld.ids.iter().all(|id| before.ids.contains(id)))
}

/// Objects that are placed, and that the candidate would have held or rejected. No budget is about these; those that a budget
/// withholds are held too, but have their own message.
fn unserved(now: &Plan, candidate: &Plan) -> Option<Hold> {
    let places = by_object(now);
    let withheld: BTreeSet<&str> = names_withheld(candidate).collect();
    let is_placed = |outcome: &Outcome| outcome.state == OutcomeState::Placed;
    let left = candidate.outcomes.iter().filter(|outcome| {
        !is_placed(outcome) && places.get(&outcome.object).is_some_and(|before| is_placed(before))
    });
    let names = left.map(|outcome| outcome.object.to_string());
    let names: Vec<String> = names.filter(|name| !withheld.contains(name.as_str())).collect();
    (!names.is_empty()).then(|| {
        let of = count(candidate.outcomes.len(), "Ingress");
        Hold::Unserved(format!(
            "{} of {of} would not be served as now, but held or rejected: {}",
            names.len(),
            first_of(&names, NAMED)
        ))
    })
}

fn by_object(plan: &Plan) -> BTreeMap<&ObjectName, &Outcome> {
    plan.outcomes.iter().map(|outcome| (&outcome.object, outcome)).collect()
}

fn difference(now: &Plan, shadow: &Pass) -> Difference {
    let then = &shadow.plan;
    let before = by_object(now);
    let number = |differs: fn(&Outcome, &Outcome) -> bool| {
        let differing =
            |outcome: &&Outcome| before.get(&outcome.object).is_some_and(|before| differs(before, outcome));
        then.outcomes.iter().filter(differing).count()
    };
    Difference {
        objects: then.outcomes.len(),
        placed_elsewhere: number(|before, now| {
            before.load_balancer.is_some() && before.load_balancer != now.load_balancer
        }),
        other_certificates: number(|before, now| before.certificates != now.certificates),
        name_changes: NameChanges::new(&shadow.snapshot, then).done.len(),
        withheld: then.withheld.clone(),
        first: first_difference(now, then),
    }
}
