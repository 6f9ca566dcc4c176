"""An exercise says what it sees: the stub, the right attempt, the mistake by name, and everything else concretely."""

import functools
import inspect
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import exercises
from course_utils import progress as kept
from course_utils.exercises import (
    Exercise,
    Region,
    agrees,
    agrees_on,
    check,
    closely,
    exactly,
    hint,
    progress,
    registry,
    satisfies,
    solution,
    solution_source,
    within_standard_errors,
)
from course_utils.exercises import session as session_module
from course_utils.exercises.attempts import has_blank, untouched

HINTS = ("Look at the slope.", "Differentiate the energy.", "Minus the derivative: x - x**3 - tilt.")


def positions():
    return [np.linspace(-2, 2, 16), (np.array([0.5]), 0.3), {"x": 0.0, "tilt": 0.2}]


def force(x, tilt=0.1):
    """Force in a tilted double well."""
    return x - x**3 - tilt


def kick(x, size, *, seed):
    return x + size * np.random.default_rng(seed).normal(size=200)


def pair(x):
    return x.T @ x, x.sum(axis=0)


def histogram(x):
    return {"mean": x, "square": x**2}


FORCE = Exercise(
    "91.1",
    "the force",
    3,
    10,
    force,
    agrees_on(positions, closely()),
    {
        "the force is minus the slope": lambda x, tilt=0.1: -force(x, tilt),
        "the tilt pushes too": lambda x, tilt=0.1: x - x**3,
        "the cube is not a square": lambda x, tilt=0.1: x - x**2 - tilt,
    },
    HINTS,
)
VARIANCE = Exercise(
    "91.2", "its variance", 1, 5, 0.85214, agrees(closely(0.01)), {"that is the standard deviation": 0.9231}, HINTS
)
KICK = Exercise(
    "91.3",
    "a kick",
    4,
    1,
    kick,
    within_standard_errors([(0.0, 1.0), (2.0, 0.5)], {"mean": np.mean, "variance": np.var}, draws=32),
    {
        "the size is a standard deviation, not a variance": lambda x, size, *, seed: kick(x, np.sqrt(size), seed=seed),
        "the walker forgets where it stood": lambda x, size, *, seed: kick(0.0, size, seed=seed),
    },
    HINTS,
)
COOL = Exercise(
    "91.4",
    "cold enough",
    2,
    5,
    0.1,
    satisfies(lambda kt: 0 < kt <= 0.2 or f"at kT = {kt:.2g} too many walkers escape"),
    {"a temperature is above zero": Region(-1.0, lambda kt: kt <= 0)},
    HINTS,
    "regime",
)
WHY = Exercise("91.5", "why it climbs", 5, 5, "noise now and then adds up", hints=HINTS, kind="open")
PAIR = Exercise(
    "91.6",
    "two things",
    2,
    5,
    pair,
    agrees_on([np.arange(6.0).reshape(3, 2)]),
    {"sum over rows": lambda x: (x.T @ x, x.sum())},
    HINTS,
)
NAMED = Exercise(
    "91.7", "by name", 2, 5, histogram, agrees_on([1.5, 2.0]), {"no square": lambda x: {"mean": x, "square": x}}, HINTS
)
LESSON = (FORCE, VARIANCE, KICK, COOL, WHY, PAIR, NAMED)
every_exercise = pytest.mark.parametrize("exercise", LESSON, ids=lambda exercise: exercise.id)

STUB_END = 'The notebook goes on with the reference. hint("91.1") if you want a push.\n'


@pytest.fixture(autouse=True)
def lesson(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setattr(session_module, "_hints_seen", {})
    with registry.registered("91", LESSON):
        yield


def stub(x, tilt=0.1): ...


def refuses(x, tilt=0.1):
    """Return the force."""
    raise NotImplementedError("your turn")


def says_return_dots(x, tilt=0.1):
    """Return the force."""
    return ...


def only_a_docstring(x, tilt=0.1):
    """Return the force."""


def only_return(x, tilt=0.1):
    return


def only_pass(x, tilt=0.1):
    pass


def inside():
    free = 1

    def closure(x):
        raise NotImplementedError

    def with_free(x):
        return free

    return closure, with_free


UNTOUCHED = [
    stub,
    refuses,
    says_return_dots,
    only_a_docstring,
    only_return,
    only_pass,
    inside()[0],
    lambda x: ...,
    lambda x: None,
    functools.partial(stub, tilt=0.2),
    np.vectorize(stub),
    ...,
    None,
    "",
    " ... ",
]


@pytest.mark.parametrize("attempt", UNTOUCHED)
def test_a_stub_is_untouched(attempt):
    assert untouched(attempt)


def forgets_return(x, tilt=0.1):
    x - x**3 - tilt


def calls_something(x, tilt=0.1):
    print(x)


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


@every_exercise
def test_every_exercise_passes_its_own_test(exercise):
    assert exercise.self_test() == []


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


def test_self_test_finds_what_is_wrong_with_an_exercise():
    def problems(**changes):
        given_ = {"check": agrees_on(positions, closely()), "mistakes": {"a": lambda x, tilt=0.1: x}, **changes}
        return Exercise("91.1", "t", 1, 1, force, hints=HINTS, **given_).self_test()

    same = lambda x, tilt=0.1: force(x, tilt)  # noqa: E731
    assert "equals the reference" in problems(mistakes={"a": same})[0]
    assert "is taken for 'a'" in problems(mistakes={"a": lambda x, tilt=0.1: x, "b": lambda x, tilt=0.1: 1.0 * x})[0]
    assert "is not recognised" in problems(mistakes={"a": lambda x: 1 / 0})[0]
    assert "the reference is not correct" in problems(check=agrees_on([0.5], lambda a, b: False))[0]


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


GOOD = {
    "id": "91.1",
    "title": "t",
    "difficulty": 1,
    "minutes": 5,
    "reference": force,
    "check": agrees_on([0.5]),
    "mistakes": {"m": lambda x, tilt=0.1: x},
    "hints": HINTS,
    "kind": "code",
}
BAD = [
    ("id", "1.1"),
    ("id", "11.0"),
    ("id", 11.2),
    ("id", ""),
    ("title", " "),
    ("difficulty", 0),
    ("difficulty", 6),
    ("difficulty", 2.0),
    ("minutes", 0),
    ("hints", HINTS[:2]),
    ("hints", list(HINTS)),
    ("hints", ("a", "b", "a")),
    ("hints", ("a", "b", "")),
    ("reference", ...),
    ("reference", None),
    ("reference", stub),
    ("reference", refuses),
    ("reference", lambda x: x),
    ("reference", np.sin),
    ("reference", 0.5),
    ("reference", object()),
    ("check", None),
    ("check", exactly),
    ("check", satisfies(bool)),
    ("check", agrees(exactly)),
    ("mistakes", {}),
    ("mistakes", [force]),
    ("mistakes", {"": force}),
    ("mistakes", {"m": 1.0}),
    ("mistakes", {3: force}),
    ("kind", "essay"),
    ("kind", "open"),
    ("kind", "regime"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_an_exercise_is_tested_when_it_is_made(name, value):
    with pytest.raises((TypeError, ValueError), match=r"must (be|name|hold)"):
        Exercise(**{**GOOD, name: value})


@given(
    name=st.sampled_from(sorted(GOOD)),
    value=st.one_of(st.none(), st.binary(), st.floats(), st.lists(st.integers()), st.just("")),
)
def test_bad_fields_of_an_exercise(name, value):
    with pytest.raises((TypeError, ValueError), match=r"must (be|name|hold)"):
        Exercise(**{**GOOD, name: value})


def test_the_mistakes_of_an_exercise_cannot_be_changed():
    with pytest.raises(TypeError):
        FORCE.mistakes["new"] = force


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: agrees_on([]), "inputs must"),
        (lambda: agrees_on("abc"), "inputs must"),
        (lambda: agrees_on(3), "inputs must"),
        (lambda: agrees_on([1], "exactly"), "same must"),
        (lambda: agrees(None), "same must"),
        (lambda: closely(-1), "rtol must"),
        (lambda: closely(1.0), "rtol must"),
        (lambda: closely(0.1, float("nan")), "atol must"),
        (lambda: satisfies(0.5), "predicate must"),
        (lambda: Region(1, 2), "holds must"),
        (lambda: within_standard_errors([1], {}), "statistics must"),
        (lambda: within_standard_errors([1], {"mean": 1}), "mean.* must"),
        (lambda: within_standard_errors([1], {"mean": np.mean}, draws=2), "draws must"),
        (lambda: within_standard_errors([1], {"mean": np.mean}, errors=0), "errors must"),
        (lambda: registry.register("9", ()), "lesson must"),
        (lambda: registry.register("92", (FORCE,)), "ids that begin with 92"),
        (lambda: registry.register("91", (FORCE, FORCE)), "different ids"),
        (lambda: registry.register("91", ("x",)), "Exercise"),
        (lambda: registry.register("91", (), ("x",)), "Question"),
    ],
)
def test_bad_arguments_of_the_parts(make, told):
    with pytest.raises((TypeError, ValueError), match=told):
        make()


@given(
    value=st.one_of(
        st.floats(), st.integers(), st.text(), st.lists(st.floats()), st.dictionaries(st.text(), st.floats())
    )
)
def test_every_result_equals_itself(value):
    assert exactly(value, value)
    assert closely()(value, value)


@given(x=st.floats(-1e6, 1e6), factor=st.floats(-0.9, 0.9))
def test_closely_is_what_its_name_says(x, factor):
    near = abs(x) * 0.01 * abs(factor)
    assert closely(0.01)(x + np.sign(factor) * near, x)
    assert not closely(0.01)(x + 0.02 * abs(x) + 1e-6, x)


def test_torch_tensors_are_numbers_too():
    torch = pytest.importorskip("torch")
    assert exactly(torch.tensor([1.0, 2.0], requires_grad=True), np.array([1.0, 2.0]))
    assert FORCE.judge(lambda x, tilt=0.1: torch.as_tensor(force(x, tilt))).state == "correct"


def installed():
    return [number for number in registry.numbers() if number != "91"]


@pytest.mark.parametrize("number", installed())
def test_every_exercise_of_the_course_passes_its_own_test(number):
    found = registry.lesson(number).exercises
    assert {one.id: one.self_test() for one in found} == {one.id: [] for one in found}
