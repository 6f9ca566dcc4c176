"""Pictures for a trial: clouds of settings coloured by a suspect, rows of methods with bars, paths of a knob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure, SubFigure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import require_estimates
from course_utils.plots.showing import figure
from course_utils.plots.styling import CATEGORY, INK, LINE, MARKER, MUTED, style
from course_utils.validation import finite_array, text


@dataclass(frozen=True, eq=False)
class Court:
    """One panel of `courts`: many settings, each a dot with its two error bars.

    Parameters
    ----------
    heading : str
        What was trained here.
    x, y : sequence of Estimate
        The two readings of each setting.
    colour : array_like
        A third reading, above 0, shown in colour from dark (low) to light (high) and, so that colour is not alone, in
        the size of the dots.
    note : str
        A few words in the corner, such as the rank correlation.
    """

    heading: str
    x: Sequence[Estimate]
    y: Sequence[Estimate]
    colour: npt.ArrayLike
    note: str = ""


def courts(panels: Sequence[Court], *, title: str, x_label: str, y_label: str, colour_label: str) -> Figure:
    """Return panels side by side, in which one reading is drawn against another and a third is the colour.

    Parameters
    ----------
    panels : sequence of Court
        From left to right.
    title, x_label, y_label, colour_label : str
        The message, and words for the readings.

    Raises
    ------
    TypeError, ValueError
        If there is no panel, or its readings do not match.
    """
    if not panels or not all(isinstance(panel, Court) for panel in panels):
        raise TypeError(f"panels must be one Court or more; got {panels!r:.80}")
    drawn = figure(8.2, 3.9)
    with style():
        drawn.suptitle(text("title", title), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
        row = drawn.subplots(1, len(panels), squeeze=False)[0]
        for axes, panel in zip(row, panels, strict=True):
            dots = _court(axes, panel)
            bar = drawn.colorbar(dots, ax=axes, orientation="horizontal", pad=0.03, aspect=28)
            bar.set_label(text("colour_label", colour_label), fontsize=9)
            low, high = dots.norm.vmin, dots.norm.vmax
            middle = (low * high) ** 0.5
            bar.set_ticks([low, middle, high], labels=[f"{value:.2g}" for value in (low, middle, high)])
            bar.minorticks_off()
            axes.set_xlabel(text("x_label", x_label))
        row[0].set_ylabel(text("y_label", y_label))
    return drawn


def _court(axes: Axes, panel: Court) -> Any:
    shade = finite_array("colour", panel.colour, ndim=1, above=0)
    require_estimates("x", panel.x, shade.size)
    require_estimates("y", panel.y, shade.size)
    x, y = np.array([value.mean for value in panel.x]), np.array([value.mean for value in panel.y])
    axes.errorbar(
        x, y, [v.error for v in panel.y], [v.error for v in panel.x], ls="none", color=MUTED, lw=0.9, zorder=2
    )
    span = np.log(shade / shade.min()) / max(np.log(shade.max() / shade.min()), 1e-9)
    norm = LogNorm(shade.min(), max(shade.max(), 1.001 * shade.min()))
    dots = axes.scatter(
        x, y, c=shade, s=22 + 70 * span, cmap="viridis", norm=norm, edgecolors=INK, linewidths=0.7, zorder=3
    )
    axes.set_title(text("heading", panel.heading), fontsize=10.5, fontweight="normal", color=MUTED, pad=6)
    axes.set_ylim(0.8 * y.min(), y.max() + 0.3 * (y.max() - y.min()))
    if panel.note:
        axes.annotate(panel.note, (0.03, 0.97), xycoords="axes fraction", va="top", fontsize=9, color=INK)
    return dots


def rows_of_methods(
    parts: Mapping[str, Mapping[str, Sequence[Estimate]]],
    names: Sequence[str],
    *,
    title: str,
    line: float | None = None,
) -> Figure:
    """Return one panel for each reading: methods from top to bottom, series side by side, bars of one standard error.

    Parameters
    ----------
    parts : mapping of str to (mapping of str to sequence of Estimate)
        By label of the axis, then by name of the series: one value per method.
    names : sequence of str
        The methods, from top to bottom.
    title : str
        The message.
    line : float, optional
        Where an upright line stands; without it, one for each series at its first value, with which others compare.

    Raises
    ------
    TypeError, ValueError
        If a series does not have one Estimate per method.
    """
    drawn = figure(8.0, 0.9 + 0.46 * len(names))
    with style():
        drawn.suptitle(text("title", title), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
        row = drawn.subplots(1, len(parts), sharey=True, squeeze=False)[0]
        for axes, (label, series) in zip(row, parts.items(), strict=True):
            for kind, (name, values) in enumerate(series.items()):
                require_estimates(f"{label}: {name}", values, len(names))
                places = np.arange(len(names)) + 0.26 * (kind - (len(series) - 1) / 2)
                axes.errorbar(
                    [v.mean for v in values], places, xerr=[v.error for v in values], ls="none", marker=MARKER[kind],
                    ms=6, mfc="white", mew=1.6, color=CATEGORY[kind], elinewidth=1.6, label=name, zorder=4,
                )  # fmt: skip
                if line is None:
                    axes.axvline(values[0].mean, color=CATEGORY[kind], lw=1, ls=LINE[kind], zorder=1)
            if line is not None:
                axes.axvline(line, color=INK, lw=1, zorder=1)
            axes.set_xlabel(label)
            axes.margins(x=0.12)
            _room(axes, [value for values in series.values() for value in values])
        row[0].set_yticks(range(len(names)), list(names))
        row[0].set_ylim(len(names) - 0.4, -0.6)
        drawn.legend(*row[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return drawn


def _room(axes: Axes, values: Sequence[Estimate]) -> None:
    """Leave an eighth of the width free beside the longest bars: no bar or marker touches the frame."""
    low, high = min(v.mean - v.error for v in values), max(v.mean + v.error for v in values)
    ends = [*axes.get_xlim()] if high <= low else [low - (high - low) / 8, high + (high - low) / 8]
    lines = [float(np.atleast_1d(line.get_xdata())[0]) for line in axes.lines if np.ptp(line.get_xdata()) == 0]
    axes.set_xlim(
        min([ends[0], *(x - (high - low) / 20 for x in lines)]), max([ends[1], *(x + (high - low) / 20 for x in lines)])
    )


_PATHS = (("plain", "plain SGD, B = 32", 0, 1), ("yours", "yours", 1, 0))


def flat_paths(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw test error and sharpness against the training loss as training goes on; afterwards move the lines.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Where to draw.
    picture : mapping
        ``level``, the loss at which to compare; for ``plain`` and ``yours``: ``…_loss``, ``…_test``, ``…_sharpness``,
        arrays of shape (networks, records).
    artists : dict or None
        What the last call returned; None the first time.

    Returns
    -------
    dict
        The artists, for the next call.
    """
    if artists is None:
        artists = _axes_of_paths(figure, picture)
    for who, _, _, _ in _PATHS:
        for what in ("test", "sharpness"):
            lines = artists[f"{who}_{what}"]
            for line, x, y in zip(lines[1:], picture[f"{who}_loss"], picture[f"{who}_{what}"], strict=True):
                line.set_data(x, y)
            mean = np.exp(np.log(picture[f"{who}_loss"]).mean(0)), picture[f"{who}_{what}"].mean(0)
            lines[0].set_data(*mean)
    return artists


def _axes_of_paths(figure: Figure | SubFigure, picture: Mapping[str, Any]) -> dict[str, Any]:
    artists: dict[str, Any] = {}
    with style():
        left, right = figure.subplots(1, 2)
        limits = (("test", left, (0, 0.5), "test error"), ("sharpness", right, (0, 10), r"sharpness $\lambda_\max$"))
        for what, axes, height, label in limits:
            axes.set(xscale="log", xlim=(2.2, 0.12), ylim=height, ylabel=label, xlabel="training loss (falls →)")
            axes.set_xticks([2, 1, 0.5, 0.25], ["2", "1", "0.5", "0.25"])
            axes.minorticks_off()
            axes.axvline(picture["level"], color=MUTED, lw=1, ls=(0, (1, 2)))
            for who, name, kind, dash in _PATHS:
                colour = CATEGORY[kind]
                marks = {"marker": MARKER[kind], "ms": 5, "mfc": "white", "mew": 1.3}
                first = axes.plot(
                    [], [], color=colour, ls="-" if dash == 0 else (0, (4, 2)), label=name, zorder=4, **marks
                )
                thin = [axes.plot([], [], color=colour, lw=0.6, alpha=0.9)[0] for _ in picture[f"{who}_loss"]]
                artists[f"{who}_{what}"] = [first[0], *thin]
        left.legend(loc="upper right", fontsize=9)
    return artists


def rows_in_words(names: Sequence[str], series: Mapping[str, Sequence[Estimate]]) -> str:
    """Return what `rows_of_methods` draws as text, for the description of a figure.

    Examples
    --------
    >>> rows_in_words(["SGD", "SAM"], {"loss 1": [Estimate(2.0, 0.1, 9), Estimate(1.0, 0.1, 9)]})
    'loss 1: SGD 2.00 ± 0.10, SAM 1.00 ± 0.10.'
    """
    told = (
        f"{name}: " + ", ".join(f"{row} {v}" for row, v in zip(names, values, strict=True))
        for name, values in series.items()
    )
    return "; ".join(told) + "."
