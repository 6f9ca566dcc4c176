"""From the source of a lesson to its cells: stable ids, placeholders, front matter, notes for instructors."""

import re

import nbformat
import pytest
from tiny_lesson import (
    TINY,
    house_fixture,  # noqa: F401
)

from cell_ids import CellIds, slug
from house import House, LessonError
from lesson_source import compose, instructor_notes, read
from links import setup_cell


def ids_of(house: House) -> list[str]:
    return [cell.id for cell in compose(read(house.find([])[0]), house).cells]


# --- cell ids


def test_ids_say_where_a_cell_stands(house):
    assert ids_of(house) == [
        "a-tiny-lesson-text-1",
        "a-tiny-lesson-code-1",
        "the-picture-text-1",
        "the-picture-text-2",
        "the-picture-code-1",
        "where-it-ends-text-1",
        "where-it-ends-code-1",
    ]


def test_editing_a_cell_or_adding_one_elsewhere_keeps_the_ids(house):
    before, source = ids_of(house), house.find([])[0]
    source.write_text(TINY.replace("Some words.", "Entirely other words.").replace('"hello"', '"goodbye"'))
    assert ids_of(house) == before
    source.write_text(
        TINY.replace("## The picture", "+++\n\nA new cell.\n\n```{code-cell}\n1 + 1\n```\n\n## The picture")
    )
    after = ids_of(house)
    assert [name for name in after if name in before] == before
    assert len(after) == len(before) + 2


def test_ids_are_unique_short_and_valid():
    ids = CellIds()
    headings = ["Same", "Same", "The " + "very " * 30 + "long", "温度", "β = 1/T", "x" * 200, "Same S2", "---"]
    names = [
        ids.next(kind, f"## {h}" if kind == "markdown" else "1") for h in headings for kind in ("markdown", "code")
    ]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", name) for name in names)
    assert slug("Kramers' law") == "kramers-law"


def test_a_hash_in_fenced_code_is_no_heading():
    ids = CellIds()
    ids.next("markdown", "## Real\n\n```python\n# not a heading\n```")
    assert ids.next("code", "1") == "real-code-1"


# --- placeholders and front matter


def test_placeholders_are_filled_in(house):
    notebook = compose(read(house.find([])[0]), house)
    assert "5 minutes for you" in notebook.cells[0].source
    assert "not measured yet" in notebook.cells[0].source
    assert notebook.cells[1].source == setup_cell(house)
    assert notebook.cells[5].source.endswith("**Exercise 00.1**")
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{{ card 00.1 }}", "two\nlines\n{{ cart 00.1 }}", r"lessons/source/00_tiny.md:\d+: unknown placeholder"),
        ("{{ card 00.1 }}", "{{ card 99.9 }}", r"00_tiny.md:\d+: no card for exercise 99.9"),
        ("{{ setup }}", "{{ set_up }}", r"00_tiny.md:\d+: unknown placeholder \{\{ set_up \}\}"),
        ('lesson: "00"', "lesson: 0", r"course.lesson is 0; it takes a str"),
        ('lesson: "00"', 'lesson: "01"', r"course.lesson is '01', but the file is called 00_tiny.md"),
        ("  minutes: 5\n", "", r"course.minutes is None"),
        ("course:", "other:", r"needs a block `course:`"),
        ("  display_name: Python 3\n", "", r"00_tiny.md:1: front matter: 'display_name'"),
    ],
)
def test_a_mistake_in_the_source_is_told_with_its_place(house, old, new, told):
    source = house.find([])[0]
    source.write_text(TINY.replace(old, new), encoding="utf-8")
    with pytest.raises(LessonError, match=told):
        compose(read(source), house)


def test_the_line_in_a_message_is_the_line_of_the_placeholder(house):
    source = house.find([])[0]
    text = TINY.replace("{{ card 00.1 }}", "two\nlines\n{{ nonsense }}")
    source.write_text(text)
    line = text.splitlines().index("{{ nonsense }}") + 1
    with pytest.raises(LessonError, match=rf"00_tiny\.md:{line}:"):
        compose(read(source), house)


def test_placeholders_in_a_comment_and_braces_in_code_are_left_alone(house):
    source = house.find([])[0]
    source.write_text(TINY.replace("Some words.", "<!-- {{ card 77.7 }} -->").replace('"hello"', 'f"{{x}}"'))
    cells = compose(read(source), house).cells
    assert "{{ card 77.7 }}" in cells[2].source
    assert 'f"{{x}}"' in cells[4].source


# --- instructor's notes


def test_instructor_cells_leave_the_notebook_and_keep_their_heading(house):
    lesson = read(house.find([])[0])
    assert not any("Misconception" in cell.source for cell in compose(lesson, house).cells)
    notes = instructor_notes(lesson)
    assert "## The picture\n\n**Misconception:** that there is one." in notes
    assert "lessons/source/00_tiny.md" in notes
