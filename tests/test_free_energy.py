"""Free energies from works where they are known exactly: traps that are dragged and stiffened."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.measure.free_energy import bennett, jarzynski
from course_utils.measure.importance_weights import effective_sample_size, log_mean_weight
from course_utils.measure.statistics import estimate, jackknife
from course_utils.theory import bennett1976, jarzynski1997


def dragged(speed, duration, steps, runs, rng, *, stiffness=1.0, temperature=1.0):
    """Works of dragging a trap; the walker relaxes by the exact law, so that no time step spoils the equality."""
    move, kept = speed * duration / steps, math.exp(-stiffness * duration / steps)
    spread = math.sqrt(temperature / stiffness)
    x, work = spread * rng.standard_normal(runs), np.zeros(runs)  # measured from the trap's centre
    for _ in range(steps):
        work += stiffness / 2 * ((x - move) ** 2 - x**2)
        x = kept * (x - move) + spread * math.sqrt(1 - kept**2) * rng.standard_normal(runs)
    return work


def stiffened(start, end, duration, steps, runs, rng, *, temperature=1.0):
    """Works of changing a trap's stiffness."""
    x, work = math.sqrt(temperature / start) * rng.standard_normal(runs), np.zeros(runs)
    for i in range(steps):
        stiffness = start + (end - start) * (i + 1) / steps
        work += (end - start) / steps / 2 * x**2
        kept = math.exp(-stiffness * duration / steps)
        x = kept * x + math.sqrt((1 - kept**2) * temperature / stiffness) * rng.standard_normal(runs)
    return work


# ---------------------------------------------------------------------------------------------- the exact results


@pytest.mark.parametrize("steps", [1, 7, 200])
def test_mean_and_variance_of_the_dragging_work(steps):
    work = dragged(1.5, 2.0, steps, 100_000, np.random.default_rng(1), stiffness=2.0, temperature=0.5)
    exact = jarzynski1997.dragging_work(2.0, 1.5, 2.0, steps=steps)
    variance = estimate((work - exact) ** 2)
    assert abs(estimate(work).z(exact)) < 4
    assert abs(variance.z(2 * 0.5 * exact)) < 4
    assert estimate(work).error < 0.02 * exact
    assert variance.error < 0.01 * exact


def test_many_steps_are_a_trap_that_moves_without_steps():
    continuous = jarzynski1997.dragging_work(2.0, -1.5, 2.0)
    assert jarzynski1997.dragging_work(2.0, -1.5, 2.0, steps=100_000) == pytest.approx(continuous, rel=1e-6)
    assert continuous == pytest.approx(2.25 * (2 - (1 - math.exp(-4)) / 2))


@pytest.mark.parametrize(("start", "end"), [(1.0, 8.0), (8.0, 1.0)])
@pytest.mark.parametrize("steps", [1, 20])
def test_mean_of_the_stiffening_work(start, end, steps):
    measured = estimate(stiffened(start, end, 0.3, steps, 100_000, np.random.default_rng(2), temperature=0.7))
    exact = jarzynski1997.stiffening_work(start, end, 0.3, steps=steps, temperature=0.7)
    assert abs(measured.z(exact)) < 4
    assert measured.error < 0.006 * abs(exact)
    assert exact > jarzynski1997.trap_free_energy(start, end, temperature=0.7)


# ---------------------------------------------------------------------------------------------- Jarzynski


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_a_dragged_trap_has_not_changed_its_free_energy(temperature):
    work = dragged(1.0, 2.0, 50, 100_000, np.random.default_rng(3), temperature=temperature)
    found = jarzynski(work, temperature=temperature)
    assert abs(found.z(0.0)) < 4
    assert found.error < 0.02
    assert work.mean() > 1.0  # more than fifty errors away: it is not the mean work that vanishes


def test_jarzynski_on_a_stiffened_trap():
    found = jarzynski(stiffened(1.0, 8.0, 1.0, 50, 50_000, np.random.default_rng(4)))
    assert abs(found.z(0.5 * math.log(8))) < 4
    assert found.error < 0.005


def test_the_jackknife_in_one_go_is_the_jackknife_run_by_run():
    logs = np.random.default_rng(5).normal(0, 2, 40)
    slow = jackknife(logs, lambda some: math.log(np.mean(np.exp(some))))
    assert log_mean_weight(logs).error == pytest.approx(slow.error, rel=1e-10)
    heavy = np.append(np.zeros(5), 60.0)  # one run carries all but 1e-26 of the weight
    assert log_mean_weight(heavy).error == pytest.approx(5 / 6 * (60 - math.log(5)), rel=1e-9)


def test_the_quoted_error_is_the_spread_over_repeats():
    """300 repeats of 400 runs, a quarter of which count; 300 repeats tell a spread to 4.1 %."""
    rng = np.random.default_rng(6)
    found = [jarzynski(rng.normal(0.7, math.sqrt(1.4), 400)) for _ in range(300)]
    spread = np.std([f.mean for f in found], ddof=1)
    assert np.sqrt(np.mean([f.error**2 for f in found])) == pytest.approx(spread, rel=4 * 0.041)


@pytest.mark.filterwarnings("ignore:the works of the two directions do not overlap")
def test_few_runs_from_one_side_are_biased_upwards_and_the_sample_size_says_so():
    """Ten runs at a dissipation of 4 T: on average 1.5 T too high. Ten in each direction put Bennett's answer right."""
    rng = np.random.default_rng(7)
    there, back = rng.normal(4.0, math.sqrt(8.0), (2, 1000, 10))
    one_sided = estimate([jarzynski(works).mean for works in there])
    both = estimate([bennett(f, b).mean for f, b in zip(there, back, strict=True)])
    assert one_sided.mean > 1.0
    assert one_sided.error < 0.06
    assert one_sided.z(0.0) > 20
    assert abs(both.z(0.0)) < 4
    assert both.error < 0.06
    assert np.median([effective_sample_size(-works) for works in there]) < 2.5


def test_the_sample_size_of_gaussian_works():
    works = np.random.default_rng(8).normal(0.5, 1.0, 200_000)
    share = effective_sample_size(-works) / works.size
    assert share == pytest.approx(jarzynski1997.effective_fraction(0.5), rel=0.03)


# ---------------------------------------------------------------------------------------------- Bennett


@pytest.mark.parametrize("duration", [0.02, 0.2, 1.0])
@pytest.mark.parametrize(
    ("runs", "temperature"), [((20_000, 20_000), 1.0), ((30_000, 3_000), 1.0), ((5_000, 20_000), 3.0)]
)
def test_bennett_on_a_stiffened_trap(duration, runs, temperature):
    rng = np.random.default_rng(9)
    there = stiffened(1.0, 8.0, duration, 20, runs[0], rng, temperature=temperature)
    back = stiffened(8.0, 1.0, duration, 20, runs[1], rng, temperature=temperature)
    found = bennett(there, back, temperature=temperature)
    assert abs(found.z(jarzynski1997.trap_free_energy(1.0, 8.0, temperature=temperature))) < 4
    assert found.error < 0.02 * temperature


@pytest.mark.parametrize("runs", [(1000, 1000), (2000, 200)])
def test_bennetts_error_is_the_least_error_and_the_spread_over_repeats(runs):
    rng = np.random.default_rng(10)
    loss, temperature = 1.5, 0.5
    repeats = [
        bennett(*(rng.normal(loss, math.sqrt(2 * temperature * loss), n) for n in runs), temperature=temperature)
        for _ in range(300)
    ]
    exact = bennett1976.least_error(loss, *runs, temperature=temperature)
    assert np.mean([r.error for r in repeats]) == pytest.approx(exact, rel=0.02)
    assert np.std([r.mean for r in repeats], ddof=1) == pytest.approx(exact, rel=4 * 0.041)
    assert abs(estimate([r.mean for r in repeats]).z(0.0)) < 4


def test_reversible_works_leave_no_error():
    found = bennett(np.full(5, 1.25), np.full(7, -1.25))
    assert (found.mean, found.n) == (pytest.approx(1.25), 5)
    assert found.error < 1e-7


def test_bennett_turns_its_sign_with_the_direction():
    rng = np.random.default_rng(11)
    there, back = rng.normal(2.0, 1.0, 50), rng.normal(0.0, 1.2, 30)
    one, other = bennett(there, back), bennett(back, there)
    assert one.mean == pytest.approx(-other.mean, abs=1e-9)
    assert one.error == pytest.approx(other.error, rel=1e-6)


def test_works_that_do_not_overlap_are_told():
    with pytest.warns(UserWarning, match="do not overlap"):
        found = bennett([1000.0, 1010.0, 1005.0], [900.0, 905.0, 910.0])
    assert -910 < found.mean < 1010
    assert found.error > 0


# ---------------------------------------------------------------------------------------------- any works


@given(st.lists(st.floats(-300, 300), min_size=3, max_size=20), st.floats(-1e3, 1e3), st.floats(0.1, 10))
def test_a_constant_work_more_is_a_constant_free_energy_more(works, shift, temperature):
    works = np.array(works)
    one, other = jarzynski(works, temperature=temperature), jarzynski(works + shift, temperature=temperature)
    assert other.mean - one.mean == pytest.approx(shift, abs=1e-8)
    assert one.mean <= works.mean() + 1e-9
    assert 1 - 1e-9 <= effective_sample_size(-works / temperature) <= works.size


@given(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=12), st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=12))
@pytest.mark.filterwarnings("ignore:the works of the two directions do not overlap")
def test_bennett_lies_between_what_was_seen(there, back):
    found = bennett(there, back)
    margin = 1 + 2 * abs(math.log(len(there) / len(back)))
    assert min(*there, *np.negative(back)) - margin <= found.mean <= max(*there, *np.negative(back)) + margin
