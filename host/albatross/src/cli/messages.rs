//! What every command says on standard error when a part of what it needed is not usable.

use albatross_engine::PolicyFailed;
use albatross_manifests::Problem;

use super::{Verdict, console::Console};
use crate::render::terms;

/// Names every object that could not be read, and every policy that failed. Both make the exit code 1.
pub fn report(problems: &[Problem], failures: &[PolicyFailed], console: &mut Console) -> Verdict {
    for problem in problems {
        console.error(&problem.to_string());
    }
    if !problems.is_empty() {
        console.warning(
            "the other objects are planned, and nothing is removed for want of those that cannot be read",
        );
    }
    for failure in failures {
        console.error(&failure.to_string());
        let point = terms::policy_point(failure.point);
        console.warning(&format!(
            "{point} is frozen: what has a place stays there, what is new waits until the policy answers"
        ));
    }
    if problems.is_empty() && failures.is_empty() { Verdict::Fine } else { Verdict::Problems }
}
