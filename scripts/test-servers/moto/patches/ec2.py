"""Security groups."""

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.elbv2.models import elbv2_backends

from .replacing import replaces


def users_of(backend, group_id):
    """Yields what prevents the deletion of a security group: load balancers, network interfaces of instances, and rules
    of other security groups."""
    elbv2 = elbv2_backends[backend.account_id][backend.region_name]
    for load_balancer in elbv2.load_balancers.values():
        if group_id in load_balancer.security_groups:
            yield load_balancer.arn
    for interface in backend.enis.values():
        # moto keeps the network interfaces of terminated instances.
        gone = interface.instance is not None and interface.instance.state == "terminated"
        if not gone and group_id in [group.id for group in interface.group_set]:
            yield interface.id
    for groups in backend.groups.values():
        for group in groups.values():
            rules = [*group.ingress_rules, *group.egress_rules]
            if group.id != group_id and any(rule.source_group.get("GroupId") == group_id for rule in rules):
                yield group.id


@replaces(EC2Backend, "delete_security_group")
def used_groups_stay(original, backend, name=None, group_id=None):
    """EC2 API_DeleteSecurityGroup: `DependencyViolation` while something uses the group. moto deletes it."""
    if group_id is not None and next(users_of(backend, group_id), None) is not None:
        raise DependencyViolationError(f"resource {group_id} has a dependent object")
    original(backend, name, group_id)


@replaces(SecurityGroupRule, "__eq__")
def descriptions_do_not_count(original, rule, other):
    """EC2 API_RevokeSecurityGroupIngress: a rule is revoked without its description. moto compares the descriptions of rules
    whose source is a security group."""
    sources = (rule.source_group, other.source_group)
    try:
        for each in (rule, other):
            each.source_group = {key: value for key, value in each.source_group.items() if key != "Description"}
        return original(rule, other)
    finally:
        rule.source_group, other.source_group = sources
