"""The form of a lesson: its ten parts in order, and all that the build asks for before it runs anything."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from budgets import SHORT_LESSON
from house import House, LessonError
from lesson_source import Cell, Lesson, exercises_of, numbers_with_exercises, read


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
FEWEST_QUESTIONS = 2
MINUTES = (60, 120)
SHORTEST_ALT = 40  # characters of a description
TEMPLATE = Path(__file__).with_name("lesson_template.md")
PLACEHOLDER = "TODO"
CARD = re.compile(r"\{\{\s*card\s+(\d\d\.\d+)\s*\}\}")
CHECK = re.compile(r'^(?P<name>\w+) = check\("(?P<id>\d\d\.\d+)", (?P=name)\)$')


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


# --- what the build asks for


def placeholders(lesson: Lesson) -> list[str]:
    """The lines in which the template still waits for words."""
    lines = lesson.path.read_text(encoding="utf-8").splitlines()
    return [
        f"{lesson.at(number)}: still to write: {line.strip():.90}"
        for number, line in enumerate(lines, start=1)
        if PLACEHOLDER in line
    ]


def part_faults(lesson: Lesson, house: House) -> list[str]:
    """A part of the course that the lessons with the same first digit do not belong to."""
    number, own = lesson.course["lesson"], lesson.course["part"]
    others = {
        read(one).course["part"]: one.stem for one in house.find([]) if one != lesson.path and one.stem[0] == number[0]
    }
    if not others or own in others or PLACEHOLDER in own:
        return []
    there = "; ".join(f"{stem} has {part!r}" for part, stem in others.items())
    return [f"{lesson.at(1)}: course.part is {own!r}, but {there}: lessons with the same first digit are one part"]


def check_line(cell: Cell) -> re.Match[str] | None:
    """The last line of a stub, which hands the attempt in: its name and the exercise's id."""
    return CHECK.match(cell.source.rstrip().splitlines()[-1]) if cell.source.strip() else None


def exercise_faults(lesson: Lesson) -> list[str]:
    """Cards, stubs and the exercises' own file that do not belong together, and a quiz that is too short."""
    number, cells = lesson.course["lesson"], learners(lesson)
    where = f"course_utils/exercises/lesson_{number}.py"
    if number not in numbers_with_exercises():
        return [f"there is no {where} yet, with EXERCISES and QUIZ"]
    listed, questions = exercises_of(number)
    faults, handed_in = [], []
    for cell in cells:
        if "exercise" in cell.tags:
            last = check_line(cell)
            if last is None:
                faults.append(
                    f'{lesson.at(cell.line)}: an exercise cell ends in a line like: name = check("{number}.1", name)'
                )
            else:
                handed_in.append(last["id"])
    text = "\n".join(
        re.sub(r"<!--.*?-->", "", cell.source, flags=re.DOTALL) for cell in cells if cell.kind == "markdown"
    )
    for what, found in (("cards", CARD.findall(text)), ("checks", handed_in)):
        if found != listed:
            told = [", ".join(ids) or "none" for ids in (found, listed)]
            faults.append(f"{lesson.path.name}: the {what} are {told[0]}; EXERCISES in {where} has {told[1]}")
    if questions < FEWEST_QUESTIONS:
        faults.append(
            f"{where}: the quiz has {questions} of the {FEWEST_QUESTIONS} questions that a lesson has at least"
        )
    return faults


def out_of_form(lesson: Lesson, house: House) -> list[str]:
    """All that is wrong with the form of a lesson, as far as one sees without running it; lesson 00 may be short."""
    faults = placeholders(lesson)
    if not any("instructor" in cell.tags for cell in lesson.cells):
        mark = '+++ {"tags": ["instructor"]}'
        faults.append(f"{lesson.path.name} has no cell for instructors; it begins with {mark}, and comes last")
    if lesson.course["lesson"] == SHORT_LESSON:
        return faults
    least, most = MINUTES
    if not least <= lesson.course["minutes"] <= most:
        faults.append(f"{lesson.at(1)}: course.minutes is {lesson.course['minutes']}; a lesson takes {least} to {most}")
    return [*faults, *part_faults(lesson, house), *missing(lesson), *exercise_faults(lesson)]


def undescribed(notebook: nbformat.NotebookNode) -> list[str]:
    """Pictures of a built lesson without a description that tells what is there, with its numbers."""
    faults = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                if len(alt) < SHORTEST_ALT:
                    faults.append(f"cell {cell.id}: alt is {alt!r}, {len(alt)} characters; it takes {SHORTEST_ALT}")
    return faults


# --- a new lesson


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
    same = [read(one).course["part"] for one in house.find([]) if one.stem[0] == name[0]]
    text = TEMPLATE.read_text(encoding="utf-8")
    filled = {
        "@NN@": name[:2],
        "@TITLE@": title.strip(),
        "@PART@": same[0] if same else "TODO: the name of the new part",
    }
    for mark, words in filled.items():
        text = text.replace(mark, words)
    path.write_text(text, encoding="utf-8", newline="\n")
    return f"lessons/source/{name}.md"
