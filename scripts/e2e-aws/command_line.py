"""The command line."""

import argparse
import math
import os
import re
import secrets
import subprocess
import time

EXIT_CODES = """
exit codes: 0 all scenarios passed; 1 a scenario failed; 2 refused before anything was created; 3 over budget; 4 something could
not be deleted; 130 interrupted
"""


def read(arguments):
    parser = argparse.ArgumentParser(
        prog="make e2e-aws ARGS=…", description="Runs the main scenarios of both modes on a real AWS account.",
        epilog=EXIT_CODES, allow_abbrev=False)
    parser.add_argument("--account", metavar="ID", type=account,
                        help="id of the account that is meant; without it, it is asked for")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation; needs --account")
    parser.add_argument("--region", default=None, help="region [default: AWS_REGION, AWS_DEFAULT_REGION, or that of the profile]")
    parser.add_argument("--max-load-balancers", metavar="N", type=count, default=3,
                        help="how many load balancers may be created [default: 3]; the scenarios need 2")
    parser.add_argument("--max-minutes", metavar="MIN", type=minutes, default=45,
                        help="how long the scenarios may take, before what they created is deleted [default: 45]")
    parser.add_argument("--vpc-id", metavar="ID", help="use this VPC instead of creating one; needs --subnet-ids")
    parser.add_argument("--subnet-ids", metavar="ID,ID", type=lambda text: text.split(","),
                        help="public subnets of that VPC in two zones")
    parser.add_argument("--clients", metavar="CIDR", default="0.0.0.0/0",
                        help="which addresses the load balancers admit, yours among them [default: 0.0.0.0/0]")
    parser.add_argument("--clean", action="store_true", help="only delete what earlier runs left")
    parser.add_argument("--run", metavar="ID", type=run_id, help="with --clean: only what this run left")
    parser.add_argument("--albatross", metavar="FILE", default=None, help="program to test [default: target/debug/albatross]")
    options = parser.parse_args(arguments)

    if options.yes and not options.account:
        parser.error("--yes needs --account: nothing else confirms that the account is the right one")
    if bool(options.vpc_id) != bool(options.subnet_ids):
        parser.error("--vpc-id and --subnet-ids belong together")
    if options.run and not options.clean:
        parser.error("--run belongs to --clean")
    options.region = options.region or configured_region()
    if not options.region:
        parser.error("no region: set AWS_REGION, or pass --region")
    options.albatross = options.albatross or default_program()
    options.run_id = time.strftime("e2e-%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(2)
    return options


def account(text):
    if not re.fullmatch(r"[0-9]{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account id, which has 12 digits")
    return text


def run_id(text):
    if not re.fullmatch(r"[a-z0-9-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the id of a run, such as e2e-20261130-152227-5f1c")
    return text


def count(text):
    if not re.fullmatch(r"[0-9]{1,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 99")
    return int(text)


def minutes(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes up to 600")
    return value


def configured_region():
    found = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if found:
        return found
    try:
        answer = subprocess.run(["aws", "configure", "get", "region"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout.strip() or None


def default_program():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target"))
    return os.path.join(target, "debug", "albatross")
