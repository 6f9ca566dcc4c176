"""Planes: every point is the loss of the network that stands there; a path's components have their null."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from read_networks import at, data, population

from course_utils.measure import evaluation, planes
from course_utils.measure.statistics import estimate
from course_utils.models.networks import Population
from course_utils.theory import antognini2018


def directions(networks, seed=3):
    return [planes.filter_normalised(networks, seed=seed), planes.filter_normalised(networks, seed=seed + 1)]


@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "tanh", "erf", "quadratic"])
@pytest.mark.parametrize("sizes", [(5, 6, 3), (5, 6, 4, 3), (5, 3)])
def test_every_point_of_a_plane_is_the_loss_of_its_network(activation, sizes):
    networks, (inputs, labels) = population(activation=activation, sizes=sizes), data()
    d, along, across = directions(networks), np.array([-1.0, 0.0, 0.4]), np.array([-0.5, 0.0, 0.2, 2.0])
    found = planes.plane(networks, inputs, labels, directions=d, along=along, across=across)
    assert found.losses.shape == found.errors.shape == (3, 3, 4)
    for i, a in enumerate(along):
        for j, b in enumerate(across):
            there = at(networks, networks.flat() + a * d[0] + b * d[1])
            assert found.losses[:, i, j] == pytest.approx(there.losses(inputs, labels).detach().numpy(), rel=1e-12)
            assert found.errors[:, i, j] == pytest.approx(1 - there.accuracies(inputs, labels).numpy(), abs=1e-12)


@pytest.mark.parametrize("kind", ["own data", "mse", "own targets"])
def test_planes_with_own_data_and_squared_errors(kind):
    networks, (inputs, labels) = population(), data(networks=None if kind == "mse" else 3)
    loss = "cross-entropy" if kind == "own data" else "mse"
    if kind == "own targets":
        labels = torch.from_numpy(np.random.default_rng(5).standard_normal((3, 3, 20)))
    d = directions(networks)
    found = planes.plane(networks, inputs, labels, directions=d, along=[0.0, 0.7], loss=loss)
    there = at(networks, networks.flat() + 0.7 * d[0])
    assert found.losses[:, 1, 0] == pytest.approx(there.losses(inputs, labels, loss).detach().numpy(), rel=1e-12)
    assert np.isnan(found.errors).all() == (kind == "own targets")


def test_the_batches_of_a_plane_leave_no_trace(monkeypatch):
    networks, (inputs, labels) = population(networks=5), data(networks=5)
    options = {"directions": directions(networks), "along": np.linspace(-1, 1, 7)}
    whole = planes.plane(networks, inputs, labels, **options)
    monkeypatch.setattr(evaluation, "_CACHE", 1000)
    monkeypatch.setattr(evaluation, "_MEMORY", 2 * 3 * 6 * 20)
    parts = planes.plane(networks, inputs, labels, **options)
    assert parts.losses == pytest.approx(whole.losses, rel=1e-12)
    assert parts.errors == pytest.approx(whole.errors)


def test_the_default_plane_has_51_points_a_side_in_single_precision():
    networks = Population((5, 6, 3), 1, seeds=1)
    inputs, labels = data()
    d = directions(networks)
    found = planes.plane(networks.network(0), inputs.float(), labels, directions=d)
    assert found.losses.shape == (1, 51, 51)
    assert found.along[[0, 25, 50]] == pytest.approx([-1, 0, 1])
    assert found.losses[0, 25, 25] == pytest.approx(networks.losses(inputs.float(), labels).item(), rel=1e-6)


def test_networks_that_say_the_same_for_all_classes_answer_as_argmax_does():
    networks, (inputs, labels) = population(), data()
    networks.load_flat(torch.zeros_like(networks.flat()))
    d = [torch.zeros_like(networks.flat())] * 2
    found = planes.plane(networks, inputs, labels, directions=d, along=[0.0])
    assert found.errors.ravel() == pytest.approx(1 - networks.accuracies(inputs, labels).numpy())


def test_filters_of_a_direction_are_as_long_as_the_networks():
    networks = population()
    with torch.no_grad():
        networks.weights[0][1, 2] = 0.0  # a unit without weights stays without
    direction = at(networks, planes.filter_normalised(networks, seed=1))
    for own, drawn in zip(networks.weights, direction.weights, strict=True):
        assert (own.norm(dim=2) - drawn.norm(dim=2)).abs().max() < 1e-14
    assert all((bias == 0).all() for bias in direction.biases)
    assert torch.equal(direction.flat(), planes.filter_normalised(networks, seed=1))
    assert not torch.equal(direction.flat(), planes.filter_normalised(networks, seed=2))
    # the ways are those of Gaussians: no weight is preferred
    drawn = planes.filter_normalised(Population((50, 400, 2), 1, scale=1.0, dtype=torch.float64, seeds=1), seed=4)
    assert abs(estimate(drawn[0, :20_000].numpy()).z(0.0)) < 4


def test_filter_normalised_planes_of_a_rescaled_network_are_the_same():
    """The reason for the normalisation: W1 -> a W1, W2 -> W2 / a changes neither the function nor this plane."""
    networks, (inputs, labels) = Population((5, 6, 3), 2, dtype=torch.float64, seeds=1), data()
    other = networks.subset([0, 1])
    with torch.no_grad():
        other.weights[0].mul_(7.0)
        other.weights[1].div_(7.0)
    found = [
        planes.plane(one, inputs, labels, directions=directions(one), along=[-1.0, 0.3, 0.9])
        for one in (networks, other)
    ]
    assert found[0].losses == pytest.approx(found[1].losses, rel=1e-11)
    plain = torch.from_numpy(np.random.default_rng(1).standard_normal(tuple(networks.flat().shape)))
    moved = [at(one, one.flat() + plain).losses(inputs, labels) for one in (networks, other)]
    assert (moved[0] - moved[1]).abs().min() > 0.01


def test_an_interrupted_plane_keeps_what_it_has(monkeypatch):
    networks, (inputs, labels) = population(), data()
    real, calls = evaluation._outputs, iter(range(5))

    def outputs(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(evaluation, "_outputs", outputs)
    monkeypatch.setattr(evaluation, "_CACHE", 3 * 6 * 20 * 4)  # four points a product
    monkeypatch.setattr(evaluation, "_PARTS", 2)  # eight are scored together
    with pytest.warns(UserWarning, match="interrupted"):
        found = planes.plane(networks, inputs, labels, directions=directions(networks), along=np.linspace(-1, 1, 5))
    assert np.isfinite(found.losses).sum() == 3 * 16


# ---------------------------------------------------------------------------------------------------- trajectories


def test_components_of_a_path_in_a_plane_give_the_path_back():
    random = np.random.default_rng(1)
    frame = torch.from_numpy(np.linalg.qr(random.standard_normal((100, 2)))[0])
    places = torch.from_numpy(random.standard_normal((30, 2)) * [3.0, 0.5])
    path = places @ frame.T + 1.0
    found = planes.trajectory_components(path, components=3)
    assert found.explained.sum() == pytest.approx(1)
    assert found.explained[0, 2] == pytest.approx(0, abs=1e-12)
    back = found.coordinates[0, :, :2] @ found.directions[:2, 0].numpy() + found.centre[0].numpy()
    assert back == pytest.approx(path.numpy(), abs=1e-6)
    variances = np.linalg.svd((path - path.mean(0)).numpy(), compute_uv=False)[:2] ** 2
    assert found.explained[0, :2] == pytest.approx(variances / variances.sum())
    assert found.directions[:2].norm(dim=2).numpy() == pytest.approx(1)


def test_paths_of_a_population_are_taken_one_by_one():
    steps = torch.from_numpy(np.random.default_rng(2).standard_normal((12, 3, 40)))
    paths = steps.cumsum(0)
    found = planes.trajectory_components(paths, components=2)
    for k in range(3):
        alone = planes.trajectory_components(paths[:, k], components=2)
        assert found.explained[k] == pytest.approx(alone.explained[0])
        assert np.abs(found.coordinates[k]) == pytest.approx(np.abs(alone.coordinates[0]))


def test_random_walks_show_the_null():
    points, walks = 60, 40
    steps = np.random.default_rng(3).standard_normal((points, walks, 6000)).astype(np.float32)
    found = planes.trajectory_components(torch.from_numpy(steps).cumsum(0), components=4)
    assert found.null == pytest.approx(antognini2018.explained(4, points=60))
    for component in range(4):
        measured = estimate(found.explained[:, component])
        # 6000 dimensions are not infinitely many: shares differ by the order of points / dimensions
        assert abs(measured.mean - found.null[component]) < 4 * measured.error + 0.01 * found.null[component]
        assert measured.error < 0.01 * found.null[component]
    shapes = antognini2018.coordinates(2, points=60)
    for component in range(2):
        cosine = found.coordinates[:, :, component] @ shapes[:, component]
        lengths = np.linalg.norm(found.coordinates[:, :, component], axis=1)
        assert (np.abs(cosine) / lengths).min() > 0.98


def test_the_null_is_exact_for_its_covariance():
    for points in (2, 3, 10, 200):
        walk = np.tril(np.ones((points, points - 1)), -1)
        walk -= walk.mean(0)
        values = np.linalg.eigvalsh(walk @ walk.T)[::-1][: points - 1]
        assert antognini2018.explained(points - 1, points=points) == pytest.approx(values / values.sum(), rel=1e-9)
        shapes = antognini2018.coordinates(points - 1, points=points)
        assert shapes.T @ walk @ walk.T @ shapes == pytest.approx(np.diag(values), abs=1e-8 * values[0])
    assert antognini2018.explained(5, points=100_000) == pytest.approx(antognini2018.explained(5), rel=1e-6)
    assert antognini2018.explained(3) == pytest.approx([0.6079, 0.1520, 0.0675], abs=1e-4)
    assert antognini2018.explained(100_000).sum() == pytest.approx(1, abs=1e-5)


# --- bad input

NETWORKS, (X, Y) = population(), data()
D = directions(NETWORKS)
junk = st.sampled_from([None, "x", -1.0, float("nan"), [], {}, [None], "ab", 1j, [[[1.0]]], torch.zeros(2, 2)])
PLANE = {
    "networks": NETWORKS,
    "inputs": X,
    "labels": Y,
    "directions": D,
    "along": [0.0],
    "across": [0.0],
    "loss": "mse",
}
CALLS = {
    planes.plane: PLANE,
    planes.trajectory_components: {"trajectory": torch.eye(4), "components": 2},
    planes.filter_normalised: {"networks": NETWORKS, "seed": 1},
    antognini2018.explained: {"components": 2, "points": 5},
    antognini2018.coordinates: {"components": 2, "points": 5},
}


@pytest.mark.parametrize(("call", "name"), [(call, name) for call in CALLS for name in CALLS[call]])
@settings(max_examples=20, deadline=None)
@given(value=junk)
def test_bad_input_is_named(call, name, value):
    good = CALLS[call]
    if (name == "across" or call is antognini2018.explained) and value is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((TypeError, ValueError), match=name):
            call(**(good | {name: value}))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: planes.plane(NETWORKS, X, Y, directions=D[:1]), "directions must be two"),
        (lambda: planes.plane(NETWORKS, X, Y, directions=[D[0], D[1][:2]]), r"directions\[1\] must have shape"),
        (lambda: planes.plane(NETWORKS, X, Y, directions=[D[0], D[1] / 0]), r"directions\[1\] must hold finite"),
        (lambda: planes.plane(NETWORKS, X, Y + 3, directions=D), "labels must be classes"),
        (lambda: planes.trajectory_components(torch.zeros(5, 9)), "trajectory must move"),
        (lambda: planes.trajectory_components(torch.zeros(1, 9)), "trajectory must have more records"),
        (lambda: antognini2018.explained(5, points=5), "components must be"),
    ],
)
def test_what_does_not_fit_is_named(run, words):
    with pytest.raises((TypeError, ValueError), match=words):
        run()
