"""Overlaps of weights and functions: known angles, exact invariances, honest errors of means over pairs."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_utils.measure import overlaps
from course_utils.measure.statistics import estimate
from course_utils.models.networks import Population


def population(networks=4, activation="relu", sizes=(5, 6, 3), seed=1):
    return Population(sizes, networks, activation=activation, bias_scale=0.3, dtype=torch.float64, seeds=seed)


def inputs(batch=50, features=5, seed=2):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((features, batch)))


def scaled(networks, factor):
    copy = networks.subset(range(networks.networks))
    copy.load_flat(copy.flat() * factor)
    return copy


def test_weight_overlaps_are_cosines():
    networks = population()
    vectors = networks.flat().numpy()
    found = overlaps.weight_overlaps(networks)
    for a in range(4):
        for b in range(4):
            plain = vectors[a] @ vectors[b] / np.sqrt((vectors[a] @ vectors[a]) * (vectors[b] @ vectors[b]))
            assert found[a, b] == pytest.approx(plain, abs=1e-14)
    assert overlaps.weight_overlaps(scaled(networks, 3.0)) == pytest.approx(found, abs=1e-14)
    opposite = [networks.network(0), scaled(networks, -2.0).network(0)]
    assert overlaps.weight_overlaps(opposite)[0, 1] == pytest.approx(-1)


def test_random_networks_have_overlaps_of_the_size_of_chance():
    networks = Population((20, 30, 5), 60, dtype=torch.float64, scale=1.0, seeds=3)
    found = overlaps.weight_overlaps(networks)[np.triu_indices(60, 1)]
    # variance of the cosine of Gaussian vectors whose layers differ in size: sum of sigma^4 over square of its sum
    sizes = np.concatenate([np.full(600, 1 / 20), np.full(150, 1 / 30)])
    expected = (sizes**2).sum() / sizes.sum() ** 2
    assert abs(estimate(found).z(0.0)) < 4
    assert (found**2).mean() == pytest.approx(expected, rel=4 * np.sqrt(2 / len(found)) + 0.02)


def test_function_overlaps_do_not_see_what_a_softmax_does_not_see():
    networks, x = population(), inputs()
    found = overlaps.function_overlaps(networks, x)
    assert np.diag(found) == pytest.approx(1)
    shifted = networks.subset(range(4))
    with torch.no_grad():
        shifted.biases[-1] += 5.0
    assert overlaps.function_overlaps(shifted, x) == pytest.approx(found, abs=1e-13)
    outputs = networks(x).detach().numpy()
    first, second = (outputs[k] - outputs[k].mean(0) for k in (0, 1))
    plain = (first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum())
    assert found[0, 1] == pytest.approx(plain, abs=1e-13)


def test_function_overlaps_of_a_single_output():
    networks, x = population(sizes=(5, 6, 1)), inputs()
    outputs = networks(x).detach().numpy()[:, 0]
    assert overlaps.function_overlaps(networks, x) == pytest.approx(np.corrcoef(outputs), abs=1e-13)


def test_agreements_count_equal_answers():
    networks, x = population(), inputs()
    answers = networks(x).argmax(1).numpy()
    found = overlaps.agreements(networks, x)
    for a in range(4):
        for b in range(4):
            assert found[a, b] == pytest.approx((answers[a] == answers[b]).mean())


def test_independent_errors_agree_as_the_null_says():
    random = np.random.default_rng(4)
    right = np.array([0.9, 0.6, 0.3])
    draws = 40_000
    wrong = random.integers(1, 5, (3, draws))  # class 0 is the right one of five
    answers = np.where(random.random((3, draws)) < right[:, None], 0, wrong)
    expected = overlaps.independent_agreements(right, classes=5)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        measured = estimate((answers[a] == answers[b]) * 1.0)
        assert abs(measured.z(expected[a, b])) < 4
        assert measured.error < 0.003  # classes instead of classes - 1 would be 0.003 to 0.014 off


def test_the_mean_over_pairs_has_the_error_of_the_networks():
    # pairs q_ab = (x_a + x_b) / 2 have the mean of the x, whose error is known
    random = np.random.default_rng(5)
    values = random.standard_normal(30)
    pairs = (values[:, None] + values) / 2
    found, plain = overlaps.pair_mean(pairs), estimate(values)
    assert found.mean == pytest.approx(plain.mean)
    assert found.error == pytest.approx(plain.error, rel=1e-9)
    naive = estimate(pairs[np.triu_indices(30, 1)]).error
    assert naive < 0.5 * found.error


@settings(max_examples=50, deadline=None)
@given(hnp.arrays(float, st.tuples(st.integers(3, 8), st.just(4)), elements=st.floats(-1e3, 1e3)))
def test_the_mean_over_pairs_is_that_of_the_upper_triangle(rows):
    pairs = rows @ rows.T
    found = overlaps.pair_mean(pairs)
    upper = pairs[np.triu_indices(len(pairs), 1)]
    assert found.mean == pytest.approx(upper.mean(), abs=1e-9 * np.abs(pairs).max() + 1e-300)
    assert found.n == len(pairs)


junk = st.sampled_from([None, "x", 3, -1.0, float("nan"), [], {}, np.zeros(3), torch.zeros(2), [None], [3], 1j])


@settings(max_examples=30, deadline=None)
@given(value=junk)
def test_bad_input_is_named(value):
    for run in (
        overlaps.weight_overlaps,
        lambda bad: overlaps.function_overlaps(bad, inputs()),
        lambda bad: overlaps.agreements(bad, inputs()),
    ):
        with pytest.raises((TypeError, ValueError), match="networks"):
            run(value)
    for run in (overlaps.function_overlaps, overlaps.agreements):
        with pytest.raises((TypeError, ValueError), match="inputs"):
            run(population(), value)
    with pytest.raises((TypeError, ValueError), match="matrix"):
        overlaps.pair_mean(value)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: overlaps.weight_overlaps(scaled(population(), 0.0)), "networks must have parameters other than zero"),
        (lambda: overlaps.function_overlaps(scaled(population(), 0.0), inputs()), "networks must give answers"),
        (lambda: overlaps.agreements(population(), inputs(features=4)), "inputs must have shape"),
        (lambda: overlaps.independent_agreements([0.5, 1.2], classes=3), "accuracies must be shares"),
        (lambda: overlaps.independent_agreements([0.5, -0.2], classes=3), "accuracies must be"),
        (lambda: overlaps.independent_agreements([0.5], classes=1), "classes must be"),
        (lambda: overlaps.pair_mean(np.eye(2)), "matrix must be symmetric, with at least 3"),
        (lambda: overlaps.pair_mean(np.arange(9).reshape(3, 3)), "matrix must be symmetric"),
    ],
)
def test_what_does_not_fit_is_named(run, words):
    with pytest.raises((TypeError, ValueError), match=words):
        run()
