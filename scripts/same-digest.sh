#!/bin/sh
# Builds the guests in another folder and compares their digests with those of this one: the same sources must give the
# same bytes anywhere, since a recorded plan names its planner by digest.
#
# What is copied is what git would commit now. The two builds share nothing but cargo's registry. Takes some minutes.
set -eu

cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Builds, and prints the digests as the build wrote them into the program. The arguments select what is built: all of the
# workspace where it has been built before, since another selection of features would be built anew.
digests() {
    cargo build --quiet --locked --message-format=json "$@" >"$work/messages"
    out=$(sed -n 's/.*"out_dir":"\([^"]*albatross-components-[^"]*\)".*/\1/p' "$work/messages")
    grep SHA256 "$out/components.rs"
}

digests --workspace >"$work/here"

# A path of another length, so that no offset agrees by chance.
mkdir -p "$work/another/folder"
git ls-files -z --cached --others --exclude-standard |
    tar --create --file - --null --files-from - |
    tar --extract --file - --directory "$work/another/folder"
(
    cd "$work/another/folder"
    unset CARGO_TARGET_DIR
    digests --package albatross-components
) >"$work/there"

cat "$work/here"
if ! cmp -s "$work/here" "$work/there"; then
    cat "$work/there"
    echo "the digests differ: a path of the machine is in a component (see host/components/build.rs)" >&2
    exit 1
fi
