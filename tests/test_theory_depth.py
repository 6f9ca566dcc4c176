"""Signals and errors in deep random networks: the mean-field maps against tables, limits and a simulated layer."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.measure.statistics import estimate
from course_utils.theory import schoenholz2017

REFERENCE = Path(__file__).parent / "reference"


def table(name):
    with (REFERENCE / name).open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return [{key: float(value) for key, value in row.items()} for row in rows]


@pytest.mark.parametrize("row", table("tanh_depth.csv"), ids=lambda row: f"weights={row['sigma_w2']:g}")
def test_the_table_of_depths(row):
    weights = row["sigma_w2"]
    assert schoenholz2017.length(weights, 0.05) == pytest.approx(row["qstar"], rel=1e-8)
    assert schoenholz2017.growth(weights, 0.05) == pytest.approx(row["chi1"], rel=1e-8)
    assert schoenholz2017.resting_correlation(weights, 0.05) == pytest.approx(row["cstar"], rel=1e-6)
    assert schoenholz2017.depth_scale(weights, 0.05) == pytest.approx(row["xi_c"], rel=1e-5)


@pytest.mark.parametrize("row", table("tanh_critical_line.csv"), ids=lambda row: f"biases={row['sigma_b2']:.3g}")
def test_the_table_of_the_critical_line(row):
    assert schoenholz2017.critical_weight_variance(row["sigma_b2"]) == pytest.approx(row["sigma_w2"], rel=1e-6)
    assert schoenholz2017.length(row["sigma_w2"], row["sigma_b2"]) == pytest.approx(row["qstar"], rel=1e-5)


def test_small_errors_grow_by_chi_a_layer():
    for weights in (1.0, 1.76, 2.5):
        error = 1 - schoenholz2017.correlations(weights, 0.05, start=1 - 1e-7, layers=6)
        assert error[1:] / error[:-1] == pytest.approx(schoenholz2017.growth(weights, 0.05), rel=1e-4)


def test_the_slope_of_the_map_is_the_growth():
    for c in (-0.5, 0.0, 0.6):
        ends = [schoenholz2017.correlations(2.5, 0.05, start=c + e, layers=1)[1] for e in (-1e-5, 1e-5)]
        assert (ends[1] - ends[0]) / 2e-5 == pytest.approx(schoenholz2017.growth(2.5, 0.05, c), rel=1e-7)


@settings(max_examples=15)
@given(st.floats(0.3, 4), st.floats(0.01, 0.3), st.floats(-0.9, 0.99))
def test_all_pairs_come_to_rest_where_theory_says(weights, biases, start):
    rest = schoenholz2017.resting_correlation(weights, biases)
    found = schoenholz2017.correlations(weights, biases, start=start, layers=40)
    assert (np.diff(np.abs(found - rest)) <= 1e-9).all()
    assert (rest == 1) == (schoenholz2017.growth(weights, biases) <= 1)


def test_a_wide_layer_does_what_the_map_says():
    random, width, weights, biases = np.random.default_rng(1), 512, 2.5, 0.05
    q = schoenholz2017.length(weights, biases)
    first, other = random.normal(size=(2, 48, width)) * np.sqrt(q)
    second = 0.6 * first + 0.8 * other
    matrix = random.normal(size=(48, width, width)) * np.sqrt(weights / width)
    bias = random.normal(size=(48, width)) * np.sqrt(biases)
    out = [np.einsum("kij,kj->ki", matrix, np.tanh(x)) + bias for x in (first, second)]
    lengths, products = estimate((out[0] ** 2).mean(1)), estimate((out[0] * out[1]).mean(1))
    expected = q * schoenholz2017.correlations(weights, biases, start=0.6, layers=1)[1]
    assert abs(lengths.z(q)) < 4
    assert abs(products.z(expected)) < 4
    assert products.error < 0.02 * expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: schoenholz2017.length(0.0, 0.05), "weight_variance must be"),
        (lambda: schoenholz2017.length(1.0, 0.0), "bias_variance must be"),
        (lambda: schoenholz2017.growth(1.0, 0.05, 1.5), "correlation must be"),
        (lambda: schoenholz2017.correlations(1.0, 0.05, start=2.0, layers=3), "start must be"),
        (lambda: schoenholz2017.correlations(1.0, 0.05, start=0.5, layers=0), "layers must be"),
        (lambda: schoenholz2017.critical_weight_variance(0.0), "bias_variance must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
