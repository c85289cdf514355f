#!/bin/sh
# Installs zig, whose C compiler builds the policy in C.
exec "$(dirname "$0")/python-environment.sh" zig ziglang
