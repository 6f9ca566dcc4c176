"""The control of one knob: a labelled number box and a slider that always show the same value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from course_utils.knobs.bundles import KNOB
from course_utils.knobs.dial import Knob


def _slider(knob: Knob) -> Any:
    """Return the slider, without words of its own: the number box beside it carries the label and the number."""
    shape = {"readout": False, "layout": widgets.Layout(width="260px", min_width="120px", flex="0 1 auto")}
    if knob.log:
        ends = {"min": math.log10(knob.low), "max": math.log10(knob.high)}
        return widgets.FloatLogSlider(value=knob.start, base=10, step=knob.stride, **ends, **shape)
    kind = widgets.IntSlider if knob.integer else widgets.FloatSlider
    return kind(value=knob.start, min=knob.low, max=knob.high, step=knob.stride, **shape)


def _box(knob: Knob, words: str, longest: int) -> Any:
    """Return the number box. Its label is tied to it in the page, which a slider's is not; `heading` ties that, too."""
    room = math.ceil(0.88 * longest) + 1  # letters are narrower than the digit that CSS measures in
    kind = widgets.BoundedIntText if knob.integer else widgets.BoundedFloatText
    step = knob.stride if not knob.log else (1 if knob.integer else None)
    box = kind(
        value=knob.start,
        min=knob.low,
        max=knob.high,
        step=step,
        description=words,
        style={"description_width": f"{room}ch"},
        layout=widgets.Layout(width=f"calc({room}ch + 110px)", flex="0 0 auto"),
    )
    if box.has_trait("tooltip"):  # ipywidgets 8 shows "null" when the mouse rests on a label without one
        box.tooltip = ""
    return box


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
    longest : int, optional
        Characters of the longest label that shall stand in line with this one.
    """

    def __init__(self, knob: Knob, words: str, changed: Callable[[], None], longest: int | None = None) -> None:
        self.knob = knob
        self._changed = changed
        self._value = knob.accept("start", knob.start)
        self._settling = False
        self._echo: float | None = None
        self.slider = _slider(knob)
        self.box = _box(knob, words, len(words) if longest is None else longest)
        super().__init__([self.box, self.slider], layout=widgets.Layout(flex_flow="row wrap", align_items="center"))
        self.add_class(KNOB)
        self.slider.observe(self._turned, "value")
        self.box.observe(self._turned, "value")

    @property
    def setting(self) -> float:
        """The value that box and slider show."""
        return self._value

    def put(self, value: float) -> None:
        """Move box and slider to a value, which the caller has checked, without a call of ``changed``."""
        self._show(value, self.box, self.slider)

    def _show(self, value: float, *sides: Any) -> None:
        self._settling, self._echo = True, None
        try:
            self._value = value
            for side in sides:
                side.value = value
        finally:
            self._settling = False

    def _turned(self, change: Any) -> None:
        if self._settling:  # this side follows the other one
            return
        raw = change["new"]
        if change["owner"] is self.slider:
            if self._is_echo(raw):
                return
            value, other = self.knob.tidy(raw), self.box
        else:
            value, other = min(max(raw, self.knob.low), self.knob.high), self.slider
        if value == self._value:
            return
        # the side that was moved is left alone: an answer would reach it late and pull it back under the hand
        self._show(value, other)
        self._changed()

    def _is_echo(self, raw: float) -> bool:
        """Whether the slider only reports the step next to a number typed between two of its steps.

        The page's slider snaps to its steps and sends back where it came to rest; the typed number has to stay.
        """
        place = (lambda x: math.log10(x / self.knob.low)) if self.knob.log else (lambda x: x - self.knob.low)
        stride = self.knob.stride
        steps, reported = place(self._value) / stride, place(raw) / stride
        between = abs(steps - round(steps)) > 1e-6
        if not between or abs(reported - steps) > 0.5 + 1e-6 or self._echo not in (None, raw):
            return False
        self._echo = raw
        return True
