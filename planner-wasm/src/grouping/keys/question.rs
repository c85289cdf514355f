//! The question to a grouping policy.

use std::collections::BTreeSet;

use albatross_contract::{
    GroupingInput, GroupingLoadBalancer, GroupingMember, PolicyPoint, ServicePortReference, SettledMember,
    Tag,
};

use super::{Asked, units::Units};
use crate::{
    budgets::number,
    certificates::Decision,
    observed::{Observed, Owned},
    policies::Points,
    source::{BackendReference, Claim, Class, Routing},
};

/// The question about all members, in their order.
pub fn ask(asked: &Asked<'_, '_>, observed: &Observed<'_>, points: &Points<'_>) -> GroupingInput {
    let existing = observed.owned.iter().filter(|owned| owned.load_balancer.is_some());
    let mut index: Vec<Option<u32>> = vec![None; observed.owned.len()];
    for (number, owned) in (0..).zip(existing.clone()) {
        index[owned.place()] = Some(number);
    }
    let members = asked.claims.iter().zip(asked.decisions).zip(asked.standings);
    let is_settled: Vec<Option<SettledMember>> = members
        .clone()
        .map(|((claim, decision), standing)| settled(claim, decision, standing.is_none()))
        .collect();
    let units = Units::of(asked.claims, |index| is_settled[index].is_none(), observed);
    let members = members.enumerate().map(|(place, ((claim, decision), standing))| GroupingMember {
        load_balancer: standing.and_then(|owned| index[owned.place()]),
        settled: is_settled[place],
        unit: units.host(place).map(str::to_owned),
        rules: claim.routing.as_deref().map_or(0, |routing| rules(routing, asked, observed)),
        ..member(claim, decision, observed)
    });
    GroupingInput {
        settings: points.settings(PolicyPoint::Grouping),
        members: members.collect(),
        load_balancers: existing.filter_map(|owned| load_balancer(owned, observed)).collect(),
    }
}

fn load_balancer(owned: &Owned<'_>, observed: &Observed<'_>) -> Option<GroupingLoadBalancer> {
    let (found, terms) = (owned.load_balancer?, owned.terms()?);
    let rules = found.listeners.iter().flat_map(|listener| &listener.rules);
    Some(GroupingLoadBalancer {
        id: owned.id.to_owned(),
        scheme: found.scheme,
        mode: terms.mode,
        group: terms.key_of_a_policy().map(str::to_owned),
        certificates: number(owned.certificates.len()),
        rules: number(rules.filter(|rule| observed.owns(&rule.tags, owned.id)).count()),
        target_groups: number(owned.target_groups.len()),
    })
}

/// A member as a policy sees it, without its load balancer, its unit and its rules.
fn member(claim: &Claim<'_>, decision: &Decision, observed: &Observed<'_>) -> GroupingMember {
    let catalog = &observed.certificates;
    let routing = claim.routing.as_deref();
    GroupingMember {
        object: claim.object.owned(),
        class: claim.class_name.map(str::to_owned),
        annotations: sorted(&claim.metadata.annotations),
        labels: sorted(&claim.metadata.labels),
        hosts: claim.hosts.iter().map(|host| observed.hosts.text(*host).to_owned()).collect(),
        scheme: claim.scheme.value().unwrap_or(observed.settings.default_scheme),
        mode: match claim.class {
            Class::Ours(mode) => mode,
            Class::Missing | Class::NotOurs | Class::SwitchedOff | Class::ClusterLocal | Class::Refused => {
                observed.settings.default_mode
            }
        },
        unit: None,
        group: routing.and_then(|routing| routing.group).map(str::to_owned),
        rules: 0,
        target_groups: routing.map(|it| target_groups(it, claim.object.namespace)).unwrap_or_default(),
        certificates: decision.certificates.iter().map(|id| catalog.arn(*id).to_owned()).collect(),
        created_at: claim.created_at,
        load_balancer: None,
        settled: None,
    }
}

/// How many rules the routes of a member need, if none is merged with another.
fn rules(routing: &Routing<'_>, asked: &Asked<'_, '_>, observed: &Observed<'_>) -> u32 {
    let quotas = &observed.inventory.quotas;
    let of_routes = routing.routes.iter().map(|route| (asked.rules_of)(route, quotas));
    let on_one = of_routes.fold(0, usize::saturating_add);
    number(on_one.saturating_mul(routing.listeners.len()))
}

/// The Service ports to which the routes of a member forward.
fn target_groups(routing: &Routing<'_>, namespace: &str) -> Vec<String> {
    let backends = routing.routes.iter().flat_map(|route| &route.backends);
    let ports = backends.filter_map(|backend| match &backend.to {
        BackendReference::Service { name, port } => Some(match port.as_ref() {
            ServicePortReference::Number(port) => format!("{namespace}/{name}:{port}"),
            ServicePortReference::Name(port) => format!("{namespace}/{name}:{port}"),
        }),
        BackendReference::Invalid(_) => None,
    });
    ports.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Why a key changes nothing for a member.
fn settled(claim: &Claim<'_>, decision: &Decision, is_new: bool) -> Option<SettledMember> {
    let is_readable = claim.scheme.value().is_some()
        && claim.kind.value().is_some()
        && claim.http_only.value().is_some()
        && claim.shared.value().is_some()
        && claim.wishes.value().is_some()
        && !claim.is_unreadable_in_route_mode();
    let has_http = claim.routing.as_deref().is_some_and(Routing::has_http);
    let lacks_certificates = claim.needs_certificates() && decision.certificates.is_empty() && !has_http;
    let gets_none = is_new && (!claim.diagnostics.is_empty() || decision.is_unknown() || lacks_certificates);
    if claim.names_its_group() {
        Some(SettledMember::NamedGroup)
    } else if claim.is_going || !is_readable || gets_none {
        Some(SettledMember::Stays)
    } else {
        (claim.routing.is_none() && claim.wants_its_own()).then_some(SettledMember::Alone)
    }
}

fn sorted(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    tags.sort();
    tags
}
