//! Memory: where a member stands. There is no database; statuses and tags say it.

use std::cmp::Reverse;

use crate::{
    certificates::covers,
    observed::{Observed, Owned},
    source::Claim,
};

/// Our id of the load balancer that its status names, whatever else it names.
pub fn published<'a>(claim: &Claim, observed: &'a Observed<'_>) -> Option<&'a str> {
    claim.names.iter().find_map(|name| observed.by_dns_name.get(name.as_str()).copied())
}

/// Our id of the load balancer that a claim has: the one that its status names, else the one whose tag names it.
/// (The one with its group key comes third; placement sees to that.) `None`: a newcomer.
///
/// Manifests without statuses lack the first: there it is the one that serves most of its hosts.
pub fn of<'a>(claim: &Claim, observed: &'a Observed<'a>) -> Option<&'a str> {
    published(claim, observed).or_else(|| tagged(claim, observed)).or_else(|| serving(claim, observed))
}

fn tagged<'a>(claim: &Claim, observed: &'a Observed<'a>) -> Option<&'a str> {
    let name = claim.name.to_string();
    let named = observed.owned.values().find(|owned| owned.exclusive() == Some(name.as_str()));
    named.map(|owned| owned.id)
}

/// Of several that serve as many hosts the one with the smallest id: it must be the same one in every pass.
fn serving<'a>(claim: &Claim, observed: &'a Observed<'a>) -> Option<&'a str> {
    // Who wants one of its own has it by its tag.
    if observed.completeness.knows_statuses() || claim.shared.value() == Some(false) {
        return None;
    }
    let scheme = claim.scheme.value();
    let could_be = |owned: &&Owned<'_>| {
        owned.exclusive().is_none()
            && !owned.is_given_up(observed.time)
            && owned.load_balancer.is_some_and(|found| scheme.is_none_or(|scheme| scheme == found.scheme))
    };
    let served = |owned: &Owned<'_>| {
        let arns = owned.certificates();
        let certificates = || arns.iter().filter_map(|arn| observed.certificates.get(arn));
        let is_served = |host: &&String| certificates().any(|certificate| covers(certificate, host));
        let hosts = claim.hosts.iter().filter(is_served).count();
        hosts + usize::from(claim.pinned.as_deref().is_some_and(|arn| arns.contains(arn)))
    };
    observed
        .owned
        .values()
        .filter(could_be)
        .map(|owned| (Reverse(served(owned)), owned.id))
        .filter(|(Reverse(served), _)| *served > 0)
        .min()
        .map(|(_, id)| id)
}
