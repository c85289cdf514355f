//! Whether the security groups of a load balancer admit the client of a request.

use std::net::IpAddr;

use albatross_contract::{
    DesiredLoadBalancer, Direction, HttpRequest, Operation, SecurityGroupPeer, SecurityGroupRule,
};

use crate::{cidr::Block, planning::Decided};

/// In words, that no security group admits the client. `None`: a security group admits it, or it is not known.
pub fn refused(asked: &HttpRequest, on: &DesiredLoadBalancer, decided: &Decided<'_, '_>) -> Option<String> {
    let address: IpAddr = asked.source_address.as_deref()?.parse().ok()?;
    let inventory = decided.observed.inventory;
    let there = inventory.security_groups.iter().filter(|group| on.security_groups.contains(&group.id));
    let there = there.flat_map(|group| &group.rules);
    let added = decided.plan.actions.iter().filter(|action| action.load_balancer == on.id);
    let added = added.filter_map(|action| match &action.operation {
        Operation::AuthorizeSecurityGroupRules(change) => Some(&change.rules),
        _ => None,
    });
    let on_port: Vec<&SecurityGroupRule> =
        there.chain(added.flatten()).filter(|rule| is_for(rule, asked.port)).collect();
    let admits = |rule: &&SecurityGroupRule| match &rule.peer {
        SecurityGroupPeer::Ipv4(block) | SecurityGroupPeer::Ipv6(block) => {
            Block::read(block).is_none_or(|block| block.holds(address))
        }
        // It is not known which addresses they have.
        SecurityGroupPeer::PrefixList(_) | SecurityGroupPeer::SecurityGroup(_) => true,
    };
    (!on_port.is_empty() && !on_port.iter().any(admits))
        .then(|| format!("no security group of the load balancer admits {address} to port {}", asked.port))
}

fn is_for(rule: &SecurityGroupRule, port: u16) -> bool {
    let is_tcp = matches!(rule.protocol.as_str(), "tcp" | "6" | "-1");
    let ports = rule.from_port.unwrap_or_default()..=rule.to_port.unwrap_or(u16::MAX);
    rule.direction == Direction::Inbound && is_tcp && ports.contains(&port)
}
