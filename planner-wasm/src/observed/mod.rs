//! The observed state of AWS: an index over the inventory.

mod attachments;
mod completeness;
mod health;
mod owned;
mod ownership;
mod provisioning;
mod security_groups;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Inventory, LoadBalancer, PlanningError, SecurityGroup, SecurityGroupRule, Settings, Snapshot, Tag,
    TargetGroup,
};

pub use attachments::Attachments;
pub use completeness::{Completeness, Concern};
pub use health::Health;
pub use owned::{
    Owned, PROVISIONING_TIMEOUT, certificate_mark, has_deletion_protection, rule_unneeded_since,
    target_group_unneeded_since,
};
pub use ownership::NO_UID;

use crate::{
    certificates::{Catalog, Coverage},
    identity::{load_balancer_name, shared_id},
    index::Names,
    network::security_groups::is_rule_for,
    source::{AllWishes, Claim, Hosts},
};
use ownership::{Owner, Ownership};
use provisioning::Provisioning;
use security_groups::Users;

/// The indexed inventory, and the hosts that claims ask for.
pub struct Observed<'a> {
    /// The inventory itself.
    pub inventory: &'a Inventory,
    /// The settings of the snapshot.
    pub settings: &'a Settings,
    /// The time of planning, in seconds since 1970 like all times in the planner.
    pub time: u64,
    /// Which parts of the view are missing.
    pub completeness: Completeness,
    /// Our resources, in the order of our ids.
    pub owned: Vec<Owned<'a>>,
    /// Uids of other clusters that own resources which would be ours, unless a person takes them over. Each with the ARN, or
    /// security group id, of an example.
    pub foreign_uids: BTreeMap<&'a str, &'a str>,
    /// Load balancers that are not ours, by DNS name.
    pub foreign_names: BTreeSet<&'a str>,
    /// The hosts of all claims.
    pub hosts: &'a Hosts<'a>,
    /// What claims in proxy mode ask of their load balancers.
    pub wishes: &'a AllWishes<'a>,
    /// Certificates.
    pub certificates: Catalog<'a>,
    /// Which certificates cover which hosts.
    pub coverage: Coverage,
    /// Auto Scaling Groups and their attached target groups.
    pub auto_scaling_groups: Attachments<'a>,
    dns_names: Names<&'a str>,
    /// For each DNS name the index of its load balancer in `owned`.
    by_dns_name: Vec<usize>,
    load_balancer_names: BTreeSet<&'a str>,
    target_group_names: BTreeSet<&'a str>,
    ownership: Ownership<'a>,
    /// Names and DNS names of load balancers and target groups whose owner is not known, with the reason.
    unclear_names: BTreeMap<&'a str, String>,
    /// The security group of ours that the load balancers share, and that the targets admit.
    pub shared_security_group: Option<&'a SecurityGroup>,
    /// Whether nothing but rules of ours uses it.
    pub shared_security_group_is_free: bool,
}

impl<'a> Observed<'a> {
    /// Indexes the inventory of a snapshot.
    pub fn new(
        snapshot: &'a Snapshot,
        hosts: &'a Hosts<'a>,
        wishes: &'a AllWishes<'a>,
    ) -> Result<Self, PlanningError> {
        let inventory = &snapshot.inventory;
        ownership::check_unique(inventory)?;
        let completeness = Completeness::new(snapshot);
        let ownership = Ownership::new(&snapshot.settings);
        let shared = shared_id(&snapshot.settings.identity, &inventory.vpc.id);
        let mut sorted = Sorted::by_owner(inventory, &ownership, &completeness, &shared)?;
        let on_listeners = sorted.owned.values().flat_map(Owned::arns);
        let certificates =
            Catalog::new(&inventory.certificates, on_listeners, &snapshot.settings, snapshot.time);
        let coverage = certificates.coverage(hosts);
        let users = sorted.users_of_security_groups(inventory, &completeness);
        for (place, owned) in sorted.owned.values_mut().enumerate() {
            owned.number(place, &certificates, wishes);
            users.note(owned);
        }
        let mut owned: Vec<Owned<'_>> = sorted.owned.into_values().collect();
        Provisioning::new(inventory, snapshot.time).mark(&mut owned, snapshot.time);
        let named = || {
            let numbered = owned.iter().enumerate();
            numbered.filter_map(|(place, owned)| Some((owned.load_balancer?.dns_name.as_str(), place)))
        };
        let dns_names = Names::new(named().map(|(name, _)| name).collect());
        let mut by_dns_name = vec![0; dns_names.len()];
        for (name, place) in named() {
            if let Some(number) = dns_names.find(name) {
                by_dns_name[number] = place;
            }
        }
        Ok(Observed {
            inventory,
            settings: &snapshot.settings,
            time: snapshot.time,
            completeness,
            owned,
            foreign_uids: sorted.foreign_uids,
            foreign_names: sorted.foreign_names,
            hosts,
            wishes,
            certificates,
            coverage,
            auto_scaling_groups: Attachments::new(&inventory.auto_scaling_groups),
            dns_names,
            by_dns_name,
            load_balancer_names: inventory.load_balancers.iter().map(|found| found.name.as_str()).collect(),
            target_group_names: inventory.target_groups.iter().map(|found| found.name.as_str()).collect(),
            ownership,
            unclear_names: sorted.unclear_names,
            shared_security_group: sorted.shared_security_group,
            shared_security_group_is_free: sorted
                .shared_security_group
                .is_some_and(|group| users.is_free(group, None)),
        })
    }

    /// Whether tags say that a part of a load balancer, such as a rule, is ours and has this id.
    pub fn owns(&self, tags: &[Tag], id: &str) -> bool {
        matches!(self.ownership.of(tags), Owner::Us(found) if found == id)
    }

    /// Our id, if tags say that a resource is ours.
    pub fn id_of<'b>(&self, tags: &'b [Tag]) -> Option<&'b str> {
        match self.ownership.of(tags) {
            Owner::Us(id) => Some(id),
            Owner::OtherCluster(_) | Owner::Stranger => None,
        }
    }

    /// Whether target groups of ours belong to a load balancer that is not ours: it is being adopted or forgotten, and that was
    /// interrupted. (A load balancer with the name that belongs to the id has lost its tags otherwise: its name is taken.)
    pub fn is_handed_over(&self, owned: &Owned<'_>) -> bool {
        let name = load_balancer_name(&self.settings.identity, owned.id);
        let is_user = |found: &LoadBalancer| {
            let mut arns = owned.target_groups.iter().flat_map(|group| &group.load_balancer_arns);
            arns.any(|arn| *arn == found.arn)
        };
        owned.load_balancer.is_none()
            && self.inventory.load_balancers.iter().filter(|found| is_user(found)).any(|found| {
                (found.name != name || ownership::is_left(&found.tags, &self.settings.identity))
                    && self.unclear(&found.name).is_none()
            })
    }

    /// The names of load balancers that were ours and were left to others.
    pub fn left_names(&self) -> impl Iterator<Item = &'a str> {
        let is_left = |found: &&LoadBalancer| ownership::is_left(&found.tags, &self.settings.identity);
        self.inventory.load_balancers.iter().filter(is_left).map(|found| found.name.as_str())
    }

    /// The resources with an id of ours.
    pub fn owned_by_id(&self, id: &str) -> Option<&Owned<'a>> {
        let place = self.owned.binary_search_by(|owned| owned.id.cmp(id)).ok()?;
        self.owned.get(place)
    }

    /// The resources of our load balancer with a DNS name.
    pub fn owned_by_dns_name(&self, name: &str) -> Option<&Owned<'a>> {
        self.dns_names.find(name).and_then(|number| self.owned.get(self.by_dns_name[number]))
    }

    /// The first load balancer of ours that the status of a claim names.
    pub fn published(&self, claim: &Claim<'_>) -> Option<&Owned<'a>> {
        claim.names.iter().find_map(|name| self.owned_by_dns_name(name))
    }

    /// Why the owner of the load balancer or target group with this name or DNS name is not known. `None`: it is known.
    pub fn unclear(&self, name: &str) -> Option<&str> {
        self.unclear_names.get(name).map(String::as_str)
    }

    /// Whether any load balancer has this name.
    pub fn is_load_balancer_name(&self, name: &str) -> bool {
        self.load_balancer_names.contains(name)
    }

    /// Whether any target group has this name.
    pub fn is_target_group_name(&self, name: &str) -> bool {
        self.target_group_names.contains(name)
    }
}

/// Resources, sorted by owner.
struct Sorted<'a> {
    owned: BTreeMap<&'a str, Owned<'a>>,
    foreign_uids: BTreeMap<&'a str, &'a str>,
    foreign_names: BTreeSet<&'a str>,
    unclear_names: BTreeMap<&'a str, String>,
    shared_security_group: Option<&'a SecurityGroup>,
}

impl<'a> Sorted<'a> {
    fn by_owner(
        inventory: &'a Inventory,
        ownership: &Ownership<'a>,
        completeness: &Completeness,
        shared_id: &str,
    ) -> Result<Self, PlanningError> {
        let mut sorted = Sorted {
            owned: BTreeMap::new(),
            foreign_uids: BTreeMap::new(),
            foreign_names: BTreeSet::new(),
            unclear_names: BTreeMap::new(),
            shared_security_group: None,
        };
        let mut load_balancers: Vec<&LoadBalancer> = inventory.load_balancers.iter().collect();
        load_balancers.sort_by(|left, right| left.arn.cmp(&right.arn));
        for load_balancer in load_balancers {
            sorted.add_load_balancer(load_balancer, ownership, completeness)?;
        }
        let mut target_groups: Vec<&TargetGroup> = inventory.target_groups.iter().collect();
        target_groups.sort_by(|left, right| left.arn.cmp(&right.arn));
        for group in target_groups {
            match ownership.of(&group.tags) {
                Owner::Us(id) => sorted.entry(id).target_groups.push(group),
                Owner::OtherCluster(uid) => sorted.add_foreign(uid, &group.arn),
                Owner::Stranger => {
                    if let Some(reason) = completeness.unknown_owner(&group.arn) {
                        sorted.add_unclear(&group.name, &group.name, reason);
                    }
                }
            }
        }
        let mut security_groups: Vec<&SecurityGroup> = inventory.security_groups.iter().collect();
        security_groups.sort_by_key(|group| (&group.name, &group.id));
        for group in security_groups {
            match ownership.of(&group.tags) {
                Owner::Us(_) if group.vpc_id != inventory.vpc.id => {}
                Owner::Us(id) if id == shared_id => _ = sorted.shared_security_group.get_or_insert(group),
                Owner::Us(id) => sorted.entry(id).security_groups.push(group),
                // Security groups are tagged by people too. If one carries the uid of another cluster together with an id, it
                // is in doubt who owns all other resources.
                Owner::OtherCluster(uid) => sorted.add_foreign(uid, &group.id),
                Owner::Stranger => {}
            }
        }
        Ok(sorted)
    }

    fn add_load_balancer(
        &mut self,
        load_balancer: &'a LoadBalancer,
        ownership: &Ownership<'a>,
        completeness: &Completeness,
    ) -> Result<(), PlanningError> {
        match ownership.of(&load_balancer.tags) {
            Owner::Us(id) => {
                if let Some(other) = self.entry(id).load_balancer.replace(load_balancer) {
                    return Err(ownership::one_id_twice(id, other, load_balancer));
                }
            }
            Owner::OtherCluster(uid) => {
                self.add_foreign(uid, &load_balancer.arn);
                self.foreign_names.insert(&load_balancer.dns_name);
            }
            Owner::Stranger => match completeness.unknown_owner(&load_balancer.arn) {
                Some(reason) => {
                    self.add_unclear(&load_balancer.name, &load_balancer.name, reason);
                    self.add_unclear(&load_balancer.dns_name, &load_balancer.name, reason);
                }
                None => _ = self.foreign_names.insert(&load_balancer.dns_name),
            },
        }
        Ok(())
    }

    fn users_of_security_groups(&self, inventory: &'a Inventory, completeness: &Completeness) -> Users<'a> {
        let ours =
            self.owned.values().flat_map(|owned| &owned.security_groups).chain(&self.shared_security_group);
        let ours: BTreeSet<&str> = ours.map(|group| group.id.as_str()).collect();
        // The rules that admit the shared security group are removed before it.
        let goes = |rule: &SecurityGroupRule| {
            self.shared_security_group.is_some_and(|shared| is_rule_for(rule, shared))
        };
        Users::find(&ours, inventory, completeness, goes)
    }

    fn entry(&mut self, id: &'a str) -> &mut Owned<'a> {
        self.owned.entry(id).or_insert_with(|| Owned::new(id))
    }

    fn add_unclear(&mut self, called: &'a str, name: &str, reason: &str) {
        self.unclear_names.insert(called, format!("the tags of {name} are not known ({reason})"));
    }

    fn add_foreign(&mut self, uid: &'a str, resource: &'a str) {
        self.foreign_uids.entry(uid).or_insert(resource);
    }
}
