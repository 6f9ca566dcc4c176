"""What damage costs beside what curvature says, several kinds of networks side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from course_utils.measure.statistics import estimate
from course_utils.plots.panels import Part, side_by_side
from course_utils.plots.styling import style

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
        parts.append(Part(heading, label, "rise / predicted", series=series, joined=True, y_log=True,
                          theory={"predicted": (strengths, np.ones(len(strengths)))}, x_ticks=strengths,
                          y_ticks=(1, 3, 10, 30), y_range=(0.3, 60)))  # fmt: skip
    drawn = side_by_side(parts, title=title)
    drawn.axes[0].invert_xaxis()  # fewer bits, more damage: it grows to the right in both panels
    with style():
        drawn.axes[0].legend(fontsize=9, handlelength=1.8, loc="upper left")
    return drawn
