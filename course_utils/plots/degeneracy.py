"""How many directions are flat: volumes below a level, and the heat that a minimum holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from course_utils.measure.statistics import Estimate
from course_utils.plots.panels import Part, side_by_side
from course_utils.plots.styling import style
from course_utils.validation import finite_array


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
    part = Part("two million darts each", r"level of the loss $\epsilon$", "share of weights below", x_log=True,
                y_log=True, series={name: (places, values) for name, values in shares.items()}, law="exact",
                theory={name: (fine, exact[name](fine)) for name in shares},
                x_ticks=(1e-4, 1e-3, 1e-2, 0.1), y_ticks=(1e-3, 1e-2, 0.1, 1))  # fmt: skip
    return side_by_side([part], title=title)


def quadratic_directions(
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
    part = Part("32 chains each", r"inverse temperature $\beta$",
                r"quadratic directions, $2\beta\,\langle L\rangle$", x_log=True, y_range=(11.3, 16.7),
                law="exact limit", y_ticks=(12, 13, 14, 15, 16), theory=lines,
                series={name: (beta, values) for name, values in directions.items()})  # fmt: skip
    drawn = side_by_side([part], title=title)
    with style():
        (axes,) = drawn.axes
        axes.legend(fontsize=9, reverse=True, loc="center left", bbox_to_anchor=(1, 0.55))  # as the lines lie
    return drawn
