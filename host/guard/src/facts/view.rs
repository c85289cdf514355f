//! The snapshot, indexed: every rule finds what it asks for by name, so that the guard stays linear in the snapshot.

use std::{cell::OnceCell, collections::BTreeMap};

use albatross_contract::{
    AutoScalingGroup, Certificate, IncompletePart, Listener, LoadBalancer, ResourceReference,
    Rule as ListenerRule, SecurityGroup, Snapshot, TargetGroup, ViewPart,
};

use super::{
    index::{Index, Map},
    ingresses::Ingresses,
    load_balancers::LoadBalancers,
    names::IngressName,
    ownership::Ownership,
};

/// A listener and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct ListenerOn<'a> {
    pub(crate) load_balancer: &'a LoadBalancer,
    pub(crate) listener: &'a Listener,
}

/// A listener rule and where it stands.
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
    pub(crate) ingresses: Ingresses<'a>,
    listeners: OnceCell<Map<&'a str, ListenerOn<'a>>>,
    rules: OnceCell<Map<&'a str, RuleOn<'a>>>,
    target_groups: Index<'a, TargetGroup>,
    security_groups: Index<'a, SecurityGroup>,
    auto_scaling_groups: Index<'a, AutoScalingGroup>,
    certificates: Index<'a, Certificate>,
    incomplete: BTreeMap<ViewPart, &'a str>,
}

impl<'a> View<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        let inventory = &snapshot.inventory;
        let ownership = Ownership::new(&snapshot.settings);
        let load_balancers = LoadBalancers::new(&inventory.load_balancers, &ownership);
        View {
            snapshot,
            ingresses: Ingresses::new(&snapshot.cluster.ingresses, &load_balancers),
            load_balancers,
            ownership,
            listeners: OnceCell::new(),
            rules: OnceCell::new(),
            target_groups: Index::new(&inventory.target_groups, |found| &found.arn),
            security_groups: Index::new(&inventory.security_groups, |found| &found.id),
            auto_scaling_groups: Index::new(&inventory.auto_scaling_groups, |found| &found.name),
            certificates: Index::new(&inventory.certificates, |found| &found.arn),
            incomplete: incomplete(snapshot),
        }
    }

    /// The first of some parts of the view that is missing, with the reason.
    pub(crate) fn missing(&self, parts: &[ViewPart]) -> Option<(ViewPart, &'a str)> {
        parts.iter().find_map(|part| self.incomplete.get(part).map(|reason| (*part, *reason)))
    }

    /// An Ingress whose status names a load balancer; the first of several.
    pub(crate) fn published_by(&self, load_balancer: &LoadBalancer) -> Option<IngressName<'a>> {
        self.ingresses.published_by(&load_balancer.dns_name, &self.load_balancers)
    }

    /// Whether a load balancer is ours.
    pub(crate) fn owns(&self, load_balancer: &LoadBalancer) -> bool {
        self.ownership.owns(&load_balancer.tags)
    }

    /// Whether a listener rule is ours: a person may have put another one on a listener of ours.
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

/// The parts that are missing. A person who allows to prune takes statuses that nobody has for known, unless
/// certificates are missing too: without statuses only they say who stands where.
fn incomplete(snapshot: &Snapshot) -> BTreeMap<ViewPart, &str> {
    let parts = snapshot.cluster.incomplete.iter().chain(&snapshot.inventory.incomplete);
    let certificates = [ViewPart::CertificatesAcm, ViewPart::CertificatesIam];
    let prune =
        snapshot.settings.allowances.prune && parts.clone().all(|part| !certificates.contains(&part.part));
    let counts = |part: &&IncompletePart| !(prune && part.part == ViewPart::IngressStatuses);
    parts.filter(counts).map(|part| (part.part, part.reason.as_str())).collect()
}

/// The ARN or id of a reference to something that AWS has.
pub(crate) fn existing(reference: &ResourceReference) -> Option<&str> {
    match reference {
        ResourceReference::Existing(id) => Some(id),
        ResourceReference::CreatedBy(_) => None,
    }
}
