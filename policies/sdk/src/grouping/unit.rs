//! Members that should share a load balancer, since they share a host.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::ObjectKind;

use super::{Answer, Member, Place, Question};

/// Members that should share a load balancer: in route mode those of one scheme that share a host, in proxy mode a single one, and
/// so a member for which a group does not count.
#[derive(Clone, Debug)]
pub struct Unit<'a> {
    /// The oldest first.
    members: Vec<Member<'a>>,
}

impl<'a> Unit<'a> {
    /// Its members, the oldest first: at least one.
    pub fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// Whether a group counts for it ([`Member::counts`]).
    pub fn counts(&self) -> bool {
        self.members.iter().all(Member::counts)
    }

    /// Orders units by the age of their oldest members ([`Member::age`]).
    pub fn age(&self) -> (u64, &'a str, &'a str, ObjectKind) {
        self.members.iter().map(Member::age).min().unwrap_or((u64::MAX, "", "", ObjectKind::Ingress))
    }

    /// The key of the group on whose load balancer its oldest member that has one is.
    pub fn current_key(&self) -> Option<&'a str> {
        self.members.iter().find_map(Member::current_key)
    }

    /// How many listener rules it needs; 0 in proxy mode.
    pub fn rules(&self) -> u32 {
        self.members.iter().fold(0, |sum, member| sum.saturating_add(member.rules))
    }

    /// The Service ports for which a load balancer has target groups; none in proxy mode.
    pub fn target_groups(&self) -> BTreeSet<&str> {
        self.members.iter().flat_map(|member| &member.target_groups).map(String::as_str).collect()
    }
}

impl Question {
    /// All units, in the order of their first members.
    pub fn units(&self) -> Vec<Unit<'_>> {
        let mut units: Vec<Unit<'_>> = Vec::new();
        let mut with_host: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members() {
            let host = self.input.members[member.index() as usize].unit.as_deref();
            let host = host.filter(|_| member.counts());
            let number = host.map_or(units.len(), |host| *with_host.entry(host).or_insert(units.len()));
            match units.get_mut(number) {
                Some(unit) => unit.members.push(member),
                None => units.push(Unit { members: vec![member] }),
            }
        }
        units.iter_mut().for_each(|unit| unit.members.sort_by_key(Member::age));
        units
    }

    /// Asks for the place of one unit after the other. Members for which a group does not count are left to the planner.
    pub fn place_units(&self, mut place: impl FnMut(&Unit<'_>) -> Place) -> Answer {
        let mut answer = Answer::default();
        for unit in self.units() {
            let at = if unit.counts() { place(&unit) } else { Place::Default };
            unit.members().iter().for_each(|member| answer.add(member, at.clone()));
        }
        answer
    }
}
