"""A panel ties knobs to a pure function and redraws one picture in place."""

from __future__ import annotations

import base64
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Protocol

import ipywidgets as widgets
from IPython.display import display
from matplotlib.figure import Figure

from course_utils import plots
from course_utils.knobs import stills
from course_utils.knobs.bundles import Bundled, heading
from course_utils.knobs.checks import accepted, checked_draw, checked_knobs, checked_still
from course_utils.knobs.controls import Control
from course_utils.knobs.dial import Knob
from course_utils.knobs.words import complaint, readout, readout_lines, scalars
from course_utils.validation import function as checked_function
from course_utils.validation import positive, text, whole

LINE_HEIGHT = 24
"""Pixels for one line of the read-out."""


class Draw(Protocol):
    """How the picture of a panel is drawn: filled in the first time, then only updated.

    Each function in `course_utils.plots` that a lesson gives to `panel` as ``draw`` is one. It is called with three
    arguments, in this order, for the live figure and once for each setting of the still.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Where to draw: empty when ``artists`` is None, and the same one again with its artists. A setting of the still
        gets a sub-figure, so make axes with ``figure.subplots`` and leave layout and size alone.
    picture : mapping
        What the panel's function returned for the present setting.
    artists : object or None
        None the first time: make axes, labels and lines, and fix the limits of the axes, so that nothing jumps when a
        knob turns. Later what the last call returned: change the data of the lines in place.

    Returns
    -------
    object
        The artists, for the next call; anything but None.

    Examples
    --------
    >>> def draw(figure, picture, artists):
    ...     if artists is None:
    ...         axes = figure.subplots()
    ...         axes.set(xlim=(0, 1), ylim=(-1, 1), xlabel="time $t$", ylabel="height $y$")
    ...         artists = axes.plot([], [])[0]
    ...     artists.set_data(picture["t"], picture["y"])
    ...     return artists
    """

    def __call__(self, figure: Any, picture: Any, artists: Any, /) -> Any:
        """Draw one picture, and return its artists."""
        ...


class Panel(Bundled):
    """Knobs, the picture they turn, and its numbers in words. Made by `panel`, which checks what goes in.

    Attributes
    ----------
    values : dict
        Where the knobs stand, by argument name.
    error : str or None
        The sentence in the read-out when the present setting could not be drawn.
    """

    def __init__(
        self,
        function: Callable[..., Mapping[str, Any]],
        draw: Draw,
        knobs: Mapping[str, Knob],
        settings: Sequence[Mapping[str, float]],
        title: str,
        alt: str,
        size: tuple[float, float],
    ) -> None:
        self._function, self._draw, self._knobs, self._settings = function, draw, dict(knobs), list(settings)
        self._title, self._alt, self._size = title, alt, size
        self._figure: Figure | None = None
        self._artists: Any = None
        self._still: stills.Still | None = None
        self.error: str | None = None
        words = {name: knob.description(name) for name, knob in knobs.items()}
        longest = max(map(len, words.values()))
        self.controls = {name: Control(knob, words[name], self._redraw, longest) for name, knob in knobs.items()}
        self._image = self._make_image()
        picture, self._image.value = self._render()  # a mistake of the author shows here, as an exception
        lines = max(2, readout_lines(scalars(picture), 100 * size[0]))
        self._readout = widgets.HTML(
            readout(scalars(picture)),
            layout=widgets.Layout(
                height=f"{LINE_HEIGHT * lines + 8}px", width=self._image.width + "px", max_width="100%", overflow="auto"
            ),
        )
        reset = widgets.Button(description="Back to the start", layout=widgets.Layout(width="150px"))
        reset.on_click(lambda _: self.reset())
        above = heading(f"<strong>{escape(title)}</strong>")
        super().__init__([above, *self.controls.values(), reset, self._image, self._readout])

    def _make_image(self) -> Any:
        width, height = (round(100 * inches) for inches in self._size)
        # No alt text here: the widget has none in ipywidgets 7, and a ``tooltip`` stops the front end of 8 from drawing
        # it at all. The heading gives it one; the description stands right below, and the numbers in the read-out.
        return widgets.Image(
            format="png",
            width=str(width),
            height=str(height),
            layout=widgets.Layout(max_width="100%", height="auto", align_self="flex-start", flex="0 0 auto"),
        )

    @property
    def values(self) -> dict[str, float]:
        """Where the knobs stand, by argument name."""
        return {name: control.setting for name, control in self.controls.items()}

    def set(self, **values: float) -> None:
        """Turn several knobs at once and redraw once.

        Parameters
        ----------
        **values : float
            New values by argument name; knobs not named stay where they are.

        Raises
        ------
        TypeError, ValueError
            If there is no such knob or a value is outside its range; then nothing moves.
        """
        for name, value in accepted(self._knobs, values).items():
            self.controls[name].put(value)
        self._redraw()

    def reset(self) -> None:
        """Turn all knobs back to where they started."""
        self.set(**{name: knob.start for name, knob in self._knobs.items()})

    def latency(self, steps: int = 15) -> float:
        """Return the median milliseconds that the kernel spends on one turn of the first knob, over a sweep.

        Parameters
        ----------
        steps : int
            How many settings, from one end to the other, are drawn; the knob then goes back.
        """
        steps = whole("steps", steps, least=2)
        name, knob = next(iter(self._knobs.items()))
        before, spent = self.values[name], []
        for step in range(steps):
            value = knob.tidy(knob.low + (knob.high - knob.low) * step / (steps - 1))
            begin = time.perf_counter()
            self.set(**{name: value})
            spent.append(1e3 * (time.perf_counter() - begin))
        self.set(**{name: before})
        return statistics.median(spent)

    def still(self) -> stills.Still:
        """Return the picture and the table of the chosen settings; drawn once, then kept."""
        if self._still is None:
            self._still = stills.make(self._picture, self._draw, self._knobs, self._settings, self._size, self._axes)
        return self._still

    def _picture(self, **values: float) -> Mapping[str, Any]:
        picture = self._function(**values)
        if not isinstance(picture, Mapping):
            raise TypeError(f"function must return a mapping of names to values; got a {type(picture).__name__}")
        return picture

    def _render(self) -> tuple[Mapping[str, Any], bytes]:
        """Draw the present setting on the one figure that is kept."""
        picture = self._picture(**self.values)
        fresh = self._figure is None
        figure = stills.sharp_figure(*self._size) if self._figure is None else self._figure
        self._figure = None  # if drawing breaks off half-way, the next setting starts on a clean figure
        with plots.style():
            returned = self._draw(figure, picture, None if fresh else self._artists)
            if fresh and returned is None:
                raise TypeError("draw must return its artists, which it gets back to update them; got None")
            png = stills.encode(figure)
            if fresh:  # the axes stay where the first layout put them: nothing jumps, and half of the time is saved
                figure.set_layout_engine("none")
                self._axes = stills.axes_grid(figure)
        self._figure, self._artists = figure, self._artists if returned is None else returned
        return picture, png

    def _redraw(self) -> None:
        try:
            picture, png = self._render()
        except Exception as error:  # whatever a learner's function does, the panel lives on and says so
            reason = " ".join(str(error).split()) or "no reason given"
            where = ", ".join(self._knobs[name].setting(name, value) for name, value in self.values.items())
            self.error = (
                f"No picture at {where}: {type(error).__name__}: {reason}. The picture is the last that worked."
            )
            self._readout.value = complaint(self.error)
            return
        self.error = None
        self._image.value = png
        self._readout.value = readout(scalars(picture))

    def _standing_in(self) -> tuple[dict[str, Any], dict[str, Any]]:
        still = self.still()
        data = {
            "image/png": base64.b64encode(still.png).decode(),
            "text/plain": f"Panel: {self._title} ({', '.join(self._knobs)})",
        }
        return data, {"image/png": {"alt": self._alt, "width": still.width, "height": still.height}}

    def _ipython_display_(self, **_: Any) -> None:
        super()._ipython_display_()
        still = self.still()
        caption = f"{self._title}. Where no kernel is running, a picture of {len(self._settings)} settings stands here."
        inside = f"{escape(self._alt, quote=False)}\n\n{still.table}"
        markdown = f"*{caption}*\n\n{plots.showing.folded('Description and numbers', self._title, inside)}"
        display({"text/markdown": markdown, "text/plain": f"{caption}\n{self._alt}\n{still.table}"}, raw=True)

    def __repr__(self) -> str:
        """Return the title and where the knobs stand."""
        return f"<Panel {self._title!r} at {self.values}>"


def panel(
    function: Callable[..., Mapping[str, Any]],
    *,
    draw: Draw,
    still: Sequence[Any],
    title: str,
    alt: str,
    figure_size: tuple[float, float] = (7.2, 4.0),
    **knobs: Knob,
) -> Panel:
    """Return a live panel over a pure function, which leaves a still picture and a table where no kernel runs.

    Parameters
    ----------
    function : callable
        ``function(**values) -> Mapping``: the work, without side effects. Scalars in the mapping (numbers, words,
        yes/no) are the read-out under the picture and the columns of the table; arrays are for ``draw``.
    draw : Draw
        ``draw(figure, picture, artists) -> artists``: it fills an empty figure when ``artists`` is None, and later only
        updates what it returned (see `Draw`).
    still : sequence of 3 or 4 settings
        What is shown without a kernel: each a value of the first knob, or a dict of values by knob; the rest stays at
        the start.
    title : str
        What the panel shows, in a few words.
    alt : str
        What is to be seen in the still, for somebody who does not see it.
    figure_size : tuple of float
        Width and height in inches; 1 inch is 100 pixels on the page.
    **knobs : Knob
        A knob for each argument of ``function`` that can be turned.

    Raises
    ------
    TypeError, ValueError
        If a knob is not an argument of the function, a setting of the still is outside its range, a text is empty,
        ``draw`` does not take its three arguments, or the function does not return a mapping.

    Examples
    --------
    >>> import numpy as np
    >>> def wave(frequency):
    ...     x = np.linspace(0, 6, 200)
    ...     return {"x": x, "y": np.sin(frequency * x), "periods": 6 * frequency / (2 * np.pi)}
    >>> def draw(figure, picture, artists):
    ...     line = artists or figure.subplots().plot(picture["x"], picture["y"])[0]
    ...     line.set_ydata(picture["y"])
    ...     return line
    >>> waves = panel(wave, draw=draw, still=(1.0, 2.0, 4.0), title="A wave", alt="A sine at three frequencies.",
    ...               frequency=Knob(0.5, 5.0, 1.0, symbol="k"))
    >>> waves.set(frequency=3.0)
    >>> waves
    <Panel 'A wave' at {'frequency': 3.0}>
    """
    function, draw = checked_function("function", function), checked_draw(draw)
    title, alt = text("title", title).strip(), text("alt", alt).strip()
    if not isinstance(figure_size, (tuple, list)) or len(figure_size) != 2:
        raise TypeError(f"figure_size must be a pair (width, height) in inches; got {figure_size!r}")
    size = (positive("figure_size width", figure_size[0]), positive("figure_size height", figure_size[1]))
    checked = checked_knobs(function, knobs)
    return Panel(function, draw, checked, checked_still(checked, still), title, alt, size)
