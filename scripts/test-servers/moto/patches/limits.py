"""Quotas of Elastic Load Balancing: the answer of AWS, and the limits that the other patches enforce."""

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.responses import ELBV2Response

from .replacing import replaces

# Defaults from the pages "Quotas for your Application Load Balancers" and "Quotas for your Network Load Balancers". The
# names are from API_DescribeAccountLimits.
LIMITS = {
    "application-load-balancers": 50,
    "certificates-per-application-load-balancer": 25,
    "condition-values-per-alb-rule": 5,
    "condition-wildcards-per-alb-rule": 5,
    "listeners-per-application-load-balancer": 50,
    "listeners-per-network-load-balancer": 50,
    "network-load-balancers": 50,
    "rules-per-application-load-balancer": 100,
    "target-groups": 3000,
    "target-groups-per-action-on-application-load-balancer": 5,
    "target-groups-per-action-on-network-load-balancer": 1,
    "target-groups-per-application-load-balancer": 100,
    "targets-per-application-load-balancer": 1000,
    "targets-per-network-load-balancer": 3000,
}


def check_limit(name, count, code, message):
    """Rejects another resource if `count` resources reach the limit."""
    if count >= LIMITS[name]:
        raise ELBClientError(code, message)


@replaces(ELBV2Response, "describe_account_limits")
def account_limits_of_today(original, response):
    """API_DescribeAccountLimits: moto has outdated numbers and lacks some names. `Max` is a string."""
    return ActionResult({"Limits": [{"Name": name, "Max": str(most)} for name, most in LIMITS.items()]})
