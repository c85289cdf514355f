//! What becomes unneeded in a plan: certificates, listener rules, load balancers and records, each with its own budget.
//!
//! A resource that is marked already became unneeded earlier. The certificates and rules of a deleted load balancer shared
//! its grace period. A load balancer that somebody else protects from deletion stays, so it is not counted.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{ANNOTATION_CERTIFICATE, LoadBalancer, Rule};

use super::{
    counted::{Counted, judge},
    limits::{CERTIFICATES, LOAD_BALANCERS, RECORDS, RULES},
};
use crate::{
    facts::{
        Facts,
        hosts::{HostIndex, hosts_outside},
        listener_rules::{Way, ingress_of},
        load_balancers::{certificates_on, is_in_route_mode, is_protected, our_id},
        marks::{Mark, Subject, certificate_unneeded_since, rule_unneeded_since, unneeded_since},
        outcomes::SourceOutcome,
        tags::tag,
    },
    violation::Findings,
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let in_use = || facts.view.load_balancers.ours().filter(|found| !is_protected(found));
    judge(&LOAD_BALANCERS, &load_balancers(facts), || in_use().count(), facts, found);
    judge(&RULES, &rules(facts), || in_use().map(|on| rules_in_use(facts, on)).sum(), facts, found);
    judge(&RECORDS, &records(facts), || facts.records.held, facts, found);
    // A certificate on two load balancers is in use twice, as AWS counts it, and becomes unneeded twice.
    let on_each = || in_use().map(|found| certificates_on(found).collect::<BTreeSet<&str>>().len());
    judge(&CERTIFICATES, &certificates(facts), || on_each().sum(), facts, found);
}

/// Load balancers that are marked as unneeded.
fn load_balancers(facts: &Facts<'_>) -> Vec<Counted> {
    let allowed = allowed(facts);
    let mut counted = BTreeMap::new();
    for mark in new_marks(facts) {
        if let Subject::LoadBalancer(load_balancer) = mark.subject
            && counts(facts, load_balancer)
            && !allowed.contains(our_id(load_balancer))
        {
            note(&mut counted, our_id(load_balancer), mark.action);
        }
    }
    in_plan_order(counted)
}

/// Listener rules of Ingresses that the plan does not keep, and that are marked or removed without a mark. Rules in proxy mode
/// belong to no Ingress.
fn rules(facts: &Facts<'_>) -> Vec<Counted> {
    let marked = new_marks(facts).filter_map(|mark| match mark.subject {
        Subject::Rule(rule) => Some((mark.action, rule)),
        _ => None,
    });
    let removals = facts.listener_rules.removals.iter();
    let removed = removals.filter(|it| it.way != Way::Changed).map(|removal| (removal.action, removal.rule));
    let allowed = allowed(facts);
    let mut counted = BTreeMap::new();
    for (index, found) in marked.chain(removed) {
        let rule = found.rule;
        let is_marked = rule_unneeded_since(rule).is_some();
        let ingress = ingress_of(&rule.tags).and_then(|name| facts.view.sources.by_name(name));
        let is_kept = ingress.and_then(|index| facts.outcomes.of(index)).is_some_and(SourceOutcome::is_kept);
        if counts(facts, found.load_balancer)
            && serves_ingresses(rule, found.load_balancer)
            && !is_marked
            && !is_kept
            && !allowed.contains(rule.arn.as_str())
        {
            note(&mut counted, rule.arn.as_str(), index);
        }
    }
    in_plan_order(counted)
}

/// How many listener rules of ours are in use on a load balancer: those without a mark.
fn rules_in_use(facts: &Facts<'_>, load_balancer: &LoadBalancer) -> usize {
    let rules = load_balancer.listeners.iter().flat_map(|listener| &listener.rules);
    let is_in_use = |rule: &&Rule| {
        facts.view.ownership.owns(&rule.tags)
            && rule_unneeded_since(rule).is_none()
            && serves_ingresses(rule, load_balancer)
    };
    rules.filter(is_in_use).count()
}

/// Whether a rule of ours serves Ingresses. In proxy mode the settings ask for rules, and listeners answer for Ingresses.
fn serves_ingresses(rule: &Rule, load_balancer: &LoadBalancer) -> bool {
    is_in_route_mode(load_balancer) || ingress_of(&rule.tags).is_some()
}

/// Hosts that no Ingress asks for and whose records are deleted, although the load balancer that they point to is not.
fn records(facts: &Facts<'_>) -> Vec<Counted> {
    let allowed = allowed(facts);
    let goes = |name: &str| {
        let found = facts.view.load_balancers.by_dns_name(name);
        found.is_some_and(|index| facts.actions.deletion(&facts.view.load_balancers.get(index).arn).is_some())
    };
    let mut counted = BTreeMap::new();
    for (index, host) in facts.records.removed() {
        let is_asked_for = facts.records.askers(facts, &host.host).next().is_some();
        if !is_asked_for && !host.target.is_some_and(goes) && !allowed.contains(host.host.as_str()) {
            note(&mut counted, host.host.as_str(), index);
        }
    }
    in_plan_order(counted)
}

/// Certificates that are marked, or whose load balancer is marked, or that are removed without a mark, and that cover no
/// host of an Ingress that the plan keeps. A certificate that leaves two load balancers counts twice, as it is in use
/// twice. The certificates of a marked load balancer became unneeded with it: they are not counted again when the load
/// balancer takes an Ingress.
fn certificates(facts: &Facts<'_>) -> Vec<Counted> {
    let mut gone: Vec<(usize, &LoadBalancer, &str)> = Vec::new();
    for mark in new_marks(facts) {
        match mark.subject {
            Subject::Certificate(load_balancer, arn) => gone.push((mark.action, load_balancer, arn)),
            Subject::LoadBalancer(load_balancer) => {
                gone.extend(certificates_on(load_balancer).map(|arn| (mark.action, load_balancer, arn)));
            }
            Subject::Rule(..) | Subject::UnknownCertificate(_) | Subject::Newborn | Subject::Other => {}
        }
    }
    let leaving = facts.certificates.removals.iter().filter(|removal| !removal.after_grace);
    gone.extend(leaving.map(|removal| (removal.action, removal.from.load_balancer, removal.arn)));
    if gone.is_empty() {
        return Vec::new();
    }
    let mut kept_hosts = HostIndex::default();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for outcome in facts.outcomes.list.iter().filter(|outcome| outcome.is_kept()) {
        named.extend(outcome.outcome.certificates.iter().map(|chosen| chosen.certificate.as_str()));
        if let Some(source) = outcome.source {
            hosts_outside(source, &facts.view.snapshot.settings).for_each(|host| kept_hosts.insert(host));
            named.extend(tag(&source.metadata().annotations, ANNOTATION_CERTIFICATE).map(str::trim));
        }
    }
    let needed = |arn: &str| {
        let certificate = facts.view.certificate(arn);
        named.contains(arn) || certificate.is_some_and(|certificate| kept_hosts.any_covered_by(certificate))
    };
    let allowed = allowed(facts);
    let mut counted = BTreeMap::new();
    for (index, load_balancer, arn) in gone {
        let is_marked = unneeded_since(load_balancer).is_some()
            || certificate_unneeded_since(load_balancer, arn).is_some();
        if counts(facts, load_balancer) && !is_marked && !allowed.contains(arn) && !needed(arn) {
            note(&mut counted, (load_balancer.arn.as_str(), arn), index);
        }
    }
    in_plan_order(counted.into_iter().map(|((_, arn), action)| (arn, action)))
}

fn new_marks<'f, 'a>(facts: &'f Facts<'a>) -> impl Iterator<Item = &'f Mark<'a>> {
    facts.marks.list.iter().filter(|mark| mark.observed.is_none())
}

fn allowed<'a>(facts: &Facts<'a>) -> BTreeSet<&'a str> {
    facts.view.snapshot.settings.allowances.unneeded.iter().map(String::as_str).collect()
}

/// Whether changes on a load balancer count: it is ours, nobody else protects it, and it stays.
fn counts(facts: &Facts<'_>, load_balancer: &LoadBalancer) -> bool {
    facts.view.owns(load_balancer)
        && !is_protected(load_balancer)
        && facts.actions.deletion(&load_balancer.arn).is_none()
}

/// Notes something with the first action that makes it unneeded.
fn note<K: Ord>(counted: &mut BTreeMap<K, usize>, what: K, action: usize) {
    let first = counted.entry(what).or_insert(action);
    *first = action.min(*first);
}

fn in_plan_order<'i>(counted: impl IntoIterator<Item = (&'i str, usize)>) -> Vec<Counted> {
    let mut list: Vec<(usize, &str)> = counted.into_iter().map(|(id, action)| (action, id)).collect();
    list.sort_unstable();
    list.into_iter().map(|(action, id)| Counted { action: Some(action), id: id.to_owned() }).collect()
}
