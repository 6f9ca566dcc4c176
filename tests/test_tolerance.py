"""Tolerance: each disturbance does what its formula says, and a curve is its networks' losses."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.measure import damage_tolerance
from course_utils.measure.statistics import estimate
from course_utils.models.networks import Population


def population(networks=3, sizes=(5, 40, 20, 3), activation="relu", seed=1):
    return Population(sizes, networks, activation=activation, bias_scale=0.3, dtype=torch.float64, seeds=seed)


def data(batch=20, features=5, classes=3, seed=0, networks=None):
    random = np.random.default_rng(seed)
    shape = (features, batch) if networks is None else (networks, features, batch)
    labels = random.integers(0, classes, shape[:-2] + shape[-1:])
    return torch.from_numpy(random.standard_normal(shape)), torch.from_numpy(labels)


def rms(weight):
    return weight.square().mean((1, 2), keepdim=True).sqrt()


# ------------------------------------------------------------------------------------------------------ disturbances


@pytest.mark.parametrize("disturbance", damage_tolerance.DISTURBANCES[1:])
def test_no_strength_is_no_disturbance(disturbance):
    networks = population()
    nothing = 24 if "quantisation" in disturbance else 0.0
    other = damage_tolerance.disturbed(networks, disturbance, nothing, seed=1)
    assert (other.flat() - networks.flat()).abs().max() < 1e-6
    before = networks.flat()
    strong = damage_tolerance.disturbed(networks, disturbance, 2 if "quantisation" in disturbance else 0.9, seed=1)
    assert torch.equal(networks.flat(), before)
    for own, changed in zip(networks.biases, strong.biases, strict=True):
        assert torch.equal(own, changed)
    assert all((own != changed).any() for own, changed in zip(networks.weights, strong.weights, strict=True))


def test_noise_is_measured_in_the_layers_own_units():
    networks = Population((30, 200, 100), 8, dtype=torch.float64, scale=[0.1, 0.5, 1, 2, 3, 4, 5, 6], seeds=1)
    noisy = damage_tolerance.disturbed(networks, "weight noise", 0.3, seed=2)
    for own, changed in zip(networks.weights, noisy.weights, strict=True):
        kick = ((changed - own) / rms(own)).detach().flatten(1).numpy()
        for network in kick:
            assert abs(estimate(network).z(0.0)) < 4
            power = estimate(network**2)
            assert abs(power.z(0.09)) < 4
            assert power.error < 0.003  # 3 %: s instead of s squared would be a factor of three


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_quantised_weights_have_so_many_values(bits):
    networks = population()
    coarse = damage_tolerance.disturbed(networks, "quantisation", bits, seed=1)
    for own, changed in zip(networks.weights, coarse.weights, strict=True):
        top = own.abs().amax((1, 2), keepdim=True)
        step = top / (2 ** (bits - 1) - 1)
        levels = (changed / step).detach()
        assert (levels - levels.round()).abs().max() < 1e-9
        assert levels.abs().max() <= 2 ** (bits - 1) - 1 + 1e-9
        assert ((changed - own).abs() <= step / 2 + 1e-12).all()
        assert (changed.abs().amax((1, 2), keepdim=True) - top).abs().max() < 1e-12


def test_one_bit_keeps_signs_and_the_mean_size():
    networks = population()
    binary = damage_tolerance.disturbed(networks, "quantisation", 1, seed=1)
    for own, changed in zip(networks.weights, binary.weights, strict=True):
        assert (changed * own >= 0).all()
        assert (changed.abs() - own.abs().mean((1, 2), keepdim=True)).abs().max() < 1e-14


def test_quantisation_is_settled_and_knows_no_units():
    networks = population()
    coarse = damage_tolerance.disturbed(networks, "quantisation", 3, seed=1)
    again = damage_tolerance.disturbed(coarse, "quantisation", 3, seed=2)
    assert (again.flat() - coarse.flat()).abs().max() < 1e-12
    doubled = population()
    with torch.no_grad():
        for weight in doubled.weights:
            weight *= 2
    twice = damage_tolerance.disturbed(doubled, "quantisation", 3, seed=1)
    for one, two in zip(coarse.weights, twice.weights, strict=True):
        assert (2 * one - two).abs().max() < 1e-12
    with torch.no_grad():
        doubled.weights[0].zero_()
    assert (damage_tolerance.disturbed(doubled, "quantisation", 3, seed=1).weights[0] == 0).all()


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
def test_a_fitted_grid_has_so_many_values_and_the_least_squared_change(bits):
    """Against the nearest of all values on all grids; networks of unlike tails need unlike grids."""
    networks = population()
    with torch.no_grad():
        for weight in networks.weights:
            weight.copy_(weight.sign() * weight.abs() ** torch.tensor([0.3, 1.0, 4.0])[:, None, None])
    fitted = damage_tolerance.disturbed(networks, "fitted quantisation", bits, seed=1)
    steps = np.arange(2**bits) - 2 ** (bits - 1) + 0.5
    for own, changed in zip(networks.weights, fitted.weights, strict=True):
        for before, after in zip(own.detach().numpy(), changed.detach().numpy(), strict=True):
            reach = np.geomspace(0.2, 5.2, 50) * np.sqrt((before**2).mean())
            grids = steps[:, None] * reach / 2 ** (bits - 1)
            least = np.abs(before.ravel()[:, None, None] - grids).min(1) ** 2
            assert ((after - before) ** 2).sum() == pytest.approx(least.sum(0).min())
            assert np.abs(after.ravel()[:, None] - grids[:, least.sum(0).argmin()]).min(1).max() < 1e-9


def test_the_smallest_weights_are_pruned():
    networks = population()
    pruned = damage_tolerance.disturbed(networks, "magnitude pruning", 0.6, seed=1)
    for own, changed in zip(networks.weights, pruned.weights, strict=True):
        for network in range(3):
            gone = changed[network] == 0
            assert gone.sum() == round(0.6 * gone.numel())
            assert torch.equal(changed[network][~gone], own[network][~gone])
            assert own[network][gone].abs().max() < own[network][~gone].abs().min()


def test_random_pruning_keeps_the_mean_of_what_a_unit_hears():
    networks = population(networks=1).subset([0] * 4000)
    pruned = damage_tolerance.disturbed(networks, "random pruning", 0.25, seed=1)
    own, changed = networks.weights[0].detach(), pruned.weights[0].detach()
    assert ((changed == 0).flatten(1).sum(1) == 50).all()
    left = changed != 0
    assert ((changed - own / 0.75)[left]).abs().max() < 1e-14
    inputs = data()[0]
    heard = (changed @ inputs)[:, 7, 3].numpy()
    measured = estimate(heard)
    exact = float((own @ inputs)[0, 7, 3])
    assert abs(measured.z(exact)) < 4
    assert measured.error < 0.05 * abs(exact)  # without the growth it would be 25 % off


# ----------------------------------------------------------------------------------------------------------- curves


@pytest.mark.parametrize("disturbance", ["quantisation", "magnitude pruning"])
def test_a_curve_is_the_losses_of_disturbed_networks(disturbance):
    networks, (inputs, labels) = population(), data()
    strengths = [1, 3, 8] if disturbance == "quantisation" else [0.0, 0.5, 0.9]
    curve = damage_tolerance.tolerance_curve(
        networks, inputs, labels, disturbance=disturbance, strengths=strengths, repeats=5, seed=1
    )
    assert curve.losses.shape == curve.accuracies.shape == (3, 3, 1)
    for i, strength in enumerate(strengths):
        other = damage_tolerance.disturbed(networks, disturbance, strength, seed=1)
        assert curve.losses[:, i, 0] == pytest.approx(other.losses(inputs, labels).detach().numpy(), rel=1e-12)
        assert curve.accuracies[:, i, 0] == pytest.approx(other.accuracies(inputs, labels).numpy(), abs=1e-12)


@pytest.mark.parametrize("disturbance", ["dropout", "weight noise", "random pruning"])
def test_repeats_differ_and_seeds_repeat(disturbance):
    networks, (inputs, labels) = population(), data(networks=3)
    options = {"disturbance": disturbance, "strengths": [0.0, 0.5], "repeats": 4}
    curve = damage_tolerance.tolerance_curve(networks, inputs, labels, **options, seed=1)
    again = damage_tolerance.tolerance_curve(networks, inputs, labels, **options, seed=1)
    other = damage_tolerance.tolerance_curve(networks, inputs, labels, **options, seed=2)
    assert np.array_equal(curve.losses, again.losses)
    assert curve.losses[:, 0] == pytest.approx(np.tile(networks.losses(inputs, labels).detach().numpy(), (4, 1)).T)
    for network in range(3):
        assert len(np.unique(curve.losses[network, 1])) == 4
    assert not np.array_equal(curve.losses[:, 1], other.losses[:, 1])
    with torch.no_grad():
        assert (curve.losses[:, 1] != curve.losses[:, :1, 0]).all()


def test_dropout_has_the_loss_of_all_its_masks():
    # one hidden layer of 6 units: the mean squared error over all 64 masks, for every input by itself, is exact
    networks = population(networks=2, sizes=(5, 6, 2))
    inputs, rate = data()[0], 0.3
    targets = torch.zeros(2, 20, dtype=torch.float64)
    hidden = (networks.weights[0] @ inputs + networks.biases[0]).relu().detach()
    mean, square = torch.zeros(2, 2, 20, dtype=torch.float64)
    for mask in range(64):
        kept = torch.tensor([(mask >> unit) & 1 for unit in range(6)], dtype=torch.float64)[:, None]
        chance = 0.7 ** kept.sum() * 0.3 ** (6 - kept.sum())
        loss = (networks.weights[1] @ (hidden * kept / 0.7) + networks.biases[1]).detach().square().mean(1)
        mean += chance * loss
        square += chance * loss**2
    curve = damage_tolerance.tolerance_curve(
        networks, inputs, targets, disturbance="dropout", strengths=[rate], repeats=3000, loss="mse", seed=3
    )
    # every input has masks of its own: the variance of the batch's mean is that of 20 independent ones
    variance = (square - mean**2).sum(1) / 20**2
    for network in range(2):
        measured = estimate(curve.losses[network, 0])
        assert abs(measured.z(mean[network].mean().item())) < 4
        assert measured.error < 0.01 * measured.mean
        assert curve.losses[network, 0].var() == pytest.approx(variance[network].item(), rel=0.15)
    assert np.isnan(curve.accuracies).all()


def test_dropout_silences_every_hidden_layer_and_no_input():
    networks = population(networks=1, sizes=(5, 6, 4, 2))
    with torch.no_grad():
        for bias in networks.biases:
            bias.zero_()
        networks.biases[-1][0, 1] = 1.0
    nearly = damage_tolerance.tolerance_curve(
        networks, *data(classes=2), disturbance="dropout", strengths=[1 - 1e-12], repeats=2, seed=1
    )
    silent = np.where(data(classes=2)[1].numpy() == 1, np.log1p(np.exp(-1)), np.log1p(np.e)).mean()
    assert nearly.losses.ravel() == pytest.approx([silent] * 2)


def test_a_plain_network_in_single_precision():
    network = Population((5, 8, 3), 1, seeds=1).network(0)
    inputs, labels = data()
    curve = damage_tolerance.tolerance_curve(
        network, inputs.float(), labels, disturbance="weight noise", strengths=[0.1, 1.0], repeats=2, seed=1
    )
    assert curve.losses.shape == (1, 2, 2)


def test_an_interrupted_curve_keeps_what_it_has(monkeypatch):
    real, calls = damage_tolerance._disturbed_outputs, iter(range(5))

    def outputs(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(damage_tolerance, "_disturbed_outputs", outputs)
    with pytest.warns(UserWarning, match="interrupted"):
        curve = damage_tolerance.tolerance_curve(
            population(), *data(), disturbance="dropout", strengths=[0.1, 0.2, 0.3], repeats=2, seed=1
        )
    assert np.isfinite(curve.losses).sum() == 3 * 5


# ------------------------------------------------------------------------------------------------------- bad input

NETWORKS, (X, Y) = population(), data()
CURVE = {
    "networks": NETWORKS, "inputs": X, "labels": Y, "disturbance": "dropout", "strengths": [0.1], "repeats": 2,
    "loss": "mse", "seed": 1,
}  # fmt: skip
DISTURBED = {"networks": NETWORKS, "disturbance": "weight noise", "strength": 0.1, "seed": 1}
CALLS = {damage_tolerance.tolerance_curve: CURVE, damage_tolerance.disturbed: DISTURBED}
junk = st.sampled_from(
    [None, "x", -1.0, -2, float("nan"), [], {}, [None], True, 1j, [[0.1]], [-0.1], torch.zeros(2, 2)]
)


@pytest.mark.parametrize(("call", "name"), [(call, name) for call in CALLS for name in CALLS[call]])
@settings(max_examples=20, deadline=None)
@given(value=junk)
def test_bad_input_is_named(call, name, value):
    with pytest.raises((TypeError, ValueError), match=name):
        call(**(CALLS[call] | {name: value}))


@pytest.mark.parametrize(
    ("disturbance", "strength"),
    [
        ("dropout", 1.0),
        ("dropout", 1.5),
        ("weight noise", -0.1),
        ("quantisation", 0),
        ("quantisation", 2.5),
        ("quantisation", 40),
        ("magnitude pruning", 1.1),
        ("random pruning", 1.0),
        ("random pruning", float("nan")),
    ],
)
def test_strengths_that_make_no_sense_are_named(disturbance, strength):
    options = CURVE | {
        "disturbance": disturbance,
        "strengths": [1.0 if disturbance == "quantisation" else 0.5, strength],
    }
    with pytest.raises(ValueError, match=r"strengths"):
        damage_tolerance.tolerance_curve(**options)
    if disturbance != "dropout":
        with pytest.raises(ValueError, match="strength"):
            damage_tolerance.disturbed(NETWORKS, disturbance, strength, seed=1)
