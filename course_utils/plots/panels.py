"""Panels side by side: measured curves, the theory over them, and what the learner guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import THEORY_DASHES, mark_guess, measured
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import HEADING, HEIGHT, INK, MUTED, WIDTH, style
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
        Lines, all dark; those with the name of a series are called ``law``, once, others have their own name.
    law : str
        What the theory of the series is called.
    places : mapping of str to float
        Upright dotted lines at special places, by name.
    levels : mapping of str to float
        Level dotted lines at special heights, by name.
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
    law: str = "theory"
    places: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)
    joined: bool = False
    x_log: bool = False
    y_log: bool = False
    x_ticks: Sequence[float] | None = None
    y_ticks: Sequence[float] | None = None
    y_range: tuple[float, float] | None = None
    guess: Any = None
    guess_axis: str = "y"


def side_by_side(parts: Sequence[Part], *, title: str, size: tuple[float, float] = (WIDTH, HEIGHT)) -> Figure:
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
        entitle(drawn, title)
        for axes, part in zip(drawn.subplots(1, len(parts), squeeze=False)[0], parts, strict=True):
            _draw(axes, part)
    return drawn


def _draw(axes: Axes, part: Part) -> None:
    axes.set_title(part.heading, **HEADING)
    axes.set(xlabel=text("x_label", part.x_label), ylabel=text("y_label", part.y_label))
    axes.set_xscale("log" if part.x_log else "linear")
    axes.set_yscale("log" if part.y_log else "linear")
    kinds = {name: kind for kind, name in enumerate(part.series)}
    named = False
    others = 1 if kinds.keys() & part.theory.keys() else 0  # only the first kind of line is the full dark one
    for name, (x, y) in part.theory.items():
        across, height = finite_array(f"theory[{name!r}]", x, ndim=1), np.asarray(y, dtype=float)
        if name in kinds:
            axes.plot(across, height, color=INK, lw=1.4, zorder=2, label=None if named else part.law)
            named = True
        else:
            shade, dashes = (MUTED, THEORY_DASHES[1 + (others - 1) % 2]) if others else (INK, "-")
            axes.plot(across, height, color=shade, ls=dashes, label=name)
            others += 1
    for name, (places, values) in part.series.items():
        kind = kinds[name]
        measured(axes, places, values, kind=kind, label=name, joined=part.joined and name not in part.theory)
    for name, place in part.places.items():
        axes.axvline(place, color=MUTED, lw=1.1, ls=(0, (1, 2)), zorder=1)
        axes.annotate(name, (place, 1.0), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                      fontsize=9, color=MUTED, va="top")  # fmt: skip
    for name, level in part.levels.items():
        axes.axhline(level, color=MUTED, lw=1.1, ls=(0, (1, 2)), zorder=1)
        axes.annotate(name, (1.0, level), (-3, 2), xycoords=("axes fraction", "data"), textcoords="offset points",
                      fontsize=9, color=MUTED, ha="right", va="bottom")  # fmt: skip
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
