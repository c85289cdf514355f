"""Pages that are not written by hand, so that they cannot differ from the program, the contract and the files."""

import json
import os
import re
import subprocess
from pathlib import Path

import markdown

PROGRAM = os.environ.get("ALBATROSS", "target/debug/albatross")
SYMPTOMS = "docs/book/src/operating/troubleshooting.md"


def output(*arguments: str) -> str:
    # The width of the help does not depend on the terminal in which the book is built.
    environment = os.environ | {"COLUMNS": "100"}
    answer = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env=environment, check=False)
    if answer.returncode != 0:
        raise SystemExit(f"{PROGRAM} {' '.join(arguments)} failed: {answer.stderr.strip()}")
    return answer.stdout


def commands(path: tuple[str, ...]) -> list[str]:
    """The subcommands of a command, in the order of its help."""
    within = re.search(r"^Commands:\n((?: .*\n|\n(?= ))*)", output(*path, "--help"), re.MULTILINE)
    names = re.findall(r"^  ([a-z-]+)(?:  |$)", within[1], re.MULTILINE) if within else []
    return [name for name in names if name != "help"]


def help_of_commands(_book) -> str:
    parts = []

    def add(path: tuple[str, ...]) -> None:
        name = " ".join(("albatross", *path))
        parts.append(f"{'#' * min(4, len(path) + 1)} {name}\n\n```text\n{output(*path, '--help').rstrip()}\n```\n")
        for command in commands(path):
            add((*path, command))

    every = commands(())
    if "run" not in every:
        raise SystemExit(f"{PROGRAM} lacks the commands for a cluster: build it with `cargo build --locked`")
    for command in every:
        add((command,))
    return "\n".join(parts)


def settings(_book) -> str:
    schema = json.loads(output("schema", "settings"))
    definitions = schema["$defs"]
    rows = ["| setting | what it is | values |", "|---|---|---|"]

    def resolved(of: dict) -> dict:
        """What a reference or `… or null` stands for."""
        if "anyOf" in of and any(one.get("type") == "null" for one in of["anyOf"]):
            of = next(one for one in of["anyOf"] if one.get("type") != "null")
        return definitions[of["$ref"].split("/")[-1]] if "$ref" in of else of

    def values(of: dict) -> str:
        of = resolved(of)
        if "enum" in of:
            return ", ".join(f"`{value}`" for value in of["enum"])
        if of.get("type") == "array":
            items = resolved(of["items"])
            of_items = {"string": "texts", "object": "objects with the fields below"}
            return "list of " + of_items.get(items.get("type"), values(items))
        if "anyOf" in of:
            return "a number of seconds, or a text such as `1h30m`"
        words = {"boolean": "`true`, `false`", "integer": "a number", "string": "a text", "object": "an object"}
        return words.get(of.get("type"), "")

    def add(of: dict, before: str) -> None:
        for name, value in sorted(of["properties"].items()):
            meaning = (value.get("description") or resolved(value).get("description", "")).replace("|", "\\|")
            rows.append(f"| `{before}{name}` | {meaning} | {values(value)} |")
            inner = resolved(value)
            inner, mark = (resolved(inner["items"]), "[]") if inner.get("type") == "array" else (inner, "")
            if "properties" in inner:
                add(inner, f"{before}{name}{mark}.")

    add(resolved(schema), "")
    return "\n".join(rows) + "\n"


def reasons(book) -> str:
    contract = Path("wit/plan.wit").read_text()
    within = re.search(r"enum diagnostic-code \{(.*?)\n    \}", contract, re.DOTALL)
    if not within:
        raise SystemExit("wit/plan.wit has no enum diagnostic-code any more: correct scripts/book/generated.py")
    found = re.findall(r"((?: +/// .*\n)+) +([a-z-]+),", within[1] + "\n")
    symptoms = book.pages[SYMPTOMS]
    document = markdown.parse(SYMPTOMS, symptoms)
    rows = ["| reason | meaning | see |", "|---|---|---|"]
    for comment, code in found:
        meaning = " ".join(line.strip().removeprefix("/// ") for line in comment.strip().splitlines())
        name = "".join(word.capitalize() for word in code.split("-"))
        mentions = (number for number, line in enumerate(document.lines) if f"`{name}`" in line)
        above = (next(one for one in reversed(document.headings) if one.line <= number) for number in mentions)
        places = {heading.line: heading for heading in above}.values()
        if not places:
            raise SystemExit(f"{SYMPTOMS} does not say what to do about {name}: wit/plan.wit has this reason")
        see = ", ".join(f"[{place.text}](#{place.anchor})" for place in places)
        rows.append(f"| `{name}` | {meaning} | {see} |")
    return "\n".join(rows) + "\n"


def file(path: Path) -> str:
    language = {".yaml": "yaml", ".json": "json", ".wit": "text"}.get(path.suffix, "text")
    return f"````{language}\n{path.read_text().rstrip()}\n````\n"


MAKERS = {"{{#help}}": help_of_commands, "{{#settings}}": settings, "{{#reasons}}": reasons}
