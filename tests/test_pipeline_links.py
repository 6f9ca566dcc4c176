"""Links that a fork makes its own, the syllabus, and new lessons with their ten parts."""

import re

import nbformat
import pytest
from tiny_lesson import FORKED, NOWHERE, built_fixture, house_fixture, ready_fixture  # noqa: F401

import lessons
from anatomy import missing
from house import House
from lesson_build import disagreements
from lesson_source import compose, instructor_notes, read
from links import archive, checked_url, launch_links
from syllabus import write_syllabus

# --- links


def test_a_fork_points_everything_at_itself(ready, capsys):
    before = nbformat.read(ready.lessons / "00_tiny.ipynb", as_version=4)
    assert lessons.main(["fork", f"{FORKED}.git/"], ready) == 0
    ready = House(ready.root)
    assert ready.repository == FORKED
    assert "# where all links come from" in ready.pyproject.read_text()
    after = nbformat.read(ready.lessons / "00_tiny.ipynb", as_version=4)
    assert f"{FORKED}/archive/refs/tags/v1.2.3.zip" in after.cells[1].source
    assert (
        "https://colab.research.google.com/github/university/physics-lens/blob/v1.2.3/lessons/00_tiny.ipynb"
        in after.cells[0].source
    )
    readme = ready.readme.read_text()
    assert f"{FORKED}/issues" in readme
    assert "/v2/gh/university/physics-lens/v1" in readme
    assert "YOUR_ORGANISATION" not in readme
    assert [c.get("outputs") for c in after.cells] == [c.get("outputs") for c in before.cells]
    assert disagreements(ready.find([])[0], ready) == []


def test_check_notices_links_that_were_not_made_anew(ready):
    ready.pyproject.write_text(ready.pyproject.read_text().replace(NOWHERE, FORKED))
    ready = House(ready.root)
    assert len(disagreements(ready.find([])[0], ready)) == 2  # header and set-up cell
    assert lessons.main(["relink"], ready) == 0
    assert disagreements(ready.find([])[0], ready) == []
    assert f"{FORKED}/issues" in ready.readme.read_text()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "github.com/a/b",
        "http://github.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b?x=1",
        "git@github.com:a/b",
        "https://git hub.com/a/b",
        'https://github.com/a/b"',
        "https://github.com/../b",
        "https://localhost/a/b",
    ],
)
def test_an_address_that_is_none_is_refused(ready, url, capsys):
    assert lessons.main(["fork", url], ready) == 1
    assert "https://github.com/OWNER/NAME" in capsys.readouterr().err
    assert House(ready.root).repository == NOWHERE


def test_other_hosts_get_the_links_that_work_there(ready):
    assert checked_url("https://gitlab.com/group/sub/course/") == "https://gitlab.com/group/sub/course"
    assert archive("https://codeberg.org/a/b", "1.0") == "git+https://codeberg.org/a/b@v1.0"
    assert lessons.main(["fork", "https://codeberg.org/a/b"], ready) == 0
    assert set(launch_links(House(ready.root), "00_tiny")) == {"Open on Binder", "Source"}


def test_the_syllabus_has_a_row_a_lesson(ready):
    assert write_syllabus(ready)
    text = ready.readme.read_text()
    assert re.search(r"\[00 · A tiny lesson\]\(lessons/00_tiny.ipynb\).*\| 5 min \| \d+ s, \d+ MB \|", text)
    write_syllabus(ready)
    assert ready.readme.read_text() == text
    ready.readme.write_text("no marks")
    assert lessons.main(["syllabus"], ready) == 1


# --- a new lesson


def test_a_new_lesson_has_the_ten_parts(house):
    assert lessons.main(["new", "12_loss_is_energy", "The loss is an energy"], house) == 0
    lesson = read(house.sources / "12_loss_is_energy.md")
    faults = missing(lesson)
    assert len(faults) == 1  # only the exercises are left to write
    assert "0 exercise cells" in faults[0]
    nbformat.validate(compose(lesson, house))
    assert instructor_notes(lesson)


def test_anatomy_notices_a_part_that_is_missing_or_misplaced(house):
    lessons.main(["new", "12_a", "A"], house)
    path = house.sources / "12_a.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("## Where the metaphor breaks", "## Limits"), encoding="utf-8")
    assert any("where the metaphor breaks" in fault for fault in missing(read(path)))
    path.write_text(
        text.replace("## The picture", "## Tmp").replace("## Recap", "## The picture\n\n## Recap"), encoding="utf-8"
    )
    assert missing(read(path))[1:]


@pytest.mark.parametrize(
    "given",
    [
        ["new", "Name", "T"],
        ["new", "12_", "T"],
        ["new", "00_again", "T"],
        ["new", "13_x", " "],
        ["build", "77"],
        ["check", "nope"],
    ],
)
def test_the_command_line_refuses_what_it_cannot_do(house, given, capsys):
    assert lessons.main(given, house) == 1
    assert capsys.readouterr().err.startswith("lessons: ")
