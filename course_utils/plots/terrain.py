"""Terrains side by side: the loss around a network on different data, and the paths that lead over planes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import measured, predicted, require_estimates
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import CASED, CATEGORY, HEADING, INK, MARKER, MUTED, WIDTH, style
from course_utils.validation import finite_array, text

LEVELS = 18
LOSSES = 0.02, 5.0  # the lowest and the highest that a map tells apart: one scale for all maps
END: Any = {"marker": "P", "ms": 8, "mfc": CATEGORY[1], "mec": "white", "mew": 0.8, "zorder": 5, "ls": "none",
            "path_effects": CASED}  # fmt: skip
"""The mark of a network at the end of its training."""

Grid = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]


@dataclass(frozen=True)
class PathInPlane:
    """A path in the plane of its own two principal components, for `paths_in_planes`.

    Parameters
    ----------
    steps : array_like, (records, 2)
        Where it was along the first and the second component.
    shares : sequence of two Estimate or float
        What each component holds of the path's variance.
    ground : (x, y, losses), optional
        The loss at (y, x) of the same plane; without it the path leads over nothing.
    """

    steps: npt.ArrayLike
    shares: Sequence[Estimate | float]
    ground: Grid | None = None


def _map(axes: Axes, grid: Grid) -> Any:
    """Draw a loss as a map with a logarithmic scale: light valleys, dark hills."""
    x, y, losses = (finite_array(name, value) for name, value in zip(("x", "y", "losses"), grid, strict=True))
    if losses.shape != (y.size, x.size):
        raise ValueError(f"losses must have shape (len(y), len(x)) = {(y.size, x.size)}; got {losses.shape}")
    shades = ListedColormap(mpl.colormaps["bone_r"](np.linspace(0.0, 0.6, 256)))
    levels = np.geomspace(*LOSSES, LEVELS)
    shown = np.clip(losses, *LOSSES)
    filled = axes.contourf(x, y, shown, levels=levels, cmap=shades, norm=LogNorm(*LOSSES))
    axes.contour(x, y, shown, levels=levels, colors="white", linewidths=0.4)
    axes.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    axes.grid(False)
    return filled


def _scale(drawn: Figure, filled: Any, axes: Any, *, shrink: float = 0.9) -> None:
    """Add the colour bar of a logarithmic map."""
    bar = drawn.colorbar(filled, ax=axes, label="loss", shrink=shrink, pad=0.015)
    low, high = filled.norm.vmin, filled.norm.vmax
    ticks = [t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if low <= t <= high]
    bar.set_ticks(ticks, labels=[f"{t:g}" for t in ticks])
    bar.minorticks_off()


def terrains(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    losses: Mapping[str, npt.ArrayLike],
    *,
    title: str,
    x_label: str,
    y_label: str,
    reach: float | None = None,
) -> Figure:
    """Return small maps of one plane, one for each set of data, with the lowest point of each: a diamond.

    Parameters
    ----------
    x, y : array_like, (n,) and (m,)
        The plane; the network, where training ended, stands at (0, 0), marked by a cross as in `paths_in_planes`.
    losses : mapping of str to array_like, (m, n)
        The maps by name; the first is the one that the others differ from.
    title, x_label, y_label : str
        The message and the axes, in words.
    reach : float, optional
        Show the plane up to here, to all sides, and no further.

    Raises
    ------
    TypeError, ValueError
        If a map does not fit the plane, or a text is missing.
    """
    across, up = finite_array("x", x, ndim=1), finite_array("y", y, ndim=1)
    drawn = figure(WIDTH, 2.9)
    with style():
        row = np.atleast_1d(drawn.subplots(1, len(losses), sharey=True))
        for axes, (name, values) in zip(row, losses.items(), strict=True):
            heights = finite_array(f"losses[{name!r}]", values, ndim=2)
            filled = _map(axes, (across, up, heights))
            i, j = np.unravel_index(heights.argmin(), heights.shape)
            axes.plot([across[j]], [up[i]], marker="D", ms=10, mfc="none", mec=INK, mew=1.6, zorder=4, ls="none",
                      label="lowest point of the plane", path_effects=CASED)  # fmt: skip
            axes.plot([0], [0], **END, label="the network, where training ended")
            axes.set_title(name, **HEADING)
            axes.set(aspect="equal", xlabel=text("x_label", x_label))
            limit = across.max() if reach is None else reach
            marks = (-0.8 * limit, 0, 0.8 * limit)
            axes.set(xlim=(-limit, limit), ylim=(-limit, limit), xticks=marks, yticks=marks)
        row[0].set_ylabel(text("y_label", y_label))
        handles, labels = row[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)
        entitle(drawn, title)
        _scale(drawn, filled, row, shrink=0.65)
    return drawn


def paths_in_planes(
    paths: Mapping[str, PathInPlane],
    *,
    title: str,
) -> Figure:
    """Return paths beside each other, each in the plane of its own first two principal components.

    Parameters
    ----------
    paths : mapping of str to PathInPlane
        The paths by name.
    title : str
        The message.

    Raises
    ------
    TypeError, ValueError
        If a path has not two columns, a ground does not fit its grid, or a text is missing.
    """
    drawn, filled = figure(WIDTH, 3.2), None
    with style():
        row = np.atleast_1d(drawn.subplots(1, len(paths)))
        for axes, (name, path) in zip(row, paths.items(), strict=True):
            steps = finite_array(f"paths[{name!r}]", path.steps, ndim=2)
            if steps.shape[1] != 2 or len(path.shares) != 2:
                raise ValueError(f"paths[{name!r}] must have two columns and two shares; got {steps.shape}")
            if path.ground is not None:
                filled = _map(axes, path.ground)
            on_ground = {"marker": "", "path_effects": CASED, "lw": 1.6}  # dots would hide the line between them
            dress = {"marker": ".", "ms": 4, "lw": 1.2} if path.ground is None else on_ground
            axes.plot(*steps.T, color=CATEGORY[1], zorder=4, **dress)
            axes.plot(*steps[0], marker="o", ms=8, mfc="white", mec=INK, mew=1.8, zorder=5)
            axes.plot(*steps[-1], **END)
            axes.set_title(name, **HEADING)
            first, second = (100 * (s.mean if isinstance(s, Estimate) else float(s)) for s in path.shares)
            axes.set(xticks=(), yticks=(), xlabel=f"component 1: {first:.0f} %", ylabel=f"component 2: {second:.0f} %")
            axes.margins(0.12)
        entitle(drawn, title)
        if filled is not None:
            _scale(drawn, filled, row)
    return drawn


def error_by_layer(
    measurements: Mapping[str, Mapping[int, Sequence[Estimate]]],
    *,
    theory: Mapping[str, npt.ArrayLike],
    heat: float,
    title: str,
    y_label: str,
) -> Figure:
    """Return what becomes of an error from layer to layer, in several phases and at several widths.

    Parameters
    ----------
    measurements : mapping of phase to mapping of width to sequence of Estimate, length layers + 1
        What was measured, from layer 0.
    theory : mapping of phase to array_like, (layers + 1,)
        The line of each phase; its name stands at its end.
    heat : float
        Where the line of an infinite heated rod begins, in layer 1: its summed square falls with the square root of
        time, for which the layers stand.
    title, y_label : str
        The message and the axis, in words.

    Raises
    ------
    TypeError, ValueError
        If a series does not match its theory, or a text is missing.
    """
    drawn = figure(WIDTH, 4.2)
    with style():
        axes = drawn.subplots()
        for kind, (phase, line) in enumerate(theory.items()):
            values = finite_array(f"theory[{phase!r}]", line, ndim=1)
            layers = np.arange(values.size)
            predicted(axes, layers, values)
            axes.annotate(phase, (layers[-1], values[-1]), (7, 0), textcoords="offset points", va="center", fontsize=10)
            for shape, (width, series) in enumerate(measurements[phase].items()):
                require_estimates(f"measurements[{phase!r}][{width}]", series, values.size)
                shown = slice(shape % 2, None, 2)
                measured(axes, layers[shown], series[shown], kind=shape, colour=CATEGORY[kind], joined=False)
        rod = np.linspace(1, layers[-1], 100)
        axes.plot(rod, heat / np.sqrt(rod), color=MUTED, lw=1.8, ls=(0, (1.5, 1.5)))
        axes.annotate("heat in a rod", (rod[-1], heat / np.sqrt(rod[-1])), (7, 0), textcoords="offset points",
                      va="center", fontsize=10, color=MUTED)  # fmt: skip
        for shape, width in enumerate(next(iter(measurements.values()))):
            axes.plot([], [], ls="none", marker=MARKER[shape], mfc="white", color=INK, mew=1.6, label=f"{width} units")
        axes.set(yscale="log", xlim=(-0.5, 1.27 * layers[-1]), xticks=layers[::5])
        entitle(drawn, title)
        axes.set(xlabel="layer", ylabel=text("y_label", y_label))
        axes.legend(loc="upper left")
    return drawn
