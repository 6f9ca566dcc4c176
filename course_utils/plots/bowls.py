"""Where training wanders about the bottom of a bowl: the cloud of its weights, which follows the knobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure

from course_utils.plots.styling import CATEGORY, FAINT, INK, MUTED, style

REACH = (2.2, 1.75)
"""Of the frame, along the flat and the steep direction: a round cloud looks round."""

_TURN = np.linspace(0, 2 * np.pi, 90)


def clouds(figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None) -> dict[str, Any]:
    """Draw two clouds of weights in the same bowl, drawn afresh and dealt out.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``curvatures`` (2,) of the flat and the steep
    direction; for each way of drawing, ``afresh`` and ``dealt``, the places ``path_…`` (points, 2) and the exact
    variances ``exact_…`` (2,).
    """
    ways = {"afresh": "drawn afresh", "dealt": "dealt out, epoch by epoch"}
    if artists is None:
        artists = {}
        with style():
            for axes, (way, name) in zip(figure.subplots(1, 2, sharey=True), ways.items(), strict=True):
                _bowl(axes, picture["curvatures"])
                artists[way] = {
                    "cloud": axes.plot([], [], ".", ms=3, mew=0, color=CATEGORY[1], alpha=0.9)[0],
                    "trail": axes.plot([], [], color=CATEGORY[1], lw=0.8)[0],
                    "heat": axes.plot([], [], color=MUTED, lw=1.8, ls=(0, (1.5, 1.5)), label="at one\ntemperature")[0],
                    "exact": axes.plot([], [], color=INK, lw=2, label="exact")[0],
                }
                axes.set_title(name, fontsize=10.5, fontweight="normal", pad=5)
                axes.set_xlabel("flat direction")
                if way == "afresh":
                    axes.set_ylabel("steep direction")
                    axes.legend(
                        loc="upper left",
                        fontsize=8,
                        handlelength=1.2,
                        handletextpad=0.4,
                        borderpad=0.2,
                        borderaxespad=0.1,
                        frameon=True,
                        facecolor="white",
                        framealpha=0.9,
                        edgecolor="none",
                    )
    h = np.asarray(picture["curvatures"])
    for way in ways:
        path, exact, own = picture[f"path_{way}"], np.asarray(picture[f"exact_{way}"]), artists[way]
        own["cloud"].set_data(path[:, 0], path[:, 1])
        own["trail"].set_data(path[-25:, 0], path[-25:, 1])
        own["exact"].set_data(*_ellipse(exact))
        own["heat"].set_data(*_ellipse((h * exact).mean() / h))
    return artists


def _bowl(axes: Any, curvatures: Any) -> None:
    """Draw lines of equal loss and the frame that stays."""
    for loss in (0.05, 0.2, 0.45, 0.8, 1.25, 1.8, 2.45):
        axes.plot(*_ellipse(loss / (2 * np.asarray(curvatures))), color=FAINT, lw=0.6, zorder=0)
    (right, top), marks = REACH, (-1, 0, 1)
    axes.set(xlim=(-right, right), ylim=(-top, top), xticks=marks, yticks=marks)
    axes.grid(False)


def _ellipse(variances: Any) -> tuple[Any, Any]:
    """Return the line at two standard deviations."""
    width, height = 2 * np.sqrt(variances)
    return width * np.cos(_TURN), height * np.sin(_TURN)
