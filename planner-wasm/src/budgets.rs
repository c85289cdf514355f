//! Budgets: how much a plan may take away at once. The guard of the host checks again, with its own limits.

use std::collections::BTreeSet;

use albatross_contract::{Budget, Withheld};

/// How many Ingresses may be released although they exist: 3 or 20 %, and at most half (except for a single Ingress).
pub fn release_limit(members: usize) -> usize {
    if members == 1 { 1 } else { percent(members, 20).max(3).min(members / 2) }
}

/// How many certificates, rules or load balancers in use may become unneeded: 5 or 20 %.
pub fn unneeded_limit(in_use: usize) -> usize {
    percent(in_use, 20).max(5)
}

/// How many published names may change although their Ingresses do not ask for it: 5 or 5 %.
pub fn name_change_limit(published: usize) -> usize {
    percent(published, 5).max(5)
}

/// How many ids a message lists; to allow more, the ids are taken from the JSON output.
pub const NAMED: usize = 5;

/// How to allow everything that a budget holds back: the flag with its ids, ready to paste, or where the ids are.
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
    // `usize` has 32 bits in the guest, so no product may be larger than the total.
    total / 100 * percent + total % 100 * percent / 100
}

/// Changes that a budget limits, and those of them that a person allowed.
pub struct Request<'a, M> {
    /// Which budget.
    pub budget: Budget,
    /// The flag that allows the changes.
    pub flag: &'static str,
    /// In words, what would happen to these ids.
    pub message: M,
    /// Ids of everything that would change, allowed or not. An id that changes in two places is listed twice.
    pub ids: Vec<String>,
    /// Ids that a person allowed.
    pub allowed: &'a [String],
    /// How many exist.
    pub total: usize,
    /// How many may change.
    pub limit: usize,
}

impl<M: FnOnce(&[String]) -> String> Request<'_, M> {
    /// What the budget holds back: all changes that nobody allowed, or none.
    pub fn judge(self) -> Option<Withheld> {
        // Both lists can have thousands of ids, which are then taken from the JSON output.
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
            "{message}. Withheld: the limit is {} at once. All other changes go ahead. {}",
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

/// A count in the type of the contract.
pub fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_half_of_the_members_are_released_except_for_a_single_one() {
        let limits = [0, 1, 2, 3, 4, 6, 7, 15, 80].map(release_limit);
        assert_eq!(limits, [0, 1, 1, 1, 2, 3, 3, 3, 16]);
    }

    #[test]
    fn a_flag_lists_all_ids_or_none() {
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
    fn the_limit_is_fixed_in_small_worlds_and_a_share_in_large_ones() {
        assert_eq!([1, 25, 26, 30, 100].map(unneeded_limit), [5, 5, 5, 6, 20]);
        assert_eq!([1, 100, 119, 120, 1000].map(name_change_limit), [5, 5, 5, 6, 50]);
    }
}
