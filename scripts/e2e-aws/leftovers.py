"""What runs have created and not deleted, found by its tag."""

from aws import AwsError
from talking import say

# Every resource of a run has this tag with the id of the run, from the call that creates it on.
TAG = "albatross-e2e"
# Certificates are for hosts of this domain, so that not every certificate of the account is asked for its tags.
DOMAIN = "albatross-e2e.test"

# What AWS lets one delete only in this order.
ORDER = ["load balancer", "instance", "target group", "certificate", "security group", "subnet", "route table",
         "internet gateway", "VPC"]
# By the type that EC2 gives to their tags.
OF_NETWORK = {
    "security-group": ("security group", "describe-security-groups", "SecurityGroups", "GroupId"),
    "subnet": ("subnet", "describe-subnets", "Subnets", "SubnetId"),
    "route-table": ("route table", "describe-route-tables", "RouteTables", "RouteTableId"),
    "internet-gateway": ("internet gateway", "describe-internet-gateways", "InternetGateways", "InternetGatewayId"),
    "vpc": ("VPC", "describe-vpcs", "Vpcs", "VpcId"),
}


class Leftovers:
    """Resources by kind, each an id with the run that it belongs to and what AWS says of it."""

    def __init__(self):
        self.by_kind = {kind: [] for kind in ORDER}

    def add(self, kind, identifier, run, details=None):
        self.by_kind[kind].append((identifier, run, details))

    def any(self):
        return any(self.by_kind.values())

    def ids(self, kind):
        return [identifier for identifier, _, _ in self.by_kind[kind]]

    def details(self, kind):
        return [details for _, _, details in self.by_kind[kind]]

    def print(self):
        for kind in ORDER:
            for identifier, run, _ in self.by_kind[kind]:
                say(f"  {kind:17} {identifier}   {run}")


def find(aws, run):
    """What has the tag, of one run or of all."""
    found = Leftovers()
    load_balancers(aws, run, found)
    certificates(aws, run, found)
    # One call says of which types there is anything. It also lists what was just deleted, so each type is then described.
    answer = aws.call("ec2", "describe-tags", "--filters", f"Name=key,Values={TAG}")
    types = {it["ResourceType"] for it in answer["Tags"]}
    if "instance" in types:
        instances(aws, run, found)
    for type_, (kind, operation, field, key) in OF_NETWORK.items():
        if type_ in types:
            for it in aws.call("ec2", operation, "--filters", tag_filter(run))[field]:
                found.add(kind, it[key], run_of(it["Tags"]), it)
    return found


def load_balancers_of(aws, run):
    """The ARNs of the load balancers of a run."""
    found = Leftovers()
    load_balancers(aws, run, found)
    return found.ids("load balancer")


def load_balancers(aws, run, found):
    listed = aws.call("elbv2", "describe-load-balancers")["LoadBalancers"]
    listed = [("load balancer", it["LoadBalancerArn"], it["LoadBalancerName"]) for it in listed]
    groups = aws.call("elbv2", "describe-target-groups")["TargetGroups"]
    listed += [("target group", it["TargetGroupArn"], it["TargetGroupName"]) for it in groups]
    ours = [(kind, arn) for kind, arn, name in listed if name.startswith("albatross-")]
    # AWS describes the tags of at most 20 resources at once.
    for begin in range(0, len(ours), 20):
        part = ours[begin:begin + 20]
        tags = tags_of(aws, [arn for _, arn in part])
        for kind, arn in part:
            add_if_of(found, run, kind, arn, tags.get(arn, []))


def tags_of(aws, arns):
    """The tags of load balancers and target groups that exist: AWS goes on listing deleted ones for a moment."""
    try:
        answer = aws.call("elbv2", "describe-tags", "--resource-arns", *arns)
    except AwsError as error:
        if not error.says("LoadBalancerNotFound", "TargetGroupNotFound"):
            raise
        return {} if len(arns) == 1 else {key: tags for arn in arns for key, tags in tags_of(aws, [arn]).items()}
    return {it["ResourceArn"]: it["Tags"] for it in answer["TagDescriptions"]}


def instances(aws, run, found):
    filters = [tag_filter(run), "Name=instance-state-name,Values=pending,running,shutting-down,stopping,stopped"]
    for reservation in aws.call("ec2", "describe-instances", "--filters", *filters)["Reservations"]:
        for it in reservation["Instances"]:
            found.add("instance", it["InstanceId"], run_of(it["Tags"]), it)


def certificates(aws, run, found):
    for it in aws.call("acm", "list-certificates")["CertificateSummaryList"]:
        if it.get("DomainName", "").endswith(f".{DOMAIN}"):
            arn = it["CertificateArn"]
            tags = aws.call("acm", "list-tags-for-certificate", "--certificate-arn", arn)["Tags"]
            add_if_of(found, run, "certificate", arn, tags)


def add_if_of(found, run, kind, identifier, tags):
    of = run_of(tags)
    if of and run in (None, of):
        found.add(kind, identifier, of)


def run_of(tags):
    return next((tag["Value"] for tag in tags if tag["Key"] == TAG), None)


def tag_filter(run):
    return f"Name=tag:{TAG},Values={run}" if run else f"Name=tag-key,Values={TAG}"
