"""Archives that have the same bytes wherever they are made: sorted names, one time, owned by root."""

import io
import posixpath
import tarfile
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file of an archive."""

    path: str
    content: bytes
    mode: int = 0o644


def tar(files, time):
    """A tar archive of these files and of the folders that they are in."""
    folders = {parent for file in files for parent in _parents(file.path)}
    entries = [(folder, None) for folder in folders] + [(file.path, file) for file in files]
    buffer = io.BytesIO()
    # The oldest format that all programs read; it has no fields for what differs between machines.
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, file in sorted(entries, key=lambda entry: entry[0]):
            member = tarfile.TarInfo(path)
            member.mtime = time
            if file is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
            else:
                member.size, member.mode = len(file.content), file.mode
                archive.addfile(member, io.BytesIO(file.content))
    return buffer.getvalue()


def gzip(content, level):
    """The content, compressed. Unlike gzip, writes neither a time nor a name."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


def _parents(path):
    parent = posixpath.dirname(path)
    while parent:
        yield parent
        parent = posixpath.dirname(parent)
