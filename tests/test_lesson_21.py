"""Lesson 21: exact draws of chains, scaling with size, the magnet behind the knob, and its pictures."""

import numpy as np
import pytest

from course_utils import plots
from course_utils.dynamics import ising_chain, multispin
from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.exercises import check
from course_utils.exercises.lesson_21 import binder, crossing, flip_cost, mean_order
from course_utils.knobs.lesson_21 import magnet
from course_utils.measure import Estimate, estimate, magnets, scaling
from course_utils.theory import binder1981, ising1925, kaufman1949, kramers1941, onsager1944, yang1952

CRITICAL = onsager1944.CRITICAL_TEMPERATURE


# -------------------------------------------------------------------------------------------------------- chains


@pytest.mark.parametrize("spins", [16, 300])
def test_chains_are_drawn_from_boltzmann(spins):
    temperatures = [0.35, 0.8, 3.0]
    drawn = ising_chain.draw(spins, temperatures, records=200, seed=21)
    for k, temperature in enumerate(temperatures):
        energy = magnets.energy(drawn)[k]
        assert abs(energy.z(-(1 - 1 / spins) * np.tanh(1 / temperature))) < 4
        assert energy.error < 0.004
        second, fourth = ising1925.moments(spins, temperature)
        square = estimate((drawn.magnetisations[k] ** 2).mean(1))
        assert abs(square.z(second)) < 4
        assert square.error < 0.03 * second
        cumulant = magnets.binder(drawn)[k]
        assert abs(cumulant.z(1 - fourth / (3 * second**2))) < 4
        assert cumulant.error < 0.03
        assert abs(estimate(drawn.magnetisations[k].mean(1)).z(0.0)) < 4


def test_a_drawn_chain_fits_its_own_numbers_whatever_the_pieces(monkeypatch):
    whole = ising_chain.draw(7, [1.0], replicas=5, records=4, seed=3)
    assert whole.spins.shape == (1, 5, 7)
    assert np.allclose(whole.spins[0].mean(-1), whole.magnetisations[0, :, -1])
    bonds = (whole.spins[0, :, 1:] * whole.spins[0, :, :-1]).sum(-1)
    assert np.allclose(-bonds / 7, whole.energies[0, :, -1])
    monkeypatch.setattr(ising_chain, "_PIECE", 70)
    pieces = ising_chain.draw(7, [1.0], replicas=5, records=5, seed=3)
    assert np.isfinite(pieces.energies).all()
    assert np.allclose(pieces.spins[0].mean(-1), pieces.magnetisations[0, :, -1])


# ------------------------------------------------------------------------------------------------------- scaling


def near(size, sweeps=20_000, seed=0):
    return multispin.simulate(size, [2.27], sweeps=sweeps, burn_in=2000, record_every=4, seed=seed + size)


def test_the_crossing_of_small_lattices_is_where_theory_says():
    found = scaling.crossing(near(4), near(8), low=2.145, high=2.345)
    assert abs(found.z(binder1981.crossing(4))) < 4
    assert found.error < 0.004
    assert found.z(CRITICAL) < -6


def test_slopes_are_derivatives_of_exact_cumulants():
    for size in (4, 8):
        slope = scaling.binder_slope(near(size, seed=7))[0]
        exact = (binder1981.cumulant(size, 2.275) - binder1981.cumulant(size, 2.265)) / 0.01
        assert abs(slope.z(exact)) < 4
        assert slope.error < 0.01 * abs(exact)


def test_slopes_by_the_inverse_temperature_are_those_of_a_chain():
    middle = 0.9
    drawn = ising_chain.draw(16, [1 / middle], records=1000, seed=4)
    slope = scaling.binder_slope(drawn, by_beta=True)[0]
    assert abs(slope.z(ising1925.slope(16, 1 / middle))) < 4
    assert slope.error < 0.01
    assert scaling.binder_slope(drawn)[0].mean == pytest.approx(-slope.mean * middle**2, rel=1e-9)


def test_exponents_and_ratios():
    sizes = np.array([8, 16, 32, 64])
    rng = np.random.default_rng(1)
    found = []
    for _ in range(400):
        values = 3 * sizes**-0.125 * (1 + 0.01 * rng.standard_normal(4))
        found.append(scaling.exponent(sizes, [Estimate(v, 0.01 * v, 9) for v in values]))
    assert abs(estimate([f.mean for f in found]).z(-0.125)) < 4
    assert np.std([f.mean for f in found]) == pytest.approx(found[0].error, rel=0.12)
    sharp = [Estimate(-float(v), 0.1, 9) for v in sizes]
    assert scaling.exponent(sizes, sharp).mean == pytest.approx(1.0)
    draws = (6 + 0.2 * rng.standard_normal(20_000)) / (3 + 0.1 * rng.standard_normal(20_000))
    quotient = scaling.ratio(Estimate(6.0, 0.2, 5), Estimate(3.0, 0.1, 7))
    assert (quotient.mean, quotient.n) == (2.0, 5)
    assert quotient.error == pytest.approx(draws.std(), rel=0.03)


# ------------------------------------------------------------------------------------------------- behind the knob


@pytest.mark.parametrize("temperature", [1.6, 2.15, CRITICAL, 2.3, 2.5, 3.4])
def test_the_magnet_has_forgotten_its_cold_start(temperature):
    moments = [magnet(temperature, 128, moment) for moment in range(60)]
    energy = estimate([m["energy per spin at this moment"] for m in moments])
    assert abs(energy.z(float(kaufman1949.energy(128, temperature)))) < 4
    assert energy.error < 0.006
    if temperature < 2.2:  # where a side of 128 is as good as endless
        order = estimate([m["order |m| at this moment"] for m in moments])
        assert abs(order.z(float(yang1952.magnetisation(temperature)))) < 4
        assert order.error < 0.002


def test_the_order_of_the_magnet_at_the_critical_point_is_that_of_long_runs():
    order = estimate([magnet(CRITICAL, 16, moment)["order |m| at this moment"] for moment in range(300)])
    long = magnets.magnetisation(multispin.simulate(16, [CRITICAL], sweeps=40_000, record_every=10, seed=2))[0]
    assert abs(order.z(long)) < 4
    assert order.error < 0.015


def test_the_magnet_is_a_pure_function():
    first, again, other = magnet(2.3, 32, 3), magnet(2.3, 32, 3), magnet(2.3, 32, 4)
    assert (first["spins"] == again["spins"]).all()
    assert (first["spins"] != other["spins"]).any()
    assert first["order |m| at this moment"] == round(abs(float(first["spins"].mean())), 3)


# ----------------------------------------------------------------------------------------------------- exercises


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))

    def verdict(identity, attempt):
        check(identity, attempt)
        return capsys.readouterr().out

    return verdict


def test_the_order_that_a_regime_is_judged_by_is_exact():
    for temperature in (2.1, CRITICAL, 3.0):
        order = mean_order(temperature, 8)
        m, share = kramers1941.magnetisation_distribution(8, temperature)
        assert abs(order.z(abs(m) @ share)) < 4
        assert order.error < 0.001


@pytest.mark.parametrize(("temperature", "right"), [(2.28, True), (2.4, True), (2.41, True), (2.42, False)])
def test_every_temperature_at_which_side_16_is_half_ordered_is_right(said, temperature, right):
    assert ("correct" in said("21.5", temperature)) == right


def flips_and_compares(spins, row, column):
    cost = flip_cost(spins, row, column)
    spins[row, column] *= -1
    return cost


def smallest_gaps(temperatures, small, large):
    near = np.argsort(np.abs(large - small))[:2]
    slope, height = np.polyfit(temperatures[near], (large - small)[near], 1)
    return -height / slope


def on_a_grid(temperatures, small, large):
    fine = np.linspace(temperatures[0], temperatures[-1], 1000)
    return fine[np.abs(np.interp(fine, temperatures, large) - np.interp(fine, temperatures, small)).argmin()]


@pytest.mark.parametrize(
    ("identity", "attempt", "sentence"),
    [
        ("21.1", lambda s, r, c: -flip_cost(s, r, c) / 2, "energy of the four bonds before the flip"),
        ("21.2", lambda h, t: np.minimum(1, np.exp(-2 * h / t)), "for a spin that points up"),
        ("21.2", lambda h, t: 1 / (1 + np.exp(-4 * h / t)), "takes it four times"),
        ("21.3", lambda m: 1 - (m**4 / (3 * m**2)).mean(), "a mean of ratios"),
        ("21.1", flips_and_compares, "changes the array it is given"),
        ("21.1", lambda s, r, c: flips_and_compares(s.copy(), r, c), "correct"),
        ("21.1", lambda s, r, c: flip_cost(s, r, c) // 2, "half of the cost"),
        ("21.1", lambda s, r, c: 2 * s[r, c] * (s[r - 1, c] + s[r + 1, c] + s[r, c - 1] + s[r, c + 1]), "modulo"),
        ("21.3", lambda m: np.mean(m**4) / (3 * np.mean(m**2) ** 2), "The 1 is missing"),
        ("21.3", lambda m: 1 - np.mean(m**4) / (3 * (m.mean() ** 2) ** 2), "Square first"),
        ("21.3", lambda m: 1 - np.mean(m**4) / (3 * m.mean() ** 2), "square once more"),
        ("21.3", lambda m: 1 - np.mean(m**4) / (3 * m.var() ** 2), "takes the mean of m off"),
        ("21.3", lambda m: 1 - np.mean(m) ** 4 / (3 * (np.mean(m) ** 2) ** 2), "always 2/3"),
        ("21.3", lambda m: 1 - np.mean(m**4) / (3 * np.mean(m**2)), "square below the line is missing"),
        ("21.3", lambda m: 1 - np.mean(m**4) / 3 * np.mean(m**2) ** 2, "(a / 3) · b"),
        ("21.3", lambda m: 1 - np.mean(m**4) / 3 * np.mean(m**2), "and so is a square"),
        ("21.3", lambda m: binder(m.copy()), "correct"),
        ("21.4", lambda t, a, b: np.roots(np.polyfit(t, a - b, 1))[0], "one straight line through all points"),
        ("21.4", lambda t, a, b: crossing(t, b, a), "correct"),
        ("21.4", lambda t, a, b: np.interp(0, a - b, t), "correct"),
        ("21.4", lambda t, a, b: np.interp(0, b - a, t), "numbers must rise"),
        ("21.4", on_a_grid, "Near, but off by up to 0.000095. A grid"),
        ("21.4", lambda t, a, b: 2 * t[2], "inputs come out wrong"),
        ("21.4", lambda t, a, b: t, "where a single number is expected"),
        ("21.4", smallest_gaps, "same side of the crossing"),
    ],
)  # fmt: skip
def test_attempts_are_recognised(said, identity, attempt, sentence):
    assert sentence in said(identity, attempt)


# ------------------------------------------------------------------------------------------------------ pictures


def test_pictures_by_size_show_every_series():
    x, values = [1.0, 2.0, 3.0], [Estimate(1.0, 0.1, 4)] * 3
    drawn = plots.by_size(
        x, {8: values, 16: values}, theory={8: (x, x), 16: (x, x)}, critical=2.0,
        title="A title", x_label="x", y_label="y",
    )  # fmt: skip
    shown = [text.get_text() for text in drawn.axes[0].get_legend().get_texts()]
    assert shown == ["theory", "$L = 8$", "$L = 16$"]
    panel = {
        "x": {8: x},
        "measurements": {8: values},
        "heading": "one",
        "x_label": "x",
        "y_label": "y",
        "x_lim": (0, 9),
    }
    twice = plots.by_size_twice(panel, {**panel, "critical": 2.0, "mark": "here"}, title="A title")
    assert twice.axes[0].get_xlim() == (0, 9)
    for axes in (*drawn.axes, *twice.axes):
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    assert "here" in [text.get_text() for text in twice.axes[1].texts]


def test_the_live_picture_moves_only_its_data():
    figure = plots.figure()
    artists = plots.magnet(figure, magnet(2.0, 16), None)
    picture = magnet(3.0, 32)
    assert plots.magnet(figure, picture, artists) is artists
    assert (artists["image"].get_array() == picture["spins"]).all()
    assert artists["point"].get_xdata()[0] == 3.0
    assert (figure.axes[1].get_xlabel(), figure.axes[1].get_ylabel()) == ("temperature $T$", "order $|m|$")
    assert len(plots.lattices({"T = 3": picture["spins"], "T = 2": np.ones((4, 4))}, title="Two").axes) == 2


# ----------------------------------------------------------------------------------------------------- bad input

RECORD = MagnetRecord(16, np.array([2.0]), np.zeros((1, 4, 3)), np.ones((1, 4, 3)), np.ones((1, 4, 4, 4), np.int8))
TWO = MagnetRecord(16, np.array([2.0, 3.0]), np.zeros((2, 4, 3)), np.ones((2, 4, 3)), np.ones((2, 4, 4, 4), np.int8))
FEW = MagnetRecord(16, np.array([2.0]), np.zeros((1, 2, 3)), np.ones((1, 2, 3)), np.ones((1, 2, 4, 4), np.int8))
FIVE = MagnetRecord(16, np.array([2.0]), np.zeros((1, 5, 3)), np.ones((1, 5, 3)), np.ones((1, 5, 4, 4), np.int8))
ONE = Estimate(1.0, 0.1, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ising_chain.draw(1, [1.0], seed=1), "sites must be"),
        (lambda: ising_chain.draw(5, [0.0], seed=1), "temperatures must be"),
        (lambda: ising_chain.draw(5, [1.0], records=0, seed=1), "records must be"),
        (lambda: scaling.crossing(RECORD, 3, low=1.0, high=2.0), "larger must be"),
        (lambda: scaling.crossing(RECORD, TWO, low=1.0, high=2.0), "larger must be a run at one temperature"),
        (lambda: scaling.crossing(FEW, RECORD, low=1.0, high=2.0), "smaller must hold at least 3"),
        (lambda: scaling.crossing(RECORD, FIVE, low=1.0, high=2.0), "as many replicas"),
        (lambda: scaling.crossing(RECORD, RECORD, low=2.0, high=1.0), "high must be"),
        (lambda: scaling.crossing(near(4, 200), near(8, 200), low=1.0, high=1.1), "must cross"),
        (lambda: scaling.binder_slope("run"), "record must be"),
        (lambda: scaling.exponent([1, 2], [ONE]), "values must be"),
        (lambda: scaling.exponent([1, 2], [ONE, Estimate(-1.0, 0.1, 4)]), "one sign"),
        (lambda: scaling.exponent([2, 2], [ONE, ONE]), "two different sizes"),
        (lambda: scaling.exponent([0, 2], [ONE, ONE]), "x must be"),
        (lambda: scaling.ratio(ONE, 2.0), "below must be"),
        (lambda: scaling.ratio(ONE, Estimate(0.5, 0.1, 4)), "below must be"),
        (lambda: magnet(0.0), "temperature must be"),
        (lambda: magnet(2.0, 1), "side must be"),
        (lambda: magnet(2.0, 16, -1), "moment must be"),
        (lambda: plots.lattices({}, title="None"), "at least one lattice"),
        (lambda: plots.lattices({"a": np.ones((2, 3))}, title="None"), "square"),
        (lambda: plots.by_size([1.0], {8: [1.0]}, title="t", x_label="x", y_label="y"), "must hold Estimates"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
