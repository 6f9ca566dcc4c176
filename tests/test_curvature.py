"""Curvature: products and full Hessians against autograd, and what rescaling does to them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from read_networks import data, population

from course_utils.measure import curvature as measured
from course_utils.measure.curvature import Curvature, sharpness


def exact_hessian(network, inputs, labels, loss):
    """The full Hessian of a plain network by torch.func, in the order of its parameters."""
    shapes = {name: part.shape for name, part in network.named_parameters()}

    def loss_at(vector):
        parts = vector.split([shape.numel() for shape in shapes.values()])
        named = {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
        outputs = torch.func.functional_call(network, named, (inputs.T,))
        if loss == "cross-entropy":
            return torch.nn.functional.cross_entropy(outputs, labels)
        return torch.nn.functional.mse_loss(outputs, torch.nn.functional.one_hot(labels, 3).double())

    return torch.func.hessian(loss_at)(torch.nn.utils.parameters_to_vector(network.parameters()).detach()).numpy()


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "tanh", "erf", "quadratic"])
@pytest.mark.parametrize("own", [False, True])
def test_the_full_hessian_is_that_of_autograd(activation, loss, own):
    networks = population(activation=activation)
    inputs, labels = data(networks=3 if own else None)
    found = Curvature(networks, inputs, labels, loss=loss).hessian()
    for k in range(3):
        one = (inputs[k], labels[k]) if own else (inputs, labels)
        exact = exact_hessian(networks.network(k), *one, loss)
        assert found[k] == pytest.approx(exact, abs=1e-12 * np.abs(exact).max() + 1e-13)


@pytest.mark.parametrize("adaptive", [False, True])
def test_products_of_one_and_of_many_vectors_are_the_hessians(adaptive):
    networks = population()
    curvature = Curvature(networks, *data(), adaptive=adaptive)
    vectors = torch.from_numpy(np.random.default_rng(2).standard_normal((50, 3, curvature.parameters)))
    full = torch.from_numpy(curvature.hessian())
    curvature._at_once = 7
    expected = torch.einsum("eij,mej->mei", full, vectors)
    assert (curvature.times(vectors) - expected).abs().max() < 1e-13
    assert (curvature.times(vectors[:1]) - expected[:1]).abs().max() < 1e-13
    assert (curvature.times(vectors[3]) - expected[3]).abs().max() < 1e-13


@pytest.mark.parametrize("kind", ["shared", "own", "own targets"])
@pytest.mark.parametrize("cache", [1, 600, 1000])
def test_networks_and_vectors_in_several_parts_are_the_same(monkeypatch, cache, kind):
    networks, (inputs, labels) = population(networks=5), data(networks=None if kind == "shared" else 5)
    if kind == "own targets":
        labels = torch.from_numpy(np.random.default_rng(3).standard_normal((5, 3, 20)))
    loss = "mse" if kind == "own targets" else "cross-entropy"
    whole = Curvature(networks, inputs, labels, loss=loss)
    vectors = torch.from_numpy(np.random.default_rng(2).standard_normal((7, 5, whole.parameters)))
    monkeypatch.setattr(measured, "_CACHE", cache)
    parts = Curvature(networks, inputs, labels, loss=loss)
    assert len(parts._groups) > len(whole._groups) == 1
    assert parts.losses == pytest.approx(whole.losses, rel=1e-14)
    assert (parts.gradients - whole.gradients).abs().max() < 1e-14
    assert (parts.times(vectors) - whole.times(vectors)).abs().max() < 1e-13
    assert (parts.times(vectors[0]) - whole.times(vectors[0])).abs().max() < 1e-13


def test_products_do_not_change_those_before():
    curvature = Curvature(population(), *data())
    vectors = torch.from_numpy(np.random.default_rng(2).standard_normal((2, 3, curvature.parameters)))
    first = curvature.times(vectors[0])
    kept = first.clone()
    curvature.times(vectors[1])
    assert torch.equal(first, kept)


def test_a_plain_network_is_a_population_of_one():
    networks, (inputs, labels) = population(), data()
    alone = Curvature(networks.network(1), inputs, labels)
    listed = Curvature([networks.network(1), networks.network(2)], inputs, labels)
    together = Curvature(networks, inputs, labels)
    assert alone.networks == 1
    assert alone.hessian()[0] == pytest.approx(together.hessian()[1], abs=1e-13)
    assert listed.hessian()[1] == pytest.approx(together.hessian()[2], abs=1e-13)
    assert alone.losses[0] == pytest.approx(together.losses[1], abs=1e-13)


def test_curvature_is_read_at_the_parameters_of_the_moment():
    networks, (inputs, labels) = population(), data()
    curvature = Curvature(networks, inputs, labels)
    before = curvature.spectrum()
    networks.load_flat(torch.zeros_like(networks.flat()))
    assert np.array_equal(before, curvature.spectrum())


def test_the_gradient_is_the_slope_of_the_loss():
    networks, (inputs, labels) = population(), data()
    slope = Curvature(networks, inputs, labels).gradients
    step = 1e-6 * torch.from_numpy(np.random.default_rng(3).standard_normal(tuple(slope.shape)))
    low, high = networks.subset(range(3)), networks.subset(range(3))
    low.load_flat(networks.flat() - step)
    high.load_flat(networks.flat() + step)
    rise = high.losses(inputs, labels) - low.losses(inputs, labels)
    assert (rise - 2 * (slope * step).sum(1)).abs().max() < 1e-14


def rescaled(networks, factors):
    """Dinh's reparametrisation: what hidden layer l says is multiplied by factor l, and the next layer undoes it."""
    copy = networks.subset(range(networks.networks))
    with torch.no_grad():
        before = 1.0
        for weight, bias, factor in zip(copy.weights, copy.biases, [*factors, 1.0], strict=True):
            weight *= factor / before
            bias *= factor
            before = factor
    return copy


@pytest.mark.parametrize("factors", [(0.1, 3.0), (10.0, 10.0), (0.5, 20.0)])
@pytest.mark.parametrize("activation", ["relu", "leaky-relu"])
def test_rescaling_changes_the_sharpness_but_not_the_adaptive_one(activation, factors):
    networks, (inputs, labels) = population(activation=activation), data()
    other = rescaled(networks, factors)
    assert (other(inputs) - networks(inputs)).abs().max() < 1e-12
    plain = [Curvature(one, inputs, labels).spectrum() for one in (networks, other)]
    assert (np.abs(plain[1][:, -1] / plain[0][:, -1] - 1) > 0.2).all()
    adaptive = [Curvature(one, inputs, labels, adaptive=True) for one in (networks, other)]
    assert adaptive[1].spectrum() == pytest.approx(adaptive[0].spectrum(), abs=1e-11)
    assert (adaptive[1].gradients.abs() - adaptive[0].gradients.abs()).abs().max() < 1e-12
    found = [sharpness(one, inputs, labels, adaptive=True, tolerance=1e-6, seed=1) for one in (networks, other)]
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert found[0] == pytest.approx(adaptive[0].spectrum()[:, -1], rel=1e-9)


def test_the_adaptive_hessian_is_scaled_on_both_sides():
    networks, (inputs, labels) = population(), data()
    size = networks.flat().abs().numpy()
    expected = size[:, :, None] * Curvature(networks, inputs, labels).hessian() * size[:, None, :]
    assert Curvature(networks, inputs, labels, adaptive=True).hessian() == pytest.approx(expected, abs=1e-13)


# --- bad input

X, Y = data()
NETWORKS = population()
GOOD = {"networks": NETWORKS, "inputs": X, "labels": Y, "loss": "mse", "adaptive": False}
junk = st.sampled_from([None, "x", 3, -1.0, float("nan"), [], {}, np.zeros(3), torch.zeros(2), torch.zeros(5, 20), 1j])


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=30, deadline=None)
@given(value=junk)
def test_bad_networks_and_data_are_named(name, value):
    if name == "loss" and isinstance(value, np.ndarray):
        return
    with pytest.raises((TypeError, ValueError), match=name):
        Curvature(**(GOOD | {name: value}))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: Curvature(NETWORKS, X, Y + 3), "labels must be classes from 0 to 2"),
        (lambda: Curvature(NETWORKS, X[:4], Y), "inputs must have shape"),
        (lambda: Curvature(NETWORKS, X, Y[:-1]), "labels must have shape"),
        (lambda: Curvature(NETWORKS, X * float("nan"), Y), "inputs must be finite"),
        (lambda: Curvature(NETWORKS, X, Y).times(torch.zeros(3)), "vectors must have shape"),
        (lambda: Curvature(NETWORKS, X, Y).times(np.zeros((3, 3))), "vectors must be a torch tensor"),
        (lambda: Curvature(population(sizes=(5, 4000, 3)), X, Y).hessian(), "networks must be few and small"),
    ],
)
def test_what_does_not_fit_is_named(run, words):
    with pytest.raises((TypeError, ValueError), match=words):
        run()


def test_a_broken_network_is_named():
    broken = NETWORKS.subset(range(3))
    with torch.no_grad():
        broken.weights[0][1, 0, 0] = float("inf")
    with pytest.raises(ValueError, match=r"networks must have finite parameters; \[1\] have not"):
        Curvature(broken, X, Y)
