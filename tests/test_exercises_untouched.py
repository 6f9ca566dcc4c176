"""What counts as an attempt: a stub is none, whatever it looks like."""

import numpy as np
import pytest
from sample_exercises import (
    UNTOUCHED,
    calls_something,
    force,
    forgets_return,
    inside,
    lesson_fixture,  # noqa: F401
    stub,
)

from course_utils.exercises.attempts import has_blank, untouched


@pytest.mark.parametrize("attempt", UNTOUCHED)
def test_a_stub_is_untouched(attempt):
    assert untouched(attempt)


def raises_another(x, tilt=0.1):
    raise ValueError("NotImplementedError")


TOUCHED = [
    forgets_return,
    calls_something,
    raises_another,
    force,
    inside()[1],
    lambda x: 0,
    lambda x: x,
    0,
    0.0,
    "noise",
    np.zeros(3),
    [],
    print,
    dict,
]


@pytest.mark.parametrize("attempt", TOUCHED)
def test_an_attempt_is_not_untouched(attempt):
    assert not untouched(attempt)


def test_deciding_does_not_call_the_function(capsys):
    untouched(calls_something)
    assert capsys.readouterr().out == ""


def test_a_jitted_stub_is_untouched():
    numba = pytest.importorskip("numba")
    assert untouched(numba.njit(stub))
    assert not untouched(numba.njit(force))


def test_a_blank_is_seen_and_indexing_with_dots_is_not():
    def blank(x):
        slope = ...
        return slope * x

    def index(x):
        x = x.copy()
        x[...] = 1
        x[..., 0] = 2
        return x[...]

    assert has_blank(blank)
    assert not has_blank(index)
