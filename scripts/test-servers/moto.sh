#!/bin/sh
# Creates the Python environment with moto, which the tests start as AWS. This takes a few minutes. The environment stays in
# cargo's target directory until moto/requirements.txt changes.
set -eu
cd "$(dirname "$0")/../.."
requirements=scripts/test-servers/moto/requirements.txt
environment=${CARGO_TARGET_DIR:-target}/test-servers/moto

if cmp -s "$requirements" "$environment/requirements.txt" && "$environment/bin/python" -c '' 2>/dev/null; then
    exit 0
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "moto needs python3 of version 3.11 or newer: install it, then run $0 again" >&2
    exit 1
fi
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "python3 lacks the module venv: install it (on Debian and Ubuntu, the package python3-venv), then run $0 again" >&2
    exit 1
fi
echo "installing moto into $environment" >&2
rm -rf "$environment"
python3 -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
# Last, so that an interrupted installation is not mistaken for a complete one.
cp "$requirements" "$environment/requirements.txt"
