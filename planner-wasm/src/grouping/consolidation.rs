//! Consolidation: deletions and renewals leave load balancers whose members would all fit on another load balancer. One such
//! load balancer at a time can be emptied.

use std::cmp::Reverse;

use super::{
    Groups, Member,
    candidates::{misfit, terms_of},
    release::Release,
    room,
    staying::{Move, Staying},
};
use crate::{
    certificates::CertificateId,
    observed::{Concern, Observed, Owned},
    terms::Terms,
};

/// A load balancer that can be emptied.
pub struct Consolidation<'a> {
    /// The load balancer.
    pub from: &'a Owned<'a>,
    /// The load balancer that has room for all its members.
    pub to: &'a Owned<'a>,
    /// How many members it has.
    pub members: usize,
}

/// A load balancer with its members, none of which has a reason to move.
struct Calm<'a> {
    owned: &'a Owned<'a>,
    terms: Terms<'a>,
    members: Vec<usize>,
    /// The certificates that the members need, in their order.
    needed: Vec<CertificateId>,
    /// Whether the status of every member names it.
    is_published: bool,
}

/// Finds the load balancer with the fewest members that all fit on another load balancer, and of those that could serve them
/// the one where they add the fewest certificates. `None` as long as anything else moves: one change at a time.
pub fn find<'a>(
    members: &[Member<'a>],
    judged: &[Staying<'a>],
    releases: &[Release<'a>],
    groups: &Groups<'a>,
) -> Option<Consolidation<'a>> {
    if judged.iter().any(|it| matches!(it, Staying::Moves(_) | Staying::StaysWithheld(_) | Staying::Waits)) {
        return None;
    }
    let calm = calm(members, judged, groups.observed());
    let mut sources: Vec<&Calm<'_>> = calm.iter().filter(|it| can_be_emptied(it, releases, groups)).collect();
    sources.sort_by_key(|it| (it.members.len(), it.owned.id));
    sources.into_iter().find_map(|from| {
        let fit = |to: &Calm<'a>| {
            let all = union(&from.needed, &to.needed);
            let fits = to.owned.id != from.owned.id && to.terms == from.terms && has_room(to, &all, groups);
            fits.then(|| (all.len() - to.needed.len(), Reverse(to.needed.len()), to.owned.id))
        };
        let best = calm.iter().filter_map(|to| Some((fit(to)?, to.owned))).min_by_key(|(fit, _)| *fit);
        best.map(|(_, to)| Consolidation { from: from.owned, to, members: from.members.len() })
    })
}

/// Lets the members of the load balancer move, if the settings say so.
pub fn empty<'a>(consolidation: &Consolidation<'a>, judged: &mut [Staying<'a>]) {
    let reason = "its load balancer is emptied, since all its members fit on another one";
    let Consolidation { from, to, .. } = consolidation;
    for state in judged {
        if matches!(state, Staying::Stays(owned) if owned.id == from.id) {
            *state = Staying::Moves(Move { from, reason, is_own: false, to: Some(to) });
        }
    }
}

/// The load balancers of proxy mode whose members all stay, and are known completely.
fn calm<'a>(members: &[Member<'a>], judged: &[Staying<'a>], observed: &'a Observed<'a>) -> Vec<Calm<'a>> {
    let mut by_place: Vec<Option<Vec<usize>>> = vec![None; observed.owned.len()];
    for (index, state) in judged.iter().enumerate() {
        if let Staying::Stays(owned) = state {
            by_place[owned.place()].get_or_insert_default().push(index);
        }
    }
    let of = |(owned, indices): (&'a Owned<'a>, Option<Vec<usize>>)| {
        let (terms, indices) = (owned.terms()?, indices?);
        let is_calm = |index: &usize| {
            let member = &members[*index];
            // In route mode the name of the group says who shares a load balancer.
            let shares_with_anybody = member.claim.routing.is_none();
            shares_with_anybody
                && !member.claim.is_going
                && !member.is_held()
                && terms_of(member) == Some(terms)
        };
        let is_in_service = owned.is_active() && owned.unneeded_since().is_none();
        if !is_in_service || !indices.iter().all(is_calm) {
            return None;
        }
        let dns_name = owned.load_balancer.map(|found| found.dns_name.as_str());
        let is_published = indices.iter().all(|index| members[*index].claim.published() == dns_name);
        let mut needed: Vec<CertificateId> =
            indices.iter().flat_map(|index| &members[*index].certificates.certificates).copied().collect();
        needed.sort_unstable();
        needed.dedup();
        Some(Calm { owned, terms, members: indices, needed, is_published })
    };
    observed.owned.iter().zip(by_place).filter_map(of).collect()
}

/// Whether AWS would have one load balancer less in the end.
fn can_be_emptied(calm: &Calm<'_>, releases: &[Release<'_>], groups: &Groups<'_>) -> bool {
    let observed = groups.observed();
    let still_serves = releases.iter().any(|release| release.load_balancer.id == calm.owned.id);
    let is_known = [Concern::Remove, Concern::RemoveCertificate, Concern::ChangeName];
    let is_known = is_known.into_iter().all(|it| observed.completeness.allows_for(it, Some(calm.owned)));
    calm.is_published && is_known && !still_serves && !calm.owned.is_protected()
}

/// Whether all certificates fit on a load balancer that can be changed now.
fn has_room(to: &Calm<'_>, certificates: &[CertificateId], groups: &Groups<'_>) -> bool {
    let observed = groups.observed();
    let Some(group) = groups.on(to.owned).map(|id| groups.get(id)) else { return false };
    observed.completeness.allows_for(Concern::ChangeListeners, Some(to.owned))
        && misfit(group, &to.terms, observed.time).is_none()
        && room::has_room(group, certificates, 0)
}

fn union(one: &[CertificateId], other: &[CertificateId]) -> Vec<CertificateId> {
    let mut all = [one, other].concat();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
