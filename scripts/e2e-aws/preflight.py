"""What is checked before anything is created."""

import os
import shutil
import subprocess

import budget as money
import leftovers
from aws import AwsError
from talking import say

# Quota "VPCs per Region" of Service Quotas.
VPCS_PER_REGION = ("--service-code", "vpc", "--quota-code", "L-F678F1CE")


class Refused(Exception):
    """The run does not begin, and says why."""


def identity(aws, options):
    """Who calls, in which account. Refuses any other account than the one that is meant."""
    if not shutil.which("aws"):
        raise Refused("the program aws is not installed: see https://docs.aws.amazon.com/cli/")
    try:
        found = aws.call("sts", "get-caller-identity")
    except AwsError as error:
        raise Refused(f"no valid credentials: {error}. Sign in as for aws, for example with AWS_PROFILE") from error
    endpoint = "" if aws.is_real() else ", not AWS but an endpoint of your own"
    say(f"Account   {found['Account']} ({found['Arn']}), region {options.region}{endpoint}")
    if options.account and options.account != found["Account"]:
        raise Refused(f"the credentials belong to account {found['Account']}, and --account names {options.account}")
    return found


def check(aws, options):
    """Refuses to begin without tools, with leftovers, or without room in the quotas."""
    for tool in ["openssl", "curl"]:
        if not shutil.which(tool):
            raise Refused(f"the program {tool} is not installed")
    if not os.access(options.albatross, os.X_OK):
        raise Refused(f"there is no program {options.albatross}: build it with cargo build --locked")
    answer = subprocess.run([options.albatross, "run", "--help"], capture_output=True, check=False)
    if answer.returncode != 0:
        raise Refused(f"{options.albatross} has no command run: build the full program with cargo build --locked")
    found = leftovers.find(aws, None)
    if found.any():
        say("Of other runs:")
        found.print()
        raise Refused("another run has left resources, or is in progress. If none is in progress, delete them with --clean")
    quota_of_load_balancers(aws)
    if options.vpc_id:
        given_subnets(aws, options)
    else:
        quota_of_vpcs(aws)


def quota_of_load_balancers(aws):
    limits = aws.call("elbv2", "describe-account-limits")["Limits"]
    limit = next((int(it["Max"]) for it in limits if it["Name"] == "application-load-balancers"), None)
    found = aws.call("elbv2", "describe-load-balancers")["LoadBalancers"]
    present = sum(it["Type"] == "application" for it in found)
    needed = money.USUAL_LOAD_BALANCERS
    if limit is not None and present + needed > limit:
        raise Refused(f"the scenarios need {needed} Application Load Balancers, and the account has {present} of {limit}")
    say(f"Quotas    {present} of {limit or 'an unknown number of'} Application Load Balancers")


def quota_of_vpcs(aws):
    present = len(aws.call("ec2", "describe-vpcs")["Vpcs"])
    try:
        limit = int(aws.call("service-quotas", "get-service-quota", *VPCS_PER_REGION)["Quota"]["Value"])
    except AwsError as error:
        say(f"          {present} VPCs; their quota cannot be read: {error}")
        return
    if present >= limit:
        raise Refused(f"the region has {present} of {limit} VPCs: pass one with --vpc-id and --subnet-ids")
    say(f"          {present} of {limit} VPCs")


def given_subnets(aws, options):
    found = aws.call("ec2", "describe-subnets", "--subnet-ids", *options.subnet_ids)["Subnets"]
    for subnet in found:
        if subnet["VpcId"] != options.vpc_id:
            raise Refused(f"subnet {subnet['SubnetId']} is in {subnet['VpcId']}, not in {options.vpc_id}")
    if len({subnet["AvailabilityZone"] for subnet in found}) < 2:
        raise Refused("--subnet-ids must name subnets in at least two zones, as an Application Load Balancer needs them")


def announce(options, budget):
    """What is created, how long it takes and what it costs."""
    network = f"in {options.vpc_id}" if options.vpc_id else "a VPC with an internet gateway and 2 subnets"
    say(f"Creates   {network}, 1 instance, 3 certificates, security groups, {money.USUAL_LOAD_BALANCERS} load balancers\n"
        f"          for clients in {options.clients}; all tagged {leftovers.TAG}={options.run_id}\n"
        f"Duration  about {money.USUAL_MINUTES} min, at most {options.max_minutes:g} min; then up to "
        f"{money.CLEANING_MINUTES} min to delete everything\n"
        f"Cost      less than ${budget.usual():.2f}, and less than ${budget.most():.2f} with {options.max_load_balancers} load "
        "balancers")


def confirm(options, caller):
    """Asks for the id of the account, or for a yes if the command line has the id."""
    if options.yes:
        return
    account = caller["Account"]
    question = "Go on? [y/N] " if options.account else f"Type the id of the account ({account}) to go on: "
    try:
        answer = input(question).strip()
    except EOFError:
        raise Refused("not confirmed: standard input is closed. Pass --account and --yes") from None
    if answer not in (["y", "Y", "yes"] if options.account else [account]):
        raise Refused("not confirmed")
