"""Lesson 11: energy, temperature, and the traveller."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises.comparisons import agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.questions import Option, Question
from course_utils.knobs.lesson_11 import travellers
from course_utils.validation import real


def langevin_step(x, force, temperature, time_step, xi):
    downhill = force * time_step
    shaken = np.sqrt(2 * temperature * time_step) * xi
    return x + downhill + shaken


def acceptance(energy_change, temperature):
    return np.exp(-np.maximum(energy_change, 0) / temperature)


def mean_escape_time(times, arrived):
    return times.sum() / arrived.sum()


def extrapolate(coarse, half):
    return 2 * half - coarse


def _accepts(got: Any, expected: Any) -> bool:
    """Compare probabilities; two draws (True or False) are alike, however they came out."""
    if np.asarray(expected).dtype == bool:
        return bool(np.asarray(got).dtype == bool)
    return closely(1e-9)(got, expected)


def _steps() -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(11)
    return [
        (rng.normal(size=5), rng.normal(size=5), temperature, time_step, rng.normal(size=5))
        for temperature, time_step in ((0.25, 0.01), (1.0, 0.1), (2.0, 0.005))
    ]


def _changes() -> list[tuple[Any, float]]:
    return [(np.array([-1.5, -0.2, 0.0, 0.7, 2.0]), temperature) for temperature in (0.5, 1.5, 4.0)]


def _waits() -> list[tuple[Any, Any]]:
    rng = np.random.default_rng(3)
    waits = [rng.exponential(mean, size=12) for mean in (5.0, 20.0, 60.0)]
    return [(np.minimum(wait, 25.0), wait < 25.0) for wait in waits]


def _share_on_the_right(temperature: Any) -> float:
    picture = travellers(real("your answer", temperature, least=0.05, most=1.0), 0.0, 20.0, walkers=8192, seed=5)
    return float(picture["on the right (measured)"])


def _about_a_quarter(temperature: Any) -> bool | str:
    share = _share_on_the_right(temperature)
    if 0.2 <= share <= 0.3:
        return True
    return (
        f"{'Too hot' if share > 0.25 else 'Too cold'}: when you look, {100 * share:.0f} in a hundred are on the right"
    )


EXERCISES = (
    Exercise(
        id="11.1",
        title="One step of Langevin",
        difficulty=2,
        minutes=6,
        reference=langevin_step,
        check=agrees_on(_steps, closely(1e-9)),
        mistakes={
            "The factor 2 is missing: the variance of the random step is 2 T Δt.": lambda x, f, t, dt, xi: (
                x + f * dt + np.sqrt(t * dt) * xi
            ),
            "2 T Δt is the variance of the random step; its size is the square root of that.": lambda x, f, t, dt, xi: (
                x + f * dt + 2 * t * dt * xi
            ),
            "The random step grows with the square root of the time step; yours grows with the time step itself.": (
                lambda x, f, t, dt, xi: x + f * dt + np.sqrt(2 * t) * dt * xi
            ),
            "You return the step, not the new position: add it to x.": lambda x, f, t, dt, xi: (
                f * dt + np.sqrt(2 * t * dt) * xi
            ),
            "The step downhill is force times time step: yours leaves out the time step.": lambda x, f, t, dt, xi: (
                x + f + np.sqrt(2 * t * dt) * xi
            ),
            "Your walker climbs: the force already points downhill, so it is added.": lambda x, f, t, dt, xi: (
                x - f * dt + np.sqrt(2 * t * dt) * xi
            ),
        },
        hints=(
            "Two things are added to x: one along the force, one along xi.",
            "The first is force × time step. The second is xi times a standard deviation.",
            "The variance of the random step is 2 × temperature × time step; take np.sqrt of it.",
        ),
    ),
    Exercise(
        id="11.2",
        title="Metropolis' rule",
        difficulty=2,
        minutes=5,
        reference=acceptance,
        check=agrees_on(_changes, _accepts),
        mistakes={
            "The temperature divides the energy; yours multiplies it (T where β = 1/T belongs).": lambda e, t: (
                np.minimum(1, np.exp(-e * t))
            ),
            "Steps downhill are always accepted; yours are accepted always when they go uphill (the sign).": (
                lambda e, t: np.minimum(1, np.exp(e / t))
            ),
            "You draw whether the step is taken; asked for is the probability itself.": lambda e, t: (
                np.exp(-np.maximum(e, 0) / t) > 0.5
            ),
            "The higher a step leads, the less often it is taken: uphill the exponent is minus ΔE / T.": lambda e, t: (
                np.exp(np.maximum(e, 0) / t)
            ),
            "A probability is at most 1: steps downhill come out above it.": lambda e, t: np.exp(-e / t),
            "That rule exists, too (the heat bath, lesson 21); Metropolis' takes every step downhill.": lambda e, t: (
                1 / (1 + np.exp(e / t))
            ),
        },
        hints=(
            "There are two cases: the energy falls (or stays), or it rises.",
            "If it falls, the step is always accepted. If it rises, with probability exp(−ΔE / T).",
            "One line does both cases for a whole array: np.minimum(1, np.exp(-energy_change / temperature)).",
        ),
    ),
    Exercise(
        id="11.3",
        title="Walkers that have not arrived",
        difficulty=3,
        minutes=8,
        reference=mean_escape_time,
        check=agrees_on(_waits, closely(1e-9)),
        mistakes={
            "You average only those that arrived. They are the quick ones: your estimate is too short.": lambda t, a: t[
                a
            ].mean(),
            "You average all times as if everybody had arrived when you stopped looking: too short.": lambda t, a: (
                t.mean()
            ),
            "The time that the others spent waiting counts too: your sum leaves it out.": lambda t, a: (
                t[a].sum() / len(t)
            ),
            "That uses the share of arrivals alone, and fails when all have arrived: use the times as well.": (
                lambda t, a: -t.max() / np.log(1 - a.mean())
            ),
            "You let everybody wait until the end; whoever arrived has waited only until then.": lambda t, a: (
                t.max() * len(t) / a.sum()
            ),
        },
        hints=(
            "Think of it as a rate: how many arrivals in how much waiting?",
            "All walkers wait, also those that have not arrived. Only some arrive.",
            "Divide times.sum() by the number of arrivals, arrived.sum().",
        ),
    ),
    Exercise(
        id="11.4",
        title="A time step of zero",
        difficulty=3,
        minutes=6,
        reference=extrapolate,
        check=agrees_on([(0.84, 0.846), (1.0, 0.9), (-2.0, 3.0)], closely(1e-9)),
        mistakes={
            "The average lies between the two; the value at time step zero lies beyond the better one.": lambda c, h: (
                (c + h) / 2
            ),
            "That combination cancels an error that grows with Δt². Here it grows with Δt.": lambda c, h: (
                (4 * h - c) / 3
            ),
            "The other way round: you walk away from time step zero.": lambda c, h: 2 * c - h,
            "You add half of what halving gained; as much as it gained is still missing.": lambda c, h: h + (h - c) / 2,
        },
        hints=(
            "Write coarse = exact + a Δt and half = exact + a Δt/2. There are two unknowns.",
            "How much do you gain by halving? The same amount is still missing.",
            "What halving gained is half - coarse. Add it to half once more.",
        ),
    ),
    Exercise(
        id="11.5",
        title="Caught on the way",
        difficulty=2,
        minutes=5,
        kind="regime",
        reference=0.255,
        check=satisfies(_about_a_quarter),
        hints=(
            "Set the waiting time to 20 and the tilt to 0, and move the temperature only.",
            "The mean escape time (in the read-out) should be three to four times as long as the time you wait.",
            "It lies between 0.24 and 0.27.",
        ),
    ),
    Exercise(
        id="11.6",
        title="A thermometer for a network",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours name (1) a noise, such as minibatches, label noise, dropout or weight noise, (2) something to "
            "measure, and (3) a result that would say no? For example: the spread of the weights around a minimum. A "
            "temperature gives variance × curvature = T, the same in every direction; if that product differs between "
            "directions, or between places, the noise is no temperature."
        ),
        hints=(
            "What did the walkers show that only a temperature can bring about? Look at Boltzmann's law.",
            "Near the bottom of a well U = h x²/2, and Boltzmann says ⟨x²⟩ = T / h. Networks have many directions.",
            "Compare variance × curvature in two directions, or at two places. One temperature: one number.",
        ),
    ),
)

QUIZ = (
    Question(
        "Two wells are equally deep; the left one is twice as wide. Where are more walkers, in the long run?",
        (
            Option(
                "In the wide one.",
                True,
                "Yes: Boltzmann's law gives each place its weight, and the wide well has more places. That is entropy.",
            ),
            Option(
                "Equally many in both.",
                False,
                "Equal depth gives equal weight to the two lowest points. But a well is all its places together.",
            ),
            Option(
                "In the narrow one: its walls are steeper and hold better.",
                False,
                "Steep walls keep walkers close to the bottom, but leave them fewer places to be.",
            ),
        ),
    ),
    Question(
        "You halve the temperature. The barrier was 4 temperatures high. The wait becomes longer by a factor of about…",
        (
            Option("2", False, "That would be so if time were inversely proportional to T. T stands in an exponent."),
            Option("4", False, "Not a power law: the wait goes as exp(ΔU/T), and ΔU/T went from 4 to 8."),
            Option("55", True, "Yes: from exp(4) to exp(8), a factor of exp(4) = 55."),
            Option("8", False, "8 is the new ΔU/T; the wait is its exponential: exp(8)/exp(4)."),
        ),
    ),
    Question(
        "Kramers' formula came out ten per cent below the exact time at ΔU/T = 5. What was wrong?",
        (
            Option("The time step was too large.", False, "Then the exact integral would have missed the points too."),
            Option(
                "Nothing: the formula is the limit of high barriers.",
                True,
                "Yes: its error falls as T/ΔU, and the exact integral agrees with the walkers.",
            ),
            Option(
                "There were too few walkers.",
                False,
                "The error bar is little more than one per cent: ten per cent is no accident.",
            ),
        ),
    ),
    Question(
        "The left half of a symmetric double well is shaken more strongly than the right half. Where are more walkers?",
        (
            Option(
                "Where it is quiet.",
                True,
                "Yes: they are shaken out of the noisy well more often than out of the quiet one.",
            ),
            Option(
                "Where it is noisy.",
                False,
                "Noise helps them out of a well, not into it: the noisy well is easier to leave.",
            ),
            Option(
                "Equally in both: the energies are equal.",
                False,
                "Boltzmann's law needs the same temperature everywhere; without it, energy does not decide.",
            ),
        ),
    ),
)
