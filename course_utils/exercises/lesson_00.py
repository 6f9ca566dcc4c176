"""Lesson 00: the exercises and the quiz of the start page."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.comparisons import agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.questions import Option, Question
from course_utils.knobs.lesson_00 import ENERGIES
from course_utils.theory import boltzmann1868
from course_utils.validation import positive


def occupation(energies, temperature):
    weights = np.exp(-energies / temperature)
    return weights / weights.sum()


def _levels() -> list[tuple[Any, float]]:
    return [
        (np.array([0.0, 1.0]), 2.0),
        (np.array([0.3, 0.1, 1.2]), 0.5),
        (np.array([-1.0, 0.0, 0.5, 2.0]), 3.0),
    ]


def _wins(temperature: Any) -> float:
    return float(boltzmann1868.occupation(ENERGIES, positive("your answer", temperature))[0])


def _half(temperature: Any) -> bool | str:
    share = _wins(temperature)
    if 0.48 <= share <= 0.52:
        return True
    return (
        f"{'Too hot' if share < 0.5 else 'Too cold'}: there the best option wins {100 * share:.0f} times in a hundred"
    )


EXERCISES = (
    Exercise(
        id="00.1",
        title="Boltzmann's law",
        difficulty=1,
        minutes=4,
        reference=occupation,
        check=agrees_on(_levels, closely(1e-6)),
        mistakes={
            "Low energies should be likely: the exponent is minus the energy.": lambda e, t: (
                np.exp(e / t) / np.exp(e / t).sum()
            ),
            "Probabilities must add up to one: divide by the sum.": lambda e, t: np.exp(-e / t),
            "Probabilities must add up to one: divide by the sum of the weights, not by the largest.": lambda e, t: (
                np.exp(-e / t) / np.exp(-e / t).max()
            ),
            "Probabilities must add up to one: divide by the sum of the weights, not of the energies.": lambda e, t: (
                np.exp(-e / t) / e.sum()
            ),
            "The temperature divides the energy; yours multiplies it.": lambda e, t: (
                np.exp(-e * t) / np.exp(-e * t).sum()
            ),
        },
        hints=(
            "Give each state a weight that depends only on its own energy; worry about the sum afterwards.",
            "The weight of a state is exp(−E / T). numpy's exp takes the whole array at once.",
            "Two lines: weights = np.exp(-energies / temperature), and then return weights / weights.sum().",
        ),
    ),
    Exercise(
        id="00.2",
        title="Every second time",
        difficulty=1,
        minutes=2,
        kind="regime",
        reference=0.76,
        check=satisfies(_half),
        hints=(
            "The read-out below the picture gives the share of the best option.",
            "At T = 1 it wins 43 times in a hundred. Do you need more noise, or less?",
            "It lies between 0.72 and 0.81.",
        ),
    ),
)

QUIZ = (
    Question(
        "A language model is sampled at a temperature close to zero. What does it do?",
        (
            Option("It nearly always takes its best option.", True, "Yes: exp(−E/T) leaves only the lowest energy."),
            Option(
                "It takes all options equally often.",
                False,
                "That is the other end: equal shares come from a very high temperature, where E/T is nearly 0 for all.",
            ),
            Option(
                "It makes no choice.",
                False,
                "Probabilities still add up to one: somebody has to be chosen, and it is the lowest energy.",
            ),
        ),
    ),
    Question(
        "All five energies are raised by 10. What happens to the probabilities?",
        (
            Option(
                "All become smaller.",
                False,
                "The weights do, but their sum shrinks by the same factor, and probabilities are ratios.",
            ),
            Option(
                "The highest ones suffer most.",
                False,
                "Each weight is multiplied by the same exp(−10/T), whatever its energy was.",
            ),
            Option(
                "Nothing.",
                True,
                "Yes: the factor exp(−10/T) is the same above and below the line. Only differences count.",
            ),
        ),
    ),
)
