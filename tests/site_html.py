"""The pages of the built site, read for the tests: their links, pictures, headings, and what they load."""

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from conftest import ROOT

SITE = ROOT / "build" / "site"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
}


@dataclass
class Page:
    """What stands on one page."""

    name: str  # its place below the site's folder
    language: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    images: list[dict[str, str]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)  # what a browser fetches to show the page
    identities: set[str] = field(default_factory=set)
    headings: list[tuple[int, str]] = field(default_factory=list)  # of the article
    words: str = ""  # all text of the article
    title: str = ""


class Reader(HTMLParser):
    """Fill a `Page` from its HTML."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.article, self.open_heading, self.in_title = page, False, False, False
        self.text: list[str] = []

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.page.identities.add(given["id"])
        if tag == "html":
            self.page.language = given.get("lang", "")
        elif tag == "meta" and "name" in given:
            self.page.metas[given["name"]] = given.get("content", "")
        elif tag == "a" and "href" in given:
            self.page.links.append(given)
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload", "shortcut icon", "modulepreload"):
            self.page.loaded.append(given["href"])
        elif tag == "article":
            self.article = True
        elif tag == "title":
            self.in_title = True
        elif tag in HEADINGS and self.article:
            self.page.headings.append((HEADINGS.index(tag) + 1, ""))
            self.open_heading = True
        if tag == "img":
            self.page.images.append(given)
        if given.get(LOADED.get(tag, "-")):
            self.page.loaded.append(given[LOADED[tag]])

    def handle_endtag(self, tag):
        if tag == "article":
            self.article = False
        elif tag in HEADINGS:
            self.open_heading = False
        elif (
            tag == "summary" and self.page.images
        ):  # the fold below a picture: "Description", "Description and numbers"
            self.page.images[-1].setdefault("fold", self.text[-1] if self.text else "")
        elif tag == "title":
            self.in_title = False

    def handle_data(self, data):
        if self.in_title:
            self.page.title += data
        if self.article:
            self.text.append(data)
        if self.open_heading:
            level, words = self.page.headings[-1]
            self.page.headings[-1] = (level, words + data)


def read(path: Path, site: Path = SITE) -> Page:
    """Read one page."""
    page = Page(path.relative_to(site).as_posix())
    reader = Reader(page)
    reader.feed(path.read_text(encoding="utf-8"))
    page.words = " ".join(" ".join(reader.text).split())
    return page


@cache
def pages(site: Path = SITE) -> dict[str, Page]:
    """All pages, by their names."""
    found = {path.relative_to(site).as_posix(): read(path, site) for path in sorted(site.rglob("*.html"))}
    return {name: page for name, page in found.items() if not name.startswith("_static/")}


def lost(page: Page, site: Path = SITE) -> list[str]:
    """Links of a page, and things that it loads, that lead nowhere within the site."""
    found = []
    for address in [link["href"] for link in page.links] + page.loaded:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or address.startswith("#pst") or address == "#":
            continue
        whole, anchor = urldefrag(urljoin(page.name, address))
        name = unquote(urlsplit(whole).path) or page.name
        target = pages(site).get(name)
        there = target is not None or (site / name).is_file()
        if not there or (target is not None and anchor and unquote(anchor) not in target.identities):
            found.append(address)
    return found
