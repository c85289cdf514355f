#!/bin/sh
# Builds a release into target/release-VERSION, or into the folder that is named: static programs for Linux on amd64 and arm64 in
# archives, bills of materials, an image for both, and checksums. docs/releasing.md describes all of it. With PLATFORMS="amd64" only
# for that platform.
#
# Needs rustup, a C linker, git and Python. zig, a C compiler for all platforms, comes from scripts/test-servers/zig.sh.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "$1" >&2
    exit 1
}

platforms=${PLATFORMS:-amd64 arm64}
for platform in $platforms; do
    case $platform in
    amd64 | arm64) ;;
    *) fail "PLATFORMS: '$platform' is not a platform of a release: amd64 or arm64" ;;
    esac
done
mkdir -p "${CARGO_TARGET_DIR:-target}"
target_folder=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
version=$(cargo pkgid --locked --package albatross)
folder=${1:-$target_folder/release-${version##*[#@]}}
[ ! -e "$folder" ] || fail "$folder exists: remove it, or name another folder"
[ -z "$(git status --porcelain)" ] ||
    fail "there are uncommitted changes: a release is built from a commit, so that others can build it again"

scripts/wasm-target.sh
scripts/test-servers/zig.sh
zig=$target_folder/test-servers/zig
export ZIG_PYTHON="$zig/bin/python" ZIG_GLOBAL_CACHE_DIR="$zig/cache" ZIG_LOCAL_CACHE_DIR="$zig/cache"

# Paths of this machine must not be in the programs, and neither may what was built before influence them.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
remap="--remap-path-prefix"
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\037%s\037%s' "$remap=$PWD=/albatross" "$remap=$target_folder=/target" \
    "$remap=$cargo_home=/cargo")
export CARGO_ENCODED_RUSTFLAGS CARGO_INCREMENTAL=0

# Builds the program for a target. The linker is Rust's own; the C library comes with the target.
build() {
    rustup target list --installed | grep -qx "$1" || rustup target add "$1"
    small=$(echo "$1" | tr - _)
    large=$(echo "$small" | tr '[:lower:]' '[:upper:]')
    env "CC_$small=$PWD/scripts/release/zig-cc" "AR_$small=$PWD/scripts/release/zig-ar" \
        "CFLAGS_$small=-ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$target_folder=/target" \
        "CARGO_TARGET_${large}_LINKER=rust-lld" \
        cargo build --locked --profile dist --package albatross --target "$1" --features albatross-compiled/cross-compile
}

set --
for platform in $platforms; do
    case $platform in
    amd64) target=x86_64-unknown-linux-musl ;;
    arm64) target=aarch64-unknown-linux-musl ;;
    esac
    build "$target"
    set -- "$@" --program "$platform=$target_folder/$target/dist/albatross"
done
licenses=$(rustc --print sysroot)/share/doc/rust
"$ZIG_PYTHON" scripts/release/package.py --to "$folder" "$@" \
    --revision "$(git rev-parse HEAD)" --time "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" \
    --license "rust-standard-library.html=$licenses/COPYRIGHT-library.html" \
    --license "musl.txt=$("$ZIG_PYTHON" -c 'import os, ziglang; print(os.path.dirname(ziglang.__file__))')/lib/libc/musl/COPYRIGHT"
cat "$folder/SHA256SUMS"
