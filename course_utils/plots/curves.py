"""Measurements with their error bars, over the theory that they are tested against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import mark_guess, measured, predicted, require_estimates
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import CATEGORY, HEIGHT, INK, WIDTH, style, temperature_colours
from course_utils.validation import finite_array, text

THEORY_FILL = "#d5d9de"


def against_theory(
    x: npt.ArrayLike,
    measurements: Mapping[str, Sequence[Estimate]],
    *,
    theory: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    title: str,
    x_label: str,
    y_label: str,
    x_log: bool = False,
    y_log: bool = False,
    guess: Any = None,
    guess_axis: str = "y",
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> Figure:
    """Return a figure of measured series over theory lines.

    Parameters
    ----------
    x : array_like, shape (n,)
        Where it was measured, the same for each series.
    measurements : mapping of str to sequence of Estimate, each of length n
        The series, by name.
    theory : mapping of str to (x, y)
        The theory lines, by name; the first is the dark one.
    title : str
        The message of the figure.
    x_label, y_label : str
        Words, symbol and unit.
    x_log, y_log : bool
        Whether an axis is logarithmic.
    guess : float, object with ``.value``, or None
        The learner's prediction; see `mark_guess`.
    guess_axis : {"x", "y"}
        The axis that it was made on.
    size : tuple of float
        Width and height in inches.

    Raises
    ------
    TypeError, ValueError
        If a series does not match ``x``, or a text is missing.
    """
    places = finite_array("x", x, ndim=1)
    for name, series in measurements.items():
        require_estimates(f"measurements[{name!r}]", series, places.size)
    drawn = figure(*size)
    with style():
        axes = drawn.subplots()
        entitle(drawn, title)
        _dress(axes, x_label, y_label, x_log, y_log)
        for kind, (name, (line_x, line_y)) in enumerate(theory.items()):
            predicted(axes, line_x, line_y, kind=kind, label=name)
        for kind, (name, series) in enumerate(measurements.items()):
            measured(axes, places, series, kind=kind, label=name, joined=False)
        mark_guess(axes, guess, axis=guess_axis)
        axes.legend(handlelength=2.6)
    return drawn


def density(
    bins: npt.ArrayLike,
    measurements: Mapping[float | str, Sequence[Estimate]],
    *,
    theory: Mapping[float | str, tuple[npt.ArrayLike, npt.ArrayLike]],
    law: str = "theory",
    title: str,
    x_label: str,
    y_label: str = "probability density",
    symbol: str = "T",
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> Figure:
    """Return a figure of measured densities over the densities that theory predicts.

    Parameters
    ----------
    bins : array_like, shape (n,)
        Centres of the bins.
    measurements : mapping of temperature (or name) to sequence of Estimate, each of length n
        Densities by temperature: keys that are numbers are coloured from cold to hot.
    theory : mapping of temperature (or name) to (x, y)
        Theory lines. Those of temperatures are drawn alike and called ``law`` once; others have their name.
    law : str
        What the lines that belong to temperatures are called.
    title, x_label, y_label : str
        The message and the axes, in words.
    symbol : str
        The symbol that the keys are values of.
    size : tuple of float
        Width and height in inches.

    Raises
    ------
    TypeError, ValueError
        If a series does not match ``bins``, or a text is missing.
    """
    centres = finite_array("bins", bins, ndim=1)
    for key, series in measurements.items():
        require_estimates(f"measurements[{key!r}]", series, centres.size)
    numbers = all(isinstance(key, (int, float)) for key in measurements)
    shades = temperature_colours([float(k) for k in measurements]) if numbers else list(CATEGORY)
    drawn = figure(*size)
    with style():
        axes = drawn.subplots()
        entitle(drawn, title)
        _dress(axes, x_label, y_label, False, False)
        for kind, (key, (line_x, line_y)) in enumerate(theory.items()):
            if isinstance(key, str):
                predicted(axes, line_x, line_y, kind=kind, label=key)
            else:
                predicted(axes, line_x, line_y, label=law if kind == 0 else "")
        for kind, (key, series) in enumerate(measurements.items()):
            label = f"${symbol} = {key:g}$" if isinstance(key, (int, float)) else key
            measured(axes, centres, series, kind=kind, colour=shades[kind % len(shades)], label=label, joined=False)
        axes.set_ylim(bottom=0)
        axes.legend(handlelength=2.6)
    return drawn


def bars_and_points(
    x: npt.ArrayLike,
    theory: npt.ArrayLike,
    measurements: Sequence[Estimate],
    *,
    title: str,
    x_label: str,
    y_label: str,
    names: tuple[str, str] = ("theory", "measured"),
    guess: Any = None,
    size: tuple[float, float] = (WIDTH, 3.6),
) -> Figure:
    """Return a figure of measured fractions over the bars that theory predicts, for a few distinct states.

    Parameters
    ----------
    x : array_like, shape (n,)
        Where the bars stand.
    theory : array_like, shape (n,)
        Their heights.
    measurements : sequence of Estimate, length n
        What was measured.
    title, x_label, y_label : str
        The message and the axes, in words.
    names : tuple of str
        What the bars and the points are called in the legend.
    guess : float, object with ``.value``, or None
        The learner's prediction of a height; see `mark_guess`.
    size : tuple of float
        Width and height in inches.

    Raises
    ------
    TypeError, ValueError
        If lengths do not match, or a text is missing.
    """
    places, heights = finite_array("x", x, ndim=1), finite_array("theory", theory, ndim=1)
    if heights.size != places.size:
        raise ValueError(f"theory must have as many entries as x ({places.size}); got {heights.size}")
    require_estimates("measurements", measurements, places.size)
    drawn = figure(*size)
    with style():
        axes = drawn.subplots()
        entitle(drawn, title)
        _dress(axes, x_label, y_label, False, False)
        width = 0.6 * float(np.min(np.diff(np.sort(places)))) if places.size > 1 else 0.6
        axes.bar(places, heights, width=width, color=THEORY_FILL, edgecolor=INK, lw=1.2, label=names[0])
        measured(axes, places, measurements, label=names[1], joined=False)
        axes.set(xticks=places, ylim=(0, 1.18 * max(heights.max(), *(m.mean for m in measurements))))
        axes.grid(False, axis="x")
        mark_guess(axes, guess, axis="y")
        axes.legend()
    return drawn


def _dress(axes: Axes, x_label: str, y_label: str, x_log: bool, y_log: bool) -> None:
    axes.set(xlabel=text("x_label", x_label), ylabel=text("y_label", y_label))
    if x_log:
        axes.set_xscale("log")
    if y_log:
        axes.set_yscale("log")
