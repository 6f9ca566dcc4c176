"""Lesson 31's exercises: what else a learner might try, right and wrong."""

import re

import numpy as np
import pytest

from course_utils.exercises import registry


def judged(identity, attempt):
    return registry.find(identity).judge(attempt)


def test_other_ways_to_be_right():
    def by_difference(couplings, spins, i):
        flipped = np.where(np.arange(len(spins)) == i, -spins, spins)
        return 0.5 * (spins @ couplings @ spins - flipped @ couplings @ flipped)

    assert judged("31.1", by_difference).state == "correct"
    assert judged("31.2", lambda q: 1 - (q**2).var(axis=1).mean() / (q**2).var()).state == "correct"
    assert [judged("31.4", pair).state for pair in ((10, 3), (11, 12), [1, 3])] == ["correct"] * 3


@pytest.mark.parametrize(
    ("identity", "attempt", "said"),
    [
        ("31.1", lambda couplings, spins, i: spins[i] * (couplings[i] @ spins), "Half of the cost"),
        ("31.2", lambda q: q.mean(axis=1).var() / q.var(), "take q²"),
        (
            "31.3",
            lambda T, q, z, weights: 1 - (weights @ (1 / np.cosh(q**0.5 * z / T))) ** 4 / T**2,
            "the fourth power of the average",
        ),
        ("31.4", (3, 11), "other order"),
        ("31.4", (5, 5), "same glass twice"),
        ("31.4", (10, 2), "nearly all pairs are alike"),
        ("31.4", (10, 40), "at most 12|cannot be tried out"),
        ("31.5", lambda couplings, x: 3 * np.einsum("ijk,j,k->i", couplings, x, x), "off the sphere"),
    ],
)
def test_other_ways_to_be_wrong(identity, attempt, said):
    verdict = judged(identity, attempt)
    assert verdict.state == "tried"
    assert re.search(said, f"{verdict.reason} {verdict.mistake}"), verdict
