"""The arguments of package.py."""

import argparse
from pathlib import Path

from release import Release

TARGETS = {"amd64": "x86_64-unknown-linux-musl", "arm64": "aarch64-unknown-linux-musl"}


def parse():
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(description="Makes a release of programs that are already built.")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="folder to create")
    parser.add_argument("--program", dest="programs", type=_program, action="append", required=True,
                        metavar="PLATFORM=FILE", help="program for amd64 or arm64; one of them must run on this machine")
    parser.add_argument("--license", dest="licenses", type=_named, action="append", default=[], metavar="NAME=FILE",
                        help="another licence to include, such as that of the C library")
    parser.add_argument("--revision", required=True, metavar="COMMIT", help="commit that the programs were built from")
    parser.add_argument("--time", type=int, required=True, metavar="SECONDS", help="time of the commit")
    parser.add_argument("--compression", type=int, choices=range(10), default=Release.compression, metavar="LEVEL",
                        help="level of gzip, 0 to 9")
    parser.add_argument("--allow-dynamic", action="store_true",
                        help="accept programs that need a dynamic loader, which the image does not have; for tests")
    options = parser.parse_args()
    options.programs = dict(options.programs)
    return options


def _named(argument):
    name, _, path = argument.partition("=")
    if not (name and path):
        raise argparse.ArgumentTypeError(f"{argument!r} is not of the form NAME=FILE")
    return name, Path(path).absolute()


def _program(argument):
    architecture, path = _named(argument)
    if architecture not in TARGETS:
        raise argparse.ArgumentTypeError(f"{architecture!r} is not a platform of a release: {' or '.join(TARGETS)}")
    return architecture, path
