//! Load balancers: created, or changed in place.

use albatross_contract::{
    AttributeChange, CreateLoadBalancer, Disruption, IpAddressType, ObjectName, Operation, ResourceReference,
    SetIpAddressType, SetSecurityGroups, SetSubnets, Tag, WebAclAssociation,
};

use super::{
    actions::{Actions, Draft, MAKES_LOAD_BALANCER, made_security_group},
    deletion_protection,
};
use crate::{
    attributes::Change,
    wanted::{Creation, DeletionProtection, LoadBalancer, WebAcl},
};

/// The end of the id of an action that changes attributes.
fn changes_attributes(change: &Change) -> String {
    match change.family {
        None => "load-balancer/attributes".to_owned(),
        Some(family) => format!("load-balancer/attributes/{family}"),
    }
}

/// Compares a load balancer with its wanted state. Its security groups are set after the actions with the ids in `admits`.
/// Returns the id of the action that sets them.
pub fn compare<'b>(
    wanted: &LoadBalancer<'_>,
    waiting: &[ObjectName],
    admits: impl Iterator<Item = &'b String>,
    actions: &mut Actions,
) -> Option<String> {
    let admits: Vec<String> = admits.cloned().collect();
    match (wanted.owned.and_then(|owned| owned.load_balancer), &wanted.creation) {
        (Some(there), _) => adjust(wanted, there, admits, actions),
        (None, Some(creation)) => Some(create(wanted, creation, (waiting, admits), actions)),
        (None, None) => None,
    }
}

fn create(
    wanted: &LoadBalancer<'_>,
    creation: &Creation,
    (waiting, admits): (&[ObjectName], Vec<String>),
    actions: &mut Actions,
) -> String {
    let operation = Operation::CreateLoadBalancer(CreateLoadBalancer {
        name: wanted.name.clone(),
        kind: wanted.kind,
        scheme: wanted.scheme,
        ip_address_type: wanted.ip_address_type,
        subnets: owned(&wanted.subnets),
        security_groups: security_groups(wanted),
        tags: wanted.tags.all.clone(),
    });
    let draft = Draft::new(MAKES_LOAD_BALANCER, creation.reason.as_str(), operation)
        .for_objects(waiting)
        .disrupting(creation.disruption)
        .after(admits);
    let id = actions.push(&wanted.id, draft);
    for change in Change::all(&wanted.attributes, &[]) {
        let made = ResourceReference::CreatedBy(id.clone());
        let ends = changes_attributes(&change);
        let draft = Draft::new(ends, change.reason, modify(made, change.attributes));
        actions.push(&wanted.id, draft.after([id.clone()]));
    }
    if let Some(DeletionProtection::On(mark)) = wanted.deletion_protection {
        deletion_protection::protect_new(&wanted.id, mark, id.clone(), actions);
    }
    if let Some(web_acl) = wanted.web_acl.as_ref().filter(|web_acl| !web_acl.arn.is_empty()) {
        let made = ResourceReference::CreatedBy(id.clone());
        actions.push(&wanted.id, protect(web_acl, made).after([id.clone()]));
    }
    id
}

fn adjust(
    wanted: &LoadBalancer<'_>,
    there: &albatross_contract::LoadBalancer,
    admits: Vec<String>,
    actions: &mut Actions,
) -> Option<String> {
    let load_balancer = || ResourceReference::Existing(there.arn.clone());
    // IPv6 addresses need subnets with an IPv6 block (API_SetIpAddressType, API_SetSubnets): on the way to dual stack the
    // subnets are set before the address type, on the way to IPv4 the address type is set before the subnets.
    let to_ipv4 = wanted.ip_address_type == IpAddressType::Ipv4;
    let mut before = Vec::new();
    if to_ipv4 {
        before.extend(set_ip_address_type(wanted, there, Vec::new(), actions));
    }
    if !same(&wanted.subnets, &there.subnets) {
        let operation = Operation::SetSubnets(SetSubnets {
            load_balancer: load_balancer(),
            subnets: owned(&wanted.subnets),
        });
        let reason = "a zone with targets lacks a subnet, a subnet no longer exists, or the settings or an annotation name \
                      other subnets";
        let leaves = there.subnets.iter().any(|id| !wanted.subnets.contains(&id.as_str()));
        let draft = Draft::new("load-balancer/subnets", reason, operation);
        let draft = draft.disrupting(if leaves { Disruption::Drain } else { Disruption::None });
        before = vec![actions.push(&wanted.id, draft.after(before))];
    }
    if !to_ipv4 {
        set_ip_address_type(wanted, there, before, actions);
    }
    let mut set = None;
    if !wanted.firewall.made.is_empty() || !same(&wanted.security_groups, &there.security_groups) {
        let operation = Operation::SetSecurityGroups(SetSecurityGroups {
            load_balancer: load_balancer(),
            security_groups: security_groups(wanted),
        });
        let reason = "an annotation or the settings name other security groups, our tags are on another security group, or the \
                      controller creates security groups for the load balancer";
        let draft = Draft::new("load-balancer/security-groups", reason, operation);
        set = Some(actions.push(&wanted.id, draft.after(admits)));
    }
    for change in Change::all(&wanted.attributes, &there.attributes) {
        let ends = changes_attributes(&change);
        let operation = modify(load_balancer(), change.attributes);
        actions.push(&wanted.id, Draft::new(ends, change.reason, operation));
    }
    deletion_protection::compare(wanted, there, actions);
    let differs = |web_acl: &&WebAcl<'_>| there.web_acl.as_deref().is_some_and(|arn| arn != web_acl.arn);
    if let Some(web_acl) = wanted.web_acl.as_ref().filter(differs) {
        actions.push(&wanted.id, protect(web_acl, load_balancer()));
    }
    set
}

/// Changes the address type after other actions, and returns the id of the action.
fn set_ip_address_type(
    wanted: &LoadBalancer<'_>,
    there: &albatross_contract::LoadBalancer,
    after: Vec<String>,
    actions: &mut Actions,
) -> Option<String> {
    if there.ip_address_type == wanted.ip_address_type {
        return None;
    }
    let operation = Operation::SetIpAddressType(SetIpAddressType {
        load_balancer: ResourceReference::Existing(there.arn.clone()),
        ip_address_type: wanted.ip_address_type,
    });
    let reason = match wanted.ip_address_type {
        IpAddressType::Ipv4 => {
            "the settings or an annotation ask for ipv4, which is the default; clients that have only IPv6 lose it"
        }
        _ => "the settings or an annotation ask for another address type",
    };
    let draft = Draft::new("load-balancer/ip-address-type", reason, operation);
    Some(actions.push(&wanted.id, draft.after(after)))
}

/// Associates the load balancer with its web ACL, or removes the association.
fn protect(web_acl: &WebAcl<'_>, load_balancer: ResourceReference) -> Draft {
    let WebAcl { arn, by } = web_acl;
    let asker = by.map_or_else(|| "the settings".to_owned(), |by| format!("an annotation of {by}"));
    let (reason, operation) = if arn.is_empty() {
        (format!("{asker} says that there is no web ACL"), Operation::DisassociateWebAcl(load_balancer))
    } else {
        let asks = if by.is_some() { "asks" } else { "ask" };
        let web_acl = (*arn).to_owned();
        let operation = Operation::AssociateWebAcl(WebAclAssociation { load_balancer, web_acl });
        (format!("{asker} {asks} for it"), operation)
    };
    let objects: Vec<ObjectName> = by.iter().map(|by| by.owned()).collect();
    Draft::new("load-balancer/web-acl", reason, operation).for_objects(&objects)
}

fn modify(load_balancer: ResourceReference, attributes: Vec<Tag>) -> Operation {
    Operation::ModifyLoadBalancerAttributes(AttributeChange { resource: load_balancer, attributes })
}

fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// The security groups of a load balancer: existing ones and those that the plan creates.
fn security_groups(wanted: &LoadBalancer<'_>) -> Vec<ResourceReference> {
    let there = wanted.security_groups.iter().map(|id| ResourceReference::Existing((*id).to_owned()));
    let made = wanted.firewall.made.iter().map(|made| made_security_group(&made.id, &made.name));
    there.chain(made).collect()
}

/// Whether two lists have the same items, in any order.
fn same(wanted: &[&str], there: &[String]) -> bool {
    let mut wanted = wanted.to_vec();
    let mut there: Vec<&str> = there.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    there.sort_unstable();
    wanted == there
}

#[cfg(test)]
mod tests;
