//! What members need of a load balancer, before it is known which load balancer they get.

use std::collections::BTreeMap;

use albatross_contract::{Protocol, Quotas};

use super::{
    super::build::Builder, Member, agreement, asked::Elsewhere, conditions, quota::Need, shadowed::Shadowed,
    ssl_redirect::SslRedirect,
};
use crate::{
    backends::Services,
    source::{Claim, ListenerPort, ObjectName, Route},
};

/// What each member of a group needs, if one load balancer served all of them.
pub fn needs<'a>(
    claims: &[&'a Claim<'a>],
    elsewhere: &Elsewhere<'a>,
    services: &'a Services<'a>,
    quotas: &Quotas,
) -> BTreeMap<ObjectName<'a>, Need> {
    let mut members: Vec<Member<'a>> =
        claims.iter().filter_map(|claim| Some(Member { claim, routing: claim.routing.as_ref()? })).collect();
    members.sort_by_key(Member::rank);
    let asked = Builder::asked_of(&members, elsewhere, services, quotas);
    let (ports, _) = agreement::ports(&members, quotas.listeners_per_load_balancer);
    let redirects = SslRedirect::of(&members).to.is_some();
    let is_secure = |protocol: Protocol| protocol == Protocol::Https;
    let serves_https = ports.values().any(|(protocol, _)| is_secure(*protocol));
    let mut needs: BTreeMap<ObjectName<'a>, Need> = BTreeMap::new();
    for (port, (protocol, objects)) in ports {
        if redirects && !is_secure(protocol) {
            continue;
        }
        let listener = (ListenerPort { port, protocol }, None);
        let shadowed = &mut Shadowed::default();
        for rule in Builder::on_listener(&asked, &objects, listener, serves_https, quotas, shadowed) {
            needs.entry(rule.object()).or_default().add_rule(&rule);
        }
    }
    needs
}

/// How many rules a route needs on each listener, unless it is merged with others.
pub fn rules_of(route: &Route<'_>, quotas: &Quotas) -> usize {
    conditions::of(route, quotas).len()
}
