"""Magnets: lattices of spins, and curves of one system at several sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure, SubFigure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import mark_guess, measured, require_estimates
from course_utils.plots.showing import figure
from course_utils.plots.styling import CATEGORY, INK, MUTED, style
from course_utils.validation import finite_array, text

# Down and up: ink and paper, told apart by everybody.
SPINS = ListedColormap(["#16324f", "#f4e9d8"])

Curves = Mapping[Any, tuple[npt.ArrayLike, npt.ArrayLike]]


def lattices(pictures: Mapping[str, npt.ArrayLike], *, title: str, height: float = 3.0) -> Figure:
    """Return a figure of spin lattices side by side.

    Parameters
    ----------
    pictures : mapping of str to array_like, each (L, L)
        Spins, -1 (dark) or +1 (light), by what is written above them.
    title : str
        The message of the figure.
    height : float
        In inches.

    Raises
    ------
    TypeError, ValueError
        If there is no picture, or one is not a square of numbers.
    """
    squares = {name: _square(name, spins) for name, spins in pictures.items()}
    if not squares:
        raise ValueError("pictures must hold at least one lattice; got none")
    drawn = figure(7.2, height)
    with style():
        drawn.suptitle(text("title", title), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
        for axes, (name, spins) in zip(drawn.subplots(1, len(squares), squeeze=False)[0], squares.items(), strict=True):
            _lattice(axes, spins)
            axes.set_title(name, fontsize=10.5, fontweight="normal", loc="center", pad=6)
    return drawn


def magnet(figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None) -> dict[str, Any]:
    """Draw a lattice beside the curve of its order; afterwards change the spins and move the point.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Where to draw.
    picture : mapping
        ``spins`` (L, L); ``temperatures`` and ``yang``, each (n,); ``point``, its temperature and order.
    artists : dict or None
        What the last call returned; None the first time.

    Returns
    -------
    dict
        The artists, for the next call.
    """
    if artists is None:
        with style():
            left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
            heat = picture["temperatures"]
            right.plot(heat, picture["yang"], color=INK, zorder=1)
            right.text(1.56, 0.68, "endless\nmagnet", color=INK, fontsize=9)  # where hardly any point ever stands
            point = right.plot([], [], "o", color=CATEGORY[1], mfc="white", mew=2, ms=9, zorder=3, clip_on=False)[0]
            right.set(xlim=(heat[0], heat[-1]), ylim=(0, 1.04), xlabel="temperature $T$", ylabel="order $|m|$")
            right.set(xticks=(1.5, 2.5, 3.5), yticks=(0, 0.5, 1))
            right.grid(False)
            artists = {"image": _lattice(left, picture["spins"]), "point": point}
    artists["image"].set_data(picture["spins"])
    artists["point"].set_data(*picture["point"][:, None])
    return artists


def sizes(
    x: npt.ArrayLike | Mapping[Any, npt.ArrayLike],
    measurements: Mapping[Any, Sequence[Estimate]],
    *,
    theory: Curves | None = None,
    law: str = "theory",
    title: str,
    x_label: str,
    y_label: str,
    symbol: str = "L",
    critical: float | None = None,
    x_log: bool = False,
    guess: Any = None,
    size: tuple[float, float] = (7.2, 4.0),
) -> Figure:
    """Return a figure of one quantity, measured in systems of several sizes.

    Parameters
    ----------
    x : array_like, shape (n,), or mapping of size to array_like
        Where it was measured: for all sizes, or for each.
    measurements : mapping of size to sequence of Estimate
        The series.
    theory : mapping of size (or name) to (x, y), optional
        Theory lines, all dark.
    law : str
        What the theory lines are called, together.
    title, x_label, y_label : str
        The message and the axes, in words.
    symbol : str
        What a size is called.
    critical : float, optional
        Where to mark the critical temperature.
    x_log : bool
        Whether the x axis is logarithmic.
    guess : float, object with ``.value``, or None
        The learner's prediction of an ``x``; see `mark_guess`.
    size : tuple of float
        Width and height in inches.

    Raises
    ------
    TypeError, ValueError
        If a series does not match ``x``, or a text is missing.
    """
    checked = _series(x, measurements)
    drawn = figure(*size)
    with style():
        axes = drawn.subplots()
        axes.set_title(
            text("title", title), pad=12 if critical is None else 20
        )  # the mark of the critical point needs room
        axes.set(xlabel=text("x_label", x_label), ylabel=text("y_label", y_label))
        if x_log:
            axes.set_xscale("log")
        _sizes(axes, checked, theory or {}, law, symbol, critical)
        mark_guess(axes, guess, axis="x")
        axes.legend(handlelength=2.2)
    return drawn


def sizes_twice(
    left: Mapping[str, Any], right: Mapping[str, Any], *, title: str, size: tuple[float, float] = (7.6, 3.9)
) -> Figure:
    """Return two pictures by size, side by side.

    Parameters
    ----------
    left, right : mapping
        ``x``, ``measurements``, ``heading``, ``x_label``, ``y_label`` and, optionally, ``theory``, ``law``, ``symbol``,
        ``critical``, ``mark`` (what stands above it), ``x_lim``: as for `sizes`.
    title : str
        The message of the figure.
    size : tuple of float
        Width and height in inches.

    Raises
    ------
    TypeError, ValueError
        If a series does not match its ``x``, or a text is missing.
    """
    checked = [_series(panel["x"], panel["measurements"]) for panel in (left, right)]
    drawn = figure(*size)
    with style():
        drawn.suptitle(text("title", title), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
        for axes, panel, series in zip(drawn.subplots(1, 2), (left, right), checked, strict=True):
            axes.set_title(text("heading", panel["heading"]), fontsize=10.5, fontweight="normal", pad=14)
            axes.set(xlabel=text("x_label", panel["x_label"]), ylabel=text("y_label", panel["y_label"]))
            law, symbol = panel.get("law", "theory"), panel.get("symbol", "L")
            _sizes(
                axes, series, panel.get("theory", {}), law, symbol, panel.get("critical"), panel.get("mark", "$T_c$")
            )
            if "x_lim" in panel:
                axes.set_xlim(panel["x_lim"])
            axes.legend(handlelength=1.8, fontsize=9)
    return drawn


def _sizes(
    axes: Axes,
    series: Mapping[Any, Any],
    theory: Curves,
    law: str,
    symbol: str,
    critical: float | None,
    mark: str = "$T_c$",
) -> None:
    for number, (line_x, line_y) in enumerate(theory.values()):
        axes.plot(line_x, line_y, color=INK, lw=1.4, zorder=2, label=None if number else law)
    for kind, (name, (places, values)) in enumerate(series.items()):
        measured(axes, places, values, kind=kind, label=f"${symbol} = {name}$", joined=False)
    if critical is not None:
        axes.axvline(critical, color=MUTED, lw=1, ls="--", zorder=0)
        above = axes.get_xaxis_transform()
        axes.text(critical, 1.0, mark, color=MUTED, fontsize=10, ha="center", va="bottom", transform=above)


def _series(x: Any, measurements: Mapping[Any, Sequence[Estimate]]) -> dict[Any, Any]:
    """Return places and values of each size, checked."""
    found = {}
    for name, values in measurements.items():
        places = finite_array("x", x[name] if isinstance(x, Mapping) else x, ndim=1)
        require_estimates(f"measurements[{name!r}]", values, places.size)
        found[name] = places, values
    return found


def _lattice(axes: Axes, spins: npt.ArrayLike) -> Any:
    axes.set(xticks=(), yticks=())
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(True)
    return axes.imshow(np.asarray(spins), cmap=SPINS, vmin=-1, vmax=1, interpolation="nearest", extent=(0, 1, 0, 1))


def _square(name: str, spins: npt.ArrayLike) -> npt.NDArray[np.float64]:
    states = finite_array(f"pictures[{name!r}]", spins, ndim=2)
    if states.shape[0] != states.shape[1]:
        raise ValueError(f"pictures[{name!r}] must be a square lattice; got shape {states.shape}")
    return states
