//! Tenancy and pauses: objects that the tenancy settings refuse, hosts that they do not allow, and objects that stay as they
//! are since an annotation says so.
//!
//! A setting never ends what is served. Who is served already and is refused is held: everything of it stays as it is, until
//! its owner or the settings change, or a person names it with `--allow-release`. Who is not served gets nothing, and no later
//! step sees it: it shares no load balancer, takes no host from others, and no policy is asked about it.

mod asks;
mod hosts;
#[cfg(test)]
mod tests;
mod words;

use albatross_contract::Cluster;

use crate::{
    grouping::{self, Standing},
    observed::Observed,
    source::{self, Claim, Class, Ruling, Wish},
};
use asks::Refusal;
use hosts::Served;
use words::Consequence;

/// Decides about all claims of ours.
pub fn settle<'a, 'b>(claims: &mut [Claim<'a>], cluster: &'a Cluster, observed: &'b Observed<'b>) {
    let is_concerned = |claim: &Claim<'_>| claim.is_paused || !matches!(claim.ruling, Ruling::Free);
    if !claims.iter().any(is_concerned) {
        return;
    }
    let ours: Vec<usize> = (0..claims.len()).filter(|index| claims[*index].is_ours()).collect();
    let members: Vec<&Claim<'_>> = ours.iter().map(|index| &claims[*index]).collect();
    let standings = grouping::standings(&members, observed);
    let services = source::services_by_name(cluster);
    for (index, standing) in ours.into_iter().zip(standings) {
        let claim = &mut claims[index];
        let standing = if is_concerned(claim) { standing } else { continue };
        apply_rule(claim, standing, &services, observed);
        if claim.is_paused && claim.is_ours() {
            let served = Served::new(claim, standing, observed);
            claim.keep_as_it_is(|host| served.has(observed.hosts.text(host)));
            claim.diagnostics.extend(words::paused(claim));
        }
    }
}

/// Applies the rule that decides about a claim.
fn apply_rule<'a>(
    claim: &mut Claim<'a>,
    standing: Standing<'_>,
    services: &source::Services<'a>,
    observed: &Observed<'_>,
) {
    let mut refusals = asks::refusals(claim, services);
    let refused_hosts = hosts::refused(claim, observed);
    let served = Served::new(claim, standing, observed);
    let is_released = observed.settings.allowances.release.contains(&claim.object.to_string());
    let all_hosts = hosts::are_all(claim, &refused_hosts);
    // In proxy mode a host only needs a certificate, so that its object need not be held for a host that has one.
    let is_served = served.is_published(claim);
    if is_served {
        refusals.extend(keep_scheme(claim, standing));
    }
    let keeps_hosts = claim.routing.is_some() && is_served && refused_hosts.iter().any(|it| served.has(it));
    if refusals.is_empty() && !all_hosts && (is_released || !keeps_hosts) {
        return hosts::leave_out(claim, &refused_hosts, (&served, is_released), observed);
    }
    let consequence = match (is_served, is_released) {
        (true, false) => Consequence::Held,
        (true, true) => Consequence::Released,
        (false, _) => Consequence::Rejected,
    };
    let mut told: Vec<_> =
        refusals.iter().map(|refusal| words::refused(claim, refusal, consequence)).collect();
    if !refused_hosts.is_empty() {
        told.push(words::hosts(claim, &refused_hosts, consequence));
    }
    claim.diagnostics.splice(0..0, told);
    if consequence == Consequence::Held {
        claim.is_refused = true;
        claim.keep_as_it_is(|host| served.has(observed.hosts.text(host)));
    } else {
        claim.class = Class::Refused;
    }
}

/// A claim that is served and names no scheme keeps the scheme of its load balancer, whatever has become the default meanwhile: another
/// one would make a public site internal, or the other way round. Returns that scheme if it is not allowed.
fn keep_scheme<'a>(claim: &mut Claim<'a>, standing: Standing<'_>) -> Option<Refusal<'a>> {
    let present = standing?.load_balancer?.scheme;
    if claim.scheme.is_own() || matches!(claim.ruling, Ruling::Free) {
        return None;
    }
    if claim.ruling.allows_scheme(present) {
        claim.scheme = Wish::Default(present);
        return None;
    }
    Some(Refusal::Scheme(present))
}
