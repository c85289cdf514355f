//! Annotations: their names, values and defaults, one file for each subject.

mod actions;
mod allowed;
mod attributes;
mod by_backend;
mod catalogue;
mod certificate;
mod conditions;
mod expressions;
mod firewall;
mod group;
mod http_only;
mod json;
mod listener_attributes;
mod listeners;
mod load_balancer;
mod load_balancer_type;
mod load_balancer_wishes;
mod network;
mod of_load_balancer;
mod paths;
mod protection;
mod proxy_wishes;
mod ssl_redirect;
mod string_map;
mod tags;
mod target_group;
#[cfg(test)]
mod tests;
mod transforms;
mod values;
mod web_acl;

use std::borrow::Cow;

use albatross_contract::{
    ANNOTATION_ALB_PREFIX, ANNOTATION_ALB_SCHEME, Diagnostic, DiagnosticCode, Mode, Tag,
};

use super::ObjectName;
use crate::{
    diagnostics::{Details, Subject, warning},
    words,
};

pub use allowed::{
    has_effect_in_proxy_mode, has_effect_in_route_mode, has_effect_on_service, is_allowed, is_known,
    known_like,
};
pub use attributes::{LOAD_BALANCER as LOAD_BALANCER_ATTRIBUTES, TARGET_GROUP as TARGET_GROUP_ATTRIBUTES};
pub use by_backend::ByBackend;
pub use catalogue::{on_service, unknown_of_ours as unknown, without_effect as unsupported};
pub use certificate::certificate;
pub use conditions::{Conditions, is_host, is_path};
pub use expressions::{
    LONGEST as LONGEST_EXPRESSION, fault as fault_of_expression, literal, literal_beginning,
};
pub use firewall::{Clients, FirewallWishes, INBOUND_CIDRS, OPEN_TARGETS, wishes as firewall_wishes};
pub use group::{name as group_name, order as group_order};
pub use http_only::{contradiction as contradicts_http_only, http_only};
pub use listener_attributes::name as listener_attributes;
pub use listeners::{
    CERTIFICATE as ROUTE_CERTIFICATE, PORTS as LISTENER_PORTS, SSL_POLICY, about_https,
    certificates as route_certificates, ports as listener_ports,
};
pub use load_balancer::{paused, retained, route_scheme, scheme, shared};
pub use load_balancer_type::{
    TYPE as LOAD_BALANCER_TYPE, contradiction as contradicts_kind, kind as load_balancer_kind,
};
pub use load_balancer_wishes::wishes as load_balancer_wishes;
pub use network::{IP_ADDRESS_TYPE, SECURITY_GROUPS, SUBNETS};
pub use of_load_balancer::asked_of_load_balancer;
pub use paths::are_expressions as paths_are_expressions;
pub use protection::missing as missing_protection;
pub use proxy_wishes::{HTTP2_ATTRIBUTE, SECURITY_GROUP as PROXY_SECURITY_GROUP, wishes as proxy_wishes};
pub use ssl_redirect::{SSL_REDIRECT, port as ssl_redirect};
pub use tags::{TAGS, of as tags};
pub use target_group::{
    CHECK_INTERVAL, CHECK_PORT, CHECK_TIMEOUT, NODE_LABELS as TARGET_NODE_LABELS, SUCCESS_CODES,
    wishes as target_wishes,
};
pub use values::Reader;
pub use web_acl::WEB_ACL;

/// The annotation that names the web ACL in a mode.
pub fn web_acl_annotation(mode: Mode) -> &'static str {
    match mode {
        Mode::Proxy => proxy_wishes::WEB_ACL,
        Mode::Route => WEB_ACL,
    }
}

/// All annotations that are read in proxy mode: those of kube-ingress-aws-controller and our own.
const KNOWN: [&[&str]; 4] = [certificate::KNOWN, http_only::KNOWN, load_balancer::KNOWN, proxy_wishes::KNOWN];

/// All annotations of the AWS Load Balancer Controller that are read in route mode. A name that ends with a dot is the
/// beginning of a name.
const KNOWN_IN_ROUTE_MODE: [&[&str]; 10] = [
    &[ANNOTATION_ALB_SCHEME],
    &[LOAD_BALANCER_ATTRIBUTES, TAGS, WEB_ACL],
    by_backend::KNOWN,
    firewall::KNOWN,
    group::KNOWN,
    listeners::KNOWN,
    network::KNOWN,
    paths::KNOWN,
    ssl_redirect::KNOWN,
    target_group::KNOWN,
];

/// The diagnostic for annotations of the AWS Load Balancer Controller, which do nothing in proxy mode.
pub fn of_another_mode(annotations: &[Tag], object: ObjectName<'_>) -> Option<Diagnostic> {
    let is_of_route_mode =
        |key: &str| key.starts_with(ANNOTATION_ALB_PREFIX) && !allowed::IN_BOTH_MODES.contains(&key);
    let diagnostic = without_effect(annotations, is_of_route_mode, "proxy", object)?;
    Some(diagnostic.remedy("remove the annotations, or use another class"))
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

/// An annotation whose value cannot be understood.
pub struct Unreadable<'a> {
    annotation: &'a str,
    /// The key of a string map whose value it is.
    part: Option<String>,
    value: Cow<'a, str>,
    expected: Cow<'static, str>,
}

impl Unreadable<'_> {
    /// The diagnostic for it.
    pub fn diagnostic(&self, object: ObjectName<'_>) -> Diagnostic {
        self.diagnostic_at(object, "")
    }

    /// The diagnostic for an annotation that is not on the object itself; `place` says where it is.
    pub fn diagnostic_at(&self, object: ObjectName<'_>, place: &str) -> Diagnostic {
        let Unreadable { annotation, part, value, expected } = self;
        let value = words::beginning(value);
        let holds = match part {
            Some(part) => format!("sets {part} to"),
            None => "is".to_owned(),
        };
        let message = format!("annotation {annotation}{place} {holds} \"{value}\", expected {expected}");
        warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
            .field(format!("metadata.annotations[{annotation}]"))
            .remedy(match part {
                Some(part) => format!("correct the value of {part}, or remove {part}"),
                None => format!("set it to {expected}, or remove it"),
            })
    }
}
