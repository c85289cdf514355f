//! Incomplete views: which missing part blocks what. This table is the only place that says it.

use std::collections::BTreeMap;

use albatross_contract::{PolicyPoint, Snapshot, ViewPart};

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
    /// To let targets leave.
    LetTargetsLeave,
    /// To let them leave a target group of which AWS says that no load balancer uses it: none of them counts as running
    /// there, so that all may leave at once.
    EmptyTargetGroup,
    /// To make a load balancer, or to call what is needed for one missing.
    OpenLoadBalancer,
    /// To believe that a load balancer that is not there is gone.
    BelieveGone,
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
            Concern::LetTargetsLeave => &[TargetGroups, TargetHealth, AutoScalingGroups, Instances, Tags],
            Concern::EmptyTargetGroup => {
                &[LoadBalancers, Listeners, TargetGroups, TargetHealth, AutoScalingGroups, Instances, Tags]
            }
            Concern::OpenLoadBalancer => {
                &[LoadBalancers, TargetGroups, Subnets, SecurityGroups, AutoScalingGroups, Tags]
            }
            Concern::BelieveGone => &[LoadBalancers, Tags],
            Concern::ChangeSubnets => &[LoadBalancers, Subnets, Tags],
            Concern::ChangeSecurityGroups => &[LoadBalancers, SecurityGroups, Tags],
            Concern::ChangeListeners => &[LoadBalancers, Listeners, TargetGroups, Tags],
            Concern::MakeTargetGroup => &[TargetGroups, Tags],
            Concern::ChangeTargets => &[TargetGroups, AutoScalingGroups, Tags],
            Concern::ChangeName => &[LoadBalancers, TargetGroups, TargetHealth, Listeners, Tags],
        }
    }
}

/// What is not known, with the reasons.
pub struct Completeness {
    missing: BTreeMap<ViewPart, String>,
    statuses_known: bool,
    certificates_frozen: bool,
}

impl Completeness {
    /// Reads what a snapshot says about itself.
    pub fn new(snapshot: &Snapshot) -> Self {
        let parts = snapshot.cluster.incomplete.iter().chain(&snapshot.inventory.incomplete);
        let mut missing = BTreeMap::new();
        for part in parts {
            let reason: &mut String = missing.entry(part.part).or_default();
            if reason.is_empty() || part.reason < *reason {
                reason.clone_from(&part.reason);
            }
        }
        let statuses_known = !missing.contains_key(&ViewPart::IngressStatuses);
        // Without statuses certificates say who stands where: as long as they are known, `--prune` may do without.
        let certificates_known = [ViewPart::CertificatesAcm, ViewPart::CertificatesIam]
            .iter()
            .all(|part| !missing.contains_key(part));
        if snapshot.settings.allowances.prune && certificates_known {
            missing.remove(&ViewPart::IngressStatuses);
        }
        let certificates_frozen = snapshot.frozen.contains(&PolicyPoint::Certificates);
        Completeness { missing, statuses_known, certificates_frozen }
    }

    /// Whether statuses say who stands where. What a person allowed to be removed without them does not make them known.
    pub fn knows_statuses(&self) -> bool {
        self.statuses_known
    }

    /// Whether all that it needs is known. While the policy that chooses certificates is not asked, nobody can say that
    /// one is unneeded.
    pub fn allows(&self, concern: Concern) -> bool {
        let frozen = concern == Concern::RemoveCertificate && self.certificates_frozen;
        !frozen && self.missing_for(concern).is_none()
    }

    /// The first part that it lacks, with the reason.
    pub fn missing_for(&self, concern: Concern) -> Option<(ViewPart, &str)> {
        concern.needs().iter().find_map(|part| self.missing.get(part).map(|reason| (*part, reason.as_str())))
    }

    /// In words, what it lacks.
    pub fn explain(&self, concern: Concern) -> Option<String> {
        self.missing_for(concern)
            .map(|(part, reason)| format!("not all {} are known ({reason})", words::part(part)))
    }

    /// All that is not known, in a fixed order.
    pub fn missing(&self) -> impl Iterator<Item = (ViewPart, &str)> {
        self.missing.iter().map(|(part, reason)| (*part, reason.as_str()))
    }
}

#[cfg(test)]
mod tests;
