"""The lessons as they are committed, and once more with every exercise solved.

The first part executes nothing. The second (marked `lesson`) runs each lesson with the solutions in place of the stubs,
on the seeds that the environment variable COURSE_SEEDS lists (default: 1).
"""

import json
import os
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

from anatomy import check_line, exercise_faults, out_of_form, undescribed
from budgets import overdrawn
from claims import NAME, page, trials
from course_utils.evidence import NOT_TESTED
from course_utils.exercises import registry, solution_source
from house import HERE
from lesson_build import disagreements
from lesson_run import WIDGET_VIEW, output_faults, run
from lesson_source import Lesson, compose, exercises_of, read
from links import setup_cell

SOURCES = HERE.find([])
SEEDS = [int(seed) for seed in os.environ.get("COURSE_SEEDS", "1").split(",")]
EVIDENCE = "application/vnd.course-evidence+json"
LISTEN = "import sys; sys.path.append({tools!r}); import legibility; legibility.listen({file!r})"

each_lesson = pytest.mark.parametrize("source", SOURCES, ids=[path.stem for path in SOURCES])


@cache
def notebook_of(source: Path) -> nbformat.NotebookNode:
    path = HERE.notebook(source)
    if not path.exists():
        pytest.fail(f"lessons/{path.name} has not been built: make lessons LESSON={path.stem[:2]}")
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def evidence_rows(notebook: nbformat.NotebookNode) -> list[dict]:
    return [row for output in outputs(notebook) for row in output.get("data", {}).get(EVIDENCE, ())]


def test_no_notebook_is_left_without_its_source():
    assert {path.stem for path in HERE.lessons.glob("*.ipynb")} == {path.stem for path in SOURCES}


# --- as committed


@each_lesson
def test_source_and_notebook_agree(source):
    assert disagreements(source, HERE) == []


@each_lesson
def test_every_code_cell_was_executed_in_order(source):
    counts = [cell.execution_count for cell in code_cells(notebook_of(source))]
    assert counts == list(range(1, len(counts) + 1))


@each_lesson
def test_the_notebook_is_valid_and_its_ids_are_unique(source):
    notebook = notebook_of(source)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", name) for name in ids)


@each_lesson
def test_no_error_no_warning_no_trace_of_a_machine(source):
    notebook = notebook_of(source)
    assert [fault for cell in notebook.cells for fault in output_faults(cell)] == []
    assert not any(WIDGET_VIEW in output.get("data", {}) for output in outputs(notebook))
    assert "widgets" not in notebook.metadata
    assert not any(name in cell.metadata for cell in notebook.cells for name in ("execution", "trusted"))


@each_lesson
def test_the_lesson_is_within_its_budgets(source):
    notebook = notebook_of(source)
    assert overdrawn(notebook) == []
    assert HERE.notebook(source).stat().st_size < 1.5e6
    course = notebook.metadata.course
    assert course.seed == 0, "build what is committed without COURSE_SEED"
    assert course.processor_seconds > 0
    assert course.megabytes > 0
    assert f"{course.megabytes:.0f} MB" in notebook.cells[0].source


@each_lesson
def test_the_set_up_cell_comes_first_and_prints_nothing(source):
    first = code_cells(notebook_of(source))[0]
    assert first.source == setup_cell(HERE)
    assert first.outputs == []


@each_lesson
def test_every_picture_is_described(source):
    assert undescribed(notebook_of(source)) == []
    for cell in code_cells(notebook_of(source)):
        for place, output in enumerate(cell.outputs):
            if "image/png" not in output.get("data", {}):
                continue
            beside = [output, *cell.outputs[place + 1 : place + 2]]
            words = [data for o in beside for mime, data in o.get("data", {}).items() if mime == "text/markdown"]
            assert any(word.strip() for word in words), f"cell {cell.id}: no description in words after the picture"


@each_lesson
def test_every_row_of_evidence_holds(source):
    rows = evidence_rows(notebook_of(source))
    assert rows, "the lesson ends without evidence"
    assert [row["claim"] for row in rows if not row["holds"]] == []
    assert all((abs(row["z"]) >= 4) if row["rejects"] else (abs(row["z"]) <= 4) for row in rows)


@each_lesson
def test_every_verdict_rests_on_a_row_of_the_table(source):
    rows = evidence_rows(notebook_of(source))
    for trial in trials(HERE.notebook(source)):
        assert (trial["deciding"] is None) == (trial["verdict"] == NOT_TESTED)
        if trial["deciding"] is not None:
            assert trial["deciding"] in rows
            assert trial["deciding"]["holds"]


def test_the_page_of_popular_claims_is_what_the_lessons_found():
    place = HERE.lessons / NAME
    assert not place.exists() or place.read_text(encoding="utf-8") == page(HERE), "run make lessons"
    assert place.exists() == any(trials(HERE.notebook(source)) for source in SOURCES)


@each_lesson
def test_every_exercise_stands_in_its_lesson(source):
    lesson = read(source)
    assert exercise_faults(lesson) == []
    listed, _ = exercises_of(lesson.course["lesson"])
    told = notebook_of(source)
    assert all(any(registry.find(one).card in cell.source for cell in told.cells) for one in listed)
    for cell in code_cells(told):
        if "exercise" in cell.metadata.get("tags", ()):
            printed = "".join(str(o.get("text", o.get("data", ""))) for o in cell.outputs)
            assert "not attempted yet" in printed, f"cell {cell.id}: the committed stub should not be attempted"


@each_lesson
def test_the_lesson_has_the_form_that_the_build_asks_for(source):
    assert out_of_form(read(source), HERE) == []


# --- solved, on other seeds


def solved(lesson: Lesson) -> nbformat.NotebookNode:
    """The notebook of a learner who has solved everything."""
    notebook = compose(lesson, HERE)
    for cell in code_cells(notebook):
        if "exercise" in cell.metadata.get("tags", ()):
            last = check_line(cell)
            cell.source = f"{solution_source(last['id'], last['name'])}\n\n\n{last[0]}"
    return notebook


def progress_in(home: Path) -> dict:
    path = home / "progress.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@pytest.mark.lesson
@each_lesson
@pytest.mark.parametrize("course_seed", SEEDS)
def test_solved_and_on_other_seeds_everything_holds(source, course_seed, tmp_path):
    lesson = read(source)
    notebook = solved(lesson)
    heard = tmp_path / "figures.jsonl"
    listen = LISTEN.format(tools=str(HERE.root / "tools"), file=str(heard))
    record = run(notebook, HERE.lessons, course_seed=course_seed, look=progress_in, prologue=listen)
    states = {key: entry["state"] for key, entry in record["seen"].get("exercises", {}).items()}
    handed_in = [check_line(cell)["id"] for cell in lesson.cells if "exercise" in cell.tags]
    assert {key: states.get(key) for key in handed_in} == {
        key: "answered" if registry.find(key).kind == "open" else "correct" for key in handed_in
    }
    rows = evidence_rows(notebook)
    for row in rows:
        print(f"seed {course_seed}: {row['claim']}: {row['z']:+.2f} standard errors")
    assert rows
    assert all(row["holds"] for row in rows)
    everybody_can_read(heard, notebook)


def everybody_can_read(heard: Path, notebook: nbformat.NotebookNode) -> None:
    """Every figure that the lesson has drawn was looked at, and nothing in it is too small, too pale or alike."""
    figures = [json.loads(line) for line in heard.read_text(encoding="utf-8").splitlines()]
    shown = sum("image/png" in output.get("data", {}) for output in outputs(notebook))
    assert len(figures) >= shown > 0
    names = [one["figure"] or "without a title" for one in figures]
    faults = {f"figure {k + 1}: {names[k]}": one["findings"] for k, one in enumerate(figures) if one["findings"]}
    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)
