//! Annotations: their names, values and defaults, one file for each subject.

mod certificate;
mod firewall;
mod group;
mod listeners;
mod load_balancer;
mod network;
mod target_group;
#[cfg(test)]
mod tests;
mod values;

use albatross_contract::{
    ANNOTATION_ALB_PREFIX, ANNOTATION_ALB_SCHEME, ANNOTATION_PREFIX, Diagnostic, DiagnosticCode, Tag,
};

use super::ObjectName;
use crate::{
    diagnostics::{Details, Subject, warning},
    words,
};

pub use certificate::certificate;
pub use firewall::{
    Clients, FirewallWishes, INBOUND_CIDRS, OPEN_TARGETS, PREFIX_LISTS, wishes as firewall_wishes,
};
pub use group::{name as group_name, order as group_order};
pub use listeners::{
    CERTIFICATE as ROUTE_CERTIFICATE, certificate as route_certificate, ports as listener_ports,
};
pub use load_balancer::{route_scheme, scheme, shared};
pub use network::{SECURITY_GROUPS, SUBNETS};
pub use target_group::wishes as target_wishes;
pub use values::Reader;

/// All annotations with our prefix that we read. kube-ingress-aws-controller has more.
const KNOWN: [&[&str]; 2] = [certificate::KNOWN, load_balancer::KNOWN];

/// The diagnostic for annotations with our prefix that we do not know.
pub fn unknown(annotations: &[Tag], object: ObjectName<'_>) -> Option<Diagnostic> {
    let is_known = |key: &str| KNOWN.iter().any(|family| family.contains(&key));
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> =
        keys.filter(|key| key.starts_with(ANNOTATION_PREFIX) && !is_known(key)).collect();
    keys.sort_unstable();
    let (message, them) = match keys.as_slice() {
        [] => return None,
        [key] => (format!("annotation {key} is not known to this version, so it does nothing"), "it"),
        keys => {
            let keys = keys.join(", ");
            (format!("annotations {keys} are not known to this version, so they do nothing"), "them")
        }
    };
    let diagnostic = warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message);
    Some(diagnostic.field("metadata.annotations").remedy(format!("correct the spelling, or remove {them}")))
}

/// The diagnostic for annotations of the AWS Load Balancer Controller, which do nothing in proxy mode.
pub fn of_another_mode(annotations: &[Tag], object: ObjectName<'_>) -> Option<Diagnostic> {
    let is_of_route_mode = |key: &str| key.starts_with(ANNOTATION_ALB_PREFIX) && key != ANNOTATION_ALB_SCHEME;
    let diagnostic = without_effect(annotations, is_of_route_mode, "proxy", object)?;
    Some(diagnostic.remedy("remove the annotations, or give the Ingress another class"))
}

/// The diagnostic for annotations of proxy mode on an Ingress in route mode.
pub fn of_proxy_mode(annotations: &[Tag], object: ObjectName<'_>) -> Option<Diagnostic> {
    let is_known = |key: &str| KNOWN.iter().any(|family| family.contains(&key));
    let diagnostic = without_effect(annotations, is_known, "route", object)?;
    Some(diagnostic.remedy(format!("use the annotations that begin with {ANNOTATION_ALB_PREFIX}")))
}

/// The diagnostic for annotations that do nothing in the mode of the Ingress.
fn without_effect(
    annotations: &[Tag],
    is_concerned: impl Fn(&str) -> bool,
    mode: &str,
    object: ObjectName<'_>,
) -> Option<Diagnostic> {
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> = keys.filter(|key| is_concerned(key)).collect();
    if keys.is_empty() {
        return None;
    }
    keys.sort_unstable();
    let (annotations, nothing) =
        if keys.len() == 1 { ("annotation", "does nothing") } else { ("annotations", "do nothing") };
    let keys = words::list(keys);
    let message = format!("its class is served in {mode} mode, where the {annotations} {keys} {nothing}");
    let diagnostic = warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message);
    Some(diagnostic.field("metadata.annotations"))
}

/// All annotations of the AWS Load Balancer Controller that are read in route mode.
const KNOWN_IN_ROUTE_MODE: [&[&str]; 6] = [
    &[ANNOTATION_ALB_SCHEME],
    firewall::KNOWN,
    group::KNOWN,
    listeners::KNOWN,
    network::KNOWN,
    target_group::KNOWN,
];

/// The diagnostic for annotations of the AWS Load Balancer Controller that this version does not read in route mode.
pub fn unsupported(annotations: &[Tag], object: ObjectName<'_>) -> Option<Diagnostic> {
    let is_known = |key: &str| KNOWN_IN_ROUTE_MODE.iter().any(|family| family.contains(&key));
    let keys = annotations.iter().map(|annotation| annotation.key.as_str());
    let mut keys: Vec<&str> =
        keys.filter(|key| key.starts_with(ANNOTATION_ALB_PREFIX) && !is_known(key)).collect();
    if keys.is_empty() {
        return None;
    }
    keys.sort_unstable();
    let (subject, consequence, them) = match keys.len() {
        1 => ("annotation", "is not known to this version, so it does nothing", "it"),
        _ => ("annotations", "are not known to this version, so they do nothing", "them"),
    };
    let message = format!("{subject} {} {consequence}", words::list(keys));
    let diagnostic = warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message);
    Some(diagnostic.field("metadata.annotations").remedy(format!("correct the spelling, or remove {them}")))
}

/// An annotation whose value cannot be understood.
pub struct Unreadable<'a> {
    annotation: &'static str,
    value: &'a str,
    expected: &'static str,
}

impl Unreadable<'_> {
    /// The diagnostic for it.
    pub fn diagnostic(&self, object: ObjectName<'_>) -> Diagnostic {
        let Unreadable { annotation, value, expected } = self;
        let message = format!("annotation {annotation} is \"{value}\", expected {expected}");
        warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
            .field(format!("metadata.annotations[{annotation}]"))
            .remedy(format!("set it to {expected}, or remove it"))
    }
}
