//! The choice of a certificate for each host: by a total order, so that it never depends on the order of a list.

use albatross_contract::{
    Certificate, CertificateChoice, CertificateInput, CertificateStatus, Diagnostic, DiagnosticCode,
    PlanningError, PolicyPoint,
};

use super::{
    Catalog, CertificateId, Covering, Usability,
    unfit::{has_tag, is_excluded},
};
use crate::{
    diagnostics::{Details, Subject, WAIT, warning},
    observed::{Concern, Observed, Owned},
    policies::{Points, frozen_diagnostic},
    source::{Claim, HostId},
    words,
};

/// The certificates that were decided for one claim.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The certificate of each host.
    pub want: Want,
    /// The pinned certificates, in the order of the object: they serve all hosts, whether or not they cover them.
    pub pinned: Vec<CertificateId>,
    /// All certificates that the claim needs, in order, each once.
    pub certificates: Vec<CertificateId>,
    /// Diagnostics about the certificates.
    pub diagnostics: Vec<Diagnostic>,
    /// Hosts for which no certificate may be chosen. A certificate on the load balancer may still serve them.
    pub lacking: Vec<HostId>,
    /// Whether a new Ingress waits (because something is not known) instead of being rejected.
    pub waits: bool,
    /// How the hosts of a claim that asks for HTTP only are served as long as it stays on a load balancer with HTTPS. `None`: it
    /// does not stand on one, or that is not known now.
    pub until_it_moves: Option<UntilItMoves>,
}

/// How the hosts of a claim are served until it moves to a load balancer that serves HTTP only.
#[derive(Clone, Debug)]
pub struct UntilItMoves {
    /// The certificates, in the order of the hosts; a host for which no certificate may be chosen is left out.
    pub hosts: Vec<(HostId, CertificateId)>,
    /// Diagnostics about the certificates.
    pub diagnostics: Vec<Diagnostic>,
}

/// Which certificates a claim needs.
#[derive(Clone, Debug)]
pub enum Want {
    /// These, in the order of the hosts; a host without a certificate is left out.
    Known(Vec<(HostId, CertificateId)>),
    /// It is not known now: present certificates stay, and a new Ingress waits or is rejected.
    Unknown,
}

impl Decision {
    fn known(hosts: Vec<(HostId, CertificateId)>, pinned: Vec<CertificateId>) -> Self {
        let mut certificates: Vec<CertificateId> =
            hosts.iter().map(|(_, certificate)| *certificate).chain(pinned.iter().copied()).collect();
        certificates.sort_unstable();
        certificates.dedup();
        Decision {
            want: Want::Known(hosts),
            pinned,
            certificates,
            diagnostics: Vec::new(),
            lacking: Vec::new(),
            waits: false,
            until_it_moves: None,
        }
    }

    fn unknown(diagnostic: Diagnostic, waits: bool) -> Self {
        Decision { diagnostics: vec![diagnostic], waits, ..Decision::kept() }
    }

    /// The certificates that are there stay. The claim says why.
    fn kept() -> Self {
        Decision { want: Want::Unknown, ..Decision::known(Vec::new(), Vec::new()) }
    }

    /// Whether it is not known what the claim needs.
    pub fn is_unknown(&self) -> bool {
        matches!(self.want, Want::Unknown)
    }

    /// The certificate that was chosen for a host.
    pub fn chosen(&self, host: HostId) -> Option<CertificateId> {
        match &self.want {
            Want::Known(hosts) => hosts.iter().find(|(other, _)| *other == host).map(|(_, chosen)| *chosen),
            Want::Unknown => None,
        }
    }
}

/// The best certificate of every host.
#[derive(Default)]
pub struct Choices {
    by_host: Vec<Option<Covering>>,
    /// The reasons of a policy, by host.
    reasons: Vec<(HostId, String)>,
}

impl Choices {
    fn of(&self, host: HostId) -> Option<CertificateId> {
        self.by_host.get(host.place()).copied().flatten().map(|covering| covering.certificate)
    }

    /// Why the certificate of a host was chosen.
    pub fn reason(&self, host: HostId, catalog: &Catalog<'_>) -> String {
        if let Some((_, reason)) = self.reasons.iter().find(|(other, _)| *other == host) {
            return reason.clone();
        }
        match self.by_host.get(host.place()).copied().flatten() {
            Some(Covering { certificate, exact }) => {
                let kind = if exact { "exact name" } else { "wildcard" };
                format!("{kind}, valid for {}", words::duration(catalog.rest(certificate)))
            }
            None => "named by the annotation".to_owned(),
        }
    }
}

/// Decides for all members, in the same order. `standings`: the load balancers that serve them now.
pub fn choose(
    members: &[&Claim<'_>],
    standings: &[Option<&Owned<'_>>],
    observed: &Observed<'_>,
    points: &Points<'_>,
) -> Result<(Vec<Decision>, Choices), PlanningError> {
    let mut asked = vec![false; observed.hosts.len()];
    for (claim, standing) in members.iter().zip(standings) {
        let needs = claim.needs_certificates() || is_on_https(claim, *standing);
        if claim.pinned.is_empty() && needs {
            claim.hosts.iter().for_each(|host| asked[host.place()] = true);
        }
    }
    let hosts: Vec<HostId> =
        observed.hosts.all().map(|(host, _)| host).filter(|host| asked[host.place()]).collect();
    let choices = best_for_hosts(&hosts, observed, points)?;
    let decide = |(claim, standing): (&&Claim<'_>, &Option<&Owned<'_>>)| match is_on_https(claim, *standing) {
        true => decide_until_it_moves(claim, &choices, observed, points),
        false => decide(claim, &choices, observed, points),
    };
    let decisions = members.iter().zip(standings).map(decide).collect();
    Ok((decisions, choices))
}

/// Whether a claim asks for HTTP only, but a load balancer in proxy mode serves it over HTTPS.
fn is_on_https(claim: &Claim<'_>, standing: Option<&Owned<'_>>) -> bool {
    let is_there = |owned: &Owned<'_>| {
        owned.https().is_some() && owned.terms().is_some_and(|terms| terms.mode == claim.mode())
    };
    claim.is_http_only() && standing.is_some_and(is_there)
}

/// Where it goes it needs no certificates. But it may have to stay, and its hosts must not lose HTTPS when a certificate ends.
fn decide_until_it_moves(
    claim: &Claim<'_>,
    choices: &Choices,
    observed: &Observed<'_>,
    points: &Points<'_>,
) -> Decision {
    let mut decision = Decision::known(Vec::new(), Vec::new());
    let chosen = |host: &HostId| choices.of(*host).map(|chosen| (*host, chosen));
    let hosts: Vec<(HostId, CertificateId)> = claim.hosts.iter().filter_map(chosen).collect();
    let knows_all = hosts.len() == claim.hosts.len() || observed.completeness.allows(Concern::CallUncovered);
    if knows_all && !points.is_frozen(PolicyPoint::Certificates) {
        let diagnostics = ending(&hosts, claim, observed);
        decision.until_it_moves = Some(UntilItMoves { hosts, diagnostics });
    }
    decision
}

/// The best certificate of every host that has one.
fn best_for_hosts(
    hosts: &[HostId],
    observed: &Observed<'_>,
    points: &Points<'_>,
) -> Result<Choices, PlanningError> {
    if points.is_frozen(PolicyPoint::Certificates) {
        return Ok(Choices::default());
    }
    if points.is_overridden(PolicyPoint::Certificates) {
        return ask_policy(hosts, observed, points);
    }
    let mut by_host = vec![None; observed.hosts.len()];
    for host in hosts {
        by_host[host.place()] = best(*host, observed);
    }
    Ok(Choices { by_host, reasons: Vec::new() })
}

/// The best certificate that covers a host, without a policy.
fn best(host: HostId, observed: &Observed<'_>) -> Option<Covering> {
    let catalog = &observed.certificates;
    let eligible = observed.coverage.of(host).filter(|covering| catalog.is_eligible(covering.certificate));
    eligible.min_by(|left, right| catalog.compare(*left, *right))
}

fn ask_policy(
    hosts: &[HostId],
    observed: &Observed<'_>,
    points: &Points<'_>,
) -> Result<Choices, PlanningError> {
    let catalog = &observed.certificates;
    let eligible: Vec<_> = catalog.all_known().filter(|(id, _)| catalog.is_eligible(*id)).collect();
    let input = CertificateInput {
        settings: points.settings(PolicyPoint::Certificates),
        time: observed.time,
        hosts: hosts.iter().map(|host| observed.hosts.text(*host).to_owned()).collect(),
        certificates: eligible.iter().map(|(_, certificate)| (*certificate).clone()).collect(),
        by_default: by_default(hosts, &eligible, observed),
    };
    let answer = points.certificates(&input)?;
    let mut choices = Choices { by_host: vec![None; observed.hosts.len()], reasons: Vec::new() };
    for choice in answer.choices {
        let host = hosts.get(choice.host as usize);
        let certificate = eligible.get(choice.certificate as usize);
        // The host program has checked the answer, but a native caller may not have.
        let (Some(host), Some((certificate, _))) = (host, certificate) else { continue };
        if let Some(covering) = observed.coverage.of(*host).find(|found| found.certificate == *certificate) {
            choices.by_host[host.place()] = Some(covering);
            choices.reasons.push((*host, choice.reason));
        }
    }
    Ok(choices)
}

/// What would be chosen without a policy, by the indices of the question.
fn by_default(
    hosts: &[HostId],
    eligible: &[(CertificateId, &Certificate)],
    observed: &Observed<'_>,
) -> Vec<CertificateChoice> {
    let choice = |(host, id): (u32, &HostId)| {
        let chosen = best(*id, observed)?.certificate;
        // They are in the order of their ARNs, and so of their ids.
        let place = eligible.binary_search_by_key(&chosen, |(id, _)| *id).ok()?;
        let certificate = u32::try_from(place).ok()?;
        Some(CertificateChoice { host, certificate, reason: String::new() })
    };
    (0..).zip(hosts).filter_map(choice).collect()
}

fn decide(claim: &Claim<'_>, choices: &Choices, observed: &Observed<'_>, points: &Points<'_>) -> Decision {
    if claim.stays_as_it_is() {
        return Decision::kept();
    }
    if !claim.needs_certificates() {
        return Decision::known(Vec::new(), Vec::new());
    }
    if !claim.pinned.is_empty() {
        return decide_pinned(claim, observed);
    }
    if points.is_frozen(PolicyPoint::Certificates) {
        return Decision::unknown(frozen_diagnostic(PolicyPoint::Certificates, claim.object), true);
    }
    let mut found = Vec::with_capacity(claim.hosts.len());
    let mut lacking = Vec::new();
    for host in claim.hosts.iter().filter(|host| claim.kept_hosts.binary_search(host).is_err()) {
        match choices.of(*host) {
            Some(chosen) => found.push((*host, chosen)),
            None => lacking.push(*host),
        }
    }
    let diagnostics = ending(&found, claim, observed);
    let mut decision = Decision { diagnostics, ..Decision::known(found, Vec::new()) };
    if lacking.is_empty() {
        return decision;
    }
    if let Some(missing) = observed.completeness.explain(Concern::CallUncovered) {
        let hosts = words::list(lacking.iter().map(|host| observed.hosts.text(*host)));
        let message = format!("it is not known yet whether a certificate covers {hosts}: {missing}");
        let diagnostic = warning(DiagnosticCode::ViewIncomplete, Subject::Object(claim.object), message);
        decision.waits = true;
        decision.diagnostics.push(diagnostic.field(claim.object.hosts_field()));
        return decision;
    }
    decision.lacking = lacking;
    decision
}

/// Diagnostics for hosts whose best certificate expires soon.
fn ending(hosts: &[(HostId, CertificateId)], claim: &Claim<'_>, observed: &Observed<'_>) -> Vec<Diagnostic> {
    let catalog = &observed.certificates;
    let ending = hosts.iter().filter(|(_, chosen)| catalog.usability(*chosen) == Usability::Ending);
    let tell = |(host, chosen): &(HostId, CertificateId)| {
        let message = format!(
            "the best certificate for {} ({}) expires in {}",
            observed.hosts.text(*host),
            catalog.arn(*chosen),
            words::days_left(catalog.rest(*chosen))
        );
        warning(DiagnosticCode::CertificateExpiring, Subject::Object(claim.object), message)
            .field(claim.object.hosts_field())
            .remedy("renew the certificate, or request another one in ACM")
    };
    ending.map(tell).collect()
}

fn decide_pinned(claim: &Claim<'_>, observed: &Observed<'_>) -> Decision {
    let catalog = &observed.certificates;
    let mut pinned = Vec::with_capacity(claim.pinned.len());
    let mut diagnostics = Vec::new();
    for arn in &claim.pinned {
        match find_pinned(claim, arn, observed) {
            Ok(id) => pinned.push(id),
            Err(unusable) => return *unusable,
        }
    }
    for id in pinned.iter().filter(|id| catalog.usability(**id) == Usability::Unusable) {
        let arn = catalog.arn(*id);
        let message =
            format!("the annotation names certificate {arn}, which is used although it is not valid now");
        diagnostics.push(about_pinned(
            claim,
            DiagnosticCode::CertificateUnusable,
            message,
            "name another certificate",
        ));
    }
    let mut hosts = Vec::with_capacity(claim.hosts.len());
    for host in &claim.hosts {
        let covering = observed.coverage.of(*host).filter(|covering| pinned.contains(&covering.certificate));
        let best = covering.min_by(|left, right| catalog.compare(*left, *right));
        let chosen = best.map(|best| best.certificate).or(pinned.first().copied());
        hosts.extend(chosen.map(|chosen| (*host, chosen)));
        if best.is_none() {
            let message = match pinned.as_slice() {
                [only] => format!(
                    "the annotation names certificate {}, which is used although it does not cover {}",
                    catalog.arn(*only),
                    observed.hosts.text(*host)
                ),
                several => format!(
                    "the annotation names {} certificates, which are used although none of them covers {}",
                    several.len(),
                    observed.hosts.text(*host)
                ),
            };
            let remedy = "name a certificate that covers the host, or remove the annotation";
            diagnostics.push(about_pinned(claim, DiagnosticCode::CertificateNotCovering, message, remedy));
        }
    }
    Decision { diagnostics, ..Decision::known(hosts, pinned) }
}

/// A certificate that a claim names, or the decision that nothing is known.
fn find_pinned(
    claim: &Claim<'_>,
    arn: &str,
    observed: &Observed<'_>,
) -> Result<CertificateId, Box<Decision>> {
    let catalog = &observed.certificates;
    let unknown = |code, message, remedy: &str, waits| {
        Err(Box::new(Decision::unknown(about_pinned(claim, code, message, remedy), waits)))
    };
    // In route mode the annotation is a list already, whose values commas separate.
    let count = arn.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty()).count();
    if count > 1 {
        let annotation = claim.certificate_annotation();
        let (expected, remedy) = match claim.routing {
            Some(_) => ("ARNs are separated by commas", "separate the ARNs by commas"),
            None => (
                "only one certificate can be named",
                "name one ARN, or remove the annotation: then each host gets a certificate that covers it",
            ),
        };
        let message =
            format!("annotation {annotation} is \"{arn}\": these are {count} values, and {expected}");
        return unknown(DiagnosticCode::AnnotationInvalid, message, remedy, false);
    }
    if is_excluded(arn, observed.settings) {
        let annotation = claim.certificate_annotation();
        let message =
            format!("annotation {annotation} names {arn}, which the setting excluded-certificates excludes");
        let remedy = "name another certificate, or remove the annotation";
        return unknown(DiagnosticCode::CertificateUnusable, message, remedy, false);
    }
    let Some((id, certificate)) = catalog.find(arn).and_then(|id| Some((id, catalog.known(id)?))) else {
        return match observed.completeness.explain(Concern::CallUncovered) {
            Some(missing) => {
                let message = format!("it is not known whether certificate {arn} exists: {missing}");
                unknown(DiagnosticCode::ViewIncomplete, message, WAIT, true)
            }
            None => {
                let annotation = claim.certificate_annotation();
                let message =
                    format!("annotation {annotation}: {}", why_missing(arn, &observed.inventory.region));
                let remedy = "correct the ARN, or remove the annotation";
                unknown(DiagnosticCode::CertificateMissing, message, remedy, false)
            }
        };
    };
    if !has_tag(certificate, observed.settings) {
        let annotation = claim.certificate_annotation();
        let message = format!(
            "annotation {annotation} names {arn}, which does not have the tag of the setting certificate-tag"
        );
        let remedy = "add the tag to the certificate, name another certificate, or remove the annotation";
        return unknown(DiagnosticCode::CertificateUnusable, message, remedy, false);
    }
    if certificate.status != CertificateStatus::Issued {
        let message = format!("certificate {arn} is not issued, so no load balancer accepts it");
        let remedy = "complete its validation, or name another certificate";
        return unknown(DiagnosticCode::CertificateUnusable, message, remedy, false);
    }
    Ok(id)
}

/// Why no certificate has an ARN: `arn:aws:acm:REGION:ACCOUNT:certificate/ID`, or of IAM, without a region.
fn why_missing(arn: &str, here: &str) -> String {
    let mut parts = arn.split(':');
    let is_arn = parts.next() == Some("arn");
    let region = parts.nth(2).unwrap_or_default();
    match is_arn {
        false => format!("\"{arn}\" is not the ARN of a certificate"),
        true if !region.is_empty() && region != here => {
            format!("certificate {arn} is in the region {region}, but the load balancer is in {here}")
        }
        true => format!("certificate {arn} does not exist in this account and region"),
    }
}

fn about_pinned(claim: &Claim<'_>, code: DiagnosticCode, message: String, remedy: &str) -> Diagnostic {
    warning(code, Subject::Object(claim.object), message)
        .field(format!("metadata.annotations[{}]", claim.certificate_annotation()))
        .remedy(remedy)
}

#[cfg(test)]
mod tests;
