"""Figures: nothing without an error bar, nothing without words, the same bytes for the same data."""

import io

import numpy as np
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.colors import to_rgb
from PIL import Image

from course_utils import plots
from course_utils.knobs.lesson_00 import noisy_choices
from course_utils.knobs.lesson_11 import travellers
from course_utils.measure.statistics import Estimate
from course_utils.plots import styling

X = np.array([1.0, 2.0, 3.0])
VALUES = [Estimate(v, 0.1, 9) for v in (1.0, 4.0, 9.0)]
WORDS = {"title": "Squares grow", "x_label": "side $a$", "y_label": "area $A$"}


def drawn(**changes):
    return plots.against_theory(X, {"measured": VALUES}, **{"theory": {"exact": (X, X**2)}, **WORDS, **changes})


def test_a_figure_carries_its_message_its_axes_and_its_error_bars():
    figure = drawn()
    axes = figure.axes[0]
    assert figure.get_suptitle() == "Squares grow"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("side $a$", "area $A$")
    (container,) = axes.containers
    (bars,) = container.lines[2]
    assert [np.ptp(segment[:, 1]) for segment in bars.get_segments()] == pytest.approx([0.2, 0.2, 0.2])
    theory = next(line for line in axes.lines if line.get_label() == "exact")
    assert theory.get_color() == styling.INK
    assert theory.get_ydata().tolist() == (X**2).tolist()


def test_the_guess_is_drawn_where_it_was_made_and_nothing_where_none_was():
    def guesses(figure):
        return [line for line in figure.axes[0].lines if line.get_color() == styling.GUESS]

    (line,) = guesses(drawn(guess=5.0))
    assert list(line.get_ydata()) == [5.0, 5.0]
    assert guesses(drawn(guess=None)) == []


def test_the_same_data_give_the_same_bytes():
    assert plots.png(drawn()) == plots.png(drawn())


def test_few_colours_change_no_pixel_by_more_than_four_levels_of_256():
    original = plots.png(drawn(), sharpness=1.5)
    small = plots.small(original)
    assert len(small) < 0.7 * len(original)
    before, after = (np.asarray(Image.open(io.BytesIO(p)).convert("RGB"), float) for p in (original, small))
    assert np.abs(before - after).max() <= 4


@pytest.fixture
def published(monkeypatch):
    shell = InteractiveShell.instance()
    capture = CapturingDisplayPublisher()
    monkeypatch.setattr(shell, "display_pub", capture)
    return capture.outputs


def test_show_gives_alt_and_caption_to_every_front_end(published):
    plots.show(drawn(), caption="Squares grow fast.", alt="Points at 1, 4 & 9.")
    picture, words = published
    assert picture["metadata"]["image/png"]["alt"] == "Points at 1, 4 & 9."
    assert picture["metadata"]["image/png"]["width"] == 760
    assert "*Figure: Squares grow fast.*" in words["data"]["text/markdown"]
    assert "<details><summary>Description: Squares grow</summary>" in words["data"]["text/markdown"]
    assert "Points at 1, 4 &amp; 9." in words["data"]["text/markdown"]


@pytest.mark.parametrize("missing", [{"caption": ""}, {"alt": " "}, {"alt": None}])
def test_nothing_is_shown_without_words(missing, published):
    with pytest.raises((TypeError, ValueError), match=next(iter(missing))):
        plots.show(drawn(), **{"caption": "c", "alt": "a", **missing})
    assert published == []


def test_the_house_style_leaves_matplotlib_as_it_was():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    drawn()
    with plots.style():
        assert mpl.rcParams["axes.titleweight"] == "bold"
    assert dict(mpl.rcParams) == before


def contrast(colour, other=(1, 1, 1)):
    """The contrast of two colours by the rule of the Web Content Accessibility Guidelines."""

    def luminance(rgb):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(to_rgb(colour)), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [styling.INK, styling.MUTED, styling.GUESS])
def test_words_stand_out_from_the_paper(colour):
    assert contrast(colour) >= 4.5


def test_temperatures_run_from_cold_to_hot_on_one_map():
    colours = plots.temperature_colours([0.25, 0.5, 1.0])
    lightness = [sum(to_rgb(c)) for c in colours]
    assert lightness == sorted(lightness)
    assert plots.temperature_colours([0.5]) == plots.temperature_colours([0.7])


def test_a_density_is_coloured_by_temperature_and_hides_repeated_names():
    figure = plots.density(
        X, {0.5: VALUES, 1.0: VALUES}, theory={0.5: (X, X), 1.0: (X, X**2)}, law="law", title="t", x_label="x"
    )
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["law", "$T = 0.5$", "$T = 1$"]


def test_a_landscape_shows_only_its_own_box():
    grid = np.linspace(0, 1, 5)
    figure = plots.contours(
        grid, grid, np.add.outer(grid, grid), title="t", highest=1.5, crowds={"far": [[9.0, 9.0]]}, marks={"A": (0, 0)}
    )
    assert figure.axes[0].get_xlim() == (0, 1)


def test_theory_is_dark_and_named_once_and_other_lines_are_not_taken_for_it():
    theory = {"few": (X, X), "many": (X, X**2), "asked": (X, 0 * X)}
    part = plots.Part("", "x", "y", series={"few": (X, VALUES), "many": (X, VALUES)}, theory=theory, law="exact")
    (axes,) = plots.side_by_side([part], title="t").axes
    lines = [line for line in axes.lines if line.get_linestyle() != "None" and len(line.get_xdata()) == X.size]
    assert [line.get_color() for line in lines[:3]] == [styling.INK, styling.INK, styling.MUTED]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["exact", "asked", "few", "many"]


def test_wide_intervals_widen_the_axis():
    rows = plots.rows_of_methods(
        {"x": {"a": VALUES}}, ["1", "2", "3"], title="t", line=0.0, reach={"a": [(-40, 40)] * 3}
    )
    low, high = rows.axes[0].get_xlim()
    assert (low < -40, high > 40) == (True, True)


def test_panels_of_the_past_share_one_legend():
    series = {"own past": ([0.1, 1.0], VALUES[:2]), "others' past": ([0.1, 1.0], VALUES[:2])}
    lines = {"weights": series, "answers": series}
    figure = plots.memory_panels(lines, controls={"weights": ([0.1, 1.0], [0.3, 0.2])}, title="t")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["control", "own past", "others' past"]
    with pytest.raises(ValueError, match="lines must hold"):
        plots.memory_panels({}, controls={}, title="t")


def test_words_for_several_parts_give_each_series_its_own_numbers():
    slow, quick = [Estimate(0.5, 0.1, 9), Estimate(0.4, 0.1, 9)], [Estimate(0.25, 0.05, 9)]
    first = plots.Part("", "time $t$", "error", series={"slow": ([1, 2], slow), "quick": ([3], quick)})
    second = plots.Part("", "size $N$", "share", series={"quick": ([8], quick)})
    assert plots.parts_in_words(first, second) == (
        "Error, slow: time t = 1: 0.50 ± 0.10; time t = 2: 0.40 ± 0.10. Error, quick: time t = 3: 0.250 ± 0.050. "
        "Share, quick: size N = 8: 0.250 ± 0.050."
    )
    said = plots.series_in_words("loss", "s", [1.0, 2.0], {"a": slow, "b": np.array([[3.0, 6.0], [5.0, 8.0]])})
    assert said == "loss, a: s = 1: 0.50 ± 0.10; s = 2: 0.40 ± 0.10. loss, b: s = 1: 4.0 ± 1.0; s = 2: 7.0 ± 1.0."


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.against_theory(X, {"m": [1, 4, 9]}, theory={}, **WORDS), "must hold Estimates"),
        (lambda: plots.against_theory(X, {"m": VALUES[:2]}, theory={}, **WORDS), "one Estimate per position"),
        (lambda: drawn(title=""), "title must be"),
        (lambda: drawn(theory={"exact": (X, X[:2])}), "y must have as many"),
        (lambda: drawn(guess=1.0, guess_axis="z"), "axis must be one of"),
        (lambda: plots.density([], {}, theory={}, title="t", x_label="x"), "bins must be"),
        (lambda: plots.bars_and_points(X, X[:2], VALUES, **WORDS), "theory must have as many"),
        (lambda: plots.wells(X, {"U": X[:2]}, title="t"), "as many entries as x"),
        (lambda: plots.contours(X, X, X, title="t", highest=1.0), "energy must be"),
        (lambda: plots.contours(X, X, np.ones((2, 3)), title="t", highest=1.0), "energy must have shape"),
        (lambda: plots.png("figure"), "drawn must be"),
        (lambda: plots.figure(0, 3), "width must be"),
        (lambda: plots.temperature_colours([0.0]), "temperatures must be"),
        (lambda: plots.in_words("T", X, VALUES[:1]), "one Estimate per position"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


@pytest.mark.parametrize(
    ("draw", "first", "second"),
    [
        (plots.travellers, lambda: travellers(0.1), lambda: travellers(0.8, -0.3)),
        (plots.occupations, lambda: noisy_choices(0.2), lambda: noisy_choices(3.0)),
    ],
)
def test_a_live_picture_that_was_moved_equals_one_drawn_afresh(draw, first, second):
    moved, fresh = plots.figure(5, 4), plots.figure(5, 4)
    artists = draw(moved, first(), None)
    before = plots.png(moved)
    draw(moved, second(), artists)
    draw(fresh, second(), None)
    assert plots.png(moved) == plots.png(fresh)
    assert plots.png(moved) != before
