"""Print lessons of the built site through Chromium: `python tools/site_print.py [11 ...]` makes build/print/11.pdf."""

import sys
import time
from html import escape
from pathlib import Path
from typing import Any

from house import HERE, House, LessonError
from site_sources import Lesson, lessons
from site_view import chromium, lacking, open_page, served

LINE = '<div style="font: 7pt sans-serif; color: #444; width: 100%; margin: 0 15mm; display: flex; '
LINE += 'justify-content: space-between"><span>{left}</span><span>{right}</span></div>'
PAGES = 'page <span class="pageNumber"></span> of <span class="totalPages"></span>'


def to_pdf(page: Any, title: str, target: Path) -> None:
    """Put an open page on A4, with its title above and the page's number below."""
    target.parent.mkdir(parents=True, exist_ok=True)
    page.emulate_media(media="print")
    page.pdf(
        path=target,
        format="A4",
        margin={"top": "17mm", "bottom": "17mm", "left": "15mm", "right": "15mm"},
        print_background=True,
        display_header_footer=True,
        header_template=LINE.format(left="A Physics Lens on Deep Learning", right=escape(title)),
        footer_template=LINE.format(left="Text and figures: CC BY 4.0", right=PAGES),
        tagged=True,
        outline=True,
    )


def wanted(house: House, names: list[str]) -> list[Lesson]:
    """The lessons asked for by number; all of them if none is named."""
    found = lessons(house)
    if unknown := set(names) - {one.course["lesson"] for one in found}:
        raise LessonError(f"there is no lesson {', '.join(sorted(unknown))}")
    return [one for one in found if not names or one.course["lesson"] in names]


def printed(house: House, site: Path, target: Path, names: list[str]) -> list[Path]:
    """Print lessons of a built site into a folder; the files."""
    if not (site / "index.html").exists():
        raise LessonError(f"there is no site in {site}; run: make site")
    if lack := lacking():
        raise LessonError(f"Pages are printed through a browser, and there is no {lack} here.")
    made = []
    with served(site) as address, chromium() as browser:
        context = browser.new_context(viewport={"width": 794, "height": 1123}, color_scheme="light")
        for lesson in wanted(house, names):
            made.append(target / f"{lesson.course['lesson']}.pdf")
            page = open_page(context, f"{address}{lesson.page}.html")
            to_pdf(page, lesson.name, made[-1])
            page.close()
    return made


if __name__ == "__main__":
    start = time.monotonic()
    build = HERE.root / "build"
    try:
        files = printed(HERE, build / "site", build / "print", sys.argv[1:])
    except LessonError as problem:
        sys.exit(str(problem))
    for file in files:
        print(f"{file.relative_to(HERE.root)}  {file.stat().st_size / 1e6:.1f} MB")
    print(f"{len(files)} lessons printed in {time.monotonic() - start:.0f} s")
