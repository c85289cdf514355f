#!/bin/sh
# Installs kube-apiserver and etcd, which the tests start as a cluster. The usual variable KUBEBUILDER_ASSETS may name a
# folder that contains both programs; without it they are built from the Go modules in kubernetes/go.mod. The first build
# takes some minutes; the programs are kept in cargo's target folder until the versions change.
set -eu
cd "$(dirname "$0")/../.."

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    for program in kube-apiserver etcd; do
        if [ ! -x "$KUBEBUILDER_ASSETS/$program" ]; then
            echo "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, which does not contain the program $program:" \
                "put the program there, or unset the variable to have it built" >&2
            exit 1
        fi
    done
    exit 0
fi

mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
bin=$(cd "${CARGO_TARGET_DIR:-target}/test-servers/bin" && pwd)
cd scripts/test-servers/kubernetes
if [ -x "$bin/kube-apiserver" ] && [ -x "$bin/etcd" ] && cmp -s go.sum "$bin/go.sum"; then
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "kube-apiserver and etcd are built with Go, and the program go is not installed: install Go 1.26 or newer," \
        "or set KUBEBUILDER_ASSETS to a folder that contains both programs" >&2
    exit 1
fi
echo "building etcd and kube-apiserver into $bin" >&2
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
go build -trimpath -ldflags '-s -w' -o "$bin/etcd" go.etcd.io/etcd/server/v3
# Without the version the server reports v0.0.0, and clients complain.
go build -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" \
    -o "$bin/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
# Last, so that an interrupted build does not count as complete.
cp go.sum "$bin/go.sum"
