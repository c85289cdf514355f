//! The wanted state: a complete description of every load balancer of ours, as plain data.
//!
//! It is made before the actions. Properties that cannot or may not be changed are wanted as they are. The comparison with
//! AWS needs no settings, nodes or mode. Two comparisons are made here already, since budgets and outcomes need them: which
//! targets join and leave, and which certificates are added and removed.

mod attributes;
mod build;
mod certificates;
mod deletion_protection;
mod forwarding;
mod network;
mod proxy;
mod route;
mod security_groups;
mod tags;
mod tls;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Diagnostic, Disruption, FixedResponseAction, IpAddressType, LoadBalancerFate, LoadBalancerKind, Mode,
    Protocol, RedirectAction, Scheme, Tag, Withheld,
};

pub use build::{Sources, describe};
pub use certificates::{Certificates, Change};
pub use deletion_protection::DeletionProtection;
pub use forwarding::{Destination, Forward};
pub use route::{Elsewhere, Limits, Need, Needs, Rule, RuleEnd, Rules, rules_of};
#[cfg(test)]
pub use security_groups::Made;
pub use security_groups::{Firewall, Rules as SecurityGroupRules, SecurityGroup, Targets, admits_the_same};
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

/// The whole wanted state.
pub struct Wanted<'a> {
    /// Every load balancer, in the order of our ids.
    pub load_balancers: Vec<LoadBalancer<'a>>,
    /// Target groups of load balancers that are gone, in the order of our ids.
    pub leftovers: Vec<Leftover<'a>>,
    /// Changes that a budget holds back.
    pub withheld: Vec<Withheld>,
    /// Diagnostics about load balancers and target groups.
    pub diagnostics: Vec<Diagnostic>,
    /// When the grace period of the next target group ends.
    pub next_change_at: Option<u64>,
    /// Whether anything may be changed in AWS: the owner of every resource must be known.
    pub can_write: bool,
    /// How the targets admit the load balancers of route mode.
    pub targets: Targets<'a>,
    /// Diagnostics about single objects: their routes and backends.
    pub of_objects: BTreeMap<ObjectName<'a>, Vec<Diagnostic>>,
    /// What load balancers in route mode lack for objects that they are not published for.
    pub lacking: Lacking<'a>,
    /// Hosts of objects that other load balancers of their groups serve.
    pub elsewhere: Elsewhere<'a>,
    /// For each group the index of its load balancer.
    places: Vec<usize>,
}

/// What load balancers in route mode lack for objects that they are not published for.
#[derive(Default)]
pub struct Lacking<'a> {
    /// Objects whose rules do not all exist.
    pub rules: BTreeSet<ObjectName<'a>>,
    /// Objects that name a web ACL which the load balancer does not have yet.
    pub web_acl: BTreeSet<ObjectName<'a>>,
    /// Objects with rules that forward to target groups which are not healthy.
    pub health: BTreeSet<ObjectName<'a>>,
    /// Objects with rules that forward to any target group. For others no target needs to be healthy.
    pub forwarding: BTreeSet<ObjectName<'a>>,
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

/// The wanted state of a load balancer.
pub struct LoadBalancer<'a> {
    /// Our id.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// Its resources in AWS.
    pub owned: Option<&'a Owned<'a>>,
    /// What happens to it.
    pub fate: LoadBalancerFate,
    /// Whether it may be changed in AWS: its owner is known, and it is not deleted.
    pub is_managed: bool,
    /// When in this plan it was opened, counted from 0.
    pub opened: Option<usize>,
    /// Why it is created, if it is.
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
    /// Its existing security groups, by id.
    pub security_groups: Vec<&'a str>,
    /// Its security groups that are ours.
    pub firewall: Firewall<'a>,
    /// Attributes that we set.
    pub attributes: Vec<Attribute>,
    /// Whether it has deletion protection that we turn on. `None`: its deletion protection stays as it is.
    pub deletion_protection: Option<DeletionProtection>,
    /// Its web ACL. `None`: it stays as it is.
    pub web_acl: Option<WebAcl<'a>>,
    /// Its tags.
    pub tags: Tags,
    /// The tags that it and its listeners, rules, target groups and security groups have: those of their owner, and those of
    /// the settings.
    pub ownership: Vec<Tag>,
    /// The terms of its members.
    pub terms: Terms<'a>,
    /// Its members, in the order in which they were added.
    pub members: Vec<ObjectName<'a>>,
    /// The listeners that we manage.
    pub listeners: Vec<Listener<'a>>,
    /// Certificates on its HTTPS listener.
    pub certificates: Certificates<'a>,
    /// The target groups that its listeners use now or after the plan.
    pub target_groups: Vec<TargetGroup<'a>>,
    /// What a new listener forwards to.
    pub forwards_to: Vec<Forward<'a>>,
    /// How many rules AWS allows in addition to those that are there.
    pub free_rules: usize,
    /// Target groups that no listener uses any more.
    pub retired: Vec<(&'a albatross_contract::TargetGroup, Retirement)>,
}

/// The web ACL of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebAcl<'a> {
    /// Its ARN; empty: there is none.
    pub arn: &'a str,
    /// The object that asks for it. `None`: the settings do.
    pub by: Option<ObjectName<'a>>,
}

/// Why a load balancer is created, and the disruption.
pub struct Creation {
    /// In words, why.
    pub reason: String,
    /// The disruption.
    pub disruption: Disruption,
}

/// The wanted state of a listener.
pub struct Listener<'a> {
    /// Its port.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// The listener in AWS. `None`: it is created.
    pub there: Option<&'a albatross_contract::Listener>,
    /// In words, why it would be created, or why it is deleted.
    pub reason: &'static str,
    /// Its TLS policy. `None`: it has none.
    pub ssl_policy: Option<&'a str>,
    /// ARN of its default certificate. `None`: it has none, or the present default certificate stays.
    pub default_certificate: Option<&'a str>,
    /// Whether it has the certificates of the load balancer.
    pub has_certificates: bool,
    /// Attributes that we set.
    pub attributes: Vec<Attribute>,
    /// If another listener has them: the changes after which this listener has the same certificates.
    pub mirrored: Vec<Change<'a>>,
    /// What it does if no rule matches. `None`: its default actions stay as they are.
    pub answer: Option<Answer<'a>>,
    /// Its rules. `None`: its rules stay as they are.
    pub rules: Option<Rules<'a>>,
    /// Whether it is deleted: nobody asks for it, and it has no rules.
    pub goes: bool,
}

/// What a listener or a rule does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Forwards the request.
    Forward {
        /// The target groups with their weights.
        groups: Vec<Forward<'a>>,
        /// How long a client stays with one target group, in seconds. `None`: each request is distributed.
        stickiness: Option<u32>,
    },
    /// Answers the request with a redirect.
    Redirect(RedirectAction),
    /// Answers the request without a backend.
    Respond(FixedResponseAction),
    /// Answers the request with 503, since no backend can receive it.
    Unavailable,
}

/// A response without a body.
pub fn fixed(status_code: u16) -> FixedResponseAction {
    FixedResponseAction { status_code, content_type: Some("text/plain".to_owned()), message_body: None }
}

impl<'a> Answer<'a> {
    /// Forwards each request to one of these target groups.
    pub fn forward(groups: Vec<Forward<'a>>) -> Self {
        Answer::Forward { groups, stickiness: None }
    }

    /// The target groups that it forwards to.
    pub fn forwards(&self) -> &[Forward<'a>] {
        match self {
            Answer::Forward { groups, .. } => groups,
            Answer::Redirect(_) | Answer::Respond(_) | Answer::Unavailable => &[],
        }
    }
}

/// The wanted state of a target group.
pub struct TargetGroup<'a> {
    /// Its name in AWS.
    pub name: String,
    /// The target group in AWS. `None`: it is created.
    pub there: Option<&'a albatross_contract::TargetGroup>,
    /// Its wanted form. `None`: it stays as it is.
    pub form: Option<&'a TargetGroupForm<'a>>,
    /// Whether it gets the requests in the end.
    pub is_current: bool,
    /// Whether it is the wanted target group, and not one that is only kept: a mark on it is removed.
    pub is_fitting: bool,
    /// Whether its targets are pods of the in-cluster proxy.
    pub is_of_pods: bool,
    /// The changes to its targets.
    pub targets: TargetChanges<'a>,
    /// Its wanted tags besides those of its owner.
    pub tags: Vec<Tag>,
    /// Its wanted targets, for people to read.
    pub holds: Option<Holds<'a>>,
}

impl<'a> TargetGroup<'a> {
    /// The reference to it in listeners and rules.
    pub fn destination(&self) -> Destination<'a> {
        match self.there {
            Some(there) => Destination::Existing(&there.arn),
            None => Destination::Made(self.name.clone()),
        }
    }
}

/// The wanted targets of a target group.
#[derive(Clone, Copy)]
pub struct Holds<'a> {
    /// Names of Auto Scaling Groups.
    pub auto_scaling_groups: &'a BTreeSet<&'a str>,
    /// Ids of instances.
    pub instances: &'a BTreeSet<&'a str>,
    /// How many nodes these are.
    pub nodes: u32,
}

impl<'a> Holds<'a> {
    /// Targets that are registered one by one, without an Auto Scaling Group.
    pub fn targets(ids: &'a BTreeSet<&'a str>) -> Self {
        static NONE: BTreeSet<&str> = BTreeSet::new();
        Holds { auto_scaling_groups: &NONE, instances: ids, nodes: number(ids.len()) }
    }
}

/// Target groups of a load balancer that is gone.
pub struct Leftover<'a> {
    /// The target groups.
    pub owned: &'a Owned<'a>,
    /// Whether they are deleted now.
    pub goes: bool,
    /// The time for the mark as unneeded, if they are to be marked.
    pub mark: Option<u64>,
}
