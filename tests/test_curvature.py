"""Curvature: products, full Hessians, ends of spectra, traces and densities against what is exact."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.measure import spectra
from course_utils.measure.curvature import Curvature, sharpness
from course_utils.measure.statistics import estimate
from course_utils.models.networks import Population

SIZES = (5, 4, 3, 3)


def data(batch=20, features=5, classes=3, seed=0, networks=None):
    random = np.random.default_rng(seed)
    shape = (features, batch) if networks is None else (networks, features, batch)
    inputs = torch.from_numpy(random.standard_normal(shape))
    return inputs, torch.from_numpy(random.integers(0, classes, shape[:-2] + shape[-1:]))


def population(activation="tanh", networks=3, sizes=SIZES, seed=1):
    return Population(sizes, networks, activation=activation, bias_scale=0.3, dtype=torch.float64, seeds=seed)


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


class Matrices:
    """Symmetric matrices as an operator."""

    def __init__(self, matrices):
        self.matrices = torch.as_tensor(np.asarray(matrices))
        self.networks, self.parameters = self.matrices.shape[:2]
        self.dtype, self.device = self.matrices.dtype, self.matrices.device

    def times(self, vectors):
        return torch.einsum("eij,...ej->...ei", self.matrices, vectors)


def random_matrices(networks=3, size=40, seed=5):
    random = np.random.default_rng(seed)
    half = random.standard_normal((networks, size, size))
    return half + half.swapaxes(1, 2)


# ------------------------------------------------------------------------------------ the Hessian and its products


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "tanh", "erf", "quadratic"])
@pytest.mark.parametrize("own", [False, True])
def test_the_full_hessian_is_that_of_autograd(activation, loss, own):
    networks = population(activation)
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
    networks, (inputs, labels) = population(activation), data()
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


# ----------------------------------------------------------------------------------------------- spectra by products


def test_the_ends_of_the_spectrum():
    networks, (inputs, labels) = population(sizes=(5, 20, 3), networks=4), data()
    curvature = Curvature(networks, inputs, labels)
    exact = curvature.spectrum()
    found = spectra.extremes(curvature, tolerance=1e-5, seed=1)
    assert found.largest == pytest.approx(exact[:, -1], rel=1e-9)
    assert found.smallest == pytest.approx(exact[:, 0], abs=1e-9 * exact.max())
    assert (found.largest_residual <= 1e-5 * np.abs(exact).max(1) * (1 + 1e-6)).all()
    assert found.steps < curvature.parameters
    assert sharpness(networks, inputs, labels, seed=2) == pytest.approx(exact[:, -1], rel=1e-5)


@pytest.mark.parametrize("ends", ["both", "largest", "smallest"])
def test_the_ends_of_random_matrices(ends):
    matrices = random_matrices()
    exact = np.linalg.eigvalsh(matrices)
    found = spectra.extremes(Matrices(matrices), ends=ends, seed=3)
    if ends != "smallest":
        assert found.largest == pytest.approx(exact[:, -1], rel=1e-5)
    if ends != "largest":
        assert found.smallest == pytest.approx(exact[:, 0], rel=1e-5)
    # a residual bounds the distance to the nearest eigenvalue
    nearest = np.abs(exact - found.largest[:, None]).min(1)
    assert (nearest <= found.largest_residual + 1e-12).all()


def test_exhausted_krylov_spaces_leave_the_others_alone():
    # ranks 1, 3 and 40 side by side; zero and the identity beside them
    random = np.random.default_rng(6)
    low, few = random.standard_normal((40, 1)), random.standard_normal((40, 3))
    matrices = np.stack([low @ low.T, -few @ few.T, random_matrices(1)[0], np.zeros((40, 40)), np.eye(40)])
    exact = np.linalg.eigvalsh(matrices)
    found = spectra.extremes(Matrices(matrices), tolerance=1e-6, seed=1)
    assert found.largest == pytest.approx(exact[:, -1], abs=1e-10)
    assert found.smallest == pytest.approx(exact[:, 0], abs=1e-10)
    density = spectra.spectral_density(Matrices(matrices), probes=4, steps=20, seed=2)
    assert density.weights.sum(-1) == pytest.approx(1)
    assert (density.nodes >= exact[:, :1, None] - 1e-10).all()
    assert (density.nodes <= exact[:, -1:, None] + 1e-10).all()


def test_too_few_steps_are_reported():
    with pytest.warns(RuntimeWarning, match="most_steps=4 were not enough for 3 of 3 networks"):
        found = spectra.extremes(Matrices(random_matrices()), most_steps=4, seed=1)
    assert found.steps == 4


def test_reorthogonalisation_leaves_no_ghosts():
    # one eigenvalue far out: without reorthogonalisation it would come back as a copy of itself
    matrix = np.diag(np.concatenate([np.linspace(0, 1, 199), [100.0]]))[None]
    density = spectra.spectral_density(Matrices(matrix), probes=2, steps=60, seed=1)
    assert ((density.nodes > 50).sum(-1) == 1).all()


def test_the_trace_is_right_on_average():
    matrices = random_matrices(networks=2, size=60)
    exact = np.trace(matrices, axis1=1, axis2=2)
    draws = [spectra.trace(Matrices(matrices), products=30, seed=seed) for seed in range(400)]
    for k in range(2):
        mean = estimate([one[k].mean for one in draws])
        assert abs(mean.z(exact[k])) < 4
        assert mean.error < 2.5
        scatter = np.std([one[k].mean for one in draws], ddof=1)
        claimed = np.sqrt(np.mean([one[k].error ** 2 for one in draws]))
        assert claimed == pytest.approx(scatter, rel=0.15)


def test_the_trace_of_a_low_rank_is_exact():
    few = np.random.default_rng(7).standard_normal((60, 5))
    estimate = spectra.trace(Matrices((few @ few.T)[None]), products=30, seed=1)[0]
    assert estimate.mean == pytest.approx(np.sum(few**2), rel=1e-10)
    assert estimate.error < 1e-10


def test_the_trace_of_networks():
    curvature = Curvature(population(sizes=(5, 20, 3)), *data())
    exact = curvature.spectrum().sum(1)
    for k, found in enumerate(spectra.trace(curvature, products=90, seed=1)):
        assert abs(found.z(exact[k])) < 4
        assert found.error < 0.08 * exact[k]


def test_the_quadrature_of_each_probe_is_exact_for_polynomials():
    matrices = random_matrices(networks=2, size=30)
    density = spectra.spectral_density(Matrices(matrices), probes=1, steps=3, seed=8)
    probe = np.random.default_rng(8).integers(0, 2, (1, 2, 30), dtype=np.int8)[0] * 2.0 - 1
    for power in range(6):  # three steps are exact up to the fifth power
        seen = np.einsum("ei,eij,ej->e", probe, np.linalg.matrix_power(matrices, power), probe) / 30
        assert (density.weights * density.nodes**power).sum(-1)[:, 0] == pytest.approx(seen, rel=1e-10)


def test_the_density_has_the_moments_of_the_spectrum():
    curvature = Curvature(population(sizes=(5, 20, 3)), *data())
    exact = curvature.spectrum()
    density = spectra.spectral_density(curvature, probes=200, steps=20, seed=4)
    for function in (lambda x: x, np.square, np.exp):
        for k, found in enumerate(density.mean(function)):
            assert abs(found.z(function(exact[k]).mean())) < 4
            assert found.error < 0.08 * abs(found.mean)
    grid = np.linspace(-1, 4, 2001)
    smooth = density.smooth(grid, width=0.05)
    assert smooth.shape == (3, 2001)
    assert np.trapezoid(smooth, grid) == pytest.approx(1, abs=0.01)


def test_probes_in_several_batches_are_the_same_probes(monkeypatch):
    matrices = Matrices(random_matrices(size=20))
    whole = spectra.spectral_density(matrices, probes=7, steps=5, seed=1)
    monkeypatch.setattr(spectra, "_MEMORY", 3 * 20 * 5 * 2)
    parts = spectra.spectral_density(matrices, probes=7, steps=5, seed=1)
    assert parts.nodes == pytest.approx(whole.nodes)


# ---------------------------------------------------------------------------------------------------- bad input

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
    ("call", "name"),
    [
        (spectra.extremes, "ends"),
        (spectra.extremes, "tolerance"),
        (spectra.extremes, "most_steps"),
        (spectra.trace, "products"),
        (spectra.spectral_density, "probes"),
        (spectra.spectral_density, "steps"),
        (spectra.extremes, "seed"),
        (spectra.trace, "seed"),
    ],
)
@settings(max_examples=20, deadline=None)
@given(value=st.one_of(st.sampled_from([float("nan"), -1, 0, "x", [], True, 1.5]), st.floats(max_value=-1e-3)))
def test_bad_settings_are_named(call, name, value):
    if name == "seed" and value == 0 and value is not False:
        return
    with pytest.raises((TypeError, ValueError), match=name):
        call(Matrices(random_matrices(size=10)), **({"seed": 1} | {name: value}))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: Curvature(NETWORKS, X, Y + 3), "labels must be classes from 0 to 2"),
        (lambda: Curvature(NETWORKS, X[:4], Y), "inputs must have shape"),
        (lambda: Curvature(NETWORKS, X, Y[:-1]), "labels must have shape"),
        (lambda: Curvature(NETWORKS, X * float("nan"), Y), "inputs must be finite"),
        (lambda: spectra.extremes(NETWORKS, seed=1), "operator must have times"),
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
