//! Settings that protect Application Load Balancers and that Network Load Balancers cannot have.

use albatross_contract::{Diagnostic, DiagnosticCode, LoadBalancerKind, Settings};

use super::stays;
use crate::{
    diagnostics::{Details, Subject, warning},
    source::LOAD_BALANCER_TYPE,
    wanted::{LoadBalancer, Wanted},
    words,
};

/// Diagnostics for requests that the settings would refuse, and that Network Load Balancers forward: an owner of an
/// Ingress can ask for one.
pub fn that_forward_everything(wanted: &Wanted<'_>, settings: &Settings) -> Vec<Diagnostic> {
    let is_network = |found: &&LoadBalancer<'_>| stays(found) && found.kind == LoadBalancerKind::Network;
    let mut networks: Vec<&str> =
        wanted.load_balancers.iter().filter(is_network).map(|found| found.name.as_str()).collect();
    networks.sort_unstable();
    if networks.is_empty() {
        return Vec::new();
    }
    let web_acl = settings.web_acl.as_ref().map(|_| ("web-acl", "a web ACL"));
    let deny = settings.proxy.deny.as_ref().map(|_| ("proxy.deny", "rules that deny requests"));
    let tell = |(field, what): (&str, &str)| {
        let message = format!(
            "a Network Load Balancer cannot have {what}, so this setting does not protect {}",
            words::list(networks.iter().copied())
        );
        warning(DiagnosticCode::SettingInvalid, Subject::Settings, message).field(field).remedy(format!(
            "let the in-cluster proxy refuse these requests, or remove annotation {LOAD_BALANCER_TYPE} from the Ingresses"
        ))
    };
    web_acl.into_iter().chain(deny).map(tell).collect()
}

#[cfg(test)]
mod tests;
