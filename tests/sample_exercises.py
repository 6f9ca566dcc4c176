"""A lesson of exercises of every kind for the tests, and attempts that are none."""

import functools

import numpy as np
import pytest

from course_utils.exercises import (
    Exercise,
    Region,
    agrees,
    agrees_on,
    closely,
    registry,
    satisfies,
    within_standard_errors,
)
from course_utils.exercises import session as session_module

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


@pytest.fixture(name="lesson", autouse=True)
def lesson_fixture(tmp_path, monkeypatch):
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


def forgets_return(x, tilt=0.1):
    x - x**3 - tilt


def calls_something(x, tilt=0.1):
    print(x)
