"""Curvature beside curvlinops, where it is installed: products, trace, largest eigenvalue and spectral density."""

import numpy as np
import pytest
import torch
from read_networks import data, population
from scipy.sparse.linalg import eigsh

from course_utils.measure import spectra
from course_utils.measure.curvature import Curvature

curvlinops = pytest.importorskip("curvlinops")

LOSSES = {"cross-entropy": torch.nn.CrossEntropyLoss(), "mse": torch.nn.MSELoss()}
CASES = pytest.mark.parametrize(
    ("activation", "loss"),
    [("tanh", "cross-entropy"), ("relu", "cross-entropy"), ("erf", "mse"), ("leaky-relu", "mse"), ("quadratic", "mse")],
)


def both(activation="tanh", loss="cross-entropy"):
    """Our Hessians of three networks, and theirs, one after the other; the inputs come in two batches there."""
    networks, (inputs, labels) = population(activation=activation, sizes=(5, 12, 4, 3)), data(batch=40)
    wanted = labels if loss == "cross-entropy" else torch.nn.functional.one_hot(labels, 3).double()
    batches = list(zip(inputs.T.split(20), wanted.split(20), strict=True))
    theirs = []
    for k in range(3):
        network = networks.network(k)
        theirs.append(curvlinops.HessianLinearOperator(network, LOSSES[loss], list(network.parameters()), batches))
    return Curvature(networks, inputs, labels, loss=loss), theirs


@CASES
def test_products_are_theirs(activation, loss):
    ours, theirs = both(activation, loss)
    vectors = torch.from_numpy(np.random.default_rng(1).standard_normal((4, 3, ours.parameters)))
    expected = torch.stack([(one @ vectors[:, k].T.contiguous()).T for k, one in enumerate(theirs)], 1)
    assert (ours.times(vectors) - expected).abs().max() < 1e-12 * expected.abs().max()


@CASES
def test_the_largest_eigenvalue_is_theirs(activation, loss):
    ours, theirs = both(activation, loss)
    found = spectra.extremes(ours, tolerance=1e-6, seed=1)
    for k, one in enumerate(theirs):
        scipy = one.to_scipy()
        for which, value in (("LA", found.largest[k]), ("SA", found.smallest[k])):
            expected = eigsh(scipy, k=1, which=which, tol=1e-10, return_eigenvectors=False)[0]
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-9 * found.largest[k])


def test_the_trace_is_theirs():
    ours, theirs = both()
    found = spectra.trace(ours, products=90, seed=1)
    torch.manual_seed(1)
    for one, estimate in zip(theirs, found, strict=True):
        exact = float(torch.trace(one @ torch.eye(ours.parameters, dtype=torch.float64)))
        assert abs(estimate.z(exact)) < 4
        plain = [float(curvlinops.hutchinson_trace(one, num_matvecs=30)) for _ in range(4)]
        assert abs(np.mean(plain) - estimate.mean) < 4 * np.hypot(np.std(plain, ddof=1) / 2, estimate.error)


def test_the_spectral_density_is_theirs():
    ours, theirs = both()
    steps, ends = 30, ours.spectrum()[0][[0, -1]].tolist()
    torch.manual_seed(1)
    runs = [
        curvlinops.lanczos_approximate_spectrum(theirs[0], steps, num_points=60, boundaries=tuple(ends), kappa=1.2)
        for _ in range(20)
    ]
    grid, each = runs[0][0].numpy(), np.stack([density.numpy() for _, density in runs])
    # their Gaussians are so wide in units of half the grid
    width = 2 / (steps - 1) / np.sqrt(8 * np.log(1.2)) * (grid[-1] - grid[0]) / 2
    density = spectra.spectral_density(ours, probes=20, steps=steps, seed=1)
    probes = [spectra.SpectralDensity(density.nodes[:, [i]], density.weights[:, [i]]) for i in range(20)]
    own = np.stack([probe.smooth(grid, width=width)[0] for probe in probes])
    error = np.sqrt((own.var(0, ddof=1) + each.var(0, ddof=1)) / 20)
    seen = own.mean(0) > 0.03 * own.mean(0).max()
    assert seen.sum() > 10
    assert (np.abs(own.mean(0) - each.mean(0)) < 4 * error)[seen].all()
    assert (error < 0.5 * own.mean(0))[seen].all()
