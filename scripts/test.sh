#!/bin/sh
# Runs all tests, or with `planner` those of the planner and everything around it that needs no WebAssembly engine.
set -eu
cd "$(dirname "$0")/.."
scripts/wasm-target.sh
case "${1:-all}" in
all)
    cargo test --locked --workspace
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
