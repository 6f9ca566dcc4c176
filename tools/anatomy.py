"""The ten parts of a lesson, in order: what the test looks for, and what a new lesson starts with."""

import re
from dataclasses import dataclass
from pathlib import Path

from house import House, LessonError
from lesson_source import Cell, Lesson


@dataclass(frozen=True)
class Part:
    """One part: where it begins, and what has to stand in it."""

    name: str
    begins: str  # pattern in the text cell (a heading) or code cell with which the part begins
    kind: str = "markdown"
    needs: tuple[tuple[str, str], ...] = ()  # (what it is called, its pattern)


def heading(words: str) -> str:
    return rf"^#{{1,3}}\s+({words})"


PARTS = (
    Part("title and header", r"^#\s+\S", needs=(("{{ header }}", r"\{\{\s*header\s*\}\}"),)),
    Part("set-up cell", r"^\s*\{\{\s*setup\s*\}\}\s*$", "code"),
    Part(
        "the picture", heading("The picture"), needs=(("a table of physics and network", r"^\|.*\|\s*\n\|[\s:|-]+\|"),)
    ),
    Part("predict", r"\bpredict\(", "code"),
    Part("measure", r"\bplots\.\w+\(|\bshow\(", "code", needs=(("an Estimate or a plot of one", r"estimate|plots\."),)),
    Part("turn the knob", heading("Turn the knob"), needs=(("a panel", r"\bpanel\("),)),
    Part("exercises", heading("Exercises"), needs=(("an exercise card", r"\{\{\s*card\s"), ("a check", r"\bcheck\("))),
    Part("where the metaphor breaks", heading("Where the metaphor breaks")),
    Part("evidence", heading("Evidence|The evidence"), needs=(("the table", r"evidence"),)),
    Part(
        "recap",
        heading("Recap|A quiz|In five lines"),
        needs=(("a quiz", r"\bquiz\("), ("further reading with DOI or arXiv id", r"(?i)\bdoi\b|doi\.org|arxiv")),
    ),
)
FEWEST_EXERCISES = 4
TEMPLATE = Path(__file__).with_name("lesson_template.md")


def learners(lesson: Lesson) -> list[Cell]:
    return [cell for cell in lesson.cells if "instructor" not in cell.tags]


def missing(lesson: Lesson) -> list[str]:
    """Which parts a lesson lacks or has out of order, each with what was looked for."""
    cells, faults = learners(lesson), []
    begins: list[int] = []
    after = 0
    for part in PARTS:
        here = [
            index
            for index, cell in enumerate(cells)
            if index >= after and cell.kind == part.kind and re.search(part.begins, cell.source, re.MULTILINE)
        ]
        if not here:
            elsewhere = (
                " (it stands too early)"
                if any(c.kind == part.kind and re.search(part.begins, c.source, re.MULTILINE) for c in cells)
                else ""
            )
            faults.append(
                f"{lesson.path.name} has no part {part.name!r} in its place{elsewhere}; looked for {part.begins}"
            )
            begins.append(after)
            continue
        begins.append(here[0])
        after = here[0]
    for part, start, end in zip(PARTS, begins, [*begins[1:], len(cells)], strict=True):
        text = "\n\n".join(cell.source for cell in cells[start : max(end, start + 1)])
        faults += [
            f"{lesson.path.name}, part {part.name!r}: {what} is missing"
            for what, pattern in part.needs
            if not re.search(pattern, text, re.MULTILINE)
        ]
    stubs = sum("exercise" in cell.tags for cell in cells)
    if stubs < FEWEST_EXERCISES:
        faults.append(f"{lesson.path.name} has {stubs} exercise cells; a lesson has at least {FEWEST_EXERCISES}")
    return faults


def new_lesson(house: House, name: str, title: str) -> str:
    """Lay out the anatomy of a lesson as a source file; where it lies now."""
    if not re.fullmatch(r"\d\d_[a-z0-9]+(_[a-z0-9]+)*", name):
        raise LessonError(
            f"NAME={name!r}: a lesson is called like 12_loss_is_energy: two digits, then words in small letters"
        )
    if not title.strip() or any(sign in title for sign in '"\\\n'):
        raise LessonError(f"TITLE={title!r}: give the lesson a title in one line, without double quotes")
    taken = [path.stem for path in house.find([]) if path.stem[:2] == name[:2]]
    if taken:
        raise LessonError(f"NAME={name!r}: number {name[:2]} is taken by {taken[0]}")
    path = house.sources / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        TEMPLATE.read_text(encoding="utf-8").replace("@NN@", name[:2]).replace("@TITLE@", title.strip()),
        encoding="utf-8",
        newline="\n",
    )
    return f"lessons/source/{name}.md"
