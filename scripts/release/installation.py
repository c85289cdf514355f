"""What comes with an installed program and is written by the program itself: completions of shells, and manual pages."""

import subprocess
import tempfile
from pathlib import Path

from archive import File

# Each shell finds its file by this name.
COMPLETIONS = {
    "bash": "albatross.bash",
    "elvish": "albatross.elv",
    "fish": "albatross.fish",
    "powershell": "_albatross.ps1",
    "zsh": "_albatross",
}


def files(program, release):
    """The files that a program for this machine writes."""
    named = _output(program, "--version").decode().strip()
    if named != f"{release.name} {release.version}":
        raise SystemExit(f"{program} is {named}, not {release.name} {release.version}: build it from this commit")
    found = [File(f"completions/{name}", _output(program, "completions", shell)) for shell, name in COMPLETIONS.items()]
    with tempfile.TemporaryDirectory() as folder:
        _output(program, "man", "--to", folder)
        found += [File(f"man/man1/{page.name}", page.read_bytes()) for page in sorted(Path(folder).iterdir())]
    return found


def _output(program, *arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise SystemExit(f"{program} {' '.join(arguments)} failed with code {done.returncode}: {said}")
    return done.stdout
