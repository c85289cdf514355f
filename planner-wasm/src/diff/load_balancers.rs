//! Load balancers themselves: made, or changed in place. A default that changed changes in place what follows it.

use albatross_contract::{
    AttributeChange, CreateLoadBalancer, Diagnostic, DiagnosticCode, Disruption, IpAddressType, LoadBalancer,
    LoadBalancerKind, Operation, ResourceReference, SetIpAddressType, SetSecurityGroups, SetSubnets,
    Severity, TAG_GROUP, TAG_INGRESS, TAG_REPLACES, Tag,
};

use super::{
    Context,
    actions::{Actions, Draft},
};
use crate::{
    grouping::Slot,
    identity::{load_balancer_name, ownership_tags, tag, tag_value},
    network::security_groups,
    observed::{Concern, Observed},
    words,
};

/// What AWS sets when nobody says otherwise (ELBv2 LoadBalancerAttribute).
const DEFAULT_IDLE_TIMEOUT: u32 = 60;
const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";

/// A load balancer and where it stands.
pub struct Standing {
    /// The load balancer, as other actions name it.
    pub load_balancer: ResourceReference,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its kind of addresses.
    pub ip_address_type: IpAddressType,
}

/// Sees to the load balancer of a slot.
pub fn maintain(
    slot: &Slot<'_>,
    waiting: &[String],
    context: &Context<'_, '_>,
    actions: &mut Actions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Standing {
    match slot.owned.and_then(|owned| owned.load_balancer) {
        Some(load_balancer) => adjust(slot, load_balancer, context, actions, diagnostics),
        None => create(slot, waiting, context, actions),
    }
}

/// The tags that say what a load balancer is for, beyond whose it is.
pub fn purpose_tags(slot: &Slot<'_>) -> Vec<Tag> {
    let exclusive = slot.exclusive.as_ref().map(|name| tag(TAG_INGRESS, &name.to_string()));
    let group = slot.group.as_ref().map(|key| tag(TAG_GROUP, key));
    exclusive.into_iter().chain(group).collect()
}

fn create(slot: &Slot<'_>, waiting: &[String], context: &Context<'_, '_>, actions: &mut Actions) -> Standing {
    let observed = context.observed;
    let settings = observed.settings;
    let subnets: Vec<String> =
        context.choice(slot.scheme).chosen.iter().map(|subnet| subnet.id.clone()).collect();
    let security_groups = security_groups::choose(observed, &[]).unwrap_or_default();
    let mut tags = ownership_tags(&settings.identity, &slot.id);
    tags.extend(purpose_tags(slot));
    tags.extend(slot.replaces.as_ref().map(|id| tag(TAG_REPLACES, id)));
    tags.sort();
    let moves = slot.members.iter().any(|index| context.grouping.places[*index].leaves.is_some());
    let operation = Operation::CreateLoadBalancer(CreateLoadBalancer {
        name: load_balancer_name(&settings.identity, &slot.id),
        kind: LoadBalancerKind::Application,
        scheme: slot.scheme,
        ip_address_type: settings.ip_address_type,
        subnets: subnets.clone(),
        security_groups: security_groups.iter().cloned().map(ResourceReference::Existing).collect(),
        tags,
    });
    let draft = Draft::new("load-balancer/create", reason(slot, context), operation)
        .for_ingresses(waiting)
        .disrupting(if moves { Disruption::Name } else { Disruption::None });
    let id = actions.push(&slot.id, draft);
    let load_balancer = ResourceReference::CreatedBy(id.clone());
    if settings.idle_timeout != DEFAULT_IDLE_TIMEOUT {
        actions.push(&slot.id, idle_timeout(&load_balancer, settings.idle_timeout).after([id]));
    }
    Standing { load_balancer, subnets, security_groups, ip_address_type: settings.ip_address_type }
}

/// Why a load balancer is made, in the words of the first who needs it.
fn reason(slot: &Slot<'_>, context: &Context<'_, '_>) -> String {
    let scheme = words::scheme(slot.scheme);
    let first = slot.members.iter().min_by_key(|index| context.grouping.members[**index].claim.age());
    let Some(first) = first.map(|index| &context.grouping.members[*index].claim.name) else {
        return format!("an {scheme} load balancer is needed");
    };
    let mut others = context
        .grouping
        .slots
        .iter()
        .filter(|other| other.scheme == slot.scheme && other.id != slot.id)
        .peekable();
    let exists = others.peek().is_some();
    if slot.replaces.is_some() {
        format!("it takes over from one that can no longer serve {first}")
    } else if slot.exclusive.is_some() {
        format!("{first} asks for a load balancer of its own")
    } else if let Some(group) = &slot.group {
        format!("the grouping policy puts {first} into group {group}, which has no load balancer with room")
    } else if others.any(|other| other.exclusive.is_none()) {
        format!("{first} needs certificates for which no {scheme} load balancer has room")
    } else if exists {
        format!("{first} shares its load balancer, and each of scheme {scheme} serves another Ingress alone")
    } else {
        format!("{first} asks for scheme {scheme}, and no load balancer of that scheme exists")
    }
}

fn adjust(
    slot: &Slot<'_>,
    found: &LoadBalancer,
    context: &Context<'_, '_>,
    actions: &mut Actions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Standing {
    let observed = context.observed;
    let settings = observed.settings;
    let load_balancer = ResourceReference::Existing(found.arn.clone());
    let subnets = context.subnets.keep(found, &context.nodes.zones, context.choice(slot.scheme), observed);
    if !same(&subnets, &found.subnets) {
        let operation = Operation::SetSubnets(SetSubnets {
            load_balancer: load_balancer.clone(),
            subnets: subnets.clone(),
        });
        let reason =
            "a zone that holds targets has a subnet to use, or a subnet is gone or not in the settings' list";
        let leaves = found.subnets.iter().any(|id| !subnets.contains(id));
        let draft = Draft::new("load-balancer/subnets", reason, operation);
        actions.push(&slot.id, draft.disrupting(if leaves { Disruption::Drain } else { Disruption::None }));
    }
    let can_change = observed.completeness.allows(Concern::ChangeSecurityGroups);
    let wanted = security_groups::choose(observed, &found.security_groups).ok().filter(|_| can_change);
    let security_groups = wanted.unwrap_or_else(|| found.security_groups.clone());
    if !same(&security_groups, &found.security_groups) {
        let operation = Operation::SetSecurityGroups(SetSecurityGroups {
            load_balancer: load_balancer.clone(),
            security_groups: security_groups.iter().cloned().map(ResourceReference::Existing).collect(),
        });
        let reason = "the security groups of the settings, or the tagged one, are others";
        actions.push(&slot.id, Draft::new("load-balancer/security-groups", reason, operation));
    }
    let in_the_way =
        without_ipv6(&subnets, observed).filter(|_| settings.ip_address_type != IpAddressType::Ipv4);
    diagnostics.extend(in_the_way.map(|subnet| stays_without_ipv6(found, subnet)));
    let ip_address_type = if in_the_way.is_some() { found.ip_address_type } else { settings.ip_address_type };
    if found.ip_address_type != ip_address_type {
        let operation = Operation::SetIpAddressType(SetIpAddressType {
            load_balancer: load_balancer.clone(),
            ip_address_type,
        });
        let reason = "the settings ask for another address type";
        actions.push(&slot.id, Draft::new("load-balancer/ip-address-type", reason, operation));
    }
    let timeout = tag_value(&found.attributes, IDLE_TIMEOUT).and_then(|value| value.parse().ok());
    if timeout.unwrap_or(DEFAULT_IDLE_TIMEOUT) != settings.idle_timeout {
        actions.push(&slot.id, idle_timeout(&load_balancer, settings.idle_timeout));
    }
    Standing { load_balancer, subnets, security_groups, ip_address_type }
}

/// The first subnet without an IPv6 block: with one among its subnets a load balancer takes no IPv6 addresses (ELBv2
/// SetIpAddressType). What a new load balancer stands in is chosen for that; one that is there may stand in others.
fn without_ipv6<'a>(subnets: &'a [String], observed: &Observed<'_>) -> Option<&'a str> {
    let lacks = |id: &&String| {
        let found = observed.inventory.subnets.iter().find(|subnet| subnet.id == **id);
        found.is_some_and(|subnet| subnet.ipv6_cidr_blocks.is_empty())
    };
    subnets.iter().find(lacks).map(String::as_str)
}

fn stays_without_ipv6(found: &LoadBalancer, subnet: &str) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode::SettingInvalid,
        severity: Severity::Warning,
        subject: found.name.clone(),
        field: Some("ip-address-type".to_owned()),
        message: format!("its subnet {subnet} has no IPv6 block, so its address type stays as it is"),
        remedy: Some("give each of its subnets an IPv6 block, or name others in the settings".to_owned()),
    }
}

fn idle_timeout(load_balancer: &ResourceReference, seconds: u32) -> Draft {
    let operation = Operation::ModifyLoadBalancerAttributes(AttributeChange {
        resource: load_balancer.clone(),
        attributes: vec![tag(IDLE_TIMEOUT, &seconds.to_string())],
    });
    Draft::new("load-balancer/attributes", "the settings ask for another idle timeout", operation)
}

/// Whether two lists hold the same, in any order.
fn same(left: &[String], right: &[String]) -> bool {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    sorted(left) == sorted(right)
}
