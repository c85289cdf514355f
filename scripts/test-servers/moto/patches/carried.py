"""Properties that moto accepts but does not keep: transforms of rules, client certificate settings of listeners, and
addresses and PrivateLink settings of network load balancers.

moto's response classes drop these parameters. The patches add the dropped properties to the resources. moto serializes
the attributes of a resource by name, so the answers then contain the properties.
"""

from moto.core.responses import ActionResult
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer
from moto.elbv2.responses import ELBV2Response

from .replacing import replaces


@replaces(ELBV2Response, "create_rule")
def made_with_transforms(original, door):
    """API_CreateRule, parameter `Transforms`."""
    answer = original(door)
    answer.result["Rules"][0].transforms = door._get_params().get("Transforms", [])
    return answer


@replaces(ELBV2Response, "modify_rule")
def keeps_transforms(original, door):
    """API_ModifyRule: transforms stay unless the call gives others or sets `ResetTransforms`. All parameters are
    optional; moto requires conditions or actions."""
    parameters = door._get_params()
    if "Conditions" in parameters or "Actions" in parameters:
        answer = original(door)
    else:
        answer = ActionResult({"Rules": door.elbv2_backend.describe_rules(None, [parameters["RuleArn"]])})
    if "Transforms" in parameters:
        answer.result["Rules"][0].transforms = parameters["Transforms"]
    elif str(parameters.get("ResetTransforms", "")).lower() == "true":
        answer.result["Rules"][0].transforms = []
    return answer


@replaces(ELBv2Backend, "_validate_conditions")
def regular_expressions_are_values(original, backend, conditions):
    """API_RuleCondition: a condition can have `RegexValues` instead of `Values`. moto fails without `Values`."""
    regular = [it for it in conditions if any("RegexValues" in part for part in it.values() if isinstance(part, dict))]
    original(backend, [it for it in conditions if it not in regular])


@replaces(ELBV2Response, "create_listener")
def made_with_client_certificates(original, door):
    """API_CreateListener, parameter `MutualAuthentication`. The default of HTTPS listeners is off."""
    answer, parameters = original(door), door._get_params()
    listener = answer.result["Listeners"][0]
    if listener.protocol == "HTTPS":
        listener.mutual_authentication = parameters.get("MutualAuthentication", {"Mode": "off"})
    return answer


@replaces(ELBV2Response, "modify_listener")
def keeps_client_certificates(original, door):
    """API_ModifyListener: properties that the call does not name stay unchanged."""
    answer, parameters = original(door), door._get_params()
    if "MutualAuthentication" in parameters:
        answer.result["Listeners"][0].mutual_authentication = parameters["MutualAuthentication"]
    return answer


def place(load_balancer, mappings):
    """Replaces all fixed addresses and prefixes of subnets."""
    load_balancer.mappings = {it["SubnetId"]: it for it in mappings}


@replaces(ELBV2Response, "create_load_balancer")
def made_with_addresses(original, door):
    """API_CreateLoadBalancer, parameter `SubnetMappings`."""
    answer = original(door)
    place(answer.result["LoadBalancers"][0], door._get_params().get("SubnetMappings", []))
    return answer


@replaces(ELBV2Response, "set_subnets")
def other_addresses(original, door):
    """API_SetSubnets: the specified subnets and their mappings replace the previous ones."""
    answer, parameters = original(door), door._get_params()
    place(door.elbv2_backend.load_balancers[parameters["LoadBalancerArn"]], parameters.get("SubnetMappings", []))
    return answer


def availability_zones(load_balancer):
    """API_AvailabilityZone: includes the addresses of the load balancer."""
    zones = moto_zones(load_balancer)
    for zone in zones:
        mapping = getattr(load_balancer, "mappings", {}).get(zone.subnet_id, {})
        # One entry for each subnet that was given as a mapping; empty if AWS chose the address.
        zone.load_balancer_addresses = [mapping] if mapping else []
        prefix = mapping.get("SourceNatIpv6Prefix")
        zone.source_nat_ipv6_prefixes = [prefix] if prefix else []
    return zones


moto_zones = FakeLoadBalancer.availability_zones.fget
FakeLoadBalancer.availability_zones = property(availability_zones)


@replaces(ELBV2Response, "set_security_groups")
def private_link_has_a_default(original, door):
    """API_SetSecurityGroups, parameter `EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic`: the default is on."""
    answer, parameters = original(door), door._get_params()
    load_balancer = door.elbv2_backend.load_balancers[parameters["LoadBalancerArn"]]
    if load_balancer.type == "network":
        name = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
        load_balancer.enforce_security_group_inbound_rules_on_private_link_traffic = parameters.get(name, "on")
    return answer
