//! Desired load balancers: what a person sees of a plan first.

use std::collections::BTreeSet;

use albatross_contract::{
    DesiredCertificate, DesiredListener, DesiredLoadBalancer, DesiredRule, DesiredTargetGroup, Listener,
    LoadBalancerKind, Mode, Protocol, ResourceReference, Rule,
};

use crate::{
    budgets::number,
    diff::Shape,
    grouping::{Grouping, Slot},
    identity::load_balancer_name,
    lifecycle::{Fate, Lifecycle},
    nodes::Nodes,
    observed::{Observed, Owned},
};

/// Describes all load balancers of ours, in the order of their ids.
pub fn describe(
    grouping: &Grouping<'_>,
    lifecycle: &Lifecycle<'_>,
    shapes: &[Shape],
    nodes: &Nodes<'_>,
    observed: &Observed<'_>,
) -> Vec<DesiredLoadBalancer> {
    let described = grouping.slots.iter().filter_map(|slot| {
        let fate = lifecycle.fates.get(&slot.id)?;
        let shape = shapes.iter().find(|shape| shape.id == slot.id);
        Some(load_balancer(slot, fate, shape, grouping, nodes, observed))
    });
    described.collect()
}

fn load_balancer(
    slot: &Slot<'_>,
    fate: &Fate<'_>,
    shape: Option<&Shape>,
    grouping: &Grouping<'_>,
    nodes: &Nodes<'_>,
    observed: &Observed<'_>,
) -> DesiredLoadBalancer {
    let found = slot.owned.and_then(|owned| owned.load_balancer);
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    let subnets = shape.map(|shape| shape.subnets.as_slice()).or(found.map(|found| found.subnets.as_slice()));
    let security_groups = shape
        .map(|shape| shape.security_groups.as_slice())
        .or(found.map(|found| found.security_groups.as_slice()));
    DesiredLoadBalancer {
        id: slot.id.clone(),
        name: found.map_or_else(
            || load_balancer_name(&observed.settings.identity, &slot.id),
            |found| found.name.clone(),
        ),
        arn: found.map(|found| found.arn.clone()),
        dns_name: found.map(|found| found.dns_name.to_ascii_lowercase()),
        fate: fate.fate,
        mode: Mode::Proxy,
        kind: found.map_or(LoadBalancerKind::Application, |found| found.kind),
        scheme: slot.scheme,
        ip_address_type: shape
            .map(|shape| shape.ip_address_type)
            .or(found.map(|found| found.ip_address_type))
            .unwrap_or(observed.settings.ip_address_type),
        subnets: sorted(subnets.unwrap_or_default()),
        security_groups: sorted(security_groups.unwrap_or_default()),
        group: slot.group.clone(),
        exclusive: slot.exclusive.is_some(),
        members: members(slot, grouping),
        certificates: certificates(slot, fate, shape),
        certificate_limit: observed.inventory.quotas.certificates_per_load_balancer,
        listeners: listeners(slot),
        target_groups: target_groups(slot, shape, nodes),
    }
}

fn members(slot: &Slot<'_>, grouping: &Grouping<'_>) -> Vec<String> {
    let mut members: Vec<_> = slot.members.iter().map(|index| &grouping.members[*index].claim.name).collect();
    members.sort();
    members.into_iter().map(ToString::to_string).collect()
}

fn certificates(slot: &Slot<'_>, fate: &Fate<'_>, shape: Option<&Shape>) -> Vec<DesiredCertificate> {
    let there = slot.owned.map(Owned::certificates).unwrap_or_default();
    let leaves = |arn: &str| {
        shape.is_some_and(|shape| {
            let certificates = &shape.certificates;
            certificates.removed.iter().chain(&certificates.held_back).any(|other| other == arn)
        })
    };
    let all: BTreeSet<&str> = there.into_iter().chain(slot.needed.keys().copied()).collect();
    all.into_iter()
        .filter(|arn| !leaves(arn))
        .map(|arn| DesiredCertificate {
            arn: arn.to_owned(),
            hosts: slot.needed.get(arn).map(|need| need.hosts.iter().cloned().collect()).unwrap_or_default(),
            default: shape.is_some_and(|shape| shape.certificates.default.as_deref() == Some(arn)),
            unneeded_since: fate.unneeded.get(arn).copied(),
        })
        .collect()
}

fn listeners(slot: &Slot<'_>) -> Vec<DesiredListener> {
    let there =
        slot.owned.and_then(|owned| owned.load_balancer).into_iter().flat_map(|found| &found.listeners);
    let mut listeners: Vec<DesiredListener> = there.map(as_it_is).collect();
    if !slot.is_empty() {
        for (port, protocol) in [(80, Protocol::Http), (443, Protocol::Https)] {
            if !listeners.iter().any(|listener| listener.port == port) {
                listeners.push(DesiredListener {
                    port,
                    protocol,
                    default_actions: Vec::new(),
                    rules: Vec::new(),
                });
            }
        }
    }
    listeners.sort();
    listeners
}

fn as_it_is(listener: &Listener) -> DesiredListener {
    let rule = |Rule { priority, conditions, actions, transforms, .. }| DesiredRule {
        priority,
        conditions,
        actions,
        transforms,
    };
    let mut rules: Vec<DesiredRule> = listener.rules.iter().cloned().map(rule).collect();
    rules.sort();
    DesiredListener {
        port: listener.port,
        protocol: listener.protocol,
        default_actions: listener.default_actions.clone(),
        rules,
    }
}

fn target_groups(slot: &Slot<'_>, shape: Option<&Shape>, nodes: &Nodes<'_>) -> Vec<DesiredTargetGroup> {
    let there = slot.owned.map(|owned| owned.target_groups.as_slice()).unwrap_or_default();
    let Some(shape) = shape else {
        // It goes, or nothing may be written: what is there says it all.
        return there
            .iter()
            .map(|group| DesiredTargetGroup {
                name: group.name.clone(),
                arn: Some(group.arn.clone()),
                protocol: group.protocol,
                port: group.port.unwrap_or_default(),
                auto_scaling_groups: Vec::new(),
                targets: Vec::new(),
                nodes: number(group.targets.len()),
            })
            .collect();
    };
    shape
        .forwarding
        .groups
        .iter()
        .map(|weighted| {
            let found = match &weighted.target_group {
                ResourceReference::Existing(arn) => there.iter().find(|group| group.arn == *arn),
                ResourceReference::CreatedBy(_) => None,
            };
            DesiredTargetGroup {
                name: found.map_or_else(|| shape.forwarding.name.clone(), |group| group.name.clone()),
                arn: found.map(|group| group.arn.clone()),
                protocol: found.map_or(Protocol::Http, |group| group.protocol),
                port: found.and_then(|group| group.port).unwrap_or(shape.forwarding.port),
                auto_scaling_groups: nodes
                    .auto_scaling_groups
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect(),
                targets: nodes.singles.iter().map(|id| (*id).to_owned()).collect(),
                nodes: nodes.count,
            }
        })
        .collect()
}
