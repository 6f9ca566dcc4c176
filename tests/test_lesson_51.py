"""Lesson 51's pieces: the picture behind the knob, its drawings, digits in one call, led students, derived readings."""

import numpy as np
import pytest
import torch
from scipy.special import erf

from course_utils import plots
from course_utils.dynamics import digit_classes, soft_committee
from course_utils.knobs.lesson_51 import RATES, TIMES, silenced_error, student_picture
from course_utils.measure import extrema
from course_utils.measure.statistics import Estimate, estimate
from course_utils.theory import mori2025, mori2025_growth, saad1995, wager2013
from course_utils.theory import mori2025_specialisation as matched

# --- a test that silences nodes, too


@pytest.mark.parametrize(("p", "silent"), [(0.7, 0.4), (1.0, 0.2), (0.5, 0.7)])
def test_the_silenced_error_agrees_with_coins(p, silent):
    student, cross = np.array([[0.6, 0.2], [0.2, 0.4]]), np.array([[0.5], [0.3]])
    whole = np.block([[student, cross], [cross.T, np.ones((1, 1))]])
    rng = np.random.default_rng(4)
    fields = rng.multivariate_normal(np.zeros(3), whole, 400_000)
    outputs = erf(fields / np.sqrt(2))
    awake = (rng.random((400_000, 2)) >= silent) / (1 - silent)
    half = (p * (outputs[:, :2] * awake).sum(1) - outputs[:, 2]) ** 2 / 2
    found = estimate(half)
    assert abs(found.z(float(silenced_error(student, cross, p, silent)))) < 4
    assert found.error < 0.006 * found.mean


def test_what_the_knob_shows_is_what_the_equations_say():
    picture = student_picture(0.3)
    exact = mori2025.learning(TIMES[1:], active=0.7, noise=0.3).error
    assert picture["error"][1:] == pytest.approx(exact, rel=1e-5)
    assert picture["error"][0] == pytest.approx(1 / 6)
    assert picture["place"].tolist() == [0.3]
    assert picture["here"].tolist() == [picture["error"][-1]]
    assert picture["test error"] == 0.0365
    assert picture["without training dropout"] == 0.0632
    said = {name for name, value in picture.items() if not isinstance(value, np.ndarray)}
    assert said == {"test error", "without training dropout"}  # the read-out does not tell what is to be found


def test_a_setting_between_the_grid_points_is_computed_not_rounded():
    exact = mori2025.learning([5.0], active=0.68, noise=0.3).error[0]
    assert student_picture(0.32)["here"] == pytest.approx(exact, rel=1e-5)


def test_what_the_text_beside_the_knob_says():
    best = [RATES[student_picture(0.0, q, 0.0)["last"].argmin()] for q in (0.0, 0.1, 0.15, 0.2, 0.5, 0.7)]
    assert best[:3] == [0, 0, 0]
    assert best[3] == pytest.approx(0.2)
    assert best[3] < best[4] < best[5] == pytest.approx(0.6)
    assert (np.diff(student_picture(0.6, 0.0, 1.0)["plain"]) > 0).all()


# --- drawings


def test_the_drawing_moves_and_is_not_drawn_again():
    figure = plots.figure()
    first = plots.dropout_curves(figure, student_picture(0.3), None)
    second = plots.dropout_curves(figure, student_picture(0.5, 0.2, 1.0), first)
    assert second is first
    assert list(first["here"].get_xdata()) == [0.5]  # a dropout, not the share that stays awake
    left, right = (axes.get_xlabel() for axes in figure.axes)
    assert (left, right) == (r"samples per input $\alpha$", "dropout in training, $1 - p$")


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0])
def test_the_frame_holds_all_settings(noise):
    figure = plots.figure()
    plots.dropout_curves(figure, student_picture(0.3), None)
    low, high = figure.axes[0].get_ylim()
    for test in (0.0, 0.7):
        for train in (0.0, 0.35, 0.7):
            picture = student_picture(train, test, noise)
            drawn = np.concatenate([picture["error"], picture["plain"], picture["last"]])
            assert low < drawn.min()
            assert drawn.max() < high


def test_a_table_says_each_number_and_colours_it():
    table = [[Estimate(0.1 * (i + j), 0.01, 4) for j in range(3)] for i in range(2)]
    table[0][0] = Estimate(-0.02, 0.01, 4)
    figure = plots.phase_table({"t": table}, columns=[0, 0.5, 0.9], rows=[0, 0.5], x_label="x", y_label="y", low=0,
                               high=0.3, title="message")  # fmt: skip
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == ["−0.02", "0.10", "0.20", "0.10", "0.20", "0.30"]
    assert np.asarray(axes.images[0].get_array()) == pytest.approx(np.array([[0, 1, 2], [1, 2, 3]]) / 3)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0", "0.5", "0.9"]


def test_a_table_may_have_ends_of_its_own_that_fall():
    table = [[Estimate(value, 0.01, 4) for value in (0.0, 2.0, 4.0, 16.0)]]
    figure = plots.phase_table({"b": table, "loss": table}, columns=[1, 2, 3, 4], rows=[0], x_label="x", y_label="y",
                               low=0, high=4, shades={"loss": (4.0, 0.0)}, title="message")  # fmt: skip
    usual, turned = (np.asarray(axes.images[0].get_array())[0] for axes in figure.axes)
    assert usual == pytest.approx([0, 0.5, 1, 1])
    assert turned == pytest.approx([1, 0.5, 0, 0])


# --- digits in one call


def test_digits_are_taught_as_asked():
    taught = digit_classes.train_digits(
        [30, 90], dropout=[[0.0], [0.9]], hidden=(24,), steps=150, replicas=2, tests=80, seed=3
    )
    assert taught.shape == (2, 2, 2)
    assert taught.population.sizes == (64, 24, 10)
    new, answers = taught.test_inputs, taught.test_labels
    assert torch.equal(new[0], new[2])  # another setting, the same replica
    assert not torch.equal(new[0], new[1])
    right = taught.population.accuracies(new, answers).numpy().reshape(2, 2, 2).mean(-1)
    assert right[0, 1] > right[0, 0] > right[1, 0]  # more images help; nearly all silent, nothing is learned in time
    assert right[0, 1] > 0.7
    again = digit_classes.train_digits(
        [30, 90], dropout=[[0.0], [0.9]], hidden=(24,), steps=150, replicas=2, tests=80, seed=3
    )
    assert torch.equal(taught.population.weights[0], again.population.weights[0])


def test_wrong_labels_hurt():
    taught = digit_classes.train_digits(200, label_noise=[0.0, 0.5], hidden=(32,), steps=200, replicas=3, seed=4)
    right = taught.population.accuracies(taught.test_inputs, taught.test_labels).numpy().reshape(2, 3)
    assert (right[0] > right[1] + 0.1).all()


# --- students that are led


def test_a_led_student_starts_where_it_should():
    start = np.array([[0.4, 0.2], [0.1, 0.3]])
    seen = soft_committee.learn_online(
        [0.0, 0.5], active=[0.8, 1.0], start=start, inputs=50, teachers=2, replicas=3, seed=1
    )
    assert seen.cross[0] == pytest.approx(np.broadcast_to(start, (2, 3, 2, 2)))
    assert seen.student[0] == pytest.approx(np.broadcast_to(start @ start.T, (2, 3, 2, 2)))
    each = soft_committee.learn_online(
        [0.0], active=[0.8, 1.0], start=np.stack([start, 2 * start]), inputs=50, teachers=2, replicas=3, seed=1
    )
    assert each.cross[0, 1] == pytest.approx(np.broadcast_to(2 * start, (3, 2, 2)))


def test_led_students_follow_the_equations():
    start, times = np.array([[0.4, 0.2], [0.2, 0.4]]), np.array([10.0, 40.0])
    seen = soft_committee.learn_online(times, active=0.9, start=start, inputs=150, teachers=2, replicas=32, seed=2)
    exact = matched.preference(mori2025.learning(times, active=0.9, start=(start @ start.T, start)).cross)
    for k in (0, 1):
        found = estimate(matched.preference(seen.cross[k]))
        assert abs(found.z(exact[k])) < 4
        assert found.error < 0.015


# --- readings


def test_the_place_of_a_minimum():
    x = np.linspace(0, 1, 9)
    assert extrema.parabola_minimum(x, np.exp((x - 0.37) ** 2), near=0.4, reach=0.3) == pytest.approx(0.37)
    noisy = np.exp((x - 0.6) ** 2 + 0.02 * np.random.default_rng(1).standard_normal((200, 9)))
    found = extrema.minimum(x, noisy, near=0.6, reach=0.5)
    assert abs(found.z(0.6)) < 4
    assert 0 < found.error < 0.01


def test_the_growth_of_a_mean():
    rng = np.random.default_rng(2)
    found = extrema.growth_rate(rng.normal(0.1, 0.02, 500), rng.normal(0.1 * np.exp(0.6), 0.02, 500), 20.0)
    assert abs(found.z(0.03)) < 4
    assert found.error < 1e-3


def test_the_growth_vanishes_at_the_critical_point_for_a_small_rate():
    """A tiny preference, three small rates: the crossing tends to the exact value, to better than 0.0005."""
    p = np.linspace(0.84, 0.87, 7)
    crossing = [np.interp(0, mori2025_growth.growth(p, rate, preference=1e-3), p) for rate in (0.1, 0.05)]
    limit = 2 * crossing[1] - crossing[0]
    assert limit == pytest.approx(matched.critical_active(), abs=2e-3)


def test_rate_two_makes_dropout_worth_while_on_clean_labels_and_a_random_start_makes_it_worthless():
    clean = mori2025.learning([5.0], active=[0.6, 1.0], learning_rate=2.0).error[0]
    assert clean == pytest.approx([0.0362, 0.1374], abs=1e-4)
    start = (np.eye(2), np.zeros((2, 1)))
    apart = mori2025.learning([5.0], active=[0.7, 1.0], noise=0.3, start=start).error[0]
    assert abs(apart[1] - apart[0]) < 0.03 * apart[1]


def test_the_best_pair_is_no_worse_than_any_other():
    rate, active, error, plain = mori2025.best_setting(0.3)
    assert error <= plain
    assert mori2025.learning([5.0], active=active, noise=0.3, learning_rate=rate).error[0] == pytest.approx(
        error, rel=1e-5
    )
    assert error < mori2025.best_active([0.3])[1][0]


def test_preference_of_copies():
    assert matched.preference(np.eye(2)) == 1
    assert matched.preference(np.eye(2)[::-1]) == -1
    assert saad1995.specialisation(np.eye(2), np.eye(2)) == 1


PART = plots.Part("h", "x $x$", "y", series={"s": ([1.0], [Estimate(1.0, 0.1, 3)])})
TABLE = {"columns": [0], "rows": [0], "x_label": "x", "y_label": "y", "title": "t"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: student_picture(0.8), "train must be"),
        (lambda: student_picture(0.1, test=-0.1), "test must be"),
        (lambda: student_picture(0.1, noise=-1.0), "noise must be"),
        (lambda: silenced_error(np.eye(2), np.eye(2), 0.5, 1.0), "silent must be"),
        (lambda: digit_classes.train_digits(0, seed=1), "images must be"),
        (lambda: digit_classes.train_digits(20.5, seed=1), "images must be whole"),
        (lambda: digit_classes.train_digits([20, 30], label_noise=0.1, seed=1), "label_noise must be 0"),
        (lambda: digit_classes.train_digits(1700, seed=1), "tests must be at most"),
        (lambda: digit_classes.train_digits(50, dropout=1.0, seed=1), "dropout"),
        (lambda: soft_committee.learn_online([1.0], start=np.eye(3), seed=1), "start must have shape"),
        (lambda: soft_committee.learn_online([1.0], start=np.zeros((4, 2, 1)), active=[0.5, 1.0], seed=1), "shape"),
        (lambda: extrema.growth_rate([1.0, 2.0], [1.0], 1.0), "second must have"),
        (lambda: extrema.growth_rate([1.0, 2.0, 1.0], [-1.0, -2.0, -1.0], 1.0), "one sign"),
        (lambda: extrema.parabola_minimum([0, 1, 2], [1, 1, 1], near=5.0, reach=0.1), "at least 3"),
        (lambda: extrema.parabola_minimum([0, 1, 2], [1, 2, 1], near=1.0, reach=2.0), "bent upwards"),
        (lambda: mori2025_growth.near_plateau(0.5), "preference must be"),
        (lambda: mori2025_growth.growth([0.5], 0.0), "learning_rate must be"),
        (lambda: matched.preference(np.eye(3)), "cross must be"),
        (lambda: mori2025.best_setting(-1.0), "noise must be"),
        (lambda: plots.parts_in_words("no part"), "parts must be"),
        (lambda: plots.phase_table({}, low=0, high=1, **TABLE), "tables must"),
        (lambda: plots.phase_table({"a": [[PART]]}, low=0, high=1, **TABLE), "must hold Estimates"),
        (lambda: plots.phase_table({"a": []}, low=0, high=1, **TABLE), "must have 1 rows"),
        (lambda: plots.phase_table({"a": []}, low=1, high=0, **TABLE), "high must be"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_the_parts_of_the_figures_hold_what_was_measured_at_its_place():
    x, line, samples = np.array([0.5, 1.0]), np.array([3.0, 4.0]), np.array([[1.0, 3.0], [5.0, 5.0]])  # x, replica
    best = {"noises": [0.3], "measured": [Estimate(0.7, 0.1, 9)], "same": [0.6], "exact": (x, line), "guess": None}
    left, right = plots.optimum_parts(x, {"a": samples}, x, {"a": line}, best)
    assert [each.mean for each in left.series["a"][1]] == [2, 5]
    assert right.series["by a parabola"][1][0].mean == 0.7
    left, right = plots.twin_parts(x, samples.T, (x, line), x, {"a": samples}, {"a": (x, line)}, None)
    assert [each.mean for part in (left, right) for each in next(iter(part.series.values()))[1]] == [2, 5, 2, 5]
    part = plots.preference_part(x, {"a": samples}, x, {"a": line})
    assert [each.mean for each in part.series["a"][1]] == [2, 5]
    assert part.levels == {"asked: 0.4": 0.4}
    left, _ = plots.transition_parts(x, {6: samples.T}, {}, x, {6: [Estimate(0.0, 1.0, 3)] * 2}, {}, 0.85)
    assert [each.mean for each in left.series["N = 6"][1]] == [2, 5]
    left, right = plots.damage_parts([0, 0.5], {"a": samples}, Estimate(0.1, 0.1, 3), {"b": samples.T})
    assert [each.mean for part in (left, right) for each in next(iter(part.series.values()))[1]] == [2, 5, 2, 5]
    assert [each.mean for each in plots.heat_part(x, {"a": samples.T}, {"a": line}).series["a"][1]] == [2, 5]


def test_one_temperature_for_all_is_a_ratio_of_one():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((40, 3)) * [2.0, 1.0, 0.5]
    y = x @ [1.0, 1.0, 1.0] + 0.3 * rng.standard_normal(40)
    exact = wager2013.stationary(x, y, 0.7, learning_rate=0.1).temperatures
    assert wager2013.temperature_ratio(x, y, 0.7, learning_rate=0.1) == pytest.approx(exact.max() / exact.min())
    assert exact.max() > 2 * exact.min()
