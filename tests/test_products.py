"""Products with the Hessian, written by hand, against autograd's."""

import numpy as np
import pytest
import torch
from read_networks import data, population

from course_utils.measure.products import HessianProducts, derivatives
from course_utils.models import activations

ACTIVATIONS = activations.NAMES


def by_autograd(networks, inputs, labels, loss, vectors):
    """Losses, gradients and products with the vectors, by differentiating twice."""
    copy = networks.subset(range(networks.networks))
    pairs = zip(copy.weights, copy.biases, strict=True)
    parts = [part.requires_grad_() for pair in pairs for part in pair]
    losses = copy.losses(inputs, labels, loss)
    slopes = torch.autograd.grad(losses.sum(), parts, create_graph=True)
    joined = torch.cat([slope.flatten(1) for slope in slopes], 1)
    images = [torch.autograd.grad(joined, parts, vector, retain_graph=True, materialize_grads=True)
              for vector in vectors]  # fmt: skip
    return losses, joined, torch.stack([torch.cat([one.flatten(1) for one in image], 1) for image in images])


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("sizes", [(5, 3), (5, 4, 3), (5, 6, 4, 3), (5, 4, 4, 4, 2)])
def test_products_are_those_of_autograd(sizes, own, activation, loss):
    networks = population(networks=3, sizes=sizes, activation=activation)
    inputs, labels = data(classes=sizes[-1], networks=3 if own else None)
    found = HessianProducts(networks, networks.flat(), inputs, labels, loss)
    vectors = torch.from_numpy(np.random.default_rng(3).standard_normal((4, *networks.flat().shape)))
    losses, gradients, images = by_autograd(networks, inputs, labels, loss, vectors)
    assert (found.losses - losses).abs().max() <= 1e-14 * losses.abs().max()
    assert (found.gradients - gradients).abs().max() <= 1e-13 * gradients.abs().max()
    for some in (slice(0, 4), slice(1, 2), slice(0, 4), slice(2, 4)):
        assert (found.times(vectors[some]) - images[some]).abs().max() <= 1e-12 * images.abs().max()


@pytest.mark.parametrize("own", [False, True])
def test_products_with_float_targets_are_those_of_autograd(own):
    networks, (inputs, _) = population(), data(networks=3 if own else None)
    random = np.random.default_rng(4)
    targets = torch.from_numpy(random.standard_normal((3, 3, 20) if own else (3, 20)))
    vectors = torch.from_numpy(random.standard_normal((2, *networks.flat().shape)))
    found = HessianProducts(networks, networks.flat(), inputs, targets, "mse")
    _, gradients, images = by_autograd(networks, inputs, targets, "mse", vectors)
    assert (found.gradients - gradients).abs().max() <= 1e-13 * gradients.abs().max()
    assert (found.times(vectors) - images).abs().max() <= 1e-12 * images.abs().max()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_derivatives_of_activations_are_those_of_autograd(activation):
    before = torch.linspace(-3, 3, 40, dtype=torch.float64).requires_grad_()
    after = activations.module(activation, 0.3)(before)
    first = torch.autograd.grad(after.sum(), before, create_graph=True)[0]
    second = torch.autograd.grad(first.sum(), before)[0] if first.requires_grad else torch.zeros_like(before)
    found = derivatives(activation, before.detach(), after.detach(), 0.3)
    assert (found[0] - first).abs().max() < 1e-14
    if found[1] is None:
        assert (second == 0).all()
    else:
        assert (found[1] - second).abs().max() < 1e-13


def test_single_precision_is_as_exact_as_it_can_be():
    networks, (inputs, labels) = population(), data()
    double = HessianProducts(networks, networks.flat(), inputs, labels, "cross-entropy")
    single = HessianProducts(networks, networks.flat().float(), inputs.float(), labels, "cross-entropy")
    vectors = torch.from_numpy(np.random.default_rng(3).standard_normal((4, *networks.flat().shape)))
    exact, found = double.times(vectors), single.times(vectors.float())
    assert found.dtype == torch.float32
    assert (found - exact).abs().max() < 2e-6 * exact.abs().max()
