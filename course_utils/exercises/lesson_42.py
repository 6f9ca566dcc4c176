"""Lesson 42: whether flat minima generalise."""

# The solutions are shown to learners as plain functions, without annotations.
# mypy: allow-untyped-defs

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import spearmanr

from course_utils.exercises.comparisons import Region, agrees_on, closely, exactly, satisfies
from course_utils.exercises.core import Exercise
from course_utils.exercises.quiz_42 import QUIZ as QUIZ
from course_utils.knobs.lesson_42 import LEVEL, flat_paths
from course_utils.measure.equal_loss import at_level
from course_utils.validation import real


def rank_tau(x, y):
    x, y = np.asarray(x), np.asarray(y)
    order = np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y))
    return order.sum() / (len(x) * (len(x) - 1))


def stretch(w1, b1, w2, b2, a):
    return a * w1, a * b1, w2 / a, b2


def reading_at(losses, values, level):
    after = int(np.argmax(np.asarray(losses) <= level))
    share = np.log(losses[after - 1] / level) / np.log(losses[after - 1] / losses[after])
    return (1 - share) * values[after - 1] + share * values[after]


def neighbours(solutions, flips):
    distance = (solutions.shape[1] - solutions @ solutions.T) // 2
    return (distance <= flips).sum(1) - 1


def _lists() -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(42)
    return [(rng.permutation(n) ** 2.0, rng.permutation(n) + 0.5) for n in (5, 9, 14)]


def _layers() -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(43)
    shapes = ((4, 3), (4,), (2, 4), (2,))
    return [(*(rng.normal(size=shape) for shape in shapes), a) for a in (2.0, 0.3)]


def _paths() -> list[tuple[Any, ...]]:
    up = np.array([2.0, 1.2, 0.7, 0.9, 0.4, 0.5, 0.2])  # it goes up again: the first crossing counts
    return [(up, np.array([9.0, 7.0, 4.0, 5.0, 2.0, 1.0, 3.0]), level) for level in (0.8, 0.45, 1.5)]


def _settings() -> list[tuple[Any, ...]]:
    rng = np.random.default_rng(44)
    rows = [np.unique(rng.choice([-1, 1], (40, n)), axis=0) for n in (5, 7, 9)]
    return [(row.astype(np.int64), flips) for row, flips in zip(rows, (1, 2, 3), strict=True)]


def _nearest_record(losses, values, level):
    return values[int(np.argmin(np.abs(np.asarray(losses) - level)))]


def _straight_in_the_loss(losses, values, level):
    after = int(np.argmax(np.asarray(losses) <= level))
    share = (losses[after - 1] - level) / (losses[after - 1] - losses[after])
    return (1 - share) * values[after - 1] + share * values[after]


def _logarithms_of_both(losses, values, level):
    return np.exp(reading_at(losses, np.log(values), level))


def _last_crossing(losses, values, level):
    after = int(np.flatnonzero(np.asarray(losses) > level)[-1]) + 1
    share = np.log(losses[after - 1] / level) / np.log(losses[after - 1] / losses[after])
    return (1 - share) * values[after - 1] + share * values[after]


def _exchanged_ends(losses, values, level):
    after = int(np.argmax(np.asarray(losses) <= level))
    share = np.log(losses[after - 1] / level) / np.log(losses[after - 1] / losses[after])
    return share * values[after - 1] + (1 - share) * values[after]


def _share_in_order(x, y):
    return (1 + rank_tau(x, y)) / 2


def _with_itself(x, y):
    return rank_tau(x, y) * (len(x) - 1) / len(x)


def _at_the_level(radius: float) -> tuple[float, float]:
    """Return the sharpness at the level beside plain SGD's; NaN if not all networks come so low."""
    picture = flat_paths(radius, 32)
    sharp = [at_level(picture[f"{who}_loss"], picture[f"{who}_sharpness"], LEVEL).mean() for who in ("yours", "plain")]
    return float(sharp[0]), float(sharp[1])


def _half_as_sharp(radius: Any) -> bool | str:
    yours, plain = _at_the_level(real("your answer", radius, least=0, most=1))
    if np.isnan(yours):
        return f"with that radius not all four networks come down to training loss {LEVEL:g} in 300 steps"
    if yours < 0.5 * plain:
        return True
    return f"the sharpness at loss {LEVEL:g} is {yours:.2f}; plain SGD's is {plain:.2f}"


def _too_timid(radius: Any) -> bool:
    yours, plain = _at_the_level(radius)
    return bool(yours >= 0.5 * plain)


def _too_bold(radius: Any) -> bool:
    return bool(np.isnan(_at_the_level(radius)[0]))


EXERCISES = (
    Exercise(
        id="42.1",
        title="Pairs in order",
        difficulty=2,
        minutes=7,
        reference=rank_tau,
        check=agrees_on(_lists, closely(1e-9)),
        mistakes={
            "That is Pearson's correlation: it looks at sizes. Only the order of a pair counts.": lambda x, y: (
                np.corrcoef(x, y)[0, 1]
            ),
            "That is Spearman's correlation, of the ranks. Kendall's counts pairs.": lambda x, y: (
                spearmanr(x, y).statistic
            ),
            "That is the share of pairs in the same order; those in opposite order are to be taken off.": (
                _share_in_order
            ),
            "You compare each entry with itself as well: there are n(n−1)/2 pairs, not n²/2.": _with_itself,
            "There are n(n − 1)/2 pairs, not n².": lambda x, y: rank_tau(x, y) * (len(x) - 1) / (2 * len(x)),
            "Divide by the number of pairs: yours is the difference of two counts.": lambda x, y: (
                rank_tau(x, y) * len(x) * (len(x) - 1) / 2
            ),
            "The sign is the wrong way round: pairs in the same order count +1.": lambda x, y: -rank_tau(x, y),
            "All pairs count, not only neighbours in the list.": lambda x, y: np.mean(
                np.sign(np.diff(x)) * np.sign(np.diff(y))
            ),
        },
        hints=(
            "For one pair i, j: when do x and y put it in the same order?",
            "The product of the signs of x_i − x_j and y_i − y_j is +1 or −1. Average it over the pairs.",
            "np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y)), summed, over n(n − 1).",
        ),
    ),
    Exercise(
        id="42.2",
        title="The same function",
        difficulty=2,
        minutes=6,
        reference=stretch,
        check=agrees_on(_layers, closely(1e-9)),
        mistakes={
            "The bias enters the unit, too: without its factor the kinks move.": lambda w1, b1, w2, b2, a: (
                a * w1,
                b1,
                w2 / a,
                b2,
            ),
            "Now the outputs grow: what leaves the layer must be divided by a.": lambda w1, b1, w2, b2, a: (
                a * w1,
                a * b1,
                a * w2,
                b2,
            ),
            "The first layer is stretched, but nothing undoes it in the second.": lambda w1, b1, w2, b2, a: (
                a * w1,
                a * b1,
                w2,
                b2,
            ),
            "The second layer must undo a, not repeat it.": lambda w1, b1, w2, b2, a: (a * w1, a * b1, a * w2, a * b2),
            "The second bias sees a signal of the old size, so it stays as it was.": lambda w1, b1, w2, b2, a: (
                a * w1,
                a * b1,
                w2 / a,
                b2 / a,
            ),
            "That is the same function, but stretched by 1/a: a multiplies what enters.": lambda w1, b1, w2, b2, a: (
                w1 / a,
                b1 / a,
                a * w2,
                b2,
            ),
        },
        hints=(
            "Follow one number through: z = w1 x + b1, then max(0, z), then w2.",
            "If z becomes a z, so does max(0, z). Who must take it back?",
            "return a * w1, a * b1, w2 / a, b2",
        ),
    ),
    Exercise(
        id="42.3",
        title="At the same loss",
        difficulty=3,
        minutes=8,
        reference=reading_at,
        check=agrees_on(_paths, closely(1e-9)),
        mistakes={
            "That is the nearest record; interpolate between the one before and the one after.": _nearest_record,
            "Straight in the loss itself; asked for is straight in its logarithm.": _straight_in_the_loss,
            "Interpolate the values as they are: only the loss is taken in its logarithm.": _logarithms_of_both,
            "This loss goes up again on its way: the first crossing counts, yours is the last.": _last_crossing,
            "The two ends have each other's weight: close to the record after, the record after counts more.": (
                _exchanged_ends
            ),
            "That is the first record at or below the level, without interpolation.": lambda losses, values, level: (
                values[int(np.argmax(np.asarray(losses) <= level))]
            ),
            "That is the last reading, not at the level: np.interp wants rising x.": lambda losses, values, level: (
                values[-1]
            ),
            "For np.interp places must be in order; this loss goes up again. Find the first crossing yourself.": (
                lambda losses, values, level: np.interp(-np.log(level), -np.log(losses), values)
            ),
        },
        hints=(
            "np.argmax(losses <= level) is the first record at or below the level. Which one comes before it?",
            "How far is log(level) from log(before) to log(after)? That share is the weight of the record after.",
            "share = log(l0 / level) / log(l0 / l1); return (1 - share) * v0 + share * v1.",
        ),
    ),
    Exercise(
        id="42.4",
        title="Who has neighbours",
        difficulty=2,
        minutes=6,
        reference=neighbours,
        check=agrees_on(_settings, exactly),
        mistakes={
            "Each solution counts itself in yours: it is 0 flips away.": lambda s, flips: neighbours(s, flips) + 1,
            "Within includes the last one: ≤, not <.": lambda s, flips: neighbours(s, flips - 1),
            "Yours counts each flip twice: a flipped weight differs by 2, and takes 2 off the rows' product.": (
                lambda s, flips: ((s.shape[1] - s @ s.T) <= flips).sum(1) - 1
            ),
            "That counts pairs with a small overlap, which are far apart, not near.": lambda s, flips: (
                (s @ s.T) <= flips
            ).sum(1),
            "That counts those at exactly so many flips; nearer ones count as well.": lambda s, flips: (
                ((s.shape[1] - s @ s.T) // 2) == flips
            ).sum(1),
        },
        hints=(
            "For two rows of ±1: what is their product, summed, if they differ in d places?",
            "N − d agree and d disagree: the sum is N − 2d. All pairs at once: solutions @ solutions.T.",
            "distance = (N - solutions @ solutions.T) // 2; count distance <= flips in each row, minus itself.",
        ),
    ),
    Exercise(
        id="42.5",
        title="Half as sharp",
        difficulty=1,
        minutes=4,
        kind="regime",
        reference=0.3,
        check=satisfies(_half_as_sharp),
        mistakes={
            "That radius is too small: at loss 0.8 the network is still more than half as sharp as with SGD.": Region(
                0.05, _too_timid
            ),
            "That radius is too large: not all four networks come down to loss 0.8 in 300 steps.": Region(
                1.0, _too_bold
            ),
        },
        hints=(
            "Set the batch size to 32 and read the two sharpnesses under the picture.",
            "A larger radius is flatter at the same loss, and slower to get there.",
            "Try a radius of 0.3.",
        ),
    ),
    Exercise(
        id="42.6",
        title="Because?",
        difficulty=4,
        minutes=10,
        kind="open",
        reference=(
            "does yours name three, each with what it would tell? As here: (1) both errors and both sharpnesses at "
            "one training loss, since a method that has fitted less is often better where labels are noisy, flat or "
            "not; (2) intervals over seeds and data sets, and whether the order of methods by sharpness is their "
            "order by error, not in two methods alone; (3) the sharpness in a measure that rescaling cannot change, "
            "and an experiment that changes sharpness alone. Also good: the same with clean and with noisy labels; "
            "equal computing; the error under the shift for which flatness is praised."
        ),
        hints=(
            "What else may differ between the two methods when training stops?",
            "Think of training loss, of intervals, and of coordinates.",
            "At equal training loss? In how many seeds and settings? In which measure of sharpness?",
        ),
    ),
)
