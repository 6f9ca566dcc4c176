"""Panels without a front end: what a slider does in the browser is done here by setting its value."""

from __future__ import annotations

import ipywidgets as widgets
import pytest
from panel_parts import draw, make, parts, size, well

from course_utils import knobs
from course_utils.knobs.controls import Control

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


def test_a_read_out_of_long_entries_has_room_for_all_of_its_lines():
    """Four entries that fill a line by twos, and a fifth: a box that scrolls would be a stop for the keys."""
    ways = ("steep, drawn afresh", "flat, drawn afresh", "steep, dealt out", "flat, dealt out")
    picture = {way: "1.76 × rule (exact 1.67)" for way in ways} | {"rule": "0.05"}
    made = knobs.panel(
        lambda x: {"x": x, **picture}, draw=lambda figure, picture, artists: artists or figure.subplots(),
        still=(0.0, 0.5, 1.0), title="Many words", alt="An empty frame; the words below it are what is tested here.",
        x=knobs.Knob(0.0, 1.0, start=0.5),
    )  # fmt: skip
    assert int(made._readout.layout.height.removesuffix("px")) >= 3 * 24
