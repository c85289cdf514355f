//! All numbers of budgets.
//!
//! A limit is the larger of a fixed number and a share of the total: `max(fixed, total * percent / 100)`, an integer
//! division.

use crate::violation::Rule;

/// A budget: how many may change in any case, and which share of the total may.
pub(crate) struct Budget {
    pub(crate) rule: Rule,
    fixed: usize,
    percent: usize,
    /// What changes, in words, and the flag that allows it.
    pub(crate) change: &'static str,
    pub(crate) flag: &'static str,
}

pub(crate) const RELEASE: Budget = Budget {
    rule: Rule::BudgetRelease,
    fixed: 3,
    percent: 20,
    change: "Ingresses are released although they still exist",
    flag: "--allow-release",
};
pub(crate) const CERTIFICATES: Budget = Budget {
    rule: Rule::BudgetUnneededCertificates,
    fixed: 5,
    percent: 20,
    change: "certificates become unneeded",
    flag: "--allow-unneeded",
};
pub(crate) const RULES: Budget = Budget {
    rule: Rule::BudgetUnneededRules,
    fixed: 5,
    percent: 20,
    change: "listener rules become unneeded",
    flag: "--allow-unneeded",
};
pub(crate) const LOAD_BALANCERS: Budget = Budget {
    rule: Rule::BudgetUnneededLoadBalancers,
    fixed: 5,
    percent: 20,
    change: "load balancers become unneeded",
    flag: "--allow-unneeded",
};
pub(crate) const RECORDS: Budget = Budget {
    rule: Rule::BudgetUnneededRecords,
    fixed: 5,
    percent: 20,
    change: "hosts lose their records",
    flag: "--allow-unneeded",
};
pub(crate) const NAME_CHANGES: Budget = Budget {
    rule: Rule::BudgetNameChanges,
    fixed: 5,
    percent: 5,
    change: "published names change although their Ingresses do not ask for it",
    flag: "--allow-name-change",
};

pub(crate) const NAME_CHANGES_FOR_ROOM: Budget = Budget {
    change: "published names change because certificates no longer fit beside those of other Ingresses",
    ..NAME_CHANGES
};

impl Budget {
    /// How many of a total may change.
    pub(crate) fn limit(&self, total: usize) -> usize {
        let limit = self.fixed.max(total * self.percent / 100);
        match self.rule {
            Rule::BudgetRelease => release_limit(limit, total),
            _ => limit,
        }
    }
}

/// At most half of the members are released at once; a single member may be released.
const fn release_limit(limit: usize, total: usize) -> usize {
    if total == 1 || limit < total / 2 { limit } else { total / 2 }
}

/// How many of the running targets of a target group may leave in one plan: half of them.
pub(crate) const fn targets_limit(running: usize) -> usize {
    running / 2
}

#[cfg(test)]
mod tests {
    use super::{CERTIFICATES, NAME_CHANGES, RELEASE};

    #[test]
    fn a_limit_is_the_larger_of_a_fixed_number_and_a_share_cut_off() {
        assert_eq!([0, 24, 25, 29, 30, 100].map(|total| CERTIFICATES.limit(total)), [5, 5, 5, 5, 6, 20]);
        assert_eq!([0, 119, 120, 1_000].map(|total| NAME_CHANGES.limit(total)), [5, 5, 6, 50]);
    }

    #[test]
    fn never_more_than_half_of_the_members_are_released_except_one_of_one() {
        assert_eq!(
            [1, 2, 3, 4, 6, 7, 19, 20, 100].map(|total| RELEASE.limit(total)),
            [3, 1, 1, 2, 3, 3, 3, 4, 20]
        );
    }
}
