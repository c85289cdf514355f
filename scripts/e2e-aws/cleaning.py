"""Deletes what a run has created, and nothing else.

It relies only on tags: neither on what this process remembers nor on the program that is being tested, which may be what fails. It
looks again and again, and deletes what AWS lets it delete, until nothing is left: network interfaces of deleted load balancers keep
security groups and subnets for some minutes.
"""

import json
import sys
import time

from aws import AwsError
from leftovers import find
from talking import say

LIMIT = 15 * 60
PAUSE = 10
# Other resources still use this one: the next round tries again.
IN_USE = ["DependencyViolation", "ResourceInUse", "ResourceInUseException", "InUse"]
GONE = ["LoadBalancerNotFound", "TargetGroupNotFound", "ResourceNotFoundException", "InvalidInstanceID.NotFound",
        "InvalidGroup.NotFound", "InvalidSubnetID.NotFound", "InvalidRouteTableID.NotFound",
        "InvalidInternetGatewayID.NotFound", "Gateway.NotAttached", "InvalidVpcID.NotFound", "InvalidPermission.NotFound"]


def remove(aws, run, count=lambda load_balancers: None):
    """Deletes everything of a run, or of all, and counts the load balancers. Returns whether nothing is left, and says what is."""
    say("\nDeleting everything that has the tag …")
    begin = time.monotonic()
    told, problems, found, empty = set(), [], None, 0
    while True:
        try:
            found = find(aws, run)
            # Twice in a row: AWS may not list yet what was created a moment ago.
            empty = 0 if found.any() else empty + 1
            if empty == 2:
                say(f"  nothing is left ({time.monotonic() - begin:.0f} s)")
                return True
            count(found.ids("load balancer"))
            problems = delete(aws, found, told)
        except AwsError as error:
            problems = [str(error)]
        if time.monotonic() - begin > LIMIT or is_hopeless(problems):
            return give_up(aws, found, run, problems)
        time.sleep(PAUSE if aws.is_real() else 1)


def is_hopeless(problems):
    """Whether nobody is signed in any more."""
    return any("ExpiredToken" in it or "Unable to locate credentials" in it or "Token has expired" in it for it in problems)


def give_up(aws, found, run, problems):
    say("\nNOT EVERYTHING IS DELETED, and it may cost money:", to=sys.stderr)
    if found:
        found.print()
    for problem in problems:
        say(f"  {problem}", to=sys.stderr)
    of_run = f" --run {run}" if run else ""
    say(f"To do: make e2e-aws ARGS=\"--clean --region {aws.region}{of_run}\"", to=sys.stderr)
    return False


def delete(aws, found, told):
    """Tries once to delete each resource. Returns what went wrong, except that something is still in use."""
    problems = []

    def attempt(kind, identifier, *call):
        if (kind, identifier) not in told:
            told.add((kind, identifier))
            say(f"  {kind} {identifier}")
        try:
            aws.call(*call)
        except AwsError as error:
            if not error.says(*IN_USE, *GONE):
                problems.append(str(error))

    for arn in found.ids("load balancer"):
        attempt("load balancer", arn, "elbv2", "delete-load-balancer", "--load-balancer-arn", arn)
    for instance in found.details("instance"):
        if instance["State"]["Name"] != "shutting-down":
            attempt("instance", instance["InstanceId"], "ec2", "terminate-instances", "--instance-ids", instance["InstanceId"])
    for arn in found.ids("target group"):
        attempt("target group", arn, "elbv2", "delete-target-group", "--target-group-arn", arn)
    for arn in found.ids("certificate"):
        attempt("certificate", arn, "acm", "delete-certificate", "--certificate-arn", arn)
    security_groups(found, attempt)
    network(found, attempt)
    return problems


def security_groups(found, attempt):
    groups = found.details("security group")
    # Groups that name each other cannot be deleted.
    for group in groups:
        rules = [rule for rule in group.get("IpPermissions", []) if rule.get("UserIdGroupPairs")]
        if rules:
            attempt("rules of", group["GroupId"], "ec2", "revoke-security-group-ingress", "--group-id", group["GroupId"],
                    "--ip-permissions", permissions(rules))
    for group in groups:
        attempt("security group", group["GroupId"], "ec2", "delete-security-group", "--group-id", group["GroupId"])


def network(found, attempt):
    for subnet in found.ids("subnet"):
        attempt("subnet", subnet, "ec2", "delete-subnet", "--subnet-id", subnet)
    for table in found.details("route table"):
        for association in table.get("Associations", []):
            if not association.get("Main"):
                attempt("association", association["RouteTableAssociationId"], "ec2", "disassociate-route-table",
                        "--association-id", association["RouteTableAssociationId"])
        attempt("route table", table["RouteTableId"], "ec2", "delete-route-table", "--route-table-id", table["RouteTableId"])
    for gateway in found.details("internet gateway"):
        identifier = gateway["InternetGatewayId"]
        for attachment in gateway.get("Attachments", []):
            attempt("attachment of", identifier, "ec2", "detach-internet-gateway", "--internet-gateway-id", identifier,
                    "--vpc-id", attachment["VpcId"])
        attempt("internet gateway", identifier, "ec2", "delete-internet-gateway", "--internet-gateway-id", identifier)
    for vpc in found.ids("VPC"):
        attempt("VPC", vpc, "ec2", "delete-vpc", "--vpc-id", vpc)


def permissions(rules):
    """The rules as EC2 wants them: it refuses the empty lists of its own answers."""
    return json.dumps([{key: value for key, value in rule.items() if value not in ([], None)} for rule in rules])
