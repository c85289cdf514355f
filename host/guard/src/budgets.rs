//! Budgets: how much may change at once, counted again from the snapshot. All numbers are here.
//!
//! A limit is the larger of a fixed number and a share of all, in integers: `max(fixed, total * percent / 100)`, the
//! division cut off. What a person allows is taken off first; the rest is compared with the limit; the total is always
//! all of them. Design: safety, budgets.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME, ANNOTATION_SHARED, Ingress, LoadBalancer, Operation,
    OutcomeState, Scheme, StatusChange, TAG_INGRESS, TargetHealth,
};

use crate::{
    Case,
    certificates::Leaving,
    hosts::HostIndex,
    marks::{Subject, certificate_unneeded_since, certificates_on},
    outcomes::Fate,
    statuses::is_our_spelling,
    view::{hostnames, hosts, ingress_name, is_protected, our_id, plain_dns_name, tag},
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

    /// Compares a count with the limit. Who counts comes with the action that changes it, if one does; the first
    /// action beyond the limit is the one that is named.
    fn check(
        &self,
        case: &Case<'_>,
        counted: &[(Option<usize>, String)],
        total: usize,
        found: &mut Findings,
    ) {
        let limit = match self.rule {
            Rule::BudgetRelease => release_limit(self.limit(total), total),
            _ => self.limit(total),
        };
        let Some((action, _)) = counted.get(limit) else { return };
        let ids: Vec<&str> = counted.iter().map(|(_, id)| id.as_str()).collect();
        let message = format!(
            "{} of {total} {}, at most {limit} may in one plan; if this is meant: {} {}",
            counted.len(),
            self.change,
            self.flag,
            ids.join(",")
        );
        match action {
            Some(index) => found.action(*index, &case.actions.list[*index], self.rule, message),
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
    let members =
        case.view.snapshot.cluster.ingresses.iter().filter(|ingress| case.view.member_of(ingress).is_some());
    let members = members.count();
    RELEASE.check(case, &released(case), members, found);
    NAME_CHANGES.check(case, &name_changes(case), members, found);

    // A load balancer that somebody protects stays whatever we say, so it counts nowhere.
    let ours: Vec<&LoadBalancer> = case.view.owned().filter(|found| !is_protected(found)).collect();
    LOAD_BALANCERS.check(case, &load_balancers(case), ours.len(), found);
    let rules = ours.iter().flat_map(|found| &found.listeners).map(|listener| listener.rules.len()).sum();
    RULES.check(case, &rules_unneeded(case), rules, found);
    let certificates: BTreeSet<&str> = ours.iter().flat_map(|found| certificates_on(found)).collect();
    CERTIFICATES.check(case, &certificates_unneeded(case, leaving), certificates.len(), found);
}

fn is_allowed(allowed: &[String], id: &str) -> bool {
    allowed.iter().any(|allowed| allowed == id)
}

/// Members that lose their place though nobody deletes them.
fn released(case: &Case<'_>) -> Vec<(Option<usize>, String)> {
    let loses = |fate: &&Fate<'_>| {
        fate.outcome.state == OutcomeState::Released || matches!(fate.outcome.status, StatusChange::Withdraw)
    };
    let exists =
        |ingress: &Ingress| ingress.metadata.deleted_at.is_none() && case.view.member_of(ingress).is_some();
    let allowed: BTreeSet<&str> =
        case.view.snapshot.settings.allowances.release.iter().map(String::as_str).collect();
    let fates = case.outcomes.list.iter().filter(loses).filter(|fate| fate.ingress.is_some_and(exists));
    fates.map(Fate::name).filter(|name| !allowed.contains(name.as_str())).map(|name| (None, name)).collect()
}

/// Published names that change without their Ingress asking for it.
fn name_changes(case: &Case<'_>) -> Vec<(Option<usize>, String)> {
    let changes = |fate: &&Fate<'_>| match (&fate.outcome.status, fate.ingress) {
        (StatusChange::Publish(hostname), Some(ingress)) => changes_unasked(case, ingress, hostname),
        _ => false,
    };
    let allowed: BTreeSet<&str> =
        case.view.snapshot.settings.allowances.name_change.iter().map(String::as_str).collect();
    let names = case.outcomes.list.iter().filter(changes).map(Fate::name);
    names.filter(|name| !allowed.contains(name.as_str())).map(|name| (None, name)).collect()
}

fn changes_unasked(case: &Case<'_>, ingress: &Ingress, hostname: &str) -> bool {
    let hostname = plain_dns_name(hostname);
    if hostnames(ingress).any(|before| before == hostname) {
        return false;
    }
    hostnames(ingress).any(|before| match case.view.by_dns_name(&before) {
        Some(left) => !asks_to_leave(ingress, left),
        // Ours and gone is no change: nobody is served there. Any other name may serve somebody.
        None => !is_our_spelling(&before),
    })
}

/// Whether an Ingress' own annotations do not fit the load balancer that its status names.
fn asks_to_leave(ingress: &Ingress, left: &LoadBalancer) -> bool {
    let annotation = |key| tag(&ingress.metadata.annotations, key).map(str::trim);
    let other_scheme = match annotation(ANNOTATION_SCHEME) {
        Some("internal") => left.scheme != Scheme::Internal,
        Some("internet-facing") => left.scheme != Scheme::InternetFacing,
        _ => false,
    };
    let (namespace, name) = ingress_name(ingress);
    let exclusive = tag(&left.tags, TAG_INGRESS);
    let other_sharing = match annotation(ANNOTATION_SHARED) {
        Some("false") => exclusive != Some(format!("{namespace}/{name}").as_str()),
        Some("true") | None => exclusive.is_some(),
        Some(_) => false,
    };
    let other_certificate = annotation(ANNOTATION_CERTIFICATE)
        .is_some_and(|pinned| !pinned.is_empty() && !certificates_on(left).any(|arn| arn == pinned));
    other_scheme || other_sharing || other_certificate
}

/// Load balancers that get their mark.
fn load_balancers(case: &Case<'_>) -> Vec<(Option<usize>, String)> {
    let allowed = &case.view.snapshot.settings.allowances.unneeded;
    let mut counted = BTreeMap::new();
    for mark in case.marks.list.iter().filter(|mark| mark.observed.is_none()) {
        if let Subject::LoadBalancer(load_balancer) = mark.subject
            && counts(case, load_balancer)
            && !is_allowed(allowed, our_id(load_balancer))
        {
            counted.entry(our_id(load_balancer).to_owned()).or_insert(mark.action);
        }
    }
    in_plan_order(counted)
}

/// Listener rules that get their mark or go, of Ingresses that the plan does not keep. Those of a load balancer that is
/// deleted had their grace with it.
fn rules_unneeded(case: &Case<'_>) -> Vec<(Option<usize>, String)> {
    let mut gone: Vec<(usize, &LoadBalancer, &albatross_contract::Rule)> = Vec::new();
    for mark in case.marks.list.iter().filter(|mark| mark.observed.is_none()) {
        if let Subject::Rule(load_balancer, rule) = mark.subject {
            gone.push((mark.action, load_balancer, rule));
        }
    }
    for (index, action) in case.actions.iter() {
        match &action.operation {
            Operation::DeleteRule(reference) => {
                gone.extend(
                    case.view.rule(reference).map(|(place, rule)| (index, place.load_balancer, rule)),
                );
            }
            Operation::DeleteListener(reference) => {
                if let Some(place) = case.view.listener(reference) {
                    gone.extend(place.listener.rules.iter().map(|rule| (index, place.load_balancer, rule)));
                }
            }
            _ => {}
        }
    }
    if gone.is_empty() {
        return Vec::new();
    }
    let allowed = &case.view.snapshot.settings.allowances.unneeded;
    let kept: BTreeSet<String> =
        case.outcomes.list.iter().filter(|fate| fate.is_kept()).map(Fate::name).collect();
    let mut counted = BTreeMap::new();
    for (index, load_balancer, rule) in gone {
        let had_its_grace = tag(&rule.tags, albatross_contract::TAG_UNNEEDED).is_some();
        let is_kept = tag(&rule.tags, TAG_INGRESS).is_some_and(|ingress| kept.contains(ingress));
        if counts(case, load_balancer) && !had_its_grace && !is_kept && !is_allowed(allowed, &rule.arn) {
            counted.entry(rule.arn.clone()).or_insert(index);
        }
    }
    in_plan_order(counted)
}

/// Certificates that get their mark, or whose load balancer does, or that leave without one, and that cover no host of
/// an Ingress that the plan keeps.
fn certificates_unneeded(case: &Case<'_>, leaving: &[Leaving<'_>]) -> Vec<(Option<usize>, String)> {
    let mut gone: Vec<(usize, &LoadBalancer, &str)> = Vec::new();
    for mark in case.marks.list.iter().filter(|mark| mark.observed.is_none()) {
        match mark.subject {
            Subject::Certificate(load_balancer, arn) => gone.push((mark.action, load_balancer, arn)),
            Subject::LoadBalancer(load_balancer) => {
                gone.extend(certificates_on(load_balancer).map(|arn| (mark.action, load_balancer, arn)));
            }
            Subject::Rule(..) | Subject::UnknownCertificate(_) | Subject::Newborn | Subject::Other => {}
        }
    }
    gone.extend(leaving.iter().map(|gone| (gone.action, gone.load_balancer, gone.arn)));
    if gone.is_empty() {
        return Vec::new();
    }
    let mut kept_hosts = HostIndex::default();
    let mut chosen: BTreeSet<&str> = BTreeSet::new();
    for fate in case.outcomes.list.iter().filter(|fate| fate.is_kept()) {
        fate.ingress.into_iter().flat_map(hosts).for_each(|host| kept_hosts.insert(host));
        chosen.extend(fate.outcome.certificates.iter().map(|chosen| chosen.certificate.as_str()));
    }
    let allowed: BTreeSet<&str> =
        case.view.snapshot.settings.allowances.unneeded.iter().map(String::as_str).collect();
    let needed = |arn: &str| {
        let certificate = case.view.certificates.get(arn);
        chosen.contains(arn) || certificate.is_some_and(|certificate| kept_hosts.any_covered_by(certificate))
    };
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for (index, load_balancer, arn) in gone {
        let counts = counts(case, load_balancer) && certificate_unneeded_since(load_balancer, arn).is_none();
        if counts && !allowed.contains(arn) && !needed(arn) {
            let first = counted.entry(arn.to_owned()).or_insert(index);
            *first = index.min(*first);
        }
    }
    in_plan_order(counted)
}

/// Whether what happens on a load balancer counts: it is ours, nobody else protects it, and it stays.
fn counts(case: &Case<'_>, load_balancer: &LoadBalancer) -> bool {
    case.view.owns(load_balancer)
        && !is_protected(load_balancer)
        && case.uses.deletion(&load_balancer.arn).is_none()
}

fn in_plan_order(counted: BTreeMap<String, usize>) -> Vec<(Option<usize>, String)> {
    let mut list: Vec<(usize, String)> = counted.into_iter().map(|(id, index)| (index, id)).collect();
    list.sort();
    list.into_iter().map(|(index, id)| (Some(index), id)).collect()
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
