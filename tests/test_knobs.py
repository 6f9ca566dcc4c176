"""Panels without a front end: what a slider does in the browser is done here by setting its value."""

from __future__ import annotations

import base64
import io
import math

import ipywidgets as widgets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from course_utils import knobs
from course_utils.knobs.bundles import WIDGET_VIEW
from course_utils.knobs.controls import Control
from course_utils.knobs.words import scalars, table


def well(temperature, tilt=0.0, *, walkers=10):
    x = np.linspace(-2, 2, 101)
    energy = (x**2 - 1) ** 2 + tilt * x
    density = np.exp(-energy / temperature)
    density /= density.sum() * (x[1] - x[0])
    return {"x": x, "density": density, "mean_energy": float((energy * density).sum() * (x[1] - x[0])), "n": walkers}


def draw(figure, picture, artists):
    if artists is None:
        axes = figure.subplots()
        (artists,) = axes.plot(picture["x"], picture["density"])
        axes.set(xlabel="position x", ylabel="density p", ylim=(0, 2))
    artists.set_ydata(picture["density"])
    return artists


def make(function=well, draw=draw, still=(0.3, 0.5, 1.0), title="A double well", alt="Two humps.", **changes):
    dials = {"temperature": knobs.Knob(0.2, 2.0, 0.5, unit="J", symbol="T"), "tilt": knobs.Knob(-1.0, 1.0, 0.0)}
    dials = {name: knob for name, knob in (dials | changes).items() if knob is not None}
    return knobs.panel(function, draw=draw, still=still, title=title, alt=alt, **dials)


@pytest.fixture
def shown(monkeypatch):
    """What reaches the front end, as (data, metadata)."""
    seen = []
    keep = lambda data, metadata=None, raw=False: seen.append((data, metadata or {}))  # noqa: E731
    monkeypatch.setattr("course_utils.knobs.bundles.display", keep)
    monkeypatch.setattr("course_utils.knobs.panels.display", keep)
    return seen


def parts(panel):
    (image,) = [child for child in panel.children if isinstance(child, widgets.Image)]
    return image, panel.children[-1]


def size(png):
    return Image.open(io.BytesIO(png)).size


# --- turning ---------------------------------------------------------------------------------------------------------


def test_slider_redraws_the_one_picture_in_place():
    panel = make()
    image, readout = parts(panel)
    before, words, figure = image.value, readout.value, panel._figure
    panel.controls["temperature"].slider.value = 1.5
    assert panel.values == {"temperature": 1.5, "tilt": 0.0}
    assert image.value != before
    assert readout.value != words
    assert panel._figure is figure
    assert parts(panel) == (image, readout)
    assert len(figure.axes) == 1


def test_number_box_and_slider_stay_together():
    panel = make()
    control, image = panel.controls["temperature"], parts(panel)[0]
    control.slider.value = 1.5
    assert control.box.value == 1.5
    before = image.value
    control.box.value = 0.7
    assert control.slider.value == pytest.approx(0.7)
    assert image.value != before
    control.box.value = 99.0  # the box itself keeps to its range
    assert panel.values["temperature"] == 2.0


def test_a_typed_number_is_not_snapped_to_the_slider():
    control = Control(knobs.Knob(0.1, 2.1, 0.5, step=0.02), "x", lambda: None)
    control.box.value = 1.37
    control.slider.value = 1.38  # what the page's slider sends back: it rests on the next step
    assert control.setting == control.box.value == 1.37
    control.slider.value = 1.36  # now the learner moves it
    assert control.setting == control.box.value == 1.36
    control.slider.value = 1.38
    assert control.setting == 1.38


def test_the_side_that_is_moved_gets_no_answer():
    control = Control(knobs.Knob(0.2, 2.0, 0.5), "x", lambda: None)
    sent = []
    control.slider.observe(lambda change: sent.append(change["new"]), "value")
    control.slider.value = 0.67999999999999994
    assert sent == [0.67999999999999994]
    assert control.setting == control.box.value == 0.68


def test_a_turn_draws_once():
    calls = []

    def counted(temperature, tilt):
        calls.append(temperature)
        return well(temperature, tilt)

    panel = make(counted)
    calls.clear()
    panel.controls["temperature"].slider.value = 1.0
    panel.controls["temperature"].box.value = 1.2
    panel.set(temperature=0.4, tilt=0.5)
    panel.reset()
    assert calls == [1.0, 1.2, 0.4, 0.5]


def test_same_setting_same_picture():
    panel = make()
    image = parts(panel)[0]
    start = image.value
    panel.set(temperature=1.3, tilt=-0.4)
    turned = image.value
    panel.reset()
    assert image.value == start
    panel.set(temperature=1.3, tilt=-0.4)
    assert image.value == turned


def test_reset_button():
    panel = make()
    panel.set(temperature=1.3)
    (button,) = [child for child in panel.children if isinstance(child, widgets.Button)]
    button.click()
    assert panel.values == {"temperature": 0.5, "tilt": 0.0}
    assert panel.controls["temperature"].slider.value == 0.5


def test_nothing_changes_its_size():
    panel = make()
    image, readout = parts(panel)
    sizes, heights = set(), set()
    for temperature in (0.2, 0.5, 2.0):
        panel.set(temperature=temperature)
        sizes.add(size(image.value))
        heights.add((image.width, image.height, readout.layout.height))
    assert sizes == {(1080, 600)}
    assert len(heights) == 1


def test_the_slider_means_a_clean_number():
    panel = make()
    panel.controls["temperature"].slider.value = 0.1 + 0.2
    assert panel.values["temperature"] == 0.3
    assert panel.controls["temperature"].box.value == 0.3


def test_whole_and_logarithmic_knobs():
    knob = knobs.Knob(1, 1000, 10, log=True)
    control = Control(knob, "walkers", lambda: None)
    control.slider.value = 10**1.55
    assert control.setting == control.box.value == 35
    assert isinstance(control.setting, int)
    control = Control(knobs.Knob(0.001, 10.0, 1.0, log=True), "rate", lambda: None)
    control.slider.value = 10**-1.5
    assert control.setting == 0.0316
    assert isinstance(Control(knobs.Knob(1, 9, 3), "n", lambda: None).slider, widgets.IntSlider)


# --- when something goes wrong ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("culprit", ["function", "draw", "result"])
def test_an_error_is_a_sentence_and_the_next_setting_recovers(culprit):
    def function(temperature, tilt):
        if temperature > 1 and culprit == "function":
            raise RuntimeError("the <walker> fell\noff the edge")
        return [1] if temperature > 1 and culprit == "result" else well(temperature, tilt) | {"hot": temperature > 1}

    def fragile(figure, picture, artists):
        if picture["hot"]:
            figure.axes[0].set_title("half-drawn")
            raise RuntimeError("the <walker> fell off the edge")
        return draw(figure, picture, artists)

    panel = make(function, draw=fragile)
    image, readout = parts(panel)
    good = image.value
    panel.set(temperature=1.5)
    assert image.value == good
    assert "T = 1.5 J" in panel.error
    assert "\n" not in panel.error
    assert ("mapping" if culprit == "result" else "&lt;walker&gt; fell off the edge") in readout.value
    panel.set(temperature=0.5)
    assert panel.error is None
    assert image.value == good
    assert "mean energy" in readout.value


def test_set_checks_before_anything_moves():
    panel = make()
    with pytest.raises(ValueError, match=r"temperature must be .* at least 0.2 and at most 2; got 5"):
        panel.set(tilt=0.5, temperature=5)
    with pytest.raises(ValueError, match="warmth must be one of the knobs temperature, tilt"):
        panel.set(tilt=0.5, warmth=5)
    assert panel.values == {"temperature": 0.5, "tilt": 0.0}


# --- without a kernel ------------------------------------------------------------------------------------------------


def test_the_bundle_is_the_same_on_both_widget_generations(shown):
    panel = make()
    panel._ipython_display_()
    (data, metadata), (words, _) = shown
    assert set(data) == {WIDGET_VIEW, "image/png", "text/plain"}
    assert data[WIDGET_VIEW] == {"version_major": 2, "version_minor": 0, "model_id": panel.model_id}
    assert metadata == {"image/png": {"alt": "Two humps.", "width": 960, "height": 260}}
    assert panel.model_id not in data["text/plain"] + words["text/markdown"]
    assert panel._repr_mimebundle_() == (data, metadata)
    assert set(words) == {"text/markdown", "text/plain"}
    assert "a picture of 3 settings stands here" in words["text/markdown"]
    assert "<details><summary>" in words["text/markdown"]
    assert "Two humps." in words["text/markdown"]
    assert "| temperature T / J | tilt | mean energy | n |\n|---|---|---|---|\n| 0.3 | 0 |" in words["text/markdown"]


def test_the_still_is_small_and_always_the_same(shown):
    pictures = []
    for _ in range(2):
        panel = make(still=(0.3, {"temperature": 0.5, "tilt": 0.4}, 1, 2.0))
        panel.set(temperature=1.1)  # where the knobs stand does not matter
        panel._ipython_display_()
        pictures.append(base64.b64decode(shown[0][0]["image/png"]))
        assert shown[1][0]["text/markdown"] == shown[-1][0]["text/markdown"]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) < 150_000
    assert size(pictures[0]) == (1080, 780)


def test_real_display_carries_picture_and_words(capsys):
    make()._ipython_display_()  # plain Python shows text/plain; what matters is that no argument is refused
    assert "A double well" in capsys.readouterr().out


def test_no_tooltip_on_the_picture():
    # with one, the front end of ipywidgets 8.1 shows "Click to show javascript error" in place of the picture
    assert getattr(parts(make())[0], "tooltip", None) is None


def test_the_readout_is_announced_and_the_boxes_are_labelled():
    panel = make()
    assert '<div role="status" aria-live="polite"' in parts(panel)[1].value
    assert [control.box.description for control in panel.controls.values()] == ["temperature T / J", "tilt"]
    assert len({control.box.style.description_width for control in panel.controls.values()}) == 1


# --- words -----------------------------------------------------------------------------------------------------------


def test_scalars_of_every_kind():
    picture = {
        "a": np.float32(-0.5),
        "b": np.int64(3),
        "c": np.array(2.0),
        "d": True,
        "e": [1, 2],
        "f": None,
        "g": "up",
    }
    assert scalars(picture) == {"a": "−0.5", "b": "3", "c": "2", "d": "yes", "g": "up"}
    assert scalars({"rate": math.nan}) == {"rate": "nan"}


@given(st.lists(st.dictionaries(st.text(min_size=1), st.text(), min_size=1), min_size=1, max_size=4))
def test_no_text_breaks_the_table(rows):
    lines = table(rows).split("\n")
    columns = {name for row in rows for name in row}
    assert len(lines) == 2 + len(rows)
    assert all(line.replace(r"\|", "").count("|") == len(columns) + 1 for line in lines)


# --- bad input -------------------------------------------------------------------------------------------------------

anything = st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.floats(), st.integers(-5, 5), st.just([1.0]))


@given(anything, anything, anything, anything, st.booleans())
def test_a_knob_is_right_or_refused(low, high, start, step, log):
    try:
        knob = knobs.Knob(low, high, start, step=step, log=log)
    except (TypeError, ValueError) as error:
        complaint = str(error)
        knob = None
    if knob is None:
        assert complaint.split()[0] in ("low", "high", "start", "step")
        return
    assert knob.low <= knob.start <= knob.high
    assert knob.stride > 0
    assert knob.low <= knob.tidy(knob.start) <= knob.high


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.booleans())
def test_whatever_the_range_the_control_stays_inside(low, width, log):
    knob = knobs.Knob(low, low + width, low, log=log)
    control = Control(knob, "x", lambda: None)
    for value in (control.slider.max, control.slider.min):
        control.slider.value = 10**value if log else value
        assert knob.low <= control.setting <= knob.high
        assert knob.accept("x", control.setting) == control.setting
    assert 39 <= (math.log10(knob.high / knob.low) if log else width) / knob.stride <= 101


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"function": 3}, TypeError, "function must be a function; got 3"),
        ({"draw": None}, TypeError, "draw must be a function"),
        ({"title": " "}, ValueError, "title must be"),
        ({"alt": ""}, ValueError, "alt must be"),
        ({"still": (0.3, 0.5)}, ValueError, "three or four settings.*got 2"),
        ({"still": 0.3}, TypeError, "three or four settings.*got 0.3"),
        ({"still": (0.3, 0.5, 7)}, ValueError, r"still\[2\]: temperature must be .* got 7"),
        ({"still": (0.3, 0.5, "hot")}, TypeError, r"still\[2\]: temperature must be"),
        ({"still": (0.3, {"heat": 1}, 1)}, ValueError, r"still\[1\]: heat must be one of the knobs"),
        ({"heat": knobs.Knob(0, 1, 0)}, ValueError, "arguments of the function .*got 'heat'"),
        ({"temperature": None}, ValueError, "knobs must include temperature"),
        ({"temperature": None, "tilt": None}, ValueError, "at least one argument"),
        ({"tilt": (0, 1)}, TypeError, r"tilt must be a Knob; got \(0, 1\)"),
        ({"function": lambda temperature, tilt: [1]}, TypeError, "function must return a mapping.*list"),
        ({"draw": lambda figure, picture, artists: None}, TypeError, "draw must return its artists"),
        ({"figure_size": 3}, TypeError, "figure_size must be a pair"),
        ({"figure_size": (3, -1)}, ValueError, "figure_size height must be"),
    ],
)
def test_a_panel_names_what_is_wrong(changes, error, message):
    with pytest.raises(error, match=message):
        make(**changes)


def test_functions_that_take_anything_or_say_nothing():
    assert make(lambda **values: well(**values)).values["temperature"] == 0.5
    with pytest.raises(ValueError, match=r"arguments of the function \(it has none\)"):
        make(lambda: {})
