#!/bin/sh
# Creates a Python environment with the packages of NAME/requirements.txt, from which MODULE is imported. The environment stays
# in cargo's target directory until the requirements change. moto.sh and zig.sh call this script.
set -eu
cd "$(dirname "$0")/../.."
name=$1 module=$2
requirements=scripts/test-servers/$name/requirements.txt
environment=${CARGO_TARGET_DIR:-target}/test-servers/$name

if cmp -s "$requirements" "$environment/requirements.txt" && "$environment/bin/python" -c "import $module" 2>/dev/null; then
    exit 0
fi
again="then run scripts/test-servers/$name.sh again"
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "$name needs python3 of version 3.11 or newer: install it, $again" >&2
    exit 1
fi
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "python3 lacks the module venv: install it (on Debian and Ubuntu, the package python3-venv), $again" >&2
    exit 1
fi
echo "installing $name into $environment" >&2
rm -rf "$environment"
python3 -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
# Last, so that an interrupted installation is not mistaken for a complete one.
cp "$requirements" "$environment/requirements.txt"
