//! Hosts of an Ingress that have no effect, or that no client can ask for.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, Ingress};

use super::{ObjectName, cluster_local::ClusterLocal};
use crate::{
    diagnostics::{Details, Subject, warning},
    words,
};

/// Diagnostics about the hosts of an Ingress. In route mode, a rule without a host serves all hosts.
/// Cluster-local hosts need no remark.
pub fn remarks(
    ingress: &Ingress,
    object: ObjectName<'_>,
    local: ClusterLocal<'_>,
    in_route_mode: bool,
) -> Vec<Diagnostic> {
    let say = |message: String| warning(DiagnosticCode::HostInvalid, Subject::Object(object), message);
    let of_rules = || ingress.rules.iter().filter_map(|rule| rule.host.as_deref());
    // Only hosts with a problem are collected, since this runs for every Ingress in every pass.
    let is_of_a_rule = |host: &str| of_rules().any(|rule| rule.eq_ignore_ascii_case(host));
    let is_for_every_host =
        |rule: &albatross_contract::IngressRule| rule.host.as_deref().is_none_or(str::is_empty);
    let serves_every_host =
        in_route_mode && (ingress.default_backend.is_some() || ingress.rules.iter().any(is_for_every_host));
    let of_tls = ingress.tls.iter().filter(|_| !serves_every_host).flat_map(|tls| &tls.hosts);
    let of_tls = of_tls.map(String::as_str);
    let only_tls: BTreeSet<&str> = of_tls.filter(|host| !is_of_a_rule(host) && !local.has(host)).collect();
    let only_tls = (!only_tls.is_empty()).then(|| {
        let message = format!("only spec.tls names {}, no rule does", words::list(only_tls));
        say(message)
            .field("spec.tls")
            .remedy("add a rule for the host: load balancers serve only the hosts of rules")
    });
    let not_ascii: BTreeSet<&str> = of_rules().filter(|host| !host.is_ascii() && !local.has(host)).collect();
    let not_ascii = (!not_ascii.is_empty()).then(|| {
        let message =
            format!("no certificate covers {}, since names in DNS are ASCII", words::list(not_ascii));
        say(message).field("spec.rules").remedy("write the host in punycode, which begins with xn--")
    });
    only_tls.into_iter().chain(not_ascii).collect()
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Ingress, IngressRule, IngressTls, ObjectKind};

    use super::remarks;
    use crate::{
        source::{ObjectName, cluster_local::ClusterLocal},
        testing::ingress,
    };

    fn told(hosts: &[&str], tls: &[&str]) -> Vec<String> {
        let mut ingress = ingress("x", hosts);
        let hosts = tls.iter().map(|host| (*host).to_owned()).collect();
        ingress.tls = vec![IngressTls { hosts, secret_name: None }];
        messages(&ingress, false)
    }

    fn messages(ingress: &Ingress, in_route_mode: bool) -> Vec<String> {
        let object = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };
        remarks(ingress, object, ClusterLocal::none(), in_route_mode)
            .into_iter()
            .map(|it| it.message)
            .collect()
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
        assert_eq!(messages(&ingress, true), [""; 0]);
        assert_eq!(messages(&ingress, false).len(), 1);
    }

    #[test]
    fn a_host_that_is_not_a_dns_name_is_reported() {
        assert_eq!(
            told(&["caf\u{e9}.org"], &[]),
            ["no certificate covers caf\u{e9}.org, since names in DNS are ASCII"]
        );
    }
}
