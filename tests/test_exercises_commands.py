"""Hints, solutions, cards and progress, by the id of an exercise."""

import inspect
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_exercises import (
    HINTS,
    force,
    lesson_fixture,  # noqa: F401
    stub,
)

from course_utils import exercises
from course_utils import progress as kept
from course_utils.exercises import (
    check,
    hint,
    progress,
    solution,
    solution_source,
)


def test_three_hints_one_after_another(capsys):
    for level in (1, 2, 3, 3):
        hint("91.1")
        said = capsys.readouterr().out
        assert f"hint {level} of 3: {HINTS[level - 1]}" in said
        assert ('solution("91.1")' in said) == (level == 3)
    hint("91.1", level=2)
    assert HINTS[1] in capsys.readouterr().out


@pytest.mark.parametrize("level", [0, 4, 1.0, "1", True])
def test_levels_that_do_not_exist(level):
    with pytest.raises((TypeError, ValueError), match="level must be"):
        hint("91.1", level=level)


def test_solution_shows_the_source(capsys):
    solution("91.1")
    assert inspect.getsource(force).strip() in capsys.readouterr().out
    solution("91.2")
    assert "0.85214" in capsys.readouterr().out
    solution("91.5")
    assert "Noise now and then" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "1st", "a b", "lambda", None, 3])
def test_names_that_are_none(name):
    with pytest.raises((TypeError, ValueError), match="name must be"):
        solution_source("91.1", name)


def test_progress_shows_what_is_done_and_done_stays_done(capsys):
    check("91.1", force)
    check("91.1", np.sin)
    check("91.1", stub)
    check("91.2", 3.0)
    check("91.5", "because noise now and then adds up")
    assert kept.load()["exercises"]["91.1"] == {"state": "correct"}
    capsys.readouterr()
    progress()
    said = capsys.readouterr().out
    assert re.search(r"91.1 +the force +moderate +10 +correct", said)
    assert re.search(r"91.2 +its variance +gentle +5 +tried, not yet right", said)
    assert re.search(r"91.3 +a kick +hard +1 +not attempted", said)
    table = exercises.progress_table()
    assert "2 of " in table.summary
    assert "| 91.5 | why it climbs | very hard | 5 | answered |" in table._repr_markdown_()


def test_strange_entries_in_the_progress_file_do_no_harm():
    for key, entry in {"91.1": 3, "91.2": {"state": 7}, "91.3": {"state": ["x"]}, "99.9": None}.items():
        kept.record("exercises", key, entry)
    kept.record("quiz", "91.1", 5)
    assert "| 91.1 | the force | moderate | 10 | not attempted |" in exercises.progress_table()._repr_markdown_()
    for key in ("91.1", "91.2", "91.3"):
        check(key, 17.0)
        assert kept.load()["exercises"][key]["state"] == "tried"


def test_cards():
    assert exercises.card("91.1") == "**Exercise 91.1 · the force · moderate · 10 minutes**"
    assert exercises.card("91.3").endswith("hard · 1 minute**")


@pytest.mark.parametrize(
    ("id_", "told"),
    [("91.8", r"Did you mean '91.*Lesson 91 has 91.1, 91.2"), ("19.1", "'91.1'"), ("x", "lesson 9?")],
)
def test_an_unknown_id_suggests_the_nearest(id_, told):
    with pytest.raises(ValueError, match=told):
        check(id_, force)


@given(
    id_=st.one_of(st.text().filter(lambda text: "." not in text), st.floats(), st.integers(), st.none(), st.binary())
)
def test_any_other_id_is_refused(id_):
    for ask in (lambda: check(id_, 1), lambda: hint(id_), lambda: solution(id_), lambda: exercises.card(id_)):
        with pytest.raises((TypeError, ValueError), match="id must be"):
            ask()
