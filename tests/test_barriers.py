"""Paths and barriers: every point is the loss of the network that stands there, and bending goes around."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from read_networks import at, data, population

from course_utils.measure import alignment, barriers, curved_paths, overlaps
from course_utils.models.networks import Population


def test_a_straight_path_is_the_loss_of_the_networks_on_it():
    networks, (inputs, labels) = population(networks=4), data()
    first, second = networks.subset([0, 1]), networks.subset([2, 3])
    path = barriers.straight_path(first, second, inputs, labels, points=5)
    for i, t in enumerate(path.places):
        there = at(first, (1 - t) * first.flat() + t * second.flat())
        assert path.losses[:, i] == pytest.approx(there.losses(inputs, labels).detach().numpy(), rel=1e-12)
        assert path.errors[:, i] == pytest.approx(1 - there.accuracies(inputs, labels).numpy(), abs=1e-12)
    back = barriers.straight_path(second, first, inputs, labels, points=5)
    assert back.losses == pytest.approx(path.losses[:, ::-1], rel=1e-12)
    assert back.barriers() == pytest.approx(path.barriers())
    from_one = barriers.straight_path(networks.network(0), second, inputs, labels, points=5)
    assert from_one.losses[0] == pytest.approx(path.losses[0])


def test_a_curved_path_is_the_loss_of_the_networks_on_it():
    networks, (inputs, labels) = population(networks=3), data()
    a, c, b = (networks.subset([k]) for k in range(3))
    path = curved_paths.curved_path(a, c, b, inputs, labels, points=5)
    for i, t in enumerate(path.places):
        there = at(a, (1 - t) ** 2 * a.flat() + 2 * t * (1 - t) * c.flat() + t**2 * b.flat())
        assert path.losses[:, i] == pytest.approx(there.losses(inputs, labels).detach().numpy(), rel=1e-12)
    middle = at(a, (a.flat() + b.flat()) / 2)
    straight = barriers.straight_path(a, b, inputs, labels, points=5)
    assert curved_paths.curved_path(a, middle, b, inputs, labels, points=5).losses == pytest.approx(straight.losses)


def test_a_linear_network_with_squared_error_has_no_barrier():
    networks, (inputs, labels) = population(sizes=(5, 3)), data()
    path = barriers.straight_path(networks.subset([0, 1]), networks.subset([1, 2]), inputs, labels, loss="mse")
    assert (np.diff(path.losses, 2) > 0).all()  # convex
    assert path.barriers() == pytest.approx(0)


def test_the_barrier_is_measured_above_the_line_between_the_ends():
    places = np.linspace(0, 1, 5)
    path = barriers.Path(places, np.array([[1.0, 2.0, 5.0, 3.0, 3.0]]), np.array([[0.0, 0.1, 0.4, 0.1, 0.2]]))
    assert path.barriers() == pytest.approx([3.0])
    assert path.error_barriers() == pytest.approx([0.3])


def test_barriers_of_all_pairs():
    networks, (inputs, labels) = population(networks=4, sizes=(5, 12, 3), activation="relu"), data()
    found = barriers.pair_barriers(networks, inputs, labels, points=7)
    assert np.array_equal(found, found.T)
    assert (np.diag(found) == 0).all()
    path = barriers.straight_path(networks.network(1), networks.network(3), inputs, labels, points=7)
    assert found[1, 3] == pytest.approx(path.barriers()[0])
    assert overlaps.pair_mean(found).n == 4


def test_alignment_takes_a_planted_barrier_away():
    networks, inputs = population(networks=1, sizes=(5, 12, 3), activation="relu"), data()[0]
    labels = networks(inputs).argmax(1)[0]  # what the network says is right, and it is sure of it
    with torch.no_grad():
        networks.weights[1].mul_(10.0)
    random = np.random.default_rng(3)
    copies = alignment.permuted(networks.subset([0] * 4), [np.stack([random.permutation(12) for _ in range(4)])])
    assert barriers.pair_barriers(copies, inputs, labels)[np.triu_indices(4, 1)].min() > 0.01
    assert barriers.pair_barriers(copies, inputs, labels, align="weights") == pytest.approx(0, abs=1e-12)


def test_bending_goes_around_a_barrier():
    # two copies with their hidden units in other places: the same function, a barrier in between
    networks, inputs = population(networks=1, sizes=(5, 12, 3), activation="relu"), data(batch=60)[0]
    labels = networks(inputs).argmax(1)[0]
    with torch.no_grad():
        networks.weights[1].mul_(10.0)
    random = np.random.default_rng(3)
    copies = alignment.permuted(networks.subset([0] * 4), [np.stack([random.permutation(12) for _ in range(4)])])
    first, second = copies.subset([0, 1]), copies.subset([2, 3])
    straight = barriers.straight_path(first, second, inputs, labels)
    control = curved_paths.bend(first, second, inputs, labels, steps=300, learning_rate=0.02, seed=1)
    bent = curved_paths.curved_path(first, control, second, inputs, labels)
    assert bent.losses[:, [0, -1]] == pytest.approx(straight.losses[:, [0, -1]], rel=1e-12)
    assert (bent.barriers() < 0.3 * straight.barriers()).all()
    again = curved_paths.bend(first, second, inputs, labels, steps=20, batch_size=10, seed=2)
    assert torch.equal(
        again.flat(), curved_paths.bend(first, second, inputs, labels, steps=20, batch_size=10, seed=2).flat()
    )


def test_the_slope_of_a_bent_path_is_that_of_the_mean_loss():
    # Adam's first step has the size of the learning rate and the sign of the slope at the place that was drawn
    networks, (inputs, labels) = population(networks=3), data()
    a, b = networks.subset([0]), networks.subset([1])
    t = np.random.default_rng(4).random((1, 1))[0, 0]
    middle = ((a.flat() + b.flat()) / 2).requires_grad_()
    place = (1 - t) ** 2 * a.flat() + 2 * t * (1 - t) * middle + t**2 * b.flat()
    network = a.network(0)
    parts = dict(zip(dict(network.named_parameters()), (p.shape for p in network.parameters()), strict=True))
    pieces = place[0].split([shape.numel() for shape in parts.values()])
    named = {name: piece.view(shape) for (name, shape), piece in zip(parts.items(), pieces, strict=True)}
    outputs = torch.func.functional_call(network, named, (inputs.T,))
    slope = torch.autograd.grad(torch.nn.functional.cross_entropy(outputs, labels), middle)[0]
    found = curved_paths.bend(a, b, inputs, labels, steps=1, learning_rate=0.01, seed=4).flat()
    expected = middle.detach() - 0.01 * slope / (slope.abs() + 1e-8)
    assert (found - expected).abs().max() < 1e-12


def test_interrupted_bending_returns_how_far_it_came(monkeypatch):
    networks, (inputs, labels) = population(networks=2), data()
    real, calls = Population.losses, iter(range(5))

    def losses(*arguments, **options):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    five = curved_paths.bend(networks.network(0), networks.network(1), inputs, labels, steps=5, seed=1)
    monkeypatch.setattr(Population, "losses", losses)
    with pytest.warns(UserWarning, match="interrupted"):
        control = curved_paths.bend(networks.network(0), networks.network(1), inputs, labels, steps=50, seed=1)
    assert torch.equal(control.flat(), five.flat())


# --- bad input

NETWORKS, (X, Y) = population(), data()
junk = st.sampled_from([None, "x", -1.0, float("nan"), [], {}, [None], "ab", 1j, [[[1.0]]], torch.zeros(2, 2)])
PATH = {"first": NETWORKS, "second": NETWORKS, "inputs": X, "labels": Y, "points": 5, "loss": "mse"}
CURVE = PATH | {"control": NETWORKS}
BEND = {
    "first": NETWORKS, "second": NETWORKS, "inputs": X, "labels": Y, "steps": 1, "learning_rate": 0.1, "batch_size": 3,
    "loss": "mse", "seed": 1,
}  # fmt: skip
PAIRS = {"networks": NETWORKS, "inputs": X, "labels": Y, "align": None, "points": 5, "loss": "mse"}
CALLS = {
    barriers.straight_path: PATH,
    curved_paths.curved_path: CURVE,
    curved_paths.bend: BEND,
    barriers.pair_barriers: PAIRS,
}


@pytest.mark.parametrize(("call", "name"), [(call, name) for call in CALLS for name in CALLS[call]])
@settings(max_examples=20, deadline=None)
@given(value=junk)
def test_bad_input_is_named(call, name, value):
    good = CALLS[call]
    if name == "learning_rate" and isinstance(value, torch.Tensor):
        return
    if name in ("batch_size", "align") and value is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((TypeError, ValueError), match=name):
            call(**(good | {name: value}))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: barriers.straight_path(NETWORKS, population(sizes=(5, 3)), X, Y), "second must have the sizes"),
        (lambda: barriers.straight_path(NETWORKS, population(networks=2), X, Y), "second must be one network, or 3"),
        (lambda: barriers.straight_path(NETWORKS, NETWORKS, X, Y, points=2), "points must be"),
        (lambda: curved_paths.curved_path(NETWORKS, population(networks=2), NETWORKS, X, Y), "control must be 3"),
        (lambda: barriers.pair_barriers(NETWORKS.subset([0]), X, Y), "networks must be at least 2"),
        (lambda: barriers.pair_barriers(NETWORKS, *data(networks=3)), "inputs and labels must be shared"),
    ],
)
def test_what_does_not_fit_is_named(run, words):
    with pytest.raises((TypeError, ValueError), match=words):
        run()
