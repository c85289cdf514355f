//! Candidates: which load balancers may serve a member, and which of them is the best.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{Group, GroupId, Groups, Member, room};
use crate::{
    certificates::CertificateId,
    observed::Observed,
    terms::{Term, Terms},
};

/// The terms that a member asks for when it gets a load balancer. `None`: not known.
pub fn terms_of<'a>(member: &Member<'a>) -> Option<Terms<'a>> {
    let key = match (&member.claim.routing, member.key) {
        (Some(routing), _) => routing.group,
        (None, key) => key.asked().flatten(),
    };
    let alone = member.claim.wants_its_own().then_some(member.claim.object);
    let claim = member.claim;
    Some(Terms {
        scheme: claim.scheme.value()?,
        kind: claim.kind.value()?,
        mode: claim.mode(),
        http_only: claim.http_only.value()?,
        alone,
        key,
        part: member.share.part,
        wishes: claim.wishes.value()?,
    })
}

/// Why a load balancer cannot serve a member, however much room it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// AWS could not provision it.
    Broken,
    /// This term differs.
    Terms(Term),
}

/// How well a load balancer suits a member that comes to it: the least is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// Whether it was made for other terms.
    pub has_other_terms: bool,
    /// How many certificates the member adds.
    pub adds: usize,
    /// How many it had without them.
    pub had: Reverse<usize>,
}

/// How well a load balancer suits a member with these terms that needs these certificates. `None`: it has no room for
/// them, or is a misfit.
pub fn fit(
    group: &Group<'_>,
    terms: &Terms<'_>,
    needed: &[CertificateId],
    observed: &Observed<'_>,
) -> Option<Fit> {
    if !room::has_room(group, needed, 0) || misfit(group, terms, observed).is_some() {
        return None;
    }
    Some(fit_for(group, terms, needed))
}

/// How well a load balancer that can serve a member suits it.
pub fn fit_for(group: &Group<'_>, terms: &Terms<'_>, needed: &[CertificateId]) -> Fit {
    let held = group.held();
    Fit {
        has_other_terms: group.terms().difference(terms).is_some(),
        adds: needed.iter().filter(|certificate| !held.contains(certificate)).count(),
        had: Reverse(held.len()),
    }
}

/// Why a load balancer cannot serve a member with these terms, if it cannot. A vacant load balancer takes over the terms
/// of a new member, as far as they can be changed.
pub fn misfit(group: &Group<'_>, terms: &Terms<'_>, observed: &Observed<'_>) -> Option<Misfit> {
    let mut differences = group.terms().differences(terms).peekable();
    if let Some(fixed @ (Term::Scheme | Term::Kind)) = differences.peek() {
        return Some(Misfit::Terms(*fixed));
    }
    if group.owned().is_some_and(|owned| owned.is_given_up(observed.time)) {
        return Some(Misfit::Broken);
    }
    if group.suits_as_it_is(terms, observed) {
        return None;
    }
    let vacant = group.is_vacant();
    differences.find(|term| !(vacant && term.may_be_brought())).map(Misfit::Terms)
}

/// The load balancers, indexed for the search. `look_at` must be called after a member is added to one of them.
pub struct Candidates<'a> {
    /// Load balancers by their terms.
    by_terms: BTreeMap<Terms<'a>, LikeTerms>,
    /// Load balancers that may serve members with other terms: those that are vacant or open.
    adaptable: BTreeSet<GroupId>,
    /// The state of each group when it was last looked at.
    seen: Vec<Option<Seen<'a>>>,
    observed: &'a Observed<'a>,
}

/// Load balancers with the same terms.
#[derive(Default)]
struct LikeTerms {
    /// The load balancers that have a certificate, in AWS or because a member needs it.
    by_certificate: BTreeMap<CertificateId, BTreeSet<GroupId>>,
    /// The load balancers with room for one more certificate: the most certificates first, then by id.
    with_room: BTreeSet<Order>,
}

/// The most certificates first, then by id.
type Order = (Reverse<usize>, Rc<str>, GroupId);

/// The state of a group when it was last looked at.
#[derive(Clone)]
struct Seen<'a> {
    terms: Terms<'a>,
    order: Order,
    needed: usize,
    is_unsure: bool,
    is_adaptable: bool,
}

impl<'a> Candidates<'a> {
    /// Indexes all groups.
    pub fn new(groups: &Groups<'a>) -> Self {
        let (by_terms, adaptable, observed) = (BTreeMap::new(), BTreeSet::new(), groups.observed());
        let mut candidates = Candidates { by_terms, adaptable, seen: Vec::new(), observed };
        for (id, _) in groups.numbered() {
            candidates.look_at(id, groups);
        }
        candidates
    }

    /// Updates the index for a group that has changed.
    pub fn look_at(&mut self, id: GroupId, groups: &Groups<'a>) {
        let group = groups.get(id);
        if group.owned().is_some_and(|owned| owned.is_given_up(self.observed.time)) {
            return;
        }
        if self.seen.len() <= id.place() {
            self.seen.resize(id.place() + 1, None);
        }
        let before = self.seen[id.place()].take();
        if let Some(seen) = before.as_ref().filter(|seen| seen.is_as(group)) {
            self.seen[id.place()] = Some(seen.clone());
            return;
        }
        let name = before.as_ref().map_or_else(|| Rc::from(group.id()), |seen| Rc::clone(&seen.order.1));
        if let Some(like) = before.and_then(|seen| Some((self.by_terms.get_mut(&seen.terms)?, seen.order))) {
            like.0.with_room.remove(&like.1);
        }
        let order = (Reverse(group.held().len()), name, id);
        let like = self.by_terms.entry(*group.terms()).or_default();
        // The certificates of a half-made load balancer occupy places in AWS too, although they do not count for its rank.
        for certificate in group.held().iter().chain(group.present()) {
            like.by_certificate.entry(*certificate).or_default().insert(id);
        }
        if room::has_room(group, &[], 1) {
            like.with_room.insert(order.clone());
        }
        if is_adaptable(group) {
            self.adaptable.insert(id);
        } else {
            self.adaptable.remove(&id);
        }
        self.seen[id.place()] = Some(Seen {
            terms: *group.terms(),
            order,
            needed: group.needed().len(),
            is_unsure: group.is_unsure(),
            is_adaptable: is_adaptable(group),
        });
    }

    /// Whether a load balancer that may serve a member already has all its certificates.
    pub fn find_all(&self, member: &Member<'_>, groups: &Groups<'a>) -> bool {
        let needed = &member.certificates.certificates;
        let (Some(terms), Some(first)) = (terms_of(member), needed.first()) else { return false };
        let like = self.by_terms.get(&terms).and_then(|like| like.by_certificate.get(first));
        let mut fitting = like.into_iter().flatten().chain(&self.adaptable).map(|id| groups.get(*id));
        fitting.any(|group| {
            needed.iter().all(|certificate| group.held().contains(certificate))
                && misfit(group, &terms, self.observed).is_none()
        })
    }

    /// The best load balancer that may serve a member and has room for it: those with the same terms first, then the fewest
    /// new certificates, then the most certificates, then by id.
    pub fn best(
        &self,
        member: &Member<'_>,
        terms: &Terms<'_>,
        leaves: Option<GroupId>,
        groups: &Groups<'a>,
    ) -> Option<GroupId> {
        let needed = member.certificates.certificates.as_slice();
        let judged = |id: &GroupId| {
            let group = groups.get(*id);
            let fit = (Some(*id) != leaves).then(|| fit(group, terms, needed, self.observed))??;
            Some((fit, group.id(), *id))
        };
        let like = self.by_terms.get(terms);
        let with_certificates =
            needed.iter().filter_map(|certificate| like?.by_certificate.get(certificate)).flatten();
        // Of the load balancers that have none of the certificates, the first with room is the best.
        let with_room = like.into_iter().flat_map(|like| &like.with_room);
        let first_with_room = with_room.map(|(_, _, id)| id).find_map(judged);
        let all = with_certificates.chain(&self.adaptable).filter_map(judged).chain(first_with_room);
        all.min().map(|(_, _, id)| id)
    }
}

impl Seen<'_> {
    fn is_as(&self, group: &Group<'_>) -> bool {
        self.terms == *group.terms()
            && self.order.0 == Reverse(group.held().len())
            && self.needed == group.needed().len()
            && self.is_unsure == group.is_unsure()
            && self.is_adaptable == is_adaptable(group)
    }
}

/// Whether a load balancer may serve a member with other terms.
fn is_adaptable(group: &Group<'_>) -> bool {
    group.is_vacant() || group.is_open()
}

#[cfg(test)]
mod tests;
