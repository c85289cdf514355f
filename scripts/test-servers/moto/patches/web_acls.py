"""Web ACLs of AWS WAF: which load balancers they protect."""

import json

from moto.elbv2.models import elbv2_backends
from moto.wafv2.exceptions import WAFNonexistentItemException
from moto.wafv2.models import WAFV2Backend
from moto.wafv2.responses import WAFV2Response

from .replacing import replaces


@replaces(WAFV2Backend, "associate_web_acl")
def one_web_acl_each(original, backend, web_acl_arn, resource_arn):
    """WAFv2 API_AssociateWebACL: the load balancer must exist, and has one web ACL at most: the new one takes the place of
    the present one. moto keeps both, and accepts every load balancer."""
    if resource_arn not in elbv2_backends[backend.account_id][backend.region_name].load_balancers:
        raise WAFNonexistentItemException
    if web_acl_arn in backend.wacls:
        backend.disassociate_web_acl(resource_arn)
    original(backend, web_acl_arn, resource_arn)


def list_resources_for_web_acl(response):
    """WAFv2 API_ListResourcesForWebACL, which moto lacks: the resources of one type, without pages."""
    request = json.loads(response.body)
    web_acl = response.wafv2_backend.wacls.get(request["WebACLArn"])
    if web_acl is None:
        raise WAFNonexistentItemException
    wanted = request.get("ResourceType", "APPLICATION_LOAD_BALANCER")
    arns = web_acl.associated_resources if wanted == "APPLICATION_LOAD_BALANCER" else []
    arns = [arn for arn in arns if ":loadbalancer/app/" in arn]
    return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": arns})


# A release of moto that has the call makes this patch unnecessary, so it must not go unnoticed.
assert not hasattr(WAFV2Response, "list_resources_for_web_acl")
WAFV2Response.list_resources_for_web_acl = list_resources_for_web_acl
