#!/bin/sh
# Tries the run on a real account (`make e2e-aws`) against moto: complete, interrupted at several points, over budget, killed,
# cleaned up, and refused. After each of them the account must be as before. Takes half an hour. Needs the aws command line, Python
# 3.11 or newer for moto, and the built program. Not part of the tests, which need no aws command line.
#
# usage: scripts/e2e-aws/try-with-moto.sh [TRIAL…]; without names, all of them
set -eu
cd "$(dirname "$0")/../.."
all="no_credentials wrong_account not_confirmed no_program interrupted_network interrupted_node interrupted_controller
    interrupted_between_steps interrupted_twice terminated hung_up too_many_load_balancers too_many_minutes killed in_use given_vpc complete"

work=$(mktemp -d)
run=
trap 'if [ -n "$run" ]; then kill -s KILL "$run"; fi; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
server=${CARGO_TARGET_DIR:-target}/test-servers/moto/bin/python
program=${ALBATROSS:-${CARGO_TARGET_DIR:-target}/debug/albatross}
# Not a wrapper of the same name, which may change PATH.
python=$(python3 -c 'import sys; print(sys.executable)')
scripts/test-servers/moto.sh

# moto ends when its standard input closes, that is with this script.
mkfifo "$work/input"
"$server" -B scripts/test-servers/moto/server.py <"$work/input" >"$work/ready" 2>"$work/moto.log" &
exec 3>"$work/input"
until grep -qs ready "$work/ready"; do
    kill -0 $! || { cat "$work/moto.log" >&2; exit 1; }
    sleep 0.2
done
account=123456789012
AWS_ENDPOINT_URL=$(sed 's/^ready //' "$work/ready")
# Version 1 of the command line does not read AWS_REGION.
export AWS_ENDPOINT_URL AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_PAGER= \
    AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null PYTHONDONTWRITEBYTECODE=1
unset AWS_PROFILE AWS_SESSION_TOKEN

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    cat "$work/log" >&2
    exit 1
}

# Everything that a run may create, whatever its tags; with the client that comes with moto, as a second opinion. Network interfaces
# are left out: moto keeps those of instances that are terminated, and AWS deletes them.
listed() {
    "$server" -B - <<'END'
import boto3
elb, acm, ec2 = boto3.client("elbv2"), boto3.client("acm"), boto3.client("ec2")
instances = [it for one in ec2.describe_instances()["Reservations"] for it in one["Instances"]]
for it in [
    *elb.describe_load_balancers()["LoadBalancers"], *elb.describe_target_groups()["TargetGroups"],
    *acm.list_certificates()["CertificateSummaryList"], *ec2.describe_volumes()["Volumes"],
    *[it for it in instances if it["State"]["Name"] != "terminated"], *ec2.describe_security_groups()["SecurityGroups"],
    *ec2.describe_subnets()["Subnets"],
    *ec2.describe_route_tables()["RouteTables"], *ec2.describe_internet_gateways()["InternetGateways"],
    *ec2.describe_vpcs()["Vpcs"],
]:
    print({key: value for key, value in it.items() if key.endswith(("Arn", "Id", "IpPermissions", "Routes"))})
END
}

e2e() {
    exec "$python" scripts/e2e-aws --account "$account" --albatross "$program" "$@" </dev/null 3>&-
}

# expect CODE TEXT ARGUMENT…: runs to the end.
expect() {
    code=$1 text=$2
    shift 2
    (e2e "$@") >"$work/log" 2>&1 && found=0 || found=$?
    [ "$found" = "$code" ] || fail "exit code $found instead of $code"
    grep -q -e "$text" "$work/log" || fail "no \"$text\""
}

# begin TEXT ARGUMENT…: runs in the background until it has printed the text.
begin() {
    text=$1
    shift
    (e2e --yes "$@") >"$work/log" 2>&1 &
    run=$!
    until grep -q -e "$text" "$work/log"; do
        kill -0 "$run" 2>/dev/null || fail "it ended before \"$text\""
        sleep 0.1
    done
}

# ended CODE: waits for the run in the background.
ended() {
    wait "$run" 2>/dev/null && found=0 || found=$?
    run=
    [ "$found" = "$1" ] || fail "exit code $found instead of $1"
}

# interrupt SIGNAL TEXT [SECONDS]: sends the signal so long after the text.
interrupt() {
    begin "$2"
    sleep "${3:-0}"
    kill -s "$1" "$run"
    ended 130
    grep -q 'nothing is left' "$work/log" || fail "it did not say that nothing is left"
}

no_credentials() {
    (unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; expect 2 'no valid credentials' --yes)
}
wrong_account() { (account=999999999999; expect 2 'belong to account 123456789012' --yes); }
not_confirmed() { expect 2 'not confirmed'; }
no_program() { (program=/nowhere/albatross; expect 2 'there is no program /nowhere/albatross' --yes); }
interrupted_network() { interrupt INT '^Network'; }
interrupted_node() { interrupt INT '^Node'; }
# The program waits until the new load balancer is active.
interrupted_controller() { interrupt INT '^proxy mode: an Ingress gets' 6; }
interrupted_between_steps() { interrupt INT 'a second run does nothing'; }
terminated() { interrupt TERM '^route mode: two Ingresses' 8; }
hung_up() { interrupt HUP '^proxy mode: a second'; }

# Impatient: further signals while everything is being deleted.
interrupted_twice() {
    begin '^proxy mode: an Ingress gets'
    sleep 4
    kill -s INT "$run"
    until grep -q '^Deleting' "$work/log"; do sleep 0.1; done
    for signal in INT TERM HUP; do
        kill -s "$signal" "$run"
        sleep 1
    done
    ended 130
    grep -q 'still deleting' "$work/log" || fail "it did not say that it is still deleting"
}

too_many_load_balancers() { expect 3 'the plan creates 1 more load balancers' --yes --max-load-balancers 1; }
too_many_minutes() { expect 3 'the run has taken 0.4 min' --yes --max-minutes 0.4; }

# kill -9 leaves everything: the next run refuses to begin, and --clean removes it.
killed() {
    begin '^proxy mode: a second'
    kill -s KILL "$run"
    ended 137
    expect 2 'delete them with --clean' --yes
    grep -q '^  load balancer ' "$work/log" || fail "the load balancer is not listed"
    expect 2 'not confirmed' --clean
    expect 0 'nothing of run e2e-1 has the tag' --clean --yes --run e2e-1
    expect 0 'nothing is left' --clean --yes
    expect 0 'nothing has the tag' --clean --yes
}

# Like AWS, and unlike moto, refuses to delete each thing that load balancers use, a few times.
in_use() {
    mkdir "$work/bin"
    cat >"$work/bin/aws" <<END
#!/bin/sh
case "\$2" in delete-target-group) code=ResourceInUse ;; delete-certificate) code=ResourceInUseException ;;
delete-security-group | delete-subnet | detach-internet-gateway | delete-vpc) code=DependencyViolation ;; *) code= ;; esac
if [ -n "\$code" ] && [ "\$(echo x >>"$work/\$2" && wc -l <"$work/\$2")" -le 2 ]; then
    echo "An error occurred (\$code) when calling the operation: in use" >&2
    exit 254
fi
exec "$(command -v aws)" "\$@"
END
    chmod +x "$work/bin/aws"
    (PATH="$work/bin:$PATH"; interrupt INT '^proxy mode: an Ingress gets' 4)
    [ "$(wc -l <"$work/delete-vpc")" -gt 2 ] || fail "the VPC was not tried again"
}

# In the default VPC, which stays.
given_vpc() {
    vpc=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
    subnets=$(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" --query 'Subnets[:2].SubnetId' --output text | tr '\t' ,)
    expect 2 'subnets in at least two zones' --yes --vpc-id "$vpc" --subnet-ids "${subnets%,*}"
    begin '^proxy mode: a second' --vpc-id "$vpc" --subnet-ids "$subnets"
    kill -s INT "$run"
    ended 130
}

complete() { expect 0 'All scenarios passed' --yes; }

listed >"$work/before"
for trial in ${*:-$all}; do
    start=$(date +%s)
    "$trial"
    listed >"$work/after"
    cmp -s "$work/before" "$work/after" || { diff "$work/before" "$work/after" >&2 || true; fail "$trial has left something"; }
    printf '%-26s ok, and the account is as before   %4d s\n' "$trial" "$(($(date +%s) - start))"
done
