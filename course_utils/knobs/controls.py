"""The control of one knob: a labelled number box and a slider that always show the same value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from course_utils.knobs.dial import Knob


def _slider(knob: Knob) -> Any:
    """Return the slider, without words of its own: the number box beside it carries the label and the number."""
    shape = {"readout": False, "layout": widgets.Layout(width="260px", min_width="120px", flex="0 1 auto")}
    if knob.log:
        ends = {"min": math.log10(knob.low), "max": math.log10(knob.high)}
        return widgets.FloatLogSlider(value=knob.start, base=10, step=knob.stride, **ends, **shape)
    kind = widgets.IntSlider if knob.integer else widgets.FloatSlider
    return kind(value=knob.start, min=knob.low, max=knob.high, step=knob.stride, **shape)


def _box(knob: Knob, words: str, label_width: int) -> Any:
    """Return the number box. Its label is tied to it in the page, which a slider's label is not."""
    kind = widgets.BoundedIntText if knob.integer else widgets.BoundedFloatText
    step = knob.stride if not knob.log else (1 if knob.integer else None)
    return kind(
        value=knob.start,
        min=knob.low,
        max=knob.high,
        step=step,
        description=words,
        style={"description_width": f"{label_width}ch"},
        layout=widgets.Layout(width=f"calc({label_width}ch + 110px)", flex="0 0 auto"),
    )


class Control(widgets.HBox):
    """A number box and a slider over one `Knob`, always at the same value.

    Two ways in, because each front end leaves one out: JupyterLab moves a slider by the arrow keys, Notebook 7 does
    not; a number can be typed in both.

    Parameters
    ----------
    knob : Knob
        What is turned.
    words : str
        The label.
    changed : callable
        Called without arguments, once, after the learner has changed the value.
    label_width : int, optional
        Room for the label in characters, so that the controls of one panel stand in line.
    """

    def __init__(self, knob: Knob, words: str, changed: Callable[[], None], label_width: int | None = None) -> None:
        self.knob = knob
        self._changed = changed
        self._value = knob.accept("start", knob.start)
        self._settling = False
        self.slider = _slider(knob)
        self.box = _box(knob, words, len(words) if label_width is None else label_width)
        super().__init__([self.box, self.slider], layout=widgets.Layout(flex_flow="row wrap", align_items="center"))
        self.slider.observe(self._turned, "value")
        self.box.observe(self._turned, "value")

    @property
    def setting(self) -> float:
        """The value that box and slider show."""
        return self._value

    def put(self, value: float) -> None:
        """Move box and slider to a value, which the caller has checked, without a call of ``changed``."""
        self._settling = True
        try:
            self._value = value
            self.box.value = value
            self.slider.value = value
        finally:
            self._settling = False

    def _turned(self, change: Any) -> None:
        if self._settling:  # this side follows the other one
            return
        raw = change["new"]
        value = self.knob.tidy(raw) if change["owner"] is self.slider else min(max(raw, self.knob.low), self.knob.high)
        if value == self._value:
            return
        # the box keeps what was typed, even between two steps of the slider
        self.put(value)
        self._changed()
