"""Registered targets and their health."""

import time

from moto.ec2.models import EC2Backend, ec2_backends
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup, elbv2_backends

from . import settling
from .limits import check_limit
from .replacing import replaces


def key_of(target_group, target):
    """API_TargetDescription: a target is an id and a port. The default port is that of the target group."""
    return target["Id"], int(target.get("Port") or target_group.port)


@replaces(FakeTargetGroup, "register")
def register_by_id_and_port(original, target_group, targets):
    """API_RegisterTargets: a target is an id with a port, so an address can be registered with two ports (with moto,
    the last port wins). An instance must exist and be running (moto accepts any id)."""
    for target in targets:
        if target_group.target_type == "instance":
            check_instance(target_group, target["Id"])
    for target in targets:
        key = key_of(target_group, target)
        check_limit(
            "targets-per-application-load-balancer",
            len({it for it, entry in target_group.targets.items() if "leaves" not in entry} - {key}),
            "TooManyTargets",
            f"Target group '{target_group.arn}' can have no more targets",
        )
        entry = target_group.targets.setdefault(key, {"Id": key[0], "Port": key[1]})
        if entry.pop("leaves", None) is not None:
            entry.pop("checked", None)


def check_instance(target_group, instance_id):
    """API_RegisterTargets: instances must be in the state `running`."""
    ec2 = ec2_backends[target_group.account_id][target_group.region_name]
    instance = ec2.get_instance_by_id(instance_id)
    if instance is None:
        raise ELBClientError("InvalidTarget", f"The following targets are not valid instances: '{instance_id}'")
    if instance.state != "running":
        raise ELBClientError(
            "InvalidTarget",
            f"The following targets are not in a running state and cannot be registered: '{instance_id}'",
        )


@replaces(FakeTargetGroup, "deregister")
def deregister_twice(original, target_group, targets):
    """API_DeregisterTargets: deregistering a target that is not registered is not an error (moto: `InvalidTarget`).
    While a listener uses the target group, a target is `draining` for a while before AWS removes it
    (API_TargetHealth)."""
    for target in targets:
        begin_to_leave(target_group, key_of(target_group, target))


@replaces(FakeTargetGroup, "deregister_terminated_instances")
def terminated_instances_leave(original, target_group, instance_ids):
    """Page "Register targets with your target group": AWS deregisters terminated instances."""
    for key in list(target_group.targets):
        if key[0] in instance_ids:
            begin_to_leave(target_group, key)


@replaces(EC2Backend, "terminate_instances")
def however_they_end(original, backend, instance_ids):
    """moto informs load balancers of instances that a caller terminates, but not of those that Auto Scaling
    terminates."""
    terminated = original(backend, instance_ids)
    elbv2_backends[backend.account_id][backend.region_name].notify_terminate_instances(instance_ids)
    return terminated


def begin_to_leave(target_group, key):
    """Drains a target, or removes it at once if no listener uses the target group."""
    if key not in target_group.targets:
        return
    if not target_group.load_balancer_arns:
        del target_group.targets[key]
        return
    target_group.targets[key].setdefault("leaves", time.monotonic())


@replaces(ELBv2Backend, "describe_target_health")
def drained_targets_are_gone(original, backend, target_group_arn, targets):
    """API_DescribeTargetHealth: a drained target is no longer listed."""
    target_group = backend.target_groups.get(target_group_arn)
    if target_group is not None:
        for key, entry in list(target_group.targets.items()):
            if "leaves" in entry and settling.settled(entry["leaves"]):
                del target_group.targets[key]
    return original(backend, target_group_arn, targets)


@replaces(FakeTargetGroup, "health_for")
def health_as_aws_says(original, target_group, target, ec2_backend):
    """API_TargetHealth: `unused` while no listener uses the target group or the instance is stopped, then `initial` for
    a while, then `healthy`. With moto, targets are healthy at once, whether or not a listener uses them."""
    key = key_of(target_group, target)
    entry = target_group.targets.get(key)

    def health(state, reason=None, description=None):
        return FakeHealthStatus(*key, target_group.health_check_port, state, reason, description)

    if entry is None:
        return health("unused", "Target.NotRegistered", "Target is not registered to the target group")
    if "leaves" in entry:
        return health("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
    if not target_group.load_balancer_arns:
        entry.pop("checked", None)
        return health(
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        )
    instance = ec2_backend.get_instance_by_id(key[0]) if target_group.target_type == "instance" else None
    if instance is not None and instance.state != "running":
        entry.pop("checked", None)
        return health("unused", "Target.InvalidState", f"Target is in the {instance.state} state")
    if not settling.settled(entry.setdefault("checked", time.monotonic())):
        return health("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
    return health("healthy")
