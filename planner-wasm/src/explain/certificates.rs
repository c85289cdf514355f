//! Explanation of the certificate of a host.

use albatross_contract::{Candidate, Decision, Outcome, PolicyPoint};

use super::candidate;
use crate::{
    certificates::{CertificateId, Covering, Criterion},
    grouping::Member,
    observed::{Concern, Observed},
    planning::Decided,
    source::{HostId, Routing},
    words,
};

/// Describes all certificates that cover a host, with the one that was chosen.
pub fn decision(host: HostId, member: &Member<'_>, outcome: &Outcome, decided: &Decided<'_, '_>) -> Decision {
    let observed = decided.observed;
    let mut covering: Vec<Covering> = observed.coverage.of(host).collect();
    covering.sort_by_key(|covering| covering.certificate);
    covering.dedup_by_key(|covering| covering.certificate);
    let mut candidates = match member.certificates.chosen(host) {
        Some(chosen) => with_choice(host, chosen, covering, member, decided),
        None => without_choice(host, covering, member, outcome, decided),
    };
    if candidates.is_empty() {
        let reason = match observed.completeness.explain(Concern::CallUncovered) {
            Some(missing) => format!("it is not known whether a certificate covers it: {missing}"),
            None if member.claim.routing.as_deref().is_some_and(Routing::has_http) => {
                "no certificate covers it: the host has no HTTPS; requests over HTTP are served".to_owned()
            }
            None => "no certificate covers it: the host is left out".to_owned(),
        };
        candidates.push(candidate(false, "none", reason));
    }
    super::decision(format!("Certificate for {}", observed.hosts.text(host)), candidates)
}

fn with_choice(
    host: HostId,
    chosen: CertificateId,
    covering: Vec<Covering>,
    member: &Member<'_>,
    decided: &Decided<'_, '_>,
) -> Vec<Candidate> {
    let observed = decided.observed;
    let is_pinned = !member.certificates.pinned.is_empty();
    let reason = match is_pinned {
        true => "named by the annotation".to_owned(),
        false => decided.certificates.reason(host, &observed.certificates),
    };
    let best = covering.iter().find(|covering| covering.certificate == chosen).copied();
    let mut candidates = vec![named(chosen, true, reason, observed)];
    for worse in covering.into_iter().filter(|covering| covering.certificate != chosen) {
        let reason = match best {
            _ if member.certificates.pinned.contains(&worse.certificate) => {
                "named by the annotation too, and attached too".to_owned()
            }
            _ if is_pinned => "the annotation names other certificates".to_owned(),
            _ if is_by_policy(observed) => "the policy chose another certificate".to_owned(),
            Some(best) => lost_because(worse, best, observed),
            None => "another certificate was chosen".to_owned(),
        };
        candidates.push(named(worse.certificate, false, reason, observed));
    }
    candidates
}

fn without_choice(
    host: HostId,
    covering: Vec<Covering>,
    member: &Member<'_>,
    outcome: &Outcome,
    decided: &Decided<'_, '_>,
) -> Vec<Candidate> {
    let observed = decided.observed;
    let text = observed.hosts.text(host);
    let serving = outcome.certificates.iter().find(|found| found.host == text);
    let serving = serving.and_then(|found| observed.certificates.find(&found.certificate));
    let tell = |covering: Covering| {
        let serves = serving == Some(covering.certificate);
        let reason = if serves {
            "stays on the load balancer, since no other certificate covers the host".to_owned()
        } else if member.certificates.is_unknown() {
            "no certificate is chosen while it is not known which one the Ingress needs".to_owned()
        } else if is_by_policy(observed) {
            "the policy chose none".to_owned()
        } else {
            unfit(covering.certificate, observed).unwrap_or_else(|| "is not chosen".to_owned())
        };
        named(covering.certificate, serves, reason, observed)
    };
    covering.into_iter().map(tell).collect()
}

/// Whether a policy chooses certificates. Then our order of certificates explains nothing.
fn is_by_policy(observed: &Observed<'_>) -> bool {
    observed.settings.policies.iter().any(|policy| policy.point == PolicyPoint::Certificates)
}

fn named(id: CertificateId, chosen: bool, reason: String, observed: &Observed<'_>) -> Candidate {
    let arn = observed.certificates.arn(id);
    let known = observed.certificates.known(id);
    // Distinguishes certificates with the same name.
    let last = arn.char_indices().rev().nth(3).map_or(arn, |(at, _)| &arn[at..]);
    let name = known.and_then(|known| {
        let kind = words::certificate_kind(known.kind);
        Some(format!("{} ({}, {kind}, …{last})", known.names.first()?, known.key_algorithm))
    });
    Candidate { chosen, name: name.unwrap_or_else(|| arn.to_owned()), id: Some(arn.to_owned()), reason }
}

/// What stands against choosing a certificate at all.
fn unfit(id: CertificateId, observed: &Observed<'_>) -> Option<String> {
    let (unfit, certificate) = observed.certificates.unfit(id)?;
    Some(format!("it {}; to do: {}", unfit.words(certificate), unfit.remedy()))
}

/// Why a certificate that covers a host lost against the best one.
fn lost_because(worse: Covering, best: Covering, observed: &Observed<'_>) -> String {
    let catalog = &observed.certificates;
    if let Some(unfit) = unfit(worse.certificate, observed) {
        return unfit;
    }
    match catalog.difference(worse, best) {
        Criterion::Usability => {
            let rest = words::duration(catalog.rest(worse.certificate));
            format!("ends in {rest} (7 days are needed)")
        }
        Criterion::ExactName => "less specific".to_owned(),
        Criterion::Start => "issued earlier".to_owned(),
        Criterion::End => "ends earlier".to_owned(),
        Criterion::Arn => "larger ARN".to_owned(),
    }
}
