"""Bad input to the walkers is named before any work is done."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.dynamics import langevin
from course_utils.models.double_well import DoubleWell
from course_utils.models.mueller_brown import MuellerBrown

WELL, LANDSCAPE = DoubleWell(), MuellerBrown()

GOOD_WALK = {"temperature": 0.5, "time_step": 0.01, "steps": 10, "record_every": 5, "seed": 1}
GOOD_ESCAPE = {
    "start": -1.0, "target": 1.0, "temperature": 0.5, "time_step": 0.01, "walkers": 3, "longest": 1.0, "seed": 1,
}  # fmt: skip
GOOD_CROSSING = {
    "start": [-0.5, 1.4], "target": [0.6, 0.0], "radius": 0.1, "temperature": 20.0, "time_step": 1e-5, "walkers": 3,
    "longest": 1e-3, "seed": 1,
}  # fmt: skip
CALLS = {
    "walk": (lambda **options: langevin.walk(WELL.force, np.zeros(3), **options), GOOD_WALK),
    "walk_quartic": (lambda **options: langevin.walk_quartic(WELL, np.zeros(3), **options), GOOD_WALK),
    "escape_times": (lambda **options: langevin.escape_times(WELL, **options), GOOD_ESCAPE),
    "crossing_times": (lambda **options: langevin.crossing_times(LANDSCAPE, **options), GOOD_CROSSING),
}
ARGUMENTS = [(call, name) for call, (_, good) in CALLS.items() for name in good]
bad_numbers = st.one_of(
    st.sampled_from([float("nan"), float("inf"), -1.0, -3, "warm", True, [], {}, b"x", [[1.0], [2.0]], 1j]),
    st.floats(max_value=-1e-3),
    st.text(),
)


@pytest.mark.parametrize(("call", "name"), ARGUMENTS)
@settings(max_examples=25, deadline=None)
@given(value=bad_numbers)
def test_bad_input_is_named_before_any_work(call, name, value):
    run, good = CALLS[call]
    if name in ("start", "target") and isinstance(value, (int, float)) and np.isfinite(value) and value is not True:
        return
    with pytest.raises((ValueError, TypeError), match=name):
        run(**(good | {name: value}))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: langevin.walk_quartic(None, [0.0], **GOOD_WALK), "potential must be a DoubleWell"),
        (lambda: langevin.escape_times(LANDSCAPE, **GOOD_ESCAPE), "potential must be a DoubleWell"),
        (lambda: langevin.crossing_times(WELL, **GOOD_CROSSING), "landscape must be a MuellerBrown"),
        (lambda: langevin.walk(0.0, [0.0], **GOOD_WALK), "force must be a function"),
        (lambda: langevin.walk(WELL.force, [], **GOOD_WALK), "positions must be"),
        (lambda: langevin.walk(WELL.force, np.zeros((2, 2, 2)), **GOOD_WALK), "positions must have shape"),
        (lambda: langevin.walk(lambda x: x[:1], np.zeros(3), **GOOD_WALK), "force must return the shape"),
        (
            lambda: langevin.walk(WELL.force, np.zeros(3), **(GOOD_WALK | {"temperature": lambda x: -1.0})),
            "temperature",
        ),
        (lambda: langevin.walk(WELL.force, np.zeros(3), **(GOOD_WALK | {"record_every": 11})), "record_every"),
        (lambda: langevin.escape_times(WELL, **(GOOD_ESCAPE | {"target": -1.0})), "target must differ"),
        (lambda: langevin.escape_times(WELL, **(GOOD_ESCAPE | {"target": (0.0, 1.0)})), r"target\[0\]"),
        (lambda: langevin.escape_times(WELL, **(GOOD_ESCAPE | {"target": (-2.0, 1.0, 3.0)})), "one place or two"),
        (lambda: langevin.crossing_times(LANDSCAPE, **(GOOD_CROSSING | {"radius": 5.0})), "outside the disc"),
    ],
)
def test_what_does_not_fit_together_is_named(run, words):
    with pytest.raises((ValueError, TypeError), match=words):
        run()
