//! Memory: where a member stands. There is no database; statuses and tags say it.

use super::serving::Serving;
use crate::{observed::Observed, source::Claim};

/// Our id of the load balancer that its status names, whatever else it names.
pub fn published<'a>(claim: &Claim, observed: &'a Observed<'_>) -> Option<&'a str> {
    claim.names.iter().find_map(|name| observed.by_dns_name.get(name.as_str()).copied())
}

/// Our id of the load balancer that a claim has: the one that its status names, else the one whose tag names it.
/// (The one with its group key comes third; placement sees to that.) `None`: a newcomer.
///
/// Manifests without statuses lack the first: there it is the one that `serving` finds.
pub fn of<'a>(claim: &Claim, observed: &'a Observed<'a>, serving: Option<&Serving<'a>>) -> Option<&'a str> {
    published(claim, observed)
        .or_else(|| tagged(claim, observed))
        .or_else(|| serving.and_then(|serving| serving.load_balancer_of(claim)))
}

fn tagged<'a>(claim: &Claim, observed: &'a Observed<'a>) -> Option<&'a str> {
    let name = claim.name.to_string();
    let named = observed.owned.values().find(|owned| owned.exclusive() == Some(name.as_str()));
    named.map(|owned| owned.id)
}
