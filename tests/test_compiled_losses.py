"""Losses with compiled slopes: equal to those of plain networks, once and twice; left to torch where they must be."""

import numpy as np
import pytest
import torch

from course_utils.models.compiled_losses import CompiledLosses
from course_utils.models.networks import Population

DOUBLE = torch.float64
SIZES, NETWORKS, BATCH = (6, 8, 5, 4), 3, 9
WEIGHTS = torch.tensor([0.5, -2.0, 3.0], dtype=DOUBLE)


def population(activation="relu"):
    return Population(SIZES, NETWORKS, activation=activation, bias_scale=0.3, slope=0.2, seeds=2, dtype=DOUBLE)


def data(kind="shared", targets=False):
    random = torch.Generator().manual_seed(3)
    own = () if kind == "shared" else (NETWORKS,)
    inputs = torch.randn(*own, SIZES[0], BATCH, dtype=DOUBLE, generator=random)
    if kind == "rows":
        inputs = inputs.transpose(1, 2).contiguous().transpose(1, 2)
    if targets:
        return inputs, torch.randn(*own, SIZES[-1], BATCH, dtype=DOUBLE, generator=random)
    return inputs, torch.randint(SIZES[-1], (*own, BATCH), generator=random)


def one_by_one(many, inputs, labels, loss):
    """Return the losses and slopes of plain networks, in the order of ``many.flat()``."""
    losses, slopes = [], []
    for k in range(many.networks):
        network = many.network(k)
        outputs = network((inputs if inputs.dim() == 2 else inputs[k]).T)
        mine = labels if inputs.dim() == 2 else labels[k]
        if loss == "mse":
            wanted = mine.T if mine.is_floating_point() else torch.eye(SIZES[-1], dtype=DOUBLE)[mine]
            value = torch.nn.functional.mse_loss(outputs, wanted)
        else:
            value = torch.nn.functional.cross_entropy(outputs, mine)
        losses.append(value.detach())
        found = torch.autograd.grad(value, list(network.parameters()))
        slopes.append(torch.cat([one.flatten() for one in found]))
    return torch.stack(losses), torch.stack(slopes)


def slopes_of(many, losses, **more):
    found = torch.autograd.grad(
        losses, [p for pair in zip(many.weights, many.biases, strict=True) for p in pair], **more
    )
    return torch.cat([one.reshape(many.networks, -1) for one in found], 1)


@pytest.mark.parametrize("kind", ["shared", "own", "rows"])
@pytest.mark.parametrize(("loss", "targets"), [("cross-entropy", False), ("mse", False), ("mse", True)])
@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "tanh"])
def test_losses_and_slopes_are_those_of_plain_networks(activation, loss, targets, kind):
    many, (inputs, labels) = population(activation), data(kind, targets)
    losses = many.losses(inputs, labels, loss)
    assert type(losses.grad_fn).__name__ == "CompiledLossesBackward"
    expected, slopes = one_by_one(many, inputs, labels, loss)
    assert torch.allclose(losses.detach(), expected, rtol=0, atol=1e-13)
    found = slopes_of(many, (losses * WEIGHTS).sum(), retain_graph=True)
    assert torch.allclose(found, slopes * WEIGHTS[:, None], rtol=0, atol=1e-12)
    again = slopes_of(many, losses.sum())  # the graph can be used twice
    assert torch.allclose(again, slopes, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("loss", "targets"), [("cross-entropy", False), ("mse", True)])
@pytest.mark.parametrize("activation", ["leaky-relu", "tanh"])
def test_slopes_can_be_differentiated_again(activation, loss, targets):
    many, (inputs, labels) = population(activation), data("own", targets)
    parts = [p for pair in zip(many.weights, many.biases, strict=True) for p in pair]
    random = torch.Generator().manual_seed(4)
    along = torch.randn(many.flat().shape, dtype=DOUBLE, generator=random)
    first = slopes_of(many, (many.losses(inputs, labels, loss) * WEIGHTS).sum(), create_graph=True)
    second = torch.autograd.grad((first * along).sum(), parts)
    products = torch.cat([one.reshape(many.networks, -1) for one in second], 1)
    step, start = 1e-5, many.flat()
    ends = []
    for sign in (1, -1):
        many.load_flat(start + sign * step * along)
        ends.append(one_by_one(many, inputs, labels, loss)[1])
    expected = WEIGHTS[:, None] * (ends[0] - ends[1]) / (2 * step)
    assert torch.allclose(products, expected, rtol=0, atol=2e-7)


def test_whoever_asks_for_more_is_left_to_torch():
    many, (inputs, labels) = population(), data()
    with torch.no_grad():
        assert many.losses(inputs, labels).grad_fn is None
    wanted = inputs.clone().requires_grad_()
    losses = many.losses(wanted, labels)
    assert "Compiled" not in type(losses.grad_fn).__name__
    (found,) = torch.autograd.grad(losses[1], wanted)
    plain = inputs.clone().requires_grad_()
    value = torch.nn.functional.cross_entropy(many.network(1)(plain.T), labels)
    assert torch.allclose(found, torch.autograd.grad(value, plain)[0], rtol=0, atol=1e-13)
    doubled = many.losses(inputs, labels, between=lambda layer, signal, members: 2 * signal)
    assert "Compiled" not in type(doubled.grad_fn).__name__
    many.weights[0].requires_grad_(False)
    assert "Compiled" not in type(many.losses(inputs, labels).grad_fn).__name__


def test_a_label_that_is_no_class_makes_loss_and_slopes_nan_for_its_network_alone():
    many, (inputs, labels) = population(), data("own")
    labels[1, 2] = SIZES[-1]
    losses = many.losses(inputs, labels, check=False)
    assert losses.isnan().tolist() == [False, True, False]
    assert slopes_of(many, losses.sum()).isnan().any(1).tolist() == [False, True, False]


def test_scores_far_apart_do_not_overflow():
    many, (inputs, labels) = population(), data("own")
    with torch.no_grad():
        many.weights[-1].mul_(3000)
        many.biases[-1].add_(torch.tensor([[-1000.0], [0.0], [1000.0], [0.0]]))
    losses = many.losses(inputs, labels)
    expected, slopes = one_by_one(many, inputs, labels, "cross-entropy")
    assert losses.max() > 1000
    assert torch.allclose(losses.detach(), expected, rtol=1e-12)
    assert torch.allclose(slopes_of(many, losses.sum()), slopes, rtol=1e-9, atol=1e-9)


def test_single_precision_and_one_layer():
    many = Population((5, 3), 2, seeds=1)
    inputs, labels = torch.randn(5, 7, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 2, 0, 1, 2, 0])
    losses = many.losses(inputs, labels)
    assert losses.dtype == torch.float32
    value = torch.nn.functional.cross_entropy(many.network(1)(inputs.T), labels)
    assert np.isclose(losses[1].item(), value.item(), rtol=1e-6)
    assert isinstance(losses.grad_fn, CompiledLosses._backward_cls)
