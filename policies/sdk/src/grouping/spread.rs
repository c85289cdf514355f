//! Members that are spread over several load balancers, and stay where they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use super::{Answer, Member, Place, Question, Unit};

impl Question {
    /// Spreads the members over groups with the keys `BASE/1`, `BASE/2` and so on, with at most `most` members each, for this
    /// reason.
    ///
    /// Who is on a load balancer of such a group stays there while there is room, the oldest first, so adding or removing a member
    /// moves no other one. New members fill the groups in order. A member that does not count ([`Member::counts`]) keeps its place
    /// as long as it stands there. New members of a unit go where the oldest of its members stands, even if that group is full
    /// then, so a unit that grows moves nobody; a new unit of more than `most` members has a group of its own.
    pub fn spread(&self, base: &str, most: NonZeroU32, reason: &str) -> Answer {
        let numbers = Spread { base, most: most.get() as usize }.numbers(&self.units());
        self.place(|member| match numbers.get(&member.index()) {
            Some(number) => Place::group(format!("{base}/{number}"), reason),
            None => Place::Default,
        })
    }
}

struct Spread<'a> {
    base: &'a str,
    most: usize,
}

/// How many members each group has.
type Counts = BTreeMap<u32, usize>;

impl Spread<'_> {
    /// The number of the group of each member, by its index.
    fn numbers(&self, units: &[Unit<'_>]) -> BTreeMap<u32, u32> {
        let (mut counts, mut numbers) = (Counts::new(), BTreeMap::new());
        for member in self.standing(units) {
            let Some(number) = self.current(member) else { continue };
            if !member.counts() || self.has_room(&counts, number, 1) {
                *counts.entry(number).or_default() += 1;
                numbers.insert(member.index(), number);
            }
        }
        let mut units: Vec<&Unit<'_>> = units.iter().collect();
        units.sort_by_key(|unit| unit.age());
        for unit in units {
            let is_without = |member: &&Member<'_>| member.counts() && !numbers.contains_key(&member.index());
            let without: Vec<u32> = unit.members().iter().filter(is_without).map(Member::index).collect();
            let there = unit.members().iter().find_map(|member| numbers.get(&member.index()).copied());
            let free = || (1..).find(|number| self.has_room(&counts, *number, without.len())).unwrap_or(1);
            let number = if without.is_empty() { continue } else { there.unwrap_or_else(free) };
            *counts.entry(number).or_default() += without.len();
            numbers.extend(without.into_iter().map(|index| (index, number)));
        }
        numbers
    }

    /// All members: who cannot be moved before all others, then the oldest of each unit that has a place, then the others, which
    /// go where their unit is, and the oldest first.
    fn standing<'u, 'q>(&self, units: &'u [Unit<'q>]) -> Vec<&'u Member<'q>> {
        let leads =
            |unit: &Unit<'_>| unit.members().iter().find(|it| self.current(it).is_some()).map(Member::index);
        let leading: BTreeSet<u32> = units.iter().filter_map(leads).collect();
        let mut members: Vec<&Member<'_>> = units.iter().flat_map(Unit::members).collect();
        members.sort_by_key(|member| (member.counts(), !leading.contains(&member.index()), member.age()));
        members
    }

    /// Whether a group has room for some more members. An empty one has room for any unit.
    fn has_room(&self, counts: &Counts, number: u32, more: usize) -> bool {
        let count = counts.get(&number).copied().unwrap_or_default();
        count == 0 || count + more <= self.most
    }

    /// The number of the group on whose load balancer a member is.
    fn current(&self, member: &Member<'_>) -> Option<u32> {
        let number = member.current_key()?.strip_prefix(self.base)?.strip_prefix('/')?;
        number.parse().ok().filter(|number| *number > 0)
    }
}
