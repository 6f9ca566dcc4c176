"""One quantity of one kind of system at several sizes: what a transition is recognised by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import mark_guess, measured, require_estimates
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import HEADING, HEIGHT, INK, MUTED, WIDTH, style
from course_utils.validation import finite_array, text

Curves = Mapping[Any, tuple[npt.ArrayLike, npt.ArrayLike]]


def by_size(
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

    Raises
    ------
    TypeError, ValueError
        If a series does not match ``x``, or a text is missing.
    """
    checked = _series(x, measurements)
    drawn = figure(WIDTH, HEIGHT)
    with style():
        axes = drawn.subplots()
        entitle(drawn, title)
        axes.set(xlabel=text("x_label", x_label), ylabel=text("y_label", y_label))
        if x_log:
            axes.set_xscale("log")
        _sizes(axes, checked, theory or {}, law, symbol, critical)
        mark_guess(axes, guess, axis="x")
        axes.legend(handlelength=2.2)
    return drawn


def by_size_twice(left: Mapping[str, Any], right: Mapping[str, Any], *, title: str) -> Figure:
    """Return two pictures by size, side by side.

    Parameters
    ----------
    left, right : mapping
        ``x``, ``measurements``, ``heading``, ``x_label``, ``y_label`` and, optionally, ``theory``, ``law``, ``symbol``,
        ``critical``, ``mark`` (what stands above it), ``x_lim``: as for `sizes`.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If a series does not match its ``x``, or a text is missing.
    """
    checked = [_series(panel["x"], panel["measurements"]) for panel in (left, right)]
    drawn = figure(WIDTH, HEIGHT)
    with style():
        entitle(drawn, title)
        for axes, panel, series in zip(drawn.subplots(1, 2), (left, right), checked, strict=True):
            axes.set_title(text("heading", panel["heading"]), **HEADING | {"pad": 14})
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
