//! Incomplete views: which missing part blocks what. This table is the only place that says it.

use std::collections::BTreeMap;

use albatross_contract::{IncompletePart, Inventory, PolicyPoint, Snapshot, ViewPart};

use super::Owned;
use crate::words;

/// Something that needs to know a part of the view as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// To change anything at all: who owns what must be known.
    Write,
    /// To say that an Ingress is no longer ours, and empty its status.
    Release,
    /// To say that something is unneeded, or to remove what is.
    Remove,
    /// To say that a certificate is unneeded, or to remove it.
    RemoveCertificate,
    /// To call a host uncovered or a certificate missing.
    CallUncovered,
    /// To say that no listener serves a host.
    CallUnserved,
    /// To say that there is no node.
    CallNodeless,
    /// To say that a load balancer has no subnet in the zone of a node.
    CallZoneUnserved,
    /// To say that security groups admit no requests to a node.
    CallBlocked,
    /// To let targets leave.
    LetTargetsLeave,
    /// To let them leave a target group of which AWS says that no load balancer uses it: none of them counts as running
    /// there, so that all may leave at once.
    EmptyTargetGroup,
    /// To make a load balancer, or to call what is needed for one missing.
    OpenLoadBalancer,
    /// To believe that a load balancer that is not there is gone.
    BelieveGone,
    /// To change the attributes of a load balancer.
    ChangeAttributes,
    /// To change the subnets of a load balancer.
    ChangeSubnets,
    /// To change the security groups of a load balancer.
    ChangeSecurityGroups,
    /// To change listeners.
    ChangeListeners,
    /// To make a target group: it must not be there already.
    MakeTargetGroup,
    /// To change target groups and their targets.
    ChangeTargets,
    /// To change a published name.
    ChangeName,
}

impl Concern {
    const fn needs(self) -> &'static [ViewPart] {
        use ViewPart::*;
        match self {
            Concern::Write => &[Tags],
            Concern::Release => &[Ingresses, IngressStatuses, IngressClasses, LoadBalancers, Tags],
            Concern::Remove => &[
                Ingresses,
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
            Concern::ChangeSubnets => &[LoadBalancers, Subnets, Tags],
            Concern::ChangeSecurityGroups => &[LoadBalancers, SecurityGroups, Tags],
            Concern::ChangeListeners => &[LoadBalancers, Listeners, TargetGroups, Tags],
            Concern::MakeTargetGroup => &[TargetGroups, Tags],
            Concern::ChangeTargets => &[TargetGroups, AutoScalingGroups, Tags],
            Concern::ChangeName => &[LoadBalancers, TargetGroups, TargetHealth, Listeners, Tags],
        }
    }
}

/// Parts that single calls read for one load balancer or target group: of one alone they can be missing.
const READ_ONE_BY_ONE: [ViewPart; 6] = [
    ViewPart::LoadBalancers,
    ViewPart::Listeners,
    ViewPart::Rules,
    ViewPart::TargetGroups,
    ViewPart::TargetHealth,
    ViewPart::Tags,
];

/// What is not known, with the reasons.
pub struct Completeness {
    missing: Missing,
    /// What is missing of single load balancers and target groups, by ARN.
    of_resources: BTreeMap<String, OfResource>,
    statuses_known: bool,
    certificates_frozen: bool,
}

type Missing = BTreeMap<ViewPart, String>;

/// What is missing of one load balancer or target group.
struct OfResource {
    name: String,
    missing: Missing,
}

impl Completeness {
    /// Reads what a snapshot says about itself.
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
            // Without statuses, tags and listeners say who stands where: what one lacks may concern everybody.
            match resource(part, &names).filter(|_| statuses_known) {
                Some((arn, name)) => {
                    let new = || OfResource { name: name.to_owned(), missing: Missing::new() };
                    add(&mut of_resources.entry(arn.to_owned()).or_insert_with(new).missing, part);
                }
                None => add(&mut missing, part),
            }
        }
        // Without statuses certificates say who stands where: as long as they are known, `--prune` may do without.
        let certificates_known = [ViewPart::CertificatesAcm, ViewPart::CertificatesIam]
            .iter()
            .all(|part| !missing.contains_key(part));
        if snapshot.settings.allowances.prune && certificates_known {
            missing.remove(&ViewPart::IngressStatuses);
        }
        let certificates_frozen = snapshot.frozen.contains(&PolicyPoint::Certificates);
        Completeness { missing, of_resources, statuses_known, certificates_frozen }
    }

    /// Whether statuses say who stands where. What a person allowed to be removed without them does not make them known.
    pub fn knows_statuses(&self) -> bool {
        self.statuses_known
    }

    /// Whether all that it needs is known, as far as it concerns no single resource. While the policy that chooses
    /// certificates is not asked, nobody can say that one is unneeded.
    pub fn allows(&self, concern: Concern) -> bool {
        let frozen = concern == Concern::RemoveCertificate && self.certificates_frozen;
        !frozen && self.missing_for(concern).is_none()
    }

    /// The same of one load balancer or target group, by ARN.
    pub fn allows_on(&self, concern: Concern, arn: &str) -> bool {
        self.allows(concern) && self.missing_of(concern, arn).is_none()
    }

    /// The same of a load balancer and its target groups. `None`: what is made now, of which nothing can be missing.
    pub fn allows_for(&self, concern: Concern, owned: Option<&Owned<'_>>) -> bool {
        self.allows(concern) && owned.is_none_or(|owned| self.missing_of_owned(concern, owned).is_none())
    }

    /// The first part that it lacks, with the reason.
    pub fn missing_for(&self, concern: Concern) -> Option<(ViewPart, &str)> {
        first(&self.missing, concern)
    }

    /// In words, what it lacks.
    pub fn explain(&self, concern: Concern) -> Option<String> {
        self.missing_for(concern)
            .map(|(part, reason)| format!("not all {} are known ({reason})", words::part(part)))
    }

    /// In words, what it lacks as a whole, or of a load balancer and its target groups.
    pub fn explain_for(&self, concern: Concern, owned: &Owned<'_>) -> Option<String> {
        self.explain(concern).or_else(|| {
            let (found, (part, reason)) = self.missing_of_owned(concern, owned)?;
            Some(format!("the {} of {} are not known ({reason})", words::part_of_one(part), found.name))
        })
    }

    /// Why nobody can say whose a load balancer or target group is.
    pub fn unknown_owner(&self, arn: &str) -> Option<&str> {
        self.of_resources.get(arn)?.missing.get(&ViewPart::Tags).map(String::as_str)
    }

    /// All that is not known as a whole, in a fixed order.
    pub fn missing(&self) -> impl Iterator<Item = (ViewPart, &str)> {
        self.missing.iter().map(|(part, reason)| (*part, reason.as_str()))
    }

    /// All that is not known of single resources, with their names, in a fixed order.
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
        // A lookup for each resource of ours would cost more than most passes have to tell.
        if self.of_resources.is_empty() {
            return None;
        }
        owned.resources().find_map(|arn| {
            let found = self.of_resources.get(arn)?;
            Some((found, first(&found.missing, concern)?))
        })
    }
}

/// Names of load balancers and target groups, by ARN.
type Names<'a> = BTreeMap<&'a str, &'a str>;

fn names(inventory: &Inventory) -> Names<'_> {
    let load_balancers =
        inventory.load_balancers.iter().map(|found| (found.arn.as_str(), found.name.as_str()));
    let target_groups = inventory.target_groups.iter().map(|found| (found.arn.as_str(), found.name.as_str()));
    load_balancers.chain(target_groups).collect()
}

/// The load balancer or target group that alone lacks a part, by ARN and name.
fn resource<'a>(part: &'a IncompletePart, names: &Names<'a>) -> Option<(&'a str, &'a str)> {
    let arn = part.resource.as_deref().filter(|_| READ_ONE_BY_ONE.contains(&part.part))?;
    Some((arn, names.get(arn)?))
}

/// Of several reasons the first in their order is told, whatever order they came in.
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
