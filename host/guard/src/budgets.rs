//! Budgets: how much may change at once, counted again from the snapshot. All numbers are here.
//!
//! A limit is the larger of a fixed number and a share of all, in integers: `max(fixed, total * percent / 100)`, the
//! division cut off. What a person allows is taken off first; the rest is compared with the limit; the total is always
//! all of them. Design: safety, budgets.

use std::collections::BTreeSet;

use albatross_contract::{Ingress, LoadBalancer, OutcomeState, StatusChange, TargetHealth};

use crate::{
    Case,
    certificates::Leaving,
    counted::Counted,
    marks::certificates_on,
    name_changes,
    outcomes::Fate,
    unneeded,
    view::is_protected,
    violation::{Findings, Rule},
};

/// A budget: how many may change whatever their share, and which share of all may.
struct Budget {
    rule: Rule,
    fixed: usize,
    percent: usize,
    /// What changes, in words, and the flag that allows it.
    change: &'static str,
    flag: &'static str,
}

const RELEASE: Budget = Budget {
    rule: Rule::BudgetRelease,
    fixed: 3,
    percent: 20,
    change: "members are released though they exist",
    flag: "--allow-release",
};
const CERTIFICATES: Budget = Budget {
    rule: Rule::BudgetUnneededCertificates,
    fixed: 5,
    percent: 20,
    change: "certificates become unneeded",
    flag: "--allow-unneeded",
};
const RULES: Budget = Budget {
    rule: Rule::BudgetUnneededRules,
    fixed: 5,
    percent: 20,
    change: "listener rules become unneeded",
    flag: "--allow-unneeded",
};
const LOAD_BALANCERS: Budget = Budget {
    rule: Rule::BudgetUnneededLoadBalancers,
    fixed: 5,
    percent: 20,
    change: "load balancers become unneeded",
    flag: "--allow-unneeded",
};
const NAME_CHANGES: Budget = Budget {
    rule: Rule::BudgetNameChanges,
    fixed: 5,
    percent: 5,
    change: "published names change unasked",
    flag: "--allow-name-change",
};

impl Budget {
    fn limit(&self, total: usize) -> usize {
        self.fixed.max(total * self.percent / 100)
    }

    /// Compares a count with the limit. The first action beyond it is the one that is named.
    fn check(&self, case: &Case<'_>, counted: &[Counted], total: usize, found: &mut Findings) {
        let limit = match self.rule {
            Rule::BudgetRelease => release_limit(self.limit(total), total),
            _ => self.limit(total),
        };
        let Some(first) = counted.get(limit) else { return };
        // A certificate on two load balancers is allowed by one name.
        let ids: BTreeSet<&str> = counted.iter().map(|counted| counted.id.as_str()).collect();
        let message = format!(
            "{} of {total} {}, at most {limit} may in one plan; if this is meant: {}={}",
            counted.len(),
            self.change,
            self.flag,
            ids.into_iter().collect::<Vec<_>>().join(",")
        );
        match first.action {
            Some(index) => found.action(index, &case.actions.list[index], self.rule, message),
            None => found.plan(self.rule, message),
        }
    }
}

/// Never more than half of the members are released at once; one of one may be.
const fn release_limit(limit: usize, total: usize) -> usize {
    if total == 1 || limit < total / 2 { limit } else { total / 2 }
}

/// How many of the running targets of a target group may leave in one plan: half of them.
pub(crate) const fn targets_limit(running: usize) -> usize {
    running / 2
}

/// Whether a target runs: an Application Load Balancer sends requests to unhealthy ones too when no other is left.
pub(crate) const fn is_running(health: TargetHealth) -> bool {
    matches!(health, TargetHealth::Healthy | TargetHealth::Initial | TargetHealth::Unhealthy)
}

pub(crate) fn check(case: &Case<'_>, leaving: &[Leaving<'_>], found: &mut Findings) {
    let ingresses = &case.view.snapshot.cluster.ingresses;
    let members = ingresses.iter().filter(|ingress| case.view.member_of(ingress).is_some()).count();
    RELEASE.check(case, &released(case), members, found);
    NAME_CHANGES.check(case, &name_changes::unasked(case), name_changes::published(case), found);

    let ours: Vec<&LoadBalancer> = case.view.owned().filter(|found| !is_protected(found)).collect();
    LOAD_BALANCERS.check(case, &unneeded::load_balancers(case), ours.len(), found);
    let rules = ours.iter().flat_map(|found| &found.listeners).map(|listener| listener.rules.len()).sum();
    RULES.check(case, &unneeded::rules(case), rules, found);
    // One on two load balancers is in use twice, as AWS counts it, and becomes unneeded twice.
    let certificates =
        ours.iter().map(|found| certificates_on(found).collect::<BTreeSet<&str>>().len()).sum();
    CERTIFICATES.check(case, &unneeded::certificates(case, leaving), certificates, found);
}

/// Members that lose their place though nobody deletes them.
fn released(case: &Case<'_>) -> Vec<Counted> {
    let loses = |fate: &&Fate<'_>| {
        fate.outcome.state == OutcomeState::Released || matches!(fate.outcome.status, StatusChange::Withdraw)
    };
    let exists =
        |ingress: &Ingress| ingress.metadata.deleted_at.is_none() && case.view.member_of(ingress).is_some();
    let allowed: BTreeSet<&str> =
        case.view.snapshot.settings.allowances.release.iter().map(String::as_str).collect();
    let fates = case.outcomes.list.iter().filter(loses).filter(|fate| fate.ingress.is_some_and(exists));
    let names = fates.map(Fate::name).filter(|name| !allowed.contains(name.as_str()));
    names.map(|id| Counted { action: None, id }).collect()
}

#[cfg(test)]
mod tests {
    use super::{CERTIFICATES, NAME_CHANGES, RELEASE, release_limit};

    #[test]
    fn a_limit_is_the_larger_of_a_fixed_number_and_a_share_cut_off() {
        assert_eq!([0, 24, 25, 29, 30, 100].map(|total| CERTIFICATES.limit(total)), [5, 5, 5, 5, 6, 20]);
        assert_eq!([0, 119, 120, 1_000].map(|total| NAME_CHANGES.limit(total)), [5, 5, 6, 50]);
    }

    #[test]
    fn never_more_than_half_of_the_members_are_released_except_one_of_one() {
        let limit = |total| release_limit(RELEASE.limit(total), total);
        assert_eq!([1, 2, 3, 4, 6, 7, 19, 20, 100].map(limit), [3, 1, 1, 2, 3, 3, 3, 4, 20]);
    }
}
