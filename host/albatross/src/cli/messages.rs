//! What every command says on standard error when a part of what it needed is not usable.

use std::collections::BTreeMap;

use albatross_contract::{IncompletePart, ViewPart};
use albatross_engine::PolicyFailed;
use albatross_manifests::Problem;

use super::{Verdict, console::Console};
use crate::render::terms;

/// Says what a person should know of the inputs, and what changes no exit code.
pub fn remark(remarks: &[String], console: &mut Console) {
    for remark in remarks {
        console.warning(remark);
    }
}

/// Names every object and every part of cluster and account that could not be read, and every policy that failed. Each
/// makes the exit code 1: an answer that rests on half a view must not pass for a whole one.
pub fn report(
    problems: &[Problem],
    unread: &[IncompletePart],
    failures: &[PolicyFailed],
    console: &mut Console,
) -> Verdict {
    for problem in problems {
        console.error(&problem.to_string());
    }
    if !problems.is_empty() {
        console.warning(
            "the other objects are planned, and nothing is removed for want of those that cannot be read",
        );
    }
    for ((part, reason), resources) in by_reason(unread) {
        let of = match resources.as_slice() {
            [] => String::new(),
            [only] => format!(" of {only}"),
            [first, others @ ..] => format!(" of {first} and {} more", others.len()),
        };
        console.error(&format!("{}{of} could not be read to the end: {reason}", terms::view_part(part)));
    }
    if !unread.is_empty() {
        console.warning("what depends on them stays as it is");
    }
    for failure in failures {
        console.error(&failure.to_string());
        let point = terms::policy_point(failure.point);
        console.warning(&format!(
            "{point} is frozen: what has a place stays there, what is new waits until the policy answers"
        ));
    }
    if problems.is_empty() && unread.is_empty() && failures.is_empty() {
        Verdict::Fine
    } else {
        Verdict::Problems
    }
}

/// What could not be read, with the resources of which alone that is so: one call that is denied fails for each of them.
fn by_reason(unread: &[IncompletePart]) -> BTreeMap<(ViewPart, &str), Vec<&str>> {
    let mut found: BTreeMap<(ViewPart, &str), Vec<&str>> = BTreeMap::new();
    for part in unread {
        let resources = found.entry((part.part, &part.reason)).or_default();
        resources.extend(part.resource.as_deref());
    }
    found
}
