"""Makes a release of programs that are already built. scripts/release.sh builds them, and calls this script.

The same programs, sources and commit give the same bytes (with the same release of zlib, which Python uses to compress).
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from dataclasses import replace

import archive
import elf
import installation
import notices
import options
import roots
import sbom
from archive import File
from dependencies import PROGRAM, REPOSITORY, Workspace
from image import Layout
from options import TARGETS
from release import Release

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
LICENSES = ["LICENSE", "LICENSE-APACHE", "LICENSE-MIT"]
DOCUMENTS = ["CHANGELOG.md", "README.md"]
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


def main():
    asked = options.parse()
    if asked.to.exists():
        return f"{asked.to} exists: remove it, or name another folder"
    try:
        _write(asked.to, _release(asked))
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    except subprocess.CalledProcessError as error:
        return f"{' '.join(error.cmd)} failed with code {error.returncode}"
    return None


def _release(asked):
    """All files of a release, by path."""
    programs = {it: _program(it, path, asked) for it, path in sorted(asked.programs.items())}
    workspace = Workspace()
    own = workspace.one(PROGRAM)
    release = Release(own["name"], own["version"], own["license"], own["description"], asked.revision, asked.time,
                      asked.compression)
    base = f"{release.name}-{release.version}"
    licenses = [_of_repository(name) for name in LICENSES]
    licenses += [File(f"licenses/{name}", path.read_bytes()) for name, path in asked.licenses]
    common = [_of_repository(name) for name in DOCUMENTS] + installation.files(_native(asked), release)

    layout = Layout(release)
    certificates = layout.layer([File(CERTIFICATES, roots.bundle(workspace))], "root certificates")
    written = {}
    for architecture, content in programs.items():
        linked = workspace.linked(TARGETS[architecture])
        program = File(release.name, content, 0o755)
        own_licenses = [*licenses, File("licenses/third-party.txt", notices.text(linked))]
        name = f"{base}-linux-{architecture}"
        written[f"{name}.tar.gz"] = _archive(name, [program, *own_licenses, *common], release)
        written[f"{name}.cdx.json"] = sbom.bill(linked, content, release, architecture)
        in_image = [replace(it, path=f"licenses/{it.path.removeprefix('licenses/')}") for it in own_licenses]
        layout.platform(architecture, [certificates, layout.layer([program, *in_image], "program and licences")])
    written[f"{base}-image.digest"] = (layout.finish() + "\n").encode()
    written[f"{base}-image.tar"] = archive.tar(layout.files, release.time)
    written["SHA256SUMS"] = _sums(written)
    # What is in the tar archive: its files are named by their digests.
    return written | {f"{base}-image/{it.path}": it.content for it in layout.files}


def _program(architecture, path, asked):
    """The bytes of a program, which must be what the release says that it is."""
    content = path.read_bytes()
    try:
        processor, static = elf.processor(content), elf.is_static(content)
    except elf.NotElf as error:
        raise SystemExit(f"{path} is not a program for Linux: {error}") from None
    if processor != architecture:
        raise SystemExit(f"{path} is a program for {processor}, not for {architecture}")
    if not (static or asked.allow_dynamic):
        raise SystemExit(f"{path} needs a dynamic loader, which the image does not have: build it for {TARGETS[architecture]}")
    return content


def _native(asked):
    """The program that runs on this machine."""
    machine = MACHINES.get(platform.machine(), platform.machine())
    if machine not in asked.programs:
        raise SystemExit(f"completions and manual pages are written by the program for this machine, which is missing:"
                         f" --program {machine}=FILE")
    return asked.programs[machine]


def _archive(folder, files, release):
    """A compressed archive with everything in one folder."""
    inside = [replace(it, path=f"{folder}/{it.path}") for it in files]
    return archive.gzip(archive.tar(inside, release.time), release.compression)


def _of_repository(name):
    return File(name, (REPOSITORY / name).read_bytes())


def _sums(written):
    return "".join(f"{hashlib.sha256(written[path]).hexdigest()}  {path}\n" for path in sorted(written)).encode()


def _write(folder, written):
    """Writes all files. The folder is complete, or not there."""
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for path, content in written.items():
        file = unfinished / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    unfinished.rename(folder)


if __name__ == "__main__":
    sys.exit(main())
