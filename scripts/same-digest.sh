#!/bin/sh
# Builds the guests in another folder and compares their digests with those of this one: the same sources must give the
# same bytes anywhere, since a recorded plan names its planner by digest.
#
# What is copied is what git would commit now. The two builds of the guests share nothing but cargo's registry; the
# program that runs both is one, the build script of host/components.
set -eu

cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Builds here, and says what cargo made: the build script, and the folder that the digests are in.
cargo build --package albatross-components --quiet --locked --message-format=json-render-diagnostics >"$work/messages"
build_script=$(sed -n 's/.*"filenames":\["\([^"]*albatross-components-[^"]*build-script-build\)".*/\1/p' "$work/messages")
out=$(sed -n 's/.*"out_dir":"\([^"]*albatross-components-[^"]*\)".*/\1/p' "$work/messages")
grep SHA256 "$out/components.rs" >"$work/here"

# A path of another length, so that no offset agrees by chance.
there=$work/another/folder
mkdir -p "$there/target/debug/build/albatross-components/out"
git ls-files -z --cached --others --exclude-standard |
    tar --create --file - --null --files-from - |
    tar --extract --file - --directory "$there"
# As cargo runs it, with its working folder and all that it reads of the environment.
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
    echo "the digests differ: a path of the machine is in a component (see host/components/build.rs)" >&2
    exit 1
fi
