//! Load balancers whose security groups let no requests out to the nodes.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, Direction, SecurityGroupPeer, SecurityGroupRule};

use super::{Alike, is_for_port, ports_in_words};
use crate::{
    cidr::Block,
    diagnostics::{Details, Subject, warning},
    observed::Observed,
    words,
};

/// A diagnostic if no outbound rule of the security groups of these load balancers lets a request out to some of the nodes.
pub(super) fn tell(
    groups: &[&str],
    names: &BTreeSet<&str>,
    ports: &[u16],
    alike: &[Alike<'_>],
    observed: &Observed<'_>,
) -> Option<Diagnostic> {
    let rules = rules(groups, observed)?;
    let is_blocked = |nodes: &Alike<'_>, port: u16| {
        !rules.iter().any(|rule| is_for_port(rule, port) && reaches(rule, nodes))
    };
    let blocked = |port: &&u16| alike.iter().any(|nodes| is_blocked(nodes, **port));
    let blocked: Vec<u16> = ports.iter().filter(blocked).copied().collect();
    let first = *blocked.first()?;
    let cut_off = alike.iter().filter(|nodes| is_blocked(nodes, first));
    let nodes = words::list(cut_off.flat_map(|nodes| &nodes.nodes).copied().collect::<BTreeSet<&str>>());
    let groups = words::list(groups.iter().copied().collect::<BTreeSet<&str>>());
    let ports = ports_in_words(&blocked);
    let message = format!(
        "requests of {} do not reach the nodes of {nodes}: no outbound rule of {groups} allows {ports} to them",
        words::list(names.iter().copied())
    );
    let remedy = format!("add an outbound rule to {groups} for {ports} to the nodes of {nodes}");
    Some(warning(DiagnosticCode::NodesUnreachable, Subject::Resource(&groups), message).remedy(remedy))
}

/// The outbound rules of security groups. `None`: a security group is not known, or it has no rule at all, so its rules may
/// not have been read.
fn rules<'a>(groups: &[&str], observed: &Observed<'a>) -> Option<Vec<&'a SecurityGroupRule>> {
    let mut rules = Vec::new();
    for id in groups {
        let group = observed.inventory.security_groups.iter().find(|group| group.id == *id)?;
        if group.rules.is_empty() {
            return None;
        }
        rules.extend(group.rules.iter().filter(|rule| rule.direction == Direction::Outbound));
    }
    Some(rules)
}

/// Whether the other end of a rule is one of some nodes, or may be.
fn reaches(rule: &SecurityGroupRule, nodes: &Alike<'_>) -> bool {
    match &rule.peer {
        SecurityGroupPeer::SecurityGroup(id) => nodes.groups.contains(id),
        SecurityGroupPeer::Ipv4(to) => {
            let holds = |block: Block| nodes.addresses.iter().any(|address| block.holds(*address));
            nodes.addresses.is_empty() || Block::read(to).is_none_or(holds)
        }
        SecurityGroupPeer::Ipv6(_) => false,
        SecurityGroupPeer::PrefixList(_) => true,
    }
}
