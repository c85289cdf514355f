#!/bin/sh
# Provides promtool for the tests of the alerts and of the dashboard. Builds it from the Go module in helm/go.mod, and keeps it in
# cargo's target directory until the version changes. The module is that of Helm: both are built from the same versions of the
# clients of Kubernetes, so that the build of promtool takes one minute after that of Helm, instead of more than three.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
bin=$(cd "${CARGO_TARGET_DIR:-target}/test-servers/bin" && pwd)
cd scripts/test-servers/helm
if [ -x "$bin/promtool" ] && cmp -s go.sum "$bin/promtool.go.sum"; then
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "building promtool needs Go, but go is not installed: install Go 1.26 or newer" >&2
    exit 1
fi
echo "building promtool into $bin" >&2
# Without the tag, it contains the service discovery of every cloud.
go build -tags remove_all_sd -trimpath -ldflags '-s -w' -o "$bin/promtool" github.com/prometheus/prometheus/cmd/promtool
# Last, so that an interrupted build is not mistaken for a complete one.
cp go.sum "$bin/promtool.go.sum"
