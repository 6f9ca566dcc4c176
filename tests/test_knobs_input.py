"""Knobs and panels take what is right and name what is not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel_parts import make, well

from course_utils import knobs
from course_utils.knobs.controls import Control

# --- bad input -------------------------------------------------------------------------------------------------------


anything = st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.floats(), st.integers(-5, 5), st.just([1.0]))


@given(anything, anything, anything, anything, st.booleans())
def test_a_knob_is_right_or_refused(low, high, start, step, log):
    try:
        knob = knobs.Knob(low, high, start, step=step, log=log)
    except (TypeError, ValueError) as error:
        complaint = str(error)
        knob = None
    if knob is None:
        assert complaint.split()[0] in ("low", "high", "start", "step")
        return
    assert knob.low <= knob.start <= knob.high
    assert knob.stride > 0
    assert knob.low <= knob.tidy(knob.start) <= knob.high


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.booleans())
def test_whatever_the_range_the_control_stays_inside(low, width, log):
    knob = knobs.Knob(low, low + width, low, log=log)
    control = Control(knob, "x", lambda: None)
    for value in (control.slider.max, control.slider.min):
        control.slider.value = 10**value if log else value
        assert knob.low <= control.setting <= knob.high
        assert knob.accept("x", control.setting) == control.setting
    assert 39 <= (math.log10(knob.high / knob.low) if log else width) / knob.stride <= 101


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"function": 3}, TypeError, "function must be a function; got 3"),
        ({"draw": None}, TypeError, "draw must be a function"),
        (
            {"draw": lambda picture: picture},
            TypeError,
            r"draw must take \(figure, picture, artists\); got lambda\(pict",
        ),
        ({"draw": lambda figure, picture, artists, more: 0}, TypeError, r"draw must take \(figure, picture, artists\)"),
        ({"title": " "}, ValueError, "title must be"),
        ({"alt": ""}, ValueError, "alt must be"),
        ({"still": (0.3, 0.5)}, ValueError, "three or four settings.*got 2"),
        ({"still": 0.3}, TypeError, "three or four settings.*got 0.3"),
        ({"still": (0.3, 0.5, 7)}, ValueError, r"still\[2\]: temperature must be .* got 7"),
        ({"still": (0.3, 0.5, "hot")}, TypeError, r"still\[2\]: temperature must be"),
        ({"still": (0.3, {"heat": 1}, 1)}, ValueError, r"still\[1\]: heat must be one of the knobs"),
        ({"heat": knobs.Knob(0, 1, 0)}, ValueError, "arguments of the function .*got 'heat'"),
        ({"temperature": None}, ValueError, "knobs must include temperature"),
        ({"temperature": None, "tilt": None}, ValueError, "at least one argument"),
        ({"tilt": (0, 1)}, TypeError, r"tilt must be a Knob; got \(0, 1\)"),
        ({"function": lambda temperature, tilt: [1]}, TypeError, "function must return a mapping.*list"),
        ({"draw": lambda figure, picture, artists: None}, TypeError, "draw must return its artists"),
        ({"figure_size": 3}, TypeError, "figure_size must be a pair"),
        ({"figure_size": (3, -1)}, ValueError, "figure_size height must be"),
    ],
)
def test_a_panel_names_what_is_wrong(changes, error, message):
    with pytest.raises(error, match=message):
        make(**changes)


def test_functions_that_take_anything_or_say_nothing():
    assert make(lambda **values: well(**values)).values["temperature"] == 0.5
    with pytest.raises(ValueError, match=r"arguments of the function \(it has none\)"):
        make(lambda: {})
