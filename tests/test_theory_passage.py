"""How long it takes: exact integrals, Kramers and his successors, the backward equation, and the chain."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad

from course_utils.theory import kolmogorov1931, kramers1940, langer1969, maruyama1955, pontryagin1933

REFERENCE = Path(__file__).parent / "reference"


def table(name):
    with (REFERENCE / name).open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return [{key: float(value) for key, value in row.items()} for row in rows]


def well(x):
    return (x**2 - 1) ** 2


def well_force(x):
    return -4 * x * (x**2 - 1)


@pytest.mark.parametrize("row", table("kramers.csv"), ids=lambda row: f"kT={row['kT']:g}")
def test_the_table_of_the_double_well(row):
    heat = row["kT"]
    top = pontryagin1933.mean_time(well, start=-1.0, target=0.0, temperature=heat)
    across = pontryagin1933.mean_time(well, start=-1.0, target=1.0, temperature=heat)
    assert [top, across] == pytest.approx([row["mfpt_to_0"], row["mfpt_to_plus1"]], rel=5e-6)
    law = kramers1940.mean_time(barrier=1.0, well_curvature=8.0, top_curvature=-4.0, temperature=heat)
    assert law == pytest.approx(row["kramers_time"], rel=1e-8)
    mirrored = pontryagin1933.mean_time(well, start=1.0, target=-1.0, temperature=heat)
    assert mirrored == pytest.approx(across, rel=1e-10)


def test_the_integral_agrees_with_adaptive_integration():
    exact = dblquad(lambda z, y: np.exp(well(y) - well(z)), -1, 1, -4, lambda y: y, epsrel=1e-11, epsabs=0)[0]
    assert pontryagin1933.mean_time(well, start=-1.0, target=1.0, temperature=1.0) == pytest.approx(exact, rel=1e-9)


@given(st.floats(-2, 0.9), st.floats(0.05, 3), st.floats(0.05, 5), st.floats(-1, 3))
def test_a_slope_is_climbed_in_closed_form(start, distance, heat, slope):
    # Leaving an interval on a straight slope: the exit time is known (drift -slope, both ends absorbing).
    low, high = start - 0.7 * distance, start + distance
    found = pontryagin1933.mean_exit_time(lambda x: slope * x, start=start, low=low, high=high, temperature=heat)
    if abs(slope) < 1e-3:
        exact = (start - low) * (high - start) / (2 * heat)
        assert found == pytest.approx(exact, rel=0.01)
    else:
        right = np.expm1(slope * (start - low) / heat) / np.expm1(slope * (high - low) / heat)
        exact = (start - low - (high - low) * right) / slope
        assert found == pytest.approx(exact, rel=1e-5, abs=1e-9)


def test_two_ends_or_one_make_no_difference_behind_a_wall():
    one = pontryagin1933.mean_time(well, start=-1.0, target=1.0, temperature=0.3)
    two = pontryagin1933.mean_exit_time(well, start=-1.0, low=-2.4, high=1.0, temperature=0.3)
    assert two == pytest.approx(one, rel=1e-5)


def test_the_fit_of_kramers_improves_as_he_said():
    heats = np.array([0.2, 0.1, 0.05, 0.025])
    exact = np.array([pontryagin1933.mean_time(well, start=-1.0, target=1.0, temperature=heat) for heat in heats])
    law = kramers1940.mean_time(barrier=1.0, well_curvature=8.0, top_curvature=-4.0, temperature=heats)
    short = exact / law - 1
    assert short.round(3).tolist() == [0.107, 0.043, 0.02, 0.01]
    # The next term takes away the first order: what is left falls with the square of the temperature.
    factor = kramers1940.next_order(well=(8.0, -24.0, 24.0), top=(-4.0, 0.0, 24.0), temperature=heats)
    left = exact / (law * factor) - 1
    assert (np.abs(left) < 0.9 * heats**2).all()


def test_langer_is_kramers_times_what_happens_across_the_path():
    one = kramers1940.mean_time(barrier=2.0, well_curvature=8.0, top_curvature=-4.0, temperature=0.4)
    two = langer1969.mean_time(
        barrier=2.0, valley_hessian=[[8, 0], [0, 1]], pass_hessian=[[9, 0], [0, -4]], temperature=0.4
    )
    assert two == pytest.approx(3 * one)
    turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    three = langer1969.mean_time(
        barrier=2.0,
        valley_hessian=[[8, 0], [0, 1]],
        pass_hessian=turned @ np.diag([9, -4]) @ turned.T,
        temperature=0.4,
    )
    assert three == pytest.approx(two)


# The landscape, written here again: a theory is tested without the model.
CONSTANTS = np.array(
    [
        [-200, -1, 0, -10, 1, 0],
        [-100, -1, 0, -10, 0, 0.5],
        [-170, -6.5, 11, -6.5, -0.5, 1.5],
        [15, 0.7, 0.6, 0.7, -1, 1],
    ]
).T
A, B = (-0.5582236, 1.4417258), (0.6234994, 0.0280378)
BOX = ((-1.9, 1.3), (-0.6, 2.3))


def landscape(points):
    amplitude, xx, xy, yy, x0, y0 = CONSTANTS
    x, y = points[..., 0, None] - x0, points[..., 1, None] - y0
    return (amplitude * np.exp(xx * x**2 + xy * x * y + yy * y**2)).sum(-1)


@pytest.mark.parametrize("row", table("mueller_brown.csv"), ids=lambda row: f"kT={row['kT']:g}")
def test_the_table_of_the_landscape(row):
    options = {"start": A, "target": B, "radius": 0.1, "temperature": row["kT"], "box": BOX}
    assert kolmogorov1931.mean_time(landscape, **options) == pytest.approx(row["mfpt_grid"], rel=2e-3)


def test_a_finer_grid_agrees_to_five_digits():
    row = next(row for row in table("mueller_brown.csv") if row["kT"] == 20)
    fine = kolmogorov1931.mean_time(landscape, start=A, target=B, radius=0.1, temperature=20.0, box=BOX, cells=200)
    assert fine == pytest.approx(row["mfpt_grid"], rel=2e-5)


@pytest.mark.parametrize("heat", [0.5, 1.0, 2.0])
def test_a_bowl_is_descended_in_a_time_without_temperature(heat):
    found = kolmogorov1931.mean_time(
        lambda points: 2 * (points**2).sum(-1), start=(1.2, 1.6), target=(0, 0), radius=0.5, temperature=heat,
        box=((-7, 7), (-7, 7)), cells=120,
    )  # fmt: skip
    # The disc is made of squares a fifth of its radius wide: good to two percent.
    assert found == pytest.approx(np.log(4) / 4, rel=0.02)


def test_two_separate_directions_are_one():
    # A valley that is the double well along x and a trap along y: the target, a disc around the right well, is found
    # as soon as the walker is over the hill.
    found = kolmogorov1931.mean_time(
        lambda points: well(points[..., 0]) + 4 * points[..., 1] ** 2,
        start=(-1, 0), target=(1, 0), radius=0.3, temperature=0.15, box=((-2.2, 2.2), (-1.6, 1.6)), cells=150,
    )  # fmt: skip
    exact = pontryagin1933.mean_time(well, start=-1.0, target=0.9, temperature=0.15)
    assert found == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("heat", [0.5, 0.25])
def test_the_chain_leads_to_continuous_time(heat):
    exact = pontryagin1933.mean_time(well, start=-1.0, target=1.0, temperature=heat)
    times = [
        maruyama1955.mean_time(well_force, start=-1.0, target=1.0, temperature=heat, time_step=step)
        for step in (2e-3, 5e-4)
    ]
    assert times == pytest.approx([exact, exact], rel=5e-3)
    assert abs(times[1] - exact) < abs(times[0] - exact)


@given(st.floats(0.1, 2), st.floats(0.5, 3))
@settings(max_examples=20, deadline=None)
def test_the_chain_notices_an_arrival_late(heat, length):
    # On a plateau: as if both ends were 0.5826 kicks farther out; the constant is -zeta(1/2) / sqrt(2 pi).
    step = (length / 60) ** 2 / (2 * heat)
    kick = np.sqrt(2 * heat * step)
    found = maruyama1955.mean_time(
        lambda x: 0 * x, start=0.0, target=(-length, length), temperature=heat, time_step=step
    )
    assert found == pytest.approx((length + 0.5826 * kick) ** 2 / (2 * heat), rel=1e-4)


GOOD = {
    pontryagin1933.mean_time: {"energy": well, "start": -1.0, "target": 1.0, "temperature": 0.5},
    pontryagin1933.mean_exit_time: {"energy": well, "start": 0.0, "low": -1.0, "high": 1.0, "temperature": 0.5},
    kramers1940.mean_time: {"barrier": 1.0, "well_curvature": 8.0, "top_curvature": -4.0, "temperature": 0.5},
    kramers1940.next_order: {"well": (8.0, 0.0, 0.0), "top": (-4.0, 0.0, 0.0), "temperature": 0.5},
    langer1969.mean_time: {"barrier": 1.0, "valley_hessian": [[8.0]], "pass_hessian": [[-4.0]], "temperature": 0.5},
    kolmogorov1931.mean_time: {
        "energy": landscape, "start": A, "target": B, "radius": 0.1, "temperature": 20.0, "box": BOX, "cells": 100,
    },
    maruyama1955.mean_time: {
        "force": well_force, "start": -1.0, "target": 1.0, "temperature": 0.5, "time_step": 0.01, "wall": 3.0,
    },
}  # fmt: skip
NAN = float("nan")
BAD = {
    "energy": [1.0, None, lambda x: x * NAN, lambda x: np.zeros(3)],
    "force": [1.0, None, lambda x: x * NAN, lambda x: np.zeros(3)],
    "temperature": [0.0, -1.0, NAN, "hot"],
    "start": [NAN, "left", None],
    "target": [NAN, "right", None],
    "low": [1.0, NAN, None],
    "high": [-1.0, NAN, "up"],
    "barrier": [0.0, -1.0, NAN, "high"],
    "well_curvature": [0.0, -1.0, "flat"],
    "top_curvature": [0.0, 1.0, "flat"],
    "well": [(-8.0, 0.0, 0.0), (8.0, 0.0), "well"],
    "top": [(8.0, 0.0, 0.0), (8.0, 0.0), "top"],
    "valley_hessian": [[[-8.0]], [[1.0, 2.0]], [[1.0, 2.0], [3.0, 1.0]], 1.0],
    "pass_hessian": [[[4.0]], [[-1.0, 0.0], [0.0, -1.0]], [[-1.0, 0.0], [0.0, 1.0]], 1.0],
    "radius": [0.0, -1.0, 0.001, "wide"],
    "box": [(0, 1), ((1, 0), (0, 1)), ((0, 1), (0, 1)), "box"],
    "cells": [10, 900, 50.0, True],
    "time_step": [0.0, -1.0, NAN, 1e-9],
    "wall": [0.0, -3.0, "brick"],
}
CASES = [
    pytest.param(function, name, value, id=f"{function.__module__.split('.')[-1]}.{function.__name__}-{name}-{number}")
    for function, good in GOOD.items()
    for name in good
    for number, value in enumerate(BAD[name])
]


@pytest.mark.parametrize(("function", "name", "value"), CASES)
def test_bad_input_is_named(function, name, value):
    with pytest.raises((ValueError, TypeError), match=rf"{name}\b|inside the box"):
        function(**(GOOD[function] | {name: value}))


def test_times_beyond_all_numbers_are_refused():
    with pytest.raises(ValueError, match="temperature must be higher"):
        pontryagin1933.mean_time(well, start=-1.0, target=1.0, temperature=0.001)
    with pytest.raises(ValueError, match="target must differ from start"):
        pontryagin1933.mean_time(well, start=1.0, target=1.0, temperature=0.5)
    with pytest.raises(ValueError, match="target must differ from start"):
        maruyama1955.mean_time(well_force, start=1.0, target=1.0, temperature=0.5, time_step=0.01)
    with pytest.raises(ValueError, match="energy must rise"):
        pontryagin1933.mean_time(lambda x: -x, start=0.0, target=1.0, temperature=0.5)
