"""The landscape of Müller and Brown: published places and energies, and the force in two precisions."""

import numpy as np
import pytest

from course_utils.models.mueller_brown import MuellerBrown

LANDSCAPE = MuellerBrown()


def test_valleys_and_passes_are_where_they_were_published():
    assert LANDSCAPE.minima.round(3).tolist() == [[-0.558, 1.442], [0.623, 0.028], [-0.05, 0.467]]
    assert LANDSCAPE.energy(LANDSCAPE.minima).round(2).tolist() == [-146.70, -108.17, -80.77]
    assert LANDSCAPE.saddles.round(3).tolist() == [[-0.822, 0.624], [0.212, 0.293]]
    assert LANDSCAPE.energy(LANDSCAPE.saddles).round(2).tolist() == [-40.66, -72.25]


def test_they_are_valleys_and_passes():
    for places, negative in ((LANDSCAPE.minima, 0), (LANDSCAPE.saddles, 1)):
        assert np.abs(LANDSCAPE.force(places)).max() < 1e-8
        eigenvalues = np.linalg.eigvalsh(LANDSCAPE.hessian(places))
        assert ((eigenvalues < 0).sum(axis=1) == negative).all()


def test_force_and_hessian_are_derivatives():
    points = np.random.default_rng(1).uniform([-1.5, -0.3], [1.0, 2.0], size=(50, 2))
    step = 1e-6
    for axis in (0, 1):
        move = np.eye(2)[axis] * step
        slope = (LANDSCAPE.energy(points + move) - LANDSCAPE.energy(points - move)) / (2 * step)
        assert LANDSCAPE.force(points)[:, axis] == pytest.approx(-slope, rel=1e-5, abs=1e-4)
        bend = -(LANDSCAPE.force(points + move) - LANDSCAPE.force(points - move)) / (2 * step)
        assert LANDSCAPE.hessian(points)[:, axis] == pytest.approx(bend, rel=1e-5, abs=1e-3)


def test_shapes_follow_the_points():
    assert LANDSCAPE.energy([0.0, 0.0]).shape == ()
    assert LANDSCAPE.force(np.zeros((3, 4, 2))).shape == (3, 4, 2)
    assert LANDSCAPE.hessian(np.zeros((5, 2))).shape == (5, 2, 2)


@pytest.mark.parametrize("position", [0.0, [1.0, 2.0, 3.0], [[1.0], [2.0]], [np.nan, 0.0], []])
def test_what_is_no_point_is_named(position):
    with pytest.raises(ValueError, match="position must be"):
        LANDSCAPE.force(position)
