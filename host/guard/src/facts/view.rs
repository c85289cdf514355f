//! The snapshot, indexed: every rule finds resources by name, so that the guard takes linear time.

use std::{cell::OnceCell, collections::BTreeMap};

use albatross_contract::{
    AutoScalingGroup, Certificate, IncompletePart, Listener, LoadBalancer, ResourceReference,
    Rule as ListenerRule, SecurityGroup, Snapshot, TargetGroup, ViewPart,
};

use super::{
    index::{Index, Map},
    load_balancers::LoadBalancers,
    names::ObjectName,
    ownership::Ownership,
    sources::Sources,
};

/// A listener with its load balancer.
#[derive(Clone, Copy)]
pub(crate) struct ListenerOn<'a> {
    pub(crate) load_balancer: &'a LoadBalancer,
    pub(crate) listener: &'a Listener,
}

/// A listener rule with its load balancer and listener.
#[derive(Clone, Copy)]
pub(crate) struct RuleOn<'a> {
    pub(crate) load_balancer: &'a LoadBalancer,
    pub(crate) listener: &'a Listener,
    pub(crate) rule: &'a ListenerRule,
}

/// The snapshot, indexed.
pub(crate) struct View<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) ownership: Ownership<'a>,
    pub(crate) load_balancers: LoadBalancers<'a>,
    pub(crate) sources: Sources<'a>,
    listeners: OnceCell<Map<&'a str, ListenerOn<'a>>>,
    rules: OnceCell<Map<&'a str, RuleOn<'a>>>,
    target_groups: Index<'a, TargetGroup>,
    security_groups: Index<'a, SecurityGroup>,
    auto_scaling_groups: Index<'a, AutoScalingGroup>,
    certificates: Index<'a, Certificate>,
    incomplete: Incomplete<'a>,
}

impl<'a> View<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        let inventory = &snapshot.inventory;
        let ownership = Ownership::new(&snapshot.settings);
        let load_balancers = LoadBalancers::new(&inventory.load_balancers, &ownership);
        View {
            snapshot,
            sources: Sources::new(snapshot, &load_balancers),
            load_balancers,
            ownership,
            listeners: OnceCell::new(),
            rules: OnceCell::new(),
            target_groups: Index::new(&inventory.target_groups, |found| &found.arn),
            security_groups: Index::new(&inventory.security_groups, |found| &found.id),
            auto_scaling_groups: Index::new(&inventory.auto_scaling_groups, |found| &found.name),
            certificates: Index::new(&inventory.certificates, |found| &found.arn),
            incomplete: Incomplete::new(snapshot),
        }
    }

    /// The first of some parts that is missing, as a whole or for one of these load balancers and target groups (by ARN), with
    /// the reason.
    pub(crate) fn missing(&self, parts: &[ViewPart], resources: &[&str]) -> Option<(ViewPart, &'a str)> {
        let reason = |part: &ViewPart| self.incomplete.reason(*part, resources);
        parts.iter().find_map(|part| reason(part).map(|reason| (*part, reason)))
    }

    /// An object whose status names a load balancer; the first of several.
    pub(crate) fn published_by(&self, load_balancer: &LoadBalancer) -> Option<ObjectName<'a>> {
        self.sources.published_by(&load_balancer.dns_name, &self.load_balancers)
    }

    /// Whether a load balancer is ours.
    pub(crate) fn owns(&self, load_balancer: &LoadBalancer) -> bool {
        self.ownership.owns(&load_balancer.tags)
    }

    /// Whether a listener rule is ours: people may add rules to our listeners.
    pub(crate) fn owns_rule(&self, found: RuleOn<'_>) -> bool {
        self.owns(found.load_balancer) && self.ownership.owns(&found.rule.tags)
    }

    /// The load balancer of the inventory that a reference names.
    pub(crate) fn load_balancer(&self, reference: &ResourceReference) -> Option<&'a LoadBalancer> {
        self.load_balancers.by_arn(existing(reference)?)
    }

    /// The listener of the inventory that a reference names.
    pub(crate) fn listener(&self, reference: &ResourceReference) -> Option<ListenerOn<'a>> {
        let by_arn = || self.listeners_on().map(|found| (found.listener.arn.as_str(), found)).collect();
        self.listeners.get_or_init(by_arn).get(existing(reference)?).copied()
    }

    /// The listener rule of the inventory that a reference names.
    pub(crate) fn rule(&self, reference: &ResourceReference) -> Option<RuleOn<'a>> {
        let by_arn =
            || self.listeners_on().flat_map(rules_on).map(|found| (found.rule.arn.as_str(), found)).collect();
        self.rules.get_or_init(by_arn).get(existing(reference)?).copied()
    }

    /// The target group of the inventory that a reference names.
    pub(crate) fn target_group(&self, reference: &ResourceReference) -> Option<&'a TargetGroup> {
        self.target_groups.get(existing(reference)?)
    }

    /// The security group of the inventory that a reference names.
    pub(crate) fn security_group(&self, reference: &ResourceReference) -> Option<&'a SecurityGroup> {
        self.security_groups.get(existing(reference)?)
    }

    /// The Auto Scaling Group with a name.
    pub(crate) fn auto_scaling_group(&self, name: &str) -> Option<&'a AutoScalingGroup> {
        self.auto_scaling_groups.get(name)
    }

    /// The certificate with an ARN.
    pub(crate) fn certificate(&self, arn: &str) -> Option<&'a Certificate> {
        self.certificates.get(arn)
    }

    fn listeners_on(&self) -> impl Iterator<Item = ListenerOn<'a>> {
        self.snapshot.inventory.load_balancers.iter().flat_map(|load_balancer| {
            load_balancer.listeners.iter().map(move |listener| ListenerOn { load_balancer, listener })
        })
    }
}

/// The rules of a listener.
pub(crate) fn rules_on(found: ListenerOn<'_>) -> impl Iterator<Item = RuleOn<'_>> {
    let ListenerOn { load_balancer, listener } = found;
    listener.rules.iter().map(move |rule| RuleOn { load_balancer, listener, rule })
}

/// The missing parts, with the reasons.
struct Incomplete<'a> {
    whole: BTreeMap<ViewPart, &'a str>,
    /// For one load balancer or target group, by ARN, or for one hosted zone, by id.
    of_one: BTreeMap<(&'a str, ViewPart), &'a str>,
}

impl<'a> Incomplete<'a> {
    /// With `--prune`, missing statuses count as known, unless certificates are missing too: without statuses, the load
    /// balancer of an Ingress is inferred from certificates.
    fn new(snapshot: &'a Snapshot) -> Self {
        let parts = snapshot.cluster.incomplete.iter().chain(&snapshot.inventory.incomplete);
        let certificates = [ViewPart::CertificatesAcm, ViewPart::CertificatesIam];
        let prune = snapshot.settings.allowances.prune
            && parts.clone().all(|part| !certificates.contains(&part.part));
        let counts = |part: &&IncompletePart| !(prune && part.part == ViewPart::IngressStatuses);
        // Without statuses, the load balancer of an Ingress is inferred from tags and listeners, so a part that is missing for
        // one resource may concern every Ingress.
        let knows_statuses = parts.clone().all(|part| part.part != ViewPart::IngressStatuses);
        let of_one = |part: &IncompletePart| knows_statuses && is_read_one_by_one(part.part);
        let mut incomplete = Incomplete { whole: BTreeMap::new(), of_one: BTreeMap::new() };
        for part in parts.filter(counts) {
            let reason = part.reason.as_str();
            match part.resource.as_deref().filter(|_| of_one(part)) {
                Some(arn) => _ = incomplete.of_one.insert((arn, part.part), reason),
                None => _ = incomplete.whole.insert(part.part, reason),
            }
        }
        incomplete
    }

    fn reason(&self, part: ViewPart, resources: &[&str]) -> Option<&'a str> {
        let of_one = || resources.iter().find_map(|arn| self.of_one.get(&(*arn, part)));
        self.whole.get(&part).or_else(of_one).copied()
    }
}

/// Whether a part is read with one call for each load balancer, target group or hosted zone. Other parts count as missing for all
/// resources.
fn is_read_one_by_one(part: ViewPart) -> bool {
    use ViewPart::*;
    matches!(part, LoadBalancers | Listeners | Rules | TargetGroups | TargetHealth | Tags | RecordSets)
}

/// The ARN or id of a reference to an existing resource.
pub(crate) fn existing(reference: &ResourceReference) -> Option<&str> {
    match reference {
        ResourceReference::Existing(id) => Some(id),
        ResourceReference::CreatedBy(_) => None,
    }
}
