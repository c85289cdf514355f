"""The licences of everything that is linked into the program, which must accompany it."""

import re

# The names that packages give to files with their licence and copyright.
NAMES = re.compile(r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|UNLICENSE)([-._].*)?", re.IGNORECASE)
RULE = "=" * 100

HEAD = """\
These packages are linked into Albatross, each under the licence that stands beside it. The texts that the packages come with
follow the list, each text once.
"""


def text(linked):
    """One document with the licences of all packages, in which each text occurs once."""
    users = {}
    lines = [HEAD]
    for _, package in sorted(linked.packages.items()):
        name = f"{package.name} {package.version}"
        texts = sorted(path for path in package.folder.iterdir() if path.is_file() and NAMES.fullmatch(path.name))
        lines.append(f"{name}: {package.license}")
        for path in texts:
            content = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip("\n")
            users.setdefault(content, []).append(f"{name} ({path.name})")
    for content, packages in users.items():
        lines += ["", RULE, *packages, RULE, "", content]
    return ("\n".join(lines) + "\n").encode()
