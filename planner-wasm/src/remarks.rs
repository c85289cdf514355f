//! What there is to say of the view and of load balancers that AWS could not make.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode};

use crate::{
    diagnostics::{Details, Subject, error, warning},
    grouping::Grouping,
    observed::{Observed, Owned, PROVISIONING_TIMEOUT},
    words,
};

/// Parts of the view that are missing.
pub fn missing_parts(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let missing = observed.completeness.missing().map(|(part, reason)| {
        let message = format!(
            "not all {} are known ({reason}): what depends on them stays as it is",
            words::part(part)
        );
        warning(DiagnosticCode::ViewIncomplete, Subject::Part(part), message)
    });
    let of_resources = observed.completeness.missing_of_resources();
    let of_resources = of_resources.into_iter().map(|((part, reason), names)| {
        let message = format!(
            "the {} of {} are not known ({reason}): what depends on them stays as it is",
            words::part_of_one(part),
            words::list(names.into_iter())
        );
        warning(DiagnosticCode::ViewIncomplete, Subject::Part(part), message)
    });
    missing.chain(of_resources).collect()
}

/// Load balancers that AWS could not make, and what takes over from them; and load balancers that AWS takes long to make, all
/// of them.
pub fn failed_load_balancers(observed: &Observed<'_>, grouping: &Grouping<'_>) -> Vec<Diagnostic> {
    let slow = slow_load_balancers(observed);
    let broken: Vec<&Owned<'_>> =
        observed.owned.iter().filter(|owned| owned.is_broken(observed.time)).collect();
    if broken.is_empty() {
        return slow;
    }
    let stands = grouping.placements.iter().filter_map(|placement| placement.stand());
    let left: BTreeSet<&str> = stands.filter_map(|stand| stand.leaves).map(|owned| owned.id).collect();
    let needed = |owned: &Owned<'_>| {
        grouping.groups.on(owned).is_some_and(|group| !grouping.groups.get(group).members().is_empty())
    };
    let tell = |owned: &&Owned<'_>| {
        let load_balancer = owned.load_balancer?;
        let taken_over = grouping.groups.is_replaced(owned.id) || left.contains(owned.id);
        let next = match owned.replaces() {
            Some(_) if needed(owned) => "it has been replaced once already, so this needs a person",
            None if taken_over => "another one takes over",
            None if needed(owned) => "no other one can take over now",
            _ => "no Ingress needs it",
        };
        let reason = load_balancer.state_reason.as_ref();
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let message = format!("AWS could not make it{reason}: {next}");
        let subject = Subject::Resource(&load_balancer.name);
        let diagnostic = error(DiagnosticCode::LoadBalancerFailed, subject, message);
        Some(diagnostic.remedy("look at the state reason in the EC2 console"))
    };
    slow.into_iter().chain(broken.iter().filter_map(tell)).collect()
}

fn slow_load_balancers(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let waiting = observed.owned.iter().filter(|owned| owned.waits_with_others);
    let tell = |owned: &Owned<'_>| {
        let name = &owned.load_balancer?.name;
        let message = format!(
            "AWS has not made this load balancer within {}, and makes no other load balancer in {} either: none of them \
             is replaced",
            words::duration(PROVISIONING_TIMEOUT),
            observed.inventory.region
        );
        let diagnostic = warning(DiagnosticCode::LoadBalancerProvisioning, Subject::Resource(name), message);
        Some(diagnostic.remedy("look at the AWS Health Dashboard; nothing needs to be done here"))
    };
    waiting.filter_map(tell).collect()
}

#[cfg(test)]
mod tests;
