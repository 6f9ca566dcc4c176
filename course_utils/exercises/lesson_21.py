"""Lesson 21: magnets."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.quizzes import Option, Question
from course_utils.knobs.lesson_21 import magnet
from course_utils.theory import onsager1944
from course_utils.validation import real


def flip_cost(spins, row, column):
    size = len(spins)
    neighbours = (
        spins[(row + 1) % size, column]
        + spins[(row - 1) % size, column]
        + spins[row, (column + 1) % size]
        + spins[row, (column - 1) % size]
    )
    return 2 * spins[row, column] * neighbours


def chance_up(neighbours, temperature):
    return 1 / (1 + np.exp(-2 * neighbours / temperature))


def binder(m):
    return 1 - np.mean(m**4) / (3 * np.mean(m**2) ** 2)


def crossing(temperatures, small, large):
    difference = large - small
    k = np.flatnonzero(difference[:-1] * difference[1:] < 0)[0]
    share = difference[k] / (difference[k] - difference[k + 1])
    return temperatures[k] + share * (temperatures[k + 1] - temperatures[k])


def _without_edges(spins, row, column):
    padded = np.pad(spins, 1)
    r, c = row + 1, column + 1
    return 2 * spins[row, column] * (padded[r + 1, c] + padded[r - 1, c] + padded[r, c + 1] + padded[r, c - 1])


def _two_neighbours(spins, row, column):
    size = len(spins)
    return 2 * spins[row, column] * (spins[(row + 1) % size, column] + spins[row, (column + 1) % size])


def _nearest(temperatures, small, large):
    return temperatures[np.abs(large - small).argmin()]


def _middle(temperatures, small, large):
    k = np.flatnonzero((large - small)[:-1] * (large - small)[1:] < 0)[0]
    return (temperatures[k] + temperatures[k + 1]) / 2


def _wrong_end(temperatures, small, large):
    difference = large - small
    k = np.flatnonzero(difference[:-1] * difference[1:] < 0)[0]
    share = difference[k + 1] / (difference[k + 1] - difference[k])
    return temperatures[k] + share * (temperatures[k + 1] - temperatures[k])


def _places() -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(21)
    lattices = [rng.choice([-1, 1], size=(size, size)) for size in (4, 5, 6)]
    return [(spins, row, column) for spins in lattices for row, column in ((1, 2), (0, 0), (3, 3), (2, 0), (3, 1))]


def _fields() -> list[tuple[Any, float]]:
    return [(np.array([-4, -2, 0, 2, 4]), temperature) for temperature in (0.8, 2.27, 5.0)]


def _magnetisations() -> list[Any]:
    rng = np.random.default_rng(8)
    return [rng.normal(0.3, 0.2, 40), rng.choice([-1, 1], 30) * rng.uniform(0.4, 0.9, 30), rng.normal(0, 0.1, 50)]


def _curves() -> list[tuple[Any, ...]]:
    heat = np.array([2.1, 2.2, 2.25, 2.3, 2.45])
    small = np.array([0.64, 0.625, 0.617, 0.605, 0.57])
    return [(heat, small, small + jump) for jump in (
        np.array([0.02, 0.03, 0.01, -0.03, -0.2]),
        np.array([0.02, 0.005, -0.02, -0.05, -0.2]),
        np.array([0.03, 0.03, 0.02, 0.012, -0.1]),
    )]  # fmt: skip


def _mean_order(temperature: float, size: int) -> float:
    return float(np.mean([magnet(temperature, size, moment)["order |m| at this moment"] for moment in range(100)]))


def _ordered_though_hot(temperature: Any) -> bool | str:
    heat = real("your answer", temperature, least=1.5, most=3.5)
    if heat <= onsager1944.CRITICAL_TEMPERATURE:
        return f"At T = {heat:g} an endless magnet is ordered, too: go above the critical temperature"
    order = _mean_order(heat, 16)
    if order >= 0.5:
        return True
    return f"Too hot: over a hundred moments, the magnet of side 16 has an order of {order:.2f} on average"


EXERCISES = (
    Exercise(
        id="21.1",
        title="The cost of a flip",
        difficulty=2,
        minutes=6,
        reference=flip_cost,
        check=agrees_on(_places, closely(1e-9)),
        mistakes={
            "A flip turns a satisfied bond (−1) into an unsatisfied one (+1): each counts 2, yours 1.": (
                lambda s, r, c: flip_cost(s, r, c) / 2
            ),
            "The sign is turned: a spin that agrees with its neighbours pays for turning round.": lambda s, r, c: (
                -flip_cost(s, r, c)
            ),
            "The edges are joined: beyond the last row comes the first. Yours has open edges.": _without_edges,
            "Four bonds touch the spin, yours has two. (Right and below is for adding up a whole lattice.)": (
                _two_neighbours
            ),
            "You return the sum of the neighbours; whether they agree with the spin itself decides.": (
                lambda s, r, c: flip_cost(s, r, c) * s[r, c]
            ),
        },
        hints=(
            "Only four bonds touch the spin; all others stay as they are.",
            "Before the flip they hold −s·(sum of the neighbours), after it +s·(sum of the neighbours).",
            "2 * spins[row, column] * (sum of four); the row below is spins[(row + 1) % size, column].",
        ),
    ),
    Exercise(
        id="21.2",
        title="The heat bath",
        difficulty=2,
        minutes=6,
        reference=chance_up,
        check=agrees_on(_fields, closely(1e-9)),
        mistakes={
            "Up and down differ by twice the sum of the neighbours; yours takes it once.": lambda h, t: (
                1 / (1 + np.exp(-h / t))
            ),
            "Your spin avoids its neighbours: with all of them up it should mostly be up (the sign).": lambda h, t: (
                1 / (1 + np.exp(2 * h / t))
            ),
            "The temperature divides the energy; yours multiplies it.": lambda h, t: 1 / (1 + np.exp(-2 * h * t)),
            "That is the spin's mean value, from −1 to 1. The chance is (1 + mean) / 2.": lambda h, t: np.tanh(h / t),
            "That is Metropolis' rule, the chance to accept a flip. Here the spin is drawn anew, whatever it was.": (
                lambda h, t: np.minimum(1, np.exp(2 * h / t))
            ),
            "That is a Boltzmann factor; a chance needs the sum over both directions below it.": lambda h, t: np.exp(
                h / t
            ),
        },
        hints=(
            "Two states, up and down, with energies −h and +h; h is the sum of the neighbours. The rest is Boltzmann.",
            "The chance is e^(h/T) divided by (e^(h/T) + e^(−h/T)).",
            "Divide both by e^(h/T): 1 / (1 + np.exp(-2 * neighbours / temperature)).",
        ),
    ),
    Exercise(
        id="21.3",
        title="Binder's cumulant",
        difficulty=2,
        minutes=5,
        reference=binder,
        check=agrees_on(_magnetisations, closely(1e-9)),
        mistakes={
            "The 3 is missing: without it a disordered magnet would not give 0.": lambda m: (
                1 - np.mean(m**4) / np.mean(m**2) ** 2
            ),
            "You subtract the mean of m first. Order is not a nuisance here: it is what is measured.": lambda m: binder(
                m - m.mean()
            ),
            "That is a ratio of each draw with itself, always 2/3. Average first, then divide.": lambda m: np.mean(
                1 - m**4 / (3 * (m**2) ** 2)
            ),
            "Below stands the square of the mean of m², not the mean of |m| to the fourth.": lambda m: (
                1 - np.mean(m**4) / (3 * np.mean(np.abs(m)) ** 4)
            ),
            "You return the ratio; the cumulant is 1 minus a third of it.": lambda m: (
                np.mean(m**4) / np.mean(m**2) ** 2
            ),
        },
        hints=(
            "Two averages over all draws: one of m², one of m⁴.",
            "Divide the mean of m⁴ by three times the square of the mean of m².",
            "1 - np.mean(m**4) / (3 * np.mean(m**2) ** 2).",
        ),
    ),
    Exercise(
        id="21.4",
        title="Where two curves cross",
        difficulty=3,
        minutes=8,
        reference=crossing,
        check=agrees_on(_curves, closely(1e-6)),
        mistakes={
            "You return the measured temperature at which the curves are closest; they cross between two.": _nearest,
            "The middle of the interval would be right if both gaps were equal. They are not.": _middle,
            "Weights the wrong way round: the crossing lies nearer to the side on which the gap is small.": _wrong_end,
        },
        hints=(
            "Look at the difference of the two curves. Between which temperatures does it change its sign?",
            "np.flatnonzero(difference[:-1] * difference[1:] < 0)[0] finds the interval; in it, take a straight line.",
            "The line is zero after a share d[k] / (d[k] - d[k + 1]) of the interval.",
        ),
    ),
    Exercise(
        id="21.5",
        title="Ordered, though it is too hot",
        difficulty=2,
        minutes=5,
        kind="regime",
        reference=2.33,
        check=satisfies(_ordered_though_hot),
        mistakes={
            "There an endless magnet is ordered, too. Look above the critical temperature, 2.269.": Region(
                2.2, lambda heat: 1.5 <= heat <= onsager1944.CRITICAL_TEMPERATURE
            ),
            "There even a small magnet has little order: its moments show only what chance leaves over.": Region(
                3.0, lambda heat: 2.8 <= heat <= 3.5
            ),
        },
        hints=(
            "Set the side to 16 and stay to the right of the place where the dark line meets the ground.",
            "Turn the moments: the order jumps about. The mean over many of them counts.",
            "It lies between 2.27 and 2.39.",
        ),
    ),
    Exercise(
        id="21.6",
        title="Is it one?",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours name (1) what plays the part of the size, (2) what is plotted against what, at three sizes or "
            "more, and (3) a result that would say no? For example: accuracy against the number of parameters, in "
            "models that see 1, 4 and 16 times as many examples. A transition has curves that become steeper with each "
            "size, by a power, around a place that settles; if they keep their shape, or if the place runs away with "
            "size, or if the jump goes away with a score that counts partial success, it is a crossover."
        ),
        hints=(
            "One curve is one size. What would be larger in the next one?",
            "As the system grows, a steep place can sharpen or move. What did the chain do?",
            "Ask what the score does, too: right-or-wrong on a task of many steps makes smooth curves look steep.",
        ),
    ),
)

QUIZ = (
    Question(
        "A lattice of 16 × 16 spins at T = 2.35, above the critical temperature, shows an order of 0.6. Why?",
        (
            Option(
                "The simulation has not settled.",
                False,
                "It has: the energy agrees with Kaufman's exact result for that very size.",
            ),
            Option(
                "Regions that agree are about as large as the lattice itself.",
                True,
                "Yes: near the critical temperature spins agree over long distances; a small lattice fits into one.",
            ),
            Option(
                "Yang's formula is an approximation.",
                False,
                "It is exact, for an endless lattice. A small one is another system.",
            ),
        ),
    ),
    Question(
        "The side of a lattice doubles. What happens to the slope of Binder's cumulant at the critical temperature?",
        (
            Option(
                "It stays as it is: the temperature is the same.",
                False,
                "That is what a crossover does, and what the chain did on the line of 1/T.",
            ),
            Option(
                "It becomes infinite.",
                False,
                "No finite lattice has an infinite slope: its partition function is a finite sum of exponentials.",
            ),
            Option("It doubles.", True, "Yes: it grows like L to the power 1/ν, and ν = 1 in two dimensions."),
        ),
    ),
    Question(
        "A chain of 10,000 spins is cooled, and at some temperature it becomes ordered from end to end. A transition?",
        (
            Option(
                "No: a longer chain does it at a lower temperature, and so on down to zero.",
                True,
                "Yes: the place moves on by half a logarithm for each longer chain and never settles.",
            ),
            Option(
                "Yes: below that temperature it is ordered.",
                False,
                "This chain is. One a hundred times as long is not, at the same temperature.",
            ),
            Option(
                "Yes, if its curve is steep enough.",
                False,
                "How steep one curve is says nothing; whether curves become steeper without end does.",
            ),
        ),
    ),
    Question(
        "Somebody shows you one learning curve with a sudden rise: “a phase transition!” What do you ask for first?",
        (
            Option(
                "A finer grid of points on the same curve.",
                False,
                "That shows one size in more detail. Every size is smooth.",
            ),
            Option(
                "The same curve at two more sizes.",
                True,
                "Yes: steeper with each size, around a place that settles, or not. One size cannot tell.",
            ),
            Option("A fit with a steep function.", False, "A steep function fits a crossover as well."),
        ),
    ),
)
