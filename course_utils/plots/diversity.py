"""How alike many networks are: histograms over pairs, side by side and behind a knob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import measured, predicted
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import CATEGORY, HEADING, LINE, WIDTH, style
from course_utils.validation import finite_array, text

# Told apart by filling, by hatching and by the line, not by colour alone.
_FILLS: Sequence[Mapping[str, Any]] = (
    {"fill": True},
    {"alpha": 0.9, "fill": False, "hatch": "////"},
    {"alpha": 0.9, "fill": False, "hatch": "...."},
    {"alpha": 1.0, "fill": False},
)


def pair_histograms(
    parts: Sequence[tuple[str, str, Mapping[str, npt.ArrayLike]]],
    *,
    title: str,
    ranges: Sequence[tuple[float, float]],
    bins: int = 60,
) -> Figure:
    """Return histograms over pairs, one set of axes for each part.

    Parameters
    ----------
    parts : sequence of (heading, x_label, mapping of str to array)
        From left to right; each mapping holds one number per pair, by name.
    title : str
        The message of the figure.
    ranges : sequence of (float, float)
        Limits of each part's axis.
    bins : int
        How many bins.

    Raises
    ------
    TypeError, ValueError
        If there is no part, or a crowd is empty.
    """
    if not parts or len(parts) != len(ranges):
        raise ValueError(f"ranges must be one for each of one part or more; got {len(ranges)} for {len(parts)}")
    drawn = figure(WIDTH, 3.7)
    with style():
        entitle(drawn, title)
        for axes, (heading, label, series), limits in zip(
            drawn.subplots(1, len(parts), squeeze=False)[0], parts, ranges, strict=True
        ):
            axes.set_title(text("heading", heading), **HEADING)
            edges = np.linspace(*limits, bins + 1)
            for kind, (name, values) in enumerate(series.items()):
                crowd = finite_array(f"series[{name!r}]", values)
                _stairs(axes, _shares(crowd, edges), edges, kind, name)
            axes.set(xlabel=text("x_label", label), ylabel="share of pairs", xlim=limits)
            axes.set_ylim(0, 1.5 * axes.get_ylim()[1])  # room for the legend
            axes.legend(fontsize=8.5, loc="upper center", labelspacing=0.25)
    return drawn


def _shares(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the share of values in each bin; what lies outside is counted at the edge."""
    inside = np.clip(values, edges[0], edges[-1])
    return np.asarray(np.histogram(inside, edges)[0] / values.size)


def _stairs(axes: Axes, heights: npt.NDArray[np.float64], edges: npt.NDArray[np.float64], kind: int, name: str) -> Any:
    colour = CATEGORY[kind % len(CATEGORY)]
    dress = dict(_FILLS[kind % len(_FILLS)])
    inside = to_rgba(colour, 0.45)  # a pale area within a full line
    return axes.stairs(heights, edges, fc=inside, ec=colour, lw=1.4, ls=LINE[kind % len(LINE)], label=name, **dress)


def memory_panels(
    lines: Mapping[str, Mapping[str, tuple[npt.ArrayLike, Sequence[Estimate]]]],
    *,
    controls: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    title: str,
) -> Figure:
    """Return how alike chains are to their own past and to the past of others, one panel for each reading.

    Parameters
    ----------
    lines : mapping of str to mapping of str to (temperatures, sequence of Estimate)
        By reading, then by whose past.
    controls : mapping of str to (temperatures, values)
        For some readings, what networks that know nothing give.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If there is no reading, or a series and its places do not match.
    """
    if not lines:
        raise ValueError("lines must hold one reading or more; got none")
    drawn = figure(WIDTH, 3.6)
    marks: dict[str, Any] = {}  # of the legend
    with style():
        entitle(drawn, title)
        row = drawn.subplots(1, len(lines), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (name, series) in zip(row, lines.items(), strict=True):
            axes.set_title(name, **HEADING)
            axes.set_xscale("log")
            if name in controls:
                predicted(axes, *controls[name], label="control")
            for kind, (whose, (temperatures, values)) in enumerate(series.items()):
                measured(axes, temperatures, values, kind=kind, label=whose)
            axes.set(ylim=(-0.06, 1.06), yticks=(0, 0.5, 1), xlabel="temperature $T$")
            axes.set_xticks([0.03, 0.1, 0.3, 1], ["0.03", "0.1", "0.3", "1"])
            axes.set_xticks([], minor=True)
            handles, names = axes.get_legend_handles_labels()
            marks |= dict(zip(names, handles, strict=True))
        row[0].set_ylabel("how alike (1: the same)")
        drawn.legend(marks.values(), marks.keys(), loc="outside lower center", ncols=len(marks), fontsize=9)
    return drawn


def overlap_histograms(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw how alike pairs of networks are, in their weights and in their answers.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``weights``, ``renamed``, ``control``, ``digits`` and
    ``noise``, one number per pair.
    """
    if artists is None:
        artists = {"edges": np.linspace(-0.2, 1.0, 61)}
        rows = (
            (
                "overlap of the weights",
                {"weights": "as they are", "renamed": "renamed", "control": "untrained, renamed"},
            ),
            ("share of equal answers", {"digits": "on other digits", "noise": "on noise"}),
        )
        with style():
            for axes, (label, series) in zip(figure.subplots(2, 1), rows, strict=True):
                for kind, (key, name) in enumerate(series.items()):
                    artists[key] = _stairs(axes, np.zeros(60), artists["edges"], kind, name)
                axes.set(xlabel=label, ylabel="share of pairs", xlim=(-0.2, 1.02), ylim=(0, 1.3), yticks=(0, 0.5, 1))
                axes.legend(fontsize=8, loc="upper left", labelspacing=0.2, borderaxespad=0.2)
    for key in ("weights", "renamed", "control", "digits", "noise"):
        values = np.asarray(picture[key], dtype=float)
        artists[key].set_data(_shares(values, artists["edges"]), artists["edges"])
    return artists
