"""The hand-written descent against `torch.optim.SGD` on each network alone: equal step by step, in double precision."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from course_utils.dynamics.training.backprop import Backprop
from course_utils.dynamics.training.fast_sgd import ACTIVATIONS, FastSGD
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

DOUBLE = torch.float64
NETWORKS, FEATURES, CLASSES, BATCH = 5, 6, 4, 9
SIZES = [(FEATURES, 8, CLASSES), (FEATURES, 5, 7, CLASSES), (FEATURES, CLASSES)]
RATES, MOMENTA, DECAYS = [0.05, 0.1, 0.0, 0.02, 0.01], [0.0, 0.5, 0.9, 0.9, 0.1], [0.0, 0.1, 0.01, 0.0, 0.02]
# learning rate, momentum, weight decay: shared or one per network, in all the ways that take another path
KNOBS = [
    (0.1, 0.0, 0.0),
    (0.1, 0.0, 0.01),
    (0.1, 0.0, DECAYS),
    (RATES, 0.0, 0.0),
    (RATES, 0.0, 0.01),
    (RATES, 0.0, DECAYS),
    (0.05, 0.9, 0.0),
    (0.05, 0.9, 0.01),
    (0.05, MOMENTA, 0.0),
    (RATES, 0.9, 0.0),
    (RATES, MOMENTA, DECAYS),
]


def population(sizes=SIZES[0], activation="relu", dtype=DOUBLE, **more):
    return Population(sizes, NETWORKS, activation=activation, bias_scale=0.2, seeds=1, dtype=dtype, **more)


def data(shared, seed, dtype=DOUBLE, batch=BATCH):
    random = torch.Generator().manual_seed(seed)
    own = () if shared else (NETWORKS,)
    inputs = torch.randn(*own, FEATURES, batch, dtype=dtype, generator=random)
    return inputs, torch.randint(CLASSES, (*own, batch), generator=random)


def of(values, k):
    return values[k] if isinstance(values, list) else values


class Loop:
    """The ordinary loop over ordinary networks."""

    def __init__(self, many, rate, momentum, decay, loss):
        self.networks, self.loss = [many.network(k) for k in range(many.networks)], loss
        self.optimisers = [
            torch.optim.SGD(network.parameters(), lr=of(rate, k), momentum=of(momentum, k), weight_decay=of(decay, k))
            for k, network in enumerate(self.networks)
        ]

    def step(self, inputs, labels):
        losses = []
        for k, (network, optimiser) in enumerate(zip(self.networks, self.optimisers, strict=True)):
            outputs = network((inputs if inputs.dim() == 2 else inputs[k]).T)
            mine = labels if labels.dim() == 1 else labels[k]
            if self.loss == "cross-entropy":
                loss = functional.cross_entropy(outputs, mine)
            else:
                loss = functional.mse_loss(outputs, functional.one_hot(mine, CLASSES).to(outputs.dtype))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return torch.stack(losses)

    def flat(self):
        return torch.stack([torch.nn.utils.parameters_to_vector(n.parameters()).detach() for n in self.networks])


def deviation(descent, loop, steps, shared, start=0):
    worst = 0.0
    for step in range(start, start + steps):
        inputs, labels = data(shared, step)
        worst = max(worst, float((descent.step(inputs, labels) - loop.step(inputs, labels)).abs().max()))
        worst = max(worst, float((descent.population.flat() - loop.flat()).abs().max()))
    return worst


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("shared", "chunk"), [(True, None), (False, None), (True, 2), (False, 2)])  # None: compiled
def test_every_step_equals_that_of_the_ordinary_loop(activation, loss, shared, chunk):
    for sizes in SIZES:
        many = population(sizes, activation)
        descent = FastSGD(many, learning_rate=0.05, momentum=0.9, weight_decay=0.01, loss=loss, chunk=chunk)
        assert deviation(descent, Loop(many, 0.05, 0.9, 0.01, loss), 8, shared) < 1e-10


@pytest.mark.parametrize(("rate", "momentum", "decay"), KNOBS)
@pytest.mark.parametrize("chunk", [None, 1, 3])
def test_every_network_has_knobs_of_its_own(rate, momentum, decay, chunk):
    many = population()
    descent = FastSGD(many, learning_rate=rate, momentum=momentum, weight_decay=decay, chunk=chunk)
    assert deviation(descent, Loop(many, rate, momentum, decay, "cross-entropy"), 8, shared=False) < 1e-10


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_schedule_of_the_learning_rate(momentum):
    many = population()
    descent = FastSGD(many, learning_rate=0.1, momentum=momentum)
    loop = Loop(many, 0.1, momentum, 0.0, "cross-entropy")
    for step, rate in enumerate([0.1, RATES, 0.0, 0.2]):
        descent.learning_rate = rate
        assert descent.learning_rate.tolist() == pytest.approx(np.broadcast_to(rate, NETWORKS).tolist())
        for k, optimiser in enumerate(loop.optimisers):
            optimiser.param_groups[0]["lr"] = of(rate, k)
        assert deviation(descent, loop, 3, shared=True, start=3 * step) < 1e-10


@pytest.mark.parametrize("chunk", [None, 2])
def test_batches_of_several_sizes(chunk):
    many = population()
    descent, loop = (
        FastSGD(many, learning_rate=0.1, momentum=0.9, chunk=chunk),
        Loop(many, 0.1, 0.9, 0.0, "cross-entropy"),
    )
    for step, (batch, shared) in enumerate([(9, True), (4, True), (9, False), (1, True), (9, True)]):
        inputs, labels = data(shared, step, batch=batch)
        assert (descent.step(inputs, labels) - loop.step(inputs, labels)).abs().max() < 1e-10
        assert (many.flat() - loop.flat()).abs().max() < 1e-10
    # labels of its own for each network on shared inputs, and the other way round
    for step in (5, 6):
        shared, own = data(True, step), data(False, step)
        for inputs, labels in ((shared[0], own[1]), (own[0], shared[1])):
            assert (descent.step(inputs, labels) - loop.step(inputs, labels)).abs().max() < 1e-10
        assert (many.flat() - loop.flat()).abs().max() < 1e-10


@pytest.mark.parametrize("chunk", [None, 2])
def test_float_targets(chunk):
    inputs, labels = data(True, 1)
    one, other = population(), population()
    first, second = (FastSGD(each, learning_rate=0.1, loss="mse", chunk=chunk) for each in (one, other))
    hot = functional.one_hot(labels, CLASSES).to(DOUBLE).T.contiguous()
    assert torch.equal(first.step(inputs, labels), second.step(inputs, hot))
    assert torch.equal(one.flat(), other.flat())


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
def test_gradients_are_those_of_autograd(activation, loss):
    for sizes, shared in ((SIZES[0], True), (SIZES[1], False)):
        many = population(sizes, activation)
        inputs, labels = data(shared, 2)
        by_graph = torch.autograd.grad(many.losses(inputs, labels, loss).sum(), [*many.weights, *many.biases])
        weights, biases = [[one.detach() for one in part] for part in (many.weights, many.biases)]
        by_hand = Backprop(weights, biases, inputs, activation=activation, slope=many.slope, loss=loss, buffers={})
        wanted = labels.reshape(-1, 1, BATCH)
        if loss == "mse":
            wanted = functional.one_hot(labels, CLASSES).transpose(-1, -2).reshape(-1, CLASSES, BATCH)
        by_hand.forward(inputs, wanted)
        assert torch.allclose(by_hand.losses(), many.losses(inputs, labels, loss), rtol=1e-13)
        by_hand.errors(None)
        into = [torch.zeros_like(one) for one in by_graph]
        layers = len(weights)
        for layer in range(layers):
            by_hand.add_gradients(layer, into[layer], into[layers + layer], inputs, beta=0.5, alpha=2.0)
        for one, other in zip(into, by_graph, strict=True):
            assert (one / 2 - other).abs().max() < 1e-14


@pytest.mark.parametrize("chunk", [None, 2])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_single_precision_stays_close_to_double(activation, chunk):
    single, double = (population(activation=activation, dtype=kind) for kind in (torch.float32, DOUBLE))
    first, second = (FastSGD(many, learning_rate=0.05, chunk=chunk) for many in (single, double))
    for step in range(20):
        inputs, labels = data(True, step, torch.float32)
        first.step(inputs, labels)
        second.step(inputs.double(), labels)
    assert single.weights[0].dtype == torch.float32
    assert (single.flat().double() - double.flat()).abs().max() < 3e-6


@pytest.mark.parametrize("chunk", [None, 2])
def test_losses_far_beyond_the_range_of_the_exponential(chunk):
    # p of the right class underflows in single precision: the loss must still be the difference of the outputs.
    many = Population((1, 3), 2, scale=0.0, seeds=1)
    with torch.no_grad():
        many.biases[0][:, 0] = 500.0
    losses = FastSGD(many, learning_rate=0.1, chunk=chunk).step(torch.ones(1, 2), torch.tensor([1, 2]))
    assert losses.tolist() == pytest.approx([500.0, 500.0])


def test_advance_takes_the_same_steps():
    one, other = population(), population()
    first, second = FastSGD(one, learning_rate=0.1, momentum=0.9), FastSGD(other, learning_rate=0.1, momentum=0.9)
    for step in range(5):
        first.step(*data(False, step))
        second.advance(*data(False, step))
    assert torch.equal(one.flat(), other.flat())


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("chunk", [None, 1])
def test_a_network_that_diverges_stands_still_and_the_others_go_on(momentum, chunk):
    many, rest = population(), population()
    rest = rest.subset([0, 1, 3, 4])
    with torch.no_grad():
        many.weights[0][2] = np.inf
    broken = many.flat()[2]
    descent = FastSGD(many, learning_rate=0.1, momentum=momentum, chunk=chunk)
    others = FastSGD(rest, learning_rate=0.1, momentum=momentum)
    for step in range(4):
        inputs, labels = data(True, step)
        losses = descent.step(inputs, labels)
        assert not torch.isfinite(losses[2])
        assert torch.allclose(losses[[0, 1, 3, 4]], others.step(inputs, labels), rtol=1e-12)
    assert torch.equal(many.flat()[2], broken)
    assert all(torch.isfinite(velocity).all() for pair in descent.velocities for velocity in pair)
    assert torch.allclose(many.flat()[[0, 1, 3, 4]], rest.flat(), atol=1e-12)


def test_loaded_and_moved_parameters_are_trained():
    inputs, labels = data(True, 1)
    many, start = population(), population().flat()
    descent = FastSGD(many, learning_rate=0.1)
    descent.step(inputs, labels)
    after = many.flat()
    many.load_flat(start)
    descent.step(inputs, labels)
    assert torch.equal(many.flat(), after)
    for weight in many.weights:  # as Module.to() does
        weight.data = weight.data.clone()
    many.load_flat(start)
    descent.step(inputs, labels)
    assert torch.equal(many.flat(), after)


def test_it_can_be_copied_and_gone_on_with():
    descent = FastSGD(population(), learning_rate=0.1, momentum=0.9)
    descent.step(*data(True, 0))
    other = FastSGD(population(), learning_rate=0.1, momentum=0.9)
    other.population.load_flat(descent.population.flat())
    for mine, theirs in zip(other.velocities, copy.deepcopy(descent.velocities), strict=True):
        for one, value in zip(mine, theirs, strict=True):
            one.copy_(value)
    for step in (1, 2):
        assert torch.equal(descent.step(*data(True, step)), other.step(*data(True, step)))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_gpu_gives_the_same():
    here, there = population(), population().to("cuda")
    first = FastSGD(here, learning_rate=RATES, momentum=MOMENTA, weight_decay=DECAYS)
    second = FastSGD(there, learning_rate=RATES, momentum=MOMENTA, weight_decay=DECAYS)
    for step in range(5):
        inputs, labels = data(step % 2 == 0, step)
        assert torch.allclose(first.step(inputs, labels), second.step(inputs.cuda(), labels.cuda()).cpu(), atol=1e-10)
    assert (here.flat() - there.flat().cpu()).abs().max() < 1e-10


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"population": RaggedPopulation(6, [3], 4, seeds=1)}, TypeError, "must be a Population; got a RaggedPop"),
        ({"population": population(activation="erf")}, ValueError, "activation must be one of 'relu', 'leaky-relu'"),
        ({"learning_rate": -0.1}, ValueError, "learning_rate must be"),
        ({"learning_rate": np.nan}, ValueError, "learning_rate must be"),
        ({"learning_rate": [0.1, 0.2]}, ValueError, r"learning_rate must be one number, or one per network .*\(5,\)"),
        ({"momentum": -1.0}, ValueError, "momentum must be"),
        ({"momentum": "much"}, TypeError, "momentum must be"),
        ({"weight_decay": [[0.1]]}, ValueError, "weight_decay must be"),
        ({"loss": "hinge"}, ValueError, "loss must be one of"),
        ({"chunk": 0}, ValueError, "chunk must be"),
    ],
)
def test_bad_settings_are_named(change, error, match):
    with pytest.raises(error, match=match):
        FastSGD(**({"population": population(), "learning_rate": 0.1} | change))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 9), max_size=4).map(tuple), st.integers(-3, 6))
def test_data_that_do_not_fit_are_named_before_anything_moves(shape, label):
    many = population()
    start, descent = many.flat(), FastSGD(many, learning_rate=0.1)
    with pytest.raises(ValueError, match="inputs must"):
        descent.step(torch.zeros((*shape, 0), dtype=DOUBLE), torch.zeros(0, dtype=torch.int64))
    if not 0 <= label < CLASSES:
        with pytest.raises(ValueError, match="labels must be classes"):
            descent.step(torch.zeros(FEATURES, 2, dtype=DOUBLE), torch.tensor([0, label]))
    with pytest.raises(ValueError, match="inputs must be finite"):
        descent.advance(torch.full((FEATURES, 2), np.nan, dtype=DOUBLE), torch.tensor([0, 1]))
    with pytest.raises(TypeError, match="precision"):
        descent.step(torch.zeros(FEATURES, 2), torch.tensor([0, 1]))
    assert torch.equal(many.flat(), start)
