#!/bin/sh
# Writes the settings into the schema of the chart's values. Reads the schema of the settings from standard input:
#   target/debug/albatross schema settings | scripts/chart-schema.sh
# Helm's regular expressions have no look-ahead, so the length says that a text must not be empty. Needs jq.
set -eu
cd "$(dirname "$0")/.."
schema=deploy/chart/values.schema.json
jq --slurpfile values "$schema" '
    (."$defs" | walk(
        if type == "object" and (.pattern | type) == "string" and (.pattern | startswith("^(?=.)"))
        then .pattern |= "^" + .[6:] | .minLength = 1
        else . end)) as $settings
    | $values[0] + { "$defs": $settings }' >"$schema.new"
mv "$schema.new" "$schema"
