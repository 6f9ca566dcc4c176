"""The test of figures is tested: each kind of figure that some reader cannot read is found, and a good one is not."""

import json
import subprocess
import sys
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from conftest import ROOT
from matplotlib.colors import to_rgb

from colour_vision import KINDS, contrast, distance, lightness, seen
from course_utils import plots
from course_utils.measure.statistics import Estimate
from course_utils.plots import styling
from legibility import MARK_CONTRAST, findings
from look_alikes import APART

X = np.array([1.0, 2.0, 3.0, 4.0])
VALUES = [Estimate(v, 0.1, 9) for v in (1.0, 4.0, 9.0, 16.0)]


def good():
    measured = {"small": VALUES, "large": [Estimate(2 * v.mean, 0.1, 9) for v in VALUES]}
    return plots.against_theory(
        X, measured, theory={"exact": (X, X**2)}, title="Squares grow", x_label="side $a$", y_label="area $A$"
    )


def bare(**size):
    figure = plots.figure(**size)
    with plots.style():
        axes = figure.subplots()
        axes.set(xlim=(0, 5), ylim=(0, 5))
    return figure, axes


def test_a_figure_of_the_house_has_no_finding_and_stays_as_it_was():
    figure = good()
    before = plots.png(figure)
    assert findings(figure) == []
    assert plots.png(figure) == before


@pytest.mark.parametrize(("size", "colour", "fault"), [(6, "black", "6 pt"), (11, "#aaaaaa", "contrast of 2.3")])
def test_small_and_grey_words_are_found(size, colour, fault):
    figure = good()
    figure.axes[0].text(1.5, 5, "a word", color=colour, fontsize=size)
    (found,) = findings(figure)
    assert "text 'a word'" in found
    assert fault in found


def test_a_grey_label_of_an_axis_is_found_and_ticks_beyond_its_ends_are_not():
    figure, axes = bare()
    axes.set_xticks([-3, 1, 2, 9], ["-3", "1", "2", "9"], color="#bbbbbb")
    axes.set_xlim(0, 5)
    assert [one.split(" in ")[0] for one in findings(figure)] == ["text '1'", "text '2'"]


def test_what_is_beneath_a_word_counts_not_the_paper():
    figure, axes = bare()
    axes.imshow([[0.0]], cmap="gray", vmin=0, vmax=1, extent=(0, 5, 0, 5))
    words = axes.text(2, 2, "dark on dark", color="#1b1f24")
    assert len(findings(figure)) == 1
    words.set_color("white")
    assert findings(figure) == []
    words.set(color="#1b1f24", bbox={"fc": "white", "ec": "none"})
    assert findings(figure) == []


@pytest.mark.parametrize("draw", ["plot", "scatter", "bar", "vlines", "stairs", "errorbar"])
def test_pale_marks_of_every_kind_are_found_and_dark_ones_not(draw):
    for colour, count in (("#ffe08a", 1), ("#0072B2", 0)):
        figure, axes = bare()
        if draw == "plot":
            axes.plot(X, X, color=colour)
        elif draw == "scatter":
            axes.scatter(X, X, color=colour)
        elif draw == "bar":
            axes.bar(X, X, color=colour)
        elif draw == "vlines":
            axes.vlines(X, 0, X, color=colour)
        elif draw == "stairs":
            axes.stairs([1, 2, 3], color=colour, fill=True)
        else:
            axes.errorbar(X, X, 0.3 * np.ones(4), color=colour, fmt="o")
        assert bool(findings(figure)) == bool(count), findings(figure)


def test_a_dark_edge_or_a_white_casing_is_enough():
    figure, axes = bare()
    axes.bar(X, X, color="#ffe08a", edgecolor="black")
    axes.plot(X, 5 - X, "o", mfc="white", mec="black")
    assert findings(figure) == []
    figure, axes = bare()
    axes.imshow([[0.3]], cmap="gray", vmin=0, vmax=1, extent=(0, 5, 0, 5))
    (line,) = axes.plot(X, X, color="#D55E00")
    assert len(findings(figure)) == 1
    line.set_path_effects(styling.CASED)
    assert findings(figure) == []


def test_points_that_rest_on_the_edge_of_the_axes_are_seen():
    figure, axes = bare()
    axes.plot(X, 0 * X, "o-", color="#009E73")
    assert findings(figure) == []


def two_lines(**second):
    figure, axes = bare()
    axes.plot(X, X, color="#c00000", label="red")
    axes.plot(X, 5 - X, **{"color": "#008000", "label": "green", **second})
    return findings(figure)


def test_red_and_green_alone_do_not_tell_two_series_apart():
    (found,) = two_lines()
    assert "'red' (#c00000) and 'green' (#008000)" in found
    assert "deuteranopia" in found


@pytest.mark.parametrize(
    "change", [{"ls": "--"}, {"marker": "s"}, {"color": "#0072B2"}, {"label": "red"}, {"label": "_unnamed"}]
)
def test_a_dash_a_marker_or_another_colour_does(change):
    assert two_lines(**change) == []


def test_a_word_in_the_colour_of_a_line_is_its_label():
    figure, axes = bare()
    for shade, name, sign in (("#c00000", "red", 1), ("#007000", "green", -1)):
        axes.plot(X, 2.5 + 0.5 * sign * X, color=shade)
        axes.text(1, 2.5 + sign, name, color=shade)
    assert len(findings(figure)) == 1


@pytest.mark.parametrize("name", ["viridis", "cividis", "gray", "RdBu", "plasma"])
def test_maps_from_dark_to_light_are_good(name):
    figure, axes = bare()
    axes.imshow(np.outer(X, X), cmap=name, extent=(0, 5, 0, 5))
    assert findings(figure) == []


@pytest.mark.parametrize("name", ["jet", "hsv"])
def test_a_rainbow_is_found(name):
    figure, axes = bare()
    axes.imshow(np.outer(X, X), cmap=name, extent=(0, 5, 0, 5))
    (found,) = findings(figure)
    assert "does not run from dark to light" in found


# --- colours


def test_contrast_and_simulation_are_the_published_ones():
    assert contrast([0, 0, 0], [1, 1, 1]) == pytest.approx(21)
    assert contrast(to_rgb("#767676"), (1, 1, 1)) == pytest.approx(4.54, abs=0.01)  # WCAG's well-known least grey
    # Machado et al. 2009, table 1, severity 1.0: the first column of each matrix is what becomes of linear red
    for kind, first in (("protanopia", 0.152286), ("deuteranopia", 0.367322), ("tritanopia", 1.0)):
        red = seen([1.0, 0.0, 0.0], kind)[0]
        linear = ((red + 0.055) / 1.055) ** 2.4
        assert linear == pytest.approx(first, abs=2e-3), kind
    assert seen([0.2, 0.4, 0.6], "normal vision").tolist() == [0.2, 0.4, 0.6]


def test_the_colours_of_the_house_stand_out_and_differ_for_all_readers():
    for shade in (*styling.CATEGORY, styling.AREA, styling.FAINT, styling.MUTED, styling.INK):
        assert contrast(to_rgb(shade), (1, 1, 1)) >= MARK_CONTRAST, shade
    for one, other in combinations(styling.CATEGORY, 2):
        apart, kind = distance(one, other)
        assert apart >= APART, f"{one}, {other}: {apart:.1f} in {kind}"
    temperatures = [to_rgb(one) for one in plots.temperature_colours(np.geomspace(0.25, 4, 9))]
    assert (contrast(temperatures, (1, 1, 1)) >= MARK_CONTRAST).all()
    assert (np.diff(lightness(temperatures)) > 0).all(), "hot is light"


def test_the_map_of_temperatures_is_one_of_matplotlib():
    assert styling.TEMPERATURE_MAP in mpl.colormaps
    assert set(KINDS) == {"normal vision", "deuteranopia", "protanopia", "tritanopia"}


# --- listening


LISTENER = """
import sys
sys.path.append({tools!r})
import legibility
legibility.listen({file!r})
import numpy as np
from course_utils import plots
from course_utils.knobs import Knob, panel
figure = plots.figure(4, 3)
figure.subplots().text(0.5, 0.5, "pale", color="#cccccc")
plots.show(figure, caption="Nothing to see.", alt="A pale word in an empty frame, at 0.5.")
def draw(figure, picture, artists):
    (line,) = artists or figure.subplots().plot([0, 1], [0, picture["slope"]], color="#eeee88")
    return (line,)
made = panel(lambda slope: dict(slope=slope), draw=draw, still=(1.0, 2.0, 3.0), title="A slope", alt="A line.",
             slope=Knob(0.5, 4.0, 1.0))
made.still()
"""


def test_every_figure_that_is_shown_is_listened_to(tmp_path):
    file = tmp_path / "heard.jsonl"
    code = LISTENER.format(tools=str(ROOT / "tools"), file=str(file))
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT)
    heard = [json.loads(line)["findings"] for line in file.read_text().splitlines()]
    assert len(heard) == 3  # a figure, the live panel, its still
    assert "text 'pale'" in heard[0][0]
    assert all("Line2D" in one[0] for one in heard[1:])
