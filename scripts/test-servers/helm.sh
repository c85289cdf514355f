#!/bin/sh
# Provides Helm for the tests of the chart. The build takes a few minutes.
set -eu
cd "$(dirname "$0")"
# Without the version of Kubernetes, Helm renders for 1.20, which is older than the chart allows. Helm's own build sets it in the same
# way, to that of its client.
minor=$(sed -n 's|^\tk8s.io/client-go v0\.\([0-9]*\)\..*$|\1|p' helm/go.mod)
[ -n "$minor" ] || { echo "helm/go.mod does not require k8s.io/client-go v0.*: correct helm.sh" >&2 && exit 1; }
flags="-s -w"
for package in chartutil lint/rules; do
    flags="$flags -X helm.sh/helm/v3/pkg/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/$package.k8sVersionMinor=$minor"
done
exec ./go-program.sh helm helm helm.sh/helm/v3/cmd/helm -ldflags "$flags"
