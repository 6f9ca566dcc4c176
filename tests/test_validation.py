"""The bad-input rule, tested once where it is written."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import validation

NOT_NUMBERS = st.one_of(st.none(), st.text(), st.lists(st.integers()), st.booleans(), st.complex_numbers())


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-300))
def test_positive_numbers_pass_unchanged(value):
    assert validation.positive("temperature", value) == value


@given(st.one_of(st.floats(max_value=0), st.just(math.nan), st.just(math.inf)))
def test_other_numbers_are_refused_by_name(value):
    with pytest.raises(ValueError, match="temperature must be a finite number above 0; got"):
        validation.positive("temperature", value)


@given(NOT_NUMBERS)
def test_what_is_no_number_is_a_type_error(value):
    with pytest.raises(TypeError, match="temperature must be"):
        validation.positive("temperature", value)


@given(st.one_of(st.floats(), NOT_NUMBERS))
def test_whole_takes_whole_numbers_only(value):
    with pytest.raises(TypeError, match="walkers must be a whole number"):
        validation.whole("walkers", value)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=5))
def test_arrays_are_finite_or_refused(values):
    if all(map(math.isfinite, values)):
        assert validation.finite_array("x", values).tolist() == values
    else:
        with pytest.raises(ValueError, match=r"x must be .*NaN or infinite"):
            validation.finite_array("x", values)


@pytest.mark.parametrize("bad", ["abc", None, [None], [1, "a"], [[1], [1, 2]], np.array([True]), [1j]])
def test_arrays_of_other_things_are_type_errors(bad):
    with pytest.raises(TypeError, match="x must be"):
        validation.finite_array("x", bad)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ndim": 2}, "2 axes"),
        ({"least_size": 5}, "at least 5"),
        ({"above": 1}, "all above 1"),
        ({"least": 2}, "at least 2"),
    ],
)
def test_arrays_of_the_wrong_shape_or_range(options, message):
    with pytest.raises(ValueError, match=message):
        validation.finite_array("x", [1.0, 2.0], **options)


def test_choices_are_listed():
    with pytest.raises(ValueError, match="axis must be one of 'x', 'y'; got 'z'"):
        validation.one_of("axis", "z", ("x", "y"))
    with pytest.raises(ValueError, match="axis must be one of"):
        validation.one_of("axis", [], {"x"})
    with pytest.raises(ValueError, match="axis must be one of"):
        validation.one_of("axis", np.array([1, 2]), ("x", "y"))


def test_sentences_and_functions():
    assert validation.text("caption", "seen") == "seen"
    for bad in ("", "  "):
        with pytest.raises(ValueError, match="caption must be a sentence"):
            validation.text("caption", bad)
    with pytest.raises(TypeError, match="caption must be a sentence"):
        validation.text("caption", None)
    with pytest.raises(TypeError, match="draw must be a function"):
        validation.function("draw", 3)


def test_a_long_value_is_shortened_in_the_message():
    with pytest.raises(TypeError) as caught:
        validation.positive("temperature", "x" * 1000)
    assert len(str(caught.value)) < 250
