"""Lesson 41: curvature."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.quiz_41 import QUIZ as QUIZ
from course_utils.knobs.lesson_41 import RATES, at_the_end
from course_utils.validation import real


def noise_cost(traces, noises):
    return 0.5 * np.sum(noises**2 * traces)


def largest_rate(sharpness, momentum):
    return 2 * (1 + momentum) / sharpness


def crossing(powers):
    return 1 / max(powers), list(powers).count(max(powers))


def _layers() -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(41)
    return [(rng.uniform(0.5, 9, k), rng.uniform(0.01, 0.2, k)) for k in (2, 3, 5)]


def _end(rate: Any) -> tuple[float, float]:
    """Return sharpness, and sharpness times half the learning rate, of the knob's nearest network at the end."""
    rate = real("your answer", rate, least=0.3, most=1.0)
    sharpness = at_the_end(rate)
    return sharpness, sharpness * float(RATES[np.abs(RATES - rate).argmin()]) / 2


def _to_order(rate: Any) -> bool | str:
    sharpness, share = _end(rate)
    if 3.2 <= sharpness <= 3.5 and share > 0.98:
        return True
    return f"that network ends with a sharpness of {sharpness:.2f}, which is {share:.3f} of its limit"


def _not_there(rate: Any) -> bool:
    return _end(rate)[1] <= 0.98


def _too_sharp(rate: Any) -> bool:
    return not _not_there(rate) and _end(rate)[0] > 3.5


def _too_flat(rate: Any) -> bool:
    return not _not_there(rate) and _end(rate)[0] < 3.2


EXERCISES = (
    Exercise(
        id="41.1",
        title="A noise for each layer",
        difficulty=2,
        minutes=5,
        reference=noise_cost,
        check=agrees_on(_layers, closely(1e-7)),
        mistakes={
            "Yours is twice too much: the second-order term of a Taylor series has a half.": lambda t, s: np.sum(
                s**2 * t
            ),
            "The loss rises with the square of the noise: twice the step costs four times as much.": lambda t, s: (
                0.5 * np.sum(s * t)
            ),
            "Each layer pays for its own noise; yours takes one mean noise for all.": lambda t, s: (
                0.5 * np.mean(s**2) * np.sum(t)
            ),
            "You squared the mean noise; square each layer's own noise, and give it that layer's trace.": lambda t, s: (
                0.5 * np.mean(s) ** 2 * np.sum(t)
            ),
            "Noises of different layers are independent: their cross terms cancel on average.": lambda t, s: (
                0.5 * np.sum(s * np.sqrt(t)) ** 2
            ),
            "That is the mean over the layers; their costs add up.": lambda t, s: 0.5 * np.mean(s**2 * t),
            "Each layer's noise goes with its own trace: multiply first, then add.": lambda t, s: (
                0.5 * np.sum(s**2) * np.sum(t)
            ),
        },
        hints=(
            "Take one weight with curvature h and noise σ: what is the mean of ½ h (σξ)²?",
            "½ σ² h. Off the diagonal of the Hessian the mean of ξ_i ξ_j is zero.",
            "Sum over layers: 0.5 * np.sum(noises**2 * traces).",
        ),
    ),
    Exercise(
        id="41.2",
        title="The edge with momentum",
        difficulty=3,
        minutes=8,
        reference=largest_rate,
        check=agrees_on([(2.0, 0.0), (5.0, 0.5), (0.7, 0.9), (12.0, 0.3)], closely(1e-7)),
        mistakes={
            "That is right without momentum only; put the swing into the whole equation.": lambda s, m: 2 / s,
            "Close, but a sign went wrong: momentum lets you go faster, for it pulls back a swing.": lambda s, m: (
                2 * (1 - m) / s
            ),
            "On a slope momentum lengthens the step by 1/(1 − μ); the edge is another thing.": lambda s, m: (
                2 * (1 - m) / (s * (1 + m))
            ),
            "Too fast: 1/(1 − μ) is what momentum gains on a steady slope; here every step turns round.": (
                lambda s, m: 2 / (s * (1 - m))
            ),
            "Half of it: the left side less u_t is −2 u_t, and the last bracket is 2 u_t.": lambda s, m: (1 + m) / s,
            "When every step flips the sign, u_t − u_{t−1} is twice u_t; you took it once.": lambda s, m: (2 + m) / s,
        },
        hints=(
            "If u_{t+1} = −u_t for all t, what are u_t − u_{t−1} and u_{t+1} − u_t, in units of u_t?",
            "They are 2 u_t and −2 u_t. Put both into the equation and divide by u_t.",
            "−2 = −ηλ + 2μ. Solve for η.",
        ),
    ),
    Exercise(
        id="41.3",
        title="The volume of a crossing",
        difficulty=3,
        minutes=8,
        reference=crossing,
        check=agrees_on([([2],), ([4],), ([2, 2],), ([2, 4, 4],), ([6, 2, 2, 4],), ([4, 4, 4],)], closely(1e-9)),
        mistakes={
            "That is a regular minimum's, half the number of weights; here nothing is a bowl.": lambda k: (
                len(k) / 2,
                1,
            ),
            "Coefficients add for a *sum* of powers. In a product it is enough that one factor is small.": lambda k: (
                sum(1 / one for one in k),
                1,
            ),
            "You took the steepest factor. The flattest leaves the most volume, and it decides.": lambda k: (
                1 / min(k),
                list(k).count(min(k)),
            ),
            "The coefficient is right; the multiplicity counts the weights that reach it, not all.": lambda k: (
                1 / max(k),
                len(k),
            ),
            "The coefficient is right; when several weights tie for the flattest, m counts them.": lambda k: (
                1 / max(k),
                1,
            ),
            "One over the degree is not it: the powers do not add up, the largest alone decides.": lambda k: (
                1 / sum(k),
                list(k).count(max(k)),
            ),
            "Turn the power over: |w|^k < ε holds for |w| < ε^(1/k), and the coefficient is the exponent of ε.": (
                lambda k: (max(k), list(k).count(max(k)))
            ),
            "No factor 2: |w|^k < ε holds for |w| < ε^(1/k), so one weight has the coefficient 1/k.": lambda k: (
                1 / (2 * max(k)),
                list(k).count(max(k)),
            ),
        },
        hints=(
            "For one weight, w^k < ε holds for |w| < ε^(1/k).",
            "Which factor makes the largest volume as ε shrinks: the one with the smallest 1/k.",
            "Return 1 / max(powers), and how often max(powers) occurs.",
        ),
    ),
    Exercise(
        id="41.4",
        title="A sharpness to order",
        difficulty=2,
        minutes=5,
        kind="regime",
        reference=0.6,
        check=satisfies(_to_order),
        mistakes={
            "At that rate the network has not reached its edge within the training.": Region(0.3, _not_there),
            "At its edge, but too sharp: a larger learning rate allows less.": Region(0.5, _too_sharp),
            "At its edge, but too flat: a smaller learning rate allows more.": Region(1.0, _too_flat),
        },
        hints=(
            "At the edge sharpness and learning rate determine each other.",
            "Sharpness is 2/η there, or a little above.",
            "2/η between 3.2 and 3.5: η near 0.6.",
        ),
    ),
    Exercise(
        id="41.5",
        title="Flatter, they say",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours name three questions, and what each would tell? As here: (1) at the same training loss? A "
            "surer classifier has smaller curvatures without a wider valley. (2) In which units: do the weights have "
            "the same size, and is the noise absolute or in proportion to them? (3) What are the trace, or the losses "
            "under noise themselves, at the noise that matters? One eigenvalue says little about random noise, and no "
            "curvature says where the walls are. Also good: with which learning rate, since "
            "at the edge it sets the sharpness."
        ),
        hints=(
            "Which of the four flatnesses is it, and which does robustness need?",
            "What made sharpness small in measures 3 and 4 without any robustness gained?",
            "Training loss, units of the weights, and the size of the noise.",
        ),
    ),
)
