"""Spin glasses: overlaps glass by glass, a random landscape on a globe, and two live copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patheffects import withStroke

from course_utils.measure.statistics import estimates
from course_utils.plots.magnets import SPINS
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import AREA, CASED, CATEGORY, INK, MUTED, WIDTH, style
from course_utils.validation import finite_array, whole

KINDS = {"valley": ("v", CATEGORY[0]), "pass": ("X", CATEGORY[3]), "summit": ("^", CATEGORY[1])}


def portraits(
    overlaps: npt.ArrayLike,
    again: npt.ArrayLike,
    edges: npt.ArrayLike,
    theory: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    spike: float,
    title: str,
) -> Figure:
    """Return the overlap densities of some glasses, each from two runs, and the average of all over the theory.

    Turning all spins of a copy over changes nothing, so q and -q count alike.

    Parameters
    ----------
    overlaps : array_like, (glasses, records)
        Overlaps of two copies of each glass.
    again : array_like, (single, records)
        The same of the first glasses from another run; these are drawn by themselves, too.
    edges : array_like, (bins + 1,)
        Edges of the bins.
    theory : (q, density)
        The smooth part for the infinite glass.
    spike : float
        Overlap at which the infinite glass has a spike, and at minus which.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not match.
    """
    q, sides = finite_array("overlaps", overlaps, ndim=2), finite_array("edges", edges, ndim=1, least_size=3)
    second = finite_array("again", again, ndim=2)
    single = whole("number of glasses measured again", len(second), most=len(q))
    average, centres = estimates(np.array([_density(one, sides) for one in q])), (sides[1:] + sides[:-1]) / 2
    rows = -(-single // 3)
    drawn = figure(WIDTH, 1.0 + 1.3 * rows)
    with style():
        entitle(drawn, title)
        parts: Any = drawn.subfigures(1, 2, width_ratios=(1.45, 1))
        left, right = parts
        panels = left.subplots(rows, 3, sharex=True, sharey=True, squeeze=False)
        for k, axes in enumerate(panels.flat):
            axes.set_visible(k < single)
            if k < single:
                _portrait(axes, sides, _density(q[k], sides), _density(second[k], sides), f"glass {k + 1}")
        highest = max(_density(one, sides).max() for one in (*q[:single], *second))
        panels.flat[0].set_ylim(0, max(2.9, 1.06 * highest))
        left.supxlabel("overlap $q$ of two copies", fontsize=10.5)
        left.supylabel("density $P(q)$", fontsize=10.5)
        mean = right.subplots()
        mean.plot(*theory, color=INK, label="Parisi, infinite")
        for side in (-spike, spike):
            arrow = {"arrowstyle": "-|>", "color": INK, "lw": 2, "shrinkA": 0, "shrinkB": 0}
            mean.annotate("", (side, 1.45), (side, 0.0), arrowprops=arrow)
        mean.errorbar(centres, [one.mean for one in average], [one.error for one in average], fmt="o", ms=4.5,
                      color=CATEGORY[0], mfc="white", mew=1.4, label=f"average of {len(q)} glasses")  # fmt: skip
        mean.set(xlim=(-1, 1), ylim=(0, 1.7), xlabel="overlap $q$", xticks=(-1, 0, 1), yticks=(0, 0.5, 1, 1.5))
        mean.legend(loc="upper center", fontsize=8.5, handlelength=1.6)
    return drawn


def _density(overlaps: Any, edges: Any) -> npt.NDArray[np.float64]:
    return np.histogram(np.concatenate([overlaps, -overlaps]), edges, density=True)[0]


def _portrait(axes: Axes, edges: Any, first: Any, second: Any, name: str) -> None:
    axes.stairs(first, edges, fill=True, color=AREA)
    axes.stairs(second, edges, color=INK, lw=1.3)
    axes.set_title(name, fontsize=9, fontweight="normal", color=MUTED, loc="center", pad=2)
    axes.set(xlim=(-1, 1), xticks=(-1, 0, 1), yticks=(0, 1, 2))
    axes.tick_params(labelsize=8.5)


def globe(
    longitudes: npt.ArrayLike,
    latitudes: npt.ArrayLike,
    heights: npt.ArrayLike,
    points: Mapping[str, npt.ArrayLike],
    *,
    title: str,
) -> Figure:
    """Return a map of a landscape on a sphere, its valleys, passes and summits marked.

    Parameters
    ----------
    longitudes, latitudes : array_like, (n,), (m,)
        In radians.
    heights : array_like, (m, n)
        Energy.
    points : mapping of {"valley", "pass", "summit"} to array_like, each (points, 3)
        Directions of the critical points.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If a kind is not known, or points are not in three dimensions.
    """
    drawn = figure(WIDTH, 3.8)
    with style():
        axes = drawn.add_subplot(projection="mollweide")
        filled = axes.contourf(longitudes, latitudes, heights, levels=24, cmap="cividis")
        edge = withStroke(linewidth=3, foreground=INK)  # a dark line around the white one: the map is dark and light
        for name, places in points.items():
            if name not in KINDS:
                raise ValueError(f"points must be named one of {', '.join(KINDS)}; got {name!r}")
            x = finite_array(f"points[{name!r}]", places, ndim=2)
            if x.shape[1] != 3:
                raise ValueError(f"points[{name!r}] must have shape (points, 3); got {x.shape}")
            marker, colour = KINDS[name]
            length = np.linalg.norm(x, axis=1)
            axes.plot(np.arctan2(x[:, 1], x[:, 0]), np.arcsin(x[:, 2] / length), marker, color=colour, ms=11,
                      mec="white", mew=1.3, label=f"{name} ({len(x)})", path_effects=[edge])  # fmt: skip
        axes.set(xticks=[], yticks=[])
        axes.grid(False)
        entitle(drawn, title)
        drawn.colorbar(
            filled,
            ax=axes,
            shrink=0.8,
            label="energy per spin $e$",
            ticks=np.round(np.max(np.abs(heights)) * np.array([-0.9, 0, 0.9]), 1),
        )
        axes.legend(loc="upper left", bbox_to_anchor=(-0.07, 1.06), fontsize=9)
    return drawn


def two_copies(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw the spins of two copies, where they agree, and how alike many pairs are.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``first`` and ``second``, spins of shape (L, L);
    ``edges`` (bins + 1,), ``pairs`` and ``equilibrium`` (bins,), densities of the overlap; ``overlap`` (1,), that of
    the two copies.
    """
    product = np.asarray(picture["first"]) * np.asarray(picture["second"])
    squares = {"copy A": picture["first"], "copy B": picture["second"], "A × B": product}
    centres = (picture["edges"][1:] + picture["edges"][:-1]) / 2
    if artists is None:
        with style():
            parts: Any = figure.subfigures(2, 1, height_ratios=(1, 1.45))
            upper, lower = parts
            artists = {}
            for axes, (name, spins) in zip(upper.subplots(1, 3), squares.items(), strict=True):
                artists[name] = axes.imshow(spins, cmap=SPINS, vmin=-1, vmax=1, interpolation="nearest")
                axes.set(xticks=[], yticks=[])
                axes.set_title(name, fontsize=9.5, fontweight="normal", loc="center", pad=3)
                axes.grid(False)
            below = lower.subplots()
            artists["bars"] = below.bar(centres, picture["pairs"], np.diff(picture["edges"]), color=AREA,
                                        label="pairs cooled by single flips")  # fmt: skip
            artists["line"] = below.step([], [], where="mid", color=INK, lw=1.8, label="equilibrium")[0]
            artists["here"] = below.axvline(
                0, color=CATEGORY[1], lw=1.6, ls=(0, (4, 2)), label="A and B", path_effects=CASED
            )
            below.set(xlim=(-1, 1), ylim=(0, 3), xlabel="overlap $q$", ylabel="density $P(q)$")
            below.legend(
                loc="lower left", bbox_to_anchor=(0, 1), ncol=3, fontsize=8, handlelength=1.5, borderaxespad=0.2
            )
    for name, spins in squares.items():
        artists[name].set_data(spins)
    for bar, height in zip(artists["bars"], picture["pairs"], strict=True):
        bar.set_height(height)
    artists["line"].set_data(centres, picture["equilibrium"])
    artists["here"].set_xdata(np.repeat(picture["overlap"], 2))
    return artists
