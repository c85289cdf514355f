//! What AWS has, as far as it concerns us: an index over the inventory.

mod completeness;
mod ownership;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    AutoScalingGroup, Certificate, Inventory, Listener, LoadBalancer, LoadBalancerState, PlanningError,
    Protocol, SecurityGroup, Settings, Snapshot, TAG_GROUP, TAG_INGRESS, TAG_REPLACES, TAG_UNNEEDED,
    TAG_UNNEEDED_CERTIFICATE, TargetGroup,
};

pub use completeness::{Completeness, Concern};
pub use ownership::NO_UID;

use crate::identity::{certificate_hash, tag_value};

/// How long a load balancer may take to become active: AWS needs some minutes.
pub const PROVISIONING_TIMEOUT: u64 = 15 * 60;

/// The inventory, indexed.
pub struct Observed<'a> {
    /// As it came.
    pub inventory: &'a Inventory,
    /// The settings of the snapshot.
    pub settings: &'a Settings,
    /// The time of planning.
    pub time: u64,
    /// What is not known.
    pub completeness: Completeness,
    /// What is ours, by our id.
    pub owned: BTreeMap<String, Owned<'a>>,
    /// Uids of other clusters that own what would be ours, unless a person takes it over, each with a resource that
    /// carries it: an ARN, or the id of a security group.
    pub foreign_uids: BTreeMap<&'a str, &'a str>,
    /// Load balancers that are not ours, by DNS name.
    pub foreign_names: BTreeSet<&'a str>,
    /// Our ids, by DNS name.
    pub by_dns_name: BTreeMap<&'a str, &'a str>,
    /// Certificates by ARN.
    pub certificates: BTreeMap<&'a str, &'a Certificate>,
    /// Auto Scaling Groups by name.
    pub auto_scaling_groups: BTreeMap<&'a str, &'a AutoScalingGroup>,
}

/// All resources that carry one id of ours: a load balancer, or what is left or not yet made of one.
pub struct Owned<'a> {
    /// The id.
    pub id: &'a str,
    /// The load balancer.
    pub load_balancer: Option<&'a LoadBalancer>,
    /// Its target groups, in the order of their ARNs.
    pub target_groups: Vec<&'a TargetGroup>,
}

impl<'a> Observed<'a> {
    /// Indexes the inventory of a snapshot.
    pub fn new(snapshot: &'a Snapshot) -> Result<Self, PlanningError> {
        let inventory = &snapshot.inventory;
        ownership::check_unique(inventory)?;
        let ownership = ownership::Ownership::new(&snapshot.settings);
        let mut owned: BTreeMap<String, Owned<'a>> = BTreeMap::new();
        let mut foreign_uids = BTreeMap::new();
        let mut foreign_names = BTreeSet::new();
        let mut by_dns_name = BTreeMap::new();
        let entry = |id: &'a str| Owned { id, load_balancer: None, target_groups: Vec::new() };
        let mut load_balancers: Vec<&LoadBalancer> = inventory.load_balancers.iter().collect();
        load_balancers.sort_by(|left, right| left.arn.cmp(&right.arn));
        let ours = load_balancers.iter().filter_map(|found| match ownership.of(&found.tags) {
            ownership::Owner::Us(id) => Some((id, found.arn.as_str())),
            _ => None,
        });
        ownership::check_ids(ours)?;
        for load_balancer in load_balancers {
            match ownership.of(&load_balancer.tags) {
                ownership::Owner::Us(id) => {
                    by_dns_name.insert(load_balancer.dns_name.as_str(), id);
                    let place = owned.entry(id.to_owned()).or_insert_with(|| entry(id));
                    place.load_balancer.get_or_insert(load_balancer);
                }
                ownership::Owner::OtherCluster(uid) => {
                    foreign_uids.entry(uid).or_insert(load_balancer.arn.as_str());
                    foreign_names.insert(load_balancer.dns_name.as_str());
                }
                ownership::Owner::Stranger => {
                    foreign_names.insert(load_balancer.dns_name.as_str());
                }
            }
        }
        let mut target_groups: Vec<&TargetGroup> = inventory.target_groups.iter().collect();
        target_groups.sort_by(|left, right| left.arn.cmp(&right.arn));
        for group in target_groups {
            match ownership.of(&group.tags) {
                ownership::Owner::Us(id) => {
                    owned.entry(id.to_owned()).or_insert_with(|| entry(id)).target_groups.push(group);
                }
                ownership::Owner::OtherCluster(uid) => {
                    foreign_uids.entry(uid).or_insert(group.arn.as_str());
                }
                ownership::Owner::Stranger => {}
            }
        }
        // People tag security groups of their own; with an id of ours copied to one it is in doubt whose all the rest is.
        let mut security_groups: Vec<&SecurityGroup> = inventory.security_groups.iter().collect();
        security_groups.sort_by(|left, right| left.id.cmp(&right.id));
        for group in security_groups {
            if let ownership::Owner::OtherCluster(uid) = ownership.of(&group.tags) {
                foreign_uids.entry(uid).or_insert(group.id.as_str());
            }
        }
        Ok(Observed {
            inventory,
            settings: &snapshot.settings,
            time: snapshot.time,
            completeness: Completeness::new(snapshot),
            owned,
            foreign_uids,
            foreign_names,
            by_dns_name,
            certificates: inventory.certificates.iter().map(|found| (found.arn.as_str(), found)).collect(),
            auto_scaling_groups: inventory
                .auto_scaling_groups
                .iter()
                .map(|group| (group.name.as_str(), group))
                .collect(),
        })
    }
}

impl<'a> Owned<'a> {
    /// The Ingress that has the load balancer alone, as its tag says.
    pub fn exclusive(&self) -> Option<&'a str> {
        self.load_balancer.and_then(|found| tag_value(&found.tags, TAG_INGRESS))
    }

    /// The key of a grouping policy, as its tag says.
    pub fn group(&self) -> Option<&'a str> {
        self.load_balancer.and_then(|found| tag_value(&found.tags, TAG_GROUP))
    }

    /// The id of the load balancer that it replaces.
    pub fn replaces(&self) -> Option<&'a str> {
        self.load_balancer.and_then(|found| tag_value(&found.tags, TAG_REPLACES))
    }

    /// Since when nobody needs it. A mark that cannot be read counts as none: it is written again.
    pub fn unneeded_since(&self) -> Option<u64> {
        match self.load_balancer {
            Some(found) => timestamp(tag_value(&found.tags, TAG_UNNEEDED)),
            None => self
                .target_groups
                .iter()
                .filter_map(|group| timestamp(tag_value(&group.tags, TAG_UNNEEDED)))
                .max(),
        }
    }

    /// Since when no member needs a certificate on it.
    pub fn certificate_unneeded_since(&self, arn: &str) -> Option<u64> {
        let key = format!("{TAG_UNNEEDED_CERTIFICATE}{}", certificate_hash(arn));
        self.load_balancer.and_then(|found| timestamp(tag_value(&found.tags, &key)))
    }

    /// The listener on a port.
    pub fn listener(&self, port: u16) -> Option<&'a Listener> {
        self.load_balancer.and_then(|found| found.listeners.iter().find(|listener| listener.port == port))
    }

    /// The listener that holds the certificates.
    pub fn https(&self) -> Option<&'a Listener> {
        self.listener(443).filter(|listener| listener.protocol == Protocol::Https)
    }

    /// ARNs of all certificates on it, default or not.
    pub fn certificates(&self) -> BTreeSet<&'a str> {
        let listeners = self.load_balancer.into_iter().flat_map(|found| &found.listeners);
        listeners
            .flat_map(|listener| listener.certificates.iter().chain(&listener.default_certificate))
            .map(String::as_str)
            .collect()
    }

    /// Whether AWS failed to make it, or takes too long.
    pub fn is_broken(&self, time: u64) -> bool {
        self.load_balancer.is_some_and(|found| match found.state {
            LoadBalancerState::Failed => true,
            LoadBalancerState::Provisioning => time >= found.created_at.saturating_add(PROVISIONING_TIMEOUT),
            LoadBalancerState::Active | LoadBalancerState::ActiveImpaired => false,
        })
    }

    /// Whether another one takes over from it: AWS failed to make it, and it does not replace one itself.
    pub fn is_given_up(&self, time: u64) -> bool {
        self.is_broken(time) && self.replaces().is_none()
    }

    /// Whether it serves.
    pub fn is_active(&self) -> bool {
        self.load_balancer.is_some_and(|found| {
            matches!(found.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired)
        })
    }

    /// A load balancer besides its own that AWS says uses a target group of it, by ARN: somebody took our tags off that
    /// one, or wrote the id of another one on the target group.
    pub fn user_elsewhere(&self, group: &'a TargetGroup) -> Option<&'a str> {
        let own = self.load_balancer.map(|found| found.arn.as_str());
        group.load_balancer_arns.iter().map(String::as_str).find(|arn| Some(*arn) != own)
    }

    /// Whether somebody protects it from deletion. We never set that.
    pub fn is_protected(&self) -> bool {
        self.load_balancer
            .is_some_and(|found| tag_value(&found.attributes, "deletion_protection.enabled") == Some("true"))
    }
}

fn timestamp(value: Option<&str>) -> Option<u64> {
    value.and_then(|value| value.parse().ok())
}
