//! What the log says of a pass.

use albatross_cluster::StatusReport;
use albatross_contract::{ActionState, Severity};

use super::pass::Executed;
use crate::render::summary::Summary;

/// Logs what a pass did, and what needs a person.
pub fn pass(executed: &Executed, statuses: &StatusReport) {
    let (snapshot, plan) = (&executed.pass.snapshot, &executed.pass.plan);
    let count = |state| executed.results.iter().filter(|result| result.state == state).count();
    if executed.results.is_empty() && statuses.written.is_empty() && statuses.failed.is_empty() {
        tracing::debug!(ingresses = snapshot.cluster.ingresses.len(), "nothing to do");
    } else {
        tracing::info!(
            done = count(ActionState::Done),
            failed = count(ActionState::Failed),
            skipped = count(ActionState::Skipped),
            statuses = statuses.written.len(),
            "{}",
            Summary::new(snapshot, plan).line(snapshot, plan)
        );
    }
    for (action, result) in plan.actions.iter().zip(&executed.results) {
        match (&result.state, &result.error) {
            (ActionState::Done, _) => {
                tracing::info!(action = action.id, load_balancer = action.load_balancer, reason = action.reason, "done");
            }
            (_, Some(error)) => {
                tracing::error!(action = action.id, ingresses = action.ingresses.join(","), error, "failed");
            }
            (_, None) => tracing::warn!(action = action.id, "skipped: it depends on one that failed"),
        }
    }
    for write in &statuses.written {
        tracing::info!(
            ingress = format!("{}/{}", write.namespace, write.name),
            before = write.before,
            after = write.after,
            "status written"
        );
    }
    for failure in &statuses.failed {
        tracing::error!(
            ingress = format!("{}/{}", failure.namespace, failure.name),
            error = %failure.error,
            "status not written"
        );
    }
    for withheld in &plan.withheld {
        tracing::warn!(count = withheld.count, total = withheld.total, "{}", withheld.message);
    }
    for diagnostic in &plan.diagnostics {
        let remedy = diagnostic.remedy.as_deref().unwrap_or_default();
        match diagnostic.severity {
            Severity::Error => tracing::error!(subject = diagnostic.subject, remedy, "{}", diagnostic.message),
            _ => tracing::warn!(subject = diagnostic.subject, remedy, "{}", diagnostic.message),
        }
    }
}
