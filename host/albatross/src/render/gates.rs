//! Pods with our readiness gate: which become ready, and what the others wait for.

use std::collections::BTreeMap;

use albatross_contract::{GateOutcome, Plan};

use super::{
    columns::{Row, Sign},
    words::{first_of, noun},
};

/// How many Pods with the same outcome are named before `and 12 more`.
const PODS: usize = 3;

/// The title of these rows.
pub const TITLE: &str = "Readiness gates";

/// A row for all Pods with the same outcome.
pub fn gates(plan: &Plan) -> Vec<Row> {
    let mut alike: BTreeMap<(Option<bool>, &str), Vec<String>> = BTreeMap::new();
    for GateOutcome { namespace, name, verdict, message } in plan.gates.iter().flatten() {
        let pods = alike.entry((verdict.status(), message.as_str())).or_default();
        pods.push(format!("{namespace}/{name}"));
    }
    let row = |((status, message), pods): ((Option<bool>, &str), Vec<String>)| {
        let is_one = pods.len() == 1;
        let (sign, what) = match status {
            Some(true) if is_one => (Sign::Change, "becomes ready"),
            Some(true) => (Sign::Change, "become ready"),
            Some(false) if is_one => (Sign::Note, "waits"),
            Some(false) => (Sign::Note, "wait"),
            None if is_one => (Sign::Attention, "stays as it is"),
            None => (Sign::Attention, "stay as they are"),
        };
        let subject = format!("{} {}", noun(pods.len(), "Pod"), first_of(&pods, PODS));
        Row::signed(0, sign, subject, format!("{what}: {message}"))
    };
    alike.into_iter().map(row).collect()
}
