#!/bin/sh
# Builds Albatross and runs it on the built-in example. Prints the time of each step.
set -eu
cd "$(dirname "$0")/.."

step() {
    name=$1
    shift
    begin=$(date +%s)
    printf '%s … ' "$name" >&2
    if ! "$@" >"$log" 2>&1; then
        printf 'failed\n' >&2
        cat "$log" >&2
        exit 1
    fi
    printf '%s s\n' "$(($(date +%s) - begin))" >&2
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
step "adding the WebAssembly target" scripts/wasm-target.sh
step "building the planner (wasm)" cargo build --locked --package albatross-components
# Without the Kubernetes client and the AWS SDK: the example needs neither, and the AWS SDK takes longer to build than
# everything else.
step "building albatross (a few minutes the first time)" cargo build --locked --package albatross --no-default-features
exec "${CARGO_TARGET_DIR:-target}/debug/albatross" simulate "$@"
