//! Diagnostics for hosts without a certificate.

use std::collections::BTreeMap;

use albatross_contract::{Diagnostic, DiagnosticCode, PolicyPoint};

use super::{CertificateId, unfit::Unfit};
use crate::{
    diagnostics::{Details, Subject, warning},
    observed::Observed,
    source::{Claim, HostId, Routing},
    words,
};

/// What happens to the other hosts of a claim, some of whose hosts have no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherHosts {
    /// No host has a certificate.
    Lacking,
    /// Some have a certificate, but the claim has no load balancer.
    Unplaced,
    /// This many hosts are served.
    Served(usize),
    /// All hosts are still served over HTTP.
    OverHttp,
}

/// Why a host has no certificate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// The certificate policy chose none of the certificates that cover it.
    Policy,
    /// Why the best certificate that covers it may not be chosen.
    Unfit(Unfit),
    /// No certificate covers it.
    None,
}

/// The diagnostics for a claim, some of whose hosts have no certificate: one for each reason.
pub fn uncovered(
    claim: &Claim<'_>,
    hosts: impl IntoIterator<Item = HostId>,
    others: OtherHosts,
    observed: &Observed<'_>,
) -> Vec<Diagnostic> {
    let mut reasons: BTreeMap<Why, (Vec<&str>, Option<CertificateId>)> = BTreeMap::new();
    for host in hosts {
        let (why, certificate) = why(host, observed);
        let (hosts, first) = reasons.entry(why).or_default();
        hosts.push(observed.hosts.text(host));
        *first = first.or(certificate);
    }
    reasons
        .into_iter()
        .map(|(why, (hosts, certificate))| {
            let (message, remedy) = sentence(why, &hosts, certificate, observed);
            let remedy = remedy.unwrap_or_else(|| {
                format!("request one in ACM, or name one in {}", claim.certificate_annotation())
            });
            let others = match claim.routing.as_deref().is_some_and(Routing::has_http) {
                true => OtherHosts::OverHttp,
                false => others,
            };
            let consequence = consequence(hosts.len(), others);
            let message = format!("{message}: {consequence}");
            warning(DiagnosticCode::CertificateNone, Subject::Object(claim.object), message)
                .field(claim.object.hosts_field())
                .remedy(remedy)
        })
        .collect()
}

fn why(host: HostId, observed: &Observed<'_>) -> (Why, Option<CertificateId>) {
    let catalog = &observed.certificates;
    let covering = || observed.coverage.of(host).map(|covering| covering.certificate);
    // Without a policy, an eligible certificate would have been chosen.
    let by_policy = observed.settings.policies.iter().any(|policy| policy.point == PolicyPoint::Certificates);
    if by_policy && covering().any(|id| catalog.is_eligible(id)) {
        return (Why::Policy, None);
    }
    let unfit = covering().filter_map(|id| Some((catalog.unfit(id)?.0, id))).min();
    unfit.map_or((Why::None, None), |(unfit, id)| (Why::Unfit(unfit), Some(id)))
}

fn sentence(
    why: Why,
    hosts: &[&str],
    certificate: Option<CertificateId>,
    observed: &Observed<'_>,
) -> (String, Option<String>) {
    let told = words::list(hosts.iter().copied());
    let catalog = &observed.certificates;
    let known = certificate.and_then(|id| Some((catalog.arn(id), catalog.known(id)?)));
    match (why, known) {
        (Why::Unfit(unfit), Some((arn, known))) => {
            let words = unfit.words(known);
            (format!("the certificate for {told} ({arn}) {words}"), Some(unfit.remedy()))
        }
        (Why::Policy, _) => (
            format!("the policy for certificates chose no certificate for {told}"),
            Some("ask the author of the policy what it expects".to_owned()),
        ),
        (Why::None | Why::Unfit(_), _) => (format!("no certificate covers {told}"), None),
    }
}

fn consequence(lacking: usize, others: OtherHosts) -> String {
    let (left_out, without_https) = match lacking {
        1 => ("that host is left out", "that host has no HTTPS"),
        _ => ("those hosts are left out", "those hosts have no HTTPS"),
    };
    match others {
        OtherHosts::OverHttp => format!("{without_https}; requests over HTTP are served"),
        OtherHosts::Lacking => "no host can be served".to_owned(),
        OtherHosts::Unplaced => left_out.to_owned(),
        OtherHosts::Served(1) => format!("{left_out}; the other host is served"),
        OtherHosts::Served(more) => format!("{left_out}; the other {more} hosts are served"),
    }
}

#[cfg(test)]
mod tests;
