//! Priorities of the rules of a listener: existing rules keep their priorities, a new rule takes a gap.

use std::collections::BTreeSet;

/// The largest priority (ELBv2 CreateRule, `Priority`).
pub const LARGEST: u32 = 50_000;

/// The distance between rules where there is room, so that new rules fit between them.
pub const STEP: u32 = 100;

/// The priorities of rules in their order. `there` has their present priorities; `taken` has the priorities of the other
/// rules of the listener. If a gap is used up, the next rule moves, and then the rule after it.
pub fn assign(there: &[Option<u32>], taken: &BTreeSet<u32>) -> Vec<u32> {
    let mut stays = longest_increasing(there);
    loop {
        match fill(there, &stays, taken) {
            Ok(priorities) => return priorities,
            Err(Some(neighbour)) => stays[neighbour] = false,
            // There are more rules than priorities, which no quota of AWS allows.
            Err(None) => return (1..).take(there.len()).collect(),
        }
    }
}

/// Gives a priority to every rule that does not stay. If a gap is too small, the error is the neighbour that has to move.
fn fill(there: &[Option<u32>], stays: &[bool], taken: &BTreeSet<u32>) -> Result<Vec<u32>, Option<usize>> {
    let kept = |place: usize| there[place].filter(|_| stays[place]);
    let mut priorities = Vec::with_capacity(there.len());
    let mut before = None;
    while priorities.len() < there.len() {
        let begin = priorities.len();
        if let Some(priority) = kept(begin) {
            priorities.push(priority);
            before = Some(begin);
            continue;
        }
        let end = (begin..there.len()).find(|place| kept(*place).is_some());
        let low = before.and_then(kept).unwrap_or_default();
        let high = end.and_then(kept).unwrap_or(LARGEST + 1);
        let count = end.unwrap_or(there.len()) - begin;
        match between(low, high, count, end.is_none(), taken) {
            Some(found) => priorities.extend(found),
            None => return Err(end.or(before)),
        }
    }
    Ok(priorities)
}

/// `count` free priorities between two others, spread evenly; at the end of the list a step apart.
fn between(low: u32, high: u32, count: usize, at_the_end: bool, taken: &BTreeSet<u32>) -> Option<Vec<u32>> {
    let needed = u32::try_from(count).ok()?;
    // A file may have a larger priority than AWS allows.
    let high = high.min(LARGEST + 1);
    let high = if at_the_end {
        high.min(low.saturating_add(needed.saturating_add(1).saturating_mul(STEP)))
    } else {
        high
    };
    let free: Vec<u32> = (low.saturating_add(1)..high).filter(|priority| !taken.contains(priority)).collect();
    let every = (free.len() + 1) / (count + 1);
    (every > 0).then(|| (1..=count).filter_map(|number| free.get(number * every - 1).copied()).collect())
}

/// The largest set of rules that can keep their priorities: the longest increasing subsequence.
pub fn longest_increasing(there: &[Option<u32>]) -> Vec<bool> {
    // For each length the end of the subsequence with the smallest last priority, and for each rule its predecessor.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; there.len()];
    for (place, priority) in there.iter().enumerate() {
        let Some(priority) = priority else { continue };
        let length = ends.partition_point(|end| there[*end] < Some(*priority));
        before[place] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length < ends.len() {
            ends[length] = place;
        } else {
            ends.push(place);
        }
    }
    let mut stays = vec![false; there.len()];
    let mut next = ends.last().copied();
    while let Some(place) = next {
        stays[place] = true;
        next = before[place];
    }
    stays
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::assign;

    fn assigned(there: &[Option<u32>], taken: &[u32]) -> Vec<u32> {
        let taken: BTreeSet<u32> = taken.iter().copied().collect();
        let assigned = assign(there, &taken);
        assert!(assigned.windows(2).all(|pair| pair[0] < pair[1]), "{assigned:?}");
        assert!(assigned.iter().all(|it| !taken.contains(it) && (1..=50_000).contains(it)), "{assigned:?}");
        assigned
    }

    #[test]
    fn new_rules_are_a_step_apart() {
        assert_eq!(assigned(&[None, None, None], &[]), [100, 200, 300]);
        assert_eq!(assigned(&[], &[]), [0; 0]);
    }

    #[test]
    fn a_new_rule_takes_a_gap_and_no_rule_moves() {
        assert_eq!(assigned(&[Some(100), None, Some(200)], &[]), [100, 150, 200]);
        assert_eq!(assigned(&[None, Some(1_000)], &[]), [500, 1_000]);
        assert_eq!(assigned(&[Some(100), None], &[]), [100, 200]);
        assert_eq!(assigned(&[Some(1), None, Some(3)], &[]), [1, 2, 3]);
        assert_eq!(assigned(&[Some(1), None, Some(4)], &[2]), [1, 3, 4]);
    }

    #[test]
    fn a_new_rule_gets_a_priority_that_aws_allows_whatever_a_file_says() {
        assert_eq!(assign(&[None, Some(u32::MAX)], &BTreeSet::new()), [25_000, u32::MAX]);
        assert_eq!(assign(&[Some(u32::MAX), None], &BTreeSet::new()), [100, 200]);
    }

    #[test]
    fn only_the_neighbour_of_a_used_up_gap_moves() {
        assert_eq!(assigned(&[Some(1), None, Some(2), Some(9)], &[])[3], 9);
        assert_eq!(assigned(&[None, Some(1), Some(900)], &[])[2], 900);
        assert_eq!(assigned(&[Some(7), Some(50_000), None], &[])[0], 7);
    }

    #[test]
    fn as_few_rules_as_possible_move_when_their_order_changes() {
        assert_eq!(assigned(&[Some(300), Some(100), Some(200)], &[]), [50, 100, 200]);
    }
}
