"""Lesson 31: spin glasses."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.quiz_31 import QUIZ as QUIZ
from course_utils.knobs.lesson_31 import GLASSES, share_unlike
from course_utils.validation import whole

COLD = 0.35
"""The temperature at which exercise 31.4 looks at the panel's glasses."""


def flip_cost(couplings, spins, i):
    return 2 * spins[i] * (couplings[i] @ spins)


def share_between(overlaps):
    squares = overlaps**2
    return squares.mean(axis=1).var() / squares.var()


def stiffness(temperature, q, z, weights):
    push = np.sqrt(q) * z
    return 1 - weights @ (1 / np.cosh(push / temperature) ** 4) / temperature**2


def force(couplings, x):
    pull = 3 * np.einsum("ijk,j,k->i", couplings, x, x)
    return pull - (pull @ x) / (x @ x) * x


def _glasses() -> list[tuple[Any, ...]]:
    rng, sets = np.random.default_rng(31), []
    for size, i, own in ((5, 0, 1), (9, 4, -1), (16, 11, 1)):
        drawn = np.triu(rng.normal(size=(size, size)), 1) / size**0.5
        spins = rng.choice([-1, 1], size)
        spins[i] = own
        sets.append((drawn + drawn.T, spins, i))
    return sets


def _overlaps() -> list[Any]:
    rng = np.random.default_rng(32)
    return [
        np.clip(rng.uniform(-0.8, 0.8, (glasses, 1)) + 0.2 * rng.normal(size=(glasses, many)), -1, 1)
        for glasses, many in ((4, 30), (10, 8), (25, 60))
    ]


def _fields() -> list[tuple[Any, ...]]:
    z = np.linspace(-8, 8, 401)
    weights = np.exp(-(z**2) / 2)
    return [(heat, q, z, weights / weights.sum()) for heat, q in ((0.4, 0.63), (0.8, 0.19), (1.5, 0.05))]


def _spheres() -> list[tuple[Any, ...]]:
    rng, sets = np.random.default_rng(33), []
    for size in (3, 5, 8):
        drawn = rng.normal(size=(size, size, size))
        even = sum(drawn.transpose(order) for order in permutations(range(3)))
        x = rng.normal(size=size)
        sets.append((even / size, x * size**0.5 / np.linalg.norm(x)))
    return sets


def _shares(answer: Any) -> tuple[float, float]:
    try:
        few, many = answer
    except (TypeError, ValueError):
        raise ValueError("your answer must be the numbers of two glasses, such as (1, 2)") from None
    first, second = (whole("each glass's number", one, most=GLASSES) for one in (few, many))
    return share_unlike(first, COLD), share_unlike(second, COLD)


def _unlike_twins(answer: Any) -> bool | str:
    few, many = _shares(answer)
    if few < 0.04 and many > 0.3:
        return True
    return f"at T = {COLD} {100 * few:.0f} % of the pairs are unlike in the first, {100 * many:.0f} % in the second"


EXERCISES = (
    Exercise(
        id="31.1",
        title="What a flip costs",
        difficulty=2,
        minutes=5,
        reference=flip_cost,
        check=agrees_on(_glasses, closely(1e-9)),
        mistakes={
            "Half of the cost: each term s_i s_j changes from +1 to −1 or back, by 2.": lambda c, s, i: (
                s[i] * (c[i] @ s)
            ),
            "Twice the cost: the energy counts each pair once.": lambda c, s, i: 4 * s[i] * (c[i] @ s),
            "The sign is the wrong way round: breaking a satisfied pair costs energy.": lambda c, s, i: (
                -2 * s[i] * (c[i] @ s)
            ),
            "That is the push on the spin, twice; the cost depends on how the spin stands to it.": lambda c, s, i: (
                2 * (c[i] @ s)
            ),
            "That is the energy itself; asked for is what changes when spin i flips.": lambda c, s, i: -0.5 * s @ c @ s,
            "You leave out the spins before i: each pair is counted once, but spin i is in pairs with all others.": (
                lambda c, s, i: 2 * s[i] * (c[i, i + 1 :] @ s[i + 1 :])
            ),
            "You leave out the spins after i: each pair is counted once, but spin i is in pairs with all others.": (
                lambda c, s, i: 2 * s[i] * (c[i, :i] @ s[:i])
            ),
        },
        hints=(
            "Which terms of the energy hold spin i at all?",
            "They add up to −s_i Σ_j J_ij s_j, and the flip turns their sign.",
            "A number that changes sign changes by minus twice itself: 2 * spins[i] * (couplings[i] @ spins).",
        ),
    ),
    Exercise(
        id="31.2",
        title="Within or between",
        difficulty=3,
        minutes=8,
        reference=share_between,
        check=agrees_on(_overlaps, closely(1e-9)),
        mistakes={
            "That is the share for q; q and −q are the same state turned over, so take q².": lambda q: (
                q.mean(axis=1).var() / q.var()
            ),
            "That is the share within the glasses; asked for is the rest.": lambda q: 1 - share_between(q),
            "You divide by the spread within the glasses; the whole spread is within plus between.": lambda q: (
                (q**2).mean(axis=1).var() / (q**2).var(axis=1).mean()
            ),
            "You average over glasses first; average over the records of each glass (axis 1).": lambda q: (
                (q**2).mean(axis=0).var() / (q**2).var()
            ),
            "That is the spread between glasses itself; divide it by the whole spread.": lambda q: (
                (q**2).mean(axis=1).var()
            ),
            "You divide by n − 1; with few glasses that counts. Divide by n, as numpy's var does.": lambda q: (
                (q**2).mean(axis=1).var(ddof=1) / (q**2).var(ddof=1)
            ),
            "Square first, then average over the records: ⟨q²⟩, not ⟨q⟩².": lambda q: (
                (q.mean(axis=1) ** 2).var() / (q**2).var()
            ),
            "That is a ratio of standard deviations; variances add up, deviations do not.": lambda q: (
                (q**2).mean(axis=1).std() / (q**2).std()
            ),
        },
        hints=(
            "First bring each glass down to one number: its own mean of q².",
            "How much do these numbers vary, and how much do all values of q² together?",
            "squares.mean(axis=1).var() / squares.var(), with squares = overlaps**2.",
        ),
    ),
    Exercise(
        id="31.3",
        title="When symmetry gives way",
        difficulty=3,
        minutes=8,
        reference=stiffness,
        check=agrees_on(_fields, closely(1e-8)),
        mistakes={
            "The fourth power counts, 1/cosh⁴; 1/cosh² is how one spin answers a push.": lambda t, q, z, w: (
                1 - w @ (1 / np.cosh(np.sqrt(q) * z / t) ** 2) / t**2
            ),
            "Average the fourth power; yours is the fourth power of the average.": lambda t, q, z, w: (
                1 - (w @ (1 / np.cosh(np.sqrt(q) * z / t))) ** 4 / t**2
            ),
            "Before the average stands β²: divide by T².": lambda t, q, z, w: 1 - w @ np.cosh(np.sqrt(q) * z / t) ** -4,
            "Before the average stands β², and yours is β: divide by T².": lambda t, q, z, w: (
                1 - w @ np.cosh(np.sqrt(q) * z / t) ** -4 / t
            ),
            "The push on a spin is √q times z, not q times z.": lambda t, q, z, w: (
                1 - w @ np.cosh(q * z / t) ** -4 / t**2
            ),
            "Inside the hyperbolic function the push is divided by T as well.": lambda t, q, z, w: (
                1 - w @ np.cosh(np.sqrt(q) * z) ** -4 / t**2
            ),
            "Here β is 1/T, not T: divide by T, and by T².": lambda t, q, z, w: (
                1 - w @ np.cosh(np.sqrt(q) * z * t) ** -4 * t**2
            ),
            "The average over z is weights @ values; yours counts all places z alike.": lambda t, q, z, w: (
                1 - np.mean(np.cosh(np.sqrt(q) * z / t) ** -4) / t**2
            ),
            "The weights add up to 1 already: add the products up, do not average them again.": lambda t, q, z, w: (
                1 - np.mean(w * np.cosh(np.sqrt(q) * z / t) ** -4) / t**2
            ),
            "That is the other part: the stiffness is 1 minus it.": lambda t, q, z, w: (
                w @ np.cosh(np.sqrt(q) * z / t) ** -4 / t**2
            ),
        },
        hints=(
            "It is 1 minus a product of two things: β², and an average over z.",
            "The average of f(z) is weights @ f(z); f is the fourth power of 1 / np.cosh.",
            "1 - weights @ (1 / np.cosh(np.sqrt(q) * z / temperature) ** 4) / temperature**2.",
        ),
    ),
    Exercise(
        id="31.4",
        title="Unlike twins",
        difficulty=2,
        minutes=6,
        kind="regime",
        reference=(10, 3),
        check=satisfies(_unlike_twins),
        mistakes={
            "You have found them, in the other order: the glass with few unlike pairs comes first.": Region(
                (3, 10), lambda pair: _shares(pair)[0] > 0.3 and _shares(pair)[1] < 0.04
            ),
            "That is the same glass twice; in one and the same glass the answer is one and the same.": Region(
                (3, 3), lambda pair: pair[0] == pair[1]
            ),
            "The first one is right; in the second nearly all pairs are alike, too.": Region(
                (10, 6), lambda pair: _shares(pair)[0] < 0.04 and _shares(pair)[1] < 0.15 and pair[0] != pair[1]
            ),
        },
        hints=(
            "Set the temperature to 0.35 and go through the glasses; the line under the picture reads the share.",
            "In most of them it is a few per cent. In two of the twelve it is above 30 %.",
            "Look at glasses 3 and 10.",
        ),
    ),
    Exercise(
        id="31.5",
        title="Downhill on a sphere",
        difficulty=4,
        minutes=10,
        reference=force,
        check=agrees_on(_spheres, closely(1e-8)),
        mistakes={
            "That is the part along x, which the sphere holds; asked for is the rest.": lambda c, x: (
                3 * np.einsum("ijk,i,j,k", c, x, x, x) / (x @ x) * x
            ),
            "That leads off the sphere: subtract the part of the pull that points along x.": lambda c, x: (
                3 * np.einsum("ijk,j,k->i", c, x, x)
            ),
            "Each of the three x may be the one that moves: a factor 3 is missing.": lambda c, x: force(c, x) / 3,
            "That climbs: the force is minus the slope, and the energy has a minus already.": lambda c, x: -force(c, x),
            "You subtract (pull · x) x, but |x|² = N, not 1: divide by x @ x.": lambda c, x: (
                3 * np.einsum("ijk,j,k->i", c, x, x) - 3 * np.einsum("ijk,i,j,k", c, x, x, x) * x
            ),
            "The part along x must be taken away; you added it.": lambda c, x: (
                6 * np.einsum("ijk,j,k->i", c, x, x) - force(c, x)
            ),
        },
        hints=(
            "Without the sphere, what is the derivative of Σ J_ijk x_i x_j x_k by x_i? All three places count.",
            "pull = 3 Σ_jk J_ijk x_j x_k. On the sphere only what is at right angles to x can move the point.",
            "pull - (pull @ x) / (x @ x) * x, with pull = 3 * np.einsum('ijk,j,k->i', couplings, x, x).",
        ),
    ),
    Exercise(
        id="31.6",
        title="Is it a glass?",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours say what to measure, and what either outcome would mean? As here: train several networks from "
            "different seeds on each of several data sets; (1) the overlap of pairs on one data set (lesson "
            "32 says with which care): one value speaks against a glass like measure 2's, not against one like measure "
            "4's; a spread that differs between data sets is needed for the former, but poor training makes one, too; "
            "(2) whether the loss at which training stops stays above the lowest one when networks and data grow."
        ),
        hints=(
            "Which measurements of this lesson need only two copies and an energy?",
            "What plays the part of the couplings, and what of a new glass? What would P(q) be?",
            "Think of measure 2 (scatter between data sets), measure 5 (where it stops) and of the next section.",
        ),
    ),
)
