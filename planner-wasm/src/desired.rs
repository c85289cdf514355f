//! Desired load balancers: what a person sees first of a plan. A projection of the wanted state.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    DesiredCertificate, DesiredListener, DesiredLoadBalancer, DesiredRule, DesiredTargetGroup, Listener,
    ObjectName, Protocol, Rule,
};

use crate::{
    budgets::number,
    diff::action,
    grouping::{GroupId, Groups, Keys},
    observed::Observed,
    source,
    wanted::{self, Destination, LoadBalancer, RuleEnd, Rules, TargetGroup, Wanted},
};

/// Describes all our load balancers, in the order of their ids.
pub fn describe(
    wanted: &Wanted<'_>,
    groups: &Groups<'_>,
    keys: &Keys,
    observed: &Observed<'_>,
) -> Vec<DesiredLoadBalancer> {
    let reasons = keys.reasons();
    let describe = |(id, _)| {
        let wanted = wanted.of(id);
        let group_reason = group_reason(wanted, &reasons);
        DesiredLoadBalancer { group_reason, ..load_balancer(id, wanted, groups, observed) }
    };
    groups.numbered().map(describe).collect()
}

/// Why a grouping policy gave the key of a load balancer that has members.
fn group_reason(wanted: &LoadBalancer<'_>, reasons: &BTreeMap<&str, &str>) -> Option<String> {
    let key = wanted.terms.key_of_a_policy().filter(|_| !wanted.members.is_empty())?;
    reasons.get(key).filter(|reason| !reason.is_empty()).map(|reason| (*reason).to_owned())
}

fn load_balancer(
    id: GroupId,
    wanted: &LoadBalancer<'_>,
    groups: &Groups<'_>,
    observed: &Observed<'_>,
) -> DesiredLoadBalancer {
    let found = wanted.owned.and_then(|owned| owned.load_balancer);
    DesiredLoadBalancer {
        id: wanted.id.clone(),
        name: wanted.name.clone(),
        arn: found.map(|found| found.arn.clone()),
        dns_name: found.map(|found| found.dns_name.to_ascii_lowercase()),
        fate: wanted.fate,
        mode: wanted.mode,
        kind: wanted.kind,
        scheme: wanted.scheme,
        ip_address_type: wanted.ip_address_type,
        subnets: sorted(&wanted.subnets),
        security_groups: security_groups(wanted),
        group: wanted.terms.group_in_words(),
        group_reason: None,
        exclusive: wanted.terms.alone.is_some(),
        http_only: wanted.terms.http_only,
        members: members(wanted),
        certificates: certificates(id, wanted, groups, observed),
        certificate_limit: wanted.terms.kind.most_certificates(&observed.inventory.quotas),
        listeners: listeners(wanted),
        target_groups: target_groups(wanted),
    }
}

fn sorted(list: &[&str]) -> Vec<String> {
    let mut list: Vec<String> = list.iter().map(|id| (*id).to_owned()).collect();
    list.sort();
    list
}

/// Existing security groups by id, and those that the plan creates by name.
fn security_groups(wanted: &LoadBalancer<'_>) -> Vec<String> {
    let made = wanted.firewall.made.iter().map(|made| made.name.as_str());
    sorted(&wanted.security_groups.iter().copied().chain(made).collect::<Vec<_>>())
}

fn members(wanted: &LoadBalancer<'_>) -> Vec<ObjectName> {
    let mut members = wanted.members.clone();
    members.sort();
    members.iter().map(source::ObjectName::owned).collect()
}

fn certificates(
    id: GroupId,
    wanted: &LoadBalancer<'_>,
    groups: &Groups<'_>,
    observed: &Observed<'_>,
) -> Vec<DesiredCertificate> {
    let needed = groups.get(id).needed();
    let hosts = |certificate| needed.get(certificate).into_iter().flat_map(|need| &need.hosts);
    let described = wanted.certificates.all.iter().map(|certificate| DesiredCertificate {
        arn: observed.certificates.arn(certificate.id).to_owned(),
        hosts: hosts(&certificate.id).map(|host| observed.hosts.text(*host).to_owned()).collect(),
        default: wanted.certificates.default == Some(certificate.id),
        unneeded_since: certificate.unneeded_since,
    });
    described.collect()
}

/// The listeners after the plan: those that are wanted, and all others unchanged.
fn listeners(wanted: &LoadBalancer<'_>) -> Vec<DesiredListener> {
    let there = wanted.owned.and_then(|owned| owned.load_balancer);
    let there = there.map(|found| found.listeners.as_slice()).unwrap_or_default();
    let is_described = |port: u16| wanted.listeners.iter().any(|listener| listener.port == port);
    let mut listeners: Vec<DesiredListener> =
        there.iter().filter(|found| !is_described(found.port)).map(as_it_is).collect();
    for listener in &wanted.listeners {
        let before = there.iter().find(|found| found.port == listener.port);
        if listener.goes || (listener.answer.is_none() && before.is_none()) {
            continue;
        }
        listeners.push(DesiredListener {
            port: listener.port,
            protocol: listener.protocol,
            default_actions: match &listener.answer {
                Some(answer) => vec![action(answer, &wanted.id)],
                None => before.map(|before| before.default_actions.clone()).unwrap_or_default(),
            },
            rules: rules(listener, before, wanted),
        });
    }
    listeners.sort();
    listeners
}

/// Rules as they will be: those that are wanted, and all others that stay as they are.
fn rules(
    listener: &wanted::Listener<'_>,
    before: Option<&Listener>,
    on: &LoadBalancer<'_>,
) -> Vec<DesiredRule> {
    let before = before.map(|before| before.rules.as_slice()).unwrap_or_default();
    let Some(Rules { wanted, unneeded, others }) = &listener.rules else {
        return in_order(before.iter().map(|rule| with_priority(rule, rule.priority)).collect());
    };
    let changed = wanted.iter().filter_map(|rule| rule.there).chain(unneeded.iter().map(|(rule, _)| *rule));
    let changed: BTreeSet<u32> = changed.map(|rule| rule.priority).collect();
    let stays = before.iter().filter(|rule| !changed.contains(&rule.priority)).map(|rule| {
        let moved = others.iter().find(|(other, _)| other.priority == rule.priority);
        with_priority(rule, moved.map_or(rule.priority, |(_, priority)| *priority))
    });
    let marked = unneeded.iter().filter_map(|(rule, end)| match end {
        RuleEnd::Marked { priority } => Some(with_priority(rule, *priority)),
        RuleEnd::Goes { .. } => None,
    });
    let wanted = wanted.iter().map(|rule| DesiredRule {
        priority: rule.priority,
        conditions: rule.conditions.to_vec(),
        actions: vec![action(&rule.answer, &on.id)],
        transforms: rule.transforms.clone(),
    });
    in_order(stays.chain(marked).chain(wanted).collect())
}

fn in_order(mut rules: Vec<DesiredRule>) -> Vec<DesiredRule> {
    rules.sort();
    rules
}

fn with_priority(rule: &Rule, priority: u32) -> DesiredRule {
    DesiredRule {
        priority,
        conditions: rule.conditions.clone(),
        actions: rule.actions.clone(),
        transforms: rule.transforms.clone(),
    }
}

fn as_it_is(listener: &Listener) -> DesiredListener {
    DesiredListener {
        port: listener.port,
        protocol: listener.protocol,
        default_actions: listener.default_actions.clone(),
        rules: in_order(listener.rules.iter().map(|rule| with_priority(rule, rule.priority)).collect()),
    }
}

fn target_groups(wanted: &LoadBalancer<'_>) -> Vec<DesiredTargetGroup> {
    if !wanted.is_managed {
        return wanted.target_groups.iter().map(target_group).collect();
    }
    let is = |group: &TargetGroup<'_>, to: &Destination<'_>| match (group.there, to) {
        (Some(there), Destination::Existing(arn)) => there.arn == *arn,
        (None, Destination::Made(name)) => group.name == *name,
        _ => false,
    };
    let find = |to: &Destination<'_>| wanted.target_groups.iter().find(|group| is(group, to));
    wanted.forwards_to.iter().filter_map(|forward| find(&forward.to)).map(target_group).collect()
}

fn target_group(group: &TargetGroup<'_>) -> DesiredTargetGroup {
    let (there, form) = (group.there, group.form);
    let names = |list: Option<&BTreeSet<&str>>| -> Vec<String> {
        list.into_iter().flatten().map(|name| (*name).to_owned()).collect()
    };
    DesiredTargetGroup {
        name: group.name.clone(),
        arn: there.map(|there| there.arn.clone()),
        protocol: there
            .map(|there| there.protocol)
            .or(form.map(|form| form.protocol))
            .unwrap_or(Protocol::Http),
        port: there.and_then(|there| there.port).or(form.map(|form| form.port)).unwrap_or_default(),
        auto_scaling_groups: names(group.holds.map(|holds| holds.auto_scaling_groups)),
        targets: names(group.holds.map(|holds| holds.instances)),
        nodes: match group.holds {
            Some(holds) => holds.nodes,
            None => number(there.map_or(0, |there| there.targets.len())),
        },
    }
}

#[cfg(test)]
mod tests;
