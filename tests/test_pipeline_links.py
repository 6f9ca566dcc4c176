"""Links that a fork makes its own, the syllabus, and new lessons with their ten parts."""

import importlib
import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from tiny_lesson import FORKED, NOWHERE, built_fixture, house_fixture, ready_fixture  # noqa: F401

import lessons
from anatomy import missing, out_of_form, undescribed
from course_utils.exercises import Option, Question, registry
from house import HERE, House, LessonError
from lesson_build import disagreements
from lesson_source import compose, exercise_card, exercises_of, instructor_notes, read
from links import archive, checked_url, launch_links
from pictures import chosen
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


def laid_out(house, name="12_loss_is_energy"):
    """A lesson as the template has it, not a word changed."""
    assert lessons.main(["new", name, "The loss is an energy"], house) == 0
    return house.sources / f"{name}.md"


def filled_in(path):
    """The same, with words in the place of the template's."""
    path.write_text(path.read_text(encoding="utf-8").replace("TODO", "words"), encoding="utf-8")
    return read(path)


def test_a_new_lesson_has_the_ten_parts(house):
    lesson = read(laid_out(house))
    (fault,) = missing(lesson)  # only the exercises are left to write
    assert "0 exercise cells" in fault
    nbformat.validate(compose(lesson, house))


def test_a_new_lesson_has_the_form_of_the_others(house):
    """What the tests of lessons, glossary, citations and panels look for has its place from the start."""
    lesson = read(laid_out(house))
    text, cells = lesson.path.read_text(encoding="utf-8"), lesson.cells
    assert cells[-1].tags == ("instructor",)
    assert instructor_notes(lesson).count("## Recap, quiz, and the way on") == 1
    for part in (
        "**You need**",
        "**Further reading.**",
        "**Next:**",
        "plots.against_theory(",
        "{{ card 12.1 }}",
        "pictures:",
    ):
        assert part in text, part
    for argument in ("draw=", "title=", "alt=", 'still=({"', "start=", "label="):
        assert argument in text.split("## Turn the knob")[1].split("## Exercises")[0], argument
    others = [path for path in HERE.find([]) if path.stem[:2] != "00"]
    order = [line for line in text.splitlines() if line.startswith("## ") and ":" not in line]
    for path in others:
        headings = [line for line in path.read_text(encoding="utf-8").splitlines() if line in order]
        assert headings == order, path.name


def test_a_new_lesson_runs_as_a_draft_and_says_what_is_missing(house, capsys):
    shutil.rmtree(house.root / "course_utils")
    (house.root / "course_utils").symlink_to(HERE.root / "course_utils")
    source, before = laid_out(house, "61_frozen_noise"), house.readme.read_text()
    assert lessons.main(["build", "61"], house) == 1
    told = capsys.readouterr().out
    number = next(k for k, line in enumerate(source.read_text().splitlines(), start=1) if "TODO: the honest" in line)
    assert f"61_frozen_noise.md:{number}: still to write: TODO: the honest limits" in told
    assert "DRAFT=1" in told
    assert not house.notebook(source).exists()
    assert lessons.main(["build", "61", "--draft"], house) == 0
    told = capsys.readouterr().out
    assert "A draft, with this still to do:" in told
    assert "cells; a lesson has at least 25" in told
    notebook = nbformat.read(house.notebook(source), as_version=4)
    assert notebook.metadata.course.unfinished
    assert disagreements(source, house) == ["61_frozen_noise.ipynb was built as a draft; run: make lessons LESSON=61"]
    write_syllabus(house)
    assert "Frozen noise" not in house.readme.read_text().replace(before, "")


def test_the_part_of_a_new_lesson_is_that_of_its_neighbours(house):
    first = laid_out(house, "12_a")
    assert "TODO" in read(first).course["part"]
    first.write_text(first.read_text().replace("TODO: the name of the new part", "Landscapes"))
    second = laid_out(house, "13_b")
    assert read(second).course["part"] == "Landscapes"
    second.write_text(second.read_text().replace('part: "Landscapes"', 'part: "Landscape"'))
    (fault,) = [one for one in out_of_form(read(second), house) if "course.part" in one]
    assert "course.part is 'Landscape', but 12_a has 'Landscapes'" in fault


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("minutes: 75", "minutes: 45", "course.minutes is 45; a lesson takes 60 to 120"),
        ("minutes: 75", "minutes: 121", "course.minutes is 121"),
        ('+++ {"tags": ["instructor"]}', "+++", "has no cell for instructors"),
        ("## Where the metaphor breaks", "## Limits", "has no part 'where the metaphor breaks'"),
        ("words: what was seen", "TODO: what was seen", "still to write: TODO: what was seen"),
        (
            "## Exercises\n",
            "## Exercises\n\n{{ card 61.1 }}\n",
            "the cards are 61.1; EXERCISES in .*lesson_61.py has none",
        ),
        (
            "evidence\n```",
            "evidence\n```\n\n```{code-cell}\n:tags: [exercise]\n\ncheck('61.1', name)\n```",
            "ends in a line like",
        ),
        ("words: five", "words: five", "lesson_61.py: the quiz has 1 of the 2 questions that a lesson has at least"),
    ],
)
def test_what_the_build_asks_for(house, old, new, told):
    path = laid_out(house, "61_frozen_noise")
    filled_in(path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    why = Question("Why?", (Option("a", True, "yes"), Option("b", False, "no"), Option("c", False, "never")))
    with registry.registered("61", questions=(why,)):
        assert re.search(told, "\n".join(out_of_form(read(path), house)))
    assert "there is no course_utils/exercises/lesson_61.py yet" in "\n".join(out_of_form(read(path), house))


def test_a_fault_in_the_exercises_or_in_the_quiz_is_told_with_its_own_place(tmp_path, monkeypatch):
    quiz = tmp_path / "lesson_93.py"
    lines = [
        "from course_utils.exercises import Option, Question",
        "",
        "QUIZ = (Question('Why?', (Option('a', True, 'b'),)),)",
    ]
    quiz.write_text("\n".join(lines), encoding="utf-8")
    package = importlib.import_module("course_utils.exercises")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    told = r"^course_utils/exercises/lesson_93\.py:3: ValueError: options must be 3 to 26; got 1$"
    for ask in (lambda: exercise_card("93.1"), lambda: exercises_of("93")):
        with pytest.raises(LessonError, match=told):
            ask()
    quiz.write_text("QUIZ = (", encoding="utf-8")
    with pytest.raises(LessonError, match=r"^course_utils/exercises/lesson_93\.py:1: SyntaxError"):
        exercises_of("93")
    assert exercises_of("94") == ([], 0)


def test_a_picture_needs_a_description_of_some_length():
    def with_alt(words):
        output = new_output("display_data", data={"image/png": ""}, metadata={"image/png": {"alt": words}})
        return new_notebook(cells=[new_code_cell("1", id="here", outputs=[output])])

    assert undescribed(with_alt("Ten walkers at T = 0.5, of which 3 stand on the ridge.")) == []
    assert undescribed(with_alt("A picture.")) == ["cell here: alt is 'A picture.', 10 characters; it takes 40"]


def test_a_picture_for_the_readme_that_is_none_is_told_with_those_there_are(house):
    source = house.find([])[0]
    source.write_text(source.read_text().replace("minutes: 5", "minutes: 5\n  pictures: {first: some-cell}"))
    output = new_output("display_data", data={"image/png": ""})
    notebook = new_notebook(cells=[new_code_cell("1", id="other-cell", outputs=[output])])
    with pytest.raises(
        LessonError, match=r"first is cell 'some-cell', which shows no picture; there are .* in other-cell"
    ):
        chosen(read(source), notebook)


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
