#!/bin/sh
# Installs moto, which the tests start as AWS. This takes a few minutes.
exec "$(dirname "$0")/python-environment.sh" moto moto
