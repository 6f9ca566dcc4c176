"""Alignment: permutations that change no function, the best one found, and what chance alone would give."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.measure import alignment, overlaps
from course_utils.models.networks import Population


def population(networks=3, sizes=(5, 6, 4, 3), activation="tanh", seed=1):
    return Population(sizes, networks, activation=activation, bias_scale=0.3, dtype=torch.float64, seeds=seed)


def inputs(batch=50, features=5, seed=2):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((features, batch)))


def shuffles(networks, seed=3):
    random = np.random.default_rng(seed)
    return [np.stack([random.permutation(width) for _ in range(networks.networks)]) for width in networks.sizes[1:-1]]


@pytest.mark.parametrize("sizes", [(5, 6, 3), (5, 6, 4, 3), (5, 7, 7, 7, 2)])
def test_permuted_networks_compute_the_same(sizes):
    networks, x = population(sizes=sizes), inputs()
    moved = alignment.permuted(networks, shuffles(networks))
    assert (moved(x) - networks(x)).abs().max() < 1e-13
    assert (moved.flat() - networks.flat()).abs().max() > 0.1
    # the same numbers in other places
    assert torch.equal(moved.flat().sort(1)[0], networks.flat().sort(1)[0])


def test_unit_i_was_unit_permutation_i():
    networks = population(networks=1, sizes=(5, 3, 2))
    moved = alignment.permuted(networks, [[2, 0, 1]])
    assert torch.equal(moved.weights[0][0, 0], networks.weights[0][0, 2])
    assert torch.equal(moved.biases[0][0, 1], networks.biases[0][0, 0])
    assert torch.equal(moved.weights[1][0, :, 2], networks.weights[1][0, :, 1])


@pytest.mark.parametrize("sizes", [(5, 30, 3), (5, 20, 20, 3), (5, 16, 16, 16, 2)])
def test_planted_permutations_are_found(sizes):
    networks = population(sizes=sizes)
    moved = alignment.permuted(networks, shuffles(networks))
    assert torch.equal(alignment.aligned(moved, networks).flat(), networks.flat())


def test_the_best_of_all_permutations_is_found():
    networks = population(networks=2, sizes=(4, 5, 3))
    first, second = networks.subset([0]), networks.subset([1])
    every = list(itertools.permutations(range(5)))
    tried = alignment.permuted(networks.subset([1] * len(every)), [np.array(every)])
    best = (tried.flat() @ first.flat()[0]).max().item()
    found = (alignment.aligned(second, first).flat()[0] @ first.flat()[0]).item()
    assert found == pytest.approx(best, abs=1e-13)
    assert found > second.flat()[0] @ first.flat()[0]


def test_several_layers_cannot_be_bettered_in_any_one():
    networks = population(networks=2, sizes=(4, 4, 4, 3), seed=5)
    first, second = networks.subset([0]), networks.subset([1])
    moved = alignment.aligned(second, first)
    found = moved.flat()[0] @ first.flat()[0]
    every = np.array(list(itertools.permutations(range(4))))
    still = np.tile(np.arange(4), (len(every), 1))
    for orders in ([every, still], [still, every]):
        tried = alignment.permuted(moved.subset([0] * len(every)), orders)
        assert (tried.flat() @ first.flat()[0]).max() <= found + 1e-12


def test_one_reference_or_one_each():
    networks, other = population(networks=3), population(networks=3, seed=9)
    each = alignment.aligned(networks, other).flat()
    for k in range(3):
        alone = alignment.aligned(networks.network(k), other.network(k)).flat()[0]
        assert torch.equal(alone, each[k])
        shared = alignment.aligned(networks, other.network(k)).flat()
        assert torch.equal(shared[k], each[k])


def test_units_that_are_alike_do_not_change_places_for_ever():
    networks = population(networks=1)
    networks.load_flat(torch.ones_like(networks.flat()))
    assert all((order == np.arange(order.shape[1])).all() for order in alignment.alignment(networks, networks))


@pytest.mark.parametrize("sizes", [(5, 12, 3), (5, 8, 8, 3)])
def test_aligned_overlaps_are_those_of_aligned_networks(sizes):
    networks = population(networks=4, sizes=sizes)
    found, raw = alignment.aligned_overlaps(networks), overlaps.weight_overlaps(networks)
    assert np.array_equal(found, found.T)
    assert np.diag(found) == pytest.approx(1)
    assert (found >= raw - 1e-12).all()
    plain = [networks.network(k) for k in range(4)]
    both = [
        overlaps.weight_overlaps([plain[a], alignment.aligned(plain[b], plain[a]).network(0)])
        for a, b in ((0, 1), (1, 0))
    ]
    assert found[0, 1] == pytest.approx(max(one[0, 1] for one in both), abs=1e-13)


def test_networks_that_learnt_nothing_gain_as_much_as_their_control():
    fresh = Population((8, 16, 4), 24, seeds=11)
    gain = alignment.alignment_gain(fresh, seed=12)
    assert abs(gain.raw.z(0.0)) < 4
    # selection alone: aligned overlaps are far from zero, but not from the control's
    assert gain.aligned.mean > 0.25
    assert abs(gain.aligned.z(gain.control)) < 4
    assert gain.aligned.error < 0.01


def test_a_hidden_copy_is_beyond_the_control():
    one = population(networks=1, sizes=(8, 16, 4)).subset([0] * 6)
    hidden = alignment.permuted(one, shuffles(one))
    gain = alignment.alignment_gain(hidden, seed=13)
    assert gain.raw.mean < 0.6
    assert gain.aligned.mean == pytest.approx(1)
    assert gain.control.mean < 0.6
    same = alignment.alignment_gain(hidden, untrained=hidden, seed=13)
    assert same.control == same.aligned


junk = st.sampled_from([None, "x", 3, -1.0, float("nan"), [], {}, np.zeros(3), torch.zeros(2), [None], [3, 3], 1j])
NETWORKS = population()


@settings(max_examples=30, deadline=None)
@given(value=junk)
def test_bad_input_is_named(value):
    for run, name in (
        (lambda: alignment.permuted(value, shuffles(NETWORKS)), "networks"),
        (lambda: alignment.permuted(NETWORKS, value), "permutations"),
        (lambda: alignment.permuted(NETWORKS, [value, np.arange(4)]), r"permutations\[0\]"),
        (lambda: alignment.aligned(value, NETWORKS), "networks"),
        (lambda: alignment.aligned(NETWORKS, value), "reference"),
        (lambda: alignment.aligned_overlaps(value), "networks"),
        (lambda: alignment.alignment_gain(value, seed=1), "networks"),
    ):
        with pytest.raises((TypeError, ValueError), match=name):
            run()


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: alignment.aligned(NETWORKS, population(sizes=(5, 6, 3))), "reference must have the sizes"),
        (lambda: alignment.aligned(NETWORKS, population(activation="relu")), "reference must have the sizes and activ"),
        (lambda: alignment.aligned(NETWORKS, population(networks=2)), "reference must be one network, or 3; got 2"),
        (lambda: alignment.alignment_gain(population(networks=2), seed=1), "networks must be at least 3"),
        (lambda: alignment.alignment_gain(NETWORKS, untrained=population(sizes=(5, 3)), seed=1), "untrained must have"),
        (lambda: alignment.alignment_gain(NETWORKS, untrained=population(networks=2), seed=1), "untrained must be at"),
        (lambda: alignment.alignment_gain(NETWORKS, seed=-1), "seed"),
    ],
)
def test_what_does_not_fit_is_named(run, words):
    with pytest.raises((TypeError, ValueError), match=words):
        run()
