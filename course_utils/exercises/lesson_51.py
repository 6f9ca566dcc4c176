"""Lesson 51: dropout."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.inputs_51 import outputs, samples, students
from course_utils.exercises.quiz_51 import QUIZ as QUIZ
from course_utils.knobs.lesson_51 import student_picture
from course_utils.validation import real


def silenced(outputs, p):
    mean = outputs.sum()
    variance = (1 - p) / p * (outputs**2).sum()
    return mean, variance


def noise_correlation(q, r):
    rest = q - np.outer(r, r)
    return rest[0, 1] / np.sqrt(rest[0, 0] * rest[1, 1])


def dropout_mean(x, y, p):
    gram = x.T @ x / len(x)
    bowl = gram + (1 - p) / p * np.diag(np.diag(gram))
    return np.linalg.solve(bowl, x.T @ y / len(x))


def turning_point(p, rates):
    slope, height = np.polyfit(p, rates, 1)
    return -height / slope


def _ridged(x, y, strength, scale=None):
    n = len(x)
    gram = x.T @ x / n
    ridge = strength * (np.mean(np.diag(gram)) * np.eye(len(gram)) if scale is None else scale(gram))
    return np.linalg.solve(gram + ridge, x.T @ y / n)


def _ridged_by_variance(x, y, p):
    return np.linalg.solve(x.T @ x / len(x) + (1 - p) / p * np.diag(x.var(0)), x.T @ y / len(x))


def _no_square(q, r):
    with np.errstate(invalid="ignore"):
        return (q[0, 1] - r[0] * r[1]) / np.sqrt((q[0, 0] - r[0]) * (q[1, 1] - r[1]))


def _error(dropout: Any) -> float:
    dropout = real("your answer", dropout, least=0.0, most=0.7)
    return float(student_picture(dropout, 0.7, 0.0)["here"][0])


def _ready_for_silence(dropout: Any) -> bool | str:
    error = _error(dropout)
    return True if error < 0.1095 else f"the test error is {error:.4f}"


def _timid(dropout: Any) -> bool:
    return dropout < 0.35


def _nearly(dropout: Any) -> bool:
    return 0.35 <= dropout < 0.6 and _error(dropout) >= 0.1095


def _matched(dropout: Any) -> bool:
    return dropout > 0.6 and _error(dropout) >= 0.1095


EXERCISES = (
    Exercise(
        id="51.1",
        title="What silence does to an answer",
        difficulty=2,
        minutes=6,
        reference=silenced,
        check=agrees_on(outputs, closely(1e-6)),
        mistakes={
            "Your nodes fall silent all together: squares first, then the sum, since each has a coin of its own.": (
                lambda o, p: (o.sum(), (1 - p) / p * o.sum() ** 2)
            ),
            "The factor 1/p on the nodes that are awake multiplies the variance by 1/p²; it is missing.": lambda o, p: (
                o.sum(),
                p * (1 - p) * (o**2).sum(),
            ),
            "That is the standard form, with p in the test; here the nodes awake are scaled by 1/p in training.": (
                lambda o, p: (p * o.sum(), p * (1 - p) * (o**2).sum())
            ),
            "The answer is the sum over the nodes, not their mean.": lambda o, p: (
                o.mean(),
                (1 - p) / p * (o**2).mean(),
            ),
            "Your answer is the same every time; the coins make it vary.": lambda o, p: (o.sum(), 0.0),
            "That is the standard deviation; asked for is the variance.": lambda o, p: (
                o.sum(),
                np.sqrt((1 - p) / p * (o**2).sum()),
            ),
            "The mean: nodes are awake with probability p, and then scaled by 1/p. What is left of p?": lambda o, p: (
                p * o.sum(),
                (1 - p) / p * (o**2).sum(),
            ),
            "You took p for the probability of silence; it is that of being awake.": lambda o, p: (
                o.sum(),
                p / (1 - p) * (o**2).sum(),
            ),
            "The mean: nodes awake, scaled by 1/p, are awake with probability p only. What is left of 1/p?": (
                lambda o, p: (o.sum() / p, (1 - p) / p * (o**2).sum())
            ),
            "That is the spread from node to node; asked for is how the sum varies when the coins are thrown anew.": (
                lambda o, p: (o.sum(), np.var(o))
            ),
        },
        hints=(
            "Take one node: its part of the answer is g/p with probability p, and 0 otherwise. Mean? Variance?",
            "A coin that is 1 with probability p has variance p(1 − p). Independent variances add.",
            "Mean: sum of g. Variance: (1 − p)/p times the sum of g².",
        ),
    ),
    Exercise(
        id="51.2",
        title="Do they make the same mistakes?",
        difficulty=2,
        minutes=4,
        reference=noise_correlation,
        check=agrees_on(students, closely(1e-6)),
        mistakes={
            "That is the correlation of the nodes themselves: take out the teacher, whom both have learned.": (
                lambda q, r: q[0, 1] / np.sqrt(q[0, 0] * q[1, 1])
            ),
            "That is the shared noise, but not yet over its size: divide by the root of the product.": lambda q, r: (
                q[0, 1] - r[0] * r[1]
            ),
            "Above you take out the teacher, below not: each node's own noise is Q_ii − R_i².": lambda q, r: (
                (q[0, 1] - r[0] * r[1]) / np.sqrt(q[0, 0] * q[1, 1])
            ),
            "The root of the product is missing below.": lambda q, r: (
                (q[0, 1] - r[0] * r[1]) / ((q[0, 0] - r[0] ** 2) * (q[1, 1] - r[1] ** 2))
            ),
            "Below, the square is missing: each node's own noise is Q_ii − R_i².": _no_square,
            "You divide by the noise of the first node twice; each of the two comes in, under one root.": lambda q, r: (
                (q[0, 1] - r[0] * r[1]) / (q[0, 0] - r[0] ** 2)
            ),
            "You divide by the noise of the second node twice; each of the two comes in, under one root.": (
                lambda q, r: (q[0, 1] - r[0] * r[1]) / (q[1, 1] - r[1] ** 2)
            ),
            "One number is asked for, the one of the two different nodes.": lambda q, r: (
                (q - np.outer(r, r)) / np.sqrt(np.outer(np.diag(q - np.outer(r, r)), np.diag(q - np.outer(r, r))))
            ),
        },
        hints=(
            "Write a node as a part along the teacher and a rest: w_i = R_i w* + rest.",
            "Since w*·w*/N = 1, the rests have products Q_ik − R_i R_k.",
            "(Q12 − R1 R2) / √((Q11 − R1²)(Q22 − R2²)).",
        ),
    ),
    Exercise(
        id="51.3",
        title="Dropout as a ridge",
        difficulty=4,
        minutes=12,
        reference=dropout_mean,
        check=agrees_on(samples, closely(1e-6)),
        mistakes={
            "Those are the weights without dropout: the variance of the answer is missing from the loss.": (
                lambda x, y, p: np.linalg.lstsq(x, y, rcond=None)[0]
            ),
            "That is one ridge for all weights; here each has its own, as strong as its input.": lambda x, y, p: (
                _ridged(x, y, (1 - p) / p)
            ),
            "Your ridge holds all weights alike; dropout holds each by the size of its input, diag(G).": (
                lambda x, y, p: _ridged(x, y, (1 - p) / p, lambda g: np.eye(len(g)))
            ),
            "The inputs kept are scaled up: the variance of a coin r/p is (1 − p)/p, not p(1 − p).": lambda x, y, p: (
                _ridged(x, y, p * (1 - p), lambda g: np.diag(np.diag(g)))
            ),
            "Your weights are the number of samples times too large: one side has a mean, the other a sum.": (
                lambda x, y, p: len(x) * dropout_mean(x, y, p)
            ),
            "You took p for the probability of silence; it is that of being kept.": lambda x, y, p: dropout_mean(
                x, y, 1 - p
            ),
            "You left out the 1/p (that is the standard form): here the inputs that are kept are scaled up.": (
                lambda x, y, p: dropout_mean(x, y, p) / p
            ),
            "The weights are scaled by p once too often: with 1/p in training nothing is scaled afterwards.": (
                lambda x, y, p: p * dropout_mean(x, y, p)
            ),
            "The coins silence x itself, not x less its mean: the ridge has the mean of x², not the variance.": (
                _ridged_by_variance
            ),
            "The strength lacks the 1/p: the inputs that are kept are scaled up.": lambda x, y, p: _ridged(
                x, y, 1 - p, lambda g: np.diag(np.diag(g))
            ),
            "Only the diagonal of G gets the ridge: inputs fall silent one by one.": lambda x, y, p: _ridged(
                x, y, (1 - p) / p, lambda g: g
            ),
            "Your ridge is too weak: one term has the mean over the samples, the other their sum.": lambda x, y, p: (
                np.linalg.solve(
                    x.T @ x + (1 - p) / p * np.diag(np.diag(x.T @ x)) / len(x),
                    x.T @ y,
                )
            ),
        },
        hints=(
            "Average the squared error of one sample over the masks: (mean − y)² + variance. You know both from 51.1.",
            "The variance of Σ w_i x_i r_i/p is (1−p)/p Σ w_i² x_i². Average it over the samples: w_i² gets G_ii.",
            "Solve (G + (1−p)/p · diag(G)) w = x.T @ y / n with G = x.T @ x / n.",
        ),
    ),
    Exercise(
        id="51.4",
        title="Ready for silence",
        difficulty=2,
        minutes=5,
        kind="regime",
        reference=0.6,
        check=satisfies(_ready_for_silence),
        mistakes={
            "Too little: that student was prepared for a test in which all nodes are awake.": Region(0.1, _timid),
            "Nearly: a little more silence in training.": Region(0.5, _nearly),
            "Too much: it is ready for silence, but has learned too slowly.": Region(0.7, _matched),
        },
        hints=(
            "Set the noise to 0 and the dropout in the test to 0.7; then watch the right picture.",
            "Without silence in the test, the best training dropout is 0 here. Now it is above one half.",
            "The minimum is at 0.6.",
        ),
    ),
    Exercise(
        id="51.5",
        title="Neither grows nor fades",
        difficulty=2,
        minutes=5,
        reference=turning_point,
        check=agrees_on(
            [
                (np.array([0.7, 0.8, 0.9]), np.array([-0.02, -0.008, 0.007])),
                (np.array([0.6, 0.75, 0.8, 0.95]), np.array([-0.03, -0.01, -0.009, 0.012])),
            ],
            closely(1e-6),
        ),
        mistakes={
            "That is the height of the line at p = 0; asked for is where the line crosses zero.": lambda p, r: (
                np.polyfit(p, r, 1)[1]
            ),
            "The line, slope · p + height, is zero at p = −height / slope: your sign is the opposite.": lambda p, r: (
                -turning_point(p, r)
            ),
            "The line, slope · p + height, is zero at p = −height / slope: yours is upside down.": lambda p, r: (
                1 / turning_point(p, r)
            ),
            "That is the slope of the line; the crossing is minus the height over the slope.": lambda p, r: np.polyfit(
                p, r, 1
            )[0],
            "You fitted p against the rates; the rates have the errors, so they go on the upright axis.": (
                lambda p, r: np.polyfit(r, p, 1)[1]
            ),
            "That line goes through the first and the last point alone; the best line uses all.": lambda p, r: (
                p[0] - r[0] * (p[-1] - p[0]) / (r[-1] - r[0])
            ),
            "That is the tried p with the rate closest to zero; the line crosses between them.": (
                lambda p, r: p[np.abs(r).argmin()]
            ),
            "You interpolate between two neighbours; the best line uses all points.": lambda p, r: np.interp(0.0, r, p),
        },
        hints=(
            "Put the best straight line through the rates: rate = slope · p + height.",
            "np.polyfit(p, rates, 1) returns slope and height.",
            "The line is zero at −height / slope.",
        ),
    ),
    Exercise(
        id="51.6",
        title="Would you use it?",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours weigh these? For dropout: labels are noisy, the learning rate cannot be lowered or time is "
            "short, or units will fail in use (that is dropout in the test, measure 4). Against: labels are clean and "
            "the network is no larger than needed (then dropout delays learning, or stops it). Before deciding: try a "
            "lower learning rate and stopping early without dropout, and a moderate rate of dropout, over several "
            "seeds, on data that were not used to choose. Also good: ask what the test will silence, and whether the "
            "training was long enough for the dropout."
        ),
        hints=(
            "Measures 1, 4 and 5 speak for it, measures 2 and 3 against.",
            "Which quantities decide: label noise, learning rate, time, spare nodes, damage in use?",
            "Name one measurement that would change your mind.",
        ),
    ),
)
