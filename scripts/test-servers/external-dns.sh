#!/bin/sh
# Provides external-dns for `make soak`. The build takes four minutes.
exec "$(dirname "$0")/go-program.sh" external-dns external-dns sigs.k8s.io/external-dns -ldflags '-s -w'
