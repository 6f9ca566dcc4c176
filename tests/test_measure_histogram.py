"""Histograms with error bars over replicas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.measure.histogram import density


@given(st.integers(2, 6), st.integers(1, 30), st.integers(0, 100))
def test_it_is_numpys_histogram_with_an_error(replicas, count, seed):
    samples = np.random.default_rng(seed).normal(size=(replicas, count))
    edges = np.linspace(-5, 5, 8)
    bars = density(samples, edges)
    each = np.array([np.histogram(row, edges, density=True)[0] for row in samples])
    assert bars.mean == pytest.approx(each.mean(0))
    assert bars.error == pytest.approx(each.std(0, ddof=1) / replicas**0.5)
    assert (bars.mean * np.diff(edges)).sum() == pytest.approx(1)
    assert bars.n == replicas
    assert bars.centres == pytest.approx((edges[1:] + edges[:-1]) / 2)
    assert bars.estimates()[3].mean == bars.mean[3]


def test_errors_are_honest():
    # Replicas that never move: a thousand samples of each are worth one.
    still = np.repeat(np.random.default_rng(1).normal(size=(400, 1)), 1000, axis=1)
    moving = np.random.default_rng(2).normal(size=(400, 1000))
    edges = [-1.0, 0.0, 1.0]
    assert density(still, edges).error == pytest.approx(np.full(2, 0.4742 / 20), rel=0.1)
    assert (density(moving, edges).error < 0.001).all()


def test_edges_belong_as_in_numpy_and_strangers_count_in_the_norm():
    bars = density([0.0, 1.0, 2.0, 7.0], [0.0, 1.0, 2.0])
    assert bars.mean.tolist() == [0.25, 0.5]


@pytest.mark.parametrize(
    ("samples", "edges", "words"),
    [
        ([1.0], [0.0, 1.0], "samples must be"),
        (1.0, [0.0, 1.0], "samples must be"),
        ([[1.0, 2.0]], [0.0, 1.0], "samples must hold at least 2 replicas"),
        ([1.0, np.nan], [0.0, 1.0], "samples must be"),
        ([1.0, 2.0], [1.0, 0.0], "edges must rise"),
        ([1.0, 2.0], [0.0], "edges must be"),
        ([1.0, 2.0], "edges", "edges must be"),
    ],
)
def test_bad_input_is_named(samples, edges, words):
    with pytest.raises((ValueError, TypeError), match=words):
        density(samples, edges)
