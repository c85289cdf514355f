#!/bin/sh
# Installs the WebAssembly target unless rustup has already done so. If automatic installation is disabled, rustup does not
# install the targets listed in rust-toolchain.toml.
set -eu
cd "$(dirname "$0")/.."
if ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then
    rustup target add wasm32-unknown-unknown
fi
