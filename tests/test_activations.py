"""Activations that write over memory: same values, same gradients once and twice, and never over what others need."""

import pytest
import torch

from course_utils.models import activations
from course_utils.models.networks import Population

OVERWRITING = ("relu", "leaky-relu", "tanh")


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("name", activations.NAMES)
def test_values_and_gradients_are_those_of_the_module(name, private):
    inputs = torch.linspace(-2, 2, 24, dtype=torch.float64).reshape(2, 3, 4).requires_grad_()
    weight = torch.linspace(0.5, 1.5, 24, dtype=torch.float64).reshape(2, 3, 4)

    def twice(value):
        (first,) = torch.autograd.grad((value * weight).square().sum(), inputs, create_graph=True)
        (second,) = torch.autograd.grad((first * weight).sum(), inputs)
        return value.detach(), first.detach(), second

    found = twice(activations.apply(name, inputs * 1.0, 0.1, private=private))
    for one, other in zip(found, twice(activations.module(name, 0.1)(inputs)), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", OVERWRITING)
def test_a_gradient_is_overwritten_only_where_nobody_else_needs_it(name):
    # A shortcut around a layer hands one and the same gradient to two activations.
    inputs = torch.randn(3, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    population = Population((3, 4, 4, 2), 2, activation=name, seeds=[0, 1], dtype=torch.float64)
    kept = {}

    def shortcut(layer, signal, members):
        kept[layer] = signal
        return signal if layer == 0 else signal + kept[0]

    population(inputs, between=shortcut).square().sum().backward()
    for k in range(2):
        first, act, second, _, last = population.network(k).double()
        hidden = act(first(inputs.T))
        last(act(second(hidden)) + hidden).square().sum().backward()
        torch.testing.assert_close(population.weights[0].grad[k], first.weight.grad, rtol=1e-12, atol=1e-12)
