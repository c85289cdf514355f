//! Explanations: the same decisions as a plan's, told with all that could have been chosen.

use std::collections::BTreeSet;

use albatross_contract::{
    Candidate, Certificate, Decision, DesiredLoadBalancer, DiagnosticCode, Explanation, HttpRequest,
    IngressName, LoadBalancerFate, Outcome, OutcomeState, PlanningError, PolicyPoint, Question, Scheme,
    Snapshot, StatusChange,
};

use crate::{
    certificates::{NameIndex, Want, lost_because},
    explain_request,
    grouping::{Member, Misfit, Place, Slot, has_room, limit_on, misfit},
    observed::Concern,
    planning::{self, Decided},
    policies::Policies,
    words,
};

/// Says why.
pub fn explain(
    snapshot: &Snapshot,
    question: &Question,
    policies: &dyn Policies,
) -> Result<Explanation, PlanningError> {
    planning::decide(snapshot, policies, |decided| match question {
        Question::Ingress(name) => ingress(name, &decided),
        Question::LoadBalancer(name) => load_balancer(name, &decided),
        Question::Request(asked) => request(asked, &decided),
    })?
}

fn unknown(what: &str) -> PlanningError {
    PlanningError { code: DiagnosticCode::SnapshotInvalid, message: format!("the snapshot holds no {what}") }
}

fn candidate(chosen: bool, name: impl Into<String>, reason: impl Into<String>) -> Candidate {
    Candidate { chosen, name: name.into(), id: None, reason: reason.into() }
}

/// The chosen ones first, otherwise as they come.
fn decision(title: impl Into<String>, mut candidates: Vec<Candidate>) -> Decision {
    candidates.sort_by_key(|candidate| !candidate.chosen);
    Decision { title: title.into(), candidates }
}

// ---- an Ingress ----

fn ingress(name: &IngressName, decided: &Decided<'_, '_>) -> Result<Explanation, PlanningError> {
    let is_it = |outcome: &&Outcome| outcome.namespace == name.namespace && outcome.name == name.name;
    let full = format!("{}/{}", name.namespace, name.name);
    let outcome =
        decided.plan.outcomes.iter().find(is_it).ok_or_else(|| unknown(&format!("Ingress {full}")))?;
    let mut decisions = Vec::new();
    let members = decided.grouping.members.iter().zip(&decided.grouping.places);
    let found = members.into_iter().find(|(member, _)| member.claim.name.to_string() == full);
    if let Some((member, place)) = found {
        decisions.push(which_load_balancer(member, place, decided));
        decisions
            .extend(member.claim.hosts.iter().map(|host| which_certificate(host, member, outcome, decided)));
        let on = place.on.as_deref().and_then(|id| described(id, decided));
        if let Some(scheme) = on.map(|on| on.scheme).or(member.claim.scheme.value()) {
            decisions.push(which_subnets(scheme, on, decided));
        }
    }
    if !outcome.diagnostics.is_empty() {
        let tell = |diagnostic: &albatross_contract::Diagnostic| {
            let reason = match &diagnostic.remedy {
                Some(remedy) => format!("{}; to do: {remedy}", diagnostic.message),
                None => diagnostic.message.clone(),
            };
            candidate(false, "!", reason)
        };
        decisions.push(Decision {
            title: "To know".to_owned(),
            candidates: outcome.diagnostics.iter().map(tell).collect(),
        });
    }
    Ok(Explanation { headline: headline(&full, outcome, decided), decisions })
}

fn headline(name: &str, outcome: &Outcome, decided: &Decided<'_, '_>) -> String {
    let on = outcome
        .load_balancer
        .as_deref()
        .and_then(|id| described(id, decided))
        .map(|found| found.name.as_str());
    match (outcome.state, on) {
        (OutcomeState::Ignored, _) => {
            format!("{name} is not ours: neither its class nor its IngressClass names us")
        }
        (OutcomeState::Released, _) => {
            format!("{name} is released: it is no longer ours, and its status is emptied")
        }
        (OutcomeState::Rejected, _) => format!("{name} gets no load balancer as it is"),
        (OutcomeState::Waiting, _) | (_, None) => format!("{name} waits"),
        (OutcomeState::Held, Some(on)) => format!("{name} → {on}, held: a part of it stays as it was"),
        (OutcomeState::Placed, Some(on)) => match &outcome.status {
            StatusChange::Publish(hostname) => format!("{name} → {on}, published as {hostname}"),
            StatusChange::Keep | StatusChange::Withdraw => format!("{name} → {on}"),
        },
    }
}

fn described<'b>(id: &str, decided: &'b Decided<'_, '_>) -> Option<&'b DesiredLoadBalancer> {
    decided.plan.load_balancers.iter().find(|found| found.id == id)
}

fn which_load_balancer(member: &Member<'_>, place: &Place, decided: &Decided<'_, '_>) -> Decision {
    let candidates = decided.grouping.slots.iter().map(|slot| {
        let described = described(&slot.id, decided);
        let name = described.map_or(slot.id.as_str(), |found| found.name.as_str());
        let chosen = place.on.as_deref() == Some(slot.id.as_str());
        let mut candidate = candidate(chosen, name, fit(slot, member, place, decided));
        candidate.id = described.and_then(|found| found.arn.clone());
        candidate
    });
    let mut candidates: Vec<Candidate> = candidates.collect();
    if candidates.is_empty() {
        candidates.push(candidate(false, "none", "there is no load balancer, and none can be made for it"));
    }
    decision("Load balancer", candidates)
}

/// Why a load balancer is, or is not, where a member stands.
fn fit(slot: &Slot<'_>, member: &Member<'_>, place: &Place, decided: &Decided<'_, '_>) -> String {
    let observed = decided.observed;
    let stands = place.leaves.is_none()
        && slot.owned.and_then(|owned| owned.load_balancer).is_some_and(|found| {
            member.claim.published.as_deref() == Some(found.dns_name.to_ascii_lowercase().as_str())
        });
    let Some(scheme) = member.claim.scheme.value() else {
        return "it cannot be said what the Ingress asks for; it stays where it is".to_owned();
    };
    if place.on.as_deref() == Some(slot.id.as_str()) {
        let made = slot.owned.is_none_or(|owned| owned.load_balancer.is_none());
        return if stands && place.held {
            "stays: what it asks for cannot be planned as a whole".to_owned()
        } else if stands {
            "stays: it has been here and still fits".to_owned()
        } else if made {
            "is made, since no other fits".to_owned()
        } else {
            format!("fits best: {}", certificates_to_add(slot, member))
        };
    }
    if place.leaves.as_deref() == Some(slot.id.as_str()) {
        return "is left: it keeps serving until the status names the other one".to_owned();
    }
    match misfit(slot, member, scheme, observed) {
        Some(Misfit::Scheme) => format!(
            "does not fit: {}, the Ingress asks for {}",
            words::scheme(slot.scheme),
            words::scheme(scheme)
        ),
        Some(Misfit::Broken) => "does not fit: AWS could not make it".to_owned(),
        Some(Misfit::ServesAnotherAlone) => match &slot.exclusive {
            Some(other) => format!("does not fit: {other} has it alone"),
            None => "does not fit: another one has it alone".to_owned(),
        },
        Some(Misfit::WantsItsOwn) => "does not fit: the Ingress asks for one of its own".to_owned(),
        Some(Misfit::Group) => "does not fit: its group is another".to_owned(),
        None if !has_room(slot, &member.certificates.arns(), observed) => format!(
            "no room: {} of {} certificates, one place is kept free for renewals",
            slot.places_with(&BTreeSet::new()),
            limit_on(slot, observed)
        ),
        None if stands || place.on.is_some() && member.claim.published.is_some() => {
            "would fit, but a move would change the DNS name".to_owned()
        }
        None => format!("would fit: {}", certificates_to_add(slot, member)),
    }
}

fn certificates_to_add(slot: &Slot<'_>, member: &Member<'_>) -> String {
    let there = slot.owned.map(|owned| owned.certificates()).unwrap_or_default();
    let arns = member.certificates.arns();
    if arns.is_empty() {
        return match member.certificates.want {
            Want::Unknown => "which certificates it needs is not known".to_owned(),
            Want::Known(_) if member.certificates.waits => "no certificate is known for it yet".to_owned(),
            Want::Known(_) if member.claim.hosts.is_empty() => "it has no host, so it needs none".to_owned(),
            Want::Known(_) => "none of its hosts has a certificate".to_owned(),
        };
    }
    match arns.iter().filter(|arn| !there.contains(*arn)).count() {
        0 => "it has all certificates already".to_owned(),
        some => words::count(some, "certificate has to be added", "certificates have to be added"),
    }
}

fn which_certificate(
    host: &str,
    member: &Member<'_>,
    outcome: &Outcome,
    decided: &Decided<'_, '_>,
) -> Decision {
    let observed = decided.observed;
    let serves =
        outcome.certificates.iter().find(|found| found.host == host).map(|found| found.certificate.as_str());
    let index = NameIndex::new(observed.certificates.values().copied());
    let mut covering: Vec<(&Certificate, bool)> = index.covering(host).collect();
    covering.sort_by(|left, right| left.0.arn.cmp(&right.0.arn));
    covering.dedup_by(|left, right| left.0.arn == right.0.arn);
    let chosen = match &member.certificates.want {
        Want::Known(hosts) => hosts.get(host),
        Want::Unknown => None,
    };
    let named = |certificate: &Certificate, chosen: bool, reason: String| Candidate {
        chosen,
        name: certificate.names.first().cloned().unwrap_or_else(|| certificate.arn.clone()),
        id: Some(certificate.arn.clone()),
        reason,
    };
    // A policy has reasons of its own; ours decided nothing then.
    let by_policy = observed.settings.policies.iter().any(|policy| policy.point == PolicyPoint::Certificates);
    let unknown = matches!(member.certificates.want, Want::Unknown);
    let mut candidates = Vec::new();
    if let Some(chosen) = chosen {
        candidates.push(named(chosen.certificate, true, chosen.reason.clone()));
        let best = covering.iter().find(|(found, _)| found.arn == chosen.certificate.arn).copied();
        for (certificate, exact) in covering {
            if certificate.arn == chosen.certificate.arn {
                continue;
            }
            let reason = match best {
                _ if member.certificates.pinned.is_some() => "the Ingress names another".to_owned(),
                _ if by_policy => "the policy chose another".to_owned(),
                Some(best) => lost_because((certificate, exact), best, observed),
                None => "another was chosen".to_owned(),
            };
            candidates.push(named(certificate, false, reason));
        }
    } else {
        for (certificate, exact) in covering {
            let serving = serves == Some(certificate.arn.as_str());
            let reason = if serving {
                "is there, and stays while no other covers the host".to_owned()
            } else if unknown {
                "nothing is chosen before it is known what the Ingress may have".to_owned()
            } else if by_policy {
                "the policy chose none".to_owned()
            } else {
                lost_because((certificate, exact), (certificate, exact), observed)
            };
            candidates.push(named(certificate, serving, reason));
        }
    }
    if candidates.is_empty() {
        let reason = match observed.completeness.explain(Concern::CallUncovered) {
            Some(missing) => format!("none is known to cover it: {missing}"),
            None => "no certificate covers it: the host is left out".to_owned(),
        };
        candidates.push(candidate(false, "none", reason));
    }
    decision(format!("Certificate for {host}"), candidates)
}

fn which_subnets(scheme: Scheme, on: Option<&DesiredLoadBalancer>, decided: &Decided<'_, '_>) -> Decision {
    let choice = &decided.choices[usize::from(scheme == Scheme::Internal)];
    let in_use: BTreeSet<&str> =
        on.filter(|on| on.arn.is_some()).into_iter().flat_map(|on| &on.subnets).map(String::as_str).collect();
    let mut candidates = Vec::new();
    let label = |id: &str, zone: &str| format!("{id} ({zone})");
    for subnet in &choice.chosen {
        let reason = choice.reasons.get(subnet.id.as_str()).cloned().unwrap_or_default();
        let (chosen, reason) = match (in_use.is_empty(), in_use.contains(subnet.id.as_str())) {
            (true, _) => (true, reason),
            (false, true) => (true, format!("in use; {reason}")),
            (false, false) => {
                (false, "the load balancer has no need of it, or has another one in its zone".to_owned())
            }
        };
        candidates.push(candidate(chosen, label(&subnet.id, &subnet.zone), reason));
    }
    for (subnet, reason) in &choice.lost {
        let used = in_use.contains(subnet.id.as_str());
        let reason = if used { "in use: stays until it is gone".to_owned() } else { reason.clone() };
        candidates.push(candidate(used, label(&subnet.id, &subnet.zone), reason));
    }
    decision("Subnets", candidates)
}

// ---- a load balancer ----

fn load_balancer(name: &str, decided: &Decided<'_, '_>) -> Result<Explanation, PlanningError> {
    let is_it = |found: &&DesiredLoadBalancer| {
        found.id == name
            || found.name == name
            || found.arn.as_deref() == Some(name)
            || found.dns_name.as_deref() == Some(name.to_ascii_lowercase().as_str())
    };
    let found = decided.plan.load_balancers.iter().find(is_it);
    let found = found.ok_or_else(|| unknown(&format!("load balancer {name} of ours")))?;
    let fate = match found.fate {
        LoadBalancerFate::Create => "is made",
        LoadBalancerFate::Keep => "stays",
        LoadBalancerFate::Unneeded => "is unneeded: it is removed when its grace is over",
        LoadBalancerFate::Delete => "is removed: its grace is over",
    };
    let members = found.members.iter().map(|member| candidate(true, member.clone(), "is placed here"));
    let certificates = found.certificates.iter().map(|certificate| {
        let names =
            decided.observed.certificates.get(certificate.arn.as_str()).and_then(|known| known.names.first());
        let reason = match certificate.unneeded_since {
            Some(since) => format!(
                "no Ingress has needed it for {}",
                words::duration(decided.observed.time.saturating_sub(since))
            ),
            None if certificate.hosts.is_empty() => "an Ingress names it, or still needs it".to_owned(),
            None => format!("serves {}", words::list(certificate.hosts.iter().map(String::as_str))),
        };
        Candidate {
            chosen: certificate.unneeded_since.is_none(),
            name: names.cloned().unwrap_or_else(|| certificate.arn.clone()),
            id: Some(certificate.arn.clone()),
            reason,
        }
    });
    let decisions = vec![
        decision("Ingresses", members.collect()),
        decision("Certificates", certificates.collect()),
        which_subnets(found.scheme, Some(found), decided),
    ];
    Ok(Explanation { headline: format!("{} {fate}", found.name), decisions })
}

// ---- a request ----

fn request(asked: &HttpRequest, decided: &Decided<'_, '_>) -> Result<Explanation, PlanningError> {
    let members = decided.grouping.members.iter().zip(&decided.grouping.places);
    let serving: BTreeSet<&str> = members
        .filter(|(member, _)| {
            member.claim.hosts.iter().any(|host| explain_request::covers(host, &asked.host))
        })
        .filter_map(|(_, place)| place.on.as_deref())
        .collect();
    let described: Vec<&DesiredLoadBalancer> =
        decided.plan.load_balancers.iter().filter(|found| serving.contains(found.id.as_str())).collect();
    if described.is_empty() {
        return Err(unknown(&format!("Ingress of ours with host {} that has a place", asked.host)));
    }
    Ok(explain_request::explain(asked, &described))
}
