//! What owners of objects are told.

use std::collections::BTreeSet;

use albatross_contract::{
    ANNOTATION_ALB_SCHEME, ANNOTATION_GROUP, ANNOTATION_PAUSED, ANNOTATION_SCHEME, Diagnostic,
    DiagnosticCode, Scheme, TenancyRule,
};

use super::asks::Refusal;
use crate::{
    diagnostics::{Details, Subject, info, warning},
    identity::tag_value,
    source::{Claim, EVERY_HOST, Ruling},
    words,
};

/// What becomes of what is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The object gets no load balancer.
    Rejected,
    /// The object stays as it is.
    Held,
    /// The object is released, since a person allows it.
    Released,
    /// The hosts get no rules and no certificates; this many other hosts are served.
    LeftOut {
        /// How many other hosts the object has.
        others: usize,
    },
    /// The hosts are served with the certificates that are there.
    StillServed,
}

/// The diagnostic for an object that stays as it is. `None`: another diagnostic says that the value of the annotation is
/// invalid.
pub fn paused(claim: &Claim<'_>) -> Option<Diagnostic> {
    let field = format!("metadata.annotations[{ANNOTATION_PAUSED}]");
    if claim.diagnostics.iter().any(|told| told.field.as_ref() == Some(&field)) {
        return None;
    }
    let message = format!(
        "annotation {ANNOTATION_PAUSED} pauses it: what serves it stays as it is, apart from targets, and nothing is made for it"
    );
    let told = info(DiagnosticCode::Paused, Subject::Object(claim.object), message);
    Some(told.field(field).remedy("remove the annotation to go on"))
}

/// The diagnostic for something that is not allowed.
pub fn refused(claim: &Claim<'_>, refusal: &Refusal<'_>, consequence: Consequence) -> Diagnostic {
    let (code, what, field) = match refusal {
        Refusal::Namespace => (
            DiagnosticCode::NamespaceNotAllowed,
            format!(
                "namespace {} may not use {}: the settings allow its namespaces {}",
                claim.object.namespace,
                class(claim),
                namespaces(claim)
            ),
            claim.object.class_field().to_owned(),
        ),
        Refusal::Group(name) => (
            DiagnosticCode::GroupNotAllowed,
            format!(
                "group {name} is not among the groups {}",
                allowed(claim, |rule| list(rule.groups.as_deref()))
            ),
            annotation(ANNOTATION_GROUP),
        ),
        Refusal::Scheme(scheme) => (
            DiagnosticCode::SchemeNotAllowed,
            format!("scheme {} is not among the schemes {}", scheme.as_str(), allowed(claim, schemes)),
            annotation(scheme_annotation(claim)),
        ),
        Refusal::Certificate(arn) => (
            DiagnosticCode::CertificateNotAllowed,
            format!(
                "certificate {arn} is not among the certificates {}",
                allowed(claim, |rule| list(rule.certificates.as_deref()))
            ),
            annotation(claim.certificate_annotation()),
        ),
        Refusal::Annotation(key, service) => {
            let place = service.map(|name| format!(" of Service {}/{name}", claim.object.namespace));
            let place = place.unwrap_or_default();
            let what = format!(
                "annotation {key}{place} is not among the annotations {}",
                allowed(claim, |rule| list(rule.annotations.as_deref()))
            );
            (DiagnosticCode::AnnotationNotAllowed, what, annotation(key))
        }
    };
    let remedy = match refusal {
        Refusal::Namespace => "name another class",
        Refusal::Group(_) => "name another group",
        Refusal::Scheme(_) => "ask for another scheme",
        Refusal::Certificate(_) => "name another certificate, or remove the annotation",
        Refusal::Annotation(..) => "remove the annotation",
    };
    tell(claim, (code, what), (&field, remedy), consequence)
}

/// The diagnostic for hosts that are not allowed.
pub fn hosts(claim: &Claim<'_>, refused: &BTreeSet<String>, consequence: Consequence) -> Diagnostic {
    let named: Vec<&str> = refused.iter().map(String::as_str).filter(|host| *host != EVERY_HOST).collect();
    let (what, are) = match (named.as_slice(), refused.contains(EVERY_HOST)) {
        ([], _) => ("a rule for every host, or without a host,".to_owned(), "is"),
        ([host], false) => (format!("host {host}"), "is"),
        (hosts, false) => (format!("hosts {}", words::list(hosts.iter().copied())), "are"),
        (hosts, true) => (
            format!("{} and rules for every host, or without a host,", words::list(hosts.iter().copied())),
            "are",
        ),
    };
    let among = allowed(claim, |rule| list(rule.hosts.as_deref()));
    let mut what = format!("{what} {are} not among the hosts {among}");
    let left_out = match (named.len(), refused.len()) {
        (1, 1) => "that host is left out",
        (0, _) => "that rule is left out",
        _ => "those are left out",
    };
    match consequence {
        Consequence::LeftOut { others: 0 } => what += &format!(": {left_out}"),
        Consequence::LeftOut { others: 1 } => what += &format!(": {left_out}, its other host is served"),
        Consequence::LeftOut { others } => {
            what += &format!(": {left_out}, its other {others} hosts are served");
        }
        Consequence::StillServed if refused.len() == 1 => {
            what += ": that host keeps the certificate that the load balancer has for it, and gets no other";
        }
        Consequence::StillServed => {
            what += ": those keep the certificates that the load balancer has for them, and get no others";
        }
        Consequence::Rejected | Consequence::Held | Consequence::Released => {}
    }
    let code = DiagnosticCode::HostNotAllowed;
    tell(claim, (code, what), (claim.object.hosts_field(), "name other hosts"), consequence)
}

fn tell(
    claim: &Claim<'_>,
    (code, mut message): (DiagnosticCode, String),
    (field, remedy): (&str, &str),
    consequence: Consequence,
) -> Diagnostic {
    let where_allowed = match claim.ruling {
        Ruling::Rule(_, number) => format!("let rule {number} of the setting tenancy allow it"),
        Ruling::NoRule(..) | Ruling::Free => "let a rule of the setting tenancy allow it".to_owned(),
    };
    let mut remedy = format!("{remedy}, or {where_allowed}");
    match consequence {
        Consequence::Held => {
            message += "; it is served as before, and nothing of it changes";
            remedy += &format!("; --allow-release={} ends what is not allowed", claim.object);
        }
        Consequence::Released => message += ", so its status is emptied",
        Consequence::Rejected | Consequence::LeftOut { .. } | Consequence::StillServed => {}
    }
    warning(code, Subject::Object(claim.object), message).field(field).remedy(remedy)
}

/// Who allows what to whom.
fn allowed(claim: &Claim<'_>, of: impl Fn(&TenancyRule) -> String) -> String {
    let list = claim.ruling.rule().map(of).unwrap_or_default();
    format!("that {} allows to namespace {} ({list})", class(claim), claim.object.namespace)
}

fn class(claim: &Claim<'_>) -> String {
    let name = match claim.ruling {
        Ruling::Rule(rule, _) => rule.class.as_str(),
        Ruling::NoRule(_, class) => class,
        Ruling::Free => claim.class_name.unwrap_or_default(),
    };
    if name.is_empty() { "the class \"\" (none)".to_owned() } else { format!("class {name}") }
}

/// The namespaces of all rules for the class of a claim.
fn namespaces(claim: &Claim<'_>) -> String {
    let Ruling::NoRule(rules, class) = claim.ruling else { return String::new() };
    let of_class = rules.iter().filter(|rule| rule.class == class);
    words::list(of_class.flat_map(|rule| rule.namespaces.iter().flatten()).map(String::as_str))
}

fn schemes(rule: &TenancyRule) -> String {
    let of_rule: &[Scheme] = rule.schemes.as_deref().unwrap_or_default();
    words::list(of_rule.iter().map(|scheme| scheme.as_str()))
}

fn list(names: Option<&[String]>) -> String {
    match names.unwrap_or_default() {
        [] => "none".to_owned(),
        names => words::list(names.iter().map(String::as_str)),
    }
}

/// The annotation that names the scheme of an object.
fn scheme_annotation(claim: &Claim<'_>) -> &'static str {
    let ours = tag_value(&claim.metadata.annotations, ANNOTATION_SCHEME).filter(|_| claim.routing.is_none());
    if ours.is_some() { ANNOTATION_SCHEME } else { ANNOTATION_ALB_SCHEME }
}

fn annotation(key: &str) -> String {
    format!("metadata.annotations[{key}]")
}
