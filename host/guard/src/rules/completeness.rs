//! Incomplete views: what must be known before something is done. One table.
//!
//! What is missing looks exactly like what is gone, so no removal rests on a part that was not read to its end, and
//! nothing is made that may be there already. Design: decisions, incomplete views.

use albatross_contract::{
    Action, AddTags, AutoScalingAttachment, Operation, PolicyPoint, StatusChange, TAG_UNNEEDED,
    TAG_UNNEEDED_CERTIFICATE, TargetChange, ViewPart,
};

use crate::{
    facts::{Facts, marks::Subject, outcomes::IngressOutcome, view::existing},
    violation::{Findings, Rule},
};

/// Something that needs a part of the view as a whole.
#[derive(Clone, Copy)]
enum Concern {
    /// To change a load balancer or what hangs on it: whose it is must be known.
    Change,
    /// To make a load balancer: it must not be there already.
    OpenLoadBalancer,
    /// To remove a load balancer or listener, or to start the grace of one.
    Remove,
    /// To remove a certificate, or to start its grace.
    RemoveCertificate,
    /// To remove a listener rule, or to start its grace.
    RemoveRule,
    /// To remove a target group, or to empty one that nothing uses. AWS says of it itself which load balancer uses it.
    RemoveTargetGroup,
    /// To let targets leave.
    LetTargetsLeave,
    /// To take subnets off a load balancer.
    LeaveSubnets,
    /// To take security groups off a load balancer, and to take rules off one.
    LeaveSecurityGroups,
    /// To remove a security group.
    RemoveSecurityGroup,
    /// To empty a status.
    Withdraw,
    /// To put another name in a status.
    ChangeName,
}

impl Concern {
    const fn needs(self) -> &'static [ViewPart] {
        use ViewPart::*;
        match self {
            Concern::Change => &[Tags],
            Concern::OpenLoadBalancer => &[LoadBalancers, Tags],
            Concern::Remove => &[Ingresses, IngressClasses, IngressStatuses, LoadBalancers, Listeners, Tags],
            Concern::RemoveCertificate => &[
                Ingresses,
                IngressClasses,
                IngressStatuses,
                CertificatesAcm,
                CertificatesIam,
                LoadBalancers,
                Listeners,
                Tags,
            ],
            Concern::RemoveRule => {
                &[Ingresses, IngressClasses, IngressStatuses, LoadBalancers, Listeners, Rules, Tags]
            }
            Concern::RemoveTargetGroup => &[LoadBalancers, Listeners, TargetGroups, Tags],
            Concern::LetTargetsLeave => &[TargetGroups, TargetHealth, AutoScalingGroups, Instances, Tags],
            Concern::LeaveSubnets => &[Subnets, Tags],
            Concern::LeaveSecurityGroups => &[SecurityGroups],
            Concern::RemoveSecurityGroup => &[SecurityGroups, LoadBalancers, Instances],
            Concern::Withdraw => &[Ingresses, IngressClasses, IngressStatuses, LoadBalancers, Tags],
            Concern::ChangeName => &[LoadBalancers, Listeners, TargetGroups, TargetHealth, Tags],
        }
    }
}

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        if let Some((part, reason)) =
            concerns(facts, action).iter().find_map(|concern| facts.view.missing(concern.needs()))
        {
            let message = format!("not all {} are known: {reason}", words(part));
            found.action(index, action, Rule::Completeness, message);
        }
    }
    if facts.view.snapshot.frozen.contains(&PolicyPoint::Certificates) {
        for mark in facts.marks.list.iter().filter(|mark| matches!(mark.subject, Subject::Certificate(..))) {
            let message =
                "the policy point certificates is frozen, so nobody can say that a certificate is unneeded";
            found.action(
                mark.action,
                &facts.actions.list[mark.action],
                Rule::Completeness,
                message.to_owned(),
            );
        }
    }
    for outcome in &facts.outcomes.list {
        let Some(concern) = status_concern(outcome) else { continue };
        if let Some((part, reason)) = facts.view.missing(concern.needs()) {
            let message = format!(
                "the status of {} changes, and not all {} are known: {reason}",
                outcome.name,
                words(part)
            );
            found.plan(Rule::Completeness, message);
        }
    }
}

/// What an action needs to know.
fn concerns(facts: &Facts<'_>, action: &Action) -> Vec<Concern> {
    match &action.operation {
        Operation::CreateLoadBalancer(_) => vec![Concern::OpenLoadBalancer],
        Operation::DeleteLoadBalancer(_) => vec![Concern::Remove],
        Operation::DeleteListener(_) => vec![Concern::RemoveRule, Concern::RemoveCertificate],
        Operation::RemoveListenerCertificate(_) => vec![Concern::RemoveCertificate],
        Operation::ModifyListener(change) => {
            let old = facts
                .view
                .listener(&change.listener)
                .and_then(|place| place.listener.default_certificate.as_ref());
            let replaces = change.default_certificate.is_some() && old != change.default_certificate.as_ref();
            vec![if replaces { Concern::RemoveCertificate } else { Concern::Change }]
        }
        Operation::DeleteRule(_) => vec![Concern::RemoveRule],
        Operation::DeleteTargetGroup(_) => vec![Concern::RemoveTargetGroup],
        Operation::DeregisterTargets(TargetChange { target_group, .. })
        | Operation::DetachTargetGroup(AutoScalingAttachment { target_group, .. }) => {
            let idle = facts
                .view
                .target_group(target_group)
                .is_some_and(|group| facts.target_group_uses.is_idle(group, &facts.actions));
            vec![if idle { Concern::RemoveTargetGroup } else { Concern::LetTargetsLeave }]
        }
        Operation::SetSubnets(change) => {
            let before = facts.view.load_balancer(&change.load_balancer).map(|found| &found.subnets);
            let leaves =
                before.is_some_and(|before| before.iter().any(|subnet| !change.subnets.contains(subnet)));
            vec![if leaves { Concern::LeaveSubnets } else { Concern::Change }]
        }
        Operation::SetSecurityGroups(change) => {
            let after: Vec<&str> = change.security_groups.iter().filter_map(existing).collect();
            let before = facts.view.load_balancer(&change.load_balancer).map(|found| &found.security_groups);
            let leaves =
                before.is_some_and(|before| before.iter().any(|group| !after.contains(&group.as_str())));
            if leaves { vec![Concern::Change, Concern::LeaveSecurityGroups] } else { vec![Concern::Change] }
        }
        Operation::AddTags(AddTags { resource, tags }) => {
            let mut concerns = vec![Concern::Change];
            if facts.view.security_group(resource).is_some() {
                concerns.clear(); // `tags` is about load balancers and target groups
            }
            if tags.iter().any(|tag| tag.key == TAG_UNNEEDED) {
                let is_rule = facts.view.rule(resource).is_some();
                concerns.push(if is_rule { Concern::RemoveRule } else { Concern::Remove });
            }
            if tags.iter().any(|tag| tag.key.starts_with(TAG_UNNEEDED_CERTIFICATE)) {
                concerns.push(Concern::RemoveCertificate);
            }
            concerns
        }
        Operation::RemoveTags(change) if facts.view.security_group(&change.resource).is_some() => Vec::new(),
        Operation::CreateSecurityGroup(_) | Operation::AuthorizeSecurityGroupRules(_) => Vec::new(),
        Operation::RevokeSecurityGroupRules(_) => vec![Concern::LeaveSecurityGroups],
        Operation::DeleteSecurityGroup(_) => vec![Concern::RemoveSecurityGroup],
        Operation::ModifyLoadBalancerAttributes(_)
        | Operation::SetIpAddressType(_)
        | Operation::CreateTargetGroup(_)
        | Operation::ModifyTargetGroup(_)
        | Operation::ModifyTargetGroupAttributes(_)
        | Operation::CreateListener(_)
        | Operation::ModifyListenerAttributes(_)
        | Operation::AddListenerCertificate(_)
        | Operation::CreateRule(_)
        | Operation::ModifyRule(_)
        | Operation::SetRulePriorities(_)
        | Operation::RegisterTargets(_)
        | Operation::AttachTargetGroup(_)
        | Operation::RemoveTags(_) => vec![Concern::Change],
    }
}

/// What a change of a status needs to know.
fn status_concern(outcome: &IngressOutcome<'_>) -> Option<Concern> {
    match &outcome.outcome.status {
        StatusChange::Keep => None,
        StatusChange::Withdraw => Some(Concern::Withdraw),
        StatusChange::Publish(hostname) => {
            let changes = outcome.published.any && !outcome.publishes(hostname);
            changes.then_some(Concern::ChangeName)
        }
    }
}

/// A part of the view, in the plural.
fn words(part: ViewPart) -> &'static str {
    match part {
        ViewPart::Ingresses => "Ingresses",
        ViewPart::IngressStatuses => "statuses of the Ingresses",
        ViewPart::IngressClasses => "IngressClasses",
        ViewPart::Services => "Services",
        ViewPart::EndpointSlices => "EndpointSlices",
        ViewPart::Nodes => "Nodes",
        ViewPart::Subnets => "subnets and route tables",
        ViewPart::SecurityGroups => "security groups",
        ViewPart::CertificatesAcm => "certificates of ACM",
        ViewPart::CertificatesIam => "certificates of IAM",
        ViewPart::LoadBalancers => "load balancers",
        ViewPart::Listeners => "listeners",
        ViewPart::Rules => "listener rules",
        ViewPart::TargetGroups => "target groups",
        ViewPart::TargetHealth => "targets and their health",
        ViewPart::AutoScalingGroups => "Auto Scaling Groups",
        ViewPart::Instances => "instances",
        ViewPart::Tags => "tags",
        ViewPart::Quotas => "quotas",
        ViewPart::HostedZones => "hosted zones",
        ViewPart::RecordSets => "records of hosted zones",
    }
}
