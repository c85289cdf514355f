#!/bin/sh
# Provides external-dns for `make soak`. Builds it from the Go module in external-dns/go.mod, which takes four minutes, and keeps it
# in cargo's target directory until the version changes.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
bin=$(cd "${CARGO_TARGET_DIR:-target}/test-servers/bin" && pwd)
cd scripts/test-servers/external-dns
if [ -x "$bin/external-dns" ] && cmp -s go.sum "$bin/external-dns.go.sum"; then
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "building external-dns needs Go, but go is not installed: install Go 1.26 or newer" >&2
    exit 1
fi
echo "building external-dns into $bin" >&2
go build -trimpath -ldflags '-s -w' -o "$bin/external-dns" sigs.k8s.io/external-dns
# Last, so that an interrupted build is not mistaken for a complete one.
cp go.sum "$bin/external-dns.go.sum"
