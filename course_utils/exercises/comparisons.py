"""Ways to compare an attempt with the reference: on inputs, as a value, by statistics, or by what it brings about.

A comparison does three things. It observes (an attempt becomes results), it says whether two sets of results agree, and
it describes how they differ. Mistakes are compared in the same way as attempts, so that they are told apart by what
they do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from course_utils import validation
from course_utils.exercises import differences
from course_utils.exercises.attempts import call
from course_utils.exercises.inputs import Call, Inputs, calls, said, tested

Same: TypeAlias = Callable[[Any, Any], bool]


def exactly(got: Any, expected: Any) -> bool:
    """Tell whether two results are equal, part by part; NaN equals NaN, and capitals in a text do not count.

    Examples
    --------
    >>> exactly((1, [2, 3]), (1.0, np.array([2, 3]))), exactly([1, 2], [1, 2, 3]), exactly(" Left", "left")
    (True, False, True)
    """
    return differences.same_structure(got, expected, _equal)


def closely(rtol: float = 1e-6, atol: float = 1e-9) -> Same:
    """Return a comparison of numbers within a relative tolerance, plus a small absolute one for zeros.

    Parameters
    ----------
    rtol : float
        Allowed deviation, relative to the expected number; between 0 and 1.
    atol : float
        Allowed deviation where the expected number is zero, 0 or more.

    Examples
    --------
    >>> closely(0.01)(1.005, 1.0), closely(0.01)(1.02, 1.0)
    (True, False)
    """
    rtol = validation.real("rtol", rtol, least=0, below=1)
    atol = validation.real("atol", atol, least=0)

    def near(got: Any, expected: Any) -> bool:
        mine, right = differences.numbers(got), differences.numbers(expected)
        if mine is None or right is None:
            return _equal(got, expected)
        return mine.shape == right.shape and bool(np.allclose(mine, right, rtol=rtol, atol=atol, equal_nan=True))

    def close(got: Any, expected: Any) -> bool:
        return differences.same_structure(got, expected, near)

    return close


def _equal(got: Any, expected: Any) -> bool:
    mine, right = differences.numbers(got), differences.numbers(expected)
    if mine is not None and right is not None:
        return mine.shape == right.shape and bool(np.array_equal(mine, right, equal_nan=mine.dtype.kind in "fc"))
    if isinstance(got, str) and isinstance(expected, str):
        return got.strip().casefold() == expected.strip().casefold()
    try:
        return bool(type(got) is type(expected) and got == expected)
    except Exception:  # a learner's own type, or one without a single truth value
        return False


class Comparison(Protocol):
    """What an exercise asks of its check."""

    @property
    def needs_function(self) -> bool:
        """Whether attempts are functions."""

    def calls(self) -> Sequence[Call]:
        """Return the arguments of every call."""

    def observe(self, attempt: Any, names: Sequence[str]) -> Any:
        """Return the results of an attempt; raise `AttemptError` if there are none."""

    def agree(self, got: Any, expected: Any) -> bool:
        """Tell whether two results agree."""

    def relate(self, got: Any, expected: Any) -> str:
        """Say which one rule relates two results; "" if none does."""

    def describe(self, got: Any, expected: Any, names: Sequence[str]) -> str:
        """Say how a wrong result differs from the right one."""


@dataclass(frozen=True, eq=False)
class AgreesOn:
    """The attempt is a function that must agree with the reference on given inputs (see `agrees_on`)."""

    inputs: Inputs
    same: Same
    needs_function = True

    def calls(self) -> list[Call]:
        """Return the arguments of every call."""
        return calls(self.inputs)

    def observe(self, attempt: Any, names: Sequence[str]) -> list[Any]:
        """Call the attempt on every input."""
        return [call(attempt, args, kwargs, said((args, kwargs), names)) for args, kwargs in self.calls()]

    def agree(self, got: Any, expected: Any) -> bool:
        """Tell whether all results agree."""
        return all(self.same(mine, right) for mine, right in zip(got, expected, strict=True))

    def relate(self, got: Any, expected: Any) -> str:
        """Say which one rule relates two results; "" if none does."""
        return differences.relation(got, expected, self.same)

    def describe(self, got: Any, expected: Any, names: Sequence[str]) -> str:
        """Say how a wrong result differs from the right one."""
        return differences.describe(got, expected, self.same, [said(one, names) for one in self.calls()])


@dataclass(frozen=True, eq=False)
class Agrees:
    """The attempt is a value that must agree with the reference (see `agrees`)."""

    same: Same
    needs_function = False

    def calls(self) -> list[Call]:
        """Return nothing: a value is not called."""
        return []

    def observe(self, attempt: Any, names: Sequence[str]) -> Any:
        """Return the value itself."""
        return attempt

    def agree(self, got: Any, expected: Any) -> bool:
        """Tell whether the values agree."""
        return self.same(got, expected)

    def relate(self, got: Any, expected: Any) -> str:
        """Return nothing: a factor would give the answer away."""
        return ""

    def describe(self, got: Any, expected: Any, names: Sequence[str]) -> str:
        """Say in which direction the value is wrong."""
        return differences.describe_value(got, expected)


@dataclass(frozen=True, eq=False)
class Satisfies:
    """The attempt is a value that must bring something about (see `satisfies`)."""

    predicate: Callable[[Any], Any]
    needs_function = False

    def judge(self, attempt: Any) -> str:
        """Return "" if the value does it, otherwise what happened instead (or "no" without a reason)."""
        answer = self.predicate(attempt)
        if isinstance(answer, str):
            return answer
        return "" if answer else "no"


@dataclass(frozen=True, eq=False)
class Region:
    """All values that make one typical mistake, for exercises that look for a regime.

    Parameters
    ----------
    example : object
        One of them, for the tests.
    holds : callable
        Whether a value is one of them.
    """

    example: Any
    holds: Callable[[Any], bool]

    def __post_init__(self) -> None:
        """Test the arguments."""
        validation.function("holds", self.holds)


def agrees_on(inputs: Inputs, same: Same = exactly) -> AgreesOn:
    """Judge a function by its results on ``inputs``.

    Parameters
    ----------
    inputs : sequence, or a function that returns one
        Each input is a tuple of arguments, a dictionary of named arguments, or the only argument. A function is called
        when the check needs the inputs, so that importing a lesson costs nothing.
    same : callable
        `exactly`, ``closely(rtol)``, or any function of (got, expected) that returns a truth value.
    """
    return AgreesOn(tested(inputs), validation.function("same", same))


def agrees(same: Same = exactly) -> Agrees:
    """Judge a value by comparing it with the reference."""
    return Agrees(validation.function("same", same))


def satisfies(predicate: Callable[[Any], Any]) -> Satisfies:
    """Judge a value by what it brings about.

    Parameters
    ----------
    predicate : callable
        Returns True for a right value; False, or a sentence on what happens instead, for a wrong one.
    """
    return Satisfies(validation.function("predicate", predicate))
