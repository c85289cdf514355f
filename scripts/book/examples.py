"""Runs the examples of the book's own pages, and fails if a page shows something that the program does not print.

A block of YAML or JSON that begins with a comment such as `# scheme.yaml` is a file. A block `console` whose first line is
`$ albatross …` is a command, in a folder with the files of this page so far, and with the inventory and the settings of the
quickstart as `account.json` and `settings.json`. Each line of output that the block shows must be in what the program prints,
in this order; a line `…` stands for lines that are left out, and without it none may be between two shown ones.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ALBATROSS", str(ROOT / "target/debug/albatross"))
BLOCK = re.compile(r"^```(yaml|json|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(?:#|//) ([\w.-]+\.(?:yaml|json))\n")


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
    arguments = shlex.split(command.removeprefix("$ "))[1:]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "KUBE", "ALBATROSS_"))}
    answer = subprocess.run(
        [PROGRAM, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    missing = differs(shown(expected), shown(answer.stdout + answer.stderr))
    if missing is None:
        return None
    return f"{page}: {command}\nshould print at this place:\n{missing}\nbut prints:\n{answer.stdout}{answer.stderr}"


def main() -> None:
    count, wrong = 0, []
    for page in sorted(Path(sys.argv[1]).rglob("*.md")):
        with tempfile.TemporaryDirectory() as folder:
            for name, source in (("account.json", "cloud.json"), ("settings.json", "settings.json")):
                Path(folder, name).write_bytes((ROOT / "examples/quickstart" / source).read_bytes())
            for language, block in BLOCK.findall(page.read_text()):
                if language != "console":
                    if named := NAME.match(block):
                        comment = named.end() if language == "json" else 0
                        Path(folder, named[1]).write_text(block[comment:])
                elif block.startswith("$ albatross "):
                    count += 1
                    wrong.append(run(page, block, folder))
    wrong = [one for one in wrong if one]
    if wrong:
        raise SystemExit("\n".join(wrong))
    if not count:
        raise SystemExit("the pages have no example: has the form of the blocks changed?")
    print(f"{count} examples: the program prints what the pages show")


if __name__ == "__main__":
    main()
