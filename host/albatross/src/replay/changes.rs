//! What other policies or settings change for each Ingress in a pass.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Outcome, Plan, Snapshot, Withheld};
use serde::Serialize;

use crate::comparison::place;

/// What differs for Ingresses between the recorded plan and the plan made now. Passes one after another often have the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Changes {
    /// Ingresses that move, or that are placed elsewhere than in the recorded plan.
    pub moves: Vec<Move>,
    /// What the budgets withhold now.
    pub withheld: Vec<Withheld>,
}

/// An Ingress that moves or is placed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Move {
    /// The Ingress, `namespace/name`.
    pub object: String,
    /// The load balancer that its status names; without a status, the one of the recorded plan.
    pub from: String,
    /// The load balancer of the plan made now.
    pub to: String,
    /// Whether its published DNS name changes.
    pub name_changes: bool,
}

impl Changes {
    /// Compares the plans of a pass. `renamed`: the Ingresses whose published DNS names change now.
    pub fn new(snapshot: &Snapshot, recorded: &Plan, replayed: &Plan, renamed: &[String]) -> Changes {
        Changes { moves: moves(snapshot, recorded, replayed, renamed), withheld: replayed.withheld.clone() }
    }

    /// How many there are: Ingresses that move, and ids of what is withheld.
    pub fn count(&self) -> usize {
        self.moves.len() + self.withheld.iter().map(|withheld| withheld.ids.len().max(1)).sum::<usize>()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.withheld.is_empty()
    }
}

fn moves(snapshot: &Snapshot, recorded: &Plan, replayed: &Plan, renamed: &[String]) -> Vec<Move> {
    let before: BTreeMap<_, &Outcome> =
        recorded.outcomes.iter().map(|outcome| (&outcome.object, outcome)).collect();
    let renamed: BTreeSet<&str> = renamed.iter().map(String::as_str).collect();
    let mut moves = Vec::new();
    for now in &replayed.outcomes {
        let object = now.object.to_string();
        let recorded_place = before.get(&now.object).and_then(|outcome| outcome.load_balancer.as_deref());
        let name_changes = renamed.contains(object.as_str());
        if !name_changes && recorded_place == now.load_balancer.as_deref() {
            continue;
        }
        let published = now.hostname.as_deref().and_then(|hostname| published_by(snapshot, hostname));
        moves.push(Move {
            from: published.map_or_else(|| place(recorded, recorded_place), str::to_owned),
            to: place(replayed, now.load_balancer.as_deref()),
            object,
            name_changes,
        });
    }
    moves
}

/// The name of the load balancer with this hostname.
fn published_by<'a>(snapshot: &'a Snapshot, hostname: &str) -> Option<&'a str> {
    let mut load_balancers = snapshot.inventory.load_balancers.iter();
    let found = load_balancers.find(|found| found.dns_name.eq_ignore_ascii_case(hostname))?;
    Some(&found.name)
}
