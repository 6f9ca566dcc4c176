"""Populations against ordinary networks, trained by an ordinary loop: equal step by step, in double precision."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from course_utils.models import activations
from course_utils.models.layout import part_size
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

DOUBLE = torch.float64
NETWORKS, FEATURES, CLASSES, BATCH = 5, 6, 4, 9
WIDTHS = [7, 3, (5, 4), 7, 3]


def populations(activation, dtype=DOUBLE):
    scale = 0.4 if activation == "quadratic" else None  # else it runs off to infinity within a few steps
    settings = {"activation": activation, "scale": scale, "bias_scale": 0.3, "seeds": 1, "dtype": dtype}
    return [
        Population((FEATURES, 8, CLASSES), NETWORKS, **settings),
        Population((FEATURES, 7, 5, CLASSES), NETWORKS, **settings),
        Population((FEATURES, CLASSES), NETWORKS, **settings),
        RaggedPopulation(FEATURES, WIDTHS, CLASSES, **settings),
    ]


def data(shared, seed, dtype=DOUBLE):
    random = torch.Generator().manual_seed(seed)
    own = () if shared else (NETWORKS,)
    inputs = torch.randn(*own, FEATURES, BATCH, dtype=dtype, generator=random)
    return inputs, torch.randint(CLASSES, (*own, BATCH), generator=random)


def of(values, k, shared):
    return values if shared else values[k]


def plain_loss(network, inputs, labels, loss):
    outputs = network(inputs.T)
    if loss == "cross-entropy":
        return functional.cross_entropy(outputs, labels)
    targets = labels.T if labels.is_floating_point() else functional.one_hot(labels, CLASSES).to(outputs.dtype)
    return functional.mse_loss(outputs, targets)


def vector(network):
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach()


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
        spread = population.spread(numbers)
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


# ------------------------------------------------------------------------------------------------------- bad input

DENSE, RAGGED = populations("relu", torch.float32)[0], populations("relu", torch.float32)[3]
SHARED, OWN = (FEATURES, BATCH), (NETWORKS, FEATURES, BATCH)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 9), max_size=4).map(tuple))
def test_inputs_of_another_shape_are_named(shape):
    for population in (DENSE, RAGGED):
        fits = len(shape) in (2, 3) and shape[-1] > 0 and shape[:-1] in (SHARED[:-1], OWN[:-1])
        if fits:
            assert population(torch.zeros(shape)).shape == (NETWORKS, CLASSES, shape[-1])
        else:
            with pytest.raises(ValueError, match="inputs must have shape"):
                population(torch.zeros(shape))


@settings(deadline=None, max_examples=60)
@given(st.integers(-(2**40), 2**40), st.integers(0, BATCH - 1))
def test_labels_outside_the_classes_are_named(label, place):
    labels = torch.zeros(BATCH, dtype=torch.int64)
    labels[place] = label
    for population, loss in product((DENSE, RAGGED), ("cross-entropy", "mse")):
        if 0 <= label < CLASSES:
            assert torch.isfinite(population.losses(torch.zeros(SHARED), labels, loss)).all()
        else:
            with pytest.raises(ValueError, match=f"classes from 0 to 3; 1 are not, such as {label}"):
                population.losses(torch.zeros(SHARED), labels, loss)
            if loss == "cross-entropy":
                with pytest.raises(ValueError, match="labels must be classes"):
                    population.accuracies(torch.zeros(SHARED), labels)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([np.nan, np.inf, -np.inf]), st.integers(0, FEATURES * BATCH - 1), st.booleans())
def test_nan_and_infinity_are_named(value, place, shared):
    inputs = torch.zeros(SHARED if shared else OWN)
    inputs.view(-1)[place] = value
    targets = torch.zeros(CLASSES, BATCH)
    for population in (DENSE, RAGGED):
        with pytest.raises(ValueError, match="inputs must be finite; 1 entries"):
            population(inputs)
        with pytest.raises(ValueError, match="inputs must be finite"):
            population.losses(inputs, targets, "mse")
        targets[0, 0] = value
        with pytest.raises(ValueError, match="labels must be finite"):
            population.losses(torch.zeros_like(inputs), targets, "mse")
        targets[0, 0] = 0
        assert population(inputs, check=False).shape == (NETWORKS, CLASSES, BATCH)


def test_huge_numbers_are_no_infinities():
    assert DENSE(torch.full(SHARED, 3e38)).shape == (NETWORKS, CLASSES, BATCH)


@pytest.mark.parametrize(
    ("labels", "loss", "error", "match"),
    [
        (torch.zeros(BATCH), "cross-entropy", TypeError, "int64 classes for the loss"),
        (torch.zeros(BATCH, dtype=torch.int32), "mse", TypeError, "int64 classes or float targets"),
        (torch.zeros(BATCH + 1, dtype=torch.int64), "mse", ValueError, r"labels must have shape \(9,\) or \(5, 9\)"),
        (torch.zeros(BATCH), "mse", ValueError, r"labels must have shape \(4, 9\) or \(5, 4, 9\)"),
        ([0] * BATCH, "mse", TypeError, "labels must be a torch tensor"),
        (torch.zeros(BATCH, dtype=torch.int64), "hinge", ValueError, "loss must be one of 'cross-entropy', 'mse'"),
    ],
)
def test_labels_of_another_kind_are_named(labels, loss, error, match):
    for population in (DENSE, RAGGED):
        with pytest.raises(error, match=match):
            population.losses(torch.zeros(SHARED), labels, loss)


def test_inputs_of_another_kind_are_named():
    for population in (DENSE, RAGGED):
        with pytest.raises(TypeError, match=r"precision of the weights, torch.float32; got torch.float64"):
            population(torch.zeros(SHARED, dtype=DOUBLE))
        with pytest.raises(TypeError, match="inputs must be a torch tensor; got a ndarray"):
            population(np.zeros(SHARED))
        with pytest.raises(ValueError, match="device of the weights, cpu; got meta"):
            population(torch.zeros(SHARED, device="meta"))


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"sizes": (6,)}, ValueError, "sizes must name at least"),
        ({"sizes": 6}, TypeError, "sizes must be a sequence"),
        ({"sizes": (6, 0, 4)}, ValueError, r"sizes\[1\] must be a whole number"),
        ({"networks": 0}, ValueError, "networks must be"),
        ({"activation": "gelu"}, ValueError, "activation must be one of 'relu', 'leaky-relu'"),
        ({"scale": -1.0}, ValueError, "scale must be"),
        ({"scale": [1.0, 2.0, 3.0]}, ValueError, r"scale must be one number, or one per network with shape \(2,\)"),
        ({"bias_scale": np.nan}, ValueError, "bias_scale must be"),
        ({"slope": 0.0}, ValueError, "slope must be"),
        ({"dtype": torch.float16}, ValueError, "dtype must be one of"),
        ({"seeds": [1]}, ValueError, "seeds must be one whole number, or one for each of 2 networks; got 1"),
        ({"seeds": -1}, ValueError, "seeds must be"),
        ({"seeds": [1, 2.0]}, TypeError, r"seeds\[1\] must be"),
    ],
)
def test_bad_populations_are_named(change, error, match):
    with pytest.raises(error, match=match):
        Population(**({"sizes": (6, 8, 4), "networks": 2, "seeds": 1} | change))


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"widths": []}, ValueError, "widths must hold at least one network"),
        ({"widths": 3}, TypeError, "widths must be a sequence"),
        ({"widths": [3, ()]}, ValueError, r"none at widths\[1\]"),
        ({"widths": [3, 0]}, ValueError, r"widths\[1\] with inputs and outputs\[1\] must be"),
        ({"widths": [3, 2.5]}, TypeError, r"widths\[1\]"),
        ({"inputs": 0}, ValueError, "inputs must be"),
        ({"seeds": [1]}, ValueError, "seeds must be"),
    ],
)
def test_bad_ragged_populations_are_named(change, error, match):
    with pytest.raises(error, match=match):
        RaggedPopulation(**({"inputs": 6, "widths": [3, 5], "outputs": 4, "seeds": 1} | change))


def test_networks_that_do_not_fit_are_named():
    linear, relu, tanh = torch.nn.Linear, torch.nn.ReLU(), torch.nn.Tanh()
    fine = torch.nn.Sequential(linear(6, 8), relu, linear(8, 4))
    for kind in (Population, RaggedPopulation):
        for networks, error, match in (
            ([], ValueError, "at least one network"),
            ([fine, linear(6, 4)], TypeError, r"networks\[1\] must be a torch.nn.Sequential; got a Linear"),
            ([torch.nn.Sequential(linear(6, 8), relu)], ValueError, "one activation between each two"),
            ([torch.nn.Sequential(linear(6, 8, bias=False))], ValueError, "Linear layers with biases"),
            ([torch.nn.Sequential(linear(6, 8), torch.nn.GELU(), linear(8, 4))], TypeError, "GELU"),
            ([torch.nn.Sequential(linear(6, 8), relu, linear(7, 4))], ValueError, "layers that fit each other"),
            ([fine, torch.nn.Sequential(linear(6, 8), tanh, linear(8, 4))], ValueError, "same activation"),
            ([fine, fine.__class__(linear(6, 8), relu, linear(8, 3))], ValueError, "networks must"),
        ):
            with pytest.raises(error, match=match):
                kind.from_networks(networks)
    with pytest.raises(ValueError, match="a hidden layer"):
        RaggedPopulation.from_networks([torch.nn.Sequential(linear(6, 4))])


def test_places_that_are_not_there_are_named():
    for population in (DENSE, RAGGED):
        for index in (-1, NETWORKS):
            with pytest.raises(ValueError, match="index must be"):
                population.network(index)
        for indices in ([], [NETWORKS], [-1], [0.5], [True], 1, [[0]]):
            with pytest.raises(ValueError, match="indices must be whole numbers from 0 to 4"):
                population.subset(indices)
        with pytest.raises(ValueError, match="vectors must"):
            population.load_flat(population.flat()[1:])
        with pytest.raises(ValueError, match="values must be one number, or one per network"):
            population.spread([1.0, 2.0])
