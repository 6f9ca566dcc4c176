"""Lesson 22's exercises: what else a learner might try, right and wrong."""

import re

import numpy as np
import pytest
from scipy.special import erfc

from course_utils.exercises import registry


def judged(identity, attempt):
    return registry.find(identity).judge(attempt)


def test_other_ways_to_be_right():
    assert judged("22.1", lambda x, y: np.linalg.pinv(x) @ y).state == "correct"
    assert judged("22.1", lambda x, y: np.linalg.lstsq(x, y)[0]).state == "correct"
    force = judged("22.2", lambda x, y, w, tolerance: (y - x @ w - np.clip(y - x @ w, -tolerance, tolerance)) @ x)
    assert force.state == "correct"
    assert [judged("22.4", ridge).state for ridge in (0.16, 0.25, 0.4)] == ["correct"] * 3


@pytest.mark.parametrize(
    ("identity", "attempt", "said"),
    [
        ("22.1", lambda x, y: np.linalg.solve(x.T @ x, x.T @ y), "no inverse|[Ss]ingular"),
        ("22.4", 0.0, "cannot be tried out|at least|must be"),
        ("22.1", lambda x, y: np.linalg.solve(x.T @ x + 1e-3 * np.eye(len(x.T)), x.T @ y), "small ridge is left"),
        (
            "22.2",
            lambda x, y, w, tolerance: x.T @ (r := y - x @ w, r - np.clip(r, -tolerance, tolerance))[1] / len(y),
            "sum",
        ),
        ("22.3", lambda e, g: (1 / erfc(e / 2**0.5), e / (1 - g)), "the root of 1 − g is missing"),
        ("22.3", lambda e, g: (e / (1 - g) ** 0.5, 1 / erfc(e / 2**0.5)), "The load comes first"),
        ("22.3", lambda e, g: (1 / erfc(e / 2**0.5), (e / (1 - g)) ** 0.5), "Only 1 − g stands under the root"),
        ("22.3", lambda e, g: (1 / erfc(e / 2), e / (1 - g) ** 0.5), "by 2, not by its root"),
        ("22.5", lambda n, s: np.polyfit(np.log(n), np.log(s), 1)[1], "The slope comes first"),
        ("22.1", lambda x, y: np.linalg.solve(x, y), "more columns than rows"),
        ("22.1", lambda x, y: np.linalg.inv(x) @ y, "more columns than rows"),
        ("22.4", 0.6, "too large"),
        ("22.4", 0.46, "too large"),
        ("22.4", 0.14, "still too small"),
        ("22.4", 0.05, "still too small"),
        ("22.4", 0.03, "more data still hurts"),
        ("22.4", 0.001, "too small"),
        ("22.5", lambda n, s: np.log(s[-1] / s[0]) / np.log(n[-1] / n[0]), "the first and the last point"),
    ],
)
def test_other_ways_to_be_wrong(identity, attempt, said):
    verdict = judged(identity, attempt)
    assert verdict.state == "tried"
    assert re.search(said, f"{verdict.reason} {verdict.mistake}"), verdict
