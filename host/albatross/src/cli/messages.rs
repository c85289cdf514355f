//! What every command says on standard error when a part of what it needed is not usable.

use albatross_contract::IncompletePart;
use albatross_engine::PolicyFailed;
use albatross_manifests::Problem;

use super::{Verdict, console::Console};
use crate::render::terms;

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
    for part in unread {
        let name = terms::view_part(part.part);
        console.error(&format!("{name} could not be read to the end: {}", part.reason));
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
