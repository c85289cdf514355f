"""The packages that are linked into the program, from cargo."""

import json
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = "albatross"
# The planner is built separately, as a WebAssembly component, and embedded into the program.
PLANNER, PLANNER_TARGET = "albatross-planner", "wasm32-unknown-unknown"


@dataclass(frozen=True)
class Package:
    """A package of a registry."""

    name: str
    version: str
    license: str
    repository: str | None
    checksum: str
    folder: Path

    @property
    def purl(self):
        """Its name for tools that look for known vulnerabilities."""
        return f"pkg:cargo/{self.name}@{self.version}"


@dataclass(frozen=True)
class Linked:
    """All linked packages by (name, version). The program's own packages count as one, None."""

    packages: dict
    edges: dict


class Workspace:
    """What cargo says about the packages of the workspace and their dependencies."""

    def __init__(self):
        metadata = json.loads(_cargo("metadata", "--format-version", "1"))
        self._known = {(it["name"], it["version"]): it for it in metadata["packages"]}
        with open(REPOSITORY / "Cargo.lock", "rb") as file:
            locked = tomllib.load(file)["package"]
        self._checksums = {(it["name"], it["version"]): it.get("checksum") for it in locked}

    def one(self, name):
        """The manifest of a package of which there is one version."""
        (found,) = [it for (known, _), it in self._known.items() if known == name]
        return found

    def linked(self, target):
        """What is linked into the program for a target. Build scripts and procedural macros are not."""
        edges = {}
        for package, built_for in [(PROGRAM, target), (PLANNER, PLANNER_TARGET)]:
            for parent, child in self._tree(package, built_for):
                parent, child = self._merged(parent), self._merged(child)
                edges.setdefault(parent, set())
                edges.setdefault(child, set())
                if parent != child:
                    edges[parent].add(child)
        return Linked({key: self._package(key) for key in edges if key}, edges)

    def _tree(self, package, target):
        """The pairs of packages of which one depends on the other."""
        output = _cargo("tree", "--package", package, "--target", target, "--edges", "normal,no-proc-macro",
                        "--prefix", "depth", "--format", "|{p}")
        above = []
        for line in output.splitlines():
            depth, _, package = line.partition("|")
            name, version = package.split()[:2]
            above[int(depth):] = [(name, version.removeprefix("v"))]
            if len(above) > 1:
                yield above[-2], above[-1]

    def _merged(self, key):
        return key if self._known[key]["source"] else None

    def _package(self, key):
        known = self._known[key]
        if not known["license"]:
            raise SystemExit(f"the package {key[0]} {key[1]} names no licence in its Cargo.toml")
        return Package(
            *key,
            # Old packages write a slash.
            license=" ".join(known["license"].replace("/", " OR ").split()),
            repository=known["repository"],
            checksum=self._checksums[key],
            folder=Path(known["manifest_path"]).parent,
        )


def _cargo(command, *arguments):
    return subprocess.run(["cargo", command, "--locked", *arguments], cwd=REPOSITORY, check=True,
                          stdout=subprocess.PIPE, text=True).stdout
