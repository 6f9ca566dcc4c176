"""From the text that people edit (`lessons/source/NN_name.md`) to the cells of a notebook, not yet executed."""

import hashlib
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cell_ids import CellIds, headings
from house import House, LessonError
from links import launch_line, setup_cell
from reference_links import linked

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}
REQUIRED = {"lesson": str, "title": str, "minutes": int, "part": str}
PLACEHOLDERS = "{{ header }} and {{ card NN.N }} in text, {{ setup }} alone in a code cell"


@dataclass(frozen=True)
class Cell:
    """One cell of the source, with the line it starts in."""

    kind: str
    source: str
    tags: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Lesson:
    """A lesson as it was written."""

    path: Path
    course: dict[str, Any]
    cells: tuple[Cell, ...]
    sha256: str

    @property
    def stem(self) -> str:
        return self.path.stem

    def at(self, line: int) -> str:
        """A place in the source, as editors understand it: file:line."""
        return f"lessons/source/{self.path.name}:{line}"


def read(path: Path) -> Lesson:
    """Read a lesson's source and check its front matter."""
    text = path.read_text(encoding="utf-8")
    try:
        notebook = myst_to_notebook(text, add_source_map=True)
    except MystMetadataParsingError as problem:
        raise LessonError(f"lessons/source/{path.name}: {problem}") from None
    except nbformat.ValidationError as problem:
        raise LessonError(f"lessons/source/{path.name}:1: front matter: {problem.message}") from None
    starts = notebook.metadata.get("source_map", [])
    lines = text.splitlines()
    cells = tuple(
        Cell(cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ())), first_line(lines, start))
        for cell, start in zip(notebook.cells, starts, strict=True)
    )
    course = checked_course(path, notebook.metadata.get("course"))
    return Lesson(path, course, cells, hashlib.sha256(text.encode()).hexdigest())


def first_line(lines: list[str], start: int) -> int:
    """The number, counted from 1, of the first line with something in it."""
    while start < len(lines) - 1 and not lines[start].strip():
        start += 1
    return start + 1


def checked_course(path: Path, course: object) -> dict[str, Any]:
    """The `course:` block of the front matter, complete and of the right types."""
    where = f"lessons/source/{path.name}:1"
    if not isinstance(course, dict):
        raise LessonError(f"{where}: the front matter needs a block `course:` with {', '.join(REQUIRED)}")
    for key, kind in REQUIRED.items():
        if not isinstance(course.get(key), kind) or isinstance(course.get(key), bool) or not course[key]:
            raise LessonError(
                f"{where}: course.{key} is {course.get(key)!r}; it takes a {kind.__name__} (in quotes if it is a name)"
            )
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem) or course["lesson"] != path.stem[:2]:
        raise LessonError(f"{where}: course.lesson is {course['lesson']!r}, but the file is called {path.name}")
    return dict(course)


def numbers_with_exercises() -> tuple[str, ...]:
    """The numbers of the lessons that have a file of exercises."""
    from course_utils.exercises import registry

    return registry.numbers()


def exercises_of(number: str) -> tuple[list[str], int]:
    """The ids of a lesson's exercises, and how many questions its quiz has; none if there is no such file yet."""
    from course_utils.exercises import registry

    if number not in numbers_with_exercises():
        return [], 0
    try:
        found = registry.lesson(number)
    except Exception as problem:  # whatever is wrong with the author's file is told with its place
        raise LessonError(f"{place_in_exercises(problem, number)}: {type(problem).__name__}: {problem}") from problem
    return [one.id for one in found.exercises], len(found.questions)


def place_in_exercises(problem: BaseException, number: str) -> str:
    """Where in a lesson's exercises or quiz something went wrong, as file:line."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [one for one in frames if re.fullmatch(r"(lesson|quiz)_\d\d\.py", Path(one.filename).name)]
    if isinstance(problem, SyntaxError) and problem.filename:
        return f"course_utils/exercises/{Path(problem.filename).name}:{problem.lineno}"
    if not own:
        return f"course_utils/exercises/lesson_{number}.py"
    return f"course_utils/exercises/{Path(own[-1].filename).name}:{own[-1].lineno}"


def exercise_card(exercise: str) -> str:
    """The card of an exercise, from the course's own registry."""
    from course_utils.exercises import card

    exercises_of(exercise[:2])
    return card(exercise)


def header(lesson: Lesson, house: House, record: dict[str, Any] | None) -> str:
    """Launch links, the learner's minutes and what was measured: the part of the first cell that nobody types."""
    if record:
        cost = (
            f"Run All: {record['processor_seconds']:.0f} s of processor time "
            f"({record['wall_seconds']:.0f} s on the clock), {record['megabytes']:.0f} MB"
        )
    else:
        cost = "Run All: not measured yet"
    return f"{launch_line(house, lesson.stem)}\n\n**{lesson.course['minutes']} minutes for you** · {cost}"


def fill(lesson: Lesson, cell: Cell, header_text: str, setup_text: str, card: Callable[[str], str]) -> str:
    """Put what belongs there into the placeholders of one cell."""
    if cell.kind == "code":
        alone = re.fullmatch(r"\s*\{\{\s*(\w+)\s*\}\}\s*", cell.source)
        if alone and alone[1] != "setup":
            raise LessonError(
                f"{lesson.at(cell.line)}: unknown placeholder {alone[0].strip()}; there are {PLACEHOLDERS}"
            )
        return setup_text if alone else cell.source

    def replacement(match: re.Match[str]) -> str:
        if match[0].startswith("<!--"):
            return match[0]
        line = cell.line + cell.source[: match.start()].count("\n")
        words = match[1].split()
        if words == ["header"]:
            return header_text
        if len(words) == 2 and words[0] == "card":
            try:
                return card(words[1])
            except (LookupError, ValueError, ImportError) as problem:
                raise LessonError(f"{lesson.at(line)}: no card for exercise {words[1]}: {problem}") from problem
        raise LessonError(
            f"{lesson.at(line)}: unknown placeholder {match[0]}; there are {PLACEHOLDERS} "
            "(in a formula, put a space between double braces)"
        )

    return linked(re.sub(r"<!--.*?-->|\{\{([^{}]*)\}\}", replacement, cell.source, flags=re.DOTALL))


def is_generated(cell: Cell) -> bool:
    """Whether the build writes (a part of) this cell from the repository's address or from measurements."""
    pattern = r"\{\{\s*header\s*\}\}" if cell.kind == "markdown" else r"^\s*\{\{\s*setup\s*\}\}\s*$"
    return re.search(pattern, cell.source) is not None


def compose(
    lesson: Lesson,
    house: House,
    record: dict[str, Any] | None = None,
    *,
    card: Callable[[str], str] = exercise_card,
) -> nbformat.NotebookNode:
    """The notebook of a lesson without outputs: the learner's cells with stable ids, placeholders filled in."""
    ids = CellIds()
    header_text, setup_text = header(lesson, house, record), setup_cell(house)
    notebook = new_notebook(metadata={"kernelspec": dict(KERNEL), "language_info": dict(LANGUAGE)})
    for cell in lesson.cells:
        if "instructor" in cell.tags:
            continue
        if cell.kind not in {"code", "markdown"}:
            raise LessonError(
                f"{lesson.at(cell.line)}: a lesson has text and code cells only, this one is {cell.kind!r}"
            )
        make = new_code_cell if cell.kind == "code" else new_markdown_cell
        made = make(fill(lesson, cell, header_text, setup_text, card), id=ids.next(cell.kind, cell.source))
        if cell.tags:
            made.metadata["tags"] = list(cell.tags)
        if is_generated(cell):
            made.metadata["course"] = {"generated": True}
        if cell.source.strip() == "{{ setup }}":  # folded away: plumbing that nobody has to read
            made.metadata.update({"jupyter": {"source_hidden": True}, "cellView": "form"})
        notebook.cells.append(made)
    notebook.metadata["course"] = {
        **lesson.course,
        "source_sha256": lesson.sha256,
        "repository": house.repository,
        **(record or {}),
    }
    return notebook


def instructor_notes(lesson: Lesson) -> str | None:
    """The cells tagged `instructor`, each under the heading it stood under; None if there are none."""
    blocks: list[str] = []
    heading = shown = lesson.course["title"]
    for cell in lesson.cells:
        if "instructor" in cell.tags:
            if heading != shown:
                blocks.append(f"## {heading}")
                shown = heading
            blocks.append(f"```python\n{cell.source}\n```" if cell.kind == "code" else cell.source)
        elif cell.kind == "markdown":
            heading = (headings(cell.source) or [heading])[-1]
    if not blocks:
        return None
    title = f"# Lesson {lesson.course['lesson']}, for the instructor: {lesson.course['title']}"
    note = f"*Gathered from the instructor's cells of `lessons/source/{lesson.path.name}`; edit them there.*"
    return "\n\n".join([title, note, *blocks]) + "\n"
