//! The choice of a certificate for each host: a total order, so that the answer never depends on the order of a list.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{
    Certificate, CertificateInput, CertificateKind, CertificateStatus, Diagnostic, DiagnosticCode,
    PlanningError, PolicyPoint, Severity,
};

use super::names::{NameIndex, covers, wildcard_of};
use crate::{
    observed::{Concern, Observed},
    policies::Points,
    source::Claim,
    words,
};

/// A certificate that ends sooner than this gives way to any other that covers the host: 7 days.
pub const RENEWAL: u64 = 7 * 86_400;

/// How usable a certificate is, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usability {
    /// Now and for 7 more days.
    Fresh,
    /// Now, but it ends within 7 days.
    Ending,
    /// Not now.
    Unusable,
}

/// Whether AWS and clients take a certificate now, and for how long.
pub fn usability(certificate: &Certificate, time: u64) -> Usability {
    match (certificate.status, certificate.not_before, certificate.not_after) {
        (CertificateStatus::Issued, Some(start), Some(end)) if start <= time && time <= end => {
            if end >= time.saturating_add(RENEWAL) { Usability::Fresh } else { Usability::Ending }
        }
        _ => Usability::Unusable,
    }
}

/// When the next certificate that could serve one of these claims becomes more or less usable than it is now.
pub fn next_change(claims: &[&Claim], observed: &Observed<'_>) -> Option<u64> {
    let hosts = || claims.iter().flat_map(|claim| &claim.hosts);
    let names: BTreeSet<String> =
        hosts().cloned().chain(hosts().filter_map(|host| wildcard_of(host))).collect();
    let pinned: BTreeSet<&str> = claims.iter().filter_map(|claim| claim.pinned.as_deref()).collect();
    let could_serve = |certificate: &Certificate| {
        pinned.contains(certificate.arn.as_str())
            || certificate.names.iter().any(|name| names.contains(&name.to_ascii_lowercase()))
    };
    let certificates = observed.certificates.values().filter(|certificate| could_serve(certificate));
    certificates
        .filter(|certificate| certificate.status == CertificateStatus::Issued)
        .filter_map(|certificate| Some((certificate.not_before?, certificate.not_after?)))
        .flat_map(|(start, end)| {
            [start, end.saturating_sub(RENEWAL).saturating_add(1), end.saturating_add(1)]
        })
        .filter(|moment| *moment > observed.time)
        .min()
}

/// Whether a certificate may be chosen without being pinned: a public root vouches for it, or a setting allows others.
fn is_eligible(certificate: &Certificate, observed: &Observed<'_>) -> bool {
    let trusted = match certificate.kind {
        CertificateKind::AmazonIssued => true,
        CertificateKind::Private | CertificateKind::Imported | CertificateKind::Iam => {
            certificate.publicly_trusted == Some(true)
        }
    };
    usability(certificate, observed.time) != Usability::Unusable
        && (trusted || observed.settings.allow_untrusted_certificates)
}

/// Compares two that cover a host; the better one comes first.
fn compare(left: (&Certificate, bool), right: (&Certificate, bool), time: u64) -> Ordering {
    let key = |(certificate, exact): (&Certificate, bool)| {
        (
            usability(certificate, time),
            !exact,
            Reverse(certificate.not_before),
            Reverse(certificate.not_after),
        )
    };
    key(left).cmp(&key(right)).then_with(|| left.0.arn.cmp(&right.0.arn))
}

/// Why a certificate that covers a host lost against the best one.
pub fn lost_because(
    worse: (&Certificate, bool),
    best: (&Certificate, bool),
    observed: &Observed<'_>,
) -> String {
    let time = observed.time;
    let ends = |certificate: &Certificate| {
        words::duration(certificate.not_after.unwrap_or_default().saturating_sub(time))
    };
    match (usability(worse.0, time), usability(best.0, time)) {
        (Usability::Unusable, _) => match worse.0.status {
            CertificateStatus::Issued if worse.0.not_before > Some(time) => "not valid yet".to_owned(),
            CertificateStatus::Issued => "has ended".to_owned(),
            _ => "is not issued".to_owned(),
        },
        _ if !is_eligible(worse.0, observed) => {
            "no public root vouches for it; pin it, or set allow-untrusted-certificates".to_owned()
        }
        (Usability::Ending, Usability::Fresh) => format!("ends in {} (7 days are needed)", ends(worse.0)),
        _ if best.1 && !worse.1 => "less specific".to_owned(),
        _ if worse.0.not_before < best.0.not_before => "started earlier".to_owned(),
        _ if worse.0.not_after < best.0.not_after => "ends earlier".to_owned(),
        _ => "larger ARN".to_owned(),
    }
}

/// A certificate that was chosen for a host.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Why, in words for people.
    pub reason: String,
}

/// What a claim needs of certificates.
#[derive(Clone, Debug)]
pub enum Want<'a> {
    /// These, host by host; a host that is lacking has none.
    Known(BTreeMap<String, Chosen<'a>>),
    /// It cannot be said now: what is there is kept, and a newcomer waits or is rejected.
    Unknown,
}

/// What was decided for one claim.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// What it needs.
    pub want: Want<'a>,
    /// ARN of a pinned certificate that serves all hosts, whether or not it covers them.
    pub pinned: Option<&'a Certificate>,
    /// What there is to say.
    pub diagnostics: Vec<Diagnostic>,
    /// Hosts that no certificate may be chosen for. One that is there already may serve them still.
    pub lacking: Vec<String>,
    /// Whether a newcomer in this case waits (something is not known) instead of being rejected.
    pub waits: bool,
}

impl<'a> Decision<'a> {
    /// The ARNs that it needs.
    pub fn arns(&self) -> BTreeSet<&'a str> {
        let hosts = match &self.want {
            Want::Known(hosts) => Some(hosts.values().map(|chosen| chosen.certificate.arn.as_str())),
            Want::Unknown => None,
        };
        hosts.into_iter().flatten().chain(self.pinned.map(|pinned| pinned.arn.as_str())).collect()
    }
}

/// Decides for all claims that are ours, in their order.
pub fn choose<'a>(
    claims: &[&Claim],
    observed: &Observed<'a>,
    points: &Points<'_>,
) -> Result<Vec<Decision<'a>>, PlanningError> {
    let hosts: BTreeSet<&str> = claims
        .iter()
        .filter(|claim| claim.pinned.is_none())
        .flat_map(|claim| claim.hosts.iter().map(String::as_str))
        .collect();
    let by_host = best_for_hosts(&hosts, observed, points)?;
    Ok(claims.iter().map(|claim| decide(claim, &by_host, observed, points)).collect())
}

/// The best certificate of every host that has one.
fn best_for_hosts<'a>(
    hosts: &BTreeSet<&str>,
    observed: &Observed<'a>,
    points: &Points<'_>,
) -> Result<BTreeMap<String, Chosen<'a>>, PlanningError> {
    if points.is_frozen(PolicyPoint::Certificates) {
        return Ok(BTreeMap::new());
    }
    let eligible =
        observed.certificates.values().copied().filter(|certificate| is_eligible(certificate, observed));
    if points.is_overridden(PolicyPoint::Certificates) {
        return ask_policy(hosts, &eligible.collect::<Vec<_>>(), observed, points);
    }
    let index = NameIndex::new(eligible);
    let mut chosen = BTreeMap::new();
    for host in hosts {
        let best = index.covering(host).min_by(|left, right| compare(*left, *right, observed.time));
        if let Some((certificate, exact)) = best {
            let end =
                words::duration(certificate.not_after.unwrap_or_default().saturating_sub(observed.time));
            let kind = if exact { "exact name" } else { "wildcard" };
            chosen.insert(
                (*host).to_owned(),
                Chosen { certificate, reason: format!("{kind}, valid for {end}") },
            );
        }
    }
    Ok(chosen)
}

fn ask_policy<'a>(
    hosts: &BTreeSet<&str>,
    eligible: &[&'a Certificate],
    observed: &Observed<'a>,
    points: &Points<'_>,
) -> Result<BTreeMap<String, Chosen<'a>>, PlanningError> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let input = CertificateInput {
        settings: points.settings(PolicyPoint::Certificates),
        time: observed.time,
        hosts: hosts.clone(),
        certificates: eligible.iter().map(|certificate| (*certificate).clone()).collect(),
    };
    let answer = points.certificates(&input)?;
    let mut chosen = BTreeMap::new();
    for choice in answer.choices {
        let host = hosts.get(choice.host as usize);
        let certificate = eligible.get(choice.certificate as usize);
        // The host has checked the answer; a native caller may not have.
        if let (Some(host), Some(certificate)) = (host, certificate)
            && covers(certificate, host)
        {
            chosen.insert(host.clone(), Chosen { certificate, reason: choice.reason });
        }
    }
    Ok(chosen)
}

fn decide<'a>(
    claim: &Claim,
    by_host: &BTreeMap<String, Chosen<'a>>,
    observed: &Observed<'a>,
    points: &Points<'_>,
) -> Decision<'a> {
    if let Some(arn) = &claim.pinned {
        return decide_pinned(claim, arn, observed);
    }
    if points.is_frozen(PolicyPoint::Certificates) {
        let diagnostics = vec![points.frozen_diagnostic(PolicyPoint::Certificates, &claim.name)];
        return Decision { want: Want::Unknown, pinned: None, diagnostics, lacking: Vec::new(), waits: true };
    }
    let mut found = BTreeMap::new();
    let mut lacking = Vec::new();
    for host in &claim.hosts {
        match by_host.get(host) {
            Some(chosen) => {
                found.insert(host.clone(), chosen.clone());
            }
            None => lacking.push(host.as_str()),
        }
    }
    let mut decision = Decision {
        want: Want::Known(found),
        pinned: None,
        diagnostics: Vec::new(),
        lacking: Vec::new(),
        waits: false,
    };
    let subject = words::ingress(&claim.name);
    if let Want::Known(hosts) = &decision.want {
        let ending = hosts
            .iter()
            .filter(|(_, chosen)| usability(chosen.certificate, observed.time) == Usability::Ending);
        for (host, chosen) in ending {
            let end = chosen.certificate.not_after.unwrap_or_default().saturating_sub(observed.time);
            decision.diagnostics.push(Diagnostic {
                code: DiagnosticCode::CertificateExpiring,
                severity: Severity::Warning,
                subject: subject.clone(),
                field: Some("spec.rules".to_owned()),
                message: format!(
                    "the best certificate for {host} ({}) ends in {}",
                    chosen.certificate.arn,
                    words::days_left(end)
                ),
                remedy: Some("renew it, or request another one in ACM".to_owned()),
            });
        }
    }
    if lacking.is_empty() {
        return decision;
    }
    if let Some(missing) = observed.completeness.explain(Concern::CallUncovered) {
        decision.waits = true;
        decision.diagnostics.push(Diagnostic {
            code: DiagnosticCode::ViewIncomplete,
            severity: Severity::Warning,
            subject,
            field: Some("spec.rules".to_owned()),
            message: format!("no certificate is known yet for {}: {missing}", words::list(lacking)),
            remedy: None,
        });
        return decision;
    }
    decision.lacking = lacking.into_iter().map(str::to_owned).collect();
    decision
}

fn decide_pinned<'a>(claim: &Claim, arn: &str, observed: &Observed<'a>) -> Decision<'a> {
    let subject = words::ingress(&claim.name);
    let field = Some(format!("metadata.annotations[{}]", albatross_contract::ANNOTATION_CERTIFICATE));
    let say = |code, message, remedy: &str| Diagnostic {
        code,
        severity: Severity::Warning,
        subject: subject.clone(),
        field: field.clone(),
        message,
        remedy: Some(remedy.to_owned()),
    };
    let Some(certificate) = observed.certificates.get(arn).copied() else {
        let missing = observed.completeness.explain(Concern::CallUncovered);
        let waits = missing.is_some();
        let diagnostic = match missing {
            Some(missing) => say(
                DiagnosticCode::ViewIncomplete,
                format!("certificate {arn} is not known: {missing}"),
                "wait",
            ),
            None => say(
                DiagnosticCode::CertificateMissing,
                format!("certificate {arn} does not exist in this account and region"),
                "correct the ARN, or remove the annotation",
            ),
        };
        return unknown(diagnostic, waits);
    };
    if certificate.status != CertificateStatus::Issued {
        let diagnostic = say(
            DiagnosticCode::CertificateUnusable,
            format!("certificate {arn} is not issued, so no load balancer takes it"),
            "complete its validation, or name another one",
        );
        return unknown(diagnostic, false);
    }
    let mut diagnostics = Vec::new();
    if usability(certificate, observed.time) == Usability::Unusable {
        diagnostics.push(say(
            DiagnosticCode::CertificateUnusable,
            format!("certificate {arn} is named, and is served, but it is not valid now"),
            "name another one",
        ));
    }
    let mut hosts = BTreeMap::new();
    for host in &claim.hosts {
        hosts.insert(host.clone(), Chosen { certificate, reason: "named by the Ingress".to_owned() });
        if !covers(certificate, host) {
            diagnostics.push(say(
                DiagnosticCode::CertificateNotCovering,
                format!("certificate {arn} is named, and is served, but it does not cover {host}"),
                "name one that does, or remove the annotation",
            ));
        }
    }
    Decision {
        want: Want::Known(hosts),
        pinned: Some(certificate),
        diagnostics,
        lacking: Vec::new(),
        waits: false,
    }
}

fn unknown<'a>(diagnostic: Diagnostic, waits: bool) -> Decision<'a> {
    Decision { want: Want::Unknown, pinned: None, diagnostics: vec![diagnostic], lacking: Vec::new(), waits }
}
