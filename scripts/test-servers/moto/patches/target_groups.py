"""Target groups. Their registered targets are in `targets`."""

from moto.elbv2.exceptions import DuplicateTargetGroupName, TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeTargetGroup, elbv2_backends

from . import attributes, unseen
from .limits import check_limit
from .replacing import replaces
from .tags import check_tags

# The settings that a create call decides, without tags.
SETTINGS = (
    "protocol",
    "protocol_version",
    "port",
    "vpc_id",
    "target_type",
    "ip_address_type",
    "health_check_protocol",
    "health_check_port",
    "health_check_path",
    "health_check_interval_seconds",
    "health_check_timeout_seconds",
    "health_check_enabled",
    "healthy_threshold_count",
    "unhealthy_threshold_count",
    "matcher",
)


def users_of(backend, target_group_arn):
    """Returns the ARNs of the load balancers whose listeners and rules forward to a target group."""
    return [
        load_balancer.arn
        for load_balancer in backend.load_balancers.values()
        if any(
            target_group_arn in backend._get_target_group_arns_from(action.data)
            for listener in load_balancer.listeners.values()
            for rule in listener.rules.values()
            for action in rule.actions
        )
    ]


def load_balancer_arns(target_group):
    """API_TargetGroup, `LoadBalancerArns`: computed from the current listeners and rules. moto extends the list
    whenever a listener or rule is created, with duplicates, ignores changes to listeners and rules, and never removes
    an ARN."""
    return users_of(elbv2_backends[target_group.account_id][target_group.region_name], target_group.arn)


# moto assigns an empty list; the setter ignores it.
FakeTargetGroup.load_balancer_arns = property(load_balancer_arns, lambda target_group, value: None)


def settings(target_group):
    """Returns the settings of a target group as strings, because moto keeps numbers in the type of the request."""
    return [str(getattr(target_group, name, None)) for name in SETTINGS]


@replaces(ELBv2Backend, "create_target_group")
def create_once(original, backend, name, **parameters):
    """API_CreateTargetGroup: a second call with the same name and the same settings is not an error and returns the
    existing target group. A new target group has all attributes (moto: seven of them, and one that AWS does not
    have)."""
    check_tags([], parameters.get("tags") or [])
    present = next((it for it in backend.target_groups.values() if it.name == name), None)
    if present is None:
        check_limit(
            "target-groups",
            len(backend.target_groups),
            "TooManyTargetGroups",
            "The maximum number of target groups has been reached",
        )
        created = original(backend, name, **parameters)
        created.attributes = attributes.of_target_group(created.target_type, created.protocol)
        unseen.note(created.arn)
        return created

    # Let moto create a second target group from the request, only to compare it with the existing one.
    del backend.target_groups[present.arn]
    try:
        wanted = original(backend, name, **{**parameters, "tags": None})
        del backend.target_groups[wanted.arn]
    finally:
        backend.target_groups[present.arn] = present
    if settings(wanted) != settings(present):
        raise DuplicateTargetGroupName()
    return present


@replaces(ELBv2Backend, "modify_target_group_attributes")
def known_attributes_only(original, backend, target_group_arn, attributes_changed):
    """API_ModifyTargetGroupAttributes: moto accepts any key, and rejects the longest delay, 3600 seconds."""
    target_group = backend.target_groups.get(target_group_arn)
    if target_group is None:
        raise TargetGroupNotFoundError()
    defaults = attributes.of_target_group(target_group.target_type, target_group.protocol)
    attributes.check("Target group", defaults, attributes_changed)
    delay = "deregistration_delay.timeout_seconds"
    original(backend, target_group_arn, {key: it for key, it in attributes_changed.items() if key != delay})
    target_group.attributes.update(attributes_changed)


@replaces(ELBv2Backend, "delete_target_group")
def delete_twice(original, backend, target_group_arn):
    """API_DeleteTargetGroup: deleting a target group that does not exist is not an error. With moto, it is."""
    if target_group_arn in backend.target_groups:
        original(backend, target_group_arn)
