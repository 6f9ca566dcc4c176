"""Exercises are tested when they are made, and so are the parts that they are made of."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_exercises import (
    FORCE,
    HINTS,
    force,
    lesson_fixture,  # noqa: F401
    positions,
    refuses,
    stub,
)

from course_utils.exercises import (
    Exercise,
    Region,
    agrees,
    agrees_on,
    closely,
    exactly,
    registry,
    satisfies,
    within_standard_errors,
)
from course_utils.exercises.self_test import problems


def test_self_test_finds_what_is_wrong_with_an_exercise():
    def faults(**changes):
        given_ = {"check": agrees_on(positions, closely()), "mistakes": {"a": lambda x, tilt=0.1: x}, **changes}
        return problems(Exercise("91.1", "t", 1, 1, force, hints=HINTS, **given_))

    same = lambda x, tilt=0.1: force(x, tilt)  # noqa: E731
    assert "equals the reference" in faults(mistakes={"a": same})[0]
    assert "is taken for 'a'" in faults(mistakes={"a": lambda x, tilt=0.1: x, "b": lambda x, tilt=0.1: 1.0 * x})[0]
    assert "is not recognised" in faults(mistakes={"a": lambda x: 1 / 0})[0]
    assert "the reference is not correct" in faults(check=agrees_on([0.5], lambda a, b: False))[0]


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
    faults = [f"{one.id}: {fault}" for one in found for fault in problems(one)]
    assert faults == [], "\n".join([f"course_utils/exercises/lesson_{number}.py:", *faults])


def test_no_two_files_of_the_exercises_import_each_other():
    """Not even inside a function, or for the types alone."""
    folder = Path(registry.__file__).parent
    imports = {}
    for path in folder.glob("*.py"):
        found = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.ImportFrom)]
        named = {f"{one.module}.{alias.name}" for one in found for alias in one.names}
        named |= {one.module for one in found if one.module}
        imports[path.stem] = {
            other.stem for other in folder.glob("*.py") if f"{registry.PACKAGE}.{other.stem}" in named
        }
    order = list(TopologicalSorter(imports).static_order())
    assert order.index("questions") < order.index("registry") < order.index("quizzes")
    assert order.index("core") < order.index("self_test")
