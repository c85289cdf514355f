#!/bin/sh
# Provides kube-apiserver and etcd, which the tests start as a cluster. If KUBEBUILDER_ASSETS, a variable that controller
# projects commonly use, is set, it must name a directory with both programs. Otherwise this script builds them from the Go
# modules in kubernetes/go.mod, which takes a few minutes. It keeps them in cargo's target directory until the versions change.
set -eu
cd "$(dirname "$0")/../.."

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    for program in kube-apiserver etcd; do
        if [ ! -x "$KUBEBUILDER_ASSETS/$program" ]; then
            echo "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, which does not contain the program $program:" \
                "put $program there, or unset the variable to have it built" >&2
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
    echo "building kube-apiserver and etcd needs Go, but go is not installed: install Go 1.26 or newer," \
        "or set KUBEBUILDER_ASSETS to a directory that contains both programs" >&2
    exit 1
fi
echo "building etcd and kube-apiserver into $bin" >&2
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
go build -trimpath -ldflags '-s -w' -o "$bin/etcd" go.etcd.io/etcd/server/v3
# Without the version, the server reports v0.0.0, and clients complain.
go build -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" \
    -o "$bin/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
# Last, so that an interrupted build is not mistaken for a complete one.
cp go.sum "$bin/go.sum"
