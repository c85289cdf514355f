#!/bin/sh
# Provides an OCI registry for the tests. Builds it from the Go module in registry/go.mod, which takes two minutes, and keeps it
# in cargo's target directory until the version changes.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
bin=$(cd "${CARGO_TARGET_DIR:-target}/test-servers/bin" && pwd)
cd scripts/test-servers/registry
if [ -x "$bin/registry" ] && cmp -s go.sum "$bin/registry.go.sum"; then
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "building the OCI registry needs Go, but go is not installed: install Go 1.26 or newer" >&2
    exit 1
fi
echo "building the OCI registry into $bin" >&2
go build -trimpath -ldflags '-s -w' -o "$bin/registry" github.com/distribution/distribution/v3/cmd/registry
# Last, so that an interrupted build is not mistaken for a complete one.
cp go.sum "$bin/registry.go.sum"
