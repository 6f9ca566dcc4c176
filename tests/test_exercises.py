"""An exercise says what it sees: the stub, the right attempt, the mistake by name, and everything else concretely."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_exercises import (
    COOL,
    HINTS,
    KICK,
    LESSON,
    NAMED,
    PAIR,
    STUB_END,
    UNTOUCHED,
    VARIANCE,
    every_exercise,
    force,
    forgets_return,
    kick,
    lesson_fixture,  # noqa: F401
)

from course_utils.exercises import (
    Exercise,
    Region,
    agrees_on,
    check,
    closely,
    differences,
    session,
    solution_source,
    within_standard_errors,
)
from course_utils.exercises.self_test import problems


@every_exercise
def test_every_exercise_passes_its_own_test(exercise):
    assert problems(exercise) == []


@every_exercise
def test_stub_solution_and_mistakes_through_check(exercise, capsys):
    assert check(exercise.id, ...) is exercise.reference
    assert f"Exercise {exercise.id}: not attempted yet." in capsys.readouterr().out
    assert check(exercise.id, exercise.reference) is exercise.reference
    said = capsys.readouterr().out
    assert (": noted." if exercise.kind == "open" else ": correct. The notebook goes on with your") in said
    for message, mistake in exercise.mistakes.items():
        attempt = mistake.example if isinstance(mistake, Region) else mistake
        assert check(exercise.id, attempt) is exercise.reference
        said = capsys.readouterr().out
        assert said.count("\n") == 2
        assert message[1:] in said
        assert not any(other[1:] in said for other in exercise.mistakes if other != message)


@every_exercise
def test_the_solution_fills_the_stub(exercise):
    space = {"np": np}
    exec(solution_source(exercise.id, "mine"), space)
    verdict = exercise.judge(space["mine"])
    assert verdict.state == ("answered" if exercise.kind == "open" else "correct")


@pytest.mark.parametrize("attempt", UNTOUCHED)
def test_what_an_untouched_stub_is_told(attempt, capsys):
    assert check("91.1", attempt) is force
    assert capsys.readouterr().out == f"Exercise 91.1: not attempted yet. {STUB_END}"


def test_what_a_right_attempt_is_told(capsys):
    def mine(x, tilt=0.1):
        return x * (1 - x * x) - tilt

    assert check("91.1", mine) is mine
    assert capsys.readouterr().out == "Exercise 91.1: correct. The notebook goes on with your version.\n"
    assert check("91.2", 0.8521) == 0.8521
    assert capsys.readouterr().out == "Exercise 91.2: correct. The notebook goes on with your answer.\n"


def refuses_late(x, tilt=0.1):
    square = x**2
    raise NotImplementedError(square)


def divides(x, tilt=0.1):
    centre = 0
    return x / np.sum(centre) if np.size(x) > 1 else 1 // centre


def writes_into_its_input(x, tilt=0.1):
    if isinstance(x, float):
        return force(x, tilt)
    x[:] = force(x, tilt)
    return x


DIVIDES_LINE = divides.__code__.co_firstlineno + 2


TOLD = [
    (forgets_return, "Your function returns None: is a `return` missing?"),
    (refuses_late, "not attempted yet. Your function still raises NotImplementedError."),
    (divides, rf"raises ZeroDivisionError \(integer .*\) in line {DIVIDES_LINE}, `return x / np.*`, for x = \[0.5\]"),
    (lambda x: x, r"takes \(x\) where \(x, tilt=0.1\) is asked for"),
    (lambda x, tilt=0.1: 0.5 * force(x, tilt), "is 0.5 times what it should be at 18 of 18 places"),
    (lambda x, tilt=0.1: np.pi * force(x, tilt), "is 3.142 times what it should be at 18 of 18 places"),
    (lambda x, tilt=0.1: 1.00002 * force(x, tilt), "is 1.00002 times what it should be at 18 of 18 places"),
    (lambda x, tilt=0.1: force(x, tilt) + 0.25, "is 0.25 too large at 18 of 18 places"),
    (lambda x, tilt=0.1: force(x, tilt) - 0.25, "is 0.25 too small at 18 of 18 places"),
    (lambda x, tilt=0.1: -force(x, tilt), "opposite sign at 18 of 18 places: the force is minus the slope"),
    (lambda x, tilt=0.1: np.sin(x), r"3 of 3 inputs come out wrong; the first, .*, at \[0\].* -0.9093, expected 5.9"),
    (lambda x, tilt=0.1: np.atleast_1d(x)[:3], r"has shape \(3,\) where shape \(16,\) is expected"),
    (lambda x, tilt=0.1: float(np.sum(x)), r"is a single number where shape \(16,\) is expected"),
    (lambda x, tilt=0.1: "downhill", r"returns a text where an array of shape \(16,\) is expected"),
    (lambda x, tilt=0.1: print, "returns a function where"),
    (lambda x, tilt=0.1: np.log(x), "infinite or not a number at 9 of 18 places"),
    (3.0, "A function is asked for, but this is 3: hand over the function itself"),
    ("force", "A function is asked for, but this is 'force'"),
]


@pytest.mark.parametrize(("attempt", "told"), TOLD)
def test_what_a_wrong_attempt_is_told(attempt, told, capsys):
    assert check("91.1", attempt) is force
    said = capsys.readouterr().out
    assert re.search(told, said), said
    assert said.endswith(STUB_END)
    assert said.count("\n") == (1 if "not attempted" in told else 2)
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("got", "expected", "told"),
    [
        (2.3, 2.0, "gives 2.3, expected 2"),
        (2.2631, 2.2632, "gives 2.2631, expected 2.2632"),
        (np.float64(2.00001), 2.0, "gives 2.00001, expected 2"),
        ((2.00001, 0.5), (2.0, 0.5), "gives (2.00001, 0.5), expected (2, 0.5)"),
        ([2.0, 0.500008], np.array([2.0, 0.5]), "gives [2, 0.50001], expected [2, 0.5]"),
        (3 + np.arange(8) * 1e-4, np.full(8, 3.0), "at [1] for instance it gives 3.0001, expected 3"),
    ],
)
def test_different_numbers_are_printed_with_as_many_digits_as_tell_them_apart(got, expected, told):
    assert told in differences.describe([got], [expected], closely(), ["x = 2"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("the field on the spin", "The field on the spin."),
        ("half-way there, or not?", "Half-way there, or not?"),
        ("a step is missing", "A step is missing."),
        ("n counts the draws", "n counts the draws."),
        ("β is 1/T.", "β is 1/T."),
        ("gammaln(h) is something else", "gammaln(h) is something else."),
        ("x_i is a place", "x_i is a place."),
        ("Not at the level. (It wants rising x.)", "Not at the level. (It wants rising x.)"),
        ("Not at the level (it wants rising x)", "Not at the level (it wants rising x)."),
    ],
)
def test_a_message_becomes_a_sentence_and_its_symbols_stay_as_they_are(words, said):
    assert session._sentence(words) == said


def test_an_attempt_that_writes_into_its_input_harms_nobody(capsys):
    grid = np.linspace(-1, 1, 5)
    exercise = Exercise("91.9", "t", 1, 1, force, agrees_on([grid], closely()), {"no": lambda x, tilt=0.1: x}, HINTS)
    assert exercise.judge(writes_into_its_input).state == "correct"
    assert exercise.judge(writes_into_its_input).state == "correct"
    assert np.array_equal(grid, np.linspace(-1, 1, 5))


def test_transposed_and_wrong_numbers_of_things():
    def told(attempt):
        return PAIR.judge(attempt).reason

    def turned(x):
        return x[:, :1] * x

    matrix = Exercise("91.9", "t", 1, 1, turned, agrees_on([np.arange(6.0).reshape(3, 2)]), {"no": lambda x: x}, HINTS)
    assert "transposed" in matrix.judge(lambda x: turned(x).T).reason
    assert "1 thing where 2 things" in told(lambda x: (x,))
    assert "a number where 2 things" in told(lambda x: 1.0)
    assert "expected" in NAMED.judge(lambda x: {"mean": x}).reason
    assert "a dictionary with 'mean', 'square' is expected" in NAMED.judge(lambda x: x).reason


VALUES = [
    (0.5, "0.5 is too small"),
    (1.0, "1 is too large"),
    (80, "80 is too large by a factor of more than 10"),
    (-0.85214, "opposite sign"),
    ("warm", "Your answer is a text where a number is expected"),
    ([1.0, 2.0], r"Your answer has shape \(2,\)"),
    (float("nan"), "not a finite number"),
    (force, "A value is asked for, but this is a function"),
]


@pytest.mark.parametrize(("attempt", "told"), VALUES)
def test_a_wrong_value_is_described_without_the_answer(attempt, told):
    reason = VARIANCE.judge(attempt).reason
    assert re.search(told, reason), reason
    assert "0.852" not in reason


def test_random_attempts_are_compared_by_their_statistics():
    def other_order(x, size, *, seed):
        generator = np.random.default_rng(seed)
        generator.normal(size=17)
        return x + generator.normal(0, size, 300)

    assert KICK.judge(other_order).state == "correct"
    weak = KICK.judge(lambda x, size, *, seed: kick(x, 0.5 * size, seed=seed))
    assert re.match(
        r"The variance of your result is 0.2\d* ± 0.0\d*, expected (0.9|1)\d*.* ± 0.\d+, for x = 0", weak.reason
    )
    assert "returns None" in KICK.judge(lambda x, size, *, seed: print(end="")).reason
    assert "has no mean" in KICK.judge(lambda x, size, *, seed: {"a": x}).reason
    assert "seed" in KICK.judge(lambda x, size: x).reason


@pytest.mark.parametrize(("shift", "right"), [(0.4, True), (-0.4, True), (1.0, False), (-1.0, False)])
def test_a_random_attempt_is_allowed_errors_of_its_mean_not_of_one_draw(shift, right):
    """64 draws of scatter 1: four errors of the difference are 0.7, though a single draw strays further."""
    compared = within_standard_errors([(0.0,)], {"mean": float}, draws=64)
    expected = compared.observe(lambda x, *, seed: x + seed.normal(), ["x"])
    mine = compared.observe(lambda x, *, seed: x + seed.normal() + shift, ["x"])
    assert compared.agree(mine, expected) == right
    assert float(expected[0]["mean"][1]) == pytest.approx(1 / 8, rel=0.4)


def test_a_regime_is_judged_by_what_it_brings_about():
    assert COOL.judge(0.15).state == "correct"
    assert COOL.judge(0.0).mistake == "a temperature is above zero"
    assert COOL.judge(0.5).reason == "at kT = 0.5 too many walkers escape"
    assert "a text where a number" in COOL.judge("cold").reason
    assert "cannot be tried out" in COOL.judge(1j).reason


def test_an_open_question_takes_any_answer(capsys):
    assert check("91.5", "it climbs because it just does") == "it climbs because it just does"
    assert capsys.readouterr().out == "Exercise 91.5: noted. Compare it with this: noise now and then adds up.\n"
    check("91.5", 3)
    assert "should be a text in quotes" in capsys.readouterr().out
    check("91.5", "noise")
    assert "A sentence or two are asked for" in capsys.readouterr().out


@given(
    attempt=st.one_of(
        st.floats(),
        st.text(),
        st.binary(),
        st.lists(st.floats()),
        st.dictionaries(st.text(), st.integers()),
        st.complex_numbers(),
        st.booleans(),
        st.tuples(st.none(), st.text()),
    )
)
def test_no_value_raises(attempt):
    for exercise in LESSON:
        assert exercise.judge(attempt).state in {"not attempted", "tried", "correct", "answered"}


@given(
    result=st.one_of(
        st.none(),
        st.floats(),
        st.text(),
        st.binary(),
        st.lists(st.text()),
        st.booleans(),
        st.sets(st.integers()),
        st.dictionaries(st.text(), st.integers()),
        st.complex_numbers(),
        st.tuples(st.none(), st.text()),
    )
)
def test_no_result_raises(result):
    for exercise in LESSON:
        assert exercise.judge(lambda *args, **kwargs: result).state == "tried"


class Rude:
    def __repr__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")

    __hash__ = None


def test_not_even_a_rude_object_raises():
    for exercise in LESSON:
        assert exercise.judge(Rude()).state == "tried"
        assert exercise.judge(lambda *args, **kwargs: Rude()).state == "tried"


def test_an_interrupt_goes_through():
    def interrupted(x, tilt=0.1):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("91.1", interrupted)
