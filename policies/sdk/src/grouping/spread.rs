//! Members that are spread over several load balancers, and stay where they are.

use std::{collections::BTreeMap, num::NonZeroU32};

use super::{Answer, Member, Place, Question};

impl Question {
    /// Spreads the members over groups with the keys `BASE/1`, `BASE/2` and so on, with at most `most` members each, for this
    /// reason.
    ///
    /// Who is on a load balancer of such a group stays there while there is room, the oldest first, so adding or removing a member
    /// moves no other one. New members fill the groups in order. A member that does not count ([`Member::counts`]) keeps its place
    /// as long as it stands there.
    pub fn spread(&self, base: &str, most: NonZeroU32, reason: &str) -> Answer {
        let numbers = Spread { base, most: most.get() as usize }.numbers(self);
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
    fn numbers(&self, question: &Question) -> BTreeMap<u32, u32> {
        let mut members: Vec<Member<'_>> = question.members().collect();
        // Who cannot be moved comes before all others.
        members.sort_by_key(|member| (member.counts(), member.age()));
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        let mut without = Vec::new();
        for member in &members {
            let standing = self.current(member);
            let count = standing.map(|number| counts.entry(number).or_default());
            match (standing, count) {
                (Some(number), Some(count)) if *count < self.most || !member.counts() => {
                    *count += 1;
                    numbers.insert(member.index(), number);
                }
                _ if member.counts() => without.push(member),
                _ => {}
            }
        }
        for member in without {
            let has_room = |number: &u32| counts.get(number).is_none_or(|count| *count < self.most);
            let number = (1..).find(has_room).unwrap_or(1);
            *counts.entry(number).or_default() += 1;
            numbers.insert(member.index(), number);
        }
        numbers
    }

    /// The number of the group on whose load balancer a member is.
    fn current(&self, member: &Member<'_>) -> Option<u32> {
        let number = member.current_key()?.strip_prefix(self.base)?.strip_prefix('/')?;
        number.parse().ok().filter(|number| *number > 0)
    }
}
