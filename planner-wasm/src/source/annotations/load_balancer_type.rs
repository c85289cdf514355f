//! The kind of load balancer that an object in proxy mode asks for.

use albatross_contract::{Diagnostic, DiagnosticCode, LoadBalancerKind, Scheme, Settings};

use super::{
    proxy_wishes::{SECURITY_GROUP, WEB_ACL},
    values::Reader,
};
use crate::{
    diagnostics::{Details, Subject, warning},
    kind::Kind,
    source::{ObjectName, Wish},
};

/// The kind of the load balancer.
pub const TYPE: &str = "zalando.org/aws-load-balancer-type";

/// The kind that annotations ask for. As in kube-ingress-aws-controller, the default of the settings counts only for
/// internet-facing load balancers, and not for an object that names a security group or a web ACL (`newIngress`).
pub fn kind(reader: &mut Reader<'_>, scheme: Wish<Scheme>, settings: &Settings) -> Wish<Kind> {
    let groups_of_settings =
        settings.proxy.network.as_ref().is_some_and(|network| !network.security_groups.is_empty());
    let names = |reader: &Reader<'_>, annotation| !reader.list(annotation).is_empty();
    let network = Kind::network(groups_of_settings || names(reader, SECURITY_GROUP));
    if reader.text(TYPE).is_some() {
        let kinds = [("alb", Kind::APPLICATION), ("nlb", network)];
        return reader.choice(TYPE, &kinds, "alb or nlb").map_or(Wish::Unreadable, Wish::Own);
    }
    let needs_application = names(reader, SECURITY_GROUP) || names(reader, WEB_ACL);
    if settings.proxy.default_kind != Some(LoadBalancerKind::Network) || needs_application {
        return Wish::Default(Kind::APPLICATION);
    }
    match scheme.value() {
        Some(Scheme::InternetFacing) => Wish::Default(network),
        Some(Scheme::Internal) => Wish::Default(Kind::APPLICATION),
        None => Wish::Unreadable,
    }
}

/// The diagnostic for an object that asks for a Network Load Balancer with a web ACL.
pub fn contradiction(reader: &Reader<'_>, object: ObjectName<'_>) -> Option<Diagnostic> {
    let names_web_acl = reader.text(WEB_ACL).is_some_and(|arn| !arn.is_empty());
    if reader.text(TYPE) != Some("nlb") || !names_web_acl {
        return None;
    }
    let message = format!(
        "annotation {TYPE} is \"nlb\", but a Network Load Balancer cannot have the web ACL that annotation {WEB_ACL} names"
    );
    let diagnostic = warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(format!("metadata.annotations[{TYPE}]"))
        .remedy(format!("remove {WEB_ACL}, or set {TYPE} to alb"));
    Some(diagnostic)
}

#[cfg(test)]
mod tests;
