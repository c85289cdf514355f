#!/bin/sh
# Runs all tests. With `planner`, runs only those of the planner and of the crates around it that need no WebAssembly engine.
#
# The full set of tests needs servers: moto (Python 3.11 or newer), an OCI registry, Helm and promtool (Go), kube-apiserver and etcd
# (Go, or KUBEBUILDER_ASSETS). It also needs a browser: Chromium, which comes from Debian's packages if the machine has none.
# The scripts install or build them on the first run.
set -eu
cd "$(dirname "$0")/.."
scripts/wasm-target.sh
case "${1:-all}" in
all)
    scripts/test-servers/moto.sh
    scripts/test-servers/kubernetes.sh
    scripts/test-servers/registry.sh
    scripts/test-servers/helm.sh
    scripts/test-servers/promtool.sh
    scripts/test-servers/zig.sh
    scripts/test-servers/chromium.sh
    # Four threads by default, even on fewer cores: tests with servers mostly wait.
    RUST_TEST_THREADS=${RUST_TEST_THREADS:-4} scripts/run-tests.py
    # Packages the program that the tests have built as a release.
    python3 -m unittest discover --start-directory scripts/release/tests
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
