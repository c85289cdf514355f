//! EC2 instances and Auto Scaling Groups.

use albatross_contract::{AutoScalingGroup, HealthCheckType, Instance, InstanceState};

use super::tags;

/// The tag that Auto Scaling sets on its instances (Auto Scaling user guide, "Tag Auto Scaling groups and instances").
const TAG_AUTO_SCALING_GROUP: &str = "aws:autoscaling:groupName";

/// An instance.
pub(crate) fn instance(found: &aws_sdk_ec2::types::Instance) -> Option<Instance> {
    let state = match found.state()?.name()?.as_str() {
        "pending" => InstanceState::Pending,
        "running" => InstanceState::Running,
        "shutting-down" => InstanceState::ShuttingDown,
        "terminated" => InstanceState::Terminated,
        "stopping" => InstanceState::Stopping,
        "stopped" => InstanceState::Stopped,
        _ => return None,
    };
    let tags = tags::from_ec2(found.tags());
    let interfaces = found.network_interfaces().iter().flat_map(|interface| interface.groups());
    let groups = found.security_groups().iter().chain(interfaces).filter_map(|group| group.group_id());
    let mut security_groups: Vec<String> = groups.map(str::to_owned).collect();
    security_groups.sort();
    security_groups.dedup();
    let text = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(str::to_owned);
    Some(Instance {
        id: found.instance_id()?.to_owned(),
        state,
        zone: found.placement().and_then(|it| it.availability_zone()).unwrap_or_default().to_owned(),
        subnet_id: text(found.subnet_id()),
        vpc_id: text(found.vpc_id()),
        private_ip: text(found.private_ip_address()),
        auto_scaling_group: tags::value(&tags, TAG_AUTO_SCALING_GROUP).map(str::to_owned),
        security_groups,
        tags,
    })
}

/// An Auto Scaling Group.
pub(crate) fn auto_scaling_group(
    found: &aws_sdk_autoscaling::types::AutoScalingGroup,
) -> Option<AutoScalingGroup> {
    let mut instances: Vec<String> =
        found.instances().iter().filter_map(|it| it.instance_id()).map(str::to_owned).collect();
    instances.sort();
    let mut target_groups = found.target_group_arns().to_vec();
    target_groups.sort();
    // Several types are separated by commas: `EC2,ELB` (API_CreateAutoScalingGroup, HealthCheckType).
    let by_load_balancer =
        found.health_check_type().is_some_and(|types| types.split(',').any(|it| it.trim() == "ELB"));
    Some(AutoScalingGroup {
        name: found.auto_scaling_group_name()?.to_owned(),
        instances,
        target_groups,
        health_check_type: if by_load_balancer { HealthCheckType::Elb } else { HealthCheckType::Ec2 },
        tags: tags::from_auto_scaling(found.tags()),
    })
}
