#!/bin/sh
# Writes the settings into the schema of the chart's values. Reads the schema of the settings from standard input:
#   target/debug/albatross schema settings | scripts/chart-schema.sh
# Needs Python: jq would round the largest numbers.
set -eu
cd "$(dirname "$0")/.."
exec python3 -c '
import json, sys

def without_look_ahead(node):
    """The regular expressions of Helm have no look-ahead, so the length says that a text must not be empty."""
    if isinstance(node, dict):
        pattern = node.get("pattern")
        if isinstance(pattern, str) and pattern.startswith("^(?=.)"):
            node["pattern"], node["minLength"] = "^" + pattern[6:], 1
        node = node.values()
    if not isinstance(node, str):
        for item in node if hasattr(node, "__iter__") else ():
            without_look_ahead(item)

path = "deploy/chart/values.schema.json"
with open(path, encoding="utf-8") as file:
    values = json.load(file)
values["$defs"] = json.load(sys.stdin)["$defs"]
without_look_ahead(values["$defs"])
with open(path, "w", encoding="utf-8") as file:
    json.dump(values, file, indent=2)
    file.write("\n")
'
