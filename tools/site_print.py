"""Print from the built site through Chromium, on A4: `python tools/site_print.py [11 ...] [lesson|guesses|notes ...]`.

Of each lesson three things, into build/print/: the lesson (11.pdf), a sheet with the questions that it asks before it
measures (11_guesses.pdf), and the instructor's notes (11_notes.pdf). Where no lesson is named, the teaching guide, too.
"""

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
KINDS = ("lesson", "guesses", "notes")
GUIDE = "teaching"
# Of a lesson's page, leave each question, the paragraph before it, and a line to write on; how many there are.
QUESTIONS = """title => {
    const made = (name, words) => Object.assign(document.createElement(name), {textContent: words});
    const article = document.querySelector('.bd-article'), sheet = document.createElement('ol');
    for (const cell of article.querySelectorAll('.cell')) {
        const [asked, takes] = cell.querySelectorAll('.cell_output > p');
        if (!asked || !takes || !asked.textContent.startsWith('Predict. ')) continue;
        const question = document.createElement('li'), before = cell.previousElementSibling;
        question.style = 'break-inside: avoid; margin-bottom: 2em';
        if (before?.matches('p')) question.append(before.cloneNode(true));
        const answers = takes.textContent.split(' Where no controls appear')[0].replace('Your guess is', 'It is');
        const line = made('p', `${answers} `), blank = made('span', `My guess: ${'_'.repeat(24)}`);
        blank.style.whiteSpace = 'nowrap';
        line.append(blank);
        asked.querySelector('strong').remove();
        asked.style.fontWeight = 'bold';
        question.append(asked, line);
        sheet.append(question);
    }
    const say = 'Write each guess down before you see the figure. A wrong one is worth as much as a right one.';
    article.replaceChildren(made('h1', title), made('p', say), sheet);
    return sheet.children.length;
}"""


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
        raise LessonError(f"there is no lesson {', '.join(sorted(unknown))} (and to print there is {', '.join(KINDS)})")
    return [one for one in found if not names or one.course["lesson"] in names]


def sheets(house: House, asked: list[str]) -> list[tuple[str, str, str, str]]:
    """What is asked for, as (file, page of the site, title, kind): lessons by number, and which of `KINDS`."""
    kinds = [kind for kind in KINDS if kind in asked] or KINDS
    names = [name for name in asked if name not in KINDS]
    found = []
    for lesson in wanted(house, names):
        number = lesson.course["lesson"]
        guesses, notes = f"{lesson.name}: your guesses", f"{lesson.name}: for the instructor"
        each = {
            "lesson": (f"{number}.pdf", f"{lesson.page}.html", lesson.name),
            "guesses": (f"{number}_guesses.pdf", f"{lesson.page}.html", guesses),
            "notes": (f"{number}_notes.pdf", f"{GUIDE}/{lesson.path.stem}.html", notes),
        }
        found += [(*each[kind], kind) for kind in kinds]
    if "notes" in kinds and not names:
        found.append((f"{GUIDE}.pdf", f"{GUIDE}/index.html", "Teaching with this course", "notes"))
    return found


def printed(house: House, site: Path, target: Path, asked: list[str]) -> list[Path]:
    """Print from a built site into a folder; the files."""
    if not (site / "index.html").exists():
        raise LessonError(f"there is no site in {site}; run: make site")
    if lack := lacking():
        raise LessonError(f"Pages are printed through a browser, and there is no {lack} here.")
    made = []
    with served(site) as address, chromium() as browser:
        context = browser.new_context(viewport={"width": 794, "height": 1123}, color_scheme="light")
        for file, place, title, kind in sheets(house, asked):
            if not (site / place).exists():  # a lesson without notes
                continue
            page = open_page(context, f"{address}{place}")
            if kind != "guesses" or page.evaluate(QUESTIONS, title):
                made.append(target / file)
                to_pdf(page, title, made[-1])
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
    print(f"{len(files)} files printed in {time.monotonic() - start:.0f} s")
