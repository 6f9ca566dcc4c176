"""Lesson 22: double descent, and tolerance."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erf, erfc

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.inputs_22 import Wide, tubes, wide_sets
from course_utils.exercises.quiz_22 import QUIZ as QUIZ
from course_utils.knobs.lesson_22 import LOADS, highest_rise
from course_utils.theory import canatar2024
from course_utils.validation import real


def shortest(x, y):
    return x.T @ np.linalg.solve(x @ x.T, y)


def tube_force(x, y, w, tolerance):
    residual = y - x @ w
    outside = np.maximum(np.abs(residual) - tolerance, 0)
    return x.T @ (outside * np.sign(residual))


def transition(e, g):
    share_outside = erfc(e / np.sqrt(2))
    return 1 / share_outside, e / np.sqrt(1 - g)


def exponent(sizes, scatters):
    return np.polyfit(np.log(sizes), np.log(scatters), 1)[0]


def _first_columns(x, y):
    n = len(y)
    return np.concatenate([np.linalg.solve(x[:, :n], y), np.zeros(x.shape[1] - n)])


def _normal_equations(x, y):
    try:
        return np.linalg.solve(x.T @ x, x.T @ y)
    except np.linalg.LinAlgError:  # singular, as it should be; often rounding hides it
        return np.full(x.shape[1], np.nan)


def _with_ridge(ridge):
    return lambda x, y: x.T @ np.linalg.solve(x @ x.T + ridge * np.eye(len(y)), y)


def _ends_only(sizes, scatters):
    return np.log(scatters[-1] / scatters[0]) / np.log(sizes[-1] / sizes[0])


def _one_sided(x, y, w, tolerance):
    return x.T @ np.maximum(y - x @ w - tolerance, 0)


def _what_a_ridge_does(ridge: Any) -> tuple[float, float]:
    ridge = real("your answer", ridge, least=1e-4, most=10.0)
    error = canatar2024.learning_curve(LOADS, tolerance=0.0, noise=0.5, ridge=ridge).error
    return highest_rise(error)[0], float(np.interp(1.0, LOADS, error))


def _good_for_every_load(ridge: Any) -> bool | str:
    rise, error = _what_a_ridge_does(ridge)
    if rise <= 0.005 and error < 0.66:
        return True
    return f"more data hurts by up to {100 * rise:.1f} per cent, and the test error at load 1 is {error:.3f}"


def _hurts(ridge: Any) -> bool:
    return _what_a_ridge_does(ridge)[0] > 0.005


def _timid(ridge: Any) -> bool:
    """Whether there is no peak, but the ridge is still below the best one, the variance of the noise."""
    return not _hurts(ridge) and ridge < 0.5**2 and _good_for_every_load(ridge) is not True


def _dull(ridge: Any) -> bool:
    return ridge > 0.5**2 and _good_for_every_load(ridge) is not True


EXERCISES = (
    Exercise(
        id="22.1",
        title="The calmest of many",
        difficulty=3,
        minutes=8,
        reference=shortest,
        check=Wide(wide_sets, closely(1e-6)),
        mistakes={
            "That fits all labels, but with the first weights alone: there are shorter vectors that fit too.": (
                _first_columns
            ),
            "That is a ridge fit: it is short, but it does not fit the labels exactly.": _with_ridge(1.0),
            "Nearly: a small ridge is left in it, and the labels are missed by a little.": _with_ridge(1e-3),
            "With fewer samples than weights x.T @ x has no inverse, so this is rounding noise. Solve with x @ x.T.": (
                _normal_equations
            ),
            "That points in a good direction, but its length is off: the overlaps x @ x.T are not undone.": (
                lambda x, y: x.T @ y
            ),
            "You return one number per sample: multiply by x.T to get one per weight.": lambda x, y: np.linalg.solve(
                x @ x.T, y
            ),
        },
        hints=(
            "Any part of w at right angles to all samples lengthens it and changes no label.",
            "So w is a combination of the samples: w = x.T @ c, with one number c per sample.",
            "Put that into x @ w = y and solve for c with np.linalg.solve(x @ x.T, y).",
        ),
    ),
    Exercise(
        id="22.2",
        title="Only support vectors pull",
        difficulty=3,
        minutes=7,
        reference=tube_force,
        check=agrees_on(tubes, closely(1e-7)),
        mistakes={
            "Samples inside the tube must not pull: keep only what is positive of |r| − ε.": lambda x, y, w, t: (
                x.T @ ((np.abs(y - x @ w) - t) * np.sign(y - x @ w))
            ),
            "Samples below the tube pull downwards: the sign of the residual is missing.": lambda x, y, w, t: (
                x.T @ np.maximum(np.abs(y - x @ w) - t, 0)
            ),
            "That is the mean over the samples; each pulls in full, so take the sum.": lambda x, y, w, t: (
                tube_force(x, y, w, t) / len(y)
            ),
            "Only samples above the tube pull in yours; those below it do, too.": _one_sided,
            "That climbs: the force is minus the gradient, towards the samples.": lambda x, y, w, t: (
                -tube_force(x, y, w, t)
            ),
            "A sample outside pulls by its distance to the tube, not by its whole residual.": lambda x, y, w, t: (
                x.T @ np.where(np.abs(y - x @ w) > t, y - x @ w, 0)
            ),
        },
        hints=(
            "Take one sample: how does its cost change when its residual changes?",
            "The cost (|r| − ε)²/2 changes by (|r| − ε) times the sign of r, and by nothing inside the tube.",
            "x.T @ (np.maximum(np.abs(r) - tolerance, 0) * np.sign(r)), with r = y - x @ w.",
        ),
    ),
    Exercise(
        id="22.3",
        title="Where the tube is full",
        difficulty=3,
        minutes=8,
        reference=transition,
        check=agrees_on([(0.184, 0.876), (0.489, 0.761), (1.127, 0.649)], closely(1e-6)),
        mistakes={
            "The share outside ±e standard deviations is erfc(e/√2); yours lacks the √2.": lambda e, g: (
                1 / erfc(e),
                e / np.sqrt(1 - g),
            ),
            "Samples leave the tube on both sides: erfc(e/√2) counts both, yours one.": lambda e, g: (
                2 / erfc(e / np.sqrt(2)),
                e / np.sqrt(1 - g),
            ),
            "That is the share inside the tube; those outside are support vectors.": lambda e, g: (
                1 / erf(e / np.sqrt(2)),
                e / np.sqrt(1 - g),
            ),
            "The load times the share is 1: the load is one over the share.": lambda e, g: (
                erfc(e / np.sqrt(2)),
                e / np.sqrt(1 - g),
            ),
            "The ratio comes out squared: ε² = e² E_test, so take the root.": lambda e, g: (
                1 / erfc(e / np.sqrt(2)),
                e**2 / (1 - g),
            ),
            "The ratio ε/σ is e times √(E_test/σ²), and E_test is above σ²: divide by √(1 − g).": lambda e, g: (
                1 / erfc(e / np.sqrt(2)),
                e * np.sqrt(1 - g),
            ),
            "The ratio is e times the root of E_test/σ²: the root of 1 − g is missing.": lambda e, g: (
                1 / erfc(e / np.sqrt(2)),
                e / (1 - g),
            ),
            "That is e = ε/√E_test itself; asked for is ε/σ, and E_test is not σ².": lambda e, g: (
                1 / erfc(e / np.sqrt(2)),
                e,
            ),
            "The load comes first, then the ratio: yours are exchanged.": lambda e, g: transition(e, g)[::-1],
            "Only 1 − g stands under the root: ε² = e² E_test, so the root of e² is e.": lambda e, g: (
                1 / erfc(e / np.sqrt(2)),
                np.sqrt(e / (1 - g)),
            ),
            "The share outside ±e standard deviations is erfc(e/√2); yours divides e by 2, not by its root.": (
                lambda e, g: (1 / erfc(e / 2), e / np.sqrt(1 - g))
            ),
        },
        hints=(
            "Two statements, two unknowns: one gives the load, the other the ratio.",
            "A standard normal number lies outside ±e with probability erfc(e/√2). And ε = e √E_test.",
            "The load is 1 / erfc(e / np.sqrt(2)); the ratio is e / np.sqrt(1 - g).",
        ),
    ),
    Exercise(
        id="22.4",
        title="A ridge for every load",
        difficulty=2,
        minutes=5,
        kind="regime",
        reference=0.25,
        check=satisfies(_good_for_every_load),
        mistakes={
            "That ridge is too small: on the way to load 1 more data still hurts.": Region(0.01, _hurts),
            "That ridge is still too small: there is no peak, but at load 1 the noise gets through.": Region(
                0.08, _timid
            ),
            "That ridge is too large: no peak, but it holds back the signal as well.": Region(2.0, _dull),
        },
        hints=(
            "Set the tolerance to 0 and watch two lines under the picture: how much more data hurts, and load 1.",
            "The two demands leave a window of less than a factor of ten.",
            "The variance of the noise, 0.5², lies in it.",
        ),
    ),
    Exercise(
        id="22.5",
        title="How fast it sharpens",
        difficulty=2,
        minutes=6,
        reference=exponent,
        check=agrees_on(
            [
                (np.array([20.0, 40.0, 80.0]), np.array([0.18, 0.13, 0.088])),
                (np.array([10.0, 100.0, 300.0, 1000.0]), np.array([1.0, 0.2, 0.09, 0.05])),
            ],
            closely(1e-6),
        ),
        mistakes={
            "A power law is straight if both axes are logarithmic; yours are not.": lambda n, s: np.polyfit(n, s, 1)[0],
            "That is straight for an exponential: take the logarithm of the sizes as well.": lambda n, s: np.polyfit(
                n, np.log(s), 1
            )[0],
            "The axes are exchanged: you fit sizes against scatters.": lambda n, s: np.polyfit(np.log(s), np.log(n), 1)[
                0
            ],
            "The slope itself is asked for, and it is negative: the scatter falls.": lambda n, s: (
                -np.polyfit(np.log(n), np.log(s), 1)[0]
            ),
            "That line goes through the first and the last point alone; the best line uses all.": _ends_only,
            "The slope comes first in np.polyfit; you took the second number, the height of the line.": (
                lambda n, s: np.polyfit(np.log(n), np.log(s), 1)[1]
            ),
        },
        hints=(
            "If s = A N^(−b), what is log s as a function of log N?",
            "A straight line with slope −b. np.polyfit(x, y, 1) returns slope and height.",
            "Take the first number of np.polyfit(np.log(sizes), np.log(scatters), 1).",
        ),
    ),
    Exercise(
        id="22.6",
        title="One curve is not a transition",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours name three measurements, and what each would tell? As here: (1) the same curve for two more "
            "sizes of the data set, since a transition sharpens without end and a crossover (lesson 21) does not; (2) "
            "error bars over seeds, since one run can jump by luck; (3) the same with a ridge, or with clean labels, "
            "since a rise that goes away with them belongs to the fit. Also good: the loss beside the accuracy, since "
            "counting what is right makes a step out of a ramp."
        ),
        hints=(
            "What did measure 5 have that measure 3 had not?",
            "Think of sizes, of seeds, and of what might take the rise away.",
            "Is it steeper in a larger system? Is it there in every run? Does it stay with a ridge, with clean labels?",
        ),
    ),
)
