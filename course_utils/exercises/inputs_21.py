"""The lattices, moments and curves on which lesson 21's exercises try an answer."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.exercises.attempts import AttemptError
from course_utils.exercises.comparisons import AgreesOn


def places() -> list[tuple[Any, ...]]:
    """Return lattices, each with the place of a spin; some spins stand at an edge."""
    rng = np.random.default_rng(21)
    lattices = [rng.choice([-1, 1], size=(size, size)) for size in (4, 5, 6)]
    return [(spins, row, column) for spins in lattices for row, column in ((1, 2), (0, 0), (3, 3), (2, 0), (3, 1))]


def fields() -> list[tuple[Any, float]]:
    """Return all sums that four neighbours can have, at three temperatures."""
    return [(np.array([-4, -2, 0, 2, 4]), temperature) for temperature in (0.8, 2.27, 5.0)]


def magnetisations() -> list[Any]:
    """Return draws of a magnetisation with one value, with two, and around zero."""
    rng = np.random.default_rng(8)
    return [rng.normal(0.3, 0.2, 40), rng.choice([-1, 1], 30) * rng.uniform(0.4, 0.9, 30), rng.normal(0, 0.1, 50)]


def curves() -> list[tuple[Any, ...]]:
    """Return pairs of curves that cross once; in the last one they come close before they do."""
    heat = np.array([2.1, 2.2, 2.25, 2.3, 2.45])
    small = np.array([0.64, 0.625, 0.617, 0.605, 0.57])
    return [(heat, small, small + jump) for jump in (
        np.array([0.02, 0.03, 0.01, -0.03, -0.2]),
        np.array([0.02, 0.005, -0.02, -0.05, -0.2]),
        np.array([0.03, 0.03, 0.02, 0.012, -0.1]),
        np.array([0.03, 0.004, 0.02, -0.03, -0.2]),
    )]  # fmt: skip


class Exact(AgreesOn):
    """Agreement with the reference, where a search on a grid comes near and is told so."""

    def describe(self, got: Any, expected: Any, names: Sequence[str]) -> str:
        """Say how a wrong result differs from the right one."""
        try:
            furthest = float(np.max(np.abs(np.subtract(got, expected, dtype=float))))
        except (TypeError, ValueError):
            furthest = np.inf
        if not furthest < 0.004:
            return super().describe(got, expected, names)
        return (
            f"Near, but off by up to {np.format_float_positional(furthest, 2, fractional=False)}. A grid of "
            "temperatures only comes near; between two points both curves are straight, and there is a formula for "
            "where two straight lines cross"
        )


class OnlyReads(AgreesOn):
    """Agreement with the reference, by a function that leaves the array it is given as it was."""

    def observe(self, attempt: Any, names: Sequence[str]) -> list[Any]:
        """Call the attempt on every input, and compare the array before and after."""
        unchanged = True

        @functools.wraps(attempt)
        def watched(spins: Any, *rest: Any) -> Any:
            nonlocal unchanged
            before = spins.copy()
            result = attempt(spins, *rest)
            unchanged &= np.array_equal(before, spins)
            return result

        try:
            found = super().observe(watched, names)
        except AttemptError as failure:
            if "IndexError" not in str(failure):
                raise
            advice = "Beyond the last row comes the first: take the index modulo the side, (row + 1) % len(spins)"
            raise AttemptError(f"{failure}. {advice}") from None
        if not unchanged:
            raise AttemptError(
                "Your function changes the array it is given, so the caller's magnet is another one afterwards. "
                "Only read from it, or work on spins.copy()"
            )
        return found
