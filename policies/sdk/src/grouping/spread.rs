//! Members that are spread over several load balancers, and stay where they are.

use std::{collections::BTreeMap, num::NonZeroU32};

use super::{Answer, Place, Question, Unit};

impl Question {
    /// Spreads the members over groups with the keys `BASE/1`, `BASE/2` and so on, with at most `most` members each, for this
    /// reason.
    ///
    /// Who is on a load balancer of such a group stays there while there is room, the oldest first, so adding or removing a member
    /// moves no other one. New members fill the groups in order. A member that does not count ([`Member::counts`]) keeps its place
    /// as long as it stands there. Members of a unit stay together, so a unit of more than `most` members has a group of its own.
    ///
    /// [`Member::counts`]: super::Member::counts
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

impl Spread<'_> {
    /// The number of the group of each member that counts, by its index.
    fn numbers(&self, units: &[Unit<'_>]) -> BTreeMap<u32, u32> {
        let mut units: Vec<&Unit<'_>> = units.iter().collect();
        // Who cannot be moved comes before all others.
        units.sort_by_key(|unit| (unit.counts(), unit.age()));
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        let mut without = Vec::new();
        for unit in units {
            let standing = self.current(unit);
            let fits = |number: &u32| self.has_room(&counts, *number, unit);
            match standing.filter(|number| fits(number) || !unit.counts()) {
                Some(number) => self.put(unit, number, &mut counts, &mut numbers),
                None if unit.counts() => without.push(unit),
                None => {}
            }
        }
        for unit in without {
            let number = (1..).find(|number| self.has_room(&counts, *number, unit)).unwrap_or(1);
            self.put(unit, number, &mut counts, &mut numbers);
        }
        numbers
    }

    /// Whether a group has room for all members of a unit. An empty one has room for any unit.
    fn has_room(&self, counts: &BTreeMap<u32, usize>, number: u32, unit: &Unit<'_>) -> bool {
        let count = counts.get(&number).copied().unwrap_or_default();
        count == 0 || count + unit.members().len() <= self.most
    }

    fn put(
        &self,
        unit: &Unit<'_>,
        number: u32,
        counts: &mut BTreeMap<u32, usize>,
        numbers: &mut BTreeMap<u32, u32>,
    ) {
        *counts.entry(number).or_default() += unit.members().len();
        numbers.extend(unit.members().iter().map(|member| (member.index(), number)));
    }

    /// The number of the group on whose load balancer a unit is.
    fn current(&self, unit: &Unit<'_>) -> Option<u32> {
        let number = unit.current_key()?.strip_prefix(self.base)?.strip_prefix('/')?;
        number.parse().ok().filter(|number| *number > 0)
    }
}
