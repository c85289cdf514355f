//! Which security groups of ours can be deleted: nothing but their own load balancer uses them.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Inventory, SecurityGroup, SecurityGroupPeer, SecurityGroupRule};

use super::{Completeness, Concern, Owned};

/// What uses the security groups of ours, besides the rules that admit the shared one.
pub struct Users<'a> {
    /// ARNs of load balancers, by security group.
    load_balancers: BTreeMap<&'a str, Vec<&'a str>>,
    /// Security groups that an instance or a rule names.
    others: BTreeSet<&'a str>,
    is_known: bool,
}

impl<'a> Users<'a> {
    /// Looks up the users of these security groups. A rule does not count if `goes` says that it is removed in time.
    pub fn find(
        ours: &BTreeSet<&'a str>,
        inventory: &'a Inventory,
        completeness: &Completeness,
        goes: impl Fn(&SecurityGroupRule) -> bool,
    ) -> Self {
        let is_known = completeness.allows(Concern::RemoveSecurityGroup);
        let mut users = Users { load_balancers: BTreeMap::new(), others: BTreeSet::new(), is_known };
        if ours.is_empty() {
            return users;
        }
        for found in &inventory.load_balancers {
            for id in found.security_groups.iter().filter(|id| ours.contains(id.as_str())) {
                users.load_balancers.entry(id).or_default().push(&found.arn);
            }
        }
        let of_instances = inventory.instances.iter().flat_map(|found| &found.security_groups);
        let named = inventory.security_groups.iter().flat_map(|group| {
            let rules = group.rules.iter().filter(|rule| !goes(rule));
            rules.filter_map(|rule| match &rule.peer {
                // A rule that names its own security group is deleted with it.
                SecurityGroupPeer::SecurityGroup(id) => Some(id).filter(|id| **id != group.id),
                _ => None,
            })
        });
        users.others = of_instances.chain(named).map(String::as_str).filter(|id| ours.contains(id)).collect();
        users
    }

    /// Whether nothing but this load balancer, by ARN, uses a security group. `None`: no load balancer may use it.
    pub fn is_free(&self, group: &SecurityGroup, but: Option<&str>) -> bool {
        let id = group.id.as_str();
        let mut load_balancers = self.load_balancers.get(id).into_iter().flatten();
        self.is_known && !self.others.contains(id) && load_balancers.all(|arn| Some(*arn) == but)
    }

    /// Notes which security groups with our id can be deleted once their load balancer is gone or has others.
    pub fn note(&self, owned: &mut Owned<'a>) {
        let own = owned.load_balancer.map(|found| found.arn.as_str());
        let free = owned.security_groups.iter().copied().filter(|group| self.is_free(group, own));
        owned.free_security_groups = free.collect();
    }
}
