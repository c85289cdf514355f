//! Hosts that have no effect, or that no client can ask for.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, Ingress, IngressRule, SourceObject};

use super::{ObjectName, Routing, cluster_local::ClusterLocal};
use crate::{
    diagnostics::{Details, Subject, warning},
    words,
};

/// The most characters of a name in DNS: 255 bytes, of which the length of the first label and the empty last label take two (RFC
/// 1035, 2.3.4).
const LONGEST_NAME: usize = 253;

/// Diagnostics about the hosts of an object. `routing`: what it asks for in route mode, where a rule without a host serves all hosts.
/// Cluster-local hosts need no remark.
pub fn remarks(
    source: SourceObject<'_>,
    object: ObjectName<'_>,
    local: ClusterLocal<'_>,
    routing: Option<&Routing<'_>>,
) -> Vec<Diagnostic> {
    let say = |message: String| warning(DiagnosticCode::HostInvalid, Subject::Object(object), message);
    let only_tls = source.ingress().map(|ingress| only_in_tls(ingress, local, routing));
    let only_tls = only_tls.filter(|hosts| !hosts.is_empty()).map(|hosts| {
        say(format!("only spec.tls names {}, no rule does", words::list(hosts)))
            .field("spec.tls")
            .remedy("add a rule for the host: load balancers serve only the hosts of rules")
    });
    // Only hosts with a problem are collected, since this runs for every object in every pass.
    let is_too_long = |host: &&str| host.len() > LONGEST_NAME;
    let unfit: Vec<&str> = source.hosts().filter(|host| !host.is_ascii() || is_too_long(host)).collect();
    let of_unfit = || unfit.iter().copied();
    let not_ascii: BTreeSet<&str> = of_unfit().filter(|host| !host.is_ascii() && !local.has(host)).collect();
    let not_ascii = (!not_ascii.is_empty()).then(|| {
        let hosts = words::list(not_ascii);
        say(format!("no certificate covers {hosts}, since names in DNS are ASCII"))
            .field(object.hosts_field())
            .remedy("write the host in punycode, which begins with xn--")
    });
    let too_long: BTreeSet<&str> = of_unfit().filter(is_too_long).map(beginning).collect();
    let too_long = (!too_long.is_empty()).then(|| {
        let hosts: Vec<String> = too_long.into_iter().map(|host| format!("{host}…")).collect();
        let hosts = words::list(hosts.iter().map(String::as_str));
        say(format!("no client can ask for {hosts}, since names in DNS have up to {LONGEST_NAME} characters"))
            .field(object.hosts_field())
            .remedy("use a shorter host")
    });
    only_tls.into_iter().chain(not_ascii).chain(too_long).collect()
}

/// The beginning of a long host.
fn beginning(host: &str) -> &str {
    &host[..host.floor_char_boundary(40)]
}

/// The hosts that only `spec.tls` of an Ingress names, and that have no effect. None if `spec.tls` as a whole has no effect, since
/// another diagnostic says that.
fn only_in_tls<'a>(
    ingress: &'a Ingress,
    local: ClusterLocal<'_>,
    routing: Option<&Routing<'_>>,
) -> BTreeSet<&'a str> {
    let is_for_every_host = |rule: &IngressRule| rule.host.as_deref().is_none_or(str::is_empty);
    let serves_every_host =
        || ingress.default_backend.is_some() || ingress.rules.iter().any(is_for_every_host);
    if routing.is_some_and(|routing| !routing.has_https() || serves_every_host()) {
        return BTreeSet::new();
    }
    let of_rules = ingress.rules.iter().filter_map(|rule| rule.host.as_deref());
    let of_tls = ingress.tls.iter().flat_map(|tls| &tls.hosts).map(String::as_str);
    let is_of_a_rule = |host: &str| of_rules.clone().any(|rule| rule.eq_ignore_ascii_case(host));
    of_tls.filter(|host| !is_of_a_rule(host) && !local.has(host)).collect()
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Ingress, IngressRule, IngressTls, ObjectKind, SourceObject};

    use super::{Routing, remarks};
    use crate::{
        identity::tag,
        source::{ObjectName, annotations::LISTENER_PORTS, cluster_local::ClusterLocal, ingress_routes},
        testing::{World, ingress, leak},
    };

    const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

    fn told(hosts: &[&str], tls: &[&str]) -> Vec<String> {
        let mut ingress = ingress("x", hosts);
        let hosts = tls.iter().map(|host| (*host).to_owned()).collect();
        ingress.tls = vec![IngressTls { hosts, secret_name: None }];
        messages(&ingress, None)
    }

    fn messages(ingress: &Ingress, routing: Option<&Routing<'_>>) -> Vec<String> {
        let told = remarks(SourceObject::Ingress(ingress), OBJECT, ClusterLocal::none(), routing);
        told.into_iter().map(|it| it.message).collect()
    }

    fn told_in_route_mode(ingress: &mut Ingress, ports: &str) -> Vec<String> {
        ingress.metadata.annotations = vec![tag(LISTENER_PORTS, ports)];
        let inventory = &leak(World::new().read()).snapshot.inventory;
        messages(ingress, Some(&ingress_routes::read(ingress, OBJECT, inventory).routing))
    }

    #[test]
    fn a_host_that_only_tls_names_is_reported() {
        assert_eq!(told(&["a.org"], &["A.org"]), [""; 0]);
        assert_eq!(told(&["a.org"], &["a.org", "b.org"]), ["only spec.tls names b.org, no rule does"]);
    }

    #[test]
    fn in_route_mode_a_rule_without_a_host_serves_the_hosts_of_tls() {
        let mut ingress = ingress("x", &[]);
        ingress.rules = vec![IngressRule { host: None, paths: Vec::new() }];
        ingress.tls = vec![IngressTls { hosts: vec!["a.org".to_owned()], secret_name: None }];
        assert_eq!(messages(&ingress, None).len(), 1);
        assert_eq!(told_in_route_mode(&mut ingress, r#"[{"HTTPS":443}]"#), [""; 0]);
    }

    #[test]
    fn in_route_mode_single_hosts_of_tls_are_reported_only_if_there_is_https() {
        let mut ingress = ingress("x", &["a.org"]);
        ingress.tls = vec![IngressTls { hosts: vec!["b.org".to_owned()], secret_name: None }];
        let with_https = told_in_route_mode(&mut ingress, r#"[{"HTTP":80},{"HTTPS":443}]"#);
        assert_eq!(with_https, ["only spec.tls names b.org, no rule does"]);
        assert_eq!(told_in_route_mode(&mut ingress, r#"[{"HTTP":80}]"#), [""; 0]);
    }

    #[test]
    fn a_host_that_is_not_a_dns_name_is_reported() {
        assert_eq!(
            told(&["caf\u{e9}.org"], &[]),
            ["no certificate covers caf\u{e9}.org, since names in DNS are ASCII"]
        );
    }

    #[test]
    fn a_host_that_is_too_long_for_dns_is_reported_with_its_beginning() {
        let long = |length: usize| format!("{}.org", "a".repeat(length - 4));
        assert_eq!(told(&[&long(253)], &[]), [""; 0]);
        let expected = format!(
            "no client can ask for {}…, since names in DNS have up to 253 characters",
            "a".repeat(40)
        );
        assert_eq!(told(&[&long(254)], &[]), [expected]);
    }
}
