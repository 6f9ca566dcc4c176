"""The lesson pipeline, on a lesson of a few lines: the build, budgets, and whether source and notebook agree."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from tiny_lesson import ROOT, TINY, built_fixture, house_fixture, ready_fixture  # noqa: F401

import lesson_run
import lessons
from budgets import code_lines, overdrawn, sizes, words
from house import HERE, LessonError
from lesson_build import build, disagreements
from lesson_source import compose, read
from lesson_tests import commands

# --- the build


def test_a_built_lesson_is_executed_clean_and_measured(ready):
    notebook = nbformat.read(ready.lessons / "00_tiny.ipynb", as_version=4)
    nbformat.validate(notebook)
    course = notebook.metadata.course
    assert 0 < course.processor_seconds < 60
    assert 20 < course.megabytes < 850
    assert re.search(r"Run All: \d+ s of processor time \(\d+ s on the clock\), \d+ MB", notebook.cells[0].source)
    assert [c.execution_count for c in notebook.cells if c.cell_type == "code"] == [1, 2, 3]
    assert notebook.cells[4].outputs[0].text == "hello 0 1\n"
    assert notebook.cells[4].metadata.tags == ["exercise"]
    assert notebook.cells[6].outputs[-1].text == "[] lessons\n"  # a fresh home, in the lessons' folder
    assert lesson_run.WIDGET_VIEW not in str(notebook)
    assert "widgets" not in notebook.metadata
    assert set(notebook.metadata.language_info) == {"file_extension", "mimetype", "name", "pygments_lexer"}
    assert (ready.teaching / "00_tiny.md").exists()
    assert disagreements(ready.find([])[0], ready) == []


def test_a_lesson_that_breaks_is_not_written_but_left_for_looking(house):
    source = house.find([])[0]
    source.write_text(TINY.replace('print("hello"', '1 / 0; print("hello"'))
    with pytest.raises(
        LessonError, match=r"cell the-picture-code-1:(.|\n)*ZeroDivisionError(.|\n)*left for looking"
    ) as told:
        build(source, house)
    assert not house.notebook(source).exists()
    left = Path(re.search(r"looking at: (.*)\)", str(told.value))[1])
    assert left.exists()
    shutil.rmtree(left.parent)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (new_output("stream", name="stderr", text="a warning"), "writes to stderr: a warning"),
        (new_output("error", ename="ValueError", evalue="no", traceback=[]), "ValueError: no"),
        (new_output("stream", name="stdout", text=f"in {Path.home()}/x"), "shows a folder of this machine"),
        (
            new_output("display_data", data={"text/html": f"<a href='{ROOT}/lessons'>"}),
            "shows a folder of this machine",
        ),
        (
            new_output(
                "display_data",
                data={"application/vnd.course-evidence+json": [{"claim": "all is well", "z": 9.0, "holds": False}]},
            ),
            "evidence does not hold: all is well",
        ),
    ],
)
def test_what_must_not_stand_in_an_output_is_found(output, told):
    cell = new_code_cell("1", id="here", outputs=[output])
    assert any(
        f"cell here {told}" in fault or f"cell here: {told}" in fault for fault in lesson_run.output_faults(cell)
    )


def test_harmless_outputs_pass():
    texts = ["the ratio a/b", "https://example.org/home/of/all", "x/tmp/y"]
    cell = new_code_cell("1", outputs=[new_output("stream", name="stdout", text=text) for text in texts])
    assert lesson_run.output_faults(cell) == []


# --- budgets


def test_budgets_name_what_was_overdrawn_and_by_how_much():
    course = {"lesson": "11", "processor_seconds": 61.5, "megabytes": 900}
    cells = [new_code_cell("x = 1\n" * 260) for _ in range(3)]
    faults = "\n".join(overdrawn(new_notebook(cells=cells, metadata={"course": course})))
    for told in (
        "processor time is 61.5 s, the budget is 60 s",
        "memory is 900 MB",
        "code is 780 visible lines",
        "too short: 3 cells; a lesson has at least 25",
    ):
        assert told in faults
    assert overdrawn(new_notebook(cells=cells[:1], metadata={"course": {"lesson": "00"}})) == [
        "over budget: code is 260 visible lines, the budget is 250 visible lines"
    ]


def test_an_overdrawn_budget_stops_the_build(house, monkeypatch):
    monkeypatch.setattr("budgets.WORDS", 3)
    monkeypatch.setattr(
        "lesson_build.run", lambda *_, **__: {"processor_seconds": 1, "wall_seconds": 1, "megabytes": 1, "seed": 0}
    )
    with pytest.raises(LessonError, match=r"over budget: text is \d+ words, the budget is 3 words"):
        build(house.find([])[0], house)
    assert not (house.lessons / "00_tiny.ipynb").exists()


def test_a_failed_build_leaves_the_readme_alone(ready, capsys):
    source, before = ready.find([])[0], ready.readme.read_text()
    source.write_text(TINY.replace('print("hello"', '1 / 0; print("hello"').replace("A tiny", "Another"))
    assert lessons.main(["build"], ready) == 1
    told = capsys.readouterr().out
    assert "README.md and lessons/claims.md are left as they were" in told
    assert ready.readme.read_text() == before
    shutil.rmtree(Path(re.search(r"looking at: (.*)\)", told)[1]).parent)


def test_what_counts_as_words_and_lines(house):
    text = "Two words <!-- not these --> [link](https://a.b/c) <details>folded\naway</details> $+$ — `code`"
    assert words(text) == 4
    assert code_lines("a = 1\n\n# why\nb = 2\n") == 3
    assert sizes(compose(read(house.find([])[0]), house))["code_lines"] == 6  # without the set-up cell


# --- the tests of one lesson


def test_the_tests_of_one_lesson_are_its_own(monkeypatch):
    (source,) = HERE.find(["21"])
    run = dict(commands(HERE, source))
    named = [Path(word) for command in run.values() for word in command if word.endswith(".py")]
    assert all(path.exists() for path in named)
    names = {path.name for path in named}
    assert {"test_lesson_21.py", "test_lessons.py", "test_glossary.py", "lesson_21.py", "quiz_21.py"} <= names
    assert not any("22" in name for name in names)
    assert any("lesson" in command and source.stem in command for command in run.values())

    codes = iter([0, 1, 0, 0])
    monkeypatch.setattr("lesson_tests.subprocess.run", lambda *_, **__: SimpleNamespace(returncode=next(codes)))
    assert lessons.main(["test", "21"]) == 1
    assert next(codes, "all were run") == "all were run"


# --- source and notebook agree


def test_check_notices_every_edit_by_hand(ready):
    source, path = ready.find([])[0], ready.lessons / "00_tiny.ipynb"
    original = path.read_text(encoding="utf-8")
    for old, new, told in [
        ("hello", "goodbye", "cell the-picture-code-1 differs"),
        ("More words", "Fewer words", "cell the-picture-text-2 differs"),
        ('"exercise"', '"other"', "cell the-picture-code-1 differs"),
        ("the-picture-code-1", "some-other-id", "does not have the cells"),
    ]:
        path.write_text(original.replace(old, new), encoding="utf-8")
        assert any(told in fault for fault in disagreements(source, ready))
    path.write_text(original, encoding="utf-8")
    assert disagreements(source, ready) == []
    (ready.teaching / "00_tiny.md").write_text("edited by hand")
    assert any("instructor" in fault for fault in disagreements(source, ready))


def test_check_notices_an_edited_source_and_a_missing_notebook(ready):
    source = ready.find([])[0]
    source.write_text(TINY.replace("that there is one", "that there are two"))
    assert any("another text" in fault for fault in disagreements(source, ready))
    assert lessons.main(["check"], ready) == 1
    ready.notebook(source).unlink()
    assert "has not been built" in disagreements(source, ready)[0]
