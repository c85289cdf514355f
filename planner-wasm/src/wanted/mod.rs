//! What is wanted: a complete description of every load balancer of ours, as plain data.
//!
//! It is made before actions are; what cannot or may not be changed is wanted as it is. Who compares it with what AWS has
//! needs to know no settings, no nodes and no mode. Two things are compared here already, since budgets and outcomes need
//! them: which targets join and leave, and the way from the certificates that are there to those that should be.

mod attributes;
mod build;
mod certificates;
mod forwarding;
mod network;
mod proxy;
mod route;
mod tags;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Diagnostic, Disruption, FixedResponseAction, IpAddressType, LoadBalancerFate, LoadBalancerKind, Mode,
    Protocol, Scheme, Tag, Withheld,
};

pub use build::{Sources, describe};
pub use certificates::Certificates;
#[cfg(test)]
pub use certificates::Change;
pub use forwarding::{Destination, Forward};
pub use route::{Rule, RuleEnd, Rules};
#[cfg(test)]
pub use tags::Managed;
pub use tags::Tags;

use crate::{
    attributes::Attribute,
    backends::{TargetChanges, TargetGroupForm},
    budgets::number,
    grouping::GroupId,
    lifecycle::Retirement,
    observed::Owned,
    source::ObjectName,
    terms::Terms,
};
use network::Network;

/// All that is wanted.
pub struct Wanted<'a> {
    /// Every load balancer, in the order of our ids.
    pub load_balancers: Vec<LoadBalancer<'a>>,
    /// What is left of load balancers that are gone, in the order of our ids.
    pub leftovers: Vec<Leftover<'a>>,
    /// What a budget holds back.
    pub withheld: Vec<Withheld>,
    /// What there is to say.
    pub diagnostics: Vec<Diagnostic>,
    /// When the grace of the next target group ends.
    pub next_change_at: Option<u64>,
    /// Whether AWS may be told anything: whose everything is must be known.
    pub can_write: bool,
    /// What there is to say of single objects: of their routes and backends.
    pub of_objects: BTreeMap<ObjectName<'a>, Vec<Diagnostic>>,
    /// Of each group the place of its load balancer.
    places: Vec<usize>,
}

impl<'a> LoadBalancer<'a> {
    fn stand_in(&mut self, network: Network<'a>) {
        self.subnets = network.subnets;
        self.security_groups = network.security_groups;
        self.ip_address_type = network.ip_address_type;
    }
}

impl<'a> Wanted<'a> {
    /// The load balancer of a group.
    pub fn of(&self, group: GroupId) -> &LoadBalancer<'a> {
        &self.load_balancers[self.places[group.place()]]
    }
}

/// A load balancer as it should be.
pub struct LoadBalancer<'a> {
    /// Our id.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// What AWS has of it.
    pub owned: Option<&'a Owned<'a>>,
    /// What becomes of it.
    pub fate: LoadBalancerFate,
    /// Whether AWS may be told anything of it: whose it is is known, and it does not go.
    pub is_managed: bool,
    /// When in this plan it was opened, counted from 0.
    pub opened: Option<usize>,
    /// Why it is made, if it is.
    pub creation: Option<Creation>,
    /// Mode of its members.
    pub mode: Mode,
    /// Its kind.
    pub kind: LoadBalancerKind,
    /// Its scheme.
    pub scheme: Scheme,
    /// Its address type.
    pub ip_address_type: IpAddressType,
    /// Its subnets, by id.
    pub subnets: Vec<&'a str>,
    /// Its security groups, by id.
    pub security_groups: Vec<&'a str>,
    /// Attributes that we set.
    pub attributes: Vec<Attribute>,
    /// Its tags.
    pub tags: Tags,
    /// Tags that say whose all that belongs to it is.
    pub ownership: Vec<Tag>,
    /// What its members agree on.
    pub terms: Terms<'a>,
    /// Who is on it, in the order in which they came.
    pub members: Vec<ObjectName<'a>>,
    /// Its listeners, as far as we have a say in them.
    pub listeners: Vec<Listener<'a>>,
    /// Certificates on the listener that has them.
    pub certificates: Certificates<'a>,
    /// The target groups that its listeners use or will use.
    pub target_groups: Vec<TargetGroup<'a>>,
    /// What a listener that is made now forwards to.
    pub forwards_to: Vec<Forward<'a>>,
    /// Target groups that no listener uses any more.
    pub retired: Vec<(&'a albatross_contract::TargetGroup, Retirement)>,
}

/// Why a load balancer is made, and what that costs.
pub struct Creation {
    /// In words.
    pub reason: String,
    /// What it costs.
    pub disruption: Disruption,
}

/// A listener as it should be.
pub struct Listener<'a> {
    /// Its port.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// As AWS has it. `None`: it is made.
    pub there: Option<&'a albatross_contract::Listener>,
    /// Why it would be made, in words.
    pub reason: &'static str,
    /// Its TLS policy. `None`: it has none.
    pub ssl_policy: Option<&'a str>,
    /// ARN of its default certificate. `None`: it has none, or the one that is there stays.
    pub default_certificate: Option<&'a str>,
    /// Whether it is the one that has the certificates of the load balancer.
    pub has_certificates: bool,
    /// What it does when no rule matches. `None`: whatever it does stays.
    pub answer: Option<Answer<'a>>,
    /// Its rules. `None`: we have no say in them.
    pub rules: Option<Rules<'a>>,
}

/// What a listener or a rule does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Forwards it.
    Forward(Vec<Forward<'a>>),
    /// Answers it without a backend.
    Respond(FixedResponseAction),
}

impl<'a> Answer<'a> {
    /// The target groups that it forwards to.
    pub fn forwards(&self) -> &[Forward<'a>] {
        match self {
            Answer::Forward(forwards) => forwards,
            Answer::Respond(_) => &[],
        }
    }
}

/// A target group as it should be.
pub struct TargetGroup<'a> {
    /// Its name in AWS.
    pub name: String,
    /// As AWS has it. `None`: it is made.
    pub there: Option<&'a albatross_contract::TargetGroup>,
    /// What it should look like. `None`: as it does.
    pub form: Option<&'a TargetGroupForm<'a>>,
    /// Whether it is the one that requests go to in the end.
    pub is_current: bool,
    /// Whether it is the one that is wanted, and not only kept: a mark on it goes.
    pub is_fitting: bool,
    /// What becomes of its targets.
    pub targets: TargetChanges<'a>,
    /// What it should hold, for people: Auto Scaling Groups, single instances, and how many nodes that makes.
    pub holds: Option<Holds<'a>>,
}

impl<'a> TargetGroup<'a> {
    /// How a listener or a rule names it.
    pub fn destination(&self) -> Destination<'a> {
        match self.there {
            Some(there) => Destination::Existing(&there.arn),
            None => Destination::Made(self.name.clone()),
        }
    }
}

/// What a target group should hold.
#[derive(Clone, Copy)]
pub struct Holds<'a> {
    /// Names of Auto Scaling Groups.
    pub auto_scaling_groups: &'a BTreeSet<&'a str>,
    /// Ids of instances.
    pub instances: &'a BTreeSet<&'a str>,
    /// How many nodes that makes.
    pub nodes: u32,
}

impl<'a> Holds<'a> {
    /// Targets that no Auto Scaling Group registers.
    pub fn targets(ids: &'a BTreeSet<&'a str>) -> Self {
        static NONE: BTreeSet<&str> = BTreeSet::new();
        Holds { auto_scaling_groups: &NONE, instances: ids, nodes: number(ids.len()) }
    }
}

/// What is left of a load balancer that is gone.
pub struct Leftover<'a> {
    /// The target groups.
    pub owned: &'a Owned<'a>,
    /// Whether they go now.
    pub goes: bool,
    /// Since when nobody has needed them, where that is to be marked.
    pub mark: Option<u64>,
}
