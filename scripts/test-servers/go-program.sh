#!/bin/sh
# go-program.sh MODULE PROGRAM PACKAGE [FLAG…]: builds PROGRAM from a PACKAGE of the Go module in MODULE/go.mod, with further flags of
# `go build`. The program stays in cargo's target directory until the versions of the module change. The scripts of the programs call
# this script. OTHERWISE: what else to do where Go is missing.
set -eu
cd "$(dirname "$0")/../.."
module=$1 program=$2 package=$3
shift 3
mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
bin=$(cd "${CARGO_TARGET_DIR:-target}/test-servers/bin" && pwd)
cd "scripts/test-servers/$module"
if [ -x "$bin/$program" ] && cmp -s go.sum "$bin/$program.go.sum"; then
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "building $program needs Go, but go is not installed: install Go 1.26 or newer${OTHERWISE:+, or $OTHERWISE}" >&2
    exit 1
fi
echo "building $program into $bin" >&2
go build -trimpath "$@" -o "$bin/$program" "$package"
# Last, so that an interrupted build is not mistaken for a complete one.
cp go.sum "$bin/$program.go.sum"
