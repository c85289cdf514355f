//! Incomplete views: what must be known before something is done. One table.
//!
//! A resource that was not read looks exactly like a resource that is gone, so no removal relies on a part that was not
//! read completely, and nothing is created that may exist already. Design: decisions, incomplete views.

use albatross_contract::{
    Action, AddTags, AutoScalingAttachment, ObjectKind, Operation, PolicyPoint, Protocol, SourceObject,
    StatusChange, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, TargetChange, ViewPart,
};

use crate::{
    facts::{
        Facts,
        agreement::{changed, may_serve_unseen, no_longer_retained},
        marks::Subject,
        operations::{Mention, Role, mentions},
        outcomes::SourceOutcome,
        view::existing,
    },
    violation::{Findings, Rule},
};

/// Something that needs complete knowledge of a part of the view.
#[derive(Clone, Copy)]
enum Concern {
    /// To change a load balancer or what belongs to it: its owner must be known.
    Change,
    /// To change what the members of a load balancer in proxy mode agree on: all of them must be known.
    Agree,
    /// To create a load balancer: it must not exist already.
    OpenLoadBalancer,
    /// To remove a load balancer or listener, or to start its grace period.
    Remove,
    /// To remove a certificate, or to start its grace period.
    RemoveCertificate,
    /// To remove a listener rule, or to start its grace period.
    RemoveRule,
    /// To remove a target group, or to remove all targets from one that nothing uses. AWS lists the load balancers that use
    /// a target group with the target group itself.
    RemoveTargetGroup,
    /// To detach or deregister targets.
    LetTargetsLeave,
    /// To remove subnets from a load balancer.
    LeaveSubnets,
    /// To remove security groups from a load balancer.
    LeaveSecurityGroups,
    /// To remove rules from a security group.
    RemoveSecurityGroupRule,
    /// To remove a security group.
    RemoveSecurityGroup,
    /// To change or delete records in Route 53: which load balancer a host belongs to must be known, and every record.
    ChangeRecords,
    /// To empty the status of an Ingress, which is known itself.
    WithdrawFromIngress,
    /// The same for a RouteGroup.
    WithdrawFromRouteGroup,
    /// To write another hostname into a status.
    ChangeName,
}

impl Concern {
    const fn needs(self) -> &'static [ViewPart] {
        use ViewPart::*;
        match self {
            Concern::Change => &[Tags],
            Concern::Agree => &[Ingresses, RouteGroups, IngressClasses],
            Concern::OpenLoadBalancer => &[LoadBalancers, Tags],
            Concern::Remove => {
                &[Ingresses, RouteGroups, IngressClasses, IngressStatuses, LoadBalancers, Listeners, Tags]
            }
            Concern::RemoveCertificate => &[
                Ingresses,
                RouteGroups,
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
            Concern::RemoveSecurityGroupRule => &[
                Ingresses,
                IngressClasses,
                IngressStatuses,
                LoadBalancers,
                Listeners,
                TargetGroups,
                SecurityGroups,
                Tags,
            ],
            Concern::RemoveSecurityGroup => &[SecurityGroups, LoadBalancers, Instances],
            Concern::ChangeRecords => {
                &[Ingresses, IngressClasses, IngressStatuses, LoadBalancers, Tags, HostedZones, RecordSets]
            }
            Concern::WithdrawFromIngress => &[Ingresses, IngressClasses, LoadBalancers, Tags],
            Concern::WithdrawFromRouteGroup => &[RouteGroups, IngressClasses, LoadBalancers, Tags],
            Concern::ChangeName => &[LoadBalancers, Listeners, TargetGroups, TargetHealth, Tags],
        }
    }
}

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let resources = resources(facts, action);
        let missing = |concern: &Concern| facts.view.missing(concern.needs(), &resources);
        let agrees = changed(&facts.view, action).or_else(|| no_longer_retained(&facts.view, action));
        let agrees = agrees.filter(|found| may_serve_unseen(&facts.view, found));
        let mut concerns = concerns(facts, action);
        concerns.extend(agrees.map(|_| Concern::Agree));
        if let Some((part, reason)) = concerns.iter().find_map(missing) {
            let message = format!("not all {} are known: {reason}", part.plural());
            found.action(index, action, Rule::Completeness, message);
        }
    }
    if facts.view.snapshot.frozen.contains(&PolicyPoint::Certificates) {
        for mark in facts.marks.list.iter().filter(|mark| matches!(mark.subject, Subject::Certificate(..))) {
            let message = "the policy point certificates is frozen, so it is not known whether a certificate is unneeded";
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
        if let Some((part, reason)) = facts.view.missing(concern.needs(), &named(facts, outcome)) {
            let message = format!(
                "the status of {} changes although not all {} are known: {reason}",
                outcome.name,
                part.plural()
            );
            found.plan(Rule::Completeness, message);
        }
    }
}

/// What must be known to execute an action.
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
            let ends_https = change.protocol == Some(Protocol::Http);
            vec![if replaces || ends_https { Concern::RemoveCertificate } else { Concern::Change }]
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
        Operation::RevokeSecurityGroupRules(_) => vec![Concern::RemoveSecurityGroupRule],
        Operation::DeleteSecurityGroup(_) => vec![Concern::RemoveSecurityGroup],
        Operation::ChangeRecordSets(_) => vec![Concern::ChangeRecords],
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
        | Operation::AssociateWebAcl(_)
        | Operation::DisassociateWebAcl(_)
        | Operation::RemoveTags(_) => vec![Concern::Change],
    }
}

/// The load balancers and target groups that an action changes, by ARN; for a listener or rule, its load balancer; for
/// records, their hosted zone.
fn resources<'a>(facts: &Facts<'a>, action: &'a Action) -> Vec<&'a str> {
    if let Operation::ChangeRecordSets(change) = &action.operation {
        return vec![&change.hosted_zone];
    }
    let view = &facts.view;
    let changed = mentions(&action.operation).filter(|mention| mention.role == Role::Changed);
    let resource = |mention: Mention<'_>| {
        let reference = mention.reference;
        let load_balancer = view
            .load_balancer(reference)
            .or_else(|| view.listener(reference).map(|found| found.load_balancer))
            .or_else(|| view.rule(reference).map(|found| found.load_balancer));
        let target_group = || view.target_group(reference).map(|found| found.arn.as_str());
        load_balancer.map(|found| found.arn.as_str()).or_else(target_group)
    };
    changed.filter_map(resource).collect()
}

/// The load balancers that a status names before and after it is written, by ARN.
fn named<'a>(facts: &Facts<'a>, outcome: &SourceOutcome<'_>) -> Vec<&'a str> {
    let before = outcome.source.into_iter().flat_map(SourceObject::hostnames);
    let after = match &outcome.outcome.status {
        StatusChange::Publish(hostname) => Some(hostname.as_str()),
        StatusChange::Keep | StatusChange::Withdraw => None,
    };
    let load_balancers = &facts.view.load_balancers;
    let named = |name| load_balancers.by_dns_name(name).map(|index| load_balancers.get(index).arn.as_str());
    before.chain(after).filter_map(named).collect()
}

/// What must be known to change a status.
fn status_concern(outcome: &SourceOutcome<'_>) -> Option<Concern> {
    match &outcome.outcome.status {
        StatusChange::Keep => None,
        StatusChange::Withdraw => Some(match outcome.outcome.object.kind {
            ObjectKind::RouteGroup => Concern::WithdrawFromRouteGroup,
            ObjectKind::Ingress | ObjectKind::HttpRoute => Concern::WithdrawFromIngress,
        }),
        StatusChange::Publish(hostname) => {
            let changes = outcome.published.any && !outcome.publishes(hostname);
            changes.then_some(Concern::ChangeName)
        }
    }
}
