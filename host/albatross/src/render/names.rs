//! The names by which people know resources: a name where there is one, else an id.

use std::collections::BTreeMap;

use albatross_contract::{
    Action, Certificate, CertificateKind, DesiredListener, Inventory, Listener, LoadBalancer, Operation,
    Plan, ResourceReference, Rule, TAG_ID, TAG_INGRESS, TAG_SERVICE, TAG_UNNEEDED_CERTIFICATE, Tag,
    TargetGroup, Timestamp, rules::requests,
};
use sha2::{Digest, Sha256};

use super::{time::date, words::short_id};

/// Looks up the names of resources in an inventory and of resources that a plan creates.
#[derive(Default)]
pub struct Names<'a> {
    certificates: BTreeMap<&'a str, String>,
    certificate_tags: BTreeMap<String, &'a str>,
    load_balancers: BTreeMap<&'a str, &'a LoadBalancer>,
    listeners: BTreeMap<&'a str, &'a Listener>,
    /// Rules with the listeners that have them, by ARN of the rule.
    rules: BTreeMap<&'a str, (&'a Rule, &'a Listener)>,
    /// Listeners as they will be, by our id of the load balancer and port.
    desired: BTreeMap<(&'a str, u16), &'a DesiredListener>,
    target_groups: BTreeMap<&'a str, &'a TargetGroup>,
    security_groups: BTreeMap<&'a str, &'a str>,
    zones: BTreeMap<&'a str, &'a str>,
    hosted_zones: BTreeMap<&'a str, &'a str>,
    actions: BTreeMap<&'a str, &'a Action>,
    /// The hosts that need a certificate, by our id of the load balancer and ARN of the certificate.
    hosts: BTreeMap<(&'a str, &'a str), &'a [String]>,
    /// Ends of validity by ARN.
    ends: BTreeMap<&'a str, Timestamp>,
}

impl<'a> Names<'a> {
    /// For an inventory and a plan that was made for it.
    pub fn new(inventory: &'a Inventory, plan: &'a Plan) -> Names<'a> {
        Names::of_inventory(inventory).with(plan)
    }

    /// For a plan without the inventory that it was made for.
    pub fn of_plan(plan: &'a Plan) -> Names<'a> {
        Names::default().with(plan)
    }

    fn with(self, plan: &'a Plan) -> Names<'a> {
        let mut names = self;
        names.actions = plan.actions.iter().map(|action| (action.id.as_str(), action)).collect();
        for load_balancer in &plan.load_balancers {
            for certificate in &load_balancer.certificates {
                let key = (load_balancer.id.as_str(), certificate.arn.as_str());
                names.hosts.insert(key, &certificate.hosts);
            }
            let listeners = load_balancer.listeners.iter();
            names.desired.extend(listeners.map(|it| ((load_balancer.id.as_str(), it.port), it)));
        }
        names
    }

    /// For an inventory without a plan.
    pub fn of_inventory(inventory: &'a Inventory) -> Names<'a> {
        let load_balancers = &inventory.load_balancers;
        let listeners = || load_balancers.iter().flat_map(|load_balancer| &load_balancer.listeners);
        Names {
            certificates: certificate_names(&inventory.certificates),
            certificate_tags: inventory
                .certificates
                .iter()
                .map(|certificate| (unneeded_tag(&certificate.arn), certificate.arn.as_str()))
                .collect(),
            load_balancers: load_balancers.iter().map(|found| (found.arn.as_str(), found)).collect(),
            listeners: listeners().map(|listener| (listener.arn.as_str(), listener)).collect(),
            rules: listeners()
                .flat_map(|listener| listener.rules.iter().map(move |rule| (rule, listener)))
                .map(|(rule, listener)| (rule.arn.as_str(), (rule, listener)))
                .collect(),
            desired: BTreeMap::new(),
            target_groups: inventory.target_groups.iter().map(|found| (found.arn.as_str(), found)).collect(),
            hosted_zones: inventory
                .hosted_zones
                .iter()
                .flatten()
                .map(|zone| (zone.id.as_str(), zone.name.as_str()))
                .collect(),
            security_groups: inventory
                .security_groups
                .iter()
                .map(|group| (group.id.as_str(), group.name.as_str()))
                .collect(),
            zones: inventory
                .subnets
                .iter()
                .map(|subnet| (subnet.id.as_str(), subnet.zone.as_str()))
                .collect(),
            actions: BTreeMap::new(),
            hosts: BTreeMap::new(),
            ends: inventory
                .certificates
                .iter()
                .filter_map(|certificate| Some((certificate.arn.as_str(), certificate.not_after?)))
                .collect(),
        }
    }

    /// `shop.example.org`, with a part of its id where two certificates have the same first name.
    pub fn certificate(&self, arn: &str) -> String {
        self.certificates.get(arn).cloned().unwrap_or_else(|| short_id(arn).to_owned())
    }

    /// The hosts for which a load balancer of the plan needs a certificate.
    pub fn hosts(&self, load_balancer: &str, certificate: &str) -> &'a [String] {
        self.hosts.get(&(load_balancer, certificate)).copied().unwrap_or_default()
    }

    /// `valid until 2027-03-02`; `None` for a certificate that is not in the inventory.
    pub fn validity(&self, certificate: &str) -> Option<String> {
        self.ends.get(certificate).map(|end| format!("valid until {}", date(*end)))
    }

    /// The certificate that a tag `albatross/unneeded-certificate/…` marks.
    pub fn certificate_of_tag(&self, key: &str) -> Option<String> {
        self.certificate_tags.get(key).map(|arn| self.certificate(arn))
    }

    /// `subnet-0a1 (eu-central-1a)`.
    pub fn subnet(&self, id: &str) -> String {
        match self.zones.get(id) {
            Some(zone) => format!("{id} ({zone})"),
            None => id.to_owned(),
        }
    }

    /// The zone of a subnet.
    pub fn zone(&self, subnet: &str) -> Option<&'a str> {
        self.zones.get(subnet).copied()
    }

    /// `web (sg-0a1)`.
    pub fn security_group(&self, id: &str) -> String {
        match self.security_groups.get(id) {
            Some(name) => format!("{name} ({id})"),
            None => id.to_owned(),
        }
    }

    /// `example.org (Z04ABC)`.
    pub fn hosted_zone(&self, id: &str) -> String {
        match self.hosted_zones.get(id) {
            Some(name) => format!("{name} ({id})"),
            None => id.to_owned(),
        }
    }

    /// A security group that exists or that the plan creates.
    pub fn security_group_reference(&self, reference: &ResourceReference) -> String {
        match reference {
            ResourceReference::Existing(id) => self.security_group(id),
            ResourceReference::CreatedBy(_) => self.resource(reference),
        }
    }

    /// The name of a load balancer of ours by our id, else the id.
    pub fn owned_load_balancer(&self, id: &str) -> String {
        let is_it =
            |found: &&&LoadBalancer| found.tags.iter().any(|tag| tag.key == TAG_ID && tag.value == id);
        self.load_balancers.values().find(is_it).map_or_else(|| id.to_owned(), |found| found.name.clone())
    }

    /// The load balancer in the inventory that has this ARN.
    pub fn observed_load_balancer(&self, reference: &ResourceReference) -> Option<&'a LoadBalancer> {
        self.existing(reference, &self.load_balancers)
    }

    /// The target group in the inventory that has this ARN.
    pub fn observed_target_group(&self, reference: &ResourceReference) -> Option<&'a TargetGroup> {
        self.existing(reference, &self.target_groups)
    }

    /// The listener in the inventory that has this ARN.
    pub fn observed_listener(&self, reference: &ResourceReference) -> Option<&'a Listener> {
        self.existing(reference, &self.listeners)
    }

    /// The rule in the inventory that has this ARN, with its listener.
    pub fn observed_rule(&self, reference: &ResourceReference) -> Option<(&'a Rule, &'a Listener)> {
        match reference {
            ResourceReference::Existing(arn) => self.rules.get(arn.as_str()).copied(),
            ResourceReference::CreatedBy(_) => None,
        }
    }

    /// The listener of a load balancer of the plan, by our id and its port, as it will be.
    pub fn desired_listener(&self, load_balancer: &str, port: u16) -> Option<&'a DesiredListener> {
        self.desired.get(&(load_balancer, port)).copied()
    }

    /// The port of a listener that exists or that the plan creates.
    pub fn listener_port(&self, reference: &ResourceReference) -> Option<u16> {
        match reference {
            ResourceReference::Existing(_) => Some(self.observed_listener(reference)?.port),
            ResourceReference::CreatedBy(_) => match self.made(reference)? {
                Operation::CreateListener(create) => Some(create.port),
                _ => None,
            },
        }
    }

    /// The name of any resource: from the inventory, or from the action that creates it, else the end of its ARN.
    pub fn resource(&self, reference: &ResourceReference) -> String {
        let id = match reference {
            ResourceReference::Existing(id) | ResourceReference::CreatedBy(id) => id.as_str(),
        };
        match self.made(reference) {
            Some(Operation::CreateLoadBalancer(create)) => return create.name.clone(),
            Some(Operation::CreateTargetGroup(create)) => {
                return target_group_name(&create.tags, &create.name).to_owned();
            }
            Some(Operation::CreateSecurityGroup(create)) => return create.name.clone(),
            Some(Operation::CreateListener(create)) => return format!("listener {}", create.port),
            Some(Operation::CreateRule(create)) => return format!("rule {}", requests(&create.conditions)),
            _ => {}
        }
        if let Some(load_balancer) = self.load_balancers.get(id) {
            return load_balancer.name.clone();
        }
        if let Some(listener) = self.listeners.get(id) {
            return format!("listener {}", listener.port);
        }
        if let Some(target_group) = self.target_groups.get(id) {
            return target_group_name(&target_group.tags, &target_group.name).to_owned();
        }
        if let Some((rule, _)) = self.rules.get(id) {
            return rule_name(rule);
        }
        match self.security_groups.get(id) {
            Some(name) => format!("{name} ({id})"),
            None => short_id(id).to_owned(),
        }
    }

    fn made(&self, reference: &ResourceReference) -> Option<&'a Operation> {
        match reference {
            ResourceReference::CreatedBy(action) => {
                self.actions.get(action.as_str()).map(|action| &action.operation)
            }
            ResourceReference::Existing(_) => None,
        }
    }

    fn existing<T>(&self, reference: &ResourceReference, among: &BTreeMap<&'a str, &'a T>) -> Option<&'a T> {
        match reference {
            ResourceReference::Existing(arn) => among.get(arn.as_str()).copied(),
            ResourceReference::CreatedBy(_) => None,
        }
    }
}

/// The Service port that a target group serves, such as `shop/cart:80`, else its name in AWS.
pub fn target_group_name<'b>(tags: &'b [Tag], name: &'b str) -> &'b str {
    tags.iter().find(|tag| tag.key == TAG_SERVICE).map_or(name, |tag| tag.value.as_str())
}

/// `rule shop.example.org /cart of shop/checkout`: the requests that a rule matches, and the Ingress that asks for it.
pub fn rule_name(rule: &Rule) -> String {
    let requests = requests(&rule.conditions);
    match rule.tags.iter().find(|tag| tag.key == TAG_INGRESS) {
        Some(tag) => format!("rule {requests} of {}", tag.value),
        None => format!("rule {requests}"),
    }
}

fn certificate_names(certificates: &[Certificate]) -> BTreeMap<&str, String> {
    let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
    for certificate in certificates {
        *shared.entry(first_name(certificate)).or_default() += 1;
    }
    certificates
        .iter()
        .map(|certificate| {
            let name = first_name(certificate);
            let only = shared.get(name).is_none_or(|times| *times == 1);
            let shown = if only { name.to_owned() } else { format!("{name} ({})", source(certificate)) };
            (certificate.arn.as_str(), shown)
        })
        .collect()
}

fn first_name(certificate: &Certificate) -> &str {
    certificate.names.first().map_or_else(|| short_id(&certificate.arn), String::as_str)
}

/// `ACM 1a2b3c4d`, `IAM legacy-2025`.
fn source(certificate: &Certificate) -> String {
    let service = match certificate.kind {
        CertificateKind::Iam => "IAM",
        CertificateKind::AmazonIssued | CertificateKind::Imported | CertificateKind::Private => "ACM",
    };
    format!("{service} {}", short_id(&certificate.arn))
}

fn unneeded_tag(arn: &str) -> String {
    let digest = Sha256::digest(arn.as_bytes());
    let hexadecimal: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{TAG_UNNEEDED_CERTIFICATE}{hexadecimal}")
}
