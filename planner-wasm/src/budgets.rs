//! Budgets: how much a plan may take away at once. The guard of the host counts again with numbers of its own.

use std::collections::BTreeSet;

use albatross_contract::{Budget, Withheld};

/// How many Ingresses may be released though they exist: 3 or 20 %, and never more than half (one of one excepted).
pub fn release_limit(members: usize) -> usize {
    if members == 1 { 1 } else { percent(members, 20).max(3).min(members / 2) }
}

/// How many certificates, rules or load balancers in use may become unneeded: 5 or 20 %.
pub fn unneeded_limit(in_use: usize) -> usize {
    percent(in_use, 20).max(5)
}

/// How many published names may change unasked: 5 or 5 %.
pub fn name_change_limit(published: usize) -> usize {
    percent(published, 5).max(5)
}

/// How many ids a message names; who allows more takes them from a file.
pub const NAMED: usize = 5;

/// What allows all that a budget holds back: the flag in one word that can be pasted, or where its ids are.
pub fn allowance(flag: &str, ids: &[String]) -> String {
    if ids.len() <= NAMED {
        format!("If this is intended: {flag}={}", ids.join(","))
    } else {
        format!(
            "If this is intended: {flag} with the {} ids that `albatross plan --output json` has under `withheld`",
            ids.len()
        )
    }
}

fn percent(total: usize, percent: usize) -> usize {
    // The guest has 32 bits: no product that is larger than the total.
    total / 100 * percent + total % 100 * percent / 100
}

/// Something that many can lose at once, and what a person allowed of it.
pub struct Request<'a, M> {
    /// Which budget.
    pub budget: Budget,
    /// The flag that allows it.
    pub flag: &'static str,
    /// In words, what it is that would happen to these ids.
    pub message: M,
    /// Ids of all that would change, whether allowed or not. One that changes in two places is there twice.
    pub ids: Vec<String>,
    /// Ids that a person allowed.
    pub allowed: &'a [String],
    /// How many there are.
    pub total: usize,
    /// How many may change.
    pub limit: usize,
}

impl<M: FnOnce(&[String]) -> String> Request<'_, M> {
    /// What a budget holds back: all of the set that nobody allowed, or nothing.
    pub fn judge(self) -> Option<Withheld> {
        // Both can be thousands: who allows many takes the ids from a file.
        let allowed: BTreeSet<&str> = self.allowed.iter().map(String::as_str).collect();
        let mut left: Vec<String> =
            self.ids.into_iter().filter(|id| !allowed.contains(id.as_str())).collect();
        if left.len() <= self.limit {
            return None;
        }
        left.sort();
        let count = number(left.len());
        let message = (self.message)(&left);
        left.dedup();
        let message = format!(
            "{message}. Withheld, since at most {} may at once; all other changes go ahead. {}",
            self.limit,
            allowance(self.flag, &left)
        );
        Some(Withheld {
            budget: self.budget,
            subject: None,
            count,
            total: number(self.total),
            limit: number(self.limit),
            ids: left,
            message,
        })
    }
}

/// A count as the contract has it.
pub fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_half_of_the_members_are_released_and_one_of_one() {
        let limits = [0, 1, 2, 3, 4, 6, 7, 15, 80].map(release_limit);
        assert_eq!(limits, [0, 1, 1, 1, 2, 3, 3, 3, 16]);
    }

    #[test]
    fn a_flag_is_whole_or_not_there() {
        let ids: Vec<String> = (0..6).map(|number| format!("shop/i{number}")).collect();
        assert_eq!(
            allowance("--allow-release", &ids[..5]),
            "If this is intended: --allow-release=shop/i0,shop/i1,shop/i2,shop/i3,shop/i4"
        );
        assert_eq!(
            allowance("--allow-release", &ids),
            "If this is intended: --allow-release with the 6 ids that `albatross plan --output json` has under `withheld`"
        );
    }

    #[test]
    fn small_worlds_have_a_fixed_allowance_and_large_ones_a_share() {
        assert_eq!([1, 25, 26, 30, 100].map(unneeded_limit), [5, 5, 5, 6, 20]);
        assert_eq!([1, 100, 119, 120, 1000].map(name_change_limit), [5, 5, 5, 6, 50]);
    }
}
