//! Another controller that may have our controller id: kube-ingress-aws-controller finds the target groups that it detaches by
//! the tags of the cluster and the controller id.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, TAG_APPLICATION, TAG_ID, TAG_STACK, Tag};

use crate::{
    diagnostics::{Details, Subject, warning},
    identity::{cluster_tag, tag_value},
    observed::Observed,
    words,
};

/// A diagnostic for load balancers and target groups of CloudFormation stacks that carry our controller id and are not ours.
pub fn of_stacks(observed: &Observed<'_>) -> Option<Diagnostic> {
    let identity = &observed.settings.identity;
    let cluster_tag = cluster_tag(identity);
    let stack = |tags| {
        let is_ours = tag_value(tags, TAG_ID).is_some();
        let has_id = tag_value(tags, TAG_APPLICATION) == Some(&identity.controller_id)
            && tag_value(tags, &cluster_tag) == Some("owned");
        tag_value(tags, TAG_STACK).filter(|_| has_id && !is_ours)
    };
    let of_load_balancers = observed.inventory.load_balancers.iter().map(|found| &found.tags);
    let of_target_groups = observed.inventory.target_groups.iter().map(|found| &found.tags);
    let tags = of_load_balancers.chain(of_target_groups).map(Vec::as_slice);
    let stacks: BTreeSet<&str> = tags.filter_map(|tags: &[Tag]| stack(tags)).collect();
    if stacks.is_empty() {
        return None;
    }
    let message = format!(
        "the controller id {} is also that of {} that {} not ours ({}): if kube-ingress-aws-controller runs with this id, it \
         detaches the target groups of Albatross from the Auto Scaling Groups",
        words::beginning(&identity.controller_id),
        words::count(stacks.len(), "CloudFormation stack", "CloudFormation stacks"),
        if stacks.len() == 1 { "is" } else { "are" },
        words::list(stacks)
    );
    let remedy = "stop kube-ingress-aws-controller; as long as Albatross has created nothing, you can choose another controller \
                  id instead";
    let diagnostic = warning(DiagnosticCode::ControllerIdShared, Subject::Settings, message);
    Some(diagnostic.field("identity.controller-id").remedy(remedy))
}
