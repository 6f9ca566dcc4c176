"""The mean-field glass: symmetric solution, its instability, and Parisi's, against tables, limits and identities."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_utils.measure.statistics import estimate
from course_utils.theory import almeida1978, kirkpatrick1978, parisi1980, sherrington1975

REFERENCE = Path(__file__).parent / "reference"


def table(name):
    with (REFERENCE / name).open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return [{key: float(value) for key, value in row.items()} for row in rows]


every_temperature = pytest.mark.parametrize("row", table("glass_temperatures.csv"), ids=lambda row: f"T={row['T']:g}")


@every_temperature
def test_the_symmetric_solution_against_the_table(row):
    heat = row["T"]
    assert kirkpatrick1978.overlap(heat) == pytest.approx(row["q_rs"], abs=2e-9)
    assert kirkpatrick1978.free_energy(heat) == pytest.approx(row["f_rs"], abs=2e-9)
    assert kirkpatrick1978.energy(heat) == pytest.approx(row["u_rs"], abs=2e-9)
    assert kirkpatrick1978.entropy(heat) == pytest.approx(row["s_rs"], abs=2e-9)
    assert almeida1978.stability(heat) == pytest.approx(row["stability"], abs=2e-8)


@every_temperature
def test_the_full_solution_against_the_table(row):
    glass = parisi1980.solve(row["T"])
    assert glass.free_energy == pytest.approx(row["f"], abs=2e-6)
    assert glass.energy == pytest.approx(row["u"], abs=3e-4)
    assert glass.entropy == pytest.approx(row["s"], abs=3e-4 / row["T"])
    assert glass.mean_square_overlap == pytest.approx(row["q2"], abs=1e-4)


@pytest.mark.parametrize("row", table("glass_at_line.csv"), ids=lambda row: f"h={row['h']:g}")
def test_the_line_of_instability_against_the_table(row):
    heat = almeida1978.critical_temperature(row["h"])
    assert heat == pytest.approx(row["T_AT"], abs=2e-8)
    assert kirkpatrick1978.overlap(heat, row["h"]) == pytest.approx(row["q"], abs=2e-8)
    assert almeida1978.critical_temperature(-row["h"]) == heat
    assert almeida1978.stability(heat * 0.99, row["h"]) < 0 < almeida1978.stability(heat * 1.01, row["h"])


@pytest.mark.parametrize("heat", [0.4, 0.7])
def test_the_order_parameter_against_the_table(heat):
    # The heights of the table's steps scatter around the curve, more where it is warm and x matters less.
    rows = [row for row in table("glass_order.csv") if row["T"] == heat]
    x = parisi1980.solve(heat).order([row["q"] for row in rows])
    off = estimate([row["x"] - found for row, found in zip(rows, x, strict=True)])
    assert len(rows) > 10
    assert abs(off.z(0)) < 4
    assert off.error < 1e-3


def test_small_fields_follow_the_two_thirds_law():
    for field in (1e-7, 1e-5, 1e-4):
        gap = 1 - almeida1978.critical_temperature(field)
        assert gap == pytest.approx((3 / 4) ** (1 / 3) * field ** (2 / 3), rel=gap)
    assert almeida1978.critical_temperature(0) == 1


def test_the_symmetric_solution_at_zero_temperature():
    for heat in (0.01, 0.001):
        assert kirkpatrick1978.energy(heat) - kirkpatrick1978.energy(0) == pytest.approx(0.266 * heat**2, rel=0.01)
        assert kirkpatrick1978.entropy(heat) - kirkpatrick1978.entropy(0) == pytest.approx(0.53 * heat, rel=0.01)
    assert kirkpatrick1978.entropy(0) == pytest.approx(-1 / (2 * np.pi))
    assert kirkpatrick1978.entropy(0.2) < 0 < parisi1980.solve(0.2).entropy


@settings(max_examples=25)
@given(st.floats(0.05, 2.0), st.floats(-1.5, 1.5))
def test_the_three_potentials_belong_together(heat, field):
    f, u, s = (
        function(heat, field)
        for function in (kirkpatrick1978.free_energy, kirkpatrick1978.energy, kirkpatrick1978.entropy)
    )
    assert f == pytest.approx(u - heat * s, abs=1e-9)


@pytest.mark.parametrize(("heat", "field"), [(0.3, 0.0), (0.6, 0.0), (0.5, 0.4), (1.3, 0.7), (1.2, 0.0)])
def test_the_entropy_is_the_slope_of_the_free_energy(heat, field):
    ends = [kirkpatrick1978.free_energy(heat + step, field) for step in (-1e-4, 1e-4)]
    assert (ends[0] - ends[1]) / 2e-4 == pytest.approx(kirkpatrick1978.entropy(heat, field), abs=1e-6)


@pytest.mark.parametrize("heat", [0.25, 0.5, 0.8])
def test_the_full_entropy_is_the_slope_of_the_full_free_energy(heat):
    ends = [parisi1980.solve(heat + step).free_energy for step in (-0.01, 0.01)]
    glass = parisi1980.solve(heat)
    assert (ends[0] - ends[1]) / 0.02 == pytest.approx(glass.entropy, abs=2e-4)
    assert glass.energy == pytest.approx(sherrington1975.energy(heat, glass.mean_square_overlap))


@settings(max_examples=10, deadline=None)
@given(st.floats(0.2, 0.97))
@example(0.9055)  # a first step that is too long goes where nothing can be computed
@example(0.96)  # slopes taken with small steps drown in rounding
@example(0.96875)
@example(0.97)
def test_what_holds_at_every_temperature(heat):
    glass = parisi1980.solve(heat)
    assert glass.mean_overlap == pytest.approx(1 - heat, abs=4e-5)
    assert kirkpatrick1978.free_energy(heat) <= glass.free_energy
    assert kirkpatrick1978.entropy(heat) <= glass.entropy
    assert kirkpatrick1978.overlap(heat) < glass.largest_overlap < 1
    q = np.linspace(0, 1, 4001)
    x = glass.order(q)
    assert (np.diff(x) >= 0).all()
    assert x[0] >= 0
    assert np.trapezoid(1 - x, q) == pytest.approx(1 - heat, abs=5e-4)


def test_all_of_the_distribution_is_there():
    glass = parisi1980.solve(0.4)
    q = np.linspace(-1, 1, 20001)
    jump = 1 - glass.order(glass.largest_overlap - 1e-9)
    assert np.trapezoid(glass.density(q), q) + jump == pytest.approx(1, abs=2e-4)
    square = np.trapezoid(glass.density(q) * q**2, q) + jump * glass.largest_overlap**2
    assert square == pytest.approx(glass.mean_square_overlap, abs=3e-4)


def test_the_ground_state_energy_of_the_literature():
    # Schmidt and Oppermann (2008): -0.76316672656547. The free energy starts as the third power of T.
    heats = np.array([0.2, 0.22, 0.25, 0.3])
    free = [parisi1980.solve(heat).free_energy for heat in heats]
    start = np.linalg.solve(np.stack([heats**k for k in (0, 3, 4, 5)], 1), free)[0]
    assert start == pytest.approx(-0.76316672656547, abs=5e-5)


def test_no_glass_above_one():
    glass = parisi1980.solve(1.25)
    assert glass.free_energy == pytest.approx(kirkpatrick1978.free_energy(1.25))
    assert glass.energy == pytest.approx(kirkpatrick1978.energy(1.25))
    assert glass.entropy == pytest.approx(kirkpatrick1978.entropy(1.25))
    assert (glass.order([0, 0.5, 1]) == 1).all()
    assert (glass.density([-0.5, 0.0, 0.5]) == 0).all()


def test_one_step_is_the_symmetric_solution_and_height_one_is_the_annealed_one():
    heat, q = 0.4, kirkpatrick1978.overlap(0.4)
    flat = parisi1980._chain(np.array([0.0, q]), np.array([1e-6]), 1 / heat)
    assert -heat * flat.free == pytest.approx(kirkpatrick1978.free_energy(heat), abs=1e-6)
    full = parisi1980._chain(np.array([0.0, 0.3, 0.8]), np.ones(2), 1 / heat)
    assert full.free == pytest.approx(np.log(2) + 1 / (4 * heat**2), abs=1e-10)


def test_the_slopes_are_those_of_the_functional():
    edges, x = np.array([0.0, 0.2, 0.5, 0.7]), np.array([0.1, 0.3, 0.6])
    slopes = parisi1980._chain(edges, x, 2.5).slopes
    for k in range(3):
        ends = [parisi1980._chain(edges, x + step * (np.arange(3) == k), 2.5).free for step in (-1e-4, 1e-4)]
        assert (ends[1] - ends[0]) / 2e-4 == pytest.approx(slopes[k], abs=1e-8)


def test_no_other_curve_does_better():
    glass = parisi1980.solve(0.4)
    edges = glass.largest_overlap * parisi1980._edges(0.4)
    centres = (edges[1:] + edges[:-1]) / 2
    best = parisi1980._chain(edges, glass.order(centres), 2.5).free
    assert -0.4 * best == pytest.approx(glass.free_energy, abs=1e-12)
    for change in (0.05 * np.sin(9 * centres), 0.05 * centres, -0.02 * np.sqrt(centres)):
        assert parisi1980._chain(edges, glass.order(centres) + change, 2.5).free > best + 1e-6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kirkpatrick1978.overlap(0.0), "temperature must be"),
        (lambda: kirkpatrick1978.overlap(0.5, "up"), "field must be"),
        (lambda: kirkpatrick1978.energy(-1.0), "temperature must be"),
        (lambda: kirkpatrick1978.entropy(0.0, 0.5), "field must be 0 at temperature 0; got 0.5"),
        (lambda: kirkpatrick1978.free_energy(np.nan), "temperature must be"),
        (lambda: kirkpatrick1978.local_fields(1.5, 0.5), "overlap must be"),
        (lambda: almeida1978.stability(0.0), "temperature must be"),
        (lambda: almeida1978.critical_temperature(3.0), "field must be"),
        (lambda: parisi1980.solve(0.1), "temperature must be"),
        (lambda: parisi1980.solve(0.99), "from 0.2 to 0.97, or at least 1; got 0.99"),
        (lambda: parisi1980.solve(0.5).order(-0.1), "overlaps must be"),
        (lambda: parisi1980.solve(0.5).density([0.0, 1.5]), "overlaps must be between -1 and 1; got 1.5"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
