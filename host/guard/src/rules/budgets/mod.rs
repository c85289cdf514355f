//! Budgets: how much may change at once, counted again from the snapshot.
//!
//! Allowed changes are not counted; the others are compared with the limit. The total always includes everything.
//! Design: safety, budgets.

mod counted;
mod limits;
mod name_changes;
mod released;
mod targets;
mod unneeded;

use crate::{facts::Facts, violation::Findings};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    targets::check(facts, found);
    released::check(facts, found);
    name_changes::check(facts, found);
    unneeded::check(facts, found);
}
