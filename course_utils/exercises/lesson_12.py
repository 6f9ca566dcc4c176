"""Lesson 12: the loss is an energy."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.quiz_12 import QUIZ as QUIZ
from course_utils.knobs.lesson_12 import CURVATURES
from course_utils.theory import liu2021
from course_utils.validation import real


def settled_variance(curvature, noise, learning_rate, batch_size):
    kept = (1 - learning_rate * curvature) ** 2
    added = learning_rate**2 * noise / batch_size
    return added / (1 - kept)


def batch_variance(values, size):
    n = len(values)
    return np.var(values) / size * (n - size) / (n - 1)


def filter_normalise(direction, weights):
    own = np.linalg.norm(weights, axis=1, keepdims=True)
    return direction * own / np.linalg.norm(direction, axis=1, keepdims=True)


def layers_until(factor, chi):
    return 2 * np.log(factor) / np.log(chi)


class _Simulated(float):
    """A right value as a simulation gives it: nearly."""


def _as_formula(got: Any, expected: Any) -> bool:
    """Compare closely, but leave room where a simulation is meant."""
    return closely(0.1 if isinstance(expected, _Simulated) else 1e-9)(got, expected)


def _bowls() -> list[tuple[Any, ...]]:
    h = np.array([0.1, 0.5, 3.0])
    return [(h, h, 0.2, 16), (h, 2 * h, 0.5, 4), (h, h**2, 0.05, 1)]


def _values() -> list[tuple[Any, int]]:
    rng = np.random.default_rng(12)
    return [(rng.normal(size=n), size) for n, size in ((12, 3), (20, 15), (7, 2))]


def _matrices() -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(5)
    return [(rng.normal(size=shape), rng.normal(size=shape)) for shape in ((3, 3), (4, 4), (2, 2))]


def _errors() -> list[tuple[float, float]]:
    return [(10.0, 1.3), (1000.0, 1.1), (0.1, 0.76)]


def _steep(rate: float) -> float:
    """Variance of the steep direction over the rule of small steps."""
    return float(liu2021.variance(CURVATURES[1], CURVATURES[1], learning_rate=rate)) / (rate / 2)


def _twice(rate: Any) -> bool | str:
    if (rate := real("your answer", rate, above=0)) >= 1:
        return "The steep direction, h = 2, runs away from η = 1 on: there each step multiplies w by 1 - η h = -1"
    ratio = _steep(rate)
    if 1.8 <= ratio <= 2.2:
        return True
    return f"There the steep direction has {ratio:.2f} times the variance of the rule: steps too {_size(ratio)}"


def _size(ratio: float) -> str:
    return "small" if ratio < 2 else "large"


EXERCISES = (
    Exercise(
        id="12.1",
        title="What settles",
        difficulty=3,
        minutes=10,
        reference=settled_variance,
        check=agrees_on(_bowls, closely(1e-9)),
        mistakes={
            "That is the rule for small steps: it leaves out the square of η h.": lambda h, c, rate, size: (
                rate * c / (2 * size * h)
            ),
            "The noise of a batch is c / B: yours does not know the batch size.": lambda h, c, rate, size: (
                rate**2 * c / (1 - (1 - rate * h) ** 2)
            ),
            "A step multiplies w by (1 - η h), so it multiplies the variance by the square of that.": (
                lambda h, c, rate, size: rate**2 * c / size / (rate * h)
            ),
            "The kick is η times the noise; its variance has η squared.": lambda h, c, rate, size: (
                rate * c / size / (1 - (1 - rate * h) ** 2)
            ),
            "That is the standard deviation; the variance is asked for.": lambda h, c, rate, size: np.sqrt(
                rate**2 * c / size / (1 - (1 - rate * h) ** 2)
            ),
            "That is the temperature reading, variance times curvature; the variance is asked for.": (
                lambda h, c, rate, size: h * rate**2 * c / size / (1 - (1 - rate * h) ** 2)
            ),
            "A step keeps (1 - η h)² of V: what it loses, one minus that, stands below when the two balance.": (
                lambda h, c, rate, size: rate**2 * c / size / (1 - rate * h) ** 2
            ),
            "That is one step on from the rule of small steps; set V equal before and after a step and solve for V.": (
                lambda h, c, rate, size: (1 - rate * h) ** 2 * rate * c / (2 * size * h) + rate**2 * c / size
            ),
        },
        hints=(
            "When the variance has settled, it is the same before and after a step.",
            "After a step: w' = (1 - η h) w - η ξ. Take the variance of both sides; ξ knows nothing of w.",
            "V = (1 - η h)² V + η² c / B. Solve for V.",
        ),
    ),
    Exercise(
        id="12.2",
        title="Half of all samples",
        difficulty=2,
        minutes=6,
        reference=batch_variance,
        check=agrees_on(_values, _as_formula),
        mistakes={
            "That is for samples drawn with replacement: it does not vanish when the batch holds all of them.": (
                lambda values, size: np.var(values) / size
            ),
            "Nearly: with np.var, which divides by n, the last factor is (n - B) / (n - 1), not 1 - B / n.": (
                lambda values, size: np.var(values) / size * (1 - size / len(values))
            ),
            "With ddof=1, np.var divides by n - 1 already; you have done it twice.": lambda values, size: (
                np.var(values, ddof=1) / size * (len(values) - size) / (len(values) - 1)
            ),
            "That is the standard deviation; the variance is asked for.": lambda values, size: np.sqrt(
                np.var(values) / size * (len(values) - size) / (len(values) - 1)
            ),
            "The variance of the mean is asked for: divide by the batch size.": lambda values, size: (
                np.var(values) * (len(values) - size) / (len(values) - 1)
            ),
            "It does not vanish when the batch holds all values: with ddof=1, the factor 1 - B / n is missing.": (
                lambda values, size: np.var(values, ddof=1) / size
            ),
            "Near, but not exact: a simulation scatters, and a formula is asked for.": lambda values, size: _Simulated(
                1.01 * batch_variance(values, size)
            ),
        },
        hints=(
            "Start from the answer for drawing with replacement: np.var(values) / size.",
            "It must be zero when the batch holds all n values, and unchanged when it holds one.",
            "The factor that does both is (n - size) / (n - 1).",
        ),
    ),
    Exercise(
        id="12.3",
        title="A fair direction",
        difficulty=2,
        minutes=6,
        reference=filter_normalise,
        check=agrees_on(_matrices, closely(1e-9)),
        mistakes={
            "Each row is a unit's incoming weights; you have taken the columns (axis=0).": lambda d, w: (
                d * np.linalg.norm(w, axis=0, keepdims=True) / np.linalg.norm(d, axis=0, keepdims=True)
            ),
            "You have one length for the whole layer; each unit (row) needs its own.": lambda d, w: (
                d * np.linalg.norm(w) / np.linalg.norm(d)
            ),
            "Your rows have length one; give each the length of the unit's own weights.": lambda d, w: (
                d / np.linalg.norm(d, axis=1, keepdims=True)
            ),
            "You multiply weight by weight; scale each row as a whole, to the length of that row of weights.": (
                lambda d, w: d * w
            ),
            "Divide by the direction's own length, row by row: yours is stretched by it.": lambda d, w: (
                d * np.linalg.norm(w, axis=1, keepdims=True)
            ),
            "The other way round: you have given the weights the direction's lengths.": lambda d, w: (
                w * np.linalg.norm(d, axis=1, keepdims=True) / np.linalg.norm(w, axis=1, keepdims=True)
            ),
            "Lengths of shape (rows,) are spread over the columns: keep the axis (keepdims=True).": lambda d, w: (
                d * np.linalg.norm(w, axis=1) / np.linalg.norm(d, axis=1)
            ),
        },
        hints=(
            "Row by row: first make the direction's row as long as 1, then as long as the row of weights.",
            "np.linalg.norm(weights, axis=1) has one length for each row.",
            "With keepdims=True the lengths keep their axis and divide the rows as they should.",
        ),
    ),
    Exercise(
        id="12.4",
        title="Twice the rule",
        difficulty=2,
        minutes=5,
        kind="regime",
        reference=0.5,
        check=satisfies(_twice),
        mistakes={
            "You have doubled the rule's size, not its error: the rule grows with η itself. Read the multiple of it.": (
                Region(0.6, lambda rate: 0.58 <= rate <= 0.62)
            ),
            "There the steps overshoot so far that the weights nearly run away (η h is almost 2).": Region(
                0.95, lambda rate: 0.9 <= rate < 1
            ),
        },
        hints=(
            "Batch size and label noise do not change the multiple. Only one knob does.",
            "The exact multiple is 2 / (2 - η h), with h = 2 in the steep direction.",
            "2 / (2 - η h) = 2 where η h = 1.",
        ),
    ),
    Exercise(
        id="12.5",
        title="Until it is everywhere",
        difficulty=3,
        minutes=6,
        reference=layers_until,
        check=agrees_on(_errors, closely(1e-9)),
        mistakes={
            "The number χ belongs to the square of the error; `factor` is one of the error itself.": lambda f, chi: (
                np.log(f) / np.log(chi)
            ),
            "That is how heat spreads: twice as far in four times the time. Here each layer multiplies.": (
                lambda f, chi: f**2
            ),
            "That adds the same amount in every layer; each layer multiplies.": lambda f, chi: f / (chi - 1),
            "The error is the root of its square: twice the layers, not half of them.": lambda f, chi: (
                np.log(f) / np.log(chi) / 2
            ),
            "The logarithm belongs below as well: χ multiplied by itself, layer after layer.": lambda f, chi: (
                2 * np.log(f) / chi
            ),
            "You have rounded to whole layers; the number is asked for as it comes, not rounded.": lambda f, chi: (
                np.ceil(2 * np.log(f) / np.log(chi))
            ),
        },
        hints=(
            "After L layers the square of the error has been multiplied L times by χ.",
            "The error itself, the square root, has then been multiplied by χ to the power L/2.",
            "Solve χ ** (L / 2) = factor for L with logarithms.",
        ),
    ),
    Exercise(
        id="12.6",
        title="A picture in a paper",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours ask (1) what a random walk of the same length would give: 61 % and 15 %; (2) what lies outside "
            "of the plane: which other directions were looked at, and how sharp they are; and (3) whether the ground "
            "is the loss on all data or on a batch? A good test draws the same picture for a path whose steps were put "
            "in a random order: what survives says only how far the path got, not how it was led."
        ),
        hints=(
            "What is the least surprising thing that would give such a picture?",
            "Think of measure 1: which path was drawn on no ground at all?",
            "Name a path without any aim to compare with, its numbers, and what lies outside of the plane.",
        ),
    ),
)
