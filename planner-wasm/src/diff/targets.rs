//! Targets: which join a target group, and which leave it.

use albatross_contract::{
    AutoScalingAttachment, AutoScalingGroup, Disruption, HealthCheckType, ObjectName, Operation,
    ResourceReference, TargetChange, TargetId, TargetType,
};

use super::actions::{Actions, Draft, maker, makes_target_group, reference};
use crate::{
    backends::Leaver,
    wanted::{LoadBalancer, TargetGroup},
    words,
};

/// Adds the actions for the targets that join a target group, then for those that leave it.
pub fn compare(
    group: &TargetGroup<'_>,
    wanted: &LoadBalancer<'_>,
    waiting: &[ObjectName],
    actions: &mut Actions,
) {
    let arn = group.there.map(|there| there.arn.as_str());
    let target_group = reference(&wanted.id, arn, || makes_target_group(&group.name));
    // The action ids of target groups contain their name, except for the first current target group of a load balancer.
    let mut before = wanted.target_groups.iter().take_while(|other| other.name != group.name);
    let is_first = group.is_current && !before.any(|other| other.is_current);
    let prefix = if is_first { String::new() } else { format!("target-group/{}/", group.name) };
    let begin = |end: String, reason: &str, operation| {
        Draft::new(format!("{prefix}{end}"), reason, operation).after(maker(&target_group))
    };
    for found in &group.targets.attach {
        let (disruption, reason) = cost_of_attaching(found);
        let operation = Operation::AttachTargetGroup(attachment(&found.name, &target_group));
        let draft = begin(format!("auto-scaling-group/{}/attach", found.name), reason, operation);
        actions.push(&wanted.id, draft.for_objects(waiting).disrupting(disruption));
    }
    let missing = &group.targets.register;
    if !missing.is_empty() {
        let operation = Operation::RegisterTargets(TargetChange {
            target_group: target_group.clone(),
            targets: missing.iter().map(|it| TargetId { id: it.id.to_owned(), port: it.port }).collect(),
        });
        let reason = if let (None, Some(form)) = (group.there, group.form.filter(|_| !group.is_current)) {
            form.reason.clone()
        } else if group.is_of_pods {
            words::count(missing.len(), "pod of the proxy is ready", "pods of the proxy are ready")
        } else if group.is_current {
            format!(
                "{} to no Auto Scaling Group",
                words::count(missing.len(), "node belongs", "nodes belong")
            )
        } else {
            words::count(missing.len(), "target is new", "targets are new")
        };
        let draft = begin("targets/register".to_owned(), &reason, operation);
        actions.push(&wanted.id, draft.for_objects(waiting));
    }
    let (groups, singles): (Vec<&Leaver<'_>>, Vec<&Leaver<'_>>) =
        group.targets.leave.iter().partition(|leaver| leaver.is_group);
    for leaver in groups {
        let operation = Operation::DetachTargetGroup(attachment(leaver.id, &target_group));
        let id = format!("auto-scaling-group/{}/detach", leaver.id);
        let draft = begin(id, "its instances are no longer nodes", operation);
        actions.push(&wanted.id, draft.disrupting(cost_of_leaving(leaver.running)));
    }
    if !singles.is_empty() {
        let running = singles.iter().map(|leaver| leaver.running).sum();
        let operation = Operation::DeregisterTargets(TargetChange {
            target_group: target_group.clone(),
            targets: singles
                .iter()
                .map(|leaver| TargetId { id: leaver.id.to_owned(), port: leaver.port })
                .collect(),
        });
        let reason = match group.there.map(|there| there.target_type) {
            _ if group.is_of_pods => words::count(
                singles.len(),
                "target is no longer a running pod of the proxy",
                "targets are no longer running pods of the proxy",
            ),
            Some(TargetType::Ip) => words::count(
                singles.len(),
                "target is no longer an endpoint of the Service",
                "targets are no longer endpoints of the Service",
            ),
            _ => words::count(singles.len(), "target is no longer a node", "targets are no longer nodes"),
        };
        let draft = begin("targets/deregister".to_owned(), &reason, operation);
        actions.push(&wanted.id, draft.disrupting(cost_of_leaving(running)));
    }
}

fn attachment(auto_scaling_group: &str, target_group: &ResourceReference) -> AutoScalingAttachment {
    AutoScalingAttachment {
        auto_scaling_group: auto_scaling_group.to_owned(),
        target_group: target_group.clone(),
    }
}

fn cost_of_attaching(group: &AutoScalingGroup) -> (Disruption, &'static str) {
    match group.health_check_type {
        HealthCheckType::Ec2 => (Disruption::None, "its instances are nodes"),
        HealthCheckType::Elb => (
            Disruption::Nodes,
            "its instances are nodes; its health check type is ELB, so it replaces instances that are unhealthy in this \
             target group",
        ),
    }
}

fn cost_of_leaving(running: usize) -> Disruption {
    if running == 0 { Disruption::None } else { Disruption::Drain }
}

#[cfg(test)]
mod tests;
