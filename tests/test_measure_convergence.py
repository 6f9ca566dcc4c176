"""R-hat and effective draws, against chains whose answers are known; renaming of units."""

import numpy as np
import pytest
import torch

from course_utils.measure.convergence import effective_draws, r_hat
from course_utils.measure.renaming import renamed_overlaps
from course_utils.models.networks import Population


def autoregressive(memory, chains=6, draws=20_000, seed=1):
    """Chains x -> memory x + noise with variance 1: worth (1 - memory) / (1 + memory) of their draws."""
    noise = np.random.default_rng(seed).normal(size=(chains, draws)) * np.sqrt(1 - memory**2)
    series = np.zeros((chains, draws))
    series[:, 0] = np.random.default_rng(seed + 1).normal(size=chains)
    for k in range(1, draws):
        series[:, k] = memory * series[:, k - 1] + noise[:, k]
    return series


@pytest.mark.parametrize("memory", [-0.3, 0.0, 0.5, 0.9])
def test_effective_draws_of_a_known_memory(memory):
    table = autoregressive(memory)
    assert effective_draws(table) / table.size == pytest.approx((1 - memory) / (1 + memory), rel=0.06)
    assert r_hat(table) == pytest.approx(1, abs=0.002)


def test_r_hat_of_shifted_chains_is_the_root_of_a_ratio_of_variances():
    draws = np.random.default_rng(2).normal(size=(40, 4000))
    shifts = np.random.default_rng(3).normal(size=(40, 1))
    expected = np.sqrt(1 + np.repeat(shifts, 2).var(ddof=1))
    assert r_hat(draws + shifts) == pytest.approx(expected, rel=0.02)
    assert effective_draws(draws + 3 * shifts) < 100


def test_a_common_drift_is_seen():
    drifting = np.random.default_rng(4).normal(size=(4, 1000)) + np.linspace(0, 3, 1000)
    assert r_hat(drifting) > 1.2


def test_scale_and_place_do_not_matter():
    table = autoregressive(0.5, draws=500)
    assert r_hat(7 - 3 * table) == pytest.approx(r_hat(table))
    assert effective_draws(7 - 3 * table) == pytest.approx(effective_draws(table))


@pytest.mark.parametrize("reading", [r_hat, effective_draws])
@pytest.mark.parametrize(
    ("chains", "words"),
    [([[1.0] * 9], "at least 2"), (np.ones((3, 4)), "at least 8"), (np.ones((3, 9)), "must move"), ([1.0], "2 axes")],
)
def test_bad_chains_are_named(reading, chains, words):
    with pytest.raises(ValueError, match=f"chains must.*{words}|{words}"):
        reading(chains)


def plainly(chains):
    """Effective draws of half chains, term by term as they are defined."""
    half = chains.shape[1] // 2
    table = np.concatenate([chains[:, :half], chains[:, -half:]])
    count, draws = table.shape
    away = table - table.mean(1, keepdims=True)
    inside = (away**2).sum(1).mean() / (draws - 1)
    whole = (draws - 1) / draws * inside + table.mean(1).var(ddof=1)

    def correlation(t):
        return 1 - (inside - (away[:, : draws - t] * away[:, t:]).sum(1).mean() / (draws - 1)) / whole if t else 1.0

    time, last = -1.0, np.inf
    for t in range(0, draws - 1, 2):
        pair = correlation(t) + correlation(t + 1)
        if pair <= 0:
            break
        last = min(last, pair)
        time += 2 * last
    return count * draws / max(time, 1 / np.log10(count * draws))


@pytest.mark.parametrize("draws", [16, 40, 200])
@pytest.mark.parametrize("memory", [-0.95, 0.0, 0.6, 0.95])
def test_effective_draws_are_their_definition(memory, draws):
    """Short chains, where n and n - 1 are told apart, sums would rise again, and a shaken chain meets the limit."""
    for seed in range(3):
        table = autoregressive(memory, chains=3, draws=draws, seed=seed)
        assert effective_draws(table) == pytest.approx(plainly(table))
    see_saw = np.tile([1.0, -1.0], (4, draws // 2)) + 0.01 * np.random.default_rng(5).normal(size=(4, draws))
    assert effective_draws(see_saw) == pytest.approx(4 * draws * np.log10(4 * draws))


def renamed(population, seed):
    """Return copies whose units have other places and signs, and a check that they compute the same."""
    random = np.random.default_rng(seed)
    copy = population.subset(range(population.networks))
    order = torch.from_numpy(random.permutation(population.sizes[1]))
    signs = torch.from_numpy(random.choice([-1.0, 1.0], population.sizes[1])).float()
    with torch.no_grad():
        copy.weights[0].copy_(population.weights[0][:, order] * signs[:, None])
        copy.biases[0].copy_(population.biases[0][:, order] * signs[:, None])
        copy.weights[1].copy_(population.weights[1][:, :, order] * signs)
    data = torch.randn(population.sizes[0], 50)
    assert torch.allclose(copy(data), population(data), atol=1e-5)
    return copy


def test_renamed_copies_are_recognised():
    population = Population((5, 7, 3), 4, activation="tanh", bias_scale=0.5, seeds=1)
    table = renamed_overlaps(population)
    assert renamed_overlaps(population, renamed(population, 2)) == pytest.approx(table)
    assert table.diagonal().tolist() == [1.0] * 4
    assert np.array_equal(table, table.T)
    assert table[np.triu_indices(4, 1)].max() < 0.9
    assert renamed_overlaps(renamed(population, 3)) == pytest.approx(table)


def test_a_bias_belongs_to_its_unit():
    population = Population((5, 7, 3), 2, activation="tanh", bias_scale=1.0, seeds=6)
    bare = population.subset(range(2))
    with torch.no_grad():
        bare.biases[0].zero_()
    weights = sum(weight.detach().square().sum((1, 2)) for weight in population.weights).numpy()
    biases = population.biases[0].detach().square().sum((1, 2)).numpy()
    assert renamed_overlaps(population, bare).diagonal() == pytest.approx(np.sqrt(weights / (weights + biases)))


def test_renaming_needs_odd_units():
    with pytest.raises(ValueError, match=r"odd activation.*relu"):
        renamed_overlaps(Population((5, 7, 3), 2, seeds=1))
    pair = Population((5, 7, 3), 2, activation="tanh", seeds=1)
    with pytest.raises(ValueError, match="others must have the sizes"):
        renamed_overlaps(pair, Population((5, 6, 3), 2, activation="tanh", seeds=1))
