//! Members that are spread over several load balancers, and stay where they are.

use std::collections::BTreeMap;

use super::Member;

/// Spreads members over groups with the keys `BASE/1`, `BASE/2` and so on, with at most so many members each.
///
/// Who is on a load balancer of such a group stays there while there is room, so adding or removing a member moves no other one.
/// New members fill the groups in order.
#[derive(Clone, Copy, Debug)]
pub struct Spread<'a> {
    /// What the keys begin with.
    pub base: &'a str,
    /// The most members of a group, at least 1.
    pub most: usize,
}

impl Spread<'_> {
    /// The key of each member, in the order of the members.
    pub fn keys<'m>(&self, members: &[Member<'m>]) -> Vec<String> {
        let most = self.most.max(1);
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        let mut numbers: Vec<Option<u32>> = vec![None; members.len()];
        // Members that stay take their places first, the oldest before the others.
        let mut by_age: Vec<usize> = (0..members.len()).collect();
        by_age.sort_by_key(|place| (members[*place].created_at, members[*place].index()));
        for place in &by_age {
            let Some(number) = self.current(&members[*place]) else { continue };
            let count = counts.entry(number).or_default();
            if *count < most {
                *count += 1;
                numbers[*place] = Some(number);
            }
        }
        for place in by_age {
            if numbers[place].is_none() {
                let free = (1..).find(|number| counts.get(number).is_none_or(|count| *count < most));
                *counts.entry(free.unwrap_or(1)).or_default() += 1;
                numbers[place] = free;
            }
        }
        numbers.into_iter().map(|number| format!("{}/{}", self.base, number.unwrap_or(1))).collect()
    }

    /// The number of the group on whose load balancer a member is.
    fn current(&self, member: &Member<'_>) -> Option<u32> {
        let number = member.current_key()?.strip_prefix(self.base)?.strip_prefix('/')?;
        number.parse().ok().filter(|number| *number > 0)
    }
}
