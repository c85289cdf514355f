//! Groups that surely fit on one load balancer, which are most groups: found without deriving their rules.

use crate::{
    backends::Services,
    observed::Observed,
    source::{Claim, HostMatch, Route},
    wanted,
};

use super::{Group, distribution::HEADROOM};

/// Bounds for what a group may need.
pub struct Bounds<'a, 'b> {
    observed: &'b Observed<'a>,
    /// The most targets that a Service port has.
    targets: usize,
}

impl<'a, 'b> Bounds<'a, 'b> {
    /// Looks at all Service ports.
    pub fn new(services: &Services<'a>, observed: &'b Observed<'a>) -> Self {
        let targets = services.all.iter().map(|it| it.targets.len()).max().unwrap_or_default();
        Bounds { observed, targets }
    }

    /// Whether all members of a group fit on one load balancer.
    pub(super) fn surely_fit(&self, group: &Group<'a, '_>) -> bool {
        let capacity = group.capacity();
        let limits = &capacity.limits;
        let (mut rules, mut backends, mut certificates) = (0, 0, 0);
        for index in &group.indices {
            rules += self.rules(group.claim(*index));
            backends += backends_of(group.claim(*index));
            certificates += group.all.decisions[*index].certificates.len();
        }
        rules + HEADROOM <= limits.rules
            && backends + HEADROOM <= limits.target_groups
            && backends * self.targets <= limits.targets
            && certificates + HEADROOM <= capacity.certificates
    }

    fn rules(&self, claim: &Claim<'_>) -> usize {
        let Some(routing) = &claim.routing else { return 0 };
        let rules: usize = routing.routes.iter().map(|route| self.rules_of(route)).sum();
        rules * routing.listeners.len()
    }

    /// How many rules a route gets on each listener. Most routes have one host and one path, which are three values at most.
    fn rules_of(&self, route: &Route<'_>) -> usize {
        let quotas = &self.observed.inventory.quotas;
        let is_pattern = |host: &HostMatch<'_>| matches!(host, HostMatch::Pattern(_));
        let has_one = route.hosts.len() <= 1 && route.paths.len() <= 1 && route.conditions.is_empty();
        let fits = quotas.condition_values_per_rule >= 3 && quotas.condition_wildcards_per_rule >= 1;
        if has_one && fits && !route.hosts.iter().any(is_pattern) {
            return 1;
        }
        wanted::rules_of(route, quotas)
    }
}

fn backends_of(claim: &Claim<'_>) -> usize {
    let routes = claim.routing.iter().flat_map(|routing| &routing.routes);
    routes.map(|route| route.backends.len()).sum()
}
