"""Lesson 22's pieces: the regression models, the tube, the picture behind the knob, and its drawing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import LinearSVR

from course_utils import plots
from course_utils.dynamics import tolerance_regression
from course_utils.knobs.lesson_22 import LOADS, MEASURED, highest_rise, learning_curve
from course_utils.knobs.words import scalars
from course_utils.measure.statistics import Estimate, estimate
from course_utils.models import regression
from course_utils.theory import canatar2024, hastie2022, mei2022

# --- models.regression


def test_a_teacher_has_the_signal_and_noise_that_were_asked_for():
    taught = regression.teacher_data(400, 50, 8, signal=1.5, noise=0.7, scale=0.3, seed=1)
    assert 0.3 * np.linalg.norm(taught.truth, axis=1) == pytest.approx(1.5)
    clean = (taught.inputs @ taught.truth[..., None])[..., 0]
    assert abs(estimate((clean**2).mean(1)).z(2.25)) < 4
    assert abs(estimate(((taught.targets - clean) ** 2).mean(1)).z(0.49)) < 4
    assert taught.test_error(taught.truth) == pytest.approx(0.49)
    assert taught.test_error(np.zeros_like(taught.truth)) == pytest.approx(0.49 + 2.25)


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([0.0, 0.3]))
def test_least_norm_is_the_pseudo_inverse(samples, weights, ridge):
    if ridge == 0 and samples == weights:
        return  # as ill-conditioned as it likes
    taught = regression.teacher_data(2, samples, weights, seed=samples + 20 * weights)
    found = regression.least_norm(taught.inputs, taught.targets, ridge=ridge)
    for x, y, w in zip(taught.inputs, taught.targets, found, strict=True):
        exact = np.linalg.pinv(x) @ y if ridge == 0 else np.linalg.solve(x.T @ x + ridge * np.eye(weights), x.T @ y)
        assert w == pytest.approx(exact, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("ratio", [0.5, 0.9, 1.2, 3.0])
def test_the_risk_of_the_shortest_fit_is_exact_at_finite_size(ratio):
    taught = regression.teacher_data(200, 60, round(60 * ratio), noise=0.5, seed=5)
    risk = estimate(taught.test_error(regression.least_norm(taught.inputs, taught.targets)) - 0.25)
    exact = hastie2022.finite_risk(round(60 * ratio), 60)
    assert abs(risk.z(exact)) < 4
    assert risk.error < 0.1 * exact


def test_features_live_where_the_theory_puts_them():
    taught = regression.random_feature_data(300, 200, 50, noise=0.2, tests=4000, seed=2)
    pre = taught.test_inputs[0]
    assert pre.min() == 0
    assert (pre**2).mean() == pytest.approx(0.5, abs=0.02)  # half of a unit Gaussian
    assert (taught.test_targets**2).mean() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("wide", "ridge"), [(1.0, 0.01), (2.8, 0.01), (6.0, 0.0)])
def test_random_features_agree_with_theory(wide, ridge):
    (errors,) = regression.random_feature_errors(round(100 * wide), 300, 100, ridges=[ridge], replicas=12, seed=3)
    found = estimate(errors)
    assert abs(found.z(float(mei2022.risk(wide, 3.0, ridge=ridge)))) < 4
    assert found.error < 0.06 * found.mean


# --- dynamics.tolerance_regression


@pytest.mark.parametrize(
    ("samples", "weights", "width", "ridge"), [(40, 10, 0.3, 0.01), (20, 30, 0.2, 0.1), (60, 20, 0.0, 1)]
)
def test_fits_agree_with_scikit_learn(samples, weights, width, ridge):
    taught = regression.teacher_data(3, samples, weights, noise=0.5, seed=7)
    found = tolerance_regression.fit(taught.inputs, taught.targets, width, ridge=ridge)
    for x, y, w in zip(taught.inputs, taught.targets, found, strict=True):
        model = LinearSVR(
            C=1 / (2 * ridge),
            epsilon=width,
            loss="squared_epsilon_insensitive",
            fit_intercept=False,
            tol=1e-9,
            max_iter=1_000_000,
            random_state=0,
        )
        assert w == pytest.approx(model.fit(x, y).coef_, abs=2e-6)


def gradient(x, y, width, w, ridge):
    residual = y - x @ w
    return ridge * w - x.T @ (np.maximum(np.abs(residual) - width, 0) * np.sign(residual))


@settings(deadline=None, max_examples=40)
@given(
    st.integers(5, 40), st.integers(1, 25), st.floats(0, 1.5), st.sampled_from([1e-6, 1e-3, 1.0]), st.integers(0, 99)
)
def test_at_the_minimum_all_forces_cancel(samples, weights, width, ridge, seed):
    taught = regression.teacher_data(3, samples, weights, scale=weights**-0.5, seed=seed)
    found = tolerance_regression.fit(taught.inputs, taught.targets, width, ridge=ridge)
    for x, y, w in zip(taught.inputs, taught.targets, found, strict=True):
        assert np.abs(gradient(x, y, width, w, ridge)).max() < 1e-9


def test_near_the_transition_and_at_a_tiny_ridge_it_still_arrives():
    taught = regression.teacher_data(40, 117, 100, scale=0.1, noise=0.5, seed=6)
    weights = tolerance_regression.fit(taught.inputs, taught.targets, 0.25, ridge=1e-7)
    assert np.isfinite(weights).all()


def test_without_tolerance_it_is_ridge_regression_and_a_wide_tube_needs_no_weights():
    taught = regression.teacher_data(4, 30, 12, seed=9)
    ridged = regression.least_norm(taught.inputs, taught.targets, ridge=0.3)
    assert tolerance_regression.fit(taught.inputs, taught.targets, 0.0, ridge=0.3) == pytest.approx(ridged, rel=1e-9)
    assert not tolerance_regression.fit(taught.inputs, taught.targets, np.abs(taught.targets).max() + 0.1).any()


def test_each_replica_has_its_own_tolerance_and_empty_rows_count_for_nothing():
    taught = regression.teacher_data(3, 20, 6, seed=10)
    widths = np.array([0.0, 0.3, 0.8])
    together = tolerance_regression.fit(taught.inputs, taught.targets, widths, ridge=0.01)
    padded = np.pad(taught.inputs, ((0, 0), (0, 7), (0, 0))), np.pad(taught.targets, ((0, 0), (0, 7)))
    assert tolerance_regression.fit(*padded, widths, ridge=0.01) == pytest.approx(together, abs=1e-9)
    for k in range(3):
        alone = tolerance_regression.fit(taught.inputs[[k]], taught.targets[[k]], widths[k], ridge=0.01)
        assert alone[0] == pytest.approx(together[k], abs=1e-9)


def test_training_error_and_support_by_hand():
    x, y, w = (
        np.array([[[1.0], [2.0], [0.0]]]),
        np.array([[1.5, 1.0, 0.1]]),
        np.array([[1.0]]),
    )  # residuals 0.5, -1, 0.1
    assert tolerance_regression.training_error(x, y, 0.25, w) == pytest.approx([(0.25**2 + 0.75**2) / 3])
    assert tolerance_regression.support(x, y, 0.25, w) == pytest.approx([2 / 3])
    assert tolerance_regression.support(x, y, 0.5, w) == pytest.approx([2 / 3])  # one is on the edge


def test_the_least_tolerance_decides_who_fits():
    taught = regression.teacher_data(5, 30, 12, scale=12**-0.5, noise=1.0, seed=11)
    least = tolerance_regression.least_tolerance(taught.inputs, taught.targets)
    for factor, fits in ((1.02, True), (0.9, False)):
        weights = tolerance_regression.fit(taught.inputs, taught.targets, factor * least, ridge=1e-8)
        errors = tolerance_regression.training_error(taught.inputs, taught.targets, factor * least, weights)
        assert ((errors < 1e-8) == fits).all()


def test_fewer_samples_than_weights_need_no_tolerance():
    taught = regression.teacher_data(3, 6, 9, seed=12)
    assert tolerance_regression.least_tolerance(taught.inputs, taught.targets) == pytest.approx(0, abs=1e-9)


X, Y = np.ones((2, 3, 1)), np.zeros((2, 3))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tolerance_regression.fit(X[0], Y, 0.1), "inputs must be"),
        (lambda: tolerance_regression.fit(X, Y[:, :2], 0.1), "targets must have shape"),
        (lambda: tolerance_regression.fit(X, Y, -0.1), "tolerance must be"),
        (lambda: tolerance_regression.fit(X, Y, [0.1, 0.2, 0.3]), "tolerance must be one number"),
        (lambda: tolerance_regression.fit(X, Y, 0.1, ridge=0.0), "ridge must be"),
        (lambda: tolerance_regression.fit(X, Y, 0.1, most=0), "most must be"),
        (lambda: tolerance_regression.training_error(X, Y, 0.1, np.ones((2, 2))), "weights must have shape"),
        (lambda: tolerance_regression.support(X, Y, 0.1, np.ones((2, 1)), slack=-1.0), "slack must be"),
        (lambda: regression.teacher_data(0, 1, 1, seed=1), "replicas must be"),
        (lambda: regression.teacher_data(1, 1, 1, noise=-1.0, seed=1), "noise must be"),
        (lambda: regression.teacher_data(1, 1, 1, seed=-1), "seed must be"),
        (lambda: regression.teacher_data(1, 2, 3, seed=1).test_error(np.ones(3)), "weights must have shape"),
        (lambda: regression.least_norm(X, Y[:1]), "targets must have shape"),
        (lambda: regression.least_norm(X, Y, ridge=-1.0), "ridge must be"),
        (lambda: regression.random_feature_data(1, 1, 0, seed=1), "dimension must be"),
        (lambda: regression.random_feature_errors(4, 4, 4, ridges=[-1.0], seed=1), "ridges must be"),
        (lambda: learning_curve(-0.1), "tolerance must be"),
        (lambda: learning_curve(0.1, noise=0.0), "noise must be"),
        (lambda: learning_curve(0.1, ridge=0.0), "ridge must be"),
        (lambda: learning_curve(0.1, replicas=0), "replicas must be"),
        (lambda: plots.side_by_side([], title="nothing"), "parts must be"),
        (lambda: plots.side_by_side([plots.Part("a", "", "y")], title="t"), "x_label must be"),
        (
            lambda: plots.side_by_side([plots.Part("a", "x", "y", series={"s": ([1.0], [])})], title="t"),
            "must hold one",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_a_fit_that_may_not_take_its_steps_says_so():
    taught = regression.teacher_data(2, 60, 40, scale=40**-0.5, seed=13)
    with pytest.raises(RuntimeError, match="replicas have not converged after 1 steps"):
        tolerance_regression.fit(taught.inputs, taught.targets, 0.2, ridge=1e-4, most=1)


# --- the knob


@pytest.mark.parametrize("setting", [(0.0, 0.5, 0.1), (0.25, 0.5, 1e-3), (0.6, 1.0, 0.05)])
def test_what_the_knob_measures_is_what_theory_says(setting):
    """Away from the tips a small system is near theory: every load within 12 per cent, with many fits at each."""
    picture = learning_curve(*setting, features=40, replicas=60, seed=4)
    exact = np.interp(MEASURED, LOADS, picture["error"])
    away = np.abs(MEASURED - picture["critical"][0]) > 0.3
    assert picture["measured"][away] == pytest.approx(exact[away], rel=0.12)
    trained = np.interp(MEASURED, LOADS, picture["training"])
    assert picture["measured_training"] == pytest.approx(trained, abs=0.03)


def test_what_the_knob_reads_out():
    picture = learning_curve(0.25, 0.5, 1e-4)
    assert picture["critical load without a ridge"] == 1.171
    assert picture["more data hurts by at most"].startswith("95.")
    assert all(len(name.split()) > 2 for name in scalars(picture)), "columns of a table, in words"
    assert learning_curve(0.0, 0.5, 0.25)["more data hurts by at most"] == "0.0 %"
    assert learning_curve(0.0, 0.5, 0.25)["test error at load 1"] == pytest.approx(0.64, abs=0.001)


def test_a_rise_is_counted_from_the_lowest_point_before_it():
    error = np.interp(LOADS, [0, 1, 2, 3, 4], [3.0, 2.0, 2.5, 1.0, 1.1])
    rise, load = highest_rise(error)
    assert rise == pytest.approx(0.25, abs=0.01)
    assert load == pytest.approx(2.0, abs=0.04)


def test_the_drawing_moves_and_is_not_drawn_again():
    figure = plots.figure()
    first = plots.learning_curves(figure, learning_curve(0.25), None)
    second = plots.learning_curves(figure, learning_curve(1.0), first)
    assert second is first
    assert first["critical"][0].get_xdata() == pytest.approx([10.361] * 2, abs=1e-3)
    assert list(first["floor"].get_ydata()) == [0.25, 0.25]
    assert len(figure.axes) == 2


def test_parts_carry_their_words_their_error_bars_and_their_guess():
    values = [Estimate(1.0, 0.1, 4), Estimate(2.0, 0.2, 4)]
    part = plots.Part(
        "heading",
        "across",
        "up",
        series={"a": ([1, 2], values)},
        theory={"a": ([1, 2], [1, 2]), "b": ([1, 2], [2, np.inf])},
        places={"here": 1.5},
        x_log=True,
        x_ticks=(1, 2),
        guess=1.5,
    )
    figure = plots.side_by_side([part, plots.Part("empty", "x", "y")], title="message")
    left = figure.axes[0]
    assert left.get_xscale() == "log"
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["1", "2"]
    (bars,) = left.containers[0].lines[2]
    assert [np.ptp(segment[:, 1]) for segment in bars.get_segments()] == pytest.approx([0.2, 0.4])
    assert {text.get_text() for text in left.texts} == {"here", "your guess: 1.5"}


@pytest.mark.parametrize(("guess", "log", "side"), [(1.5, False, "left"), (3.5, False, "right"), (1.5, True, "left")])
def test_a_guess_is_written_into_the_picture(guess, log, side):
    part = plots.Part("h", "x", "y", theory={"t": ([1, 4], [1, 2])}, x_log=log, guess=guess, guess_axis="x")
    (note,) = plots.side_by_side([part], title="t").axes[0].texts
    assert note.get_ha() == side


def test_above_the_critical_load_the_training_error_starts_like_a_square():
    """Said in measures 4 and 5: with a tolerance it starts without a slope; without one, with a slope."""
    for width, power in ((0.25, 2.0), (0.5, 2.0), (0.0, 1.0)):
        above = np.array([1e-3, 1e-2])
        load = canatar2024.critical_load(width, 0.5) + above
        error = canatar2024.learning_curve(load, tolerance=width, noise=0.5).training_error
        assert np.log(error[1] / error[0]) / np.log(10) == pytest.approx(power, abs=0.03)
