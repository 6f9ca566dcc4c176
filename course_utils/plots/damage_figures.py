"""What damage costs beside what curvature says; volumes and heats of minima; measured curves in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from course_utils.measure.statistics import Estimate, estimate, estimates
from course_utils.plots.descent import Part, side_by_side
from course_utils.plots.marks import in_words
from course_utils.validation import finite_array

PANELS = {"bits": ("weights in a few bits", "bits a weight"), "cut": ("smallest weights cut", "share set to zero")}


def damages(
    ratios: Mapping[tuple[str, float], npt.NDArray[np.float64]], kinds: Mapping[str, slice], *, title: str
) -> Figure:
    """Return a figure of measured over predicted cost, for weights in few bits and for weights that are cut.

    Parameters
    ----------
    ratios : mapping of (str, float) to (networks,) array
        By kind of damage, ``"bits"`` or ``"cut"``, and strength; other kinds are left out.
    kinds : mapping of str to slice
        Which networks are of which kind.
    title : str
        The message of the figure.

    Raises
    ------
    ValueError
        If one of the two kinds of damage is missing.
    """
    parts = []
    for damage, (heading, label) in PANELS.items():
        strengths = [strength for own, strength in ratios if own == damage]
        if not strengths:
            raise ValueError(f"ratios must have some of {damage!r}")
        series = {n: (strengths, [estimate(ratios[damage, s][o]) for s in strengths]) for n, o in kinds.items()}
        parts.append(Part(heading, label, "rise: measured / predicted", series=series, joined=True, y_log=True,
                          theory={"predicted": (strengths, np.ones(len(strengths)))}, x_ticks=strengths,
                          y_ticks=(1, 3, 10, 30), y_range=(0.3, 60)))  # fmt: skip
    return side_by_side(parts, title=title)


def damages_in_words(ratios: Mapping[tuple[str, float], npt.NDArray[np.float64]], kinds: Mapping[str, slice]) -> str:
    """Return the numbers of `damages` at the weakest and the strongest of each kind of damage, as sentences."""
    told = []
    for damage in PANELS:
        strengths = [strength for own, strength in ratios if own == damage]
        for s in (strengths[0], strengths[-1]):
            each = ", ".join(f"{name} {estimate(ratios[damage, s][own])}" for name, own in kinds.items())
            told.append(f"Measured over predicted, {damage} {s:g}: {each}.")
    return " ".join(told)


def series_in_words(what: str, symbol: str, places: npt.ArrayLike, series: Mapping[str, Any], *, every: int = 1) -> str:
    """Return the numbers of several measured curves as sentences, for an alternative text.

    Parameters
    ----------
    what : str
        What was measured.
    symbol : str
        Of the quantity along the axis.
    places : array_like, (n,)
        Values of that.
    series : mapping of str to sequence of Estimate or (networks, n) array_like
        By name.
    every : int
        Take one place of so many.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit.
    """
    along = finite_array("places", places, ndim=1)
    told = {name: estimates(v) if isinstance(v, np.ndarray) else list(v) for name, v in series.items()}
    return " ".join(f"{what}, {name}: {in_words(symbol, along[::every], v[::every])}." for name, v in told.items())


def volumes(
    levels: npt.ArrayLike,
    shares: Mapping[str, Sequence[Estimate]],
    exact: Mapping[str, Callable[..., Any]],
    *,
    title: str,
) -> Figure:
    r"""Return a figure of the share of weights below each level of the loss, with exact lines.

    Parameters
    ----------
    levels : array_like, (levels,)
        :math:`\epsilon`.
    shares : mapping of str to sequence of Estimate
        Measured, by landscape.
    exact : mapping of str to callable
        The share as a function of the level, by the same names.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit.
    """
    places = finite_array("levels", levels, ndim=1, above=0)
    fine = np.geomspace(places.min(), places.max(), 60)
    part = Part("two million darts each", r"level of the loss  $\epsilon$", "share of weights below", x_log=True,
                y_log=True, series={name: (places, values) for name, values in shares.items()},
                theory={name: (fine, exact[name](fine)) for name in shares},
                x_ticks=(1e-4, 1e-3, 1e-2, 0.1), y_ticks=(1e-3, 1e-2, 0.1, 1))  # fmt: skip
    return side_by_side([part], title=title)


def heats(
    cold: npt.ArrayLike, directions: Mapping[str, Sequence[Estimate]], limits: Sequence[float], *, title: str
) -> Figure:
    r"""Return a figure of how many quadratic directions a minimum holds heat like, at each inverse temperature.

    Parameters
    ----------
    cold : array_like, (temperatures,)
        :math:`\beta`.
    directions : mapping of str to sequence of Estimate
        :math:`2\beta\langle L\rangle`.
    limits : sequence of float
        Exact limits, one for each series.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit.
    """
    beta = finite_array("cold", cold, ndim=1, above=0)
    lines = {name: (beta, np.full(beta.size, end)) for name, end in zip(directions, limits, strict=True)}
    part = Part("32 chains each; lines: exact limits", r"inverse temperature  $\beta$",
                r"quadratic directions, $2\beta\,\langle L\rangle$", x_log=True, y_range=(11, 20.5),
                y_ticks=(12, 13, 14, 15, 16), theory=lines,
                series={name: (beta, values) for name, values in directions.items()})  # fmt: skip
    return side_by_side([part], title=title)
