#!/bin/sh
# Writes deploy/rbac.yaml, deploy/rbac-readiness-gates.yaml and deploy/deployment.yaml, for those who install without Helm: the chart
# in deploy/chart with its defaults.
# Takes the folder to write to, deploy/ by default. Uses the Helm of scripts/test-servers/helm.sh; HELM names another one.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-deploy}
helm=${HELM:-${CARGO_TARGET_DIR:-target}/test-servers/bin/helm}
if ! command -v "$helm" >/dev/null; then
    echo "there is no program $helm: run scripts/test-servers/helm.sh, or set HELM to the path of Helm" >&2
    exit 1
fi

# What is set besides: a comma, and names with values.
settings=

# Renders the given templates, one after the other, without the lines that Helm adds.
render() {
    for template in "$@"; do
        set -- "$@" --show-only "templates/$template"
        shift
    done
    "$helm" template albatross deploy/chart --namespace kube-system \
        --set "clusterId=REPLACE-ME,region=REPLACE-ME,vpcId=REPLACE-ME$settings" "$@" | sed '/^# Source: /d; /^$/d; 1{/^---$/d;}'
}

{
    cat <<'HEAD'
# Rendered from deploy/chart by scripts/render-manifests.sh, which a test compares with this file.
#
# All permissions of the controller in the cluster, with the reason for each. The tests run with exactly these permissions.
# The last two parts are optional: albatross-route-mode is for clusters that use route mode, albatross-pods for those in which
# the pods of the proxy are targets. To run the controller in another namespace, change the namespace of the ServiceAccount and
# of all lists of subjects. The Lease, its Role and its RoleBinding must stay in kube-system, so that there is only one Lease in
# the cluster.
HEAD
    render serviceaccount.yaml rbac/controller.yaml rbac/lease.yaml rbac/route-mode.yaml rbac/pods.yaml
} >"$folder/rbac.yaml"

{
    cat <<'HEAD'
# Rendered from deploy/chart by scripts/render-manifests.sh, which a test compares with this file.
HEAD
    render deployment.yaml poddisruptionbudget.yaml
} >"$folder/deployment.yaml"

settings=,settings.readiness-gates=true
{
    cat <<'HEAD'
# Rendered from deploy/chart by scripts/render-manifests.sh, which a test compares with this file.
#
# Further permissions, besides those of rbac.yaml, for the setting readiness-gates.
HEAD
    render rbac/readiness-gates.yaml
} >"$folder/rbac-readiness-gates.yaml"
