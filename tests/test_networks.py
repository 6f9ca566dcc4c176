"""Populations against ordinary networks, trained by an ordinary loop: equal step by step, in double precision."""

import pytest
import torch
from small_populations import CLASSES, DOUBLE, NETWORKS, data, of, plain_loss, populations, vector
from torch.nn import functional

from course_utils.models import activations
from course_utils.models.layout import part_size

# ------------------------------------------------------------------------------------------ equality with the loop


@pytest.mark.parametrize("activation", activations.NAMES)
@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("shared", [True, False])
def test_training_equals_the_ordinary_loop_step_by_step(activation, loss, shared):
    for population in populations(activation):
        networks = [population.network(k) for k in range(NETWORKS)]
        settings = {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.01}
        joint = torch.optim.SGD(population.parameters(), **settings)
        single = [torch.optim.SGD(network.parameters(), **settings) for network in networks]
        for step in range(8):
            inputs, labels = data(shared, step)
            losses = population.losses(inputs, labels, loss)
            joint.zero_grad()
            losses.sum().backward()
            joint.step()
            for k, (network, optimiser) in enumerate(zip(networks, single, strict=True)):
                alone = plain_loss(network, of(inputs, k, shared), of(labels, k, shared), loss)
                optimiser.zero_grad()
                alone.backward()
                optimiser.step()
                assert abs(losses[k] - alone) < 1e-10
                assert (population.flat()[k] - vector(network)).abs().max() < 1e-10


@pytest.mark.parametrize("activation", activations.NAMES)
def test_gradients_are_those_of_each_network_alone(activation):
    inputs, labels = data(True, 1)
    for population in populations(activation):
        gradients = torch.autograd.grad(population.losses(inputs, labels).sum(), list(population.parameters()))
        squares = population.gather([gradient.square() for gradient in gradients])
        for k in range(NETWORKS):
            network = population.network(k)
            alone = torch.autograd.grad(plain_loss(network, inputs, labels, "cross-entropy"), network.parameters())
            assert squares[k] == pytest.approx(sum(float(one.square().sum()) for one in alone), rel=1e-10)


@pytest.mark.parametrize("activation", activations.NAMES)
def test_second_derivatives_are_right(activation):
    # Curvature needs them: the hand-made pieces (in-place activations, views) must leave the graph whole.
    inputs, _ = data(True, 1)
    for population in populations(activation):
        parameters = list(population.parameters())

        def total(*values, population=population):
            names = [name for name, _ in population.named_parameters()]
            outputs = torch.func.functional_call(population, dict(zip(names, values, strict=True)), (inputs,))
            return outputs.square().sum()

        assert torch.autograd.gradgradcheck(total, parameters, atol=1e-6, fast_mode=True)


@pytest.mark.parametrize("shared", [True, False])
def test_large_populations_are_run_in_parts_of_the_cache_s_size(shared, monkeypatch):
    inputs, labels = data(shared, 2)
    for population in populations("relu")[:3]:
        units = sum(population.sizes[1:])
        whole = population.losses(inputs, labels)
        gradients = torch.autograd.grad(whole.sum(), list(population.parameters()))
        with monkeypatch.context() as patch:
            patch.setattr("course_utils.models.layout.CACHE", 300)
            assert part_size(NETWORKS, units, inputs, slack=4) == 3
            parts = population.losses(inputs, labels)
        assert torch.allclose(parts, whole, atol=1e-13)
        for one, other in zip(torch.autograd.grad(parts.sum(), list(population.parameters())), gradients, strict=True):
            assert torch.allclose(one, other, atol=1e-13)


def test_float_targets_and_labels_agree():
    inputs, labels = data(False, 3)
    hot = functional.one_hot(labels, CLASSES).to(DOUBLE).transpose(1, 2)
    for population in populations("tanh"):
        assert torch.equal(population.losses(inputs, labels, "mse"), population.losses(inputs, hot, "mse"))
        one = population.losses(inputs, labels[0], "mse")
        assert torch.equal(one, population.losses(inputs, hot[0].contiguous(), "mse"))


def test_accuracies_count_right_answers():
    inputs, labels = data(True, 4)
    for population in populations("relu"):
        for k, accuracy in enumerate(population.accuracies(inputs, labels)):
            right = population.network(k)(inputs.T).argmax(1) == labels
            assert accuracy == pytest.approx(float(right.double().mean()))


def test_single_precision_agrees_with_double():
    inputs, labels = data(True, 5)
    for single, double in zip(populations("tanh", torch.float32), populations("tanh"), strict=True):
        losses = single.losses(inputs.float(), labels)
        assert losses.dtype == torch.float32
        assert torch.allclose(losses.double(), double.losses(inputs, labels), rtol=2e-6)
