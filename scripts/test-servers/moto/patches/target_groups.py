"""Target groups; their targets are in `targets`."""

from moto.elbv2.exceptions import DuplicateTargetGroupName, TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeTargetGroup, elbv2_backends

from . import attributes, unseen
from .limits import check_limit
from .replacing import replaces
from .tags import check_tags

# The settings of a create call, without tags.
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
    """ARNs of the load balancers whose listeners and rules forward to a target group."""
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
    """API_TargetGroup, `LoadBalancerArns`: moto appends to the list when a listener or rule is created (with duplicates),
    not when one is changed, and never removes an entry. Here the list follows from the current listeners and rules."""
    return users_of(elbv2_backends[target_group.account_id][target_group.region_name], target_group.arn)


# The setter exists because moto assigns an empty list.
FakeTargetGroup.load_balancer_arns = property(load_balancer_arns, lambda target_group, value: None)


def settings(target_group):
    """The settings of a target group, as text: moto keeps numbers in the type in which it received them."""
    return [str(getattr(target_group, name, None)) for name in SETTINGS]


@replaces(ELBv2Backend, "create_target_group")
def create_once(original, backend, name, **parameters):
    """API_CreateTargetGroup: for the same name with the same settings the existing target group is returned. All attributes
    exist from the start (moto: seven of them, and one that AWS does not have)."""
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

    # moto creates a second target group with the requested settings, which is only compared and then deleted.
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
    """API_ModifyTargetGroupAttributes: moto accepts any key, and refuses the maximum delay, 3600 seconds."""
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
    """API_DeleteTargetGroup: a target group that does not exist is no error, unlike in moto."""
    if target_group_arn in backend.target_groups:
        original(backend, target_group_arn)
