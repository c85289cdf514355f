#!/bin/sh
# Checks that the program of the quickstart, without the feature `live`, depends on neither the AWS SDK nor the Kubernetes
# client: both would make its first build a long one.
set -eu
cd "$(dirname "$0")/.."
tree=$(cargo tree --locked --package albatross --no-default-features --edges normal,build --prefix none)
found=$(printf '%s\n' "$tree" | grep -E '^(aws-sdk-|aws-config|kube|k8s-openapi|albatross-aws|albatross-cluster)' | sort --unique || true)
if [ -n "$found" ]; then
    printf 'the program without the feature live depends on:\n%s\n' "$found"
    exit 1
fi
