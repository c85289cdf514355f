//! Messages on standard error that all commands share, about input that cannot be used.

use std::collections::BTreeMap;

use albatross_contract::{IncompletePart, ViewPart};
use albatross_engine::PolicyFailed;
use albatross_manifests::Problem;

use super::{Verdict, console::Console};
use crate::render::terms;

/// Prints remarks on the input, which do not change the exit code.
pub fn remark(remarks: &[String], console: &mut Console) {
    for remark in remarks {
        console.warning(remark);
    }
}

/// Names every object and every part of the cluster and the account that could not be read, and every policy that
/// failed. Each of them makes the exit code 1: output that rests on an incomplete view must not pass for a complete one.
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
            "the other objects are planned; nothing is removed because of the objects that cannot be read",
        );
    }
    for ((part, reason), resources) in by_reason(unread) {
        let of = match resources.as_slice() {
            [] => String::new(),
            [only] => format!(" of {only}"),
            [first, others @ ..] => format!(" of {first} and {} more", others.len()),
        };
        console.error(&format!("{}{of} could not be read completely: {reason}", terms::view_part(part)));
    }
    if !unread.is_empty() {
        console.warning("everything that depends on them is kept as it is");
    }
    for failure in failures {
        console.error(&failure.to_string());
        let point = terms::policy_point(failure.point);
        console.warning(&format!(
            "{point} is frozen: existing decisions are kept, and new Ingresses wait until the policy answers"
        ));
    }
    if problems.is_empty() && unread.is_empty() && failures.is_empty() {
        Verdict::Fine
    } else {
        Verdict::Problems
    }
}

/// The parts that could not be read, with the resources concerned: when a call is denied, it fails for each resource.
fn by_reason(unread: &[IncompletePart]) -> BTreeMap<(ViewPart, &str), Vec<&str>> {
    let mut found: BTreeMap<(ViewPart, &str), Vec<&str>> = BTreeMap::new();
    for part in unread {
        let resources = found.entry((part.part, &part.reason)).or_default();
        resources.extend(part.resource.as_deref());
    }
    found
}
