//! The sentences of Events.

use std::collections::BTreeSet;

use albatross_contract::{
    Budget, Certificate, CertificateKind, DesiredLoadBalancer, Outcome, Plan, Timestamp,
};
use k8s_openapi::jiff;

/// How many certificates a sentence names.
const NAMED_CERTIFICATES: usize = 3;

/// Such as `served by albatross-7c1e with certificate shop.example.org (ACM, until 2027-03-02)`.
pub(crate) fn placed(outcome: &Outcome, hostname: &str, known: &[Certificate], plan: &Plan) -> String {
    let name = name(outcome, hostname, plan);
    let arns: BTreeSet<&str> =
        outcome.certificates.iter().map(|certificate| certificate.certificate.as_str()).collect();
    let mut certificates: Vec<String> = arns
        .iter()
        .take(NAMED_CERTIFICATES)
        .map(|arn| {
            let known = known.iter().find(|certificate| certificate.arn == *arn);
            known.map_or_else(|| (*arn).to_owned(), certificate)
        })
        .collect();
    if arns.len() > NAMED_CERTIFICATES {
        certificates.push(format!("{} more", arns.len() - NAMED_CERTIFICATES));
    }
    match certificates.as_slice() {
        // None of its hosts needs a certificate.
        [] => format!("served by {name}"),
        [one] => format!("served by {name} with certificate {one}"),
        [first @ .., last] => format!("served by {name} with certificates {} and {last}", first.join(", ")),
    }
}

/// The note of an Ingress that has a load balancer, but no certificate for any of its hosts.
pub(crate) fn placed_in_vain(outcome: &Outcome, hostname: &str, plan: &Plan) -> String {
    let name = name(outcome, hostname, plan);
    format!("on {name}, but HTTPS fails for its hosts: none of them has a certificate")
}

/// The name of the load balancer, else its hostname.
fn name<'a>(outcome: &Outcome, hostname: &'a str, plan: &'a Plan) -> &'a str {
    load_balancer(outcome, plan).map_or(hostname, |load_balancer| load_balancer.name.as_str())
}

/// Why the Ingress is no longer served.
pub(crate) fn released(outcome: &Outcome) -> String {
    match outcome.diagnostics.first() {
        Some(diagnostic) => format!("no longer served: {}", diagnostic.message),
        None => "no longer served".to_owned(),
    }
}

/// The load balancer of an outcome.
pub(crate) fn load_balancer<'a>(outcome: &Outcome, plan: &'a Plan) -> Option<&'a DesiredLoadBalancer> {
    let id = outcome.load_balancer.as_deref()?;
    plan.load_balancers.iter().find(|load_balancer| load_balancer.id == id)
}

/// The reason of an Event about changes that a budget withholds: the code of the diagnostic of an Ingress concerned.
pub(crate) fn withheld(budget: Budget) -> &'static str {
    match budget {
        Budget::Release => "WithheldRelease",
        Budget::UnneededCertificates
        | Budget::UnneededRules
        | Budget::UnneededLoadBalancers
        | Budget::UnneededRecords => "WithheldUnneeded",
        Budget::NameChanges => "WithheldNameChange",
        Budget::Targets => "WithheldTargets",
    }
}

/// `shop.example.org (ACM, until 2027-03-02)`.
fn certificate(certificate: &Certificate) -> String {
    let home = match certificate.kind {
        CertificateKind::AmazonIssued | CertificateKind::Imported | CertificateKind::Private => "ACM",
        CertificateKind::Iam => "IAM",
    };
    let name = certificate.names.first().unwrap_or(&certificate.arn);
    match certificate.not_after.and_then(date) {
        Some(date) => format!("{name} ({home}, until {date})"),
        None => format!("{name} ({home})"),
    }
}

/// `2027-03-02`.
fn date(time: Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_second(i64::try_from(time).ok()?).ok()?;
    Some(time.strftime("%Y-%m-%d").to_string())
}
