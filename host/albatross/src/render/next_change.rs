//! The next change that a plan announces: what happens at the time before which there is nothing to do.

use std::collections::BTreeSet;

use albatross_contract::{
    Certificate, LoadBalancer, Plan, Snapshot, TAG_ID, TAG_UNNEEDED, Tag, Timestamp,
    periods::{HEALTH_TIMEOUT, PROVISIONING_TIMEOUT, RENEWAL},
};

use super::{names::Names, time::date, words::first_of};

/// The change in words. `None`: the planner has a reason that this module does not know.
pub fn next_change(at: Timestamp, snapshot: &Snapshot, plan: &Plan) -> Option<String> {
    let names = Names::new(&snapshot.inventory, plan);
    let mut said = BTreeSet::new();
    for load_balancer in &snapshot.inventory.load_balancers {
        said.extend(of_load_balancer(load_balancer, at, snapshot));
    }
    for load_balancer in &plan.load_balancers {
        for certificate in &load_balancer.certificates {
            let end = certificate.unneeded_since.map(|since| since.saturating_add(snapshot.settings.grace));
            if end == Some(at) {
                let name = names.certificate(&certificate.arn);
                said.insert(format!("certificate {name} is removed from {}", load_balancer.name));
            }
        }
    }
    for certificate in &snapshot.inventory.certificates {
        said.extend(of_certificate(certificate, at, &names));
    }
    let said: Vec<String> = said.into_iter().collect();
    if said.is_empty() { None } else { Some(first_of(&said, 1)) }
}

fn of_load_balancer(load_balancer: &LoadBalancer, at: Timestamp, snapshot: &Snapshot) -> Option<String> {
    let value = |key: &str| load_balancer.tags.iter().find(|tag: &&Tag| tag.key == key).map(|tag| &tag.value);
    value(TAG_ID)?;
    let name = &load_balancer.name;
    let since: Option<Timestamp> = value(TAG_UNNEEDED).and_then(|since| since.parse().ok());
    if since.is_some_and(|since| since.saturating_add(snapshot.settings.load_balancer_grace()) == at) {
        return Some(format!("load balancer {name}, which no Ingress needs, is deleted"));
    }
    let age = at.checked_sub(load_balancer.created_at)?;
    match age {
        PROVISIONING_TIMEOUT => {
            Some(format!("load balancer {name} counts as failed unless it is active by then"))
        }
        HEALTH_TIMEOUT => {
            Some(format!("the name of {name} is published even if its targets are not healthy by then"))
        }
        _ => None,
    }
}

fn of_certificate(certificate: &Certificate, at: Timestamp, names: &Names<'_>) -> Option<String> {
    let name = names.certificate(&certificate.arn);
    if certificate.not_before == Some(at) {
        return Some(format!("certificate {name} becomes valid"));
    }
    let end = certificate.not_after?;
    // The first second after the end.
    if at == end.saturating_add(1) {
        Some(format!("certificate {name} ends"))
    } else if at == end.saturating_sub(RENEWAL).saturating_add(1) {
        Some(format!("certificate {name} is no longer chosen, since it ends on {}", date(end)))
    } else {
        None
    }
}
