//! Nodes whose security groups admit no requests of a load balancer, and load balancers whose security groups let none out.
//! Network ACLs are not in the inventory, and so they are not judged.
//!
//! There is a diagnostic only if it is certain: a rule that cannot be evaluated, such as a rule for a prefix list, counts as
//! one that admits requests.

mod outbound;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use albatross_contract::{
    Diagnostic, DiagnosticCode, Direction, IpAddressType, LoadBalancerKind, SecurityGroup, SecurityGroupPeer,
    SecurityGroupRule, TargetType,
};

use super::serving;
use crate::{
    backends::{Backends, Nodes, TargetGroupForm},
    cidr::Block,
    diagnostics::{Details, Subject, warning},
    observed::{Concern, Observed},
    wanted::Wanted,
    words,
};

/// Where requests come from: the security groups and the subnets of some load balancers.
type Network<'a> = (&'a [&'a str], &'a [&'a str]);

/// Nodes that have the same security groups.
struct Alike<'a> {
    /// Ids of the security groups.
    groups: &'a [String],
    /// The inbound rules of all of them.
    rules: Vec<&'a SecurityGroupRule>,
    /// Names of Auto Scaling Groups, and ids of single nodes.
    nodes: BTreeSet<&'a str>,
    /// The primary addresses of the nodes.
    addresses: Vec<IpAddr>,
}

/// The diagnostics: one for all load balancers in the same subnets with the same security groups.
pub fn that_admit_nothing(
    wanted: &Wanted<'_>,
    backends: &Backends<'_>,
    observed: &Observed<'_>,
) -> Vec<Diagnostic> {
    let mut networks: BTreeMap<(Network<'_>, Vec<u16>), BTreeSet<&str>> = BTreeMap::new();
    let serving = serving(wanted, observed, Concern::CallBlocked);
    // Behind a Network Load Balancer, nodes see the addresses of the clients.
    let serving = serving.filter(|found| found.kind == LoadBalancerKind::Application);
    for load_balancer in serving {
        // Until a target group has the ports that are wanted, requests go to others.
        let forms = load_balancer.target_groups.iter().filter_map(|group| group.form);
        let ports = ports(forms.filter(|form| form.service.is_none()));
        if !ports.is_empty() && !load_balancer.security_groups.is_empty() {
            let network = (load_balancer.security_groups.as_slice(), load_balancer.subnets.as_slice());
            networks.entry((network, ports)).or_default().insert(&load_balancer.name);
        }
    }
    let form = backends.form(LoadBalancerKind::Application);
    // Pods can have other security groups than their nodes.
    let is_of_nodes = form.target_type == TargetType::Instance;
    if networks.is_empty() || !is_of_nodes || form.ip_address_type != IpAddressType::Ipv4 {
        return Vec::new();
    }
    let alike = alike(&backends.nodes, observed);
    let tell = |((network, ports), names): ((Network<'_>, Vec<u16>), BTreeSet<&str>)| {
        let mut told = tell(network, &names, &ports, &alike, observed);
        told.extend(outbound::tell(network.0, &names, &ports, &alike, observed));
        told
    };
    networks.into_iter().flat_map(tell).collect()
}

/// The ports of the targets, and then those of the health checks.
fn ports<'a>(forms: impl Iterator<Item = &'a TargetGroupForm<'a>> + Clone) -> Vec<u16> {
    let of_targets = forms.clone().map(|form| form.port);
    let of_checks = forms.filter_map(|form| form.health_check.port.parse().ok());
    let mut ports = Vec::new();
    for port in of_targets.chain(of_checks) {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    ports
}

/// The nodes, by their security groups. Nodes of which a security group is not known are left out, and nodes without any
/// rule: they could not even reach the API server, so their rules were not read.
fn alike<'a>(nodes: &Nodes<'a>, observed: &Observed<'a>) -> Vec<Alike<'a>> {
    let known: BTreeMap<&str, &SecurityGroup> =
        observed.inventory.security_groups.iter().map(|group| (group.id.as_str(), group)).collect();
    let mut by_groups: BTreeMap<&[String], (BTreeSet<&str>, Vec<IpAddr>)> = BTreeMap::new();
    for node in &nodes.running {
        let (names, addresses) = by_groups.entry(&node.security_groups).or_default();
        names.insert(node.auto_scaling_group.as_deref().unwrap_or(&node.id));
        addresses.extend(node.private_ip.as_deref().and_then(|address| address.parse::<IpAddr>().ok()));
    }
    let alike = by_groups.into_iter().filter_map(|(groups, (nodes, addresses))| {
        let found: Option<Vec<&SecurityGroup>> =
            groups.iter().map(|id| known.get(id.as_str()).copied()).collect();
        let rules: Vec<&SecurityGroupRule> = found?.into_iter().flat_map(|group| &group.rules).collect();
        let is_read = !rules.is_empty();
        let rules = rules.into_iter().filter(|rule| rule.direction == Direction::Inbound).collect();
        is_read.then_some(Alike { groups, rules, nodes, addresses })
    });
    alike.collect()
}

/// One diagnostic for each set of ports on which the same subnets are not admitted.
fn tell(
    network: Network<'_>,
    names: &BTreeSet<&str>,
    ports: &[u16],
    alike: &[Alike<'_>],
    observed: &Observed<'_>,
) -> Vec<Diagnostic> {
    let mut blocked: BTreeMap<(Vec<u16>, Vec<&str>), Vec<&Alike<'_>>> = BTreeMap::new();
    for nodes in alike {
        let of_port = |port: &u16| {
            let subnets = not_admitted(network, *port, &nodes.rules, observed);
            (!subnets.is_empty()).then_some((*port, subnets))
        };
        let found: Vec<(u16, Vec<&str>)> = ports.iter().filter_map(of_port).collect();
        if let Some((_, subnets)) = found.first() {
            let ports = found.iter().map(|(port, _)| *port).collect();
            blocked.entry((ports, subnets.clone())).or_default().push(nodes);
        }
    }
    let (sources, all_subnets) = network;
    let tell = |((blocked, subnets), alike): ((Vec<u16>, Vec<&str>), Vec<&Alike<'_>>)| {
        let nodes: BTreeSet<&str> = alike.iter().flat_map(|alike| &alike.nodes).copied().collect();
        let groups: BTreeSet<&str> = alike.iter().flat_map(|it| it.groups).map(String::as_str).collect();
        let groups = words::list(groups);
        let target_port_is_blocked = ports.first().is_some_and(|port| blocked.contains(port));
        let lack = if target_port_is_blocked { "get no requests from" } else { "fail the health checks of" };
        let ports = ports_in_words(&blocked);
        let sources = words::list(sources.iter().copied().collect::<BTreeSet<&str>>());
        let from = match subnets.len() {
            some if some < all_subnets.len() => format!("{sources} in {}", words::list(subnets)),
            _ => sources.clone(),
        };
        let message = format!(
            "the nodes of {} {lack} {}: no inbound rule of {groups} admits {from} on {ports}",
            words::list(nodes),
            words::list(names.iter().copied())
        );
        let remedy = format!("add an inbound rule to {groups} for {ports} from {sources}");
        warning(DiagnosticCode::NodesUnreachable, Subject::Resource(&groups), message).remedy(remedy)
    };
    blocked.into_iter().map(tell).collect()
}

/// `TCP port 9999`.
fn ports_in_words(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let noun = if ports.len() == 1 { "port" } else { "ports" };
    format!("TCP {noun} {}", words::list(ports.iter().map(String::as_str)))
}

/// The subnets of load balancers from which no rule admits a request on a port.
fn not_admitted<'a>(
    (sources, subnets): Network<'a>,
    port: u16,
    rules: &[&SecurityGroupRule],
    observed: &Observed<'_>,
) -> Vec<&'a str> {
    let rules: Vec<&SecurityGroupRule> =
        rules.iter().copied().filter(|rule| is_for_port(rule, port)).collect();
    let is_admitted = |subnet: &str| {
        let found = observed.inventory.subnets.iter().find(|found| found.id == subnet);
        let Some(block) = found.and_then(|found| found.cidr_block.as_deref()).and_then(Block::read) else {
            return true;
        };
        rules.iter().any(|rule| match &rule.peer {
            SecurityGroupPeer::SecurityGroup(id) => sources.contains(&id.as_str()),
            SecurityGroupPeer::Ipv4(from) => Block::read(from).is_none_or(|from| from.overlaps(&block)),
            SecurityGroupPeer::Ipv6(_) => false,
            SecurityGroupPeer::PrefixList(_) => true,
        })
    };
    subnets.iter().copied().filter(|subnet| !is_admitted(subnet)).collect()
}

/// Whether a rule is for a TCP port (EC2 `IpPermission`, `IpProtocol`: 6 is TCP, -1 is all, with all ports).
fn is_for_port(rule: &SecurityGroupRule, port: u16) -> bool {
    match rule.protocol.as_str() {
        "-1" => true,
        "tcp" | "6" => {
            rule.from_port.is_none_or(|first| first <= port) && rule.to_port.is_none_or(|last| port <= last)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
