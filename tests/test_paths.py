"""Crossings are cut out of paths where they begin and end."""

import numpy as np
import pytest

from course_utils.measure.paths import Crossing, first_crossing

ENDS = {"start": [0.0, 0.0], "target": [4.0, 0.0], "radius": 0.5}


def along(*xs):
    return [[x, 0.0] for x in xs]


def test_the_first_to_arrive_is_found_and_its_crossing_begins_where_it_last_left():
    slow = along(0, 1, 0, 2, 3, 4)
    quick = along(0, 0.2, 2, 3, 4, 4)
    assert first_crossing([slow, quick], **ENDS) == Crossing(walker=1, left=1, arrived=4)


def test_nobody_arrives():
    assert first_crossing([along(0, 1, 0, 1)], **ENDS) is None


def test_never_seen_at_the_start():
    assert first_crossing([along(2, 3, 4)], **ENDS) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": 0}, "radius must be"),
        ({"start": [0.0]}, "start must have 2"),
        ({"target": [1, np.nan]}, "target must"),
    ],
)
def test_bad_input_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        first_crossing([along(0, 4)], **{**ENDS, **change})
