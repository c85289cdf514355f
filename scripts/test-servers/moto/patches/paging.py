"""Paging: moto returns most lists in one piece.

AWS does not page DescribeAvailabilityZones, DescribeTags, DescribeTargetHealth and ListTagsForCertificate either.
"""

from moto.acm.responses import AWSCertificateManagerResponse
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.elbv2.responses import ELBV2Response
from moto.iam.responses import IamResponse

from .errors import MotoFailed
from .replacing import replaces

# For each method: the list in the answer, and the number of items on a page of AWS if the caller does not give one.
ELBV2 = [
    ("describe_account_limits", "Limits", 400),
    ("describe_listener_certificates", "Certificates", 400),
    ("describe_listeners", "Listeners", 400),
    ("describe_load_balancers", "LoadBalancers", 400),
    ("describe_rules", "Rules", 400),
    ("describe_ssl_policies", "SslPolicies", 400),
    ("describe_target_groups", "TargetGroups", 400),
]
EC2 = [
    ("describe_instances", "Reservations", 1000),
    ("describe_internet_gateways", "InternetGateways", 1000),
    ("describe_network_interfaces", "NetworkInterfaces", 1000),
    ("describe_route_tables", "RouteTables", 1000),
    ("describe_security_group_rules", "SecurityGroupRules", 1000),
    ("describe_security_groups", "SecurityGroups", 1000),
    ("describe_subnets", "Subnets", 1000),
    ("describe_vpcs", "Vpcs", 1000),
]
AUTO_SCALING = [
    ("describe_auto_scaling_groups", "AutoScalingGroups", 50),
    ("describe_load_balancer_target_groups", "LoadBalancerTargetGroups", 100),
]
ACM = [("list_certificates", "CertificateSummaryList", 100)]
IAM = [("list_server_certificates", "ServerCertificateMetadataList", 100)]


class PagingParameters:
    """Names of the paging parameters of a service, from its API reference."""

    def __init__(self, number, token, next_token, truncated=None):
        self.number = number
        self.token = token
        self.next_token = next_token
        self.truncated = truncated


def apply(page_size):
    """Pages every list above. If `page_size` is not None, no page has more items than that, even if the caller asks for
    more. Pages of AWS can also be smaller than requested ("the maximum number of results", API_DescribeLoadBalancers,
    PageSize)."""
    ec2 = PagingParameters("MaxResults", "NextToken", "NextToken")
    marker = PagingParameters("PageSize", "Marker", "NextMarker")
    iam = PagingParameters("MaxItems", "Marker", "Marker", truncated="IsTruncated")
    records = PagingParameters("MaxRecords", "NextToken", "NextToken")
    items = PagingParameters("MaxItems", "NextToken", "NextToken")
    for owner, parameters, lists in (
        (ELBV2Response, marker, ELBV2),
        (EC2Response, ec2, EC2),
        (AutoScalingResponse, records, AUTO_SCALING),
        (AWSCertificateManagerResponse, items, ACM),
        (IamResponse, iam, IAM),
    ):
        for method, key, usual in lists:
            answer_in_pages(owner, method, key, parameters, usual, page_size)


def answer_in_pages(owner, method, key, parameters, usual, most):
    """Pages the list `key` in the answer of a method. The token is the index at which the next page begins."""

    @replaces(owner, method)
    def page(original, response):
        wanted = response._get_param(parameters.number)
        token = response._get_param(parameters.token)
        if token is not None and not str(token).isdigit():
            raise MotoFailed(f"the token '{token}' is not from an earlier answer")

        answer, items = whole_list(original, response, key, parameters)
        begin = int(token or 0)
        size = int(wanted or usual)
        end = begin + min(size, most or size)
        answer[key] = items[begin:end]
        answer[parameters.next_token] = str(end) if end < len(items) else None
        if parameters.truncated:
            answer[parameters.truncated] = end < len(items)
        return ActionResult(answer)


def whole_list(original, response, key, parameters):
    """Returns the answer of a method with the complete list, whichever page the caller asked for. moto pages some lists
    itself; this reads all pages of such a list."""
    asked = response._get_param
    own_token = None

    def ask_for_all(name, if_none=None):
        if name == parameters.token:
            return if_none if own_token is None else own_token
        return if_none if name == parameters.number else asked(name, if_none)

    response._get_param = ask_for_all
    items = []
    try:
        while True:
            answer = dict(original(response).result)
            items.extend(answer[key])
            own_token = answer.get(parameters.next_token)
            if own_token is None:
                return answer, items
    finally:
        del response._get_param
