"""Landscapes: an energy over one coordinate, or as a map over two; walkers in it, and choices between its states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.figure import Figure, SubFigure

from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import CASED, CATEGORY, INK, LINE, WIDTH, style
from course_utils.validation import finite_array


def wells(
    x: npt.ArrayLike,
    energies: Mapping[str, npt.ArrayLike],
    *,
    title: str,
    marks: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """Return a figure of one or more energies over one coordinate.

    Parameters
    ----------
    x : array_like, shape (n,)
        Positions.
    energies : mapping of str to array_like, shape (n,)
        Energy curves, by name; the first is the dark line.
    title : str
        The message.
    marks : mapping of str to (x, energy), optional
        Places to name in the picture.

    Raises
    ------
    TypeError, ValueError
        If a curve does not match ``x``, or a text is missing.
    """
    places = finite_array("x", x, ndim=1)
    drawn = figure(WIDTH, 3.4)
    with style():
        axes = drawn.subplots()
        for kind, (name, values) in enumerate(energies.items()):
            heights = finite_array(f"energies[{name!r}]", values, ndim=1)
            if heights.size != places.size:
                raise ValueError(
                    f"energies[{name!r}] must have as many entries as x ({places.size}); got {heights.size}"
                )
            colour = INK if kind == 0 else CATEGORY[kind % len(CATEGORY)]
            axes.plot(places, heights, color=colour, ls="-" if kind == 0 else LINE[kind], label=name)
        for name, (at, height) in (marks or {}).items():
            axes.plot([at], [height], marker="o", color=INK, ms=6)
            axes.annotate(name, (at, height), (0, 9), textcoords="offset points", ha="center", color=INK, fontsize=10)
        entitle(drawn, title)
        axes.set(xlabel="position $x$", ylabel="energy $U(x)$")
        if len(energies) > 1:
            axes.legend()
    return drawn


def contours(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    energy: npt.ArrayLike,
    *,
    title: str,
    highest: float,
    paths: Mapping[str, npt.ArrayLike] | None = None,
    crowds: Mapping[str, npt.ArrayLike] | None = None,
    marks: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """Return a contour map of a landscape of two coordinates, with walkers' paths on it.

    Parameters
    ----------
    x, y : array_like, shape (n,) and (m,)
        The grid.
    energy : array_like, shape (m, n)
        Energy at (y, x); cut off above ``highest`` for the eye.
    title : str
        The message.
    highest : float
        The highest energy that is drawn.
    paths : mapping of str to array_like, shape (steps, 2), optional
        Walkers' paths, by name.
    crowds : mapping of str to array_like, shape (walkers, 2), optional
        Places of many walkers at one moment, by name.
    marks : mapping of str to (x, y), optional
        Places to name on the map.

    Raises
    ------
    TypeError, ValueError
        If the energy does not fit the grid, or a text is missing.
    """
    across, up = finite_array("x", x, ndim=1), finite_array("y", y, ndim=1)
    heights = finite_array("energy", energy, ndim=2)
    if heights.shape != (up.size, across.size):
        raise ValueError(f"energy must have shape (len(y), len(x)) = {(up.size, across.size)}; got {heights.shape}")
    shown = np.minimum(heights, highest)
    # Light valleys, so that walkers can be seen where they are; hills no darker than words on them can bear.
    paper_to_slate = ListedColormap(mpl.colormaps["bone_r"](np.linspace(0.0, 0.6, 256)))
    drawn = figure(WIDTH, 5.0)
    with style():
        axes = drawn.subplots()
        filled = axes.contourf(across, up, shown, levels=24, cmap=paper_to_slate)
        axes.contour(across, up, shown, levels=filled.levels, colors="white", linewidths=0.5, linestyles="solid")
        for kind, (name, path) in enumerate((paths or {}).items()):
            steps = finite_array(f"paths[{name!r}]", path, ndim=2)
            axes.plot(
                steps[:, 0], steps[:, 1], color=CATEGORY[kind + 1], lw=1.3, label=name, zorder=4, path_effects=CASED
            )
        for kind, (name, crowd) in enumerate((crowds or {}).items()):
            dots = finite_array(f"crowds[{name!r}]", crowd, ndim=2)
            shade = CATEGORY[kind]
            axes.plot(dots[:, 0], dots[:, 1], ".", ms=3, mew=0, color=shade, label=name, zorder=3)
        for name, (at_x, at_y) in (marks or {}).items():
            axes.plot([at_x], [at_y], marker="o", ms=8, mfc="white", mec=INK, mew=1.8, zorder=5)
            axes.annotate(
                name,
                (at_x, at_y),
                (-9, -5) if at_x < across.mean() else (9, 5),
                textcoords="offset points",
                ha="right" if at_x < across.mean() else "left",
                va="top" if at_x < across.mean() else "bottom",
                color=INK,
                fontsize=12,
                fontweight="bold",
                zorder=6,
                bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
            )
        axes.grid(False)
        axes.set(xlim=(across.min(), across.max()), ylim=(up.min(), up.max()))
        entitle(drawn, title)
        axes.set(xlabel="$x$", ylabel="$y$")
        drawn.colorbar(filled, ax=axes, label="energy $U(x, y)$", shrink=0.9)
        if paths or crowds:
            axes.legend(
                loc="upper right", markerscale=3, frameon=True, facecolor="white", framealpha=0.9, edgecolor="none"
            )
    return drawn


def occupations(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw how often each option was chosen, over Boltzmann's law.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``energies``, ``boltzmann``, ``fraction`` and
    ``error``, each of shape (n,).
    """
    energies = picture["energies"]
    if artists is None:
        with style():
            axes = figure.subplots()
            bars = axes.bar(
                energies, picture["boltzmann"], width=0.32, color="#d5d9de", edgecolor=INK, label="Boltzmann"
            )
            points = axes.plot([], [], "o", color=CATEGORY[0], mfc="white", mew=1.6, ms=7, label="2,000 noisy choices")[
                0
            ]
            artists = {"bars": bars, "points": points, "errors": axes.vlines([], [], [], color=CATEGORY[0], lw=1.8)}
            axes.set(xlabel="energy $E$ of the option", ylabel="how often chosen", ylim=(0, 1.04), xticks=energies)
            axes.grid(False, axis="x")
            axes.legend(handles=[bars, points], loc="upper right", fontsize=9)
    for bar, height in zip(artists["bars"], picture["boltzmann"], strict=True):
        bar.set_height(height)
    fraction, error = picture["fraction"], picture["error"]
    artists["points"].set_data(energies, fraction)
    artists["errors"].set_segments(
        [np.array([[e, f - d], [e, f + d]]) for e, f, d in zip(energies, fraction, error, strict=True)]
    )
    return artists


def travellers(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw walkers in a landscape above the histogram of where they are.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``grid``, ``energy`` and ``boltzmann`` of shape (n,);
    ``positions`` and ``heights`` of the walkers, shape (m,); ``edges`` of shape (b + 1,) and ``histogram`` of shape
    (b,).
    """
    if artists is None:
        with style():
            upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.15, 1))
            artists = {
                "energy": upper.plot([], [], color=INK, label="energy")[0],
                "walkers": upper.plot([], [], ls="none", marker=".", ms=4, mew=0, color=CATEGORY[1], alpha=0.9)[0],
                "histogram": lower.stairs(
                    [0.0], [0.0, 1.0], fc=to_rgba(CATEGORY[1], 0.4), ec=CATEGORY[1], lw=1.2, fill=True
                ),
                "boltzmann": lower.plot([], [], color=INK)[0],
                "lower": lower,
            }
            grid = picture["grid"]
            upper.set(ylabel="energy $U$", ylim=(-1.4, 4.2), xlim=(grid[0], grid[-1]), xticks=(-2, -1, 0, 1, 2))
            lower.set(ylabel="density", xlabel="position $x$", yticks=())
            words = {"ha": "center", "va": "top", "fontsize": 9}
            upper.text(0.5, 0.93, "walkers (piled up where they are)", color=INK, transform=upper.transAxes, **words)
            lower.text(0.5, 0.95, "Boltzmann:\nin the end", color=INK, transform=lower.transAxes, **words)
    artists["energy"].set_data(picture["grid"], picture["energy"])
    # Each walker stands a little above the ground, at a height of its own, so that a crowd can be seen to be one.
    spread = 0.55 * ((np.arange(len(picture["positions"])) * 0.618034) % 1.0)
    artists["walkers"].set_data(picture["positions"], picture["heights"] + spread)
    artists["histogram"].set_data(picture["histogram"], picture["edges"])
    artists["boltzmann"].set_data(picture["grid"], picture["boltzmann"])
    artists["lower"].set_ylim(0, 1.12 * max(picture["boltzmann"].max(), picture["histogram"].max()))
    return artists
