#!/bin/sh
# Creates the Python environment with zig, whose C compiler builds the policy in C. The environment stays in cargo's target
# directory until zig/requirements.txt changes.
set -eu
cd "$(dirname "$0")/../.."
requirements=scripts/test-servers/zig/requirements.txt
environment=${CARGO_TARGET_DIR:-target}/test-servers/zig

if cmp -s "$requirements" "$environment/requirements.txt" && "$environment/bin/python" -c 'import ziglang' 2>/dev/null; then
    exit 0
fi
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "python3 lacks the module venv: install it (on Debian and Ubuntu, the package python3-venv), then run $0 again" >&2
    exit 1
fi
echo "installing zig into $environment" >&2
rm -rf "$environment"
python3 -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
# Last, so that an interrupted installation is not mistaken for a complete one.
cp "$requirements" "$environment/requirements.txt"
