//! Hosts that a rule does not allow, and hosts that a load balancer serves already.

use std::collections::BTreeSet;

use albatross_contract::{RuleCondition, TAG_INGRESS};

use super::words::{self, Consequence};
use crate::{
    certificates::CertificateId,
    grouping::Standing,
    identity::tag_value,
    observed::{Observed, Owned, rule_unneeded_since},
    source::{Claim, Comparison, EVERY_HOST, HostId, HostMatch, Ruling, lower_case, wildcard_host},
};

/// The hosts that a load balancer serves for a claim.
pub struct Served<'a, 'b> {
    standing: Standing<'b>,
    observed: &'b Observed<'a>,
    /// In route mode what its rules compare hosts with. `None`: hosts are served by certificates.
    of_rules: Option<BTreeSet<String>>,
}

impl<'a, 'b> Served<'a, 'b> {
    /// `standing`: the load balancer on which the claim is now.
    pub fn new(claim: &Claim<'_>, standing: Standing<'b>, observed: &'b Observed<'a>) -> Self {
        let in_route_mode = |owned: &&Owned<'_>| owned.terms().is_some_and(|terms| terms.names_members());
        let of_rules = standing.filter(in_route_mode).map(|owned| hosts_of_rules(claim, owned, observed));
        Served { standing, observed, of_rules }
    }

    /// Whether a host is served; [`EVERY_HOST`] stands for requests for no particular host.
    pub fn has(&self, host: &str) -> bool {
        if let Some(hosts) = &self.of_rules {
            let is_compared = || match HostMatch::of(host).comparison() {
                Some(Comparison::Values(values)) => values.iter().any(|value| hosts.contains(value)),
                Some(Comparison::Expression(expression)) => hosts.contains(&expression),
                None => false,
            };
            return hosts.contains(host) || (host != EVERY_HOST && is_compared());
        }
        let Some(owned) = self.standing else { return false };
        let Some(id) = self.observed.hosts.find(host) else { return false };
        // A certificate that is about to go serves nobody who needs it.
        let is_there = |certificate: CertificateId| {
            let arn = self.observed.certificates.arn(certificate);
            owned.certificates.binary_search(&certificate).is_ok()
                && owned.certificate_unneeded_since(arn).is_none()
        };
        self.observed.coverage.of(id).any(|covering| is_there(covering.certificate))
    }

    /// Whether a load balancer serves the claim under a published name. Without statuses, it does if it has a place.
    pub fn is_published(&self, claim: &Claim<'_>) -> bool {
        match self.observed.completeness.knows_statuses() {
            true => self.observed.published(claim).is_some(),
            false => self.standing.is_some(),
        }
    }
}

/// The values and regular expressions for hosts in those rules of a claim that are not about to go; [`EVERY_HOST`] stands for
/// rules without a host, and for regular expressions that no host of an object leads to.
fn hosts_of_rules(claim: &Claim<'_>, owned: &Owned<'_>, observed: &Observed<'_>) -> BTreeSet<String> {
    let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
    let rules = listeners.flat_map(|listener| &listener.rules).filter(|rule| {
        observed.owns(&rule.tags, owned.id)
            && tag_value(&rule.tags, TAG_INGRESS) == Some(claim.object.to_string().as_str())
            && rule_unneeded_since(rule).is_none()
    });
    let mut hosts = BTreeSet::new();
    for rule in rules {
        let compared = rule.conditions.iter().find_map(|condition| match condition {
            RuleCondition::HostHeader(text) => Some(text),
            _ => None,
        });
        let expressions = compared.map(|text| text.regular_expressions.as_slice()).unwrap_or_default();
        if compared.is_none() || expressions.iter().any(|it| wildcard_host(it).is_none()) {
            hosts.insert(EVERY_HOST.to_owned());
        }
        let values = compared.into_iter().flat_map(|text| &text.values);
        hosts.extend(values.map(|host| lower_case(host).into_owned()));
        hosts.extend(expressions.iter().cloned());
    }
    hosts
}

/// The hosts of a claim that its rule does not allow, in order; [`EVERY_HOST`] stands for requests for no particular host, and
/// for regular expressions.
pub fn refused(claim: &Claim<'_>, observed: &Observed<'_>) -> BTreeSet<String> {
    let Ruling::Rule(rule, _) = claim.ruling else { return BTreeSet::new() };
    if rule.hosts.is_none() {
        return BTreeSet::new();
    }
    let named = claim.hosts.iter().map(|host| observed.hosts.text(*host));
    let mut refused: BTreeSet<String> =
        named.filter(|host| !claim.ruling.allows_host(host)).map(str::to_owned).collect();
    let mut takes_every_host = claim.routing.is_none() && claim.hosts.is_empty();
    for route in claim.routing.iter().flat_map(|routing| &routing.routes) {
        takes_every_host |= route.hosts.is_empty();
        let of_route = route.hosts.iter().filter(|host| !claim.ruling.allows_match(host));
        refused.extend(of_route.map(text));
    }
    if takes_every_host && !claim.ruling.allows_host(EVERY_HOST) {
        refused.insert(EVERY_HOST.to_owned());
    }
    refused
}

fn text(host: &HostMatch<'_>) -> String {
    match host {
        HostMatch::Name(host) | HostMatch::Wildcard(host) | HostMatch::Pattern(host) => {
            lower_case(host).into_owned()
        }
        HostMatch::Expression(_) => EVERY_HOST.to_owned(),
    }
}

/// Whether nothing is left of a claim without the hosts that are refused.
pub fn are_all(claim: &Claim<'_>, refused: &BTreeSet<String>) -> bool {
    if refused.is_empty() {
        return false;
    }
    match &claim.routing {
        Some(routing) => routing.routes.iter().all(|route| {
            let is_left = |host: &HostMatch<'_>| claim.ruling.allows_match(host);
            !route.hosts.iter().any(is_left) && (!route.hosts.is_empty() || refused.contains(EVERY_HOST))
        }),
        None => refused.len() >= claim.hosts.len(),
    }
}

/// Leaves hosts out that are refused. In proxy mode a host stays if its load balancer has a certificate for it already, unless
/// the claim may be released.
pub fn leave_out(
    claim: &mut Claim<'_>,
    refused: &BTreeSet<String>,
    (served, is_released): (&Served<'_, '_>, bool),
    observed: &Observed<'_>,
) {
    let may_stay = claim.routing.is_none() && !is_released;
    let (kept, out): (BTreeSet<String>, BTreeSet<String>) =
        refused.iter().cloned().partition(|host| may_stay && served.has(host));
    let is_left = |host: &str| !out.contains(host);
    claim.hosts.retain(|host| is_left(observed.hosts.text(*host)));
    claim.only_tls.retain(|host| is_left(observed.hosts.text(*host)));
    let is_kept = |host: &&HostId| kept.contains(observed.hosts.text(**host));
    claim.kept_hosts = claim.hosts.iter().filter(is_kept).copied().collect();
    let ruling = claim.ruling;
    if let Some(routing) = claim.routing.as_mut().filter(|_| !out.is_empty()) {
        routing.routes.retain_mut(|route| {
            // Without its last host a route would match every host.
            let takes_every_host = route.hosts.is_empty();
            route.hosts.retain(|host| ruling.allows_match(host));
            if takes_every_host { ruling.allows_host(EVERY_HOST) } else { !route.hosts.is_empty() }
        });
    }
    for (hosts, consequence) in
        [(out, Consequence::LeftOut { others: claim.hosts.len() }), (kept, Consequence::StillServed)]
    {
        if !hosts.is_empty() {
            claim.remarks.push(words::hosts(claim, &hosts, consequence));
        }
    }
}
