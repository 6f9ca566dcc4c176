"""First-passage times against the exact chain and the backward equation, within four standard errors."""

import numpy as np
import pytest

from course_utils.dynamics import escape
from course_utils.dynamics.escape import crossing_times, escape_times
from course_utils.dynamics.kernels import walkers as kernels
from course_utils.measure.escape import mean_time
from course_utils.measure.statistics import Estimate
from course_utils.models.double_well import DoubleWell, Quartic
from course_utils.models.mueller_brown import MuellerBrown
from course_utils.theory import kolmogorov1931, maruyama1955

WELL, LANDSCAPE = DoubleWell(), MuellerBrown()


@pytest.mark.parametrize(("temperature", "time_step"), [(0.5, 0.02), (0.25, 0.005)])
def test_escape_times_agree_with_the_chain(temperature, time_step):
    exact = maruyama1955.mean_time(WELL.force, start=-1.0, target=1.0, temperature=temperature, time_step=time_step)
    found = escape_times(
        WELL, start=-1.0, target=1.0, temperature=temperature, time_step=time_step, walkers=40_000,
        longest=30 * exact, seed=10,
    )  # fmt: skip
    assert found.censored == 0
    measured = mean_time(found)
    assert abs(measured.z(exact)) < 4
    # Half a percent: Kramers' formula is 20 % and 14 % away.
    assert measured.error < 0.006 * exact


def test_left_and_right_are_alike():
    tilted, mirrored = DoubleWell(tilt=0.2), DoubleWell(tilt=-0.2)
    options = {"temperature": 0.5, "time_step": 0.01, "walkers": 20_000, "longest": 1e3}
    right = mean_time(escape_times(tilted, start=-1.0, target=1.0, seed=11, **options))
    left = mean_time(escape_times(mirrored, start=1.0, target=-1.0, seed=12, **options))
    back = mean_time(escape_times(tilted, start=1.0, target=-1.0, seed=13, **options))
    assert abs(right.z(left)) < 4
    assert right.mean > 1.5 * back.mean


@pytest.mark.parametrize("time_step", [0.01, 0.1])
def test_leaving_a_plateau_takes_the_chain_its_time(time_step):
    exact = maruyama1955.mean_time(lambda x: 0 * x, start=0.5, target=(-1.0, 2.0), temperature=0.5, time_step=time_step)
    found = escape_times(
        Quartic(), start=0.5, target=(-1.0, 2.0), temperature=0.5, time_step=time_step, walkers=100_000, longest=200.0,
        seed=14,
    )  # fmt: skip
    measured = mean_time(found)
    assert abs(measured.z(exact)) < 4
    assert measured.error < 0.01


def test_censored_walkers_are_watched_to_the_end():
    found = escape_times(
        WELL, start=-1.0, target=1.0, temperature=0.3, time_step=0.01, walkers=20_000, longest=40.0, seed=15
    )
    assert 0.2 < found.censored / 20_000 < 0.5
    assert (found.times[~found.arrived] == 40.0).all()
    assert (found.times[found.arrived] <= 40.0).all()
    assert (found.times > 0).all()
    # The likelihood takes the law for exponential; the walk to the barrier makes it differ by about a percent.
    exact = maruyama1955.mean_time(WELL.force, start=-1.0, target=1.0, temperature=0.3, time_step=0.01)
    assert mean_time(found).mean == pytest.approx(exact, rel=0.04)


def test_arrival_times_do_not_depend_on_how_the_work_is_cut(monkeypatch):
    def times():
        return escape_times(
            WELL, start=-1.0, target=1.0, temperature=0.5, time_step=0.01, walkers=300, longest=300.0, seed=16
        ).times

    whole = times()
    monkeypatch.setattr(escape, "_LONGEST_CHUNK", 37)
    assert np.array_equal(whole, times())


def test_the_landscape_is_crossed_in_the_time_of_the_backward_equation():
    a, b, _ = LANDSCAPE.minima
    exact = kolmogorov1931.mean_time(
        LANDSCAPE.energy, start=a, target=b, radius=0.1, temperature=25.0, box=((-1.9, 1.3), (-0.6, 2.3))
    )
    found = crossing_times(
        LANDSCAPE, start=a, target=b, radius=0.1, temperature=25.0, time_step=1e-5, walkers=8000, longest=20.0, seed=17
    )
    measured = mean_time(found)
    # The time step makes crossings half a percent faster; the error is 1.1 %, Eyring and Kramers are 50 % away.
    assert measured.error < 0.012 * exact
    assert abs(measured.z(exact)) < 4


def test_compiled_slope_is_the_force_of_the_model():
    points = np.random.default_rng(2).uniform([-1.5, -0.3], [1.0, 2.0], size=(200, 2))
    for x, y in points:
        slope = kernels.mueller_brown_slope(np.float32(x), np.float32(y))
        assert slope == pytest.approx(-LANDSCAPE.force([x, y]), rel=1e-4, abs=0.05)


def test_interrupted_escapes_are_censored(monkeypatch):
    monkeypatch.setattr(escape, "_LONGEST_CHUNK", 100)
    calls, kernel = iter(range(5)), kernels.escape_quartic

    def five_times(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        kernel(*arguments)

    monkeypatch.setattr(kernels, "escape_quartic", five_times)
    with pytest.warns(UserWarning, match="interrupted"):
        found = escape_times(
            WELL, start=-1.0, target=1.0, temperature=0.5, time_step=0.01, walkers=500, longest=300.0, seed=1
        )
    assert 0 < found.observed < 500
    assert found.times[~found.arrived] == pytest.approx(5.0)


def test_an_estimate_of_nothing_is_refused():
    class Nothing:
        times, arrived = np.ones(3), np.zeros(3, dtype=bool)

    with pytest.raises(ValueError, match="at least 2 walkers that arrived"):
        mean_time(Nothing())
    with pytest.raises(TypeError, match="escapes must hold"):
        mean_time([1.0, 2.0])
    assert isinstance(mean_time(type("All", (), {"times": np.ones(3), "arrived": np.ones(3, dtype=bool)})()), Estimate)


def test_walkers_that_leave_the_map_are_reported():
    a, b, _ = LANDSCAPE.minima
    with pytest.raises(ValueError, match=r"time_step must be small enough .* ran off to infinity"):
        crossing_times(
            LANDSCAPE,
            start=a,
            target=b,
            radius=0.1,
            temperature=20.0,
            time_step=5e-3,
            walkers=100,
            longest=10.0,
            seed=1,
        )
