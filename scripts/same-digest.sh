#!/bin/sh
# Builds the guests in two folders and compares their digests: the same sources must give the same bytes anywhere, since
# a recorded plan names its planner by digest.
#
# What is copied is what git would commit now. The two builds share nothing but cargo's registry. Takes some minutes.
set -eu

cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Builds in a folder and prints the digests, as the build wrote them into the program.
digests() {
    mkdir -p "$1"
    git ls-files -z --cached --others --exclude-standard |
        tar --create --file - --null --files-from - |
        tar --extract --file - --directory "$1"
    (cd "$1" && env -u CARGO_TARGET_DIR cargo build --quiet --locked --package albatross-components)
    grep SHA256 "$1"/target/debug/build/albatross-components-*/out/components.rs
}

# Paths of different lengths, so that no offset agrees by chance.
digests "$work/one" >"$work/first"
digests "$work/another/folder" >"$work/second"

cat "$work/first"
if ! cmp -s "$work/first" "$work/second"; then
    cat "$work/second"
    echo "the digests differ: a path of the machine is in a component (see host/components/build.rs)" >&2
    exit 1
fi
