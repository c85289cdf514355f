"""Target groups of Auto Scaling Groups."""

import time

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from . import settling, unseen
from .replacing import replaces

# Page: Amazon EC2 Auto Scaling User Guide, "Quotas": target groups per Auto Scaling group.
MOST_TARGET_GROUPS = 50
# The same page: "AttachLoadBalancerTargetGroups: 10 target groups", and the same for detaching. The limit counts all
# target groups in the state `Adding` or `Removing`, whichever call started the change: aws/aws-sdk-java issue 746.
MOST_AT_ONCE = 10


def find(backend, name):
    """Returns the Auto Scaling Group with this name. moto fails with a KeyError if there is none."""
    if name not in backend.autoscaling_groups:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return backend.autoscaling_groups[name]


def changing(group):
    """Returns the state, by ARN, of the target groups that are being attached to or detached from an Auto Scaling
    Group."""
    states = getattr(group, "changing", {})
    group.changing = {arn: it for arn, it in states.items() if not settling.settled(it[1])}
    return {arn: state for arn, (state, _) in group.changing.items()}


def begin(group, state, arns):
    """Begins to attach or detach target groups, unless too many changes are in progress (message from kubernetes/kops
    issue 14646)."""
    arns = set(arns)
    if len(set(changing(group)) | arns) > MOST_AT_ONCE:
        raise ValidationError(
            f"Trying to update too many Load Balancers/Target Groups at once. The limit is {MOST_AT_ONCE}"
        )
    group.changing.update((arn, (state, time.monotonic())) for arn in arns)


@replaces(AutoScalingBackend, "attach_load_balancer_target_groups")
def attach_what_exists(original, backend, group_name, target_group_arns):
    """Auto Scaling API_AttachLoadBalancerTargetGroups: attaching a target group again is not an error. A target group
    that does not exist or cannot contain instances is an error, and so are more than 50 target groups (message from
    zalando-incubator/kube-ingress-aws-controller issue 444). Ten can be attached or detached at once. moto checks none
    of this."""
    group = find(backend, group_name)
    known = backend.elbv2_backend.target_groups
    if any(
        arn not in known or known[arn].target_type != "instance" or unseen.is_unseen(arn) for arn in target_group_arns
    ):
        raise ValidationError("Provided Target Groups may not be valid. Please ensure they exist and try again.")
    if len(set(group.target_group_arns) | set(target_group_arns)) > MOST_TARGET_GROUPS:
        raise ValidationError(
            f"Too many Target Groups specified for this group. The limit is {MOST_TARGET_GROUPS}"
        )
    begin(group, "Adding", [arn for arn in target_group_arns if arn not in group.target_group_arns])
    original(backend, group_name, target_group_arns)


@replaces(AutoScalingBackend, "update_attached_target_groups")
def deleted_target_groups_stay_attached(original, backend, group_name):
    """Auto Scaling keeps the ARN of a deleted target group until it is detached
    (zalando-incubator/kube-ingress-aws-controller issue 197). moto then fails the next time it registers instances."""
    group = backend.autoscaling_groups[group_name]
    attached = group.target_group_arns
    group.target_group_arns = [arn for arn in attached if arn in backend.elbv2_backend.target_groups]
    try:
        original(backend, group_name)
    finally:
        group.target_group_arns = attached


@replaces(AutoScalingBackend, "detach_load_balancer_target_groups")
def detach_what_is_attached(original, backend, group_name, target_group_arns):
    """Auto Scaling API_DetachLoadBalancerTargetGroups: a deleted target group can be detached; detaching a target group
    that is not attached is an error. moto does the opposite in both cases."""
    group = find(backend, group_name)
    if any(arn not in group.target_group_arns for arn in target_group_arns):
        raise ValidationError("Trying to remove Target Groups that are not part of the group")
    begin(group, "Removing", target_group_arns)
    existing = [arn for arn in target_group_arns if arn in backend.elbv2_backend.target_groups]
    original(backend, group_name, existing)
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in target_group_arns]


@replaces(AutoScalingBackend, "describe_load_balancer_target_groups")
def describe_what_exists(original, backend, group_name):
    """Auto Scaling API_DescribeLoadBalancerTargetGroups: a group that does not exist is a ValidationError. moto
    crashes."""
    find(backend, group_name)
    return original(backend, group_name)


@replaces(AutoScalingResponse, "describe_load_balancer_target_groups")
def describe_with_states(original, response):
    """Auto Scaling API_LoadBalancerTargetGroupState, `State`: `Adding` and `Removing` last for a while. moto reports
    `Added` for every target group, and omits those that are being detached."""
    name = response._get_param("AutoScalingGroupName")
    attached = response.autoscaling_backend.describe_load_balancer_target_groups(name)
    states = {arn: "Added" for arn in attached} | changing(find(response.autoscaling_backend, name))
    states = [{"LoadBalancerTargetGroupARN": arn, "State": state} for arn, state in states.items()]
    return ActionResult({"LoadBalancerTargetGroups": states})
