"""Potentials on a line: energies, forces, and the places where the force is zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.double_well import DoubleWell, Quartic, Trap

coefficient = st.floats(-5, 5)


@given(st.tuples(*[coefficient] * 5), st.floats(-3, 3))
def test_force_is_minus_the_slope_of_the_energy(coefficients, x):
    potential = Quartic(*coefficients)
    step = 1e-4
    slope = (potential.energy(x + step) - potential.energy(x - step)) / (2 * step)
    assert potential.force(x) == pytest.approx(-slope, abs=1e-5)
    bend = -(potential.force(x + step) - potential.force(x - step)) / (2 * step)
    assert potential.curvature(x) == pytest.approx(bend, abs=1e-5)


@given(st.floats(0.1, 10), st.floats(-0.9, 0.9), st.floats(-2, 2))
def test_the_double_well_is_its_formula(barrier, fraction, x):
    tilt = fraction * 8 * barrier / 27**0.5
    well = DoubleWell(barrier, tilt)
    assert well.energy(x) == pytest.approx(barrier * (x**2 - 1) ** 2 + tilt * x)
    assert well.force(x) == pytest.approx(-4 * barrier * x * (x**2 - 1) - tilt)
    assert len(well.minima) == 2
    for place in (*well.minima, well.barrier_top):
        assert abs(well.force(place)) < 1e-9 * barrier
    assert well.minima[0] < well.barrier_top < well.minima[1]
    # A positive tilt lifts the right well.
    assert np.sign(np.diff(well.energy(well.minima)))[0] == np.sign(tilt) or abs(fraction) < 1e-9


def test_without_tilt_everything_is_known():
    well = DoubleWell(barrier=2.0)
    assert well.minima == pytest.approx((-1, 1))
    assert well.barrier_top == pytest.approx(0)
    assert well.curvature([-1, 0, 1]) == pytest.approx([16, -8, 16])
    assert well.energy(0) == 2.0


def test_a_strong_tilt_leaves_one_well_and_no_barrier():
    well = DoubleWell(barrier=1.0, tilt=1.6)
    assert len(well.minima) == 1
    assert well.minima[0] < -1
    with pytest.raises(ValueError, match=r"tilt must be between -1\.54 and 1\.54 .*; got 1\.6"):
        _ = well.barrier_top


def test_the_trap_and_the_plateau():
    trap = Trap(stiffness=3.0, centre=0.5)
    assert trap.minima == pytest.approx((0.5,))
    assert trap.energy([0.5, 1.5]) == pytest.approx([0, 1.5])
    plateau = Quartic()
    assert plateau.minima == plateau.maxima == ()
    assert plateau.force([1.0, 2.0]).tolist() == [0, 0]
    # A flat-bottomed well: the three roots of its force are one, and it has no curvature there.
    assert Quartic(quartic=1.0).minima == ()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: DoubleWell(barrier=0), "barrier"),
        (lambda: DoubleWell(barrier=-1.0), "barrier"),
        (lambda: DoubleWell(barrier=float("nan")), "barrier"),
        (lambda: DoubleWell(tilt=float("inf")), "tilt"),
        (lambda: Trap(stiffness=0.0), "stiffness"),
        (lambda: Quartic(cubic=float("nan")), "cubic"),
        (lambda: DoubleWell().energy([]), "position"),
        (lambda: DoubleWell().force([np.nan]), "position"),
    ],
)
def test_bad_values_are_named(make, name):
    with pytest.raises(ValueError, match=name):
        make()


@given(st.one_of(st.text(), st.none(), st.booleans(), st.lists(st.integers(), max_size=2)))
def test_wrong_types_are_named(value):
    with pytest.raises(TypeError, match="barrier must be"):
        DoubleWell(barrier=value)
    with pytest.raises(TypeError, match="tilt must be"):
        DoubleWell(tilt=value)
