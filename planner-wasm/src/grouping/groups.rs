//! All groups. Only here are members added to load balancers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Group, Member, Standing, room, unseen};
use crate::{
    certificates::CertificateId,
    observed::{Observed, Owned},
    source::{Claim, ObjectName},
    terms::Terms,
    unasked::HeldBack,
};

/// The number of a group, which never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(usize);

impl GroupId {
    /// Its index in lists with an entry for each group.
    pub fn place(self) -> usize {
        self.0
    }
}

/// All load balancers after the plan.
pub struct Groups<'a> {
    observed: &'a Observed<'a>,
    groups: Vec<Group<'a>>,
    by_id: BTreeMap<String, GroupId>,
    /// The group of each owned load balancer, if it has one.
    by_owned: Vec<Option<GroupId>>,
    /// Ids of replaced load balancers.
    replaced: BTreeSet<&'a str>,
    opened: usize,
}

impl<'a> Groups<'a> {
    /// One group for each load balancer that has a member, that a status names, that may serve an object that is not known, that
    /// is protected, that has served an Ingress before, or that is in route mode. Other load balancers are half-made: nothing in
    /// AWS says for which Ingress, so they count as absent until the same decision as before results in the same id again.
    ///
    /// Marks do not count. Otherwise a pass would see the load balancer that the previous pass marked, but not the load
    /// balancer that the previous pass chose, as long as no status names the latter: the two would be chosen alternately.
    pub fn new(
        observed: &'a Observed<'a>,
        standings: &[Standing<'a>],
        claims: &[Claim<'_>],
        held_back: &HeldBack<'_>,
    ) -> Self {
        let mut groups = Groups {
            observed,
            groups: Vec::new(),
            by_id: BTreeMap::new(),
            by_owned: vec![None; observed.owned.len()],
            replaced: observed.owned.iter().filter_map(Owned::replaces).collect(),
            opened: 0,
        };
        let mut is_used = vec![false; observed.owned.len()];
        let named = claims.iter().flat_map(|claim| &claim.names);
        let named = named.filter_map(|name| observed.owned_by_dns_name(name));
        for owned in standings.iter().copied().flatten().chain(named) {
            is_used[owned.place()] = true;
        }
        for owned in &observed.owned {
            let ours =
                |object: ObjectName<'_>| claims.iter().any(|claim| claim.is_ours() && claim.object == object);
            let is_named = is_used[owned.place()];
            let unseen = unseen::why(owned, is_named, observed, ours);
            let is_known = is_named
                || unseen.is_some()
                || owned.is_protected()
                || held_back.has_any_on(owned)
                || is_known_without_members(owned, observed.time);
            if is_known {
                groups.insert_existing(owned, room::stays_on(owned, held_back, observed), unseen);
            }
        }
        groups
    }

    /// Adds the half-made load balancers that no member has taken.
    pub fn insert_rest(&mut self) {
        for owned in &self.observed.owned {
            if !self.by_id.contains_key(owned.id) {
                self.insert_existing(owned, Vec::new(), None);
            }
        }
    }

    fn insert_existing(&mut self, owned: &'a Owned<'a>, stays: Vec<CertificateId>, unseen: Option<String>) {
        if let Some(mut group) = Group::existing(owned, stays, self.observed) {
            group.note_unseen(unseen);
            self.insert(group);
        }
    }

    fn insert(&mut self, group: Group<'a>) -> GroupId {
        let id = GroupId(self.groups.len());
        self.by_id.insert(group.id().to_owned(), id);
        if let Some(owned) = group.owned() {
            self.by_owned[owned.place()] = Some(id);
        }
        self.groups.push(group);
        id
    }

    /// Adds a group on a load balancer that is opened now, which may replace another load balancer.
    pub fn insert_opened(&mut self, mut group: Group<'a>, replaces: Option<&'a str>) -> GroupId {
        group.mark_opened(self.opened, replaces);
        self.opened += 1;
        self.replaced.extend(replaces);
        self.insert(group)
    }

    /// Lets a newly opened group complete a half-made load balancer.
    pub fn take_over(&mut self, id: GroupId, owned: &'a Owned<'a>) {
        self.by_id.remove(self.groups[id.0].id());
        self.groups[id.0].take_over(owned, self.observed);
        self.by_id.insert(owned.id.to_owned(), id);
        self.by_owned[owned.place()] = Some(id);
    }

    /// All groups, in the order of our ids.
    pub fn iter(&self) -> impl Iterator<Item = &Group<'a>> {
        self.by_id.values().map(|id| &self.groups[id.0])
    }

    /// All groups with their numbers, in the order of our ids.
    pub fn numbered(&self) -> impl Iterator<Item = (GroupId, &Group<'a>)> {
        self.by_id.values().map(|id| (*id, &self.groups[id.0]))
    }

    /// What AWS has.
    pub fn observed(&self) -> &'a Observed<'a> {
        self.observed
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// A group.
    pub fn get(&self, id: GroupId) -> &Group<'a> {
        &self.groups[id.0]
    }

    /// The group with our id.
    pub fn by_id(&self, id: &str) -> Option<&Group<'a>> {
        self.by_id.get(id).map(|id| self.get(*id))
    }

    /// The group of an owned load balancer.
    pub fn on(&self, owned: &Owned<'_>) -> Option<GroupId> {
        self.by_owned.get(owned.place()).copied().flatten()
    }

    /// Whether another load balancer replaces this one, or will replace it.
    pub fn is_replaced(&self, id: &str) -> bool {
        self.replaced.contains(id)
    }

    /// Adds a member to a load balancer.
    pub fn add(&mut self, id: GroupId, index: usize, member: &Member<'a>) {
        self.groups[id.0].add(index, member, self.observed);
    }

    /// Lets a load balancer keep serving an Ingress that is published on it but is not a member.
    pub fn keep_serving(&mut self, owned: &Owned<'_>, claim: &Claim<'_>) {
        if let Some(id) = self.on(owned) {
            self.groups[id.0].keep_serving(claim, self.observed);
        }
    }

    /// Lets a member stay that was about to leave. Returns its group.
    pub fn let_stay(&mut self, owned: &Owned<'_>, index: usize, member: &Member<'a>) -> Option<GroupId> {
        let id = self.on(owned)?;
        self.groups[id.0].let_stay(index, member, self.observed);
        Some(id)
    }

    /// Changes the terms of a load balancer, unless they are frozen.
    pub fn agree_on(&mut self, id: GroupId, change: impl FnOnce(&mut Terms<'a>)) {
        self.groups[id.0].agree_on(change);
    }

    /// Freezes the terms of a load balancer, so that its tags stay.
    pub fn freeze_terms(&mut self, id: GroupId) {
        self.groups[id.0].freeze_terms();
    }
}

/// Whether a load balancer is known even if no member has it.
///
/// In proxy mode it has served an Ingress: it is so old that its name was published for every member. Ingresses that were
/// deleted by accident and created again have an empty status, and are served as before by the load balancer that has their
/// certificates, or serves HTTP only. In route mode the tags say from the beginning which group or Ingress it is for.
fn is_known_without_members(owned: &Owned<'_>, time: u64) -> bool {
    let Some(found) = owned.load_balancer else { return false };
    Terms::of(found).names_members() || owned.has_served(time)
}

#[cfg(test)]
mod tests;
