"""The marks that all figures are made of: measurements with error bars, theory lines, the learner's guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from course_utils.measure.statistics import Estimate
from course_utils.plots.styling import CATEGORY, GUESS, INK, LINE, MARKER, MUTED
from course_utils.validation import finite_array, one_of

THEORY_DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)))


def measured(
    axes: Axes,
    x: npt.ArrayLike,
    values: Sequence[Estimate],
    *,
    kind: int = 0,
    colour: str | None = None,
    label: str = "",
    joined: bool = True,
) -> None:
    """Draw markers with error bars of one standard error.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    x : array_like, shape (n,)
        Positions.
    values : sequence of Estimate, length n
        What was measured there.
    kind : int
        Which colour, marker and line style of the house cycle.
    colour : str, optional
        Another colour, for example a temperature's.
    label : str
        Name in the legend; empty for none.
    joined : bool
        Whether a thin broken line leads the eye from marker to marker.

    Raises
    ------
    TypeError, ValueError
        If ``values`` are not Estimates or do not match ``x``.
    """
    places = finite_array("x", x, ndim=1)
    require_estimates("values", values, places.size)
    shade = colour or CATEGORY[kind % len(CATEGORY)]
    axes.errorbar(
        places,
        [v.mean for v in values],
        [v.error for v in values],
        color=shade,
        marker=MARKER[kind % len(MARKER)],
        ms=6,
        mfc="white",
        mew=1.6,
        lw=1,
        elinewidth=1.6,
        ls=LINE[kind % len(LINE)] if joined else "none",
        zorder=4 + kind,
        label=label or None,
    )


def predicted(axes: Axes, x: npt.ArrayLike, y: npt.ArrayLike, *, kind: int = 0, label: str = "") -> None:
    """Draw a theory: the first (``kind=0``) as the dark line, others thinner and dashed.

    Raises
    ------
    TypeError, ValueError
        If ``x`` and ``y`` are not finite arrays of one length.
    """
    places, heights = finite_array("x", x, ndim=1), finite_array("y", y, ndim=1)
    if places.size != heights.size:
        raise ValueError(f"y must have as many entries as x ({places.size}); got {heights.size}")
    dashes = THEORY_DASHES[kind % len(THEORY_DASHES)]
    shade, width = (INK, 2.0) if kind == 0 else (MUTED, 1.8)
    axes.plot(places, heights, color=shade, lw=width, ls=dashes, zorder=2, label=label or None)


def mark_guess(axes: Axes, guess: Any, *, axis: str = "x") -> None:
    """Draw the learner's own prediction as a line across the axis it was made on; nothing if none was made.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    guess : float, object with ``.value``, or None
        The prediction, for example what `knobs.predict` returns.
    axis : {"x", "y"}
        Whether the guess is a position or a height.
    """
    one_of("axis", axis, ("x", "y"))
    value = getattr(guess, "value", guess)
    if value is None:
        return
    place = float(value)
    line = axes.axvline if axis == "x" else axes.axhline
    line(place, color=GUESS, lw=1.6, ls=(0, (3, 2)), zorder=3)
    where, corner, side = ((place, 0.98), (4, -2), "top") if axis == "x" else ((0.98, place), (0, 4), "bottom")
    axes.annotate(
        f"your guess: {place:g}",
        where,
        corner,
        xycoords=("data", "axes fraction") if axis == "x" else ("axes fraction", "data"),
        textcoords="offset points",
        color=GUESS,
        fontsize=10,
        va=side,
        ha="left" if axis == "x" else "right",
    )


def require_estimates(name: str, values: Sequence[Estimate], length: int) -> None:
    """Refuse what would be drawn without an error bar, or in the wrong number."""
    if not all(isinstance(value, Estimate) for value in values):
        raise TypeError(f"{name} must hold Estimates, so that nothing is drawn without an error bar")
    if len(values) != length:
        raise ValueError(f"{name} must hold one Estimate per position ({length}); got {len(values)}")
    if not np.isfinite([value.mean for value in values]).all():
        raise ValueError(f"{name} must hold finite means")
