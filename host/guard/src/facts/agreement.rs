//! What the members of a load balancer in proxy mode agree on: every one of them has asked for it, or for nothing.

use albatross_contract::{
    Action, LoadBalancer, LoadBalancerState, Operation, RemoveTags, TAG_GROUP, TAG_ID, TAG_INGRESS,
    TAG_RETAIN, Tag, TargetHealth,
};

use super::{
    load_balancers::{DELETION_PROTECTION, is_in_route_mode, our_id},
    names::ObjectName,
    tags::tag,
    transfers::transfer,
    view::View,
};

/// The load balancer of ours in proxy mode of which an action changes something that its members agree on.
pub(crate) fn changed<'a>(view: &View<'a>, action: &Action) -> Option<&'a LoadBalancer> {
    let found = match &action.operation {
        Operation::SetSecurityGroups(change) => view.load_balancer(&change.load_balancer),
        Operation::SetIpAddressType(change) => view.load_balancer(&change.load_balancer),
        Operation::AssociateWebAcl(change) => view.load_balancer(&change.load_balancer),
        Operation::DisassociateWebAcl(load_balancer) => view.load_balancer(load_balancer),
        Operation::ModifyLoadBalancerAttributes(change) => {
            // Deletion protection has a rule of its own: it goes before a load balancer that nobody needs.
            let is_agreed = |attribute: &Tag| attribute.key != DELETION_PROTECTION;
            view.load_balancer(&change.resource).filter(|_| change.attributes.iter().any(is_agreed))
        }
        Operation::ModifyListener(change) => {
            let on = view.listener(&change.listener)?;
            let (before, after) = (&on.listener.ssl_policy, &change.ssl_policy);
            let changes = before.is_some() && after.is_some() && before != after;
            changes.then_some(on.load_balancer)
        }
        Operation::AddTags(change) => view.load_balancer(&change.resource).filter(|found| {
            let changes =
                |key| tag(&change.tags, key).is_some_and(|value| tag(&found.tags, key) != Some(value));
            changes(TAG_INGRESS) || changes(TAG_GROUP)
        }),
        Operation::RemoveTags(change) => view.load_balancer(&change.resource).filter(|found| {
            // A value that names no object says of nobody that the load balancer serves only it.
            loses(found, change, TAG_INGRESS, |value| ObjectName::of_tag(value).is_some())
                || loses(found, change, TAG_GROUP, |_| true)
        }),
        _ => None,
    };
    found.filter(|found| view.owns(found) && !is_in_route_mode(found) && transfer(view, action).is_none())
}

/// The load balancer of ours in proxy mode that would no longer stay when it is unneeded: a member has asked for that.
pub(crate) fn no_longer_retained<'a>(view: &View<'a>, action: &Action) -> Option<&'a LoadBalancer> {
    let Operation::RemoveTags(change) = &action.operation else { return None };
    let found = view.load_balancer(&change.resource)?;
    if !loses(found, change, TAG_RETAIN, |value| value == "true") {
        return None;
    }
    (view.owns(found) && !is_in_route_mode(found) && transfer(view, action).is_none()).then_some(found)
}

/// Whether a load balancer has a tag with a value that means something, and loses it.
fn loses(found: &LoadBalancer, change: &RemoveTags, key: &str, means: impl Fn(&str) -> bool) -> bool {
    tag(&found.tags, key).is_some_and(means) && change.keys.iter().any(|gone| gone == key)
}

/// How long a load balancer is being made for an object that is known, in seconds: then its name is published, whatever its
/// targets do. The guard's copy of [`albatross_contract::periods::PROVISIONING_TIMEOUT`].
const MADE_WITHIN: u64 = 15 * 60;

/// Whether a load balancer may serve an object that is not in the view: it is up and may be published, and it does not serve only
/// an object in the view.
pub(crate) fn may_serve_unseen(view: &View<'_>, found: &LoadBalancer) -> bool {
    let only = tag(&found.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
    let is_seen = only.is_some_and(|only| view.sources.by_name(only).is_some());
    let is_active = matches!(found.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired);
    let is_made = view.snapshot.time.saturating_sub(found.created_at) > MADE_WITHIN;
    let may_be_published =
        is_made || (view.published_by(found).is_none() && has_healthy_targets(view, found));
    is_active && !found.listeners.is_empty() && may_be_published && !is_seen
}

/// Whether a target of a target group of ours with the id of a load balancer is healthy.
fn has_healthy_targets(view: &View<'_>, found: &LoadBalancer) -> bool {
    let all = view.snapshot.inventory.target_groups.iter();
    let mut of_it = all
        .filter(|group| view.ownership.owns(&group.tags) && tag(&group.tags, TAG_ID) == Some(our_id(found)));
    of_it.any(|group| group.targets.iter().any(|target| target.health == TargetHealth::Healthy))
}
