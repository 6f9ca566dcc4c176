"""Lesson 21: magnets."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.dynamics import multispin
from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.inputs_21 import Exact, OnlyReads, curves, fields, magnetisations, places
from course_utils.exercises.quiz_21 import QUIZ as QUIZ
from course_utils.measure import Estimate, magnets
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


def _smallest_gaps(temperatures, small, large):
    difference = large - small
    i, j = np.argsort(np.abs(difference))[:2]
    share = difference[i] / (difference[i] - difference[j])
    return temperatures[i] + share * (temperatures[j] - temperatures[i])


def _line_through_all(temperatures, small, large):
    slope, height = np.polyfit(temperatures, large - small, 1)
    return -height / slope


def mean_order(temperature: float, size: int) -> Estimate:
    """Return the mean order of a magnet, to about a thousandth, from 64 replicas and half a million moments in all."""
    run = multispin.simulate(size, [temperature], sweeps=60_000, burn_in=2000, record_every=8, seed=21)
    return magnets.magnetisation(run)[0]


def _ordered_though_hot(temperature: Any) -> bool | str:
    heat = real("your answer", temperature, least=1.5, most=3.5)
    if heat <= onsager1944.CRITICAL_TEMPERATURE:
        return f"At T = {heat:g} an endless magnet is ordered, too: go above the critical temperature"
    order = mean_order(heat, 16)
    if order.mean >= 0.5 - 3 * order.error:
        return True
    return f"Too hot: over half a million moments, the order of the magnet of side 16 is {order} on average"


EXERCISES = (
    Exercise(
        id="21.1",
        title="The cost of a flip",
        difficulty=2,
        minutes=6,
        reference=flip_cost,
        check=OnlyReads(places, closely(1e-9)),
        mistakes={
            "That is half of the cost. A bond goes from −1 (satisfied) to +1 (not satisfied): it counts 2, not 1.": (
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
            "That is the energy of the four bonds before the flip. The cost is what they hold after it, less that.": (
                lambda s, r, c: -flip_cost(s, r, c) / 2
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
        check=agrees_on(fields, closely(1e-9)),
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
            "That is Metropolis' rule for a spin that points up, the chance that it turns down. Here the spin is drawn "
            "anew, whatever it was.": lambda h, t: np.minimum(1, np.exp(-2 * h / t)),
            "Up and down differ by twice the sum of the neighbours; yours takes it four times.": lambda h, t: (
                1 / (1 + np.exp(-4 * h / t))
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
        check=agrees_on(magnetisations, closely(1e-9)),
        mistakes={
            "The 3 is missing: without it a disordered magnet would not give 0.": lambda m: (
                1 - np.mean(m**4) / np.mean(m**2) ** 2
            ),
            "You subtract the mean of m first. Order is not a nuisance here: it is what is measured.": lambda m: binder(
                m - m.mean()
            ),
            "Something is divided by itself there: always 2/3. Average m² and m⁴ over all draws first, then divide.": (
                lambda m: np.mean(1 - m**4 / (3 * (m**2) ** 2))
            ),
            "That is a mean of ratios. Average m² and m⁴ over all draws, each by itself; then divide, by a square.": (
                lambda m: 1 - np.mean(m**4 / (3 * m**2))
            ),
            "The square below the line is missing: m⁴ belongs over the square of the mean of m².": lambda m: (
                1 - np.mean(m**4) / (3 * np.mean(m**2))
            ),
            "Python reads a / 3 * b as (a / 3) · b. Put the whole denominator in brackets.": lambda m: (
                1 - np.mean(m**4) / 3 * np.mean(m**2) ** 2
            ),
            "The brackets of the denominator are missing, and so is a square: 1 - a / (3 * b**2).": lambda m: (
                1 - np.mean(m**4) / 3 * np.mean(m**2)
            ),
            "Below stands the square of the mean of m², not the mean of |m| to the fourth.": lambda m: (
                1 - np.mean(m**4) / (3 * np.mean(np.abs(m)) ** 4)
            ),
            "You return the ratio; the cumulant is 1 minus a third of it.": lambda m: (
                np.mean(m**4) / np.mean(m**2) ** 2
            ),
            "The 1 is missing: the cumulant is 1 minus what you return.": lambda m: 1 - binder(m),
            "Square first, then average: ⟨m²⟩, in which up and down do not cancel; yours is ⟨m⟩².": lambda m: (
                1 - np.mean(m**4) / (3 * np.mean(m) ** 4)
            ),
            "Below stands ⟨m⟩² in yours. Square m, average, and square once more.": lambda m: (
                1 - np.mean(m**4) / (3 * np.mean(m) ** 2)
            ),
            "The variance, np.var(m), takes the mean of m off first; the averages here are of m as it is: "
            "np.mean(m**2).": lambda m: 1 - np.mean(m**4) / (3 * np.var(m) ** 2),
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
        check=Exact(curves, closely(1e-6)),
        mistakes={
            "You return the measured temperature at which the curves are closest; they cross between two.": _nearest,
            "The middle of the interval would be right if both gaps were equal. They are not.": _middle,
            "That is one straight line through all points. The curves are bent: join only the two that the change of "
            "sign lies between.": _line_through_all,
            "Weights the wrong way round: the crossing lies nearer to the side on which the gap is small.": (
                lambda t, a, b: 2 * _middle(t, a, b) - crossing(t, a, b)
            ),
            "The two smallest gaps can lie on the same side of the crossing: curves may come close, part and cross "
            "later. Look for the change of sign.": _smallest_gaps,
            "For np.interp the numbers must rise, and large - small falls: hand it small - large.": lambda t, a, b: (
                np.interp(0, b - a, t)
            ),
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
            "Turn the moments: the order jumps about, so average many, say the entries 'order |m| at this moment' "
            "of magnet(T, 16, k) for k in range(100). A hundred moments know it to about 0.025.",
            "Anything between 2.27 and 2.41 will do.",
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
            "size, by a power, around a place that settles; if they keep their shape, or if the place runs away in any "
            "sensible units (a place at n = αN runs away in n, but stands still in n/N), it is a crossover. And if the "
            "jump goes away with a score that counts partial success, the jump came from the score."
        ),
        hints=(
            "One curve is one size. What would be larger in the next one?",
            "As the system grows, a steep place can sharpen or move. What did the chain do?",
            "Ask what the score does, too: right-or-wrong on a task of many steps makes smooth curves look steep.",
        ),
    ),
)
