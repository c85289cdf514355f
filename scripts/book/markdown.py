"""Markdown as far as the book needs it: headings with their anchors, and lines that are code."""

import re
from dataclasses import dataclass, field

HEADING = re.compile(r"(#{1,6}) +(.*?) *$")


@dataclass
class Heading:
    level: int
    text: str
    anchor: str
    line: int


@dataclass
class Document:
    """A file of the repository, by its path there."""

    path: str
    lines: list[str]
    headings: list[Heading] = field(default_factory=list)


def anchor(text: str) -> str:
    """The anchor of a heading, as GitHub, GitLab and mdBook make it."""
    text = re.sub(r"\]\([^)]*\)", "]", text)
    kept = (letter for letter in text.strip().lower() if letter.isalnum() or letter in "-_ ")
    return "".join(kept).replace(" ", "-")


def code_lines(lines: list[str]) -> list[bool]:
    """For each line, whether it belongs to a fenced block of code."""
    fence = None
    answer = []
    for line in lines:
        marks = re.match(r" *(`{3,}|~{3,})", line)
        if fence is None and marks:
            fence = marks[1]
            answer.append(True)
        elif fence is not None:
            answer.append(True)
            if marks and marks[1].startswith(fence) and line.strip() == marks[1]:
                fence = None
        else:
            answer.append(False)
    return answer


def parse(path: str, text: str) -> Document:
    document = Document(path, text.splitlines())
    for number, (line, code) in enumerate(zip(document.lines, code_lines(document.lines))):
        if not code and (match := HEADING.match(line)):
            document.headings.append(Heading(len(match[1]), match[2], anchor(match[2]), number))
    return document


def section(document: Document, wanted: str | None) -> tuple[Heading, int]:
    """The heading with this anchor (none: the title) and the number of the line after its section."""
    for index, heading in enumerate(document.headings):
        if wanted is None or heading.anchor == wanted:
            after = (other.line for other in document.headings[index + 1 :] if other.level <= heading.level)
            return heading, next(after, len(document.lines))
    raise SystemExit(f"{document.path} has no heading with the anchor #{wanted}: correct the text that names it")
