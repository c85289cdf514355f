#!/bin/sh
# Every selection of packages that people build gives each dependency the features that the whole workspace gives it, and
# the workspace gives it the same where it runs while building: so nothing is built twice. workspace-hack/ sees to that; this
# says what is missing there.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

host=$(rustc --print host-tuple)

# Each dependency from outside with its features, one a line. Where a target is named, cargo tells what runs while building
# apart from what is a part of the program.
features() {
    cargo tree --locked --target "$host" --prefix none --no-dedupe --format '{p} [{f}]' "$@" |
        grep --invert-match "($PWD" | sed 's/ ([*]\|proc-macro)//g' | sort --unique
}

features --workspace --edges normal,build,dev >"$work/workspace"
awk '{ lines[$1 " " $2] = lines[$1 " " $2] "\n    " $0; if (count[$1 " " $2]++) twice[$1 " " $2] }
    END { for (package in twice) print "the program and what runs while building:" lines[package] }' \
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
    echo "These selections of packages build what is below them with other features than the tests, so twice: give" \
        "workspace-hack/Cargo.toml the features of \`cargo tree --workspace --format '{p} [{f}]'\`."
    exit 1
fi >&2
