"""Figures of students and networks with dropout: a table of numbers in colour, and the learning curves of a knob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure, SubFigure

from course_utils.measure.statistics import Estimate
from course_utils.plots.marks import require_estimates
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import CATEGORY, HEADING, HEIGHT, INK, LINE, MUTED, WIDTH, style
from course_utils.validation import real, text

SHADES = "viridis"
_LIGHT = 0.434  # of the colour map, where white and black stand out alike; above it the numbers are dark


def phase_table(
    tables: Mapping[str, Sequence[Sequence[Estimate]]],
    *,
    columns: Sequence[float],
    rows: Sequence[float],
    x_label: str,
    y_label: str,
    low: float,
    high: float,
    shades: Mapping[str, tuple[float, float]] | None = None,
    decimals: int = 2,
    title: str,
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> Figure:
    """Return tables of measured numbers, side by side, each cell in a colour that says the same as its number.

    Parameters
    ----------
    tables : mapping of str to (rows, columns) of Estimate
        Headings, and what was measured. The first row is drawn at the bottom.
    columns, rows : sequence of float
        The settings along the axes.
    x_label, y_label : str
        Words and symbol.
    low, high : float
        The ends of the colours, from dark to light; ``low`` below ``high``.
    shades : mapping of str to (float, float), optional
        Other ends for some of the tables; they may fall, for numbers that are the better the smaller they are.
    decimals : int
        Digits after the point.
    title : str
        The message.
    size : (float, float)
        Width and height in inches.

    Raises
    ------
    TypeError, ValueError
        If a table is not of this kind, or the ends are not in order.
    """
    low, high = real("low", low), real("high", high, above=low)
    if not tables:
        raise ValueError("tables must hold one table or more; got none")
    for name, table in tables.items():
        if len(table) != len(rows):
            raise ValueError(f"tables[{name!r}] must have {len(rows)} rows; got {len(table)}")
        for row in table:
            require_estimates(f"tables[{name!r}]", row, len(columns))
    drawn = figure(*size)
    colours = mpl.colormaps[SHADES]
    with style():
        entitle(drawn, title)
        for axes, (name, table) in zip(drawn.subplots(1, len(tables), squeeze=False)[0], tables.items(), strict=True):
            means = np.array([[cell.mean for cell in row] for row in table])
            first, last = (shades or {}).get(name, (low, high))
            place = np.clip((means - first) / (last - first), 0, 1)
            axes.imshow(place, origin="lower", cmap=colours, vmin=0, vmax=1, aspect="auto")
            axes.set_title(name, **HEADING)
            axes.set(xlabel=text("x_label", x_label), ylabel=text("y_label", y_label))
            axes.set_xticks(range(len(columns)), [f"{c:g}" for c in columns])
            axes.set_yticks(range(len(rows)), [f"{r:g}" for r in rows])
            axes.grid(False)
            for (i, j), mean in np.ndenumerate(means):
                said = f"{mean:.{decimals}f}".replace("-", "−")
                dark = "black" if place[i, j] > _LIGHT else "white"
                axes.text(j, i, said, ha="center", va="center", fontsize=10, color=dark)
    return drawn


def dropout_curves(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw the test error against time, and at the end against the training dropout.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``times``, ``error`` and ``plain`` of shape (A,);
    ``rates`` and ``last`` of shape (P,); ``place`` and ``here``, the setting and its last error, both of shape (1,).
    """
    if artists is None:
        with style():
            left, right = figure.subplots(1, 2, sharey=True)
            left.set(yscale="log", ylim=(0.007, 1.5), xlim=(0, 5), xlabel=r"samples per input $\alpha$")
            left.set(ylabel="test error")
            left.set_yticks([0.01, 0.03, 0.1, 0.3, 1], ["0.01", "0.03", "0.1", "0.3", "1"])
            left.minorticks_off()
            right.set(xlim=(-0.03, 0.73), xlabel="dropout in training, $1 - p$")
            right.set_title(r"at $\alpha = 5$", fontsize=10.5, fontweight="normal", color=MUTED, pad=4)
            artists = {
                "plain": left.plot([], [], color=MUTED, lw=1.6, ls=LINE[1], label="no dropout in training")[0],
                "error": left.plot([], [], color=INK, label="as you set it")[0],
                "last": right.plot([], [], color=MUTED, marker=".", ms=5, lw=1.2)[0],
                "here": right.plot([], [], "o", ms=10, mfc="white", mec=CATEGORY[1], mew=2.2)[0],
            }
            left.legend(loc="upper right", fontsize=9, handlelength=1.8, borderaxespad=0.1)
    for name in ("plain", "error"):
        artists[name].set_data(picture["times"], picture[name])
    artists["last"].set_data(picture["rates"], picture["last"])
    artists["here"].set_data(picture["place"], picture["here"])
    return artists
