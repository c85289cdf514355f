"""Load balancers."""

import contextvars
import re
import time

import moto.elbv2.models
from moto.ec2.exceptions import InvalidSubnetIdError
from moto.elbv2.exceptions import (
    DuplicateLoadBalancerName,
    ELBClientError,
    InvalidConfigurationRequest,
    LoadBalancerNotFoundError,
    SubnetNotFoundError,
    ValidationError,
)
from moto.elbv2.models import AvailabilityZone, ELBv2Backend, FakeLoadBalancer
from moto.elbv2.utils import make_arn_for_load_balancer
from moto.moto_api._internal import mock_random

from . import attributes, settling, unseen
from .limits import check_limit
from .replacing import replaces
from .tags import check_tags

ADDRESS_TYPES = ("ipv4", "dualstack", "dualstack-without-public-ipv4")


def find(backend, arn):
    """Returns the load balancer with this ARN."""
    if arn not in backend.load_balancers:
        raise LoadBalancerNotFoundError()
    return backend.load_balancers[arn]


def check_subnets(backend, kind, ip_address_type, ids):
    """API_CreateLoadBalancer, API_SetSubnets, API_SetIpAddressType: the subnets must exist, be in the same VPC and be
    in different zones. An application load balancer needs two zones. IPv6 needs subnets with IPv6. moto checks only
    parts of this, in some of the three calls. Returns the subnets."""
    try:
        subnets = [backend.ec2_backend.get_subnet(subnet) for subnet in ids]
    except InvalidSubnetIdError:
        raise SubnetNotFoundError() from None
    zones = {subnet.availability_zone for subnet in subnets}
    if len(zones) < len(subnets):
        raise InvalidConfigurationRequest(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    if kind == "application" and len(zones) < 2:
        raise ValidationError("At least two subnets in two different Availability Zones must be specified")
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise InvalidConfigurationRequest("All subnets must belong to the same VPC")
    if ip_address_type != "ipv4" and not all(subnet.ipv6_cidr_block_associations for subnet in subnets):
        raise ValidationError("You must specify subnets with an associated IPv6 CIDR block.")
    return subnets


def check_security_groups(backend, vpc, ids):
    """API_CreateLoadBalancer, API_SetSecurityGroups: the security groups must exist and be in the VPC. moto accepts any
    name on create, and any VPC in both calls."""
    for group in ids:
        found = backend.ec2_backend.get_security_group_from_id(group)
        if found is None or found.vpc_id != vpc:
            raise ELBClientError("InvalidSecurityGroup", f"The specified security group '{group}' does not exist")


def check_name(name):
    """API_CreateLoadBalancer, parameter `Name`."""
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?", name) or name.startswith("internal-"):
        raise ValidationError(
            f"The load balancer name '{name}' must have 1 to 32 letters, digits and hyphens, no hyphen at either end, "
            "and cannot begin with 'internal-'"
        )


@replaces(FakeLoadBalancer, "activate")
def active_after_a_while(original, load_balancer):
    """A new load balancer is `provisioning` for minutes (API_LoadBalancerState). With moto, load balancers are active
    in the first answer, so that tests never see the state."""
    if settling.settled(load_balancer.begun):
        original(load_balancer)


# The type of the load balancer that is being created.
making = contextvars.ContextVar("making", default="application")


def arn_of_its_kind(**parts):
    """The ARN of a network load balancer contains its type (Service Authorization Reference, "Elastic Load Balancing
    V2": `loadbalancer/net/`). moto writes `app` for every type."""
    arn = make_arn_for_load_balancer(**parts)
    return arn.replace(":loadbalancer/app/", ":loadbalancer/net/") if making.get() == "network" else arn


moto.elbv2.models.make_arn_for_load_balancer = arn_of_its_kind


@replaces(ELBv2Backend, "create_load_balancer")
def create_as_aws_does(
    original,
    backend,
    name,
    security_groups,
    subnet_ids,
    subnet_mappings=None,
    scheme=None,
    loadbalancer_type=None,
    ip_address_type=None,
    tags=None,
):
    """API_CreateLoadBalancer: names are unique. A second call with the same name and the same settings is not an error
    and returns the existing load balancer. `Scheme` has a default (moto's answer lacks it). An application load
    balancer without security groups gets the default security group of its VPC. A new load balancer has all attributes
    (moto: four). A DNS name is never reused (moto derives it from the name alone, so that a replacement would have the
    DNS name of its predecessor)."""
    scheme = scheme or "internet-facing"
    kind = loadbalancer_type or "application"
    ip_address_type = ip_address_type or "ipv4"
    check_name(name)
    check_address_type(ip_address_type)
    ids = [*(subnet_ids or []), *(mapping["SubnetId"] for mapping in subnet_mappings or [])]
    subnets = check_subnets(backend, kind, ip_address_type, ids)
    if not subnets:
        raise ValidationError("At least one subnet must be specified")
    vpc = subnets[0].vpc_id
    check_security_groups(backend, vpc, security_groups)
    if not security_groups and kind == "application":
        security_groups = [backend.ec2_backend.get_security_group_from_name("default", vpc).id]

    for present in backend.load_balancers.values():
        if present.name == name:
            wanted = (kind, scheme, ip_address_type, set(ids), set(security_groups))
            if settings(present) != wanted:
                raise DuplicateLoadBalancerName()
            return present
    check_tags([], tags or [])
    check_limit(
        f"{kind}-load-balancers",
        sum(present.type == kind for present in backend.load_balancers.values()),
        "TooManyLoadBalancers",
        "The maximum number of load balancers has been reached",
    )

    # moto supports only two of the three address types.
    making.set(kind)
    created = original(backend, name, security_groups, ids, None, scheme, kind, "ipv4", tags)
    created.ip_address_type = ip_address_type
    created.attrs = attributes.of_load_balancer(kind, scheme)
    created.begun = time.monotonic()
    unseen.note(created.arn)
    created.dns_name = dns_name(backend.region_name, created)
    return created


def settings(load_balancer):
    """Returns the settings that a create call decides, without tags."""
    subnets = {subnet.id for subnet in load_balancer.subnets}
    return (
        load_balancer.type,
        load_balancer.scheme,
        load_balancer.ip_address_type,
        subnets,
        set(load_balancer.security_groups),
    )


def dns_name(region, load_balancer):
    """Pages: "Application Load Balancers" (`internal-` in front for internal ones), "Network Load Balancers"."""
    if load_balancer.type != "application":
        return f"{load_balancer.name}-{load_balancer.arn.rpartition('/')[2]}.elb.{region}.amazonaws.com"
    internal = "internal-" if load_balancer.scheme == "internal" else ""
    number = mock_random.randint(1_000_000_000, 9_999_999_999)
    return f"{internal}{load_balancer.name}-{number}.{region}.elb.amazonaws.com"


def check_address_type(ip_address_type):
    """API_SetIpAddressType: moto rejects `dualstack-without-public-ipv4`."""
    if ip_address_type not in ADDRESS_TYPES:
        raise ValidationError(f"Value '{ip_address_type}' at 'ipAddressType' must be one of {', '.join(ADDRESS_TYPES)}")


@replaces(ELBv2Backend, "describe_load_balancers")
def each_name_exists(original, backend, arns, names):
    """API_DescribeLoadBalancers: `LoadBalancerNotFound` if any of the load balancers does not exist. moto returns those
    that do."""
    present = list(backend.load_balancers.values())
    for load_balancer in present:
        load_balancer.activate()
    if not arns and not names:
        return present
    found = [it for it in present if it.arn in (arns or []) or it.name in (names or [])]
    if len(found) < len(set(arns or [])) + len(set(names or [])):
        raise LoadBalancerNotFoundError()
    return found


@replaces(ELBv2Backend, "delete_load_balancer")
def protected_stays(original, backend, arn):
    """API_DeleteLoadBalancer: `OperationNotPermitted` with deletion protection. moto ignores it."""
    load_balancer = backend.load_balancers.get(arn)
    if load_balancer is None:
        return
    if load_balancer.attrs["deletion_protection.enabled"] == "true":
        raise ELBClientError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    original(backend, arn)


@replaces(ELBv2Backend, "modify_load_balancer_attributes")
def known_attributes_only(original, backend, arn, attrs):
    """API_ModifyLoadBalancerAttributes: moto accepts any value, and the keys of every type of load balancer."""
    load_balancer = find(backend, arn)
    defaults = attributes.of_load_balancer(load_balancer.type, load_balancer.scheme)
    attributes.check("Load balancer", defaults, attrs)
    load_balancer.attrs.update(attrs)
    return load_balancer.attrs


@replaces(ELBv2Backend, "set_subnets")
def set_subnets_as_on_create(original, backend, arn, subnets, subnet_mappings):
    """API_SetSubnets: moto has different checks here, with error codes that AWS does not use."""
    load_balancer = find(backend, arn)
    ids = [*subnets, *(mapping["SubnetId"] for mapping in subnet_mappings)]
    load_balancer.subnets = check_subnets(backend, load_balancer.type, load_balancer.ip_address_type, ids)
    return [AvailabilityZone(subnet) for subnet in load_balancer.subnets]


@replaces(ELBv2Backend, "set_security_groups")
def set_security_groups_of_the_vpc(original, backend, arn, sec_groups):
    """API_SetSecurityGroups: moto accepts security groups of any VPC, and an empty list."""
    load_balancer = find(backend, arn)
    if not sec_groups:
        raise ValidationError("At least one security group must be specified")
    check_security_groups(backend, load_balancer.vpc_id, sec_groups)
    load_balancer.security_groups = sec_groups


@replaces(ELBv2Backend, "set_ip_address_type")
def set_any_address_type(original, backend, arn, ip_type):
    """API_SetIpAddressType: moto supports two of the three types, and does not require IPv6 subnets."""
    check_address_type(ip_type)
    load_balancer = find(backend, arn)
    check_subnets(backend, load_balancer.type, ip_type, [subnet.id for subnet in load_balancer.subnets])
    load_balancer.ip_address_type = ip_type
