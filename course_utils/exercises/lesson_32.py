"""Lesson 32: many networks, one function."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.special import comb, gammaln

from course_utils.exercises.comparisons import Region, agrees_on, closely, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.quiz_32 import QUIZ as QUIZ
from course_utils.theory import krauth1989
from course_utils.validation import real


def copies(widths, odd):
    each = [gammaln(h + 1) + (h * np.log(2) if odd else 0) for h in widths]
    return sum(each) / np.log(10)


def referee(chains):
    n = chains.shape[1]
    inside = chains.var(axis=1, ddof=1).mean()
    between = chains.mean(axis=1).var(ddof=1)
    return np.sqrt(((n - 1) / n * inside + between) / inside)


def neighbours(N, P, d):  # noqa: N803 - the symbols of the text
    return comb(N, d) * (2 * krauth1989.both_right(N, d)) ** P


def _signs_once(widths, odd):
    return (sum(gammaln(h + 1) for h in widths) + (np.log(2) * len(widths) if odd else 0)) / np.log(10)


def _in_one_pot(widths, odd):
    return copies([sum(widths)], odd)


def _no_logarithm_of_ten(widths, odd):
    return copies(widths, odd) * np.log(10)


def _one_short(widths, odd):
    return sum(gammaln(h) + (h * np.log(2) if odd else 0) for h in widths) / np.log(10)


def _product_of_logs(widths, odd):
    return np.prod([copies([h], odd) for h in widths])


def _chain_sets() -> list[tuple[Any]]:
    rng = np.random.default_rng(32)
    return [(rng.normal(size=shape) + rng.normal(size=(shape[0], 1)),) for shape in ((3, 12), (5, 40), (2, 9))]


def _not_rooted(chains):
    return referee(chains) ** 2


def _pooled(chains):
    return chains.std(ddof=1) / np.sqrt(chains.var(axis=1, ddof=1).mean())


def _across(chains):
    n, inside = chains.shape[1], chains.var(axis=0, ddof=1).mean()
    return np.sqrt(((n - 1) / n * inside + chains.mean(axis=1).var(ddof=1)) / inside)


def _of_all_draws(chains):
    n, inside = chains.shape[1], chains.var(ddof=1)
    return np.sqrt(((n - 1) / n * inside + chains.mean(axis=1).var(ddof=1)) / inside)


def _widths(chains):
    return chains.std() / chains.std(axis=1).mean()


def _turned(chains):
    return referee(chains.T)


def _counted_chains(chains):
    n, inside = chains.shape[0], chains.var(axis=1, ddof=1).mean()
    return np.sqrt(((n - 1) / n * inside + chains.mean(axis=1).var(ddof=1)) / inside)


def _whole_population(chains):
    n = chains.shape[1]
    inside = chains.var(axis=1).mean()
    return np.sqrt(((n - 1) / n * inside + chains.mean(axis=1).var()) / inside)


def _between_times_n(chains):
    n = chains.shape[1]
    inside = chains.var(axis=1, ddof=1).mean()
    return np.sqrt(((n - 1) / n * inside + n * chains.mean(axis=1).var(ddof=1)) / inside)


@cache
def _mean_barrier(shared: float) -> float:
    from course_utils.knobs.lesson_32 import overlaps

    return float(np.mean([overlaps(32, shared, 0.0, seed)["barrier on the straight path"] for seed in (1, 2, 3)]))


def _ratio(shared: Any) -> float:
    shared = real("your answer", shared, least=0, most=1)
    return _mean_barrier(round(shared, 4)) / _mean_barrier(0.0)


def _between(shared: Any) -> bool | str:
    ratio = _ratio(shared)
    return True if 0.2 <= ratio <= 0.5 else f"the barrier is {ratio:.2f} of the one without sharing"


EXERCISES = (
    Exercise(
        id="32.1",
        title="Count the copies",
        difficulty=2,
        minutes=6,
        reference=copies,
        check=agrees_on([((16,), True), ((64,), False), ((8, 5), True), ((3, 4, 2), False)], closely(1e-7)),
        mistakes={
            "Each unit of a layer may change its sign by itself: 2 to the power h for each layer, not 2.": _signs_once,
            "Units cannot change over into another layer: count each layer, then multiply.": _in_one_pot,
            "That is the natural logarithm; divide by the logarithm of 10.": _no_logarithm_of_ten,
            "With gammaln(h) you take the logarithm of (h − 1)!; you need gammaln(h + 1).": _one_short,
            "The signs are missing (or are there where units may not change them).": lambda w, odd: copies(w, not odd),
            "Signs are not counted yet: if odd is True, there are 2 to the power h more for each layer.": (
                lambda w, odd: copies(w, False)
            ),
            "Signs are counted even where odd is False.": lambda w, odd: copies(w, True),
            "The numbers of copies multiply from layer to layer, so their logarithms add up.": _product_of_logs,
        },
        hints=(
            "Count for one layer first: in how many orders can h units stand?",
            "Numbers of copies multiply from layer to layer, so their logarithms add up.",
            "Sum gammaln(h + 1), and h * np.log(2) if odd, over the layers; divide by np.log(10).",
        ),
    ),
    Exercise(
        id="32.2",
        title="Have they mixed?",
        difficulty=3,
        minutes=8,
        reference=referee,
        check=agrees_on(_chain_sets, closely(1e-7)),
        mistakes={
            "That is the square; R-hat is a ratio of widths, so take the root.": _not_rooted,
            "That pools all draws; close for many chains, but V is the variance of the means.": _pooled,
            "In the formula n is the number of draws in a chain, not the number of chains.": _counted_chains,
            "Take each chain's own variance (axis 1); yours is across the chains.": _across,
            "W is the variance inside one chain, averaged over chains; yours is that of all draws.": _of_all_draws,
            "Take W and V as given: means of variances and variances of means; yours are widths.": _widths,
            "The axes are exchanged: a chain is a row, its draws stand along axis 1.": _turned,
            "Use ddof=1: divide by the number less one, since the mean was estimated, too.": _whole_population,
            "Here V is the plain variance of the means; some books take n times that (B) and divide by n later.": (
                _between_times_n
            ),
        },
        hints=(
            "Two variances: one inside each chain (average them), one between the chains' means.",
            "chains.var(axis=1, ddof=1).mean() and chains.mean(axis=1).var(ddof=1).",
            "np.sqrt(((n - 1) / n * W + V) / W), with n = chains.shape[1].",
        ),
    ),
    Exercise(
        id="32.3",
        title="Neighbours of a solution",
        difficulty=3,
        minutes=10,
        reference=neighbours,
        check=agrees_on([(51, 26, 1), (401, 200, 1), (101, 50, 2), (9, 4, 3)], closely(1e-6)),
        mistakes={
            "That asks that both be right from scratch; one of them is a solution already (twice the probability).": (
                lambda N, P, d: comb(N, d) * krauth1989.both_right(N, d) ** P  # noqa: N803
            ),
            "That counts *pairs* of solutions: divide by the mean number of solutions, 2 to the power N − P.": (
                lambda N, P, d: 2.0**N * comb(N, d) * krauth1989.both_right(N, d) ** P  # noqa: N803
            ),
            "That is the chance for one neighbour; there are N choose d of them.": lambda N, P, d: (  # noqa: N803
                (2 * krauth1989.both_right(N, d)) ** P
            ),
            "The order of the d flips does not matter: comb(N, d), not N to the power d.": lambda N, P, d: (  # noqa: N803
                float(N) ** d * (2 * krauth1989.both_right(N, d)) ** P
            ),
            "Every one of the P patterns must be right: take the power, not the product.": lambda N, P, d: (  # noqa: N803
                comb(N, d) * P * 2 * krauth1989.both_right(N, d)
            ),
            "There are P patterns, so the power is P, not N.": lambda N, P, d: (  # noqa: N803
                comb(N, d) * (2 * krauth1989.both_right(N, d)) ** N
            ),
            "That is the chance that a pattern becomes wrong; you need the chance that it stays right.": (
                lambda N, P, d: comb(N, d) * (1 - 2 * krauth1989.both_right(N, d)) ** P  # noqa: N803
            ),
            "The angle holds for large N at a fixed share d/N; at one or two flips the sums are whole numbers.": (
                lambda N, P, d: comb(N, d) * (1 - np.arccos(1 - 2 * d / N) / np.pi) ** P  # noqa: N803
            ),
        },
        hints=(
            "Given that a pattern is right for one (probability 1/2), how likely is it right for the other?",
            "That for one pattern; then for all P of them; then: how many neighbours are there at distance d?",
            "comb(N, d) * (2 * krauth1989.both_right(N, d)) ** P",
        ),
    ),
    Exercise(
        id="32.4",
        title="Half-brothers",
        difficulty=2,
        minutes=5,
        kind="regime",
        reference=0.6,
        check=satisfies(_between),
        mistakes={
            "Too little in common: more than half of the barrier is left.": Region(0.1, lambda s: _ratio(s) > 0.5),
            "Too much in common: less than a fifth of the barrier is left.": Region(1.0, lambda s: _ratio(s) < 0.2),
        },
        hints=(
            "Watch the last line under the picture while you move the shared start.",
            "The barrier falls about as 1 − s; where is that well between a fifth and a half?",
            "Try 0.6, and look at seeds 1, 2 and 3.",
        ),
    ),
    Exercise(
        id="32.5",
        title="The same features?",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours name two controls, and what each would tell? As here: (1) the same networks before training, "
            "matched in the same way: what they have is selection, since the best of very many orders is taken; (2) "
            "trained networks whose outgoing weights were dealt out anew among the units: what they have beyond (1) is "
            "the shape of each layer, not units that do a job; (3) other data, or shuffled labels: what is left then "
            "does not come from these classes. Also good: how the numbers change with the width."
        ),
        hints=(
            "What would the number be if nothing had been learned?",
            "Matching looks for the best of h! orders. Which networks could you match that share nothing by design?",
            "Before training; after training, but with units taken apart; trained on something else.",
        ),
    ),
)
