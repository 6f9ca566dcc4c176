"""The samples on which lesson 22's exercises try an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.exercises.attempts import AttemptError
from course_utils.exercises.comparisons import AgreesOn


def wide_sets() -> list[tuple[Any, Any]]:
    """Return sets with fewer samples than weights, and their labels."""
    rng = np.random.default_rng(22)
    return [(rng.normal(size=(n, p)), rng.normal(size=n)) for n, p in ((2, 3), (4, 9), (5, 30))]


def tubes() -> list[tuple[Any, ...]]:
    """Return sets, their labels, weights, and the tolerance around the fit."""
    rng = np.random.default_rng(23)
    sets = [(12, 4, 0.5), (30, 6, 1.0), (8, 10, 0.2)]
    return [
        (rng.normal(size=(n, p)), 2 * rng.normal(size=n), rng.normal(size=p), tolerance) for n, p, tolerance in sets
    ]


class Wide(AgreesOn):
    """Agreement with the reference, where whoever takes x for a square matrix is helped on."""

    def observe(self, attempt: Any, names: Sequence[str]) -> list[Any]:
        """Call the attempt on every input."""
        try:
            return super().observe(attempt, names)
        except AttemptError as failure:
            if "must be square" not in str(failure):
                raise
            advice = "x has more columns than rows, so many w fit. Write w = x.T @ c, with one number c per sample"
            raise AttemptError(f"{failure}. {advice}, and solve for c") from None
