"""Error curves that fall, rise and fall again: several parts side by side, and the learning curve of a knob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Annotation

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import mark_guess, measured
from course_utils.plots.showing import figure
from course_utils.plots.styling import CATEGORY, INK, LINE, MUTED, style
from course_utils.validation import finite_array, positive, text

Curve = tuple[npt.ArrayLike, npt.ArrayLike]


@dataclass(frozen=True, eq=False)
class Part:
    """One set of axes: series that are measured, each with its own theory line of the same name, if there is one.

    Parameters
    ----------
    heading : str
        What this part shows.
    x_label, y_label : str
        Words, symbol and unit.
    series : mapping of str to (x, sequence of Estimate)
        What was measured, by name.
    theory : mapping of str to (x, y)
        Lines; one with the name of a series has its colour, others are dark.
    places : mapping of str to float
        Upright lines at special places, by name.
    joined : bool
        Whether thin broken lines lead the eye along a series.
    x_log, y_log : bool
        Whether an axis is logarithmic.
    x_ticks, y_ticks : sequence of float, optional
        Where numbers stand on an axis, written out in full.
    y_range : (float, float), optional
        Limits of the upright axis.
    guess : Prediction or float, optional
        The learner's guess; see `course_utils.plots.marks.mark_guess`.
    guess_axis : {"x", "y"}
        The axis that it was made on.
    """

    heading: str
    x_label: str
    y_label: str
    series: Mapping[str, tuple[npt.ArrayLike, Sequence[Estimate]]] = field(default_factory=dict)
    theory: Mapping[str, Curve] = field(default_factory=dict)
    places: Mapping[str, float] = field(default_factory=dict)
    joined: bool = False
    x_log: bool = False
    y_log: bool = False
    x_ticks: Sequence[float] | None = None
    y_ticks: Sequence[float] | None = None
    y_range: tuple[float, float] | None = None
    guess: Any = None
    guess_axis: str = "y"


def side_by_side(parts: Sequence[Part], *, title: str, size: tuple[float, float] = (7.6, 3.9)) -> Figure:
    """Return a figure with one or more parts in a row.

    Parameters
    ----------
    parts : sequence of Part
        From left to right.
    title : str
        The message of the figure.
    size : (float, float)
        Width and height in inches.

    Raises
    ------
    TypeError, ValueError
        If there is no part, or a series and its places do not match.
    """
    if not parts or not all(isinstance(part, Part) for part in parts):
        raise TypeError(f"parts must be one Part or more; got {parts!r:.80}")
    drawn = figure(positive("size[0]", size[0]), positive("size[1]", size[1]))
    with style():
        drawn.suptitle(text("title", title), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
        for axes, part in zip(drawn.subplots(1, len(parts), squeeze=False)[0], parts, strict=True):
            _draw(axes, part)
    return drawn


def _draw(axes: Axes, part: Part) -> None:
    axes.set_title(part.heading, fontsize=10.5, fontweight="normal", color=MUTED, pad=6)
    axes.set(xlabel=text("x_label", part.x_label), ylabel=text("y_label", part.y_label))
    axes.set_xscale("log" if part.x_log else "linear")
    axes.set_yscale("log" if part.y_log else "linear")
    kinds = {name: kind for kind, name in enumerate(part.series)}
    others = 0
    for name, (x, y) in part.theory.items():
        across, height = finite_array(f"theory[{name!r}]", x, ndim=1), np.asarray(y, dtype=float)
        if name in kinds:
            axes.plot(across, height, color=CATEGORY[kinds[name] % len(CATEGORY)], lw=1.6, zorder=2)
        else:
            axes.plot(across, height, color=INK if others == 0 else MUTED, ls=("-", "--", ":")[others % 3], label=name)
            others += 1
    for name, (places, values) in part.series.items():
        kind = kinds[name]
        measured(axes, places, values, kind=kind, label=name, joined=part.joined and name not in part.theory)
    for name, place in part.places.items():
        axes.axvline(place, color=MUTED, lw=1.1, ls=(0, (1, 2)), zorder=1)
        axes.annotate(name, (place, 1.0), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                      fontsize=9, color=MUTED, va="top")  # fmt: skip
    mark_guess(axes, part.guess, axis=part.guess_axis)
    if part.y_range is not None:
        axes.set_ylim(*part.y_range)
    for axis, ticks in ((axes.xaxis, part.x_ticks), (axes.yaxis, part.y_ticks)):
        if ticks is not None:
            axis.set_ticks(list(ticks), [f"{tick:g}" for tick in ticks])
            axis.set_ticks([], minor=True)
    if part.guess_axis == "x":
        _turn_inwards(axes)
    if part.series or others:
        axes.legend(fontsize=9, handlelength=1.8)


def _turn_inwards(axes: Axes) -> None:
    """Write a guess that was marked in the right half of the axes to the left of its line."""
    low, high = axes.get_xlim()
    for note in axes.texts:
        if note.get_text().startswith("your guess") and isinstance(note, Annotation):
            place, middle = float(note.xy[0]), (low * high) ** 0.5 if axes.get_xscale() == "log" else (low + high) / 2
            if place > middle:
                note.set_horizontalalignment("right")
                note.xyann = (-4, -2)


def learning_curves(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw test and training error against the load, over the theory; afterwards move them.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Where to draw.
    picture : mapping
        ``loads``, ``error``, ``training`` and ``plain`` of shape (n,), theory; ``measured_loads``, ``measured`` and
        ``measured_training`` of shape (m,); ``critical``, the critical load; ``floor``, the variance of the noise.
    artists : dict or None
        What the last call returned; None the first time.

    Returns
    -------
    dict
        The artists, for the next call.
    """
    if artists is None:
        with style():
            upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.9, 1))
            upper.set(yscale="log", ylim=(0.04, 20), xlim=(0, picture["loads"][-1]), ylabel="test error")
            upper.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
            upper.minorticks_off()
            dots = {"ls": "none", "mfc": "white", "mew": 1.5, "ms": 6}
            artists = {
                "plain": upper.plot([], [], color=MUTED, lw=1.4, ls=LINE[1], label="least squares")[0],
                "error": upper.plot([], [], color=INK, label="theory")[0],
                "measured": upper.plot([], [], marker="o", color=CATEGORY[0], label="measured now", **dots)[0],
                "floor": upper.axhline(0.1, color=MUTED, lw=1, ls=(0, (1, 2))),
                "training": lower.plot([], [], color=INK)[0],
                "measured_training": lower.plot([], [], marker="s", color=CATEGORY[1], **dots)[0],
                "critical": [axes.axvline(1.0, color=CATEGORY[3], lw=1.4, ls=LINE[3]) for axes in (upper, lower)],
            }
            lower.set(ylim=(-0.02, 0.42), xlabel=r"load $\alpha$, samples per dimension", ylabel="training error")
            upper.legend(loc="upper right", fontsize=8.5, labelspacing=0.2, handlelength=1.6, borderaxespad=0)
    for name in ("plain", "error", "training"):
        artists[name].set_data(picture["loads"], picture[name])
    for name in ("measured", "measured_training"):
        artists[name].set_data(picture["measured_loads"], picture[name])
    artists["floor"].set_ydata([picture["floor"]] * 2)
    for line in artists["critical"]:
        line.set_xdata([picture["critical"]] * 2)
    return artists
