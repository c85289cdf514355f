//! Incomplete views: which missing part blocks which changes. This table is the only place that defines it.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{IncompletePart, Inventory, PolicyPoint, Snapshot, ViewPart};

use super::Owned;
use crate::words;

/// Something that needs complete knowledge of a part of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// To change anything: the owner of every resource must be known.
    Write,
    /// To release an Ingress that is no longer ours, and empty its status. That it is published is known from its own status;
    /// objects that are not known cannot make the release wrong, only the budget for releases smaller.
    ReleaseIngress,
    /// The same for a RouteGroup.
    ReleaseRouteGroup,
    /// To mark a resource as unneeded, or to remove it.
    Remove,
    /// To mark a certificate as unneeded, or to remove it.
    RemoveCertificate,
    /// To report that no certificate covers a host, or that a certificate does not exist.
    CallUncovered,
    /// To report that no listener serves a host.
    CallUnserved,
    /// To report that there are no nodes.
    CallNodeless,
    /// To say that a load balancer has no subnet in the zone of a node.
    CallZoneUnserved,
    /// To say that security groups admit no requests to a node.
    CallBlocked,
    /// To remove targets.
    LetTargetsLeave,
    /// To remove targets from a target group that, as AWS says, no load balancer uses: none of the targets counts as running,
    /// so all may leave at once.
    EmptyTargetGroup,
    /// To create a load balancer, or to report that something is missing for it.
    OpenLoadBalancer,
    /// To conclude that a load balancer no longer exists.
    BelieveGone,
    /// To change the attributes of a load balancer.
    ChangeAttributes,
    /// To change what the members of a load balancer in proxy mode agree on: all of them must be known.
    AgreeInProxyMode,
    /// The same in route mode, which has no RouteGroups.
    AgreeInRouteMode,
    /// To change the subnets of a load balancer.
    ChangeSubnets,
    /// To change the security groups of a load balancer.
    ChangeSecurityGroups,
    /// To delete a security group: nothing may use it.
    RemoveSecurityGroup,
    /// To change listeners.
    ChangeListeners,
    /// To create a target group: it must not exist already.
    MakeTargetGroup,
    /// To change target groups and their targets.
    ChangeTargets,
    /// To change a published name.
    ChangeName,
    /// To decide the targets of a Service, or that the Service does not exist.
    ReadServices,
    /// To decide which pods of the proxy are targets.
    ReadPods,
    /// To decide that an endpoint that is not ready is no target: its Pod may only wait for our readiness gate.
    ReadGatedPods,
    /// To decide whether a Pod with our readiness gate waits for target health.
    JudgeGates,
    /// To change listener rules.
    ChangeRules,
    /// To change the attributes of listeners.
    ChangeListenerAttributes,
    /// To change which web ACL a load balancer has.
    ChangeWebAcl,
    /// To change or delete records in Route 53.
    ChangeRecords,
    /// To adopt or forget a load balancer: its listeners and target groups, and their owners, must be known.
    HandOver,
    /// To say of a load balancer that is adopted whom it serves.
    NameMembers,
}

impl Concern {
    const fn needs(self) -> &'static [ViewPart] {
        use ViewPart::*;
        match self {
            Concern::Write => &[Tags],
            Concern::ReadServices => &[Services, EndpointSlices, Nodes],
            Concern::ReadPods => &[Pods],
            Concern::ReadGatedPods => &[Pods, GatedPods],
            // Everything without which target groups are not described. RouteGroups are missing: a controller without the right to read
            // them serves none.
            Concern::JudgeGates => &[
                Ingresses,
                IngressClasses,
                Services,
                EndpointSlices,
                Nodes,
                Pods,
                AutoScalingGroups,
                LoadBalancers,
                Listeners,
                Rules,
                TargetGroups,
                TargetHealth,
                Tags,
            ],
            Concern::ChangeListenerAttributes => &[ListenerAttributes, Tags],
            Concern::ChangeWebAcl => &[WebAcls, Tags],
            Concern::NameMembers => &[Ingresses, RouteGroups],
            Concern::HandOver => &[LoadBalancers, Listeners, Rules, TargetGroups, Tags],
            Concern::ChangeRules => &[Ingresses, Listeners, Rules, Tags],
            Concern::ChangeRecords => {
                &[Ingresses, IngressStatuses, IngressClasses, LoadBalancers, Tags, HostedZones, RecordSets]
            }
            Concern::ReleaseIngress => &[Ingresses, IngressClasses, LoadBalancers, Tags],
            Concern::ReleaseRouteGroup => &[RouteGroups, IngressClasses, LoadBalancers, Tags],
            Concern::Remove => &[
                Ingresses,
                RouteGroups,
                IngressStatuses,
                IngressClasses,
                LoadBalancers,
                Listeners,
                Rules,
                TargetGroups,
                Tags,
            ],
            Concern::RemoveCertificate => &[
                Ingresses,
                RouteGroups,
                IngressStatuses,
                IngressClasses,
                CertificatesAcm,
                CertificatesIam,
                LoadBalancers,
                Listeners,
                Tags,
            ],
            Concern::CallUncovered => &[CertificatesAcm, CertificatesIam],
            Concern::CallUnserved => &[LoadBalancers, Listeners],
            Concern::CallNodeless => &[Instances],
            Concern::CallZoneUnserved => &[Instances, LoadBalancers, Subnets],
            Concern::CallBlocked => &[Instances, LoadBalancers, SecurityGroups],
            Concern::LetTargetsLeave => &[TargetGroups, TargetHealth, AutoScalingGroups, Instances, Tags],
            Concern::EmptyTargetGroup => {
                &[LoadBalancers, Listeners, TargetGroups, TargetHealth, AutoScalingGroups, Instances, Tags]
            }
            Concern::OpenLoadBalancer => {
                &[LoadBalancers, TargetGroups, Subnets, SecurityGroups, AutoScalingGroups, Tags]
            }
            Concern::BelieveGone => &[LoadBalancers, Tags],
            Concern::ChangeAttributes => &[LoadBalancers, Tags],
            Concern::AgreeInProxyMode => &[Ingresses, RouteGroups, IngressClasses],
            Concern::AgreeInRouteMode => &[Ingresses, IngressClasses],
            Concern::ChangeSubnets => &[LoadBalancers, Subnets, Tags],
            Concern::ChangeSecurityGroups => &[LoadBalancers, SecurityGroups, Tags],
            Concern::RemoveSecurityGroup => &[LoadBalancers, SecurityGroups, Instances, Tags],
            Concern::ChangeListeners => &[LoadBalancers, Listeners, TargetGroups, Tags],
            Concern::MakeTargetGroup => &[TargetGroups, Tags],
            Concern::ChangeTargets => &[TargetGroups, AutoScalingGroups, Tags],
            Concern::ChangeName => &[LoadBalancers, TargetGroups, TargetHealth, Listeners, Tags],
        }
    }
}

/// Parts that are read with one call for each load balancer, target group or hosted zone, so that they can be missing for a
/// single one.
const READ_ONE_BY_ONE: [ViewPart; 9] = [
    ViewPart::LoadBalancers,
    ViewPart::Listeners,
    ViewPart::ListenerAttributes,
    ViewPart::WebAcls,
    ViewPart::Rules,
    ViewPart::TargetGroups,
    ViewPart::TargetHealth,
    ViewPart::Tags,
    ViewPart::RecordSets,
];

/// The missing parts of the view, with the reasons.
pub struct Completeness {
    missing: Missing,
    /// What is missing for single load balancers and target groups, by ARN, and for hosted zones, by id.
    of_resources: BTreeMap<String, OfResource>,
    /// The parts of which something is missing through a fault.
    faulty: BTreeSet<ViewPart>,
    statuses_known: bool,
    certificates_frozen: bool,
}

type Missing = BTreeMap<ViewPart, String>;

/// What is missing for one load balancer, target group or hosted zone.
struct OfResource {
    name: String,
    missing: Missing,
}

impl Completeness {
    /// Reads the missing parts of a snapshot.
    pub fn new(snapshot: &Snapshot) -> Self {
        let parts = || snapshot.cluster.incomplete.iter().chain(&snapshot.inventory.incomplete);
        let statuses_known = parts().all(|part| part.part != ViewPart::IngressStatuses);
        let names = if parts().any(|part| part.resource.is_some()) {
            names(&snapshot.inventory)
        } else {
            Names::new()
        };
        let mut missing = Missing::new();
        let mut of_resources: BTreeMap<String, OfResource> = BTreeMap::new();
        for part in parts() {
            // Without statuses, the load balancer of an Ingress is inferred from tags and listeners, so a part that is missing
            // for one resource may concern every Ingress.
            match resource(part, &names).filter(|_| statuses_known) {
                Some((arn, name)) => {
                    let new = || OfResource { name: name.to_owned(), missing: Missing::new() };
                    add(&mut of_resources.entry(arn.to_owned()).or_insert_with(new).missing, part);
                }
                None => add(&mut missing, part),
            }
        }
        // Without statuses, the load balancer of an Ingress is inferred from certificates: if all of them are known,
        // `--prune` does not need statuses.
        let certificates_known = [ViewPart::CertificatesAcm, ViewPart::CertificatesIam]
            .iter()
            .all(|part| !missing.contains_key(part));
        if snapshot.settings.allowances.prune && certificates_known {
            missing.remove(&ViewPart::IngressStatuses);
        }
        let certificates_frozen = snapshot.frozen.contains(&PolicyPoint::Certificates);
        let faulty = parts().filter(|part| part.is_fault()).map(|part| part.part).collect();
        Completeness { missing, of_resources, faulty, statuses_known, certificates_frozen }
    }

    /// Whether statuses are known. `--prune` does not make them known.
    pub fn knows_statuses(&self) -> bool {
        self.statuses_known
    }

    /// Whether everything that a concern needs is known, apart from parts that are missing for single resources. While the
    /// certificate policy is frozen, it is not known whether a certificate is unneeded.
    pub fn allows(&self, concern: Concern) -> bool {
        let frozen = concern == Concern::RemoveCertificate && self.certificates_frozen;
        !frozen && self.missing_for(concern).is_none()
    }

    /// The same for one load balancer or target group, by ARN, or for one hosted zone, by id.
    pub fn allows_on(&self, concern: Concern, arn: &str) -> bool {
        self.allows(concern) && self.missing_of(concern, arn).is_none()
    }

    /// The same for a load balancer and its target groups. `None`: it is created now, so nothing can be missing.
    pub fn allows_for(&self, concern: Concern, owned: Option<&Owned<'_>>) -> bool {
        self.allows(concern) && owned.is_none_or(|owned| self.missing_of_owned(concern, owned).is_none())
    }

    /// The first part that a concern needs and that is missing, with the reason.
    pub fn missing_for(&self, concern: Concern) -> Option<(ViewPart, &str)> {
        first(&self.missing, concern)
    }

    /// In words, what is missing for a concern.
    pub fn explain(&self, concern: Concern) -> Option<String> {
        self.missing_for(concern).map(|(part, reason)| format!("{} ({reason})", words::not_known(&[part])))
    }

    /// In words, what is missing for a concern, as a whole or for a load balancer and its target groups.
    pub fn explain_for(&self, concern: Concern, owned: &Owned<'_>) -> Option<String> {
        self.explain(concern).or_else(|| {
            let (found, (part, reason)) = self.missing_of_owned(concern, owned)?;
            Some(format!("the {} of {} are not known ({reason})", words::part_of_one(part), found.name))
        })
    }

    /// In words, what is missing for a concern, for one load balancer or target group, by ARN.
    pub fn explain_on(&self, concern: Concern, arn: &str) -> Option<String> {
        let (part, reason) = self.missing_of(concern, arn)?;
        Some(format!(
            "the {} of {} are not known ({reason})",
            words::part_of_one(part),
            self.of_resources.get(arn)?.name
        ))
    }

    /// Why the owner of any load balancer or target group is not known.
    pub fn any_unknown_owner(&self) -> Option<&str> {
        self.of_resources.values().find_map(|it| it.missing.get(&ViewPart::Tags)).map(String::as_str)
    }

    /// Why the owner of a load balancer or target group is not known.
    pub fn unknown_owner(&self, arn: &str) -> Option<&str> {
        self.of_resources.get(arn)?.missing.get(&ViewPart::Tags).map(String::as_str)
    }

    /// All parts that are missing as a whole, in a fixed order.
    pub fn missing(&self) -> impl Iterator<Item = (ViewPart, &str)> {
        self.missing.iter().map(|(part, reason)| (*part, reason.as_str()))
    }

    /// Whether nothing is wrong although a part is missing.
    pub fn is_expected(&self, part: ViewPart) -> bool {
        !self.faulty.contains(&part)
    }

    /// All parts that are missing for single resources, with the names of the resources, in a fixed order.
    pub fn missing_of_resources(&self) -> BTreeMap<(ViewPart, &str), Vec<&str>> {
        let mut found: BTreeMap<(ViewPart, &str), Vec<&str>> = BTreeMap::new();
        for resource in self.of_resources.values() {
            for (part, reason) in &resource.missing {
                found.entry((*part, reason)).or_default().push(&resource.name);
            }
        }
        found.values_mut().for_each(|names| names.sort_unstable());
        found
    }

    fn missing_of(&self, concern: Concern, arn: &str) -> Option<(ViewPart, &str)> {
        first(&self.of_resources.get(arn)?.missing, concern)
    }

    fn missing_of_owned(
        &self,
        concern: Concern,
        owned: &Owned<'_>,
    ) -> Option<(&OfResource, (ViewPart, &str))> {
        // The usual case: saves a lookup for each resource.
        if self.of_resources.is_empty() {
            return None;
        }
        owned.resources().find_map(|arn| {
            let found = self.of_resources.get(arn)?;
            Some((found, first(&found.missing, concern)?))
        })
    }
}

/// Names of load balancers and target groups, by ARN, and of hosted zones, by id.
type Names<'a> = BTreeMap<&'a str, &'a str>;

fn names(inventory: &Inventory) -> Names<'_> {
    let load_balancers =
        inventory.load_balancers.iter().map(|found| (found.arn.as_str(), found.name.as_str()));
    let target_groups = inventory.target_groups.iter().map(|found| (found.arn.as_str(), found.name.as_str()));
    let hosted_zones = inventory.hosted_zones.iter().flatten();
    let hosted_zones = hosted_zones.map(|found| (found.id.as_str(), found.name.as_str()));
    load_balancers.chain(target_groups).chain(hosted_zones).collect()
}

/// The load balancer, target group or hosted zone for which alone a part is missing, by ARN or id and by name.
fn resource<'a>(part: &'a IncompletePart, names: &Names<'a>) -> Option<(&'a str, &'a str)> {
    let arn = part.resource.as_deref().filter(|_| READ_ONE_BY_ONE.contains(&part.part))?;
    Some((arn, names.get(arn)?))
}

/// Of several reasons for the same part, the first in alphabetical order is kept.
fn add(missing: &mut Missing, part: &IncompletePart) {
    let reason = missing.entry(part.part).or_default();
    if reason.is_empty() || part.reason < *reason {
        reason.clone_from(&part.reason);
    }
}

fn first(missing: &Missing, concern: Concern) -> Option<(ViewPart, &str)> {
    concern.needs().iter().find_map(|part| missing.get(part).map(|reason| (*part, reason.as_str())))
}

#[cfg(test)]
mod tests;
