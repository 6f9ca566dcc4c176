"""Rank correlations with their intervals and verdicts, and readings at matched training loss."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from course_utils.measure import ranks
from course_utils.measure.equal_loss import at_level, read_at_level
from course_utils.measure.statistics import Estimate, estimate


@given(st.integers(0, 10_000))
def test_kendall_is_scipys(seed):
    random = np.random.default_rng(seed)
    x, y = random.integers(0, 6, (2, 4, 12)).astype(float)
    exact = [kendalltau(a, b).statistic for a, b in zip(x, y, strict=True)]
    assert ranks.kendall(x, y) == pytest.approx(exact, abs=1e-12)


def test_a_common_cause_is_taken_out_and_a_real_one_is_not():
    random = np.random.default_rng(7)
    cause = random.normal(size=(400, 20))
    x, y = cause + 0.5 * random.normal(size=cause.shape), cause + 0.5 * random.normal(size=cause.shape)
    assert ranks.kendall(x, y).mean() > 0.4
    left = 0.5903 - 0.7048**2  # Gaussians of correlation 0.8 and 0.894: tau = 2 arcsin(r) / pi; not quite zero
    assert ranks.partial_kendall(x, y, cause).mean() == pytest.approx(left / (1 - 0.7048**2), abs=0.03)
    assert ranks.partial_kendall(x, x + 0.1 * y, random.normal(size=cause.shape)).mean() > 0.7
    draws = ranks.rank_draws(x[:8], y[:8], rounds=200, seed=1)
    low, high = ranks.within(draws)
    assert low < ranks.kendall(x[:8], y[:8]).mean() < high
    assert high - low > 2 * ranks.rank_correlation(x[:8], y[:8]).error  # other settings add to the doubt


def test_twins_are_drawn_together_and_widen_the_interval():
    random = np.random.default_rng(11)
    x, y = (np.repeat(random.normal(size=(1, 9)) + 0.2 * random.normal(size=(8, 9)), 2, axis=1) for _ in range(2))
    x, y = (value + 1e-3 * random.normal(size=value.shape) for value in (x, y))
    alone, twins = (ranks.rank_draws(x, y, groups=g, rounds=400, seed=2) for g in (None, np.repeat(range(9), 2)))
    assert np.nanstd(twins) > 1.15 * np.nanstd(alone)
    again = ranks.rank_draws(x, -y, groups=np.repeat(range(9), 2), rounds=400, seed=2)
    assert again == pytest.approx(-twins)  # the same draws: two readings can be compared in pairs


def test_a_verdict_needs_signs():
    assert ranks.verdict(["positive"] * 3) == "right"
    assert ranks.verdict(["negative", "not told from zero"]) == "wrong"
    assert ranks.verdict(["not told from zero"] * 2) == "half right"  # absence of evidence convicts nobody


@pytest.mark.parametrize(("z", "words"), [(3, "positive"), (-3, "negative"), (2.2, "not told from zero")])
def test_words_follow_the_number(z, words):
    assert ranks.direction(Estimate(0.1 * z, 0.1, 9)) == words  # Student's t: 2.31 with nine draws
    assert ranks.direction((0.1 * z - 0.23, 0.1 * z + 0.23)) == words


def test_many_comparisons_share_their_false_alarms():
    random = np.random.default_rng(12)
    tables = random.normal(size=(600, 10, 8))
    alarms = [
        any(ranks.direction(estimate(v), comparisons=10) != "not told from zero" for v in table) for table in tables
    ]
    assert 0.025 < np.mean(alarms) < 0.085


def test_at_level_takes_the_first_crossing_and_says_who_never_came():
    losses = [[2.0, 1.0, 0.25, 0.6, 0.1], [2.0, 1.5, 1.4, 1.3, 1.2], [0.1, 0.2, 0.3, 0.1, 0.1]]
    values = np.arange(15.0).reshape(3, 5)
    found = at_level(losses, values, 0.5)
    assert found[0] == pytest.approx(1.5)
    assert np.isnan(found[1:]).all()
    assert at_level(losses, np.stack([values, -values], -1), 0.5)[0] == pytest.approx([1.5, -1.5])
    read = read_at_level(losses, values[..., None], 0.5, read=lambda weights: -weights)
    assert read[:, 0] == pytest.approx(-found, nan_ok=True)


def test_replicas_are_drawn_anew_too():
    """All settings in one group, and so always the same: what is left is the scatter of the mean over replicas."""
    random = np.random.default_rng(13)
    x, y = random.normal(size=(2, 12, 7))
    draws = ranks.rank_draws(x, y, groups=np.zeros(7), rounds=4000, seed=3)
    own = ranks.kendall(x, y)
    assert abs(estimate(draws).z(own.mean())) < 4
    assert draws.std() == pytest.approx(own.std() / 12**0.5, rel=0.05)
