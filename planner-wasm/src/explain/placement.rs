//! Which load balancer a member is on, and why not on another one.

use albatross_contract::{Candidate, Decision};

use super::{candidate, described};
use crate::{
    grouping::{Group, GroupId, Member, Misfit, Placement, has_room, misfit, terms_of},
    planning::Decided,
    terms::Term,
    words,
};

/// Tells of all load balancers.
pub fn decision(member: &Member<'_>, placement: &Placement<'_>, decided: &Decided<'_, '_>) -> Decision {
    let candidates = decided.grouping.groups.numbered().map(|(id, group)| {
        let described = described(group.id(), decided);
        let name = described.map_or(group.id(), |found| found.name.as_str());
        let chosen = placement.group() == Some(id);
        let mut candidate = candidate(chosen, name, fit(id, group, member, placement, decided));
        candidate.id = described.and_then(|found| found.arn.clone());
        candidate
    });
    let mut candidates: Vec<Candidate> = candidates.collect();
    if candidates.is_empty() {
        candidates.push(candidate(false, "none", "there is no load balancer, and none can be made for it"));
    }
    super::decision("Load balancer", candidates)
}

/// Why a load balancer is, or is not, where a member stands.
fn fit(
    id: GroupId,
    group: &Group<'_>,
    member: &Member<'_>,
    placement: &Placement<'_>,
    decided: &Decided<'_, '_>,
) -> String {
    let claim = member.claim;
    let load_balancer = group.owned().and_then(|owned| owned.load_balancer);
    let leaves = placement.stand().and_then(|stand| stand.leaves);
    let names_it = load_balancer
        .is_some_and(|found| claim.published() == Some(found.dns_name.to_ascii_lowercase().as_str()));
    let stands = leaves.is_none() && names_it;
    let Some(scheme) = claim.scheme.value() else {
        return "it cannot be said what the Ingress asks for; it stays where it is".to_owned();
    };
    if let Some(stand) = placement.stand().filter(|stand| stand.group == id) {
        return if stands && stand.held {
            "stays: what it asks for cannot be planned as a whole".to_owned()
        } else if stands {
            "stays: it has been here and still fits".to_owned()
        } else if load_balancer.is_none() {
            let opens = group.members().iter().map(|index| &decided.grouping.members[*index].claim);
            let first = opens.min_by_key(|claim| claim.age()).map(|claim| claim.object);
            match first.filter(|first| *first != claim.object) {
                Some(first) => format!("is made for {first}, and fits"),
                None => "is made, since no other fits".to_owned(),
            }
        } else {
            format!("fits best: {}", certificates_to_add(group, member))
        };
    }
    if leaves.is_some_and(|owned| owned.id == group.id()) {
        return "is left: it keeps serving until the status names the other one".to_owned();
    }
    let found = terms_of(member).and_then(|terms| misfit(group, &terms, decided.observed.time));
    match found {
        Some(Misfit::Terms(Term::Scheme)) => format!(
            "does not fit: {}, the Ingress asks for {}",
            words::scheme(group.terms().scheme),
            words::scheme(scheme)
        ),
        Some(Misfit::Broken) => "does not fit: AWS could not make it".to_owned(),
        Some(Misfit::Terms(Term::Alone)) if claim.wants_its_own() => {
            "does not fit: the Ingress asks for one of its own".to_owned()
        }
        Some(Misfit::Terms(Term::Alone)) => match group.terms().alone {
            Some(other) => format!("does not fit: {other} has it alone"),
            None => "does not fit: another one has it alone".to_owned(),
        },
        Some(Misfit::Terms(Term::Mode)) => "does not fit: its mode is another".to_owned(),
        Some(Misfit::Terms(Term::Key)) => "does not fit: its group is another".to_owned(),
        None if !has_room(group, &member.certificates.certificates, 0) => format!(
            "no room: {} of {} certificates, one place is kept free for renewals",
            group.places_with(&[]),
            group.limit()
        ),
        None if stands || placement.stand().is_some() && claim.published().is_some() => {
            "would fit, but a move would change the DNS name".to_owned()
        }
        None => format!("would fit: {}", certificates_to_add(group, member)),
    }
}

fn certificates_to_add(group: &Group<'_>, member: &Member<'_>) -> String {
    let decision = &member.certificates;
    if decision.certificates.is_empty() {
        return if decision.is_unknown() {
            "which certificates it needs is not known".to_owned()
        } else if decision.waits {
            "no certificate is known for it yet".to_owned()
        } else if member.claim.hosts.is_empty() {
            "it has no host, so it needs none".to_owned()
        } else {
            "none of its hosts has a certificate".to_owned()
        };
    }
    let there = group.owned().map(|owned| owned.certificates.as_slice()).unwrap_or_default();
    match decision.certificates.iter().filter(|id| there.binary_search(id).is_err()).count() {
        0 => "it has all certificates already".to_owned(),
        some => words::count(some, "certificate has to be added", "certificates have to be added"),
    }
}
