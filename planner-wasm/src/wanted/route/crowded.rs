//! Members that cannot all get rules, whatever their rules are: found by counting, before rules are made and compared with each
//! other. Otherwise one tenant could write so many hosts and paths that the planner reaches its deadline.
//!
//! A rule of AWS holds only a few combinations of host and path, so members with many more combinations than that cannot have
//! room. Members that share a host are left out together, as in [`super::quota`]; those that have rules already come first, then
//! the oldest.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{DiagnosticCode, TAG_INGRESS};

use super::{super::build::Builder, Elsewhere, Limits, Member};
use crate::{
    diagnostics::{Details, Subject, warning},
    grouping::Group,
    identity::tag_value,
    source::{EVERY_HOST, HostMatch, ObjectName, combinations, lower_case, most_expressible},
};

/// How many combinations are considered, as a multiple of those that the rules of a load balancer can hold.
const MARGIN: u64 = 2;

/// How many combinations of host and path some members ask for.
pub(super) fn size(members: &[Member<'_>]) -> u64 {
    let routes = members.iter().flat_map(|member| &member.routing.routes);
    routes.map(combinations).fold(0, u64::saturating_add)
}

/// Members that share hosts.
struct Unit<'a> {
    members: Vec<Member<'a>>,
    size: u64,
    /// Whether a listener has rules of them.
    is_served: bool,
}

impl<'a> Builder<'a, '_> {
    /// The members that are left out before rules are made, each with a diagnostic.
    pub(super) fn crowded_out(
        &mut self,
        members: &[Member<'a>],
        group: &Group<'a>,
    ) -> BTreeSet<ObjectName<'a>> {
        let quotas = &self.sources.observed.inventory.quotas;
        let most = most_expressible(quotas);
        let all = size(members);
        let mut room = most.saturating_mul(MARGIN);
        if all <= room {
            return BTreeSet::new();
        }
        let rules = Limits::of(quotas).rules;
        let served = served(group);
        let mut units = units(members, &self.elsewhere, &served);
        let age = |unit: &Unit<'a>| unit.members.iter().map(|member| member.claim.age()).min();
        units.sort_by_key(|unit| (!unit.is_served, age(unit)));
        let mut left_out = BTreeSet::new();
        for unit in units {
            // A unit that is too large alone takes no room from others.
            if unit.size <= most && unit.size <= room {
                room -= unit.size;
                continue;
            }
            for member in unit.members {
                let object = member.claim.object;
                left_out.insert(object);
                let consequence = match served.contains(&object) {
                    true => "its rules stay as they are",
                    false => "it is not served",
                };
                let message = format!(
                    "a load balancer can have {rules} rules, but the Ingresses of this group ask for {all} combinations of \
                     host and path, and older Ingresses come first: {consequence}"
                );
                let told = warning(DiagnosticCode::QuotaExhausted, Subject::Object(object), message)
                    .field("spec.rules")
                    .remedy("put it into another group, or use fewer hosts and paths");
                self.tell(object, told);
            }
        }
        left_out
    }
}

/// The objects of which a load balancer has rules.
fn served<'a>(group: &Group<'a>) -> BTreeSet<ObjectName<'a>> {
    let found = group.owned().and_then(|owned| owned.load_balancer);
    let listeners = found.into_iter().flat_map(|found| &found.listeners);
    let rules = listeners.flat_map(|listener| &listener.rules);
    rules.filter_map(|rule| ObjectName::of_tag(tag_value(&rule.tags, TAG_INGRESS)?)).collect()
}

/// Members that share hosts, directly or through others. Hosts that another load balancer serves do not count.
fn units<'a>(
    members: &[Member<'a>],
    elsewhere: &Elsewhere<'a>,
    served: &BTreeSet<ObjectName<'a>>,
) -> Vec<Unit<'a>> {
    let mut parents: Vec<usize> = (0..members.len()).collect();
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        let elsewhere = elsewhere.get(&member.claim.object);
        for host in hosts(member) {
            if elsewhere.is_some_and(|elsewhere| elsewhere.contains(&host)) {
                continue;
            }
            let other = *first.entry(host).or_insert(place);
            let (root, other) = (root(&mut parents, place), root(&mut parents, other));
            parents[root.max(other)] = root.min(other);
        }
    }
    let mut by_root: BTreeMap<usize, Vec<Member<'a>>> = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        by_root.entry(root(&mut parents, place)).or_default().push(*member);
    }
    let unit = |members: Vec<Member<'a>>| Unit {
        size: size(&members),
        is_served: members.iter().any(|member| served.contains(&member.claim.object)),
        members,
    };
    by_root.into_values().map(unit).collect()
}

/// The root of a member. On the way, paths become shorter.
fn root(parents: &mut [usize], mut place: usize) -> usize {
    while parents[place] != place {
        parents[place] = parents[parents[place]];
        place = parents[place];
    }
    place
}

/// The hosts of a member; [`EVERY_HOST`] stands for routes without a host.
fn hosts(member: &Member<'_>) -> BTreeSet<String> {
    let of_route = member.routing.routes.iter().flat_map(|route| {
        let every = route.hosts.is_empty().then(|| EVERY_HOST.to_owned());
        let named = route.hosts.iter().map(|host| match host {
            HostMatch::Name(text)
            | HostMatch::Wildcard(text)
            | HostMatch::Pattern(text)
            | HostMatch::Expression(text) => lower_case(text).into_owned(),
        });
        named.chain(every)
    });
    of_route.collect()
}
