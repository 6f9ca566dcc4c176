"""Lesson 12's knob and figures: clouds against exact theory, and figures that say what they were given."""

import numpy as np
import pytest

from course_utils import plots
from course_utils.knobs.lesson_12 import CURVATURES, SAMPLES, clouds
from course_utils.measure.statistics import Estimate, estimate
from course_utils.theory import kuehn2023, liu2021

# ------------------------------------------------------------------------------------------------------- the knob


@pytest.mark.parametrize(("rate", "size", "spread"), [(0.3, 4, 1.0), (0.9, 16, 0.5), (0.5, 1, 1.5), (0.4, 48, 1.0)])
def test_clouds_have_the_variance_that_theory_says(rate, size, spread):
    pictures = [clouds(rate, size, spread, steps=8000, seed=seed) for seed in range(24)]
    for way in ("afresh", "dealt"):
        found = np.array([picture[f"variance_{way}"] for picture in pictures])
        for k in range(2):
            measured, exact = estimate(found[:, k]), pictures[0][f"exact_{way}"][k]
            assert abs(measured.z(exact)) < 4
            assert measured.error < 0.06 * exact


def test_the_exact_values_are_those_of_the_theory():
    picture = clouds(0.4, 8, 2.0)
    noise = 4 * CURVATURES
    fresh = liu2021.variance(CURVATURES, noise, learning_rate=0.4, batch_size=8)
    dealt = kuehn2023.variance(CURVATURES, noise, learning_rate=0.4, samples=SAMPLES, batch_size=8, when="mean")
    assert picture["exact_afresh"] == pytest.approx(fresh)
    assert picture["exact_dealt"] == pytest.approx(dealt)
    assert "(exact 1.67)" in picture["steep, drawn afresh"]  # 2 / (2 - 0.8)
    assert picture["rule ησ²/2B"] == "0.1"  # the one number that knows the label noise


def test_the_size_of_a_cloud_follows_the_noise_and_its_shape_does_not():
    small, large = clouds(0.3, 8, 0.5, seed=3), clouds(0.3, 8, 1.0, seed=3)
    assert large["path_dealt"] == pytest.approx(2 * small["path_dealt"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clouds(0.0), "learning_rate must be"),
        (lambda: clouds(1.0), "learning_rate must be"),
        (lambda: clouds(0.3, 0), "batch_size must be"),
        (lambda: clouds(0.3, 65), "batch_size must be"),
        (lambda: clouds(0.3, 8, 0.0), "label_noise must be"),
        (lambda: clouds(0.3, steps=10), "steps must be"),
    ],
)
def test_bad_settings_are_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_the_picture_moves_its_marks_and_keeps_its_axes():
    figure = plots.figure(7.2, 3.7)
    first, second = clouds(0.3), clouds(0.8)
    artists = plots.clouds(figure, first, None)
    assert plots.clouds(figure, second, artists) is artists
    assert len(figure.axes) == 2
    x, y = artists["dealt"]["cloud"].get_data()
    assert np.column_stack([x, y]) == pytest.approx(second["path_dealt"])
    width, height = (np.max(part) for part in artists["afresh"]["exact"].get_data())
    assert (width, height) == pytest.approx(2 * np.sqrt(second["exact_afresh"]), rel=1e-3)
    heat = [np.max(part) for part in artists["afresh"]["heat"].get_data()]
    assert heat[0] / heat[1] == pytest.approx(np.sqrt(CURVATURES[1] / CURVATURES[0]), rel=1e-3)  # Boltzmann: T / h


# -------------------------------------------------------------------------------------------------------- figures

SIDE = np.linspace(-1, 1, 5)
BOWL = 0.1 + SIDE[:, None] ** 2 + (SIDE - 0.5) ** 2


def test_terrains_mark_the_lowest_point_of_each():
    figure = plots.terrains(SIDE, SIDE, {"all": BOWL, "some": BOWL.T}, title="Two", x_label="b", y_label="a")
    diamonds = [next(line.get_data() for line in axes.lines if line.get_marker() == "D") for axes in figure.axes[:2]]
    assert [(float(x[0]), float(y[0])) for x, y in diamonds] == [(0.5, 0.0), (0.0, 0.5)]
    assert figure.get_suptitle() == "Two"


def test_paths_say_what_they_show_and_lead_over_nothing_where_there_is_nothing():
    steps = np.column_stack([SIDE, SIDE**2])
    shares = [Estimate(0.61, 0.01, 9), 0.15]
    views = {
        "walk": plots.PathInPlane(steps, shares),
        "trained": plots.PathInPlane(steps, [0.9, 0.05], (SIDE, SIDE, BOWL)),
    }
    walk, trained, *_ = plots.paths_in_planes(views, title="Paths").axes
    assert (walk.get_xlabel(), walk.get_ylabel()) == ("component 1: 61 %", "component 2: 15 %")
    assert (len(walk.collections), len(trained.collections) > 0) == (0, True)


def test_depths_draw_each_phase_with_its_line():
    theory = {"order": 0.5 ** np.arange(5), "chaos": 1.5 ** np.arange(5)}
    points = {name: {64: [Estimate(v, 0.1 * v, 9) for v in line]} for name, line in theory.items()}
    (axes,) = plots.error_by_layer(points, theory=theory, heat=1.0, title="Depth", y_label="error").axes
    assert axes.get_yscale() == "log"
    assert {text.get_text() for text in axes.texts} == {"order", "chaos", "heat in a rod"}
    assert [len(container.lines[0].get_xdata()) for container in axes.containers] == [3, 3]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.terrains(SIDE, SIDE[1:], {"a": BOWL}, title="t", x_label="x", y_label="y"), "losses must have"),
        (lambda: plots.terrains(SIDE, SIDE, {"a": BOWL}, title="", x_label="x", y_label="y"), "title must be"),
        (lambda: plots.paths_in_planes({"a": plots.PathInPlane(BOWL, [0.5, 0.1])}, title="t"), "two columns"),
        (
            lambda: plots.error_by_layer(
                {"a": {8: [Estimate(1, 0.1, 9)]}}, theory={"a": [1.0, 2.0]}, heat=1.0, title="t", y_label="y"
            ),
            "one Estimate per position",
        ),
        (
            lambda: plots.error_by_layer(
                {"a": {8: [1.0, 2.0]}}, theory={"a": [1.0, 2.0]}, heat=1.0, title="t", y_label="y"
            ),
            "must hold Estimates",
        ),
    ],
)  # fmt: skip
def test_bad_figures_are_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
