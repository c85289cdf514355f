//! What members need of a load balancer, before it is known which load balancer they get.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Protocol, Quotas};

use super::{
    super::build::Builder, Member, agreement, asked::Elsewhere, conditions, crowded, quota::Need,
    shadowed::Shadowed, ssl_redirect::SslRedirect,
};
use crate::{
    backends::Services,
    source::{Claim, ListenerPort, ObjectName, Route, most_combinations, most_expressible},
};

/// What members of a group need, if one load balancer served all of them.
pub struct Needs<'a, 'b> {
    members: BTreeMap<ObjectName<'a>, Member<'a>>,
    elsewhere: &'b Elsewhere<'a>,
    services: &'a Services<'a>,
    quotas: &'b Quotas,
    /// The listeners that have rules, each with the members whose routes count on it.
    listeners: Vec<(ListenerPort, BTreeSet<ObjectName<'a>>)>,
    serves_https: bool,
}

impl<'a, 'b> Needs<'a, 'b> {
    /// Settles on which listeners the members of a group need rules.
    pub fn new(
        claims: &[&'a Claim<'a>],
        elsewhere: &'b Elsewhere<'a>,
        services: &'a Services<'a>,
        quotas: &'b Quotas,
    ) -> Self {
        let mut members: Vec<Member<'a>> = claims
            .iter()
            .filter_map(|claim| Some(Member { claim, routing: claim.routing.as_ref()? }))
            .collect();
        members.sort_by_key(Member::rank);
        let (ports, _) = agreement::ports(&members, quotas.listeners_per_load_balancer);
        let redirects = SslRedirect::of(&members).to.is_some();
        let is_secure = |protocol: Protocol| protocol == Protocol::Https;
        let serves_https = ports.values().any(|(protocol, _)| is_secure(*protocol));
        let with_rules = ports.into_iter().filter(|(_, (protocol, _))| !redirects || is_secure(*protocol));
        let listeners = with_rules.map(|(port, (protocol, objects))| {
            (ListenerPort { port, protocol }, objects.into_iter().collect::<BTreeSet<_>>())
        });
        let listeners = listeners.collect();
        let members = members.into_iter().map(|member| (member.claim.object, member)).collect();
        Needs { members, elsewhere, services, quotas, listeners, serves_https }
    }

    /// What the members of a unit need: no other member has their hosts. If they ask for more than a load balancer can ever
    /// have, only the fewest possible rules are counted.
    pub fn of(&self, unit: &BTreeSet<ObjectName<'a>>) -> Need {
        let members = unit.iter().filter_map(|object| self.members.get(object));
        let mut members: Vec<Member<'a>> = members.copied().collect();
        members.sort_by_key(Member::rank);
        let (size, most) = (crowded::size(&members), most_expressible(self.quotas));
        let mut need = Need::default();
        if size > most {
            let of_one = most_combinations(self.quotas.condition_values_per_rule);
            need.rules = usize::try_from(size.div_ceil(of_one)).unwrap_or(usize::MAX);
            return need;
        }
        let asked = Builder::asked_of(&members, self.elsewhere, self.services, self.quotas);
        for (listener, objects) in &self.listeners {
            let objects: Vec<ObjectName<'a>> = unit.intersection(objects).copied().collect();
            let on = (*listener, None);
            let shadowed = &mut Shadowed::default();
            let rules = Builder::on_listener(&asked, &objects, on, self.serves_https, self.quotas, shadowed);
            rules.iter().for_each(|rule| need.add_rule(rule));
        }
        need
    }
}

/// How many rules a route needs on each listener, unless it is merged with others.
pub fn rules_of(route: &Route<'_>, quotas: &Quotas) -> usize {
    conditions::of(route, quotas).len()
}
