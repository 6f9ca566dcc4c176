"""Pictures for a trial: clouds of settings coloured by a suspect, rows of methods with bars, paths of a knob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import require_estimates
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import CATEGORY, HEADING, INK, LINE, MARKER, MUTED, WIDTH, style
from course_utils.validation import finite_array, text


@dataclass(frozen=True, eq=False)
class ScatterPanel:
    """One panel of `scatter_panels`: many settings, each a dot with its two error bars.

    Parameters
    ----------
    heading : str
        What was trained here.
    x, y : sequence of Estimate
        The two readings of each setting.
    colour : array_like
        A third reading, above 0, shown in colour from dark (its least here) to light (its most) and, so that colour is
        not alone, in the size of the dots; its range stands in the corner.
    note : str
        A few words in the corner, such as the rank correlation.
    """

    heading: str
    x: Sequence[Estimate]
    y: Sequence[Estimate]
    colour: npt.ArrayLike
    note: str = ""


def scatter_panels(
    panels: Sequence[ScatterPanel], *, title: str, x_label: str, y_label: str, colour_label: str
) -> Figure:
    """Return panels side by side, in which one reading is drawn against another and a third is the colour.

    Parameters
    ----------
    panels : sequence of ScatterPanel
        From left to right.
    title, x_label, y_label, colour_label : str
        The message, and words for the readings.

    Raises
    ------
    TypeError, ValueError
        If there is no panel, or its readings do not match.
    """
    if not panels or not all(isinstance(panel, ScatterPanel) for panel in panels):
        raise TypeError(f"panels must be one ScatterPanel or more; got {panels!r:.80}")
    drawn = figure(WIDTH, 4.3)
    with style():
        entitle(drawn, title)
        row = drawn.subplots(1, len(panels), squeeze=False)[0]
        for axes, panel in zip(row, panels, strict=True):
            dots = _court(axes, panel)
            axes.set_xlabel(text("x_label", x_label))
        row[0].set_ylabel(text("y_label", y_label))
        bar = drawn.colorbar(dots, ax=row, orientation="horizontal", pad=0.04, aspect=60, shrink=0.7)
        bar.set_label(text("colour_label", colour_label), fontsize=10)
        bar.set_ticks([0, 1], labels=["least in its panel", "most"])
    return drawn


def _court(axes: Axes, panel: ScatterPanel) -> Any:
    shade = finite_array("colour", panel.colour, ndim=1, above=0)
    require_estimates("x", panel.x, shade.size)
    require_estimates("y", panel.y, shade.size)
    x, y = np.array([value.mean for value in panel.x]), np.array([value.mean for value in panel.y])
    axes.errorbar(
        x, y, [v.error for v in panel.y], [v.error for v in panel.x], ls="none", color=MUTED, lw=0.9, zorder=2
    )
    span = np.log(shade / shade.min()) / max(np.log(shade.max() / shade.min()), 1e-9)
    dots = axes.scatter(
        x, y, c=span, s=22 + 70 * span, cmap="viridis", vmin=0, vmax=1, edgecolors=INK, linewidths=0.7, zorder=3
    )
    axes.set_title(text("heading", panel.heading), **HEADING)
    axes.set_ylim(0.8 * y.min(), y.max() + 0.45 * (y.max() - y.min()))
    said = f"{shade.min():.2g} to {shade.max():.2g}"
    for height, note in ((0.98, panel.note), (0.9, f"colour: {said}")):
        axes.annotate(note, (0.03, height), xycoords="axes fraction", va="top", fontsize=9, color=INK)
    return dots


def rows_of_methods(
    parts: Mapping[str, Mapping[str, Sequence[Estimate]]],
    names: Sequence[str],
    *,
    title: str,
    line: float | None = None,
    reach: Mapping[str, Sequence[tuple[float, float]]] | None = None,
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
    reach : mapping of str to sequence of (float, float), optional
        By name of the series, wider intervals, one for each method: thin lines with ends, under the bars.

    Raises
    ------
    TypeError, ValueError
        If a series does not have one Estimate per method.
    """
    drawn = figure(WIDTH, 1.2 + 0.42 * max(len(names), 4))
    with style():
        entitle(drawn, title)
        row = drawn.subplots(1, len(parts), sharey=True, squeeze=False)[0]
        for axes, (label, series) in zip(row, parts.items(), strict=True):
            thick = 3.4 if reach else 1.6
            for kind, (name, values) in enumerate(series.items()):
                require_estimates(f"{label}: {name}", values, len(names))
                places = np.arange(len(names)) + 0.26 * (kind - (len(series) - 1) / 2)
                axes.errorbar(
                    [v.mean for v in values], places, xerr=[v.error for v in values], ls="none", marker=MARKER[kind],
                    ms=6, mfc="white", mew=1.6, color=CATEGORY[kind], elinewidth=thick, label=name, zorder=4,
                )  # fmt: skip
                for place, ends in zip(places, (reach or {}).get(name, ()), strict=False):
                    axes.plot(ends, [place, place], color=CATEGORY[kind], lw=1, marker="|", ms=7, zorder=3)
                if line is None:
                    axes.axvline(values[0].mean, color=CATEGORY[kind], lw=1, ls=LINE[kind], zorder=1)
            if line is not None:
                axes.axvline(line, color=INK, lw=1, zorder=1)
            axes.set_xlabel(label)
            axes.margins(x=0.12)
            bars = [(v.mean - v.error, v.mean + v.error) for values in series.values() for v in values]
            _room(axes, [*bars, *(ends for name in series for ends in (reach or {}).get(name, ()))])
        row[0].set_yticks(range(len(names)), list(names))
        row[0].set_ylim(len(names) - 0.4, -0.6)
        drawn.legend(*row[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9)
    return drawn


def _room(axes: Axes, bars: Sequence[tuple[float, float]]) -> None:
    """Leave an eighth of the width free beside the longest bars: no bar or marker touches the frame."""
    low, high = min(bar[0] for bar in bars), max(bar[1] for bar in bars)
    ends = [*axes.get_xlim()] if high <= low else [low - (high - low) / 8, high + (high - low) / 8]
    lines = [float(np.atleast_1d(line.get_xdata())[0]) for line in axes.lines if np.ptp(line.get_xdata()) == 0]
    axes.set_xlim(
        min([ends[0], *(x - (high - low) / 20 for x in lines)]), max([ends[1], *(x + (high - low) / 20 for x in lines)])
    )


_PATHS = (("plain", "plain SGD, B = 32", 0, 1), ("yours", "yours", 1, 0))


def flat_paths(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw test error and sharpness against the training loss as training goes on.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``level``, the loss at which to compare; for ``plain``
    and ``yours``: ``…_loss``, ``…_test``, ``…_sharpness``, arrays of shape (networks, records).
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
