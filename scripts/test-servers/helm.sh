#!/bin/sh
# Provides Helm for the tests of the chart. Builds it from the Go module in helm/go.mod, which takes a few minutes, and keeps it
# in cargo's target directory until the version changes.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
bin=$(cd "${CARGO_TARGET_DIR:-target}/test-servers/bin" && pwd)
cd scripts/test-servers/helm
if [ -x "$bin/helm" ] && cmp -s go.sum "$bin/helm.go.sum"; then
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "building Helm needs Go, but go is not installed: install Go 1.26 or newer" >&2
    exit 1
fi
echo "building Helm into $bin" >&2
# Without the version of Kubernetes, Helm renders for 1.20, which is older than the chart allows. Helm's own build sets it in the same
# way, to that of its client.
minor=$(go list -m -f '{{.Version}}' k8s.io/client-go | cut -d . -f 2)
flags="-s -w"
for package in chartutil lint/rules; do
    flags="$flags -X helm.sh/helm/v3/pkg/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/$package.k8sVersionMinor=$minor"
done
go build -trimpath -ldflags "$flags" -o "$bin/helm" helm.sh/helm/v3/cmd/helm
# Last, so that an interrupted build is not mistaken for a complete one.
cp go.sum "$bin/helm.go.sum"
