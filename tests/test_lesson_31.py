"""Lesson 31's pieces: scatter from glass to glass, counted states, the knob, its drawing."""

import itertools

import numpy as np
import pytest

from course_utils import plots
from course_utils.dynamics import sphere
from course_utils.dynamics.tempering import temper
from course_utils.knobs import lesson_31
from course_utils.measure import critical_points, disorder, enumeration, scaling
from course_utils.measure.statistics import Estimate, estimate
from course_utils.models import SphericalGlasses, SpinGlass
from course_utils.theory import cugliandolo1993, guerra1996

# --- theory.guerra1996 and measure.disorder


@pytest.mark.parametrize("heat", [0.3, 0.7, 1.5])
def test_the_scatter_of_overlaps_is_exact_for_two_spins(heat):
    """One coupling, of variance 1/2: all averages are integrals over it."""
    z = np.linspace(-9, 9, 20001)
    weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    coupling = z / 2**0.5
    order = np.tanh(coupling / heat)
    square = (1 + order**2) / 2  # q² is 1 or 0, so q⁴ is the same
    energy = -coupling * order / 2
    thermal = weights @ (coupling**2 * (1 - order**2) / 4)
    mean = weights @ square
    expected = guerra1996.variance_over_glasses(
        heat,
        mean,
        mean,
        sites=2,
        energy_variance=weights @ energy**2 - (weights @ energy) ** 2,
        thermal_variance=thermal,
    )
    assert expected == pytest.approx(weights @ square**2 - mean**2, abs=1e-10)


def enumerated(glass, heat):
    weights = np.exp(-(glass.energies - glass.ground_energy) / heat)
    weights /= weights.sum()
    energies, states = glass.energies / glass.sites, glass.states().astype(float)
    pair = np.einsum("n,ni,nj->ij", weights, states, states)
    second = (pair**2).sum() / glass.sites**2
    four = np.einsum("n,ni,nj,nk,nl->ijkl", weights, states, states, states, states, optimize=True)
    mean = weights @ energies
    return second, (four**2).sum() / glass.sites**4, mean, weights @ energies**2 - mean**2


def test_the_scatter_of_overlaps_is_exact_for_six_spins():
    seen = np.array([enumerated(SpinGlass.draw(6, seed=700 + k), 0.5) for k in range(1500)])

    def excess(rows):
        square, fourth, energy, thermal = rows.T
        return square.var(ddof=1) - guerra1996.variance_over_glasses(
            0.5, square.mean(), fourth.mean(), sites=6, energy_variance=energy.var(ddof=1),
            thermal_variance=thermal.mean(),
        )  # fmt: skip

    parts = np.array([float(excess(rows)) for rows in np.split(seen, 30)])
    assert abs(estimate(parts).z(0)) < 4
    third = (seen[:, 1].mean() - seen[:, 0].mean() ** 2) / 3
    assert estimate(parts).error < 0.1 * third  # so that the other terms are seen, too
    assert abs(third - seen[:, 0].var(ddof=1)) > 4 * estimate(parts).error


def test_scatter_from_a_simulation_is_that_of_enumeration():
    glasses = [SpinGlass.draw(8, seed=800 + k) for k in range(60)]
    run = temper(glasses, [1.5, 1.0, 0.7, 0.5], sweeps=800, seed=3)
    exact = np.array([enumerated(glass, 0.5) for glass in glasses])
    got = disorder.fluctuations(run.energies[:, -1], run.overlaps[:, -1], lambda *means, **variances: 0.0)
    assert got.overlap.mean == pytest.approx(exact[:, 0].var(ddof=1), rel=0.08)
    assert got.energy.mean == pytest.approx(exact[:, 2].var(ddof=1), rel=0.05)
    assert got.unexplained == got.overlap


def test_noise_of_measuring_is_no_scatter():
    """All glasses alike: a variance of means would show the noise of the short runs; a covariance does not."""
    rng = np.random.default_rng(4)
    seen = disorder.fluctuations(rng.normal(size=(400, 2, 4)), rng.uniform(-1, 1, (400, 4)), lambda *a, **k: 0.0)
    assert abs(seen.energy.z(0)) < 4
    assert abs(seen.overlap.z(0)) < 4
    assert seen.overlap.error < 0.01


def test_a_theory_of_scatter_is_given_the_averages_by_their_names():
    rng, seen = np.random.default_rng(5), []
    energies = rng.normal(size=(40, 1, 1)) + rng.normal(size=(40, 2, 6))
    overlaps = rng.uniform(-1, 1, (40, 6))

    def theory(second, fourth, *, energy_variance, thermal_variance):
        seen.append((second, fourth, energy_variance, thermal_variance))
        return 0.25

    found = disorder.fluctuations(energies, overlaps, theory)
    first, other = energies.mean(2).T
    # the square of a mean, without the noise of measuring it, is the product of two copies' means
    wanted = (overlaps**2).mean(), (overlaps**4).mean(), np.cov(first, other)[0, 1], (energies**2).mean()
    assert seen[0] == pytest.approx((*wanted[:3], wanted[3] - (first * other).mean()))
    assert found.unexplained.mean == pytest.approx(found.overlap.mean - 0.25)
    assert found.unexplained.error == pytest.approx(found.overlap.error)


def test_a_line_to_infinite_size_weighs_each_size_by_its_error():
    """Least squares by the normal equations; sizes that are known better pull more."""
    sizes, errors, means = np.array([8.0, 16.0, 64.0]), np.array([0.05, 0.2, 0.1]), np.array([1.0, 1.4, 0.9])
    limit, slope = scaling.to_infinite_size(sizes, [Estimate(m, e, 9) for m, e in zip(means, errors, strict=True)], 1)
    rows = np.stack([np.ones(3), 1 / sizes], -1) / errors[:, None]
    spread = np.linalg.inv(rows.T @ rows)
    assert (limit.mean, slope) == pytest.approx(spread @ rows.T @ (means / errors))
    assert limit.error == pytest.approx(spread[0, 0] ** 0.5)


def test_a_straight_line_leads_to_infinite_size():
    values = [Estimate(2 + 3 * n**-0.5, 0.1 * k, 5) for k, n in enumerate((10, 20, 40), start=1)]
    limit, slope = scaling.to_infinite_size([10, 20, 40], values, 0.5)
    assert (limit.mean, slope, limit.n) == (pytest.approx(2), pytest.approx(3), 15)


# --- the knob


@pytest.mark.parametrize(("glass", "heat"), [(1, 0.5), (3, 0.4), (10, 0.35)])
def test_the_panels_equilibrium_is_equilibrium(glass, heat):
    """Against a run of another ladder, four times as long."""
    ladder = [*np.geomspace(2.2, heat * 1.1, 11), heat]
    long = temper(SpinGlass.draw(64, seed=3100 + glass), ladder, sweeps=8000, seed=5).overlaps[0, -1]
    blocks = (np.abs(long) < lesson_31.MIDDLE).reshape(16, -1).mean(1)
    short = (np.abs(lesson_31.equilibrium(glass, heat)) < lesson_31.MIDDLE).reshape(10, -1).mean(1)
    difference = estimate(short).mean - estimate(blocks).mean
    assert abs(difference) < 4 * np.hypot(estimate(short).error, estimate(blocks).error) + 0.01


def test_what_the_knob_shows():
    picture = lesson_31.two_copies(0.4, 3, 50)
    assert picture["overlap"] == pytest.approx((picture["first"] * picture["second"]).mean())
    width = lesson_31.EDGES[1] - lesson_31.EDGES[0]
    assert picture["equilibrium"].sum() * width == pytest.approx(1)
    assert picture["equilibrium"] == pytest.approx(picture["equilibrium"][::-1])
    hot, cold = (lesson_31.two_copies(heat, 3, 50)["energy per spin, mean of the cooled copies"] for heat in (1.5, 0.3))
    quick = lesson_31.two_copies(0.3, 3, 1)["energy per spin, mean of the cooled copies"]
    assert cold < quick < 0
    assert cold < hot < 0


def test_two_of_the_panels_glasses_are_unlike():
    assert lesson_31.share_unlike(10, 0.35) < 0.04
    assert lesson_31.share_unlike(3, 0.35) > 0.3
    assert lesson_31.share_unlike(3, 2.0) > 0.9


# --- plots.glasses


def test_the_drawing_moves_and_is_not_drawn_again():
    figure = plots.figure()
    first = plots.two_copies(figure, lesson_31.two_copies(1.5), None)
    picture = lesson_31.two_copies(0.4, 3)
    second = plots.two_copies(figure, picture, first)
    assert second is first
    assert first["here"].get_xdata().tolist() == [*picture["overlap"]] * 2
    assert [bar.get_height() for bar in first["bars"]] == pytest.approx(list(picture["pairs"]))


@pytest.mark.parametrize("run", [0, 1])
def test_no_portrait_is_cut_off_however_sharp_its_peak(run):
    wide, sharp = np.linspace(-0.9, 0.9, 400)[None], np.full((1, 400), 0.81)
    first, again = (sharp, wide) if run == 0 else (wide, sharp)
    edges = np.linspace(-1, 1, 41)
    drawn = plots.portraits(
        np.concatenate([first, wide, wide]), again, edges, ([0.0, 0.5], [0.2, 0.4]), spike=0.8, title="t"
    )
    highest = max(np.histogram(np.concatenate([one, -one]), edges, density=True)[0].max() for one in (first, again))
    panels = [axes for axes in drawn.axes if axes.get_title(loc="center").startswith("glass")]
    assert highest > 3
    assert all(axes.get_ylim()[1] > highest for axes in panels)


def test_powers_are_found_with_their_errors():
    rng = np.random.default_rng(6)
    sizes = np.array([32, 64, 128])
    found = []
    for _ in range(400):
        means = sizes**-0.7 * (1 + 0.05 * rng.normal(size=3))
        found.append(
            scaling.exponent(sizes, [Estimate(one, 0.05 * n**-0.7, 9) for one, n in zip(means, sizes, strict=True)])
        )
    powers = np.array([one.mean for one in found])
    assert abs(estimate(powers).z(-0.7)) < 4
    assert powers.std() == pytest.approx(found[0].error, rel=0.15)


def test_portraits_show_both_runs_and_the_average():
    edges = np.linspace(-1, 1, 5)
    overlaps, again = np.array([[0.9, 0.9], [0.6, 0.6]]), np.array([[0.1, 0.1]])
    line = (np.linspace(-1, 1, 5), np.ones(5))
    figure = plots.portraits(overlaps, again, edges, line, spike=0.7, title="message")
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == 2
    first, second = (patch.get_data().values for patch in shown[0].patches)
    assert list(first) == [1, 0, 0, 1]
    assert list(second) == [0, 1, 1, 0]


def test_the_globe_marks_what_it_is_told():
    glasses = SphericalGlasses.draw(1, 3, seed=5)
    marks = critical_points.find(glasses, seed=1).by_name(0)
    figure = plots.globe(*glasses.globe(0), marks, title="message")
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == [f"{name} ({len(points)})" for name, points in marks.items()]


G = SphericalGlasses.draw(2, 3, seed=1)
E, Q = np.zeros((3, 2, 4)), np.zeros((3, 4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SphericalGlasses(np.ones((1, 2, 2, 3))), "couplings must have shape"),
        (lambda: SphericalGlasses(np.arange(8.0).reshape(1, 2, 2, 2)), "couplings must be symmetric"),
        (lambda: SphericalGlasses.draw(1, 1, seed=1), "sites must be"),
        (lambda: SphericalGlasses.draw(1000, 100, seed=1), "glasses times spins"),
        (lambda: G.energy(np.ones((2, 1, 4))), "points must have shape"),
        (lambda: G.force(2 * np.ones((2, 1, 3))), "points must lie on the sphere"),
        (lambda: SphericalGlasses.draw(1, 4, seed=1).globe(0), "globe needs"),
        (lambda: G.start(0, seed=1), "starts must be"),
        (lambda: sphere.descend(G, starts=1, steps=0, seed=1), "steps must be"),
        (lambda: sphere.descend(G, starts=1, step_size=-0.1, seed=1), "step_size must be"),
        (lambda: critical_points.find(SphericalGlasses.draw(1, 9, seed=1), seed=1), "spins must be"),
        (lambda: critical_points.find(G, rounds=0, seed=1), "rounds must be"),
        (lambda: cugliandolo1993.descent(0), "steps must be"),
        (lambda: cugliandolo1993.descent(5, step_size=0.0), "step_size must be"),
        (lambda: guerra1996.variance_over_glasses(0.0, 0.1, 0.1), "temperature must be"),
        (lambda: guerra1996.variance_over_glasses(0.4, 1.1, 0.1), "mean_square_overlap must be"),
        (lambda: guerra1996.variance_over_glasses(0.4, 0.1, 0.1, sites=1), "sites must be"),
        (lambda: disorder.fluctuations(E[:, :1], Q, max), "energies must have shape"),
        (lambda: disorder.fluctuations(E[:2], Q[:2], max), "overlaps must hold"),
        (lambda: scaling.to_infinite_size([1, 2, 3], [1.0, 2.0, 3.0], 1), "values must hold"),
        (lambda: lesson_31.two_copies(0.1), "temperature must be"),
        (lambda: lesson_31.two_copies(0.4, 13), "glass must be"),
        (lambda: lesson_31.two_copies(0.4, 1, 401), "sweeps must be"),
        (lambda: plots.portraits(Q[:2], Q, [0, 0.5, 1], ([0], [0]), spike=0.5, title="t"), "measured again must be"),
        (lambda: plots.globe(*G.globe(0), {"hole": np.ones((1, 3))}, title="t"), "points must be named"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_symmetric_couplings_pass():
    tensor = sum(np.arange(27.0).reshape(3, 3, 3).transpose(order) for order in itertools.permutations(range(3)))
    assert SphericalGlasses(tensor[None]).sites == 3


# --- measure.enumeration


def test_entropy_is_that_of_the_probabilities():
    glass = SpinGlass.draw(7, seed=8)
    heat = np.array([0.3, 1.0])
    chances = np.exp(-glass.energies / heat[:, None])
    chances /= chances.sum(1, keepdims=True)
    assert enumeration.entropy(glass, heat) == pytest.approx(-(chances * np.log(chances)).sum(1) / 7)
    with pytest.raises(ValueError, match="temperatures must"):
        enumeration.entropy(glass, [0.0])
