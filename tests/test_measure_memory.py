"""Chains against their own past and that of others."""

import numpy as np
import pytest
import torch

from course_utils.measure.chain_memory import compared_by_group, equal_answers, equal_weights, similarity_to_past
from course_utils.measure.evaluation import with_vectors
from course_utils.measure.overlaps import agreements, weight_overlaps
from course_utils.measure.renaming import shuffled_output_weights
from course_utils.models.networks import Population


def test_a_population_compared_with_itself_gives_the_known_tables():
    population, data = Population((5, 7, 3), 4, seeds=1), torch.randn(5, 60)
    assert equal_weights(population, population) == pytest.approx(weight_overlaps(population), abs=1e-6)
    assert equal_answers(population, population, data) == pytest.approx(agreements(population, data))


def test_own_is_the_diagonal_and_others_both_ways():
    first = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    own, others = similarity_to_past(["a", "b"], ["c", "d"], lambda then, now: first + (then == "b"))
    assert own.tolist() == [1.5, 5.5, 9.5]
    assert others == pytest.approx([(2 + 3 + 4 + 7) / 4 + 0.5, (4 + 6 + 2 + 8) / 4 + 0.5, (7 + 8 + 3 + 6) / 4 + 0.5])


def test_chains_that_stand_still_know_their_past():
    population = Population((5, 7, 3), 6, seeds=2)
    own, others = similarity_to_past([population] * 2, [population] * 2, equal_weights)
    assert own == pytest.approx(np.ones(6))
    assert np.abs(others).max() < 0.5


def test_bad_moments_are_named():
    with pytest.raises(ValueError, match="now must hold"):
        similarity_to_past([1], [], equal_weights)
    with pytest.raises(ValueError, match="score must give"):
        similarity_to_past([1], [1], lambda a, b: np.ones((1, 1)))
    with pytest.raises(TypeError, match="score must be"):
        similarity_to_past([1], [1], 3)


def test_groups_are_compared_among_themselves():
    population = Population((5, 7, 3), 6, seeds=3)
    records = torch.stack([population.flat() * (1 + 0.1 * k) for k in range(8)])
    found = compared_by_group(population, records, [1, 2, 1, 2, 1, 2], equal_weights, moments=3)
    table = weight_overlaps(population)
    assert set(found) == {1.0, 2.0}
    for group, first in ((1.0, 0), (2.0, 1)):
        own, others = found[group]
        assert own == pytest.approx(np.ones(3))
        mine = table[first::2, first::2]
        assert others == pytest.approx((mine.sum(0) - 1) / 2, abs=1e-5)
    with pytest.raises(ValueError, match="records must be at least 10"):
        compared_by_group(population, records, np.ones(6), equal_weights, moments=5)


def test_a_chain_is_compared_with_where_it_was_half_a_record_ago():
    """Other networks in the second half: each chain has lost its past; each moment is compared with its own partner."""
    population, other = Population((5, 7, 3), 4, seeds=6), Population((5, 7, 3), 4, seeds=7)
    mixed = [population.flat() + k * other.flat() for k in range(4)]
    records = torch.stack([*mixed, *[other.flat()] * 4])
    found = compared_by_group(population, records, np.ones(4), equal_weights, moments=4)
    steps = [equal_weights(with_vectors(population, one), other) for one in mixed]
    assert found[1.0][0] == pytest.approx(np.mean([square.diagonal() for square in steps], 0), abs=1e-6)


def test_dealt_out_networks_keep_their_weights_and_lose_their_function():
    population = Population((5, 40, 3), 3, seeds=4)
    dealt = shuffled_output_weights(population, seed=5)
    for before, after in zip(population.weights, dealt.weights, strict=True):
        assert torch.equal(before.sort(2).values, after.sort(2).values)
    assert torch.equal(population.weights[0], dealt.weights[0])
    assert not torch.equal(population.weights[1], dealt.weights[1])


def test_each_network_is_dealt_out_in_its_own_way():
    population = Population((5, 40, 3), 3, seeds=[8, 8, 8])
    first, second, third = shuffled_output_weights(population, seed=9).weights[1]
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)
