//! What the members of a load balancer in proxy mode agree on: every one of them has asked for it, or for nothing.

use albatross_contract::{
    Action, LoadBalancer, LoadBalancerState, Operation, RemoveTags, TAG_GROUP, TAG_INGRESS, TAG_RETAIN, Tag,
};

use super::{
    load_balancers::{DELETION_PROTECTION, is_in_route_mode, listens_with_certificates, serves_http_only},
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
        Operation::RemoveTags(change) => view
            .load_balancer(&change.resource)
            .filter(|found| loses(found, change, &[TAG_INGRESS, TAG_GROUP])),
        _ => None,
    };
    found.filter(|found| view.owns(found) && !is_in_route_mode(found) && transfer(view, action).is_none())
}

/// The load balancer of ours in proxy mode that would no longer stay when it is unneeded: a member has asked for that.
pub(crate) fn no_longer_retained<'a>(view: &View<'a>, action: &Action) -> Option<&'a LoadBalancer> {
    let Operation::RemoveTags(change) = &action.operation else { return None };
    let found = view.load_balancer(&change.resource).filter(|found| loses(found, change, &[TAG_RETAIN]))?;
    (view.owns(found) && !is_in_route_mode(found) && transfer(view, action).is_none()).then_some(found)
}

/// Whether a load balancer has one of these tags and loses it.
fn loses(found: &LoadBalancer, change: &RemoveTags, keys: &[&str]) -> bool {
    keys.iter().any(|key| tag(&found.tags, key).is_some() && change.keys.iter().any(|gone| gone == key))
}

/// How long a load balancer is being made for an object that is known, in seconds: then its name is published, whatever its
/// targets do.
const MADE_WITHIN: u64 = 15 * 60;

/// Whether a load balancer may serve an object that is not in the view: it serves somebody, and not only an object in the view.
pub(crate) fn may_serve_unseen(view: &View<'_>, found: &LoadBalancer) -> bool {
    let only = tag(&found.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
    let is_seen = only.is_some_and(|only| view.sources.by_name(only).is_some());
    let is_active = matches!(found.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired);
    let serves = listens_with_certificates(found) || serves_http_only(found);
    let is_made = view.snapshot.time.saturating_sub(found.created_at) > MADE_WITHIN;
    is_active && serves && is_made && !is_seen
}
