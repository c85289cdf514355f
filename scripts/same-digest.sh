#!/bin/sh
# Builds the components in this directory and in another one, and compares their digests. The same sources must give the
# same bytes everywhere, because a recorded plan identifies its planner by digest.
#
# The other directory gets a copy of the files that git would commit now. The two builds share only cargo's registry and
# the program that runs them, the build script of host/components.
set -eu

cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Build in this directory. Cargo's messages give the path of the build script and of the directory with the digests.
cargo build --package albatross-components --quiet --locked --message-format=json-render-diagnostics >"$work/messages"
build_script=$(sed -n 's/.*"filenames":\["\([^"]*albatross-components-[^"]*build-script-build\)".*/\1/p' "$work/messages")
out=$(sed -n 's/.*"out_dir":"\([^"]*albatross-components-[^"]*\)".*/\1/p' "$work/messages")
grep SHA256 "$out/components.rs" >"$work/here"

# A path of another length, so that no offset is the same by chance.
there=$work/another/folder
mkdir -p "$there/target/debug/build/albatross-components/out"
git ls-files -z --cached --others --exclude-standard |
    tar --create --file - --null --files-from - |
    tar --extract --file - --directory "$there"
# Run the build script as cargo does, with its working directory and the environment variables that it reads.
(
    cd "$there/host/components"
    unset CARGO_TARGET_DIR
    CARGO=$(command -v cargo) RUSTC=$(command -v rustc) CARGO_MANIFEST_DIR=$PWD \
        OUT_DIR=$there/target/debug/build/albatross-components/out "$build_script"
) >"$work/messages" 2>&1 || {
    cat "$work/messages" >&2
    exit 1
}
grep SHA256 "$there/target/debug/build/albatross-components/out/components.rs" >"$work/there"

cat "$work/here"
if ! cmp -s "$work/here" "$work/there"; then
    cat "$work/there"
    echo "the digests differ: a component contains a path of this machine (see host/components/build.rs)" >&2
    exit 1
fi
