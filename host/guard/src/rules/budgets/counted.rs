//! What budgets count, and the verdict over it.

use std::collections::BTreeSet;

use super::limits::Budget;
use crate::{facts::Facts, violation::Findings};

/// Something that changes and that nobody allowed.
pub(crate) struct Counted {
    /// The action that changes it, if one does.
    pub(crate) action: Option<usize>,
    /// What a person would allow it by.
    pub(crate) id: String,
}

/// Compares a count with the limit of a budget. The first action beyond it is the one that is named.
pub(crate) fn judge(
    budget: &Budget,
    counted: &[Counted],
    total: impl FnOnce() -> usize,
    facts: &Facts<'_>,
    found: &mut Findings,
) {
    if counted.is_empty() {
        return; // nearly always: the total is not counted in vain
    }
    let total = total();
    let limit = budget.limit(total);
    let Some(first) = counted.get(limit) else { return };
    // A certificate on two load balancers is allowed by one name.
    let ids: BTreeSet<&str> = counted.iter().map(|counted| counted.id.as_str()).collect();
    let message = format!(
        "{} of {total} {}, at most {limit} may in one plan; if this is meant: {}={}",
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
