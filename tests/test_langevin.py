"""The walkers against exact results, within four standard errors, and each test says how precise it is.

The reference is the chain with its own time step (``maruyama1955``): the difference to continuous time is a result of
its own, not a tolerance.
"""

import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.dynamics import escape, kernels, langevin, noise
from course_utils.measure.escape import mean_time
from course_utils.measure.statistics import Estimate, estimate
from course_utils.models.double_well import DoubleWell, Quartic, Trap
from course_utils.models.mueller_brown import MuellerBrown
from course_utils.theory import kolmogorov1931, landauer1975, maruyama1955

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
    bent = noise.BEND[0] * g + noise.BEND[1] * g**3 + noise.BEND[2] * g**5
    assert [density @ bent**power for power in (2, 4, 6)] == pytest.approx([1, 3, 15], rel=1e-9)
    top = noise.BEND @ np.array([12, 12**3, 12**5]) ** 0.5
    assert top == pytest.approx(4.565, abs=1e-3)


def test_kicks_have_the_moments_of_a_gaussian():
    walkers = 1_000_000
    kicks = langevin.walk_quartic(Quartic(), np.zeros(walkers), temperature=0.5, time_step=1.0, steps=1, seed=1)
    for power, exact in ((1, 0), (2, 1), (3, 0), (4, 3), (6, 15)):
        measured = estimate(kicks**power)
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

    assert noise.streams(Zeros(np.random.PCG64()), 5).any(axis=0).all()


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
    assert exact == pytest.approx(landauer1975.population(WELL.force, heat, 0.0), abs=0.002)


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


# ------------------------------------------------------------------------------------------------- escapes


@pytest.mark.parametrize(("temperature", "time_step"), [(0.5, 0.02), (0.25, 0.005)])
def test_escape_times_agree_with_the_chain(temperature, time_step):
    exact = maruyama1955.mean_time(WELL.force, start=-1.0, target=1.0, temperature=temperature, time_step=time_step)
    found = langevin.escape_times(
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
    right = mean_time(langevin.escape_times(tilted, start=-1.0, target=1.0, seed=11, **options))
    left = mean_time(langevin.escape_times(mirrored, start=1.0, target=-1.0, seed=12, **options))
    back = mean_time(langevin.escape_times(tilted, start=1.0, target=-1.0, seed=13, **options))
    assert abs(right.z(left)) < 4
    assert right.mean > 1.5 * back.mean


@pytest.mark.parametrize("time_step", [0.01, 0.1])
def test_leaving_a_plateau_takes_the_chain_its_time(time_step):
    exact = maruyama1955.mean_time(lambda x: 0 * x, start=0.5, target=(-1.0, 2.0), temperature=0.5, time_step=time_step)
    found = langevin.escape_times(
        Quartic(), start=0.5, target=(-1.0, 2.0), temperature=0.5, time_step=time_step, walkers=100_000, longest=200.0,
        seed=14,
    )  # fmt: skip
    measured = mean_time(found)
    assert abs(measured.z(exact)) < 4
    assert measured.error < 0.01


def test_censored_walkers_are_watched_to_the_end():
    found = langevin.escape_times(
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
        return langevin.escape_times(
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
    found = langevin.crossing_times(
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


def test_interrupted_escapes_are_censored(monkeypatch):
    monkeypatch.setattr(escape, "_LONGEST_CHUNK", 100)
    monkeypatch.setattr(kernels, "escape_quartic", interrupted(kernels.escape_quartic, 5))
    with pytest.warns(UserWarning, match="interrupted"):
        found = langevin.escape_times(
            WELL, start=-1.0, target=1.0, temperature=0.5, time_step=0.01, walkers=500, longest=300.0, seed=1
        )
    assert 0 < found.observed < 500
    assert found.times[~found.arrived] == pytest.approx(5.0)


def test_walkers_that_run_off_are_reported():
    message = "time_step must be small enough .* ran off to infinity"
    start = np.full(10, 3.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=message):
            langevin.walk_quartic(WELL, start, temperature=0.5, time_step=0.3, steps=100, seed=1)
        with pytest.raises(ValueError, match=message):
            langevin.walk(lambda x: -4 * x * (x**2 - 1), start, temperature=0.5, time_step=0.3, steps=100, seed=1)
        with pytest.raises(ValueError, match=message):
            langevin.crossing_times(LANDSCAPE, **(GOOD_CROSSING | {"time_step": 5e-3, "longest": 10.0, "walkers": 100}))


def test_without_a_writable_folder_there_is_no_cache_but_a_kernel(monkeypatch):
    from course_utils.dynamics import compile as compiling

    real = compiling.numba.njit

    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'double': no locator available for file 'x.py'")
        return real(**options)

    monkeypatch.setattr(compiling.numba, "njit", njit)

    def double(x):
        return 2 * x

    assert compiling.kernel(double)(21) == 42
    monkeypatch.setattr(compiling.numba, "njit", lambda **_: (_ for _ in ()).throw(RuntimeError("something else")))
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


# ----------------------------------------------------------------------------------------------- bad input

GOOD_WALK = {"temperature": 0.5, "time_step": 0.01, "steps": 10, "record_every": 5, "seed": 1}
GOOD_ESCAPE = {
    "start": -1.0, "target": 1.0, "temperature": 0.5, "time_step": 0.01, "walkers": 3, "longest": 1.0, "seed": 1,
}  # fmt: skip
GOOD_CROSSING = {
    "start": [-0.5, 1.4], "target": [0.6, 0.0], "radius": 0.1, "temperature": 20.0, "time_step": 1e-5, "walkers": 3,
    "longest": 1e-3, "seed": 1,
}  # fmt: skip
CALLS = {
    "walk": (lambda **options: langevin.walk(WELL.force, np.zeros(3), **options), GOOD_WALK),
    "walk_quartic": (lambda **options: langevin.walk_quartic(WELL, np.zeros(3), **options), GOOD_WALK),
    "escape_times": (lambda **options: langevin.escape_times(WELL, **options), GOOD_ESCAPE),
    "crossing_times": (lambda **options: langevin.crossing_times(LANDSCAPE, **options), GOOD_CROSSING),
}
ARGUMENTS = [(call, name) for call, (_, good) in CALLS.items() for name in good]
bad_numbers = st.one_of(
    st.sampled_from([float("nan"), float("inf"), -1.0, -3, "warm", True, [], {}, b"x", [[1.0], [2.0]], 1j]),
    st.floats(max_value=-1e-3),
    st.text(),
)


@pytest.mark.parametrize(("call", "name"), ARGUMENTS)
@settings(max_examples=25, deadline=None)
@given(value=bad_numbers)
def test_bad_input_is_named_before_any_work(call, name, value):
    run, good = CALLS[call]
    if name in ("start", "target") and isinstance(value, (int, float)) and np.isfinite(value) and value is not True:
        return
    with pytest.raises((ValueError, TypeError), match=name):
        run(**(good | {name: value}))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: langevin.walk_quartic(None, [0.0], **GOOD_WALK), "potential must be a DoubleWell"),
        (lambda: langevin.escape_times(LANDSCAPE, **GOOD_ESCAPE), "potential must be a DoubleWell"),
        (lambda: langevin.crossing_times(WELL, **GOOD_CROSSING), "landscape must be a MuellerBrown"),
        (lambda: langevin.walk(0.0, [0.0], **GOOD_WALK), "force must be a function"),
        (lambda: langevin.walk(WELL.force, [], **GOOD_WALK), "positions must be"),
        (lambda: langevin.walk(WELL.force, np.zeros((2, 2, 2)), **GOOD_WALK), "positions must have shape"),
        (lambda: langevin.walk(lambda x: x[:1], np.zeros(3), **GOOD_WALK), "force must return the shape"),
        (
            lambda: langevin.walk(WELL.force, np.zeros(3), **(GOOD_WALK | {"temperature": lambda x: -1.0})),
            "temperature",
        ),
        (lambda: langevin.walk(WELL.force, np.zeros(3), **(GOOD_WALK | {"record_every": 11})), "record_every"),
        (lambda: langevin.escape_times(WELL, **(GOOD_ESCAPE | {"target": -1.0})), "target must differ"),
        (lambda: langevin.escape_times(WELL, **(GOOD_ESCAPE | {"target": (0.0, 1.0)})), r"target\[0\]"),
        (lambda: langevin.escape_times(WELL, **(GOOD_ESCAPE | {"target": (-2.0, 1.0, 3.0)})), "one place or two"),
        (lambda: langevin.crossing_times(LANDSCAPE, **(GOOD_CROSSING | {"radius": 5.0})), "outside the disc"),
    ],
)
def test_what_does_not_fit_together_is_named(run, words):
    with pytest.raises((ValueError, TypeError), match=words):
        run()


def test_an_estimate_of_nothing_is_refused():
    class Nothing:
        times, arrived = np.ones(3), np.zeros(3, dtype=bool)

    with pytest.raises(ValueError, match="at least 2 walkers that arrived"):
        mean_time(Nothing())
    with pytest.raises(TypeError, match="escapes must hold"):
        mean_time([1.0, 2.0])
    assert isinstance(mean_time(type("All", (), {"times": np.ones(3), "arrived": np.ones(3, dtype=bool)})()), Estimate)
