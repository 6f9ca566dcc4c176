"""Start weights, and what goes in and out of a population: networks, vectors, subsets, modules."""

from itertools import product

import numpy as np
import pytest
import torch
from small_populations import DOUBLE, NETWORKS, data, populations, vector

from course_utils.models import activations
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

# -------------------------------------------------------------------------------------------------- start weights


def test_a_seed_gives_the_same_network_whatever_else_is_there():
    alone = Population((6, 8, 4), 1, seeds=[77], bias_scale=0.2)
    among = Population((6, 8, 4), 3, seeds=[5, 77, 6], bias_scale=0.2, scale=[1.0, activations.gain("relu", 0), 3.0])
    ragged = RaggedPopulation(6, [3, (8, 2), 8], 4, seeds=[5, 6, 77], bias_scale=0.2)
    assert torch.equal(alone.flat()[0], among.flat()[1])
    assert torch.equal(alone.flat()[0], ragged.flat()[2])
    few, many = Population((6, 8, 4), 2, seeds=9), Population((6, 8, 4), 7, seeds=9)
    assert torch.equal(few.flat(), many.flat()[:2])
    generator = Population((6, 8, 4), 2, seeds=np.random.default_rng(9))
    assert torch.equal(generator.flat(), few.flat())


def test_start_weights_have_the_scale_asked_for():
    scales = np.array([0.5, 1.0, 2.0])
    population = Population((100, 200, 50), 3, scale=scales, bias_scale=scales / 2, seeds=1, dtype=DOUBLE)
    for weight, bias in zip(population.weights, population.biases, strict=True):
        count = weight[0].numel()
        variance = weight.detach().square().mean((1, 2)).numpy() * weight.shape[2]
        assert (abs(variance / scales**2 - 1) < 4 * np.sqrt(2 / count)).all()  # to 1 % (2.4 % in the second layer)
        spread = bias.detach().square().mean((1, 2)).numpy() / (scales / 2) ** 2
        assert (abs(spread - 1) < 4 * np.sqrt(2 / bias.shape[1])).all()
    flat = population.flat() / torch.tensor(scales)[:, None]
    correlation = np.corrcoef(flat.numpy())[np.triu_indices(3, 1)] * np.sqrt(flat.shape[1])
    assert np.abs(correlation).max() < 4


def test_the_default_scale_keeps_the_signal():
    inputs = torch.randn(400, 50, dtype=DOUBLE, generator=torch.Generator().manual_seed(1))
    population = Population((400, 400, 400, 400), 4, seeds=1, dtype=DOUBLE)
    power = population(inputs).detach().square().mean() / 2  # the last layer is linear: twice what came in
    assert power == pytest.approx(1, abs=0.1)


# ------------------------------------------------------------------------------------------- in and out, and parts


@pytest.mark.parametrize("activation", activations.NAMES)
def test_round_trip_through_plain_networks_is_exact(activation):
    for population in populations(activation):
        again = type(population).from_networks([population.network(k) for k in range(NETWORKS)])
        assert again.sizes == population.sizes
        if len(population.sizes) > 2:  # without hidden units there is no activation to read
            assert (again.activation, again.slope) == (activation, population.slope)
        for one, other in zip(again.parameters(), population.parameters(), strict=True):
            assert torch.equal(one, other)


def test_network_is_a_copy():
    for population in populations("relu"):
        before = [one.clone() for one in population.flat()]
        with torch.no_grad():
            population.network(0)[0].weight.zero_()
        assert all(torch.equal(a, b) for a, b in zip(before, population.flat(), strict=True))


def test_flat_vectors_go_out_and_come_back():
    for population in populations("erf"):
        vectors = population.flat()
        assert all(torch.equal(one, vector(population.network(k))) for k, one in enumerate(vectors))
        changed = 2 * vectors if isinstance(vectors, torch.Tensor) else [2 * one for one in vectors]
        places = [one.data_ptr() for one in population.parameters()]
        population.load_flat(changed)
        assert places == [one.data_ptr() for one in population.parameters()]
        assert all(torch.equal(2 * a, b) for a, b in zip(vectors, population.flat(), strict=True))


def test_a_subset_keeps_the_order_asked_for():
    inputs, _ = data(True, 6)
    mask = np.array([True, False, True, False, True])
    for population in populations("tanh"):
        outputs = population(inputs)
        assert torch.allclose(population.subset([4, 0, 2])(inputs), outputs[[4, 0, 2]], atol=1e-13)
        assert torch.allclose(population.subset(mask)(inputs), outputs[mask], atol=1e-13)
        with torch.no_grad():
            next(population.subset([1]).parameters()).zero_()
        assert torch.equal(population(inputs), outputs)


def test_spread_and_gather_know_whose_parameter_is_whose():
    for population in populations("relu"):
        numbers = torch.arange(1.0, NETWORKS + 1, dtype=DOUBLE)
        spread = population.per_parameter(numbers)
        parameters = list(population.parameters())
        filled = [one.expand_as(parameter) for one, parameter in zip(spread, parameters, strict=True)]
        assert population.gather(filled).tolist() == [
            float(number) * len(one) for number, one in zip(numbers, population.flat(), strict=True)
        ]
        with torch.no_grad():
            for parameter, value in zip(parameters, filled, strict=True):
                parameter.copy_(value)
        assert all((one == number).all() for one, number in zip(population.flat(), numbers, strict=True))


def test_between_sees_every_hidden_layer_and_its_networks():
    inputs, _ = data(True, 7)
    factors = torch.tensor([0.0, 1, 2, 3, 4], dtype=DOUBLE)
    for population in populations("relu"):
        seen = set()

        def between(layer, signal, networks, seen=seen):
            which = torch.arange(NETWORKS)[networks]
            seen.update((layer, int(k), signal.shape[1]) for k in which)
            return signal * factors[networks].view(-1, 1, 1)

        outputs = population(inputs, between=between)
        sizes = population.sizes if isinstance(population, RaggedPopulation) else [population.sizes] * NETWORKS
        assert seen == {(layer, k, width) for k, one in enumerate(sizes) for layer, width in enumerate(one[1:-1])}
        for k, factor in enumerate(factors):
            signal = inputs.T
            for layer in population.network(k):
                signal = layer(signal)
                signal = signal * factor if isinstance(layer, torch.nn.ReLU) else signal
            assert torch.allclose(outputs[k], signal.T, atol=1e-12)


def test_populations_are_modules():
    for population in populations("tanh"):
        inputs, _ = data(True, 8)
        outputs = population(inputs)
        assert torch.allclose(population.float()(inputs.float()).double(), outputs, atol=1e-5)
        other = type(population).from_networks([population.network(k) for k in range(NETWORKS)])
        other.load_flat([0 * one for one in other.flat()] if isinstance(other.flat(), list) else 0 * other.flat())
        other.load_state_dict(population.state_dict())
        assert torch.equal(other(inputs.float()), population(inputs.float()))
        assert "5 networks" in repr(population)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_gpu_gives_the_same():
    for activation, shared in product(activations.NAMES, (True, False)):
        inputs, labels = data(shared, 9)
        for population in populations(activation):
            here = population.losses(inputs, labels)
            there = population.to("cuda").losses(inputs.cuda(), labels.cuda())
            assert torch.allclose(here, there.cpu(), atol=1e-10)
