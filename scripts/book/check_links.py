"""Fails if a link within the built book leads to a page, a file or an anchor that does not exist: mdBook does not look."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)


def main() -> None:
    root = Path(sys.argv[1]).resolve()
    # The page for missing pages has links for a site at the root of its host.
    paths = [path for path in root.rglob("*.html") if path.name not in ("404.html", "toc.html")]
    pages = {path: Page(path) for path in paths if "files" not in path.relative_to(root).parts}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            fragment = unquote(parts.fragment)
            if not to.is_file():
                broken.append(f"{path.relative_to(root)}: {link}: no such page or file")
            elif fragment and to in pages and fragment not in pages[to].anchors:
                broken.append(f"{path.relative_to(root)}: {link}: {to.relative_to(root)} has no such anchor")
    if broken:
        raise SystemExit("\n".join(sorted(broken)))
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links: all lead somewhere")


if __name__ == "__main__":
    main()
