#!/bin/sh
# Runs all tests, or with `planner` those of the planner and everything around it that needs no WebAssembly engine.
#
# All tests need servers: moto (Python 3.11 or newer), kube-apiserver and etcd (Go, or KUBEBUILDER_ASSETS). The scripts
# bring them the first time and find them the second.
set -eu
cd "$(dirname "$0")/.."
scripts/wasm-target.sh
case "${1:-all}" in
all)
    scripts/test-servers/moto.sh
    scripts/test-servers/kubernetes.sh
    # More threads than cores: the tests with servers mostly wait.
    RUST_TEST_THREADS=${RUST_TEST_THREADS:-4} cargo test --locked --workspace
    ;;
planner)
    cargo test --locked --package albatross-contract --package albatross-planner --package albatross-guard \
        --package albatross-embedded-cloud --package albatross-stories
    ;;
*)
    echo "usage: scripts/test.sh [all|planner]" >&2
    exit 2
    ;;
esac
