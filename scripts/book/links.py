"""Links of texts that have another place in the book than in the repository."""

import os.path
import re
import shutil
from pathlib import Path

import markdown

PAGES = "docs/book/src"
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
# A folder has no page of its own: the first of these files that it has says what it is.
IN_FOLDER = ("README.md", "Chart.yaml", "worlds.wit", "src/lib.rs", "policy.c")


def targets(book) -> dict[tuple[str, str], str]:
    """For each heading of each file whose text is in the book, the page that has it."""
    found: dict[tuple[str, str], str] = {}
    for (path, wanted), page in book.taken.items():
        if page is None:
            continue
        own = set(book.own_lines(path, wanted))
        for heading in book.document(path).headings:
            if heading.line in own:
                found[path, heading.anchor] = page
    for page, text in book.pages.items():
        for heading in markdown.parse(page, text).headings:
            found[page, heading.anchor] = page
    return found


def rewrite(book, page: str, source: str, text: str) -> str:
    """The text of `source` with the links that it needs on `page`."""
    lines = text.split("\n")
    code = markdown.code_lines(lines)
    # A link may go over the end of a line: each run of lines that are no code is searched as one.
    answer: list[str] = []
    run: list[str] = []

    def close() -> None:
        if run:
            answer.append(LINK.sub(replace, "\n".join(run)))
            run.clear()

    def replace(match: re.Match) -> str:
        image, shown, to = match.groups()
        new = target(book, page, source, to)
        return shown if new is None else f"{image}[{shown}]({new})"

    for line, is_code in zip(lines, code):
        if is_code:
            close()
            answer.append(line)
        else:
            run.append(line)
    close()
    return "\n".join(answer)


def target(book, page: str, source: str, to: str) -> str | None:
    """Where a link of `source` leads from `page`. None: to something that the book cannot show."""
    if re.match(r"[a-z]+:", to):
        return to
    name, _, anchor = to.partition("#")
    path = os.path.normpath(os.path.join(os.path.dirname(source), name)) if name else source
    of_book = anchor or title(book, path)
    there = book.targets.get((path, of_book)) if of_book else None
    if there is None and path in book.pages:
        raise SystemExit(f"{page}: {to} leads nowhere: {path} has no such heading")
    if there is not None:
        relative = os.path.relpath(there, os.path.dirname(page))
        return f"#{anchor}" if there == page and anchor else relative + (f"#{anchor}" if anchor else "")
    if path.endswith(".md"):
        if anchor and os.path.isfile(path):
            markdown.section(book.document(path), anchor)
        raise SystemExit(f"{source}: {to} leads to a text that no page of the book has: give it a place in {PAGES}")
    if os.path.isdir(path):
        path = next((f"{path}/{name}" for name in IN_FOLDER if os.path.isfile(f"{path}/{name}")), None)
        return path and target(book, page, ".", path)
    if not os.path.isfile(path):
        raise SystemExit(f"{source}: {to} leads to {path}, which does not exist")
    book.files.add(path)
    return os.path.relpath(f"{PAGES}/files/{path}", os.path.dirname(page))


def title(book, path: str) -> str | None:
    """The anchor of the title of a text that is in the book."""
    if path in book.pages:
        return markdown.parse(path, book.pages[path]).headings[0].anchor
    if path.endswith(".md") and any(path == taken for taken, _ in book.taken):
        return book.document(path).headings[0].anchor
    return None


def copy_files(book, root: Path, out: Path) -> None:
    """Copies of the files that links lead to. mdBook takes them over as they are."""
    for path in sorted(book.files):
        to = out / "files" / path
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, to)
