"""Puts the pages of the book together in a folder that mdBook reads.

A page in `docs/book/src` is Markdown with a few lines that stand for text of elsewhere:

    ## {{#text README.md#annotations}}    the section of a file, with its heading as one of this level, and without those of its
                                          subsections that have a place of their own in the book. Without an anchor: the whole file
    {{#file deploy/chart/values.yaml}}    a file as a block of code
    {{#help}}                             all commands with their flags, as the program says them
    {{#settings}}                         all settings, from the schema that the program prints
    {{#reasons}}                          all reasons, from the contract, with the headings of the pages that explain them

Links are relative to the file that they stand in, as on a page of the repository. A link to a text that is in the book leads
there; a link to any other file leads to a copy of the file.
"""

import os
import re
import sys
from pathlib import Path

import generated
import links
import markdown

ROOT = Path(__file__).resolve().parents[2]
PAGES = "docs/book/src"
TEXT = re.compile(r"(#+) \{\{#text ([^}#]+?)(?:#([^}]+))?\}\}$")
# What is said about the book itself.
LEFT_OUT = ("README.md", "documentation")
FILE = re.compile(r"\{\{#file ([^}]+)\}\}$")


class Book:
    def __init__(self) -> None:
        paths = sorted((ROOT / PAGES).rglob("*.md"))
        self.pages = {str(path.relative_to(ROOT)): path.read_text() for path in paths}
        self.documents: dict[str, markdown.Document] = {}
        # For each section that a page takes by name, that page.
        self.taken: dict[tuple[str, str], str | None] = {LEFT_OUT: None}
        for page, text in self.pages.items():
            for line in text.splitlines():
                if match := TEXT.match(line):
                    self.take(page, match[2], match[3])
        summary = self.pages[f"{PAGES}/SUMMARY.md"]
        for page in self.pages:
            if not page.endswith("SUMMARY.md") and f"({page.removeprefix(PAGES + '/')})" not in summary:
                raise SystemExit(f"{page} is not in {PAGES}/SUMMARY.md, so nobody would find it: add it there")
        self.targets = links.targets(self)
        # Files that are no pages, to which pages link.
        self.files: set[str] = set()

    def document(self, path: str) -> markdown.Document:
        if path not in self.documents:
            if not (ROOT / path).is_file():
                raise SystemExit(f"{path} does not exist, but a page of the book takes its text: correct the page")
            self.documents[path] = markdown.parse(path, (ROOT / path).read_text())
        return self.documents[path]

    def take(self, page: str, path: str, wanted: str | None) -> None:
        heading, _ = markdown.section(self.document(path), wanted)
        if other := self.taken.get((path, heading.anchor)):
            raise SystemExit(f"{path}#{heading.anchor} is in two pages, {other} and {page}: each text has one place")
        self.taken[path, heading.anchor] = page

    def own_lines(self, path: str, wanted: str | None) -> list[int]:
        """The numbers of the lines of a section, without those of subsections that are taken by name."""
        document = self.document(path)
        heading, end = markdown.section(document, wanted)
        left_out: set[int] = set()
        for other in document.headings:
            if heading.line < other.line < end and (path, other.anchor) in self.taken:
                left_out.update(range(other.line, markdown.section(document, other.anchor)[1]))
        return [number for number in range(heading.line, end) if number not in left_out]

    def text(self, page: str, level: int, path: str, wanted: str | None) -> str:
        document = self.document(path)
        heading, _ = markdown.section(document, wanted)
        levels = {other.line: other.level for other in document.headings}
        lines = []
        for number in self.own_lines(path, wanted):
            line = document.lines[number]
            if number in levels:
                line = "#" * min(6, levels[number] - heading.level + level) + line[levels[number] :]
            lines.append(line)
        return links.rewrite(self, page, path, "\n".join(lines).rstrip())

    def page(self, page: str) -> str:
        parts = []
        own: list[str] = []

        def close() -> None:
            parts.append(links.rewrite(self, page, page, "\n".join(own)))
            own.clear()

        for line in self.pages[page].splitlines():
            if match := TEXT.match(line):
                close()
                parts.append(self.text(page, len(match[1]), match[2], match[3]))
            elif match := FILE.match(line):
                close()
                parts.append(generated.file(ROOT / match[1]))
            elif make := generated.MAKERS.get(line.strip()):
                close()
                parts.append(make(self))
            else:
                own.append(line)
        close()
        return "\n".join(parts).rstrip() + "\n"


def main() -> None:
    out = Path(sys.argv[1]).resolve()
    os.chdir(ROOT)
    book = Book()
    for page in book.pages:
        to = out / Path(page).relative_to(PAGES)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(book.page(page))
    links.copy_files(book, ROOT, out)


if __name__ == "__main__":
    main()
