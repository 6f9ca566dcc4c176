"""The house style: theory is a dark line, a measurement a marker with its error bar; cold is dark, hot is light."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_hex
from matplotlib.patheffects import withStroke

from course_utils.validation import finite_array

INK, MUTED, GRID = "#1b1f24", "#5b6570", "#e6e9ec"
FAINT = "#8b949d"  # the palest grey of a line that one has to see
GUESS = "#8a5a00"

WIDTH, HEIGHT = 7.6, 3.9
"""Of a figure, in inches: as wide as the page's text. A figure that needs more room is taller, never wider."""

HEADING: Any = {"fontsize": 10.5, "fontweight": "normal", "color": MUTED, "pad": 6}
"""What stands above one part of a figure."""

CATEGORY = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#73455C", "#8C2807")
"""Colours for categories: four of Okabe and Ito's, and two that stand out from paper as well.

Any two of them are 11 units of CAM02-UCS apart, also for colour-blind readers; a marker tells them apart as well.
"""

AREA = "#4F94C4"
"""Of filled areas: light enough for a dark line over it, and dark enough for paper."""

MARKER = ("o", "s", "^", "D", "v", "P")
LINE = ((0, (1, 2)), (0, (4, 2)), (0, (6, 2, 1, 2)), (0, (2, 2)), (0, (8, 3)), (0, (3, 1, 1, 1, 1, 1)))

CASED = [withStroke(linewidth=3.4, foreground="white")]
"""What is drawn on a map has a white edge: it stands out from dark ground and from light."""

TEMPERATURE_MAP = "plasma"
_COLD, _HOT = 0.0, 0.64  # what is lighter does not stand out from white paper by 3 to 1

STYLE: Any = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.linewidth": 2,
    "errorbar.capsize": 0,
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house style inside a ``with`` block; nothing outside it changes."""
    with mpl.rc_context(STYLE):
        yield


def temperature_colours(temperatures: npt.ArrayLike) -> list[str]:
    """Return one colour per temperature, cold (dark) to hot (light), evenly spaced in the logarithm.

    Parameters
    ----------
    temperatures : array_like, shape (n,)
        Temperatures, all above zero.

    Raises
    ------
    TypeError, ValueError
        If they are not positive, finite numbers.

    Examples
    --------
    >>> temperature_colours([0.5, 1.0])
    ['#0d0887', '#e87059']
    """
    values = np.log(finite_array("temperatures", temperatures, ndim=1, above=0))
    spread = np.ptp(values)
    place = (values - values.min()) / spread if spread > 0 else np.full(values.size, 0.5)
    colour_map = mpl.colormaps[TEMPERATURE_MAP]
    return [to_hex(colour_map(_COLD + (_HOT - _COLD) * p)) for p in place]
