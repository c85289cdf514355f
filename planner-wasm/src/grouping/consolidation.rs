//! Consolidation: deletions leave load balancers whose members would all fit on another load balancer. One such load balancer
//! at a time can be emptied.
//!
//! The published names of its members change, so nothing else may change for them: the other load balancer is alike in all that
//! members and people can see, it is in service, and no certificate is still in its grace period, since the Ingress that needed
//! it may come back.

use std::{cmp::Reverse, collections::BTreeMap};

use albatross_contract::{Budget, LoadBalancerState, Withheld};

use super::{
    Groups, Member,
    candidates::{misfit, terms_of},
    likeness,
    release::Release,
    room::HEADROOM,
    staying::{Move, Staying, is_served_elsewhere},
};
use crate::{
    budgets::{Request, name_change_limit},
    certificates::CertificateId,
    observed::{Concern, Health, Observed, Owned},
    source::Claim,
    terms::Terms,
};

/// Of the places for certificates, one in so many stays free on the other load balancer for new Ingresses.
const FREE_SHARE: usize = 4;

/// A load balancer that can be emptied.
pub struct Consolidation<'a> {
    /// The load balancer.
    pub from: &'a Owned<'a>,
    /// The load balancer that has room for all its members.
    pub to: &'a Owned<'a>,
    /// How many members it has.
    pub members: usize,
    /// Whether it is emptied.
    pub state: State,
}

/// Whether a load balancer is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The settings do not say so.
    Possible,
    /// Its members move.
    Begun,
    /// It is not known whether the two load balancers have the same web ACL.
    Unknown,
    /// The budget for names holds it back.
    Withheld,
}

/// A load balancer whose members all stay.
struct Resident<'a> {
    owned: &'a Owned<'a>,
    terms: Terms<'a>,
    members: Vec<usize>,
    /// The certificates that the members need, in their order.
    needed: Vec<CertificateId>,
    /// These and the certificates that it has, in their order.
    held: Vec<CertificateId>,
}

/// Everything that was decided before.
pub struct Before<'a, 'b> {
    /// All members.
    pub members: &'b [Member<'a>],
    /// Objects that are not ours but published on a load balancer of ours.
    pub releases: &'b [Release<'a>],
    /// The load balancers, without members.
    pub groups: &'b Groups<'a>,
}

/// Finds the load balancer with the fewest members that all fit on another load balancer, and lets them move if the settings
/// say so: all of them, or none if that would change too many names.
pub fn decide<'a>(
    before: &Before<'a, '_>,
    judged: &mut [Staying<'a>],
    claims: &[Claim<'_>],
) -> (Option<Consolidation<'a>>, Option<Withheld>) {
    let Some(mut found) = find(before, judged) else { return (None, None) };
    let observed = before.groups.observed();
    if observed.settings.consolidate != Some(true) {
        return (Some(found), None);
    }
    if !likeness::web_acls_are_known(found.from, found.to) {
        found.state = State::Unknown;
        return (Some(found), None);
    }
    let withheld = withheld(&found, before.members, judged, claims, observed);
    found.state = if withheld.is_some() { State::Withheld } else { State::Begun };
    if found.state == State::Begun {
        empty(&found, judged);
    }
    (Some(found), withheld)
}

/// Of the load balancers that could serve all members, the members go to the one where they add the fewest certificates.
/// `None` as long as a name changes unasked: one change at a time.
fn find<'a>(before: &Before<'a, '_>, judged: &[Staying<'a>]) -> Option<Consolidation<'a>> {
    let observed = before.groups.observed();
    let changes_unasked = |(state, member): (&Staying<'_>, &Member<'_>)| match state {
        Staying::Moves(it) => !it.is_own,
        Staying::StaysWithheld(_) | Staying::Waits => true,
        Staying::Newcomer => member.claim.names.iter().any(|name| is_served_elsewhere(name, observed)),
        Staying::Stays(_) => false,
    };
    if judged.iter().zip(before.members).any(changes_unasked) {
        return None;
    }
    let alike = residents(before, judged);
    let mut sources: Vec<(&Resident<'_>, &Vec<Resident<'_>>)> = alike
        .values()
        .filter(|residents| residents.len() > 1)
        .flat_map(|residents| residents.iter().map(move |from| (from, residents)))
        .collect();
    sources.sort_by_key(|(from, _)| (from.members.len(), from.owned.id));
    sources.into_iter().find_map(|(from, residents)| {
        let others =
            residents.iter().filter(|to| to.owned.id != from.owned.id && takes_all(from, to, before));
        let others = others.map(|to| (union_length(&from.needed, &to.held) - to.held.len(), to));
        let rank = |(adds, to): &(usize, &Resident<'a>)| (*adds, Reverse(to.held.len()), to.owned.id);
        let to = others.min_by_key(rank)?.1.owned;
        // The last question, since its answer needs every member.
        can_be_emptied(from, before).then_some(Consolidation {
            from: from.owned,
            to,
            members: from.members.len(),
            state: State::Possible,
        })
    })
}

/// The load balancers whose members all stay, by their terms, without those that somebody comes to or that wait for the end of
/// a grace period of another one.
fn residents<'a>(before: &Before<'a, '_>, judged: &[Staying<'a>]) -> BTreeMap<Terms<'a>, Vec<Resident<'a>>> {
    let observed = before.groups.observed();
    let mut by_place: Vec<Option<Vec<usize>>> = vec![None; observed.owned.len()];
    let mut is_left = vec![false; observed.owned.len()];
    let mut coming = Vec::new();
    for (index, state) in judged.iter().enumerate() {
        match state {
            Staying::Stays(owned) => by_place[owned.place()].get_or_insert_default().push(index),
            Staying::Moves(it) => {
                is_left[it.from.place()] = true;
                coming.push(index);
            }
            Staying::StaysWithheld(_) | Staying::Waits => {}
            Staying::Newcomer => coming.push(index),
        }
    }
    let is_placed = |member: &&Member<'_>| {
        let can_be_served =
            !member.claim.needs_certificates() || !member.certificates.certificates.is_empty();
        !member.claim.is_going && !member.is_held() && can_be_served
    };
    let coming = coming.into_iter().map(|index| &before.members[index]).filter(is_placed);
    let unneeded = observed.owned.iter().filter(|owned| owned.unneeded_since().is_some());
    let busy: Vec<Terms<'_>> =
        coming.filter_map(terms_of).chain(unneeded.filter_map(|owned| owned.terms())).collect();
    let mut residents: BTreeMap<Terms<'_>, Vec<Resident<'_>>> = BTreeMap::new();
    for (owned, indices) in observed.owned.iter().zip(by_place) {
        let (Some(terms), Some(members)) = (owned.terms(), indices) else { continue };
        if terms.alone.is_none() && !is_left[owned.place()] && !busy.contains(&terms) {
            residents.entry(terms).or_default().push(Resident::new(owned, terms, members, before.members));
        }
    }
    residents
}

impl<'a> Resident<'a> {
    fn new(owned: &'a Owned<'a>, terms: Terms<'a>, members: Vec<usize>, all: &[Member<'a>]) -> Self {
        let needed = members.iter().flat_map(|index| &all[*index].certificates.certificates);
        let needed = union(&needed.copied().collect::<Vec<_>>(), &[]);
        let held = union(&needed, &owned.certificates);
        Resident { owned, terms, members, needed, held }
    }

    /// Whether it is known of every member what it needs, and every member asks for the terms that the load balancer has. In
    /// route mode the name of the group says who shares a load balancer.
    fn is_known(&self, members: &[Member<'a>]) -> bool {
        let is_known = |index: &usize| {
            let member = &members[*index];
            let may_share = member.claim.routing.is_none() && !member.claim.is_going;
            may_share && !member.is_held() && terms_of(member) == Some(self.terms)
        };
        self.members.iter().all(is_known)
    }
}

/// Whether AWS would have one load balancer less in the end, and nothing is in the way of the members.
fn can_be_emptied(from: &Resident<'_>, before: &Before<'_, '_>) -> bool {
    let (owned, observed) = (from.owned, before.groups.observed());
    let dns_name = owned.load_balancer.map(|found| found.dns_name.as_str());
    let is_published = |index: &usize| before.members[*index].claim.published() == dns_name;
    let retains = |index: &usize| before.members[*index].claim.retained.value() == Some(true);
    let still_serves = before.releases.iter().any(|release| release.load_balancer.id == owned.id);
    let concerns = [Concern::Remove, Concern::RemoveCertificate, Concern::ChangeName];
    from.is_known(before.members)
        && from.members.iter().all(is_published)
        && !still_serves
        && !owned.is_protected()
        && !owned.is_retained()
        && !from.members.iter().any(retains)
        && from.needed.iter().all(|certificate| owned.certificates.binary_search(certificate).is_ok())
        && concerns.into_iter().all(|it| observed.completeness.allows_for(it, Some(owned)))
}

/// Whether a load balancer can serve all members of another one beside its own, now and when some more come.
fn takes_all(from: &Resident<'_>, to: &Resident<'_>, before: &Before<'_, '_>) -> bool {
    let observed = before.groups.observed();
    let (owned, Some(group)) = (to.owned, before.groups.on(to.owned).map(|id| before.groups.get(id))) else {
        return false;
    };
    let Some(most) = group.limit().checked_sub(HEADROOM + group.limit() / FREE_SHARE) else { return false };
    let most = group.most_needed().map_or(most, |other| other.min(most));
    // The first question is cheap, and most load balancers are full.
    let has_room = to.held.len() <= most && union_length(&from.needed, &to.held) <= most;
    let has = |certificate: &CertificateId| {
        from.needed.binary_search(certificate).is_ok() || to.needed.binary_search(certificate).is_ok()
    };
    let is_active = owned.load_balancer.is_some_and(|found| found.state == LoadBalancerState::Active);
    let concerns = [Concern::ChangeListeners, Concern::ChangeName];
    has_room
        && from.owned.certificates.iter().all(has)
        && is_active
        && owned.target_groups.iter().any(|group| Health::of(group).can_take_over())
        && misfit(group, &from.terms, observed).is_none()
        && concerns.into_iter().all(|it| observed.completeness.allows_for(it, Some(owned)))
        && likeness::are_alike(from.owned, owned)
}

/// What the budget for names holds back: all members, or none.
fn withheld(
    found: &Consolidation<'_>,
    members: &[Member<'_>],
    judged: &[Staying<'_>],
    claims: &[Claim<'_>],
    observed: &Observed<'_>,
) -> Option<Withheld> {
    let total = claims.iter().filter(|claim| claim.is_ours() && claim.published().is_some()).count();
    let leaves = |state: &Staying<'_>| matches!(state, Staying::Stays(owned) if owned.id == found.from.id);
    let leaving = judged.iter().zip(members).filter(|(state, _)| leaves(state));
    let name = |owned: &Owned<'_>| owned.load_balancer.map(|it| it.name.clone()).unwrap_or_default();
    Request {
        budget: Budget::NameChanges,
        flag: "--allow-name-change",
        message: |ids: &[String]| {
            format!(
                "the published name of {} of {total} Ingresses would change if {} were emptied, since they fit on {}",
                ids.len(),
                name(found.from),
                name(found.to)
            )
        },
        ids: leaving.map(|(_, member)| member.claim.object.to_string()).collect(),
        allowed: &observed.settings.allowances.name_change,
        total,
        limit: name_change_limit(total),
    }
    .judge()
}

fn empty<'a>(found: &Consolidation<'a>, judged: &mut [Staying<'a>]) {
    let reason =
        "all its Ingresses fit on another load balancer, and the settings say that it is emptied then";
    for state in judged {
        if matches!(state, Staying::Stays(owned) if owned.id == found.from.id) {
            *state = Staying::Moves(Move { from: found.from, reason, is_own: false, to: Some(found.to) });
        }
    }
}

fn union(one: &[CertificateId], other: &[CertificateId]) -> Vec<CertificateId> {
    let mut all = [one, other].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// How many certificates are in one of two ordered lists, or in both.
fn union_length(one: &[CertificateId], other: &[CertificateId]) -> usize {
    other.len() + one.iter().filter(|certificate| other.binary_search(certificate).is_err()).count()
}

#[cfg(test)]
mod tests;
