//! Certificates: which leave a listener, which stay, and that every host has its certificate after the plan.
//!
//! Design: decisions, certificates.

use albatross_contract::{Certificate, LoadBalancerKind, Operation, TAG_ID, ViewPart};

use crate::{
    facts::{
        Facts,
        certificate_changes::{Removal, Way},
        index::Set,
        load_balancers::{is_in_route_mode, our_id},
        tags::tag,
        view::existing,
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, arn) in &facts.certificates.defaults_removed {
        let message = format!("{arn} is the default certificate of its listener");
        found.action(*index, &facts.actions.list[*index], Rule::CertificateDefault, message);
    }
    for removal in &facts.certificates.removals {
        let (rule, verdict) = if removal.after_grace {
            (Rule::CertificateNeeded, nobody_needs(facts, removal))
        } else {
            (Rule::CertificateGrace, may_leave_early(facts, removal))
        };
        if let Err(message) = verdict {
            found.action(removal.action, &facts.actions.list[removal.action], rule, message);
        }
    }
    hosts_are_served(facts, found);
}

/// Whether no Ingress needs a certificate after the plan whose grace period is over.
fn nobody_needs(facts: &Facts<'_>, removal: &Removal<'_>) -> Result<(), String> {
    let after = facts.certificates.after(removal.from.load_balancer);
    needed(facts, removal, &after).map_or(Ok(()), Err)
}

/// Whether a certificate that is not marked, or not for long enough, makes room for another certificate, and the
/// certificates that serve its hosts instead were there before or were added by actions that must have succeeded.
fn may_leave_early(facts: &Facts<'_>, removal: &Removal<'_>) -> Result<(), String> {
    let Removal { action, arn, .. } = removal;
    let load_balancer = removal.from.load_balancer;
    if !gives_way(facts, removal) {
        let since =
            removal.unneeded_since.map_or("no tag says since when it is unneeded".to_owned(), |since| {
                format!("marked as unneeded since {since}")
            });
        return Err(format!(
            "{arn} is removed from {} before its grace period of {} s is over ({since}), and not to make room for another certificate at the limit",
            load_balancer.name, facts.view.snapshot.settings.grace
        ));
    }
    let counts = |added: usize| added == *action || facts.actions.depends(*action, added);
    let relied_on = removal.beside.iter().filter(|(_, origin)| origin.is_none_or(counts));
    let relied_on: Vec<&str> = relied_on.map(|(arn, _)| *arn).collect();
    needed(facts, removal, &relied_on).map_or(Ok(()), Err)
}

/// In words, which Ingress needs a certificate that leaves a load balancer. `beside` holds the certificates that can be
/// relied on, sorted.
fn needed(facts: &Facts<'_>, removal: &Removal<'_>, beside: &[&str]) -> Option<String> {
    let Removal { arn, .. } = removal;
    let load_balancer = removal.from.load_balancer;
    let certificate = facts.view.certificate(arn);
    let serves = |other: &str| other != *arn && beside.binary_search(&other).is_ok();
    // In route mode an Ingress without an HTTPS listener needs no certificate.
    let is_routed = is_in_route_mode(load_balancer);
    let by_place = || {
        let placed = facts.outcomes.on(our_id(load_balancer));
        let mut placed = placed.filter(|outcome| !is_routed || outcome.may_ask_for_https());
        placed.find_map(|outcome| Some((outcome, outcome.needs(arn, certificate, &serves)?)))
    };
    // An Ingress that moves is served here until its status names the other load balancer.
    let by_status = || {
        let others: Vec<&Certificate> = beside
            .iter()
            .filter(|other| *other != arn)
            .filter_map(|other| facts.view.certificate(other))
            .collect();
        let mut leaving =
            facts.outcomes.published_elsewhere(facts.view.load_balancers.index_of(&load_balancer.arn)?);
        leaving.find_map(|outcome| Some((outcome, outcome.still_needs(certificate?, &others)?)))
    };
    let (outcome, host) = by_place().or_else(by_status)?;
    Some(format!(
        "{} needs {arn} on {} for {host}, which no other certificate serves",
        outcome.name, load_balancer.name
    ))
}

/// Whether a certificate makes room for another certificate: its load balancer is at the limit, of which one slot is
/// kept free, and an action that adds a certificate comes right before or after. AWS does not count default
/// certificates.
fn gives_way(facts: &Facts<'_>, removal: &Removal<'_>) -> bool {
    let quotas = &facts.view.snapshot.inventory.quotas;
    let limit = match removal.from.load_balancer.kind {
        LoadBalancerKind::Network => quotas.certificates_per_network_load_balancer,
        _ => quotas.certificates_per_load_balancer,
    } as usize;
    let full = removal.count + 1 >= limit;
    let chained = || {
        facts.actions.neighbours(removal.action).any(|action| match &action.operation {
            Operation::AddListenerCertificate(change) => {
                existing(&change.listener) == Some(&removal.from.listener.arn)
            }
            _ => false,
        })
    };
    match removal.way {
        Way::Removed => full && chained(),
        // With one certificate for each load balancer, another certificate replaces the default in place.
        Way::ReplacedAsDefault => {
            full || facts.view.snapshot.settings.certificates_per_load_balancer == Some(1)
        }
        Way::WithListener => false,
    }
}

/// By place, whether a part is missing for its load balancer or for one of the load balancer's target groups.
fn unknown_places(parts: &[ViewPart], facts: &Facts<'_>) -> Vec<bool> {
    let inventory = &facts.view.snapshot.inventory;
    let load_balancers = inventory.load_balancers.iter().map(|found| (&found.arn, &found.tags));
    let target_groups = inventory.target_groups.iter().map(|found| (&found.arn, &found.tags));
    let mut unknown = vec![false; facts.outcomes.places().len()];
    for (arn, tags) in load_balancers.chain(target_groups) {
        if facts.view.missing(parts, &[arn]).is_some()
            && let Some(place) = tag(tags, TAG_ID).and_then(|id| facts.outcomes.place_of(id))
        {
            unknown[place.number()] = true;
        }
    }
    unknown
}

/// Every certificate that an outcome names is on its load balancer after the plan.
fn hosts_are_served(facts: &Facts<'_>, found: &mut Findings) {
    let parts = [ViewPart::LoadBalancers, ViewPart::Listeners, ViewPart::TargetGroups, ViewPart::Tags];
    if facts.view.missing(&parts, &[]).is_some() {
        return; // not all certificates on the load balancers are known, or their listeners cannot be changed
    }
    let is_unknown = unknown_places(&parts, facts);
    let after = after_by_place(facts);
    for outcome in &facts.outcomes.list {
        let Some(place) = outcome.place.filter(|place| !is_unknown[place.number()]) else { continue };
        let Some(there) = &after[place.number()] else { continue };
        for chosen in &outcome.outcome.certificates {
            if !there.contains(chosen.certificate.as_str()) {
                let message = format!(
                    "{} needs {} for {}, but that certificate is not on its load balancer {} after the plan",
                    outcome.name,
                    chosen.certificate,
                    chosen.host,
                    facts.outcomes.places()[place.number()]
                );
                found.plan(Rule::CertificateNeeded, message);
            }
        }
    }
}

/// By place: the certificates after the plan. Absent: no such load balancer exists or is created.
fn after_by_place<'a>(facts: &Facts<'a>) -> Vec<Option<Set<&'a str>>> {
    let mut after: Vec<Option<Set<&str>>> = vec![None; facts.outcomes.places().len()];
    let mut is_on = |id: &str, arns: &dyn Fn() -> Vec<&'a str>| {
        if let Some(place) = facts.outcomes.place_of(id) {
            after[place.number()].get_or_insert_default().extend(arns());
        }
    };
    for load_balancer in facts.view.load_balancers.ours() {
        is_on(our_id(load_balancer), &|| facts.certificates.after(load_balancer));
    }
    for (index, action) in facts.actions.iter() {
        if let Operation::CreateLoadBalancer(create) = &action.operation {
            is_on(tag(&create.tags, TAG_ID).unwrap_or_default(), &|| facts.certificates.after_made(index));
        }
    }
    after
}
