//! Security groups of route mode.
//!
//! A load balancer whose members and settings name no security group gets security groups of its own, the front, which admit
//! its clients to the ports of its listeners. All these load balancers also share one security group, which admits nobody. The
//! security groups of the targets admit its members, so that they need one rule for each port, however many load balancers
//! there are.
//!
//! A rule of ours is known by its description. Rules of others are never changed.

mod front;
mod ports;
mod spread;
mod targets;
#[cfg(test)]
mod tests;

use albatross_contract::{self as contract, Direction, SecurityGroupPeer, SecurityGroupRule, Tag};

use crate::network::security_groups::is_rule_of_ours;
pub use targets::{Targets, describe};

const OF_CLIENTS: &str = "albatross: clients of the load balancer";
const OF_LOAD_BALANCERS: &str = "albatross: load balancers of the cluster";

/// The security groups of ours on a load balancer. Nothing here: they stay as they are.
#[derive(Default)]
pub struct Firewall<'a> {
    /// The security groups that the plan creates for it, in addition to existing ones.
    pub made: Vec<Made>,
    /// Its own security groups, which admit its clients.
    pub front: Vec<SecurityGroup<'a>>,
    /// Its own security groups that it no longer needs.
    pub surplus: Vec<&'a contract::SecurityGroup>,
    /// Whether it gets the shared security group, which the targets admit.
    pub reaches_targets: bool,
}

/// A security group that the plan creates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Made {
    /// The id of ours that it carries.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The wanted state of a security group of ours.
pub struct SecurityGroup<'a> {
    /// The id of ours that it carries.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: &'static str,
    /// Its VPC.
    pub vpc: &'a str,
    /// The security group in AWS. `None`: it is created.
    pub there: Option<&'a contract::SecurityGroup>,
    /// In words, why it would be created.
    pub reason: String,
    /// Its tags.
    pub ownership: Vec<Tag>,
    /// Its inbound rules.
    pub rules: Rules,
}

/// The inbound rules of ours on a security group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// All rules that we want, in order.
    pub wanted: Vec<SecurityGroupRule>,
    /// Whether it is known that rules of ours that are not wanted are not needed.
    pub may_revoke: bool,
    /// The security group that rules of ours admit here, by id: another controller may have rules for its own on the same
    /// security group. `None`: the security group is ours, and so are all such rules on it.
    pub admitted: Option<String>,
    /// How many inbound rules the security group may have.
    pub limit: usize,
}

impl Rules {
    /// Whether a rule on the security group is one of ours.
    pub fn has(&self, rule: &SecurityGroupRule) -> bool {
        let admits = |id: &String| matches!(&rule.peer, SecurityGroupPeer::SecurityGroup(peer) if peer == id);
        is_rule_of_ours(rule) && self.admitted.as_ref().is_none_or(admits)
    }
}

impl SecurityGroup<'_> {
    /// How the plan names it if it creates it.
    fn made(&self) -> Made {
        Made { id: self.id.clone(), name: self.name.clone() }
    }
}

/// Whether two rules admit the same traffic. AWS refuses to add such a rule twice, whatever its description (EC2
/// API_AuthorizeSecurityGroupIngress).
pub fn admits_the_same(left: &SecurityGroupRule, right: &SecurityGroupRule) -> bool {
    let traffic = |it: &SecurityGroupRule| (it.direction, it.from_port, it.to_port);
    left.protocol == right.protocol && traffic(left) == traffic(right) && left.peer == right.peer
}

/// An inbound rule for TCP ports.
fn rule((from, to): (u16, u16), peer: SecurityGroupPeer, description: &str) -> SecurityGroupRule {
    SecurityGroupRule {
        id: None,
        direction: Direction::Inbound,
        protocol: "tcp".to_owned(),
        from_port: Some(from),
        to_port: Some(to),
        peer,
        description: Some(description.to_owned()),
    }
}

/// The inbound rules of a security group. AWS counts them and the outbound rules separately.
fn inbound(group: &contract::SecurityGroup) -> impl Iterator<Item = &SecurityGroupRule> {
    group.rules.iter().filter(|rule| rule.direction == Direction::Inbound)
}

/// A name for a new security group that no other one of the VPC has: the base, or the base and a number.
fn free_name(base: &str, taken: &[&str]) -> String {
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    let mut names = std::iter::once(base.to_owned()).chain(numbered);
    names.find(|name| !taken.contains(&name.as_str())).unwrap_or_else(|| base.to_owned())
}
