//! What budgets count, and the comparison with the limit.

use std::collections::BTreeSet;

use super::limits::Budget;
use crate::{facts::Facts, violation::Findings};

/// Something that changes although nobody allowed it.
pub(crate) struct Counted {
    /// The action that changes it, if one does.
    pub(crate) action: Option<usize>,
    /// The id with which a person would allow it.
    pub(crate) id: String,
}

/// Compares a count with the limit of a budget. The violation names the first action beyond the limit.
pub(crate) fn judge(
    budget: &Budget,
    counted: &[Counted],
    total: impl FnOnce() -> usize,
    facts: &Facts<'_>,
    found: &mut Findings,
) {
    if counted.is_empty() {
        return; // the usual case: the total need not be counted
    }
    let total = total();
    let limit = budget.limit(total);
    let Some(first) = counted.get(limit) else { return };
    // One ARN allows a certificate on two load balancers.
    let ids: BTreeSet<&str> = counted.iter().map(|counted| counted.id.as_str()).collect();
    let message = format!(
        "{} of {total} {}; the limit for one plan is {limit}; if this is intended: {}={}",
        counted.len(),
        budget.change,
        budget.flag,
        ids.into_iter().collect::<Vec<_>>().join(",")
    );
    match first.action {
        Some(index) => found.action(index, &facts.actions.list[index], budget.rule, message),
        None => found.plan(budget.rule, message),
    }
}
