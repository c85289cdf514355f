//! Resources that another cluster with the same id created: nothing is written until a person decides.

use albatross_contract::{Diagnostic, DiagnosticCode, Plan, TAG_CLUSTER_UID, TAG_ID};

use crate::{
    diagnostics::{Details, Subject, error},
    observed::{NO_UID, Observed},
    standstill,
};

/// Removes all changes from a plan if resources that would be ours carry the uid of another cluster.
pub fn stop(plan: &mut Plan, observed: &Observed<'_>) {
    if observed.foreign_uids.is_empty() {
        return;
    }
    standstill::stop(plan);
    let tell = |(uid, example): (&&str, &&str)| tell(uid, example, observed);
    plan.diagnostics.extend(observed.foreign_uids.iter().map(tell));
}

fn tell(uid: &str, example: &str, observed: &Observed<'_>) -> Diagnostic {
    let identity = &observed.settings.identity;
    let message = match uid {
        NO_UID => format!(
            "resources with this cluster id and controller id lack the tag {TAG_CLUSTER_UID} ({example}), so nothing is \
             changed"
        ),
        uid => format!(
            "resources with this cluster id and controller id carry the cluster uid {uid} ({example}), but the uid of \
             this cluster is {}: one cluster may be a copy of the other, so nothing is changed",
            identity.cluster_uid
        ),
    };
    let remedy = match uid {
        // Only people tag security groups, so taking over the other cluster would not help.
        _ if example.starts_with("sg-") => format!("remove the tag {TAG_ID} from {example}"),
        NO_UID => format!("add the tag {TAG_CLUSTER_UID}={} again", identity.cluster_uid),
        uid => format!("if the other cluster no longer exists: --take-over-cluster={uid}"),
    };
    error(DiagnosticCode::ClusterUidForeign, Subject::Cluster(&identity.cluster_id), message)
        .field("identity.cluster-uid")
        .remedy(remedy)
}

#[cfg(test)]
mod tests;
