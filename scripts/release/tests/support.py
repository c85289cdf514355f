"""Releases made of the program that the other tests run."""

import os
import platform
import struct
import subprocess
import sys
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


def stripped(folder):
    """The program without debug information, as in a release."""
    path = folder / "program"
    subprocess.run(["strip", "-o", path, PROGRAM], check=True)
    return path


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
