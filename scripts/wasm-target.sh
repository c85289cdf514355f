#!/bin/sh
# Adds the standard library for guests where rustup has not done it: with automatic installation switched off, the
# targets in rust-toolchain.toml are only named, not fetched. Takes seconds, and nothing the second time.
set -eu
cd "$(dirname "$0")/.."
if ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then
    rustup target add wasm32-unknown-unknown
fi
