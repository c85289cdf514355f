"""Runs the examples of the book's own pages, and fails if a page shows something that the program does not print.

A block of YAML that begins with a comment such as `# scheme.yaml` is a file, and so is a block of JSON below a line such as
`` `route.json`: ``. A block `console` whose first line begins with `$ albatross`, `$ helm` or `$ jq` is a command, in a folder with the
files of this page so far, with the inventory and the settings of the quickstart as `account.json` and `settings.json`, and with the
folder `deploy`. Each line of output that the block shows must be in what the program prints, in this order; a line `…` stands for
lines that are left out, and without it none may be between two shown ones.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import markdown

ROOT = Path(__file__).resolve().parents[2]
# The pages with the tables of annotations: the heading above the table, and what the names in its first column lack.
TABLES = (
    ("proxy/annotations.md", "annotations", ""),
    ("route/annotations.md", "supported-annotations", "alb.ingress.kubernetes.io/"),
)
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
PROGRAMS = {
    "albatross": os.environ.get("ALBATROSS", str(TARGET / "debug/albatross")),
    # The one that scripts/test-servers/helm.sh has built, where there is none in PATH.
    "helm": shutil.which("helm") or shutil.which(str(TARGET / "test-servers/bin/helm")),
    "jq": shutil.which("jq"),
}
BLOCK = re.compile(r"^(?:`([\w.-]+)`:\n\n)?```(yaml|json|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
YAML_NAME = re.compile(r"# ([\w.-]+\.yaml)\n")


def shown(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def differs(expected: list[str], actual: list[str]) -> str | None:
    """The first expected line that is not where it should be."""
    at, anywhere = 0, True
    for line in expected:
        if line.strip() == "…":
            anywhere = True
            continue
        places = range(at, len(actual)) if anywhere else range(at, min(at + 1, len(actual)))
        found = next((place for place in places if actual[place] == line), None)
        if found is None:
            return line
        at, anywhere = found + 1, False
    return None


def run(page: Path, block: str, folder: str) -> str | None:
    """Runs the command of a block. What is wrong, if something is."""
    command, _, expected = block.replace("\\\n", "").partition("\n")
    name, *arguments = shlex.split(command.removeprefix("$ "))
    program = PROGRAMS[name]
    if program is None:
        return f"{page}: {command}\nneeds {name}, which is not installed"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "KUBE", "ALBATROSS_"))}
    answer = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    missing = differs(shown(expected), shown(answer.stdout + answer.stderr))
    if missing is None:
        return None
    return f"{page}: {command}\nshould print at this place:\n{missing}\nbut prints:\n{answer.stdout}{answer.stderr}"


def documented(assembled: Path) -> list[str]:
    """The annotations in the tables of the book, those of a family such as `actions.NAME` without its end."""
    names = []
    for name, heading, prefix in TABLES:
        page = markdown.parse(name, (assembled / name).read_text())
        first, end = markdown.section(page, heading)
        for line in page.lines[first.line : end]:
            if line.startswith("| `"):
                names += [prefix + re.sub("[A-Z].*", "", name) for name in re.findall("`([^`]+)`", line.split("|")[1])]
    if len(names) < 40:
        raise SystemExit(f"the tables of the book have only {len(names)} annotations: has their form changed?")
    return names


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """The blocks of code of a page: the name of the file that each is, if it is one, its language and its text."""
    found = []
    for name, language, text in BLOCK.findall(page.read_text()):
        if language == "yaml" and (named := YAML_NAME.match(text)):
            name = named[1]
        found.append((name, language, text))
    return found


def examples_of(page: Path) -> list[str | None]:
    """What is wrong with each example of a page, or nothing."""
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for name, source in (("account.json", "cloud.json"), ("settings.json", "settings.json")):
            Path(folder, name).write_bytes((ROOT / "examples/quickstart" / source).read_bytes())
        Path(folder, "deploy").symlink_to(ROOT / "deploy")
        for name, language, text in blocks(page):
            if language == "console" and text.removeprefix("$ ").split(" ")[0] in PROGRAMS:
                answers.append(run(page, text, folder))
            elif name:
                Path(folder, name).write_text(text)
    return answers


def without_example(pages: list[Path], assembled: Path) -> list[str]:
    """The annotations that no example has."""
    manifests = "".join(text for page in pages for _, language, text in blocks(page) if language == "yaml")
    return [name for name in documented(assembled) if f"    {name}" not in manifests]


def main() -> None:
    pages = sorted(Path(sys.argv[1]).rglob("*.md"))
    answers = [answer for page in pages for answer in examples_of(page)]
    wrong = [answer for answer in answers if answer]
    wrong += [f"no page has an example with the annotation {name}: add one" for name in without_example(pages, Path(sys.argv[2]))]
    if wrong:
        raise SystemExit("\n".join(wrong))
    if not answers:
        raise SystemExit("the pages have no example: has the form of the blocks changed?")
    print(f"{len(answers)} examples: they print what the pages show")


if __name__ == "__main__":
    main()
