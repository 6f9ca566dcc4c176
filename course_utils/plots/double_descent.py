"""What lesson 22's knob shows: errors against the number of samples for each weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure, SubFigure

from course_utils.plots.styling import CATEGORY, INK, LINE, MUTED, style


def learning_curves(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw test and training error against the load, over the theory.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``loads``, ``error``, ``training`` and ``plain`` of
    shape (n,), theory; ``measured_loads``, ``measured`` and ``measured_training`` of shape (m,); ``critical`` and
    ``floor`` of shape (2,), the ends of two straight lines: the critical load and the variance of the noise.
    """
    if artists is None:
        with style():
            upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.9, 1))
            upper.set(yscale="log", ylim=(0.04, 20), xlim=(0, picture["loads"][-1]), ylabel="test error")
            upper.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
            upper.minorticks_off()
            dots = {"ls": "none", "mfc": "white", "mew": 1.5, "ms": 6}
            artists = {
                "plain": upper.plot([], [], color=MUTED, lw=1.4, ls=LINE[1], label="least squares")[0],
                "error": upper.plot([], [], color=INK, label="theory")[0],
                "measured": upper.plot([], [], marker="o", color=CATEGORY[0], label="measured now", **dots)[0],
                "floor": upper.axhline(0.1, color=MUTED, lw=1, ls=(0, (1, 2))),
                "training": lower.plot([], [], color=INK)[0],
                "measured_training": lower.plot([], [], marker="s", color=CATEGORY[1], **dots)[0],
                "critical": [axes.axvline(1.0, color=CATEGORY[3], lw=1.4, ls=LINE[3]) for axes in (upper, lower)],
            }
            lower.set(ylim=(-0.02, 0.42), xlabel=r"load $\alpha$, samples per weight", ylabel="training error")
            upper.legend(loc="upper right", fontsize=8.5, labelspacing=0.2, handlelength=1.6, borderaxespad=0)
    for name in ("plain", "error", "training"):
        artists[name].set_data(picture["loads"], picture[name])
    for name in ("measured", "measured_training"):
        artists[name].set_data(picture["measured_loads"], picture[name])
    artists["floor"].set_ydata(picture["floor"])
    for line in artists["critical"]:
        line.set_xdata(picture["critical"])
    return artists
