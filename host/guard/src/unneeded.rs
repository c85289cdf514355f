//! What becomes unneeded in a plan: certificates, listener rules and load balancers, each kind for itself.
//!
//! What has its mark already became unneeded earlier. What a load balancer that is deleted takes with it had its grace
//! with it. A load balancer that somebody else protects from deletion stays, so it counts nowhere.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    ANNOTATION_CERTIFICATE, LoadBalancer, Operation, OutcomeState, Rule, TAG_INGRESS, TAG_UNNEEDED,
};

use crate::{
    Case,
    certificates::Leaving,
    counted::Counted,
    hosts::HostIndex,
    marks::{Mark, Subject, certificate_unneeded_since, certificates_on, unneeded_since},
    outcomes::Fate,
    tags::tag,
    view::{hosts, is_protected, our_id},
};

/// Load balancers that get their mark.
pub(crate) fn load_balancers(case: &Case<'_>) -> Vec<Counted> {
    let allowed = allowed(case);
    let mut counted = BTreeMap::new();
    for mark in new_marks(case) {
        if let Subject::LoadBalancer(load_balancer) = mark.subject
            && counts(case, load_balancer)
            && !allowed.contains(our_id(load_balancer))
        {
            note(&mut counted, our_id(load_balancer), mark.action);
        }
    }
    in_plan_order(counted)
}

/// Listener rules that get their mark or go without one, of Ingresses that the plan does not keep.
pub(crate) fn rules(case: &Case<'_>) -> Vec<Counted> {
    let mut gone: Vec<(usize, &LoadBalancer, &Rule)> = Vec::new();
    for mark in new_marks(case) {
        if let Subject::Rule(load_balancer, rule) = mark.subject {
            gone.push((mark.action, load_balancer, rule));
        }
    }
    for (index, action) in case.actions.iter() {
        match &action.operation {
            Operation::DeleteRule(reference) => {
                let rule = case.view.rule(reference);
                gone.extend(rule.map(|(place, rule)| (index, place.load_balancer, rule)));
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
    let allowed = allowed(case);
    let kept: BTreeSet<String> = kept(case).map(|fate| fate.name()).collect();
    let mut counted = BTreeMap::new();
    for (index, load_balancer, rule) in gone {
        let is_marked = tag(&rule.tags, TAG_UNNEEDED).is_some();
        let is_kept = tag(&rule.tags, TAG_INGRESS).is_some_and(|ingress| kept.contains(ingress));
        if counts(case, load_balancer) && !is_marked && !is_kept && !allowed.contains(rule.arn.as_str()) {
            note(&mut counted, rule.arn.as_str(), index);
        }
    }
    in_plan_order(counted)
}

/// Certificates that get their mark, or whose load balancer does, or that leave without one, and that cover no host of
/// an Ingress that the plan keeps. One that goes from two load balancers counts twice, as it is in use twice. What is on
/// a load balancer that has its mark became unneeded with it: it is not counted again when that takes somebody.
pub(crate) fn certificates(case: &Case<'_>, leaving: &[Leaving<'_>]) -> Vec<Counted> {
    let mut gone: Vec<(usize, &LoadBalancer, &str)> = Vec::new();
    for mark in new_marks(case) {
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
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for fate in kept(case) {
        named.extend(fate.outcome.certificates.iter().map(|chosen| chosen.certificate.as_str()));
        if let Some(ingress) = fate.ingress {
            hosts(ingress).for_each(|host| kept_hosts.insert(host));
            named.extend(tag(&ingress.metadata.annotations, ANNOTATION_CERTIFICATE).map(str::trim));
        }
    }
    let needed = |arn: &str| {
        let certificate = case.view.certificates.get(arn);
        named.contains(arn) || certificate.is_some_and(|certificate| kept_hosts.any_covered_by(certificate))
    };
    let allowed = allowed(case);
    let mut counted = BTreeMap::new();
    for (index, load_balancer, arn) in gone {
        let is_marked = unneeded_since(load_balancer).is_some()
            || certificate_unneeded_since(load_balancer, arn).is_some();
        if counts(case, load_balancer) && !is_marked && !allowed.contains(arn) && !needed(arn) {
            note(&mut counted, (load_balancer.arn.as_str(), arn), index);
        }
    }
    in_plan_order(counted.into_iter().map(|((_, arn), action)| (arn, action)))
}

fn new_marks<'c, 'a>(case: &'c Case<'a>) -> impl Iterator<Item = &'c Mark<'a>> {
    case.marks.list.iter().filter(|mark| mark.observed.is_none())
}

fn allowed<'a>(case: &Case<'a>) -> BTreeSet<&'a str> {
    case.view.snapshot.settings.allowances.unneeded.iter().map(String::as_str).collect()
}

/// Whom the plan keeps: those with a place or about to get one, and rejected newcomers, who lost nothing. Who had a
/// place and is rejected lost it, whatever the plan calls that.
fn kept<'c, 'a>(case: &'c Case<'a>) -> impl Iterator<Item = &'c Fate<'a>> {
    case.outcomes.list.iter().filter(|fate| match fate.outcome.state {
        OutcomeState::Placed | OutcomeState::Held | OutcomeState::Waiting => true,
        OutcomeState::Rejected => fate.ingress.is_some_and(|ingress| case.view.member_of(ingress).is_none()),
        OutcomeState::Released | OutcomeState::Ignored => false,
    })
}

/// Whether what happens on a load balancer counts: it is ours, nobody else protects it, and it stays.
fn counts(case: &Case<'_>, load_balancer: &LoadBalancer) -> bool {
    case.view.owns(load_balancer)
        && !is_protected(load_balancer)
        && case.uses.deletion(&load_balancer.arn).is_none()
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
