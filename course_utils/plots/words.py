"""Figures for those who cannot see them: the numbers of a curve, of rows, of panels, as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate, estimate, estimates
from course_utils.plots.marks import require_estimates
from course_utils.plots.panels import Part
from course_utils.validation import finite_array


def in_words(symbol: str, x: npt.ArrayLike, values: Sequence[Estimate]) -> str:
    """Return a measured series as a sentence's worth of text, for a figure's description.

    Examples
    --------
    >>> in_words("T", [0.5, 1.0], [Estimate(2.0, 0.1, 9), Estimate(1.0, 0.1, 9)])
    'T = 0.5: 2.00 ± 0.10; T = 1: 1.00 ± 0.10'
    """
    places = finite_array("x", x, ndim=1)
    require_estimates("values", values, places.size)
    return "; ".join(f"{symbol} = {place:g}: {value}" for place, value in zip(places, values, strict=True))


def damages_in_words(ratios: Mapping[tuple[str, float], npt.NDArray[np.float64]], kinds: Mapping[str, slice]) -> str:
    """Return the numbers of `damages` at the weakest and the strongest of each kind of damage, as sentences."""
    told = []
    for damage in dict.fromkeys(own for own, _ in ratios):
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


def parts_in_words(*parts: Part) -> str:
    """Return all that was measured in the parts of a figure as sentences, for its description.

    Parameters
    ----------
    *parts : Part
        From left to right; see `course_utils.plots.side_by_side`.

    Raises
    ------
    TypeError
        If one is not a Part.

    Examples
    --------
    >>> from course_utils.measure.statistics import Estimate
    >>> parts_in_words(Part("", "time $t$", "error", series={"slow": ([1, 2], [Estimate(0.5, 0.1, 9)] * 2)}))
    'Error, slow: time t = 1: 0.50 ± 0.10; time t = 2: 0.50 ± 0.10.'
    """
    if not all(isinstance(part, Part) for part in parts):
        raise TypeError(f"parts must be Parts; got {parts!r:.80}")
    return " ".join(
        f"{_plain(part.y_label).capitalize()}, {name}: {in_words(_plain(part.x_label), x, values)}."
        for part in parts
        for name, (x, values) in part.series.items()
    )


def _plain(label: str) -> str:
    """Return a label without the signs of a formula."""
    for sign in ("$", "\\", "{", "}"):
        label = label.replace(sign, "")
    return label


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
