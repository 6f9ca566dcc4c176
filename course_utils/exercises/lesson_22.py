"""Lesson 22: double descent, and tolerance."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erf, erfc

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.quizzes import Option, Question
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


def _wide_sets() -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(22)
    return [(rng.normal(size=(n, p)), rng.normal(size=n)) for n, p in ((2, 3), (4, 9), (5, 30))]


def _tubes() -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(23)
    sets = [(12, 4, 0.5), (30, 6, 1.0), (8, 10, 0.2)]
    return [(rng.normal(size=(n, p)), 2 * rng.normal(size=n), rng.normal(size=p), width) for n, p, width in sets]


def _first_columns(x, y):
    n = len(y)
    return np.concatenate([np.linalg.solve(x[:, :n], y), np.zeros(x.shape[1] - n)])


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


def _dull(ridge: Any) -> bool:
    rise, error = _what_a_ridge_does(ridge)
    return rise <= 0.005 and error >= 0.66


EXERCISES = (
    Exercise(
        id="22.1",
        title="The calmest of many",
        difficulty=3,
        minutes=8,
        reference=shortest,
        check=agrees_on(_wide_sets, closely(1e-6)),
        mistakes={
            "That fits all labels, but with the first weights alone: there are shorter vectors that fit too.": (
                _first_columns
            ),
            "That is a ridge fit: it is short, but it does not fit the labels exactly.": lambda x, y: (
                x.T @ np.linalg.solve(x @ x.T + np.eye(len(y)), y)
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
            "Put that into x @ w = y and solve for c: np.linalg.solve(x @ x.T, y).",
        ),
    ),
    Exercise(
        id="22.2",
        title="Only support vectors pull",
        difficulty=3,
        minutes=7,
        reference=tube_force,
        check=agrees_on(_tubes, closely(1e-7)),
        mistakes={
            "Samples inside the tube must not pull: keep only what is positive of |r| − ε.": lambda x, y, w, t: (
                x.T @ ((np.abs(y - x @ w) - t) * np.sign(y - x @ w))
            ),
            "Samples below the tube pull downwards: the sign of the residual is missing.": lambda x, y, w, t: (
                x.T @ np.maximum(np.abs(y - x @ w) - t, 0)
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
            "The ratio comes out squared: ε² = e² E_g, so take the root.": lambda e, g: (
                1 / erfc(e / np.sqrt(2)),
                e**2 / (1 - g),
            ),
            "ε/σ is e times √(E_g/σ²), and E_g is above σ²: divide by √(1 − g).": lambda e, g: (
                1 / erfc(e / np.sqrt(2)),
                e * np.sqrt(1 - g),
            ),
        },
        hints=(
            "Two statements, two unknowns: one gives the load, the other the ratio.",
            "A standard normal number lies outside ±e with probability erfc(e/√2). And ε = e √E_g.",
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
            "np.polyfit returns the slope first; you took the second, the height of the line.": (
                lambda n, s: np.polyfit(np.log(n), np.log(s), 1)[1]
            ),
        },
        hints=(
            "If s = A N^(−b), what is log s as a function of log N?",
            "A straight line with slope −b. np.polyfit(x, y, 1) returns slope and height.",
            "np.polyfit(np.log(sizes), np.log(scatters), 1)[0]",
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
            "sizes of the data set, since a transition sharpens with size and a crossover does not; (2) error bars "
            "over seeds, since one run can jump by luck; (3) the same with a ridge, or with clean labels, since a rise "
            "that goes away with them belongs to the fit. Also good: the loss beside the accuracy, because counting "
            "what is right makes a step out of a ramp."
        ),
        hints=(
            "What did measure 5 have that measure 3 had not?",
            "Think of sizes, of seeds, and of what is drawn on the axes.",
            "Ask: does it get steeper in a larger system? Is it there in every run? Is it there in the loss?",
        ),
    ),
)

QUIZ = (
    Question(
        "Why is the test error largest where the training error just reaches zero?",
        (
            Option(
                "There is exactly one fit there, and it follows every accident of the noise.",
                True,
                "Yes: no spare samples to average over, no spare weights to spread the noise over.",
            ),
            Option("The model has too many weights.", False, "With more weights still, the error falls again."),
            Option(
                "The training has not converged there.",
                False,
                "In measure 1 there is no training: linear equations are solved exactly, and the peak is there.",
            ),
        ),
    ),
    Question(
        "A learner with tolerance ε = 0.25 and noise σ = 0.5 gets more samples, from load 0.9 to 1.1. Its test error…",
        (
            Option("rises", True, "Yes: the critical load is 1.171, and on the way to it more data hurts."),
            Option(
                "falls, as always with more data",
                False,
                "Not for a fit without regularisation: look at measure 4, left of the peak.",
            ),
            Option(
                "has its maximum in between, at load 1",
                False,
                "That is least squares. Tolerance shifts the peak, since samples inside the tube do not constrain.",
            ),
        ),
    ),
    Question(
        "What made the share of feasible sample sets in measure 5 a phase transition?",
        (
            Option(
                "It got steeper with size, and three sizes fell on one curve when rescaled.",
                True,
                "Yes: in an infinite system it would be a step.",
            ),
            Option("It was steep.", False, "Steep at one size says little: stretch the axis and it is not."),
            Option(
                "The test error has a peak there.",
                False,
                "A peak alone is none: with a ridge it becomes a hump that no size sharpens.",
            ),
        ),
    ),
    Question(
        "You may choose one: the best tolerance or the best ridge. The noise is Gaussian. Which is better?",
        (
            Option(
                "the ridge, at every load",
                True,
                "Yes: at load 1 it was better by a twentieth or more; nowhere was it worse.",
            ),
            Option("the tolerance: it ignores small noise", False, "It ignores small signal as well."),
            Option(
                "it depends on the load",
                False,
                "They come close at high load, where the best tolerance is zero, but never cross.",
            ),
        ),
    ),
)
