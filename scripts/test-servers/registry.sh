#!/bin/sh
# Provides an OCI registry for the tests. The build takes two minutes.
exec "$(dirname "$0")/go-program.sh" registry registry github.com/distribution/distribution/v3/cmd/registry -ldflags '-s -w'
