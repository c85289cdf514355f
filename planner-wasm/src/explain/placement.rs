//! Which load balancer a member is on, and why not on another one: the verdicts of its turn, told.

use albatross_contract::{Candidate, Decision};

use super::{candidate, described};
use crate::{
    grouping::{Fit, Full, Group, GroupId, Member, Misfit, Placement, Stay, Verdict, Verdicts},
    planning::Decided,
    source::{AllWishes, Wish},
    terms::{Term, Terms, group_in_words},
    words,
};

/// Tells of all load balancers.
pub fn decision(
    member: &Member<'_>,
    placement: &Placement<'_>,
    verdicts: &Verdicts<'_>,
    decided: &Decided<'_, '_>,
) -> Decision {
    let chosen = placement.group();
    let best = chosen.and_then(|chosen| match verdicts.of(chosen) {
        Some(Verdict::Fits(fit)) => Some(fit),
        _ => None,
    });
    let tell = |(id, group): (GroupId, &Group<'_>)| {
        let described = described(group.id(), decided);
        let name = described.map_or(group.id(), |found| found.name.as_str());
        let reason = match verdicts.of(id)? {
            Verdict::Fits(fit) if chosen == Some(id) => fits_best(fit, group, member, decided),
            Verdict::Fits(_) if verdicts.stays() => {
                "would fit, but a move would change the DNS name".to_owned()
            }
            Verdict::Fits(_) if verdicts.leaves_with_others() => {
                "would fit, but the Ingresses of the load balancer that is emptied go to one load balancer together".to_owned()
            }
            Verdict::Fits(fit) => would_fit(fit, best, group, member),
            verdict => told(verdict, member, decided.observed.wishes),
        };
        let mut candidate = candidate(chosen == Some(id), name, reason);
        candidate.id = described.and_then(|found| found.arn.clone());
        Some(candidate)
    };
    let mut candidates: Vec<Candidate> = decided.grouping.groups.numbered().filter_map(tell).collect();
    if candidates.is_empty() {
        let kind = member.claim.object.kind.kubernetes();
        let reason = format!("there is no load balancer, and none can be created for the {kind}");
        candidates.push(candidate(false, "none", reason));
    }
    super::decision("Load balancer", candidates)
}

/// A verdict in words, besides that a load balancer fits.
fn told(verdict: Verdict<'_>, member: &Member<'_>, wishes: &AllWishes<'_>) -> String {
    let kind = member.claim.object.kind.kubernetes();
    match verdict {
        Verdict::Stays(Stay::Fits) => "stays: it has been here and still fits".to_owned(),
        Verdict::Stays(Stay::Held) => format!("stays: part of the {kind} cannot be planned"),
        Verdict::Stays(Stay::MoveWithheld) => "stays: its move is withheld".to_owned(),
        Verdict::Stays(Stay::NoOtherPlace) => "stays: no other load balancer can serve it".to_owned(),
        Verdict::Leaves(reason) => {
            format!(
                "is left because {reason}; it serves the {kind} until the status names the other load balancer"
            )
        }
        Verdict::Unreadable => format!("unknown: an annotation of the {kind} is invalid"),
        Verdict::Misfit(misfit, terms) => misfits(misfit, &terms, member, wishes),
        Verdict::Full(Full::Quota(places, limit)) => {
            format!("no room: {places} of {limit} certificates, and one slot is kept free for renewals")
        }
        Verdict::Full(Full::Settings(needed, most)) => {
            format!("no room: {needed} of {most} certificates that certificates-per-load-balancer allows")
        }
        Verdict::Fits(_) => "would fit".to_owned(),
        Verdict::TakesAll => "has room for all Ingresses of the load balancer that is emptied".to_owned(),
        Verdict::OpenedForIt => match member.claim.routing.as_ref().and_then(|routing| routing.group) {
            Some(group) => {
                format!("is created because group {} has no load balancer that fits", group_in_words(group))
            }
            None => "is created because no other load balancer fits".to_owned(),
        },
        Verdict::OpenedLater(other) => format!("is created later, for {other}"),
        Verdict::HalfMade => "is incomplete, and no tag names an Ingress for it".to_owned(),
    }
}

fn misfits(misfit: Misfit, terms: &Terms<'_>, member: &Member<'_>, wishes: &AllWishes<'_>) -> String {
    let claim = member.claim;
    let kind = claim.object.kind.kubernetes();
    match misfit {
        Misfit::Broken => "does not fit: AWS could not provision it".to_owned(),
        Misfit::Terms(Term::Scheme) => {
            let its = terms.scheme.as_str();
            match claim.scheme {
                Wish::Own(asked) => {
                    format!("does not fit: {its}, the {kind} asks for {}", asked.as_str())
                }
                Wish::Default(default) => {
                    let default = default.as_str();
                    let whose = match claim.routing.as_ref().and_then(|routing| routing.group) {
                        Some(group) => format!("that of group {}", group_in_words(group)),
                        None => "the default".to_owned(),
                    };
                    format!("does not fit: {its}, the {kind} names no scheme and {whose} is {default}")
                }
                Wish::Unreadable => format!("does not fit: {its}, the {kind} asks for another scheme"),
            }
        }
        Misfit::Terms(Term::Kind) => match claim.kind.value() {
            Some(asked) => format!("does not fit: it is a {}, the {kind} needs a {asked}", terms.kind),
            None => format!("does not fit: it is a {}, the {kind} asks for another kind", terms.kind),
        },
        Misfit::Terms(Term::Alone) => match terms.alone {
            _ if claim.wants_its_own() => {
                format!("does not fit: the {kind} asks for a dedicated load balancer")
            }
            Some(other) => format!("does not fit: it is dedicated to {other}"),
            None => "does not fit: it is dedicated to another Ingress".to_owned(),
        },
        Misfit::Terms(Term::Mode) => "does not fit: its Ingresses are in another mode".to_owned(),
        Misfit::Terms(Term::HttpOnly) => match terms.http_only {
            true => format!("does not fit: it serves only HTTP, for which the {kind} does not ask"),
            false => format!("does not fit: it serves HTTPS, the {kind} asks for HTTP only"),
        },
        Misfit::Terms(Term::Key) => "does not fit: it belongs to another group".to_owned(),
        Misfit::Terms(Term::Wishes) => {
            let asked = claim.wishes.value().flatten();
            format!("does not fit: it has {}", wishes.difference(terms.wishes, asked))
        }
        Misfit::Terms(Term::Part) => {
            format!(
                "does not fit: the group is split, and the {kind} goes to load balancer {} of it",
                member.share.part
            )
        }
    }
}

/// Why the chosen one is the best.
fn fits_best(fit: Fit, group: &Group<'_>, member: &Member<'_>, decided: &Decided<'_, '_>) -> String {
    // Who opened it is its first member.
    let opener = group.opened().and_then(|_| group.members().first());
    match opener.map(|first| decided.grouping.members[*first].claim.object) {
        Some(first) => {
            format!("is created for {first}, and fits best: {}", certificates_to_add(fit, group, member))
        }
        None => format!("fits best: {}", certificates_to_add(fit, group, member)),
    }
}

/// What stands against one that fits: the first thing in which the chosen one is better.
fn would_fit(fit: Fit, best: Option<Fit>, group: &Group<'_>, member: &Member<'_>) -> String {
    match best {
        None => format!("would fit: {}", certificates_to_add(fit, group, member)),
        Some(best) if best.has_other_terms != fit.has_other_terms => {
            "would fit, but it was created for another Ingress or group".to_owned()
        }
        Some(best) if best.adds != fit.adds => {
            format!("would fit, but {}", certificates_to_add(fit, group, member))
        }
        Some(best) if best.had != fit.had => "would fit, but it has fewer certificates".to_owned(),
        Some(_) => "would fit equally well, but its id is larger".to_owned(),
    }
}

fn certificates_to_add(fit: Fit, group: &Group<'_>, member: &Member<'_>) -> String {
    let decision = &member.certificates;
    let kind = member.claim.object.kind.kubernetes();
    if decision.certificates.is_empty() {
        return if member.claim.is_http_only() {
            format!("the {kind} asks for HTTP only, so it needs no certificate")
        } else if decision.is_unknown() {
            format!("the certificates that the {kind} needs are not known")
        } else if decision.waits {
            format!("no certificate is known for the {kind} yet")
        } else if member.claim.hosts.is_empty() {
            format!("the {kind} has no host, so it needs no certificate")
        } else {
            format!("no host of the {kind} has a certificate")
        };
    }
    match fit.adds {
        0 if decision.certificates.iter().all(|certificate| group.has(*certificate)) => {
            "it already has all certificates".to_owned()
        }
        0 => "other Ingresses need all its certificates too".to_owned(),
        some => words::count(some, "certificate has to be added", "certificates have to be added"),
    }
}

#[cfg(test)]
mod tests;
