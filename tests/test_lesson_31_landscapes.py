"""Lesson 31's landscapes: the spherical glass, its level points, and descents in both kinds of glass."""

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.dynamics import greedy, sphere
from course_utils.measure import critical_points, scaling
from course_utils.measure.statistics import estimate
from course_utils.models import SphericalGlasses, SpinGlass
from course_utils.seeding import generator
from course_utils.theory import auffinger2013, cugliandolo1993

# --- models.p_spin


def test_the_landscape_has_the_covariance_that_was_asked_for():
    glasses = SphericalGlasses.draw(4000, 4, seed=1)
    rng = np.random.default_rng(2)
    x, y = glasses.project(rng.normal(size=(2, 4)))
    energies = 4 * glasses.energy(np.broadcast_to([x, y], (4000, 2, 4)))
    assert abs(estimate(energies[:, 0] ** 2).z(4.0)) < 4
    assert abs(estimate(energies[:, 0] * energies[:, 1]).z(4 * (x @ y / 4) ** 3)) < 4
    assert estimate(energies[:, 0] ** 2).error < 0.15


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 7), st.integers(0, 99))
def test_force_and_curvature_are_the_slope_and_its_slope(size, seed):
    glasses = SphericalGlasses.draw(2, size, seed=seed)
    points = glasses.start(3, seed=seed)
    force, matrix = glasses.force(points), glasses.curvature(points)
    rng = np.random.default_rng(seed)
    way = rng.normal(size=points.shape)
    way -= (way * points).sum(-1, keepdims=True) / size * points
    step = 1e-4

    def height(t):
        return size * glasses.energy(glasses.project(points + t * way))

    slope = (height(step) - height(-step)) / (2 * step)
    assert slope == pytest.approx(-(force * way).sum(-1), abs=1e-5)
    bend = (height(step) - 2 * height(0) + height(-step)) / step**2
    assert bend == pytest.approx(np.einsum("grj,grjk,grk->gr", way, matrix, way), abs=1e-4)
    assert (force * points).sum(-1) == pytest.approx(0, abs=1e-9)
    assert glasses.energy(-points) == pytest.approx(-glasses.energy(points))


def test_curvatures_leave_out_the_direction_of_the_point():
    glasses = SphericalGlasses.draw(2, 6, seed=3)
    points = glasses.start(4, seed=4)
    found = glasses.curvatures(points)
    assert found.shape == (2, 4, 5)
    assert found.sum(-1) == pytest.approx(np.trace(glasses.curvature(points), axis1=-2, axis2=-1))


def test_some_of_the_glasses_and_the_globe():
    glasses = SphericalGlasses.draw(5, 3, seed=5)
    assert np.array_equal(glasses.select([3]).couplings[0], glasses.couplings[3])
    east, north, heights = glasses.globe(3)
    assert heights.shape == (north.size, east.size)
    pole = 3**0.5 * np.array([[[0, 0, 1.0]]])
    assert heights[-1] == pytest.approx(glasses.select([3]).energy(pole)[0, 0])
    assert repr(glasses) == "SphericalGlasses(5 of 3 spins)"


def test_the_globe_has_the_angles_that_its_drawing_takes():
    """A point's longitude is arctan2(y, x), its latitude arcsin(z): see `plots.globe`."""
    glasses = SphericalGlasses.draw(2, 3, seed=5)
    east, north, heights = glasses.globe(1)
    for row, column in ((20, 130), (45, 10), (70, 95)):
        a, b = east[column], north[row]
        point = 3**0.5 * np.array([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])
        assert heights[row, column] == pytest.approx(glasses.select([1]).energy(point[None, None])[0, 0])
    marks = critical_points.find(glasses.select([1]), seed=1).by_name(0)
    deepest = min(glasses.select([1]).energy(marks["valley"][None])[0])
    row, column = np.unravel_index(heights.argmin(), heights.shape)
    assert heights.min() == pytest.approx(deepest, abs=0.01)
    angles = np.arctan2(marks["valley"][:, 1], marks["valley"][:, 0]), np.arcsin(marks["valley"][:, 2] / 3**0.5)
    assert min(np.hypot(angles[0] - east[column], angles[1] - north[row])) < 0.05


def test_starts_lie_evenly_on_the_sphere():
    """Its fourth moment is 3 N / (N + 2); corners of a cube, stretched onto the sphere, have less."""
    points = SphericalGlasses.draw(2, 6, seed=1).start(4000, seed=2)
    fourth = estimate((points**4).mean((0, 2)))
    assert abs(fourth.z(18 / 8)) < 4
    assert fourth.error < 0.02


@pytest.mark.parametrize("tied", ["gij,gk->gijk", "gjk,gi->gijk", "gik,gj->gijk"])
def test_couplings_must_be_symmetric_in_all_three_axes(tied):
    pair, one = np.array([[[1.0, 2.0], [2.0, -1.0]]]), np.array([[0.5, 1.5]])
    with pytest.raises(ValueError, match="couplings must be symmetric"):
        SphericalGlasses(np.einsum(tied, pair, one))


# --- measure.critical_points


@pytest.mark.parametrize("size", [3, 4])
def test_all_level_points_are_found_and_counted(size):
    """Against Kac and Rice; a step without its constraint, or a lost opposite point, fails this."""
    found = critical_points.find(SphericalGlasses.draw(150, size, seed=size), seed=10 + size)
    exact = auffinger2013.critical_points(size)
    assert found.complete.all()
    assert abs(estimate(found.counts.sum(1)).z(exact.sum())) < 4
    assert abs(estimate(found.counts[:, 0]).z(exact[0])) < 4
    assert np.array_equal(found.counts, found.counts[:, ::-1])
    assert (critical_points.signed_count(found.counts) == 2 * (size % 2)).all()


def test_more_starts_find_no_more():
    glasses = SphericalGlasses.draw(60, 5, seed=6)
    few, many = critical_points.find(glasses, seed=1), critical_points.find(glasses, starts=400, seed=2)
    assert (few.counts == many.counts).all(1).mean() > 0.97


def test_what_is_found_is_level_and_has_its_index():
    glasses = SphericalGlasses.draw(10, 4, seed=7)
    found = critical_points.find(glasses, seed=8)
    for k, (points, energies, indices) in enumerate(zip(found.points, found.energies, found.indices, strict=True)):
        one = glasses.select([k])
        assert one.force(points[None]) == pytest.approx(0, abs=1e-7)
        assert one.energy(points[None])[0] == pytest.approx(energies)
        assert indices[energies.argmin()] == 0
        assert np.array_equal(np.bincount(indices, minlength=4), found.counts[k])
        assert sum(map(len, found.by_name(k).values())) == len(points)


def test_a_missing_pair_shows_for_odd_sizes_only():
    """For even N opposite points cancel, so that the signed count cannot tell."""
    for size, shows in ((3, True), (4, False)):
        found = critical_points.find(SphericalGlasses.draw(20, size, seed=size), seed=1)
        for counts in found.counts:
            counts[[0, -1]] -= 1
        assert (critical_points.signed_count(found.counts) != 2 * (size % 2)).all() == shows


def test_valleys_passes_and_summits_are_what_they_are_called():
    glasses = SphericalGlasses.draw(8, 3, seed=11)
    found = critical_points.find(glasses, seed=12)
    for k in range(8):
        named = found.by_name(k)
        ways = {name: glasses.select([k]).curvatures(points[None])[0] for name, points in named.items()}
        assert (ways["valley"] > 0).all()
        assert (ways["summit"] < 0).all()
        assert (ways["pass"].min(-1) * ways["pass"].max(-1) < 0).all()
        assert [len(named[name]) for name in ("valley", "pass", "summit")] == list(found.counts[k])


def test_a_search_that_was_cut_short_is_not_called_complete():
    """Three quiet searches are asked for; the first is never quiet."""
    assert not critical_points.find(SphericalGlasses.draw(6, 3, seed=13), rounds=3, seed=1).complete.any()


# --- dynamics.sphere and its theory


def test_descents_end_at_minima_and_never_climb():
    glasses = SphericalGlasses.draw(6, 20, seed=9)
    ends = sphere.descend(glasses, starts=4, steps=1500, step_size=0.1, seed=10)
    assert np.median(ends.slopes) < 1e-4
    settled = ends.slopes < 1e-3
    assert (glasses.curvatures(ends.points).min(-1)[settled] > 0).all()
    assert (np.diff(ends.history, axis=0) < 1e-5).all()
    assert ends.history[-1] == pytest.approx(ends.energies.mean(1))


def test_the_slope_that_is_left_is_a_root_mean_square():
    glasses = SphericalGlasses.draw(3, 16, seed=14)
    ends = sphere.descend(glasses, starts=4, steps=5, seed=15)
    assert ends.slopes == pytest.approx(np.linalg.norm(glasses.force(ends.points), axis=-1) / 4)


def test_an_interrupted_descent_keeps_the_glasses_that_were_finished(monkeypatch):
    real = sphere.interruptible

    calls = iter((False, True))

    def update():
        if next(calls):
            raise KeyboardInterrupt

    @contextmanager
    def interrupted(total, what):
        with real(total, what):
            yield SimpleNamespace(update=update)

    monkeypatch.setattr(sphere, "interruptible", interrupted)
    with pytest.warns(UserWarning, match="Descent: interrupted"):
        ends = sphere.descend(SphericalGlasses.draw(4, 8, seed=16), starts=3, steps=300, seed=17)
    assert ends.energies.shape == ends.slopes.shape == (2, 3)
    assert (ends.points.shape, ends.history.shape) == ((2, 3, 8), (301, 2))
    assert (ends.slopes < 0.1).all()


def test_early_descent_is_that_of_the_infinite_system():
    """Three sizes, extrapolated in 1/N; wrong by a factor in the memory or the noise, it misses by many errors."""
    exact, at = cugliandolo1993.descent(20), (3, 10, 20)
    sizes, seen = {16: 400, 32: 300, 64: 120}, {}
    for size, count in sizes.items():
        glasses = SphericalGlasses.draw(count, size, seed=size)
        seen[size] = sphere.descend(glasses, starts=8, steps=20, step_size=0.1, seed=size + 1).history
    for step in at:
        limit, _ = scaling.to_infinite_size(list(sizes), [estimate(seen[size][step]) for size in sizes], 1)
        assert limit.error < 0.006
        assert abs(limit.z(exact[step])) < 4


def test_the_infinite_system_starts_as_it_must_and_creeps_to_the_threshold():
    """By hand: the first force is 3 per spin squared, so e falls by 3 η less the turn of the sphere; later t^(-2/3)."""
    rate = 0.01
    first = cugliandolo1993.descent(1, step_size=rate)
    assert first == pytest.approx([0, -3 * rate], abs=5e-4)
    fine = cugliandolo1993.descent(1200, step_size=0.05)
    above = fine - auffinger2013.threshold_energy()
    assert np.log(above[400] / above[1200]) / np.log(3) == pytest.approx(2 / 3, abs=0.03)
    assert (np.diff(fine) < 0).all()
    assert above[-1] > 0


# --- dynamics.greedy


def test_descents_by_flips_end_where_no_flip_gains():
    glass = SpinGlass.draw(14, seed=3)
    ends = greedy.descend(glass, replicas=40, seed=4)
    heights = glass.energy(ends)
    for i in range(glass.sites):
        flipped = ends.copy()
        flipped[:, i] *= -1
        assert (glass.energy(flipped) >= heights - 1e-9).all()
    assert heights.min() == pytest.approx(glass.ground_energy)  # so small that one of 40 finds the bottom
    assert heights.max() > heights.min() + 0.1


def test_descents_by_flips_take_the_steepest_way():
    """Against a plain loop that tries every flip; the first flip that gains, or the least gain, ends elsewhere."""
    glass = SpinGlass.draw(12, seed=5)
    ends = greedy.descend(glass, replicas=25, seed=1)
    starts = generator(1).choice([-1.0, 1.0], (25, 12))
    signs = 1 - 2 * np.eye(12)
    for state, end in zip(starts, ends, strict=True):
        while (heights := glass.energy(state * signs)).min() < glass.energy(state[None])[0] - 1e-9:
            state = state * signs[heights.argmin()]
        assert np.array_equal(state, end)
    with pytest.raises(ValueError, match="replicas must be"):
        greedy.descend(glass, replicas=0, seed=1)
