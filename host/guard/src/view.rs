//! The snapshot, indexed: every rule finds what it asks for by name, so that the guard stays linear in the snapshot.

use std::{borrow::Cow, collections::BTreeMap};

use albatross_contract::{
    AutoScalingGroup, Certificate, IncompletePart, Ingress, Listener, LoadBalancer, ResourceReference, Rule,
    SecurityGroup, Snapshot, TAG_ID, TargetGroup, ViewPart,
};

use crate::tags::{Ownership, tag};

/// Namespace and name of an Ingress.
pub(crate) type Name<'a> = (&'a str, &'a str);

/// A listener and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) load_balancer: &'a LoadBalancer,
    pub(crate) listener: &'a Listener,
}

/// The snapshot, indexed.
pub(crate) struct View<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) ownership: Ownership<'a>,
    pub(crate) ingresses: BTreeMap<Name<'a>, &'a Ingress>,
    pub(crate) load_balancers: BTreeMap<&'a str, &'a LoadBalancer>,
    pub(crate) listeners: BTreeMap<&'a str, Place<'a>>,
    pub(crate) rules: BTreeMap<&'a str, (Place<'a>, &'a Rule)>,
    pub(crate) target_groups: BTreeMap<&'a str, &'a TargetGroup>,
    pub(crate) security_groups: BTreeMap<&'a str, &'a SecurityGroup>,
    pub(crate) auto_scaling_groups: BTreeMap<&'a str, &'a AutoScalingGroup>,
    pub(crate) certificates: BTreeMap<&'a str, &'a Certificate>,
    by_dns_name: BTreeMap<Cow<'a, str>, &'a LoadBalancer>,
    published: BTreeMap<Cow<'a, str>, Name<'a>>,
    incomplete: BTreeMap<ViewPart, &'a str>,
}

impl<'a> View<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        let inventory = &snapshot.inventory;
        let mut listeners = BTreeMap::new();
        let mut rules = BTreeMap::new();
        for load_balancer in &inventory.load_balancers {
            for listener in &load_balancer.listeners {
                let place = Place { load_balancer, listener };
                listeners.insert(listener.arn.as_str(), place);
                rules.extend(listener.rules.iter().map(|rule| (rule.arn.as_str(), (place, rule))));
            }
        }
        let mut ingresses = BTreeMap::new();
        let mut published = BTreeMap::new();
        for ingress in &snapshot.cluster.ingresses {
            ingresses.insert(ingress_name(ingress), ingress);
            for hostname in hostnames(ingress) {
                published.entry(hostname).or_insert(ingress_name(ingress));
            }
        }
        let parts = snapshot.cluster.incomplete.iter().chain(&inventory.incomplete);
        // Without statuses only certificates say who stands where.
        let certificates = [ViewPart::CertificatesAcm, ViewPart::CertificatesIam];
        let prune = snapshot.settings.allowances.prune
            && parts.clone().all(|part| !certificates.contains(&part.part));
        let counts = |part: &&IncompletePart| !(prune && part.part == ViewPart::IngressStatuses);
        View {
            snapshot,
            ownership: Ownership::new(&snapshot.settings),
            ingresses,
            load_balancers: by(&inventory.load_balancers, |found| &found.arn),
            listeners,
            rules,
            target_groups: by(&inventory.target_groups, |found| &found.arn),
            security_groups: by(&inventory.security_groups, |found| &found.id),
            auto_scaling_groups: by(&inventory.auto_scaling_groups, |found| &found.name),
            certificates: by(&inventory.certificates, |found| &found.arn),
            by_dns_name: inventory
                .load_balancers
                .iter()
                .map(|load_balancer| (plain_dns_name(&load_balancer.dns_name), load_balancer))
                .collect(),
            published,
            incomplete: parts.filter(counts).map(|part| (part.part, part.reason.as_str())).collect(),
        }
    }

    /// The load balancer with a DNS name.
    pub(crate) fn by_dns_name(&self, hostname: &str) -> Option<&'a LoadBalancer> {
        self.by_dns_name.get(&*plain_dns_name(hostname)).copied()
    }

    /// An Ingress whose status names a load balancer; any one if there are several.
    pub(crate) fn published_by(&self, load_balancer: &LoadBalancer) -> Option<Name<'a>> {
        self.published.get(&*plain_dns_name(&load_balancer.dns_name)).copied()
    }

    /// The first of some parts of the view that is missing, with the reason.
    pub(crate) fn missing(&self, parts: &[ViewPart]) -> Option<(ViewPart, &'a str)> {
        parts.iter().find_map(|part| self.incomplete.get(part).map(|reason| (*part, *reason)))
    }

    /// Whether the load balancer is ours.
    pub(crate) fn owns(&self, load_balancer: &LoadBalancer) -> bool {
        self.ownership.owns(&load_balancer.tags)
    }

    /// Our load balancers, in the order of the snapshot.
    pub(crate) fn owned(&self) -> impl Iterator<Item = &'a LoadBalancer> {
        self.snapshot.inventory.load_balancers.iter().filter(|load_balancer| self.owns(load_balancer))
    }

    /// The owned load balancer that the status of an Ingress names: what makes it a member.
    pub(crate) fn member_of(&self, ingress: &Ingress) -> Option<&'a LoadBalancer> {
        hostnames(ingress)
            .filter_map(|hostname| self.by_dns_name.get(&hostname).copied())
            .find(|found| self.owns(found))
    }

    /// The load balancer of the inventory that a reference names.
    pub(crate) fn load_balancer(&self, reference: &ResourceReference) -> Option<&'a LoadBalancer> {
        self.load_balancers.get(existing(reference)?).copied()
    }

    /// The listener of the inventory that a reference names.
    pub(crate) fn listener(&self, reference: &ResourceReference) -> Option<Place<'a>> {
        self.listeners.get(existing(reference)?).copied()
    }

    /// The rule of the inventory that a reference names.
    pub(crate) fn rule(&self, reference: &ResourceReference) -> Option<(Place<'a>, &'a Rule)> {
        self.rules.get(existing(reference)?).copied()
    }

    /// The target group of the inventory that a reference names.
    pub(crate) fn target_group(&self, reference: &ResourceReference) -> Option<&'a TargetGroup> {
        self.target_groups.get(existing(reference)?).copied()
    }

    /// The security group of the inventory that a reference names.
    pub(crate) fn security_group(&self, reference: &ResourceReference) -> Option<&'a SecurityGroup> {
        self.security_groups.get(existing(reference)?).copied()
    }
}

fn by<T>(list: &[T], key: impl Fn(&T) -> &String) -> BTreeMap<&str, &T> {
    list.iter().map(|item| (key(item).as_str(), item)).collect()
}

/// The ARN or id of a reference to something that AWS has.
pub(crate) fn existing(reference: &ResourceReference) -> Option<&str> {
    match reference {
        ResourceReference::Existing(id) => Some(id),
        ResourceReference::CreatedBy(_) => None,
    }
}

/// Our id of a load balancer, as its tag says; empty if it has none.
pub(crate) fn our_id(load_balancer: &LoadBalancer) -> &str {
    tag(&load_balancer.tags, TAG_ID).unwrap_or_default()
}

/// Whether a load balancer is protected from deletion (attribute `deletion_protection.enabled`). We never set that.
pub(crate) fn is_protected(load_balancer: &LoadBalancer) -> bool {
    tag(&load_balancer.attributes, DELETION_PROTECTION) == Some("true")
}

/// The attribute that protects a load balancer from deletion.
pub(crate) const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// Namespace and name of an Ingress; without a namespace it lives in `default`, as for kubectl.
pub(crate) fn ingress_name(ingress: &Ingress) -> Name<'_> {
    (ingress.metadata.namespace.as_deref().unwrap_or("default"), &ingress.metadata.name)
}

/// The hostnames in the status of an Ingress, made comparable.
pub(crate) fn hostnames(ingress: &Ingress) -> impl Iterator<Item = Cow<'_, str>> {
    ingress
        .status
        .iter()
        .filter_map(|address| address.hostname.as_deref())
        .map(plain_dns_name)
        .filter(|hostname| !hostname.is_empty())
}

/// The hosts of an Ingress: those of its rules.
pub(crate) fn hosts(ingress: &Ingress) -> impl Iterator<Item = &str> {
    ingress.rules.iter().filter_map(|rule| rule.host.as_deref()).filter(|host| !host.is_empty())
}

/// A DNS name as it compares: lower case, without the final dot, and without the prefix `dualstack.`, which Elastic
/// Load Balancing answers to as well (Route 53 developer guide, "Alias target").
pub(crate) fn plain_dns_name(name: &str) -> Cow<'_, str> {
    let name = lower(name.strip_suffix('.').unwrap_or(name));
    match name {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix("dualstack.").unwrap_or(text)),
        Cow::Owned(text) => match text.strip_prefix("dualstack.") {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(text),
        },
    }
}

/// Lower case; copied only where something changes.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
