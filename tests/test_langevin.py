"""The walkers against exact results, within four standard errors, and each test says how precise it is.

The reference is the chain with its own time step (``maruyama1955``): the difference to continuous time is a result of
its own, not a tolerance.
"""

import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.dynamics import kicks, langevin
from course_utils.dynamics.kernels import walkers as kernels
from course_utils.measure.statistics import estimate
from course_utils.models.double_well import DoubleWell, Quartic, Trap
from course_utils.models.mueller_brown import MuellerBrown
from course_utils.theory import landauer1975, maruyama1955

WELL, LANDSCAPE = DoubleWell(), MuellerBrown()


def square(x):
    return x**2


# ---------------------------------------------------------------------------------------------------- the kicks


def test_the_bend_solves_the_three_moment_equations():
    # Moments of the sum of four uniform numbers, scaled to unit variance, from their density piece by piece.
    place, weight = np.polynomial.legendre.leggauss(30)
    g = (np.arange(-2, 2)[:, None] + 0.5 + place / 2).ravel()
    binomial = np.array([1, -4, 6, -4, 1])
    density = (binomial * np.maximum(g[:, None] + 2 - np.arange(5), 0) ** 3).sum(1) / 6 * np.tile(weight / 2, 4)
    g = g * np.sqrt(3)
    bent = kicks.BEND[0] * g + kicks.BEND[1] * g**3 + kicks.BEND[2] * g**5
    assert [density @ bent**power for power in (2, 4, 6)] == pytest.approx([1, 3, 15], rel=1e-9)
    top = kicks.BEND @ np.array([12, 12**3, 12**5]) ** 0.5
    assert top == pytest.approx(4.565, abs=1e-3)


def test_kicks_have_the_moments_of_a_gaussian():
    walkers = 1_000_000
    moved = langevin.walk_quartic(Quartic(), np.zeros(walkers), temperature=0.5, time_step=1.0, steps=1, seed=1)
    for power, exact in ((1, 0), (2, 1), (3, 0), (4, 3), (6, 15)):
        measured = estimate(moved**power)
        assert abs(measured.z(exact)) < 4
        assert measured.error < 0.0011 * power**2.5


def test_every_walker_has_kicks_of_its_own():
    walkers, steps = 1000, 400
    path = langevin.walk_quartic(
        Quartic(), np.zeros(walkers), temperature=0.5, time_step=1.0, steps=steps, record_every=1, seed=2
    )
    kicks = np.diff(path, axis=1, prepend=0.0)
    # No two walkers share a stream, at equal times or shifted: correlations are those of independent numbers.
    correlation = np.corrcoef(kicks)[np.triu_indices(walkers, 1)] * np.sqrt(steps)
    assert np.abs(correlation).max() < 6
    assert correlation.var() == pytest.approx(1, abs=0.02)
    lagged = (kicks[:, 1:] * kicks[:, :-1]).mean() * np.sqrt(walkers * (steps - 1))
    assert abs(lagged) < 4
    assert len(np.unique(kicks[:, 0])) > 0.98 * walkers


def test_the_mean_over_walkers_shrinks_as_it_must():
    # Shared streams would leave this mean as wide as a single walker's.
    ends = langevin.walk_quartic(
        Quartic(), np.zeros(4096 * 64), temperature=0.5, time_step=1.0, steps=100, seed=3
    ).reshape(64, 4096)
    assert ends.mean(1).var(ddof=1) == pytest.approx(100 / 4096, rel=4 * np.sqrt(2 / 63))


def test_streams_never_stand_still():
    class Zeros(np.random.Generator):
        def integers(self, low, high, size, dtype):
            return np.zeros(size, dtype)

    assert kicks.streams(Zeros(np.random.PCG64()), 5).any(axis=0).all()


# ------------------------------------------------------------------------------------------- walks on a line


@pytest.mark.parametrize("time_step", [0.02, 0.2])
@pytest.mark.parametrize("compiled", [True, False])
def test_the_trap_has_its_closed_form(time_step, compiled):
    trap = Trap(stiffness=2.0)
    steps = round(4 / time_step)
    start = np.zeros(200_000 if compiled else 50_000)
    options = {"temperature": 0.3, "time_step": time_step, "steps": steps, "seed": 4}
    end = langevin.walk_quartic(trap, start, **options) if compiled else langevin.walk(trap.force, start, **options)
    # After four time units the start is forgotten to e^-16 in the square.
    exact = maruyama1955.trap_mean_square(stiffness=2.0, temperature=0.3, time_step=time_step)
    measured = estimate(end**2)
    assert abs(measured.z(exact)) < 4
    # 0.7 % or better: a missing factor 2 in the noise is a factor 2 here; continuous time is 2 % or 25 % away.
    assert measured.error < 0.007 * exact


@pytest.mark.parametrize("time_step", [0.05, 0.005])
@pytest.mark.parametrize("tilt", [0.0, 0.3])
def test_the_double_well_agrees_with_the_chain(time_step, tilt):
    well = DoubleWell(tilt=tilt)
    path = langevin.walk_quartic(
        well,
        np.tile([-1.0, 1.0], 20_000),
        temperature=0.5,
        time_step=time_step,
        steps=round(60 / time_step),
        record_every=round(5 / time_step),
        seed=5,
    )[:, 8:]
    for observable in (square, lambda x: x):
        exact = maruyama1955.stationary_average(well.force, observable, temperature=0.5, time_step=time_step)
        measured = estimate(observable(path).mean(1))
        assert abs(measured.z(exact)) < 4
        assert measured.error < 0.005


def test_compiled_and_plain_walk_are_the_same_walk_without_noise():
    start = np.linspace(-1.5, 1.5, 50)
    well = DoubleWell(barrier=0.7, tilt=0.2)
    options = {"temperature": 0.0, "time_step": 0.01, "steps": 300, "record_every": 100, "seed": 6}
    fast, plain = langevin.walk_quartic(well, start, **options), langevin.walk(well.force, start, **options)
    assert fast.shape == plain.shape == (50, 3)
    assert fast == pytest.approx(plain, abs=2e-5)
    # Downhill: a broken sign of the force would climb.
    assert (well.energy(fast[:, -1]) < well.energy(start) + 1e-6).all()


def test_a_walk_in_the_plane_spreads_in_both_directions():
    start = np.tile([1.0, -1.0], (40_000, 1))
    end = langevin.walk(lambda x: 0 * x, start, temperature=0.25, time_step=0.1, steps=20, seed=7)
    for axis, mean in ((0, 1.0), (1, -1.0)):
        assert abs(estimate(end[:, axis]).z(mean)) < 4
        spread = estimate((end[:, axis] - mean) ** 2)
        assert abs(spread.z(1.0)) < 4
        assert spread.error < 0.01


def test_a_hot_flank_empties_a_valley():
    def heat(x):
        return 0.35 + 0.15 * np.tanh(x / 0.1)

    path = langevin.walk(
        WELL.force, np.full(4000, -1.0), temperature=heat, time_step=0.01, steps=4000, record_every=1000, seed=8
    )
    measured = estimate((path[:, 1:] > 0).mean(1))
    exact = maruyama1955.stationary_average(WELL.force, lambda x: (x > 0) * 1.0, temperature=heat, time_step=0.01)
    assert abs(measured.z(exact)) < 4
    assert measured.error < 0.003
    # The continuous law is near; Boltzmann's at any one temperature would say one half.
    assert exact == pytest.approx(landauer1975.population(WELL.force, 0.0, temperature=heat), abs=0.002)


def test_seeds_repeat_and_differ():
    def ends(seed):
        return langevin.walk_quartic(WELL, np.zeros(10), temperature=0.5, time_step=0.01, steps=10, seed=seed)

    assert np.array_equal(ends(1), ends(1))
    assert not np.array_equal(ends(1), ends(2))
    random = np.random.default_rng(1)
    assert not np.array_equal(ends(random), ends(random))


def test_records_are_the_walk():
    options = {"temperature": 0.5, "time_step": 0.01, "steps": 30, "seed": 9}
    for walk, what in ((langevin.walk_quartic, WELL), (langevin.walk, WELL.force)):
        path = walk(what, np.zeros(7), record_every=10, **options)
        assert path.shape == (7, 3)
        assert np.array_equal(path[:, -1], walk(what, np.zeros(7), **options))
    options = options | {"time_step": 1e-5}
    path = langevin.walk(LANDSCAPE.force, np.zeros((4, 2)), record_every=15, **options)
    assert path.shape == (4, 2, 2)


# ----------------------------------------------------------------------------- interrupts and what runs away


def interrupted(kernel, after):
    calls = iter(range(after))

    def run(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return kernel(*arguments)

    return run


def test_an_interrupted_walk_returns_its_records(monkeypatch):
    monkeypatch.setattr(kernels, "walk_quartic", interrupted(kernels.walk_quartic, 3))
    with pytest.warns(UserWarning, match="interrupted; what was computed"):
        path = langevin.walk_quartic(
            WELL, np.zeros(5), temperature=0.5, time_step=0.01, steps=100, record_every=10, seed=1
        )
    assert path.shape == (5, 3)


def test_an_interrupted_plain_walk_returns_its_records():
    with pytest.warns(UserWarning, match="interrupted"):
        path = langevin.walk(
            interrupted(WELL.force, 25),
            np.zeros(5),
            temperature=0.5,
            time_step=0.01,
            steps=100,
            record_every=10,
            seed=1,
        )
    assert path.shape == (5, 2)


def test_walkers_that_run_off_are_reported():
    message = "time_step must be small enough .* ran off to infinity"
    start = np.full(10, 3.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=message):
            langevin.walk_quartic(WELL, start, temperature=0.5, time_step=0.3, steps=100, seed=1)
        with pytest.raises(ValueError, match=message):
            langevin.walk(lambda x: -4 * x * (x**2 - 1), start, temperature=0.5, time_step=0.3, steps=100, seed=1)


def test_without_a_writable_folder_there_is_no_cache_but_a_kernel(monkeypatch):
    from course_utils import compiling

    real = compiling.numba.njit

    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'double': no locator available for file 'x.py'")
        return real(**options)

    monkeypatch.setattr(compiling, "numba", SimpleNamespace(njit=njit))

    def double(x):
        return 2 * x

    assert compiling.kernel(double)(21) == 42
    compiling.numba.njit = lambda **_: (_ for _ in ()).throw(RuntimeError("something else"))
    with pytest.raises(RuntimeError, match="something else"):
        compiling.kernel(double)


def test_numba_waits_until_it_is_needed():
    import subprocess

    code = (
        "import sys; from course_utils.dynamics import annealing, langevin; "
        "langevin.walk, annealing.anneal; print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
