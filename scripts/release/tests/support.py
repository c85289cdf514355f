"""Releases made of the program that the other tests run."""

import atexit
import functools
import json
import os
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
TARGET = REPOSITORY / os.environ.get("CARGO_TARGET_DIR", "target")
PACKAGE = REPOSITORY / "scripts/release/package.py"
PROGRAM = Path(os.environ.get("ALBATROSS_PROGRAM", TARGET / "debug/albatross"))
REGISTRY = TARGET / "test-servers/bin/registry"
HERE, ELSEWHERE = ("arm64", "amd64") if platform.machine() == "aarch64" else ("amd64", "arm64")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
TIME = 1_700_000_000
NUMBERS = {"amd64": 62, "arm64": 183}


@dataclass(frozen=True)
class Releases:
    """Two releases of one program, made under different circumstances."""

    version: str
    program: Path
    folder: Path
    first: Path
    second: Path

    def bill(self, architecture):
        """The bill of materials for a platform."""
        return json.loads((self.first / f"albatross-{self.version}-linux-{architecture}.cdx.json").read_text())


@functools.cache
def releases():
    """Makes the two releases."""
    folder = Path(tempfile.mkdtemp(prefix="albatross-release-"))
    atexit.register(shutil.rmtree, folder)
    program, musl = folder / "program", folder / "musl.txt"
    # Without debug information, as in a release.
    subprocess.run(["strip", "-o", program, PROGRAM], check=True)
    musl.write_text("the licence of musl\n")
    first, second = folder / "first", folder / "a folder elsewhere/second"
    second.parent.mkdir()
    programs = [f"--program={HERE}={program}", f"--program={ELSEWHERE}={program_for(ELSEWHERE, folder)}"]
    others = ["--allow-dynamic", "--compression=1", f"--license=musl.txt={musl}"]
    with ThreadPoolExecutor() as both:
        one = both.submit(package, first, *others, *programs, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C")
        two = both.submit(package, second, *others, *reversed(programs), cwd=second.parent, umask=0o077,
                          PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert (one.result(), two.result()) == (None, None), (one.result(), two.result())
    with open(REPOSITORY / "Cargo.toml", "rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]
    return Releases(version, program, folder, first, second)


def program_for(processor, folder, segment=1):
    """A file that begins like a program for a processor, which nobody runs. `segment`: the type of its only segment."""
    path = folder / f"program-{processor}-{segment}"
    identification = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = struct.pack("<HHIQQQIHHHHHH", 2, NUMBERS[processor], 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    path.write_bytes(identification + header + struct.pack("<IIQQQQQQ", segment, 5, 0, 0, 0, 0, 0, 0))
    return path


def package(to, *arguments, cwd=None, umask=0o022, **environment):
    """Runs package.py and returns what it printed to standard error; None if it succeeded."""
    command = [sys.executable, PACKAGE, "--to", to, "--revision", COMMIT, "--time", str(TIME), *arguments]
    done = subprocess.run(command, cwd=cwd, umask=umask, env=os.environ | environment, capture_output=True, text=True)
    return done.stderr if done.returncode else None


def contents(folder):
    """All files of a folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
