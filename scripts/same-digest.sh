#!/bin/sh
# Builds the guests in another folder and compares their digests with those of this one: the same sources must give the
# same bytes anywhere, since a recorded plan names its planner by digest.
#
# What is copied is what git would commit now. The two builds share nothing but cargo's registry.
set -eu

cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Builds with the arguments, and prints the digests as the build wrote them into the program.
digests() {
    cargo "$@" --quiet --locked --message-format=json-render-diagnostics >"$work/messages"
    out=$(sed -n 's/.*"out_dir":"\([^"]*albatross-components-[^"]*\)".*/\1/p' "$work/messages")
    grep SHA256 "$out/components.rs"
}

# All of the workspace, as the tests have built it: another selection of features would be built anew.
digests build --workspace >"$work/here"

# A path of another length, so that no offset agrees by chance.
mkdir -p "$work/another/folder"
git ls-files -z --cached --others --exclude-standard |
    tar --create --file - --null --files-from - |
    tar --extract --file - --directory "$work/another/folder"
(
    cd "$work/another/folder"
    unset CARGO_TARGET_DIR
    digests build --package albatross-components
) >"$work/there"

cat "$work/here"
if ! cmp -s "$work/here" "$work/there"; then
    cat "$work/there"
    echo "the digests differ: a path of the machine is in a component (see host/components/build.rs)" >&2
    exit 1
fi
