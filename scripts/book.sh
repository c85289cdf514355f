#!/bin/sh
# Builds the documentation site from docs/book, README.md, deploy and the program into target/book/html, runs the examples of its
# pages, and checks its links. Needs the program with all commands (`cargo build --locked`); ALBATROSS names another one. mdBook is
# built from its crate into target/book once, which takes a minute of processor time.
set -eu
cd "$(dirname "$0")/.."
version=0.5.4
target=${CARGO_TARGET_DIR:-target}
ALBATROSS=${ALBATROSS:-$target/debug/albatross}
if ! [ -x "$ALBATROSS" ]; then
    echo "the book shows what the program says, but there is no $ALBATROSS: run cargo build --locked, or set ALBATROSS" >&2
    exit 1
fi
# Absolute, since examples run in another folder.
ALBATROSS=$(cd "$(dirname "$ALBATROSS")" && pwd)/$(basename "$ALBATROSS")
export ALBATROSS
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "the book needs python3 of version 3.11 or newer: install it" >&2
    exit 1
fi
mkdir -p "$target/book"
book=$(cd "$target/book" && pwd)
if [ "$("$book/bin/mdbook" --version 2>/dev/null)" != "mdbook v$version" ]; then
    echo "building mdBook $version into $book" >&2
    # Without its server and without optimisation: both would take longer to compile than the book ever takes to build.
    CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$book/build cargo install --quiet --locked --force --debug \
        --root "$book" mdbook --version "$version" --no-default-features --features search
    rm -rf "$book/build"
fi

# Pages that are gone must not stay.
rm -rf "$book/source"
mkdir -p "$book/source"
cp docs/book/book.toml docs/book/wide.css "$book/source"
python3 scripts/book/assemble.py "$book/source/pages"
python3 scripts/book/examples.py docs/book/src "$book/source/pages"
"$book/bin/mdbook" build --dest-dir "$book/html" "$book/source"
python3 scripts/book/check_links.py "$book/html"
echo "$book/html/index.html"
