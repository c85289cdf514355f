#!/bin/sh
# Provides promtool for the tests of the alerts and of the dashboard. The module is that of Helm: both are built from the same versions
# of the clients of Kubernetes, so that the build of promtool takes one minute after that of Helm, instead of more than three. Without
# the tag, promtool contains the service discovery of every cloud.
exec "$(dirname "$0")/go-program.sh" helm promtool github.com/prometheus/prometheus/cmd/promtool -tags remove_all_sd -ldflags '-s -w'
