#!/bin/sh
# Checks that no dependency is built twice: every selection of packages that people build must give each dependency the
# same features as the whole workspace, and build dependencies must have the same features as normal ones. workspace-hack/
# unifies the features. This script reports those that are missing there.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

host=$(rustc --print host-tuple)

# Prints each external dependency with its features, one per line. With --target, cargo resolves build dependencies
# separately from those of the program.
features() {
    cargo tree --locked --target "$host" --prefix none --no-dedupe --format '{p} [{f}]' "$@" |
        grep --invert-match "($PWD" | sed 's/ ([*]\|proc-macro)//g' | sort --unique
}

features --workspace --edges normal,build,dev >"$work/workspace"
awk '{ lines[$1 " " $2] = lines[$1 " " $2] "\n    " $0; if (count[$1 " " $2]++) twice[$1 " " $2] }
    END { for (package in twice) print "the program and its build scripts:" lines[package] }' \
    "$work/workspace" >"$work/missing"
while read -r edges packages; do
    # shellcheck disable=SC2086 # a list of arguments
    features --edges "$edges" $packages >"$work/selection"
    comm -23 "$work/selection" "$work/workspace" >"$work/anew"
    if [ -s "$work/anew" ]; then
        printf '%s:\n' "$packages"
        sed 's/^/    /' "$work/anew"
    fi >>"$work/missing"
done <<'SELECTIONS'
normal,build --workspace
normal,build --package albatross-components
normal,build --package albatross --no-default-features
normal,build,dev --package albatross-engine
normal,build,dev --package albatross
SELECTIONS
if [ -s "$work/missing" ]; then
    cat "$work/missing"
    echo "These selections of packages build the dependencies listed below each of them twice, because their features differ" \
        "from those of the tests: add the features of \`cargo tree --workspace --format '{p} [{f}]'\` to" \
        "workspace-hack/Cargo.toml."
    exit 1
fi >&2
