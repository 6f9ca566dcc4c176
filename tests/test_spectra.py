"""Ends of spectra, traces and densities from products alone, against what is exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_networks import Matrices, data, population, random_matrices

from course_utils.measure import spectra
from course_utils.measure.curvature import Curvature, sharpness
from course_utils.measure.statistics import estimate


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


# --- bad input


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


def test_what_is_no_operator_is_named():
    with pytest.raises(TypeError, match="operator must have times"):
        spectra.extremes(population(), seed=1)
