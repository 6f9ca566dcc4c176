"""Lesson 51's exercises: what else a learner might try, right and wrong."""

import re

import numpy as np
import pytest

from course_utils.exercises import registry


def judged(identity, attempt):
    return registry.find(identity).judge(attempt)


def test_other_ways_to_be_right():
    assert judged("51.1", lambda o, p: (np.sum(o), np.sum(np.square(o)) * (1 / p - 1))).state == "correct"
    ridge = judged("51.3", lambda x, y, p: np.linalg.inv(x.T @ x + (1 / p - 1) * np.diag((x**2).sum(0))) @ x.T @ y)
    assert ridge.state == "correct"
    assert [judged("51.4", d).state for d in (0.6, 0.58, 0.62)] == ["correct"] * 3
    assert judged("51.5", lambda p, r: np.roots(np.polyfit(p, r, 1))[0]).state == "correct"


@pytest.mark.parametrize(
    ("identity", "attempt", "said"),
    [
        ("51.1", lambda o, p: (o.sum(), (1 - p) * (o**2).sum() / p**2), ""),
        ("51.1", lambda o, p: (o.sum(), (o**2).sum() * p * (1 - p)), "1/p²"),
        ("51.1", lambda o, p: (p * o.sum(), p * (1 - p) * (o**2).sum()), "standard form"),
        ("51.1", lambda o, p: (o.mean(), (1 - p) / p * (o**2).mean()), "answer is the sum"),
        ("51.1", lambda o, p: (o.sum(), 0.0), "same every time"),
        ("51.1", lambda o, p: (sum(o) / p, (1 / p - 1) * sum(o**2)), "What is left of 1/p"),
        ("51.1", lambda o, p: (sum(o), o.std() ** 2), "from node to node"),
        ("51.1", lambda o, p: (o.sum(), (o**2).sum() / (1 / p - 1)), "took p for"),
        ("51.2", lambda Q, R: Q[0, 1] / np.sqrt(Q[0, 0] * Q[1, 1]), "take out the teacher"),
        ("51.2", lambda Q, R: (Q[0, 1] - R[0] * R[1]) / ((Q[0, 0] - R[0]) * (Q[1, 1] - R[1])) ** 0.5, "square"),
        ("51.2", lambda Q, R: (Q[0, 1] - R[0] * R[1]) / (Q[0, 0] - R[0] ** 2), "first node twice"),
        ("51.2", lambda Q, R: (Q[0, 1] - R[0] * R[1]) / (Q[1, 1] - R[1] ** 2), "second node twice"),
        ("51.3", lambda x, y, p: np.linalg.pinv(x) @ y, "without dropout"),
        (
            "51.3",
            lambda x, y, p: np.linalg.solve(p * x.T @ x + (1 - p) * np.diag((x**2).sum(0)), x.T @ y),
            "standard form",
        ),
        (
            "51.3",
            lambda x, y, p: p * np.linalg.solve(x.T @ x + (1 / p - 1) * np.diag((x**2).sum(0)), x.T @ y),
            "once too often",
        ),
        (
            "51.3",
            lambda x, y, p: np.linalg.solve(x.T @ x / len(x) + (1 / p - 1) * np.diag(x.var(0)), x.T @ y / len(x)),
            "less its mean",
        ),
        (
            "51.3",
            lambda x, y, p: np.linalg.solve(x.T @ x / len(x) + (1 - p) / p * np.eye(x.shape[1]), x.T @ y / len(x)),
            "all weights alike",
        ),
        ("51.3", lambda x, y, p: np.linalg.solve(x.T @ x + p * (1 - p) * np.diag((x**2).sum(0)), x.T @ y), "scaled up"),
        (
            "51.3",
            lambda x, y, p: np.linalg.solve((x.T @ x + (1 - p) / p * np.diag((x**2).sum(0))) / len(x), x.T @ y),
            "samples times too large",
        ),
        ("51.4", 0.0, "Too little"),
        ("51.4", 0.45, "Nearly"),
        ("51.4", 0.69, "Too much"),
        ("51.4", 0.9, "cannot be tried out|must be"),
        ("51.5", lambda p, r: p[np.abs(r).argmin()], "closest to zero"),
        ("51.5", lambda p, r: np.divide(*np.polyfit(p, r, 1)[::-1]), "opposite"),
        ("51.5", lambda p, r: -np.divide(*np.polyfit(p, r, 1)), "upside down"),
        ("51.5", lambda p, r: np.interp(0, r, p), "interpolate"),
    ],
)
def test_other_ways_to_be_wrong(identity, attempt, said):
    verdict = judged(identity, attempt)
    assert verdict.state == "tried"
    assert re.search(said, f"{verdict.reason} {verdict.mistake}"), verdict
