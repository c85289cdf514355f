"""Target groups at Auto Scaling Groups."""

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend

from .replacing import replaces

# Page: Amazon EC2 Auto Scaling User Guide, "Quotas": target groups per Auto Scaling group.
MOST_TARGET_GROUPS = 50


def find(backend, name):
    """The Auto Scaling Group with this name. moto fails with a KeyError."""
    if name not in backend.autoscaling_groups:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return backend.autoscaling_groups[name]


@replaces(AutoScalingBackend, "attach_load_balancer_target_groups")
def attach_what_exists(original, backend, group_name, target_group_arns):
    """Auto Scaling API_AttachLoadBalancerTargetGroups: one that is attached already is no error; one that does not exist
    or cannot hold instances is, and so are more than 50 (text seen in zalando-incubator/kube-ingress-aws-controller
    issue 444). moto looks at nothing."""
    group = find(backend, group_name)
    known = backend.elbv2_backend.target_groups
    if any(arn not in known or known[arn].target_type != "instance" for arn in target_group_arns):
        raise ValidationError("Provided Target Groups may not be valid. Please ensure they exist and try again.")
    if len(set(group.target_group_arns) | set(target_group_arns)) > MOST_TARGET_GROUPS:
        raise ValidationError(
            f"Too many Target Groups specified for this group. The limit is {MOST_TARGET_GROUPS}"
        )
    original(backend, group_name, target_group_arns)


@replaces(AutoScalingBackend, "update_attached_target_groups")
def deleted_target_groups_stay_attached(original, backend, group_name):
    """Auto Scaling keeps the ARN of a deleted target group until it is detached
    (zalando-incubator/kube-ingress-aws-controller issue 197). moto fails when it next registers instances."""
    group = backend.autoscaling_groups[group_name]
    attached = group.target_group_arns
    group.target_group_arns = [arn for arn in attached if arn in backend.elbv2_backend.target_groups]
    try:
        original(backend, group_name)
    finally:
        group.target_group_arns = attached


@replaces(AutoScalingBackend, "detach_load_balancer_target_groups")
def detach_what_is_attached(original, backend, group_name, target_group_arns):
    """Auto Scaling API_DetachLoadBalancerTargetGroups: one that was deleted can be detached; one that is not attached is
    an error. moto has it the other way round."""
    group = find(backend, group_name)
    if any(arn not in group.target_group_arns for arn in target_group_arns):
        raise ValidationError("Trying to remove Target Groups that are not part of the group")
    existing = [arn for arn in target_group_arns if arn in backend.elbv2_backend.target_groups]
    original(backend, group_name, existing)
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in target_group_arns]


@replaces(AutoScalingBackend, "describe_load_balancer_target_groups")
def describe_what_exists(original, backend, group_name):
    """Auto Scaling API_DescribeLoadBalancerTargetGroups, of a group that does not exist: moto fails."""
    find(backend, group_name)
    return original(backend, group_name)
