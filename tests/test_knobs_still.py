"""What stands in for a panel where no kernel runs: one bundle, a still, a table, words."""

from __future__ import annotations

import base64
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from panel_parts import (
    make,
    parts,
    shown_fixture,  # noqa: F401
    size,
)

from course_utils.knobs.bundles import WIDGET_VIEW
from course_utils.knobs.words import scalars, table

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


def test_the_heading_names_what_widgets_leave_without_a_name():
    # the front ends show that it works (tests/test_front_ends_panels.py); here: nothing of it is lost on the way
    panel = make()
    above = panel.children[0].value
    assert above.startswith("<div><strong>A double well")
    assert "aria-label" in above
    assert "onload=" in above
    assert "course-controls" in panel._dom_classes
    assert all("course-knob" in control._dom_classes for control in panel.controls.values())
    for name in ("course-controls", "course-knob", "noUi-handle", "widget-image"):
        assert name in above


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
