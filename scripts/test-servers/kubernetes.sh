#!/bin/sh
# Provides kube-apiserver and etcd, which the tests start as a cluster. If KUBEBUILDER_ASSETS, a variable that controller
# projects commonly use, is set, it must name a directory with both programs. Otherwise this script has them built, which takes a
# few minutes.
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

export OTHERWISE="set KUBEBUILDER_ASSETS to a directory that contains kube-apiserver and etcd"
scripts/test-servers/go-program.sh kubernetes etcd go.etcd.io/etcd/server/v3 -ldflags '-s -w'
# Without the version, the server reports v0.0.0, and clients complain.
version=$(sed -n 's|^\tk8s.io/kubernetes \(v[^ ]*\).*$|\1|p' scripts/test-servers/kubernetes/go.mod)
[ -n "$version" ] || { echo "kubernetes/go.mod does not require k8s.io/kubernetes: correct kubernetes.sh" >&2 && exit 1; }
scripts/test-servers/go-program.sh kubernetes kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver \
    -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version"
