"""Pictures that follow a knob: drawn once, then only their data change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure

from course_utils.plots.styling import CATEGORY, INK, style


def occupations(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw how often each option was chosen, over Boltzmann's law; afterwards move the points.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Where to draw.
    picture : mapping
        ``energies``, ``boltzmann``, ``fraction`` and ``error``, each of shape (n,).
    artists : dict or None
        What the last call returned; None the first time.

    Returns
    -------
    dict
        The artists, for the next call.
    """
    energies = picture["energies"]
    if artists is None:
        with style():
            axes = figure.subplots()
            bars = axes.bar(
                energies, picture["boltzmann"], width=0.32, color="#d5d9de", edgecolor=INK, label="Boltzmann"
            )
            points = axes.plot([], [], "o", color=CATEGORY[0], mfc="white", mew=1.6, ms=7, label="2,000 noisy choices")[
                0
            ]
            artists = {"bars": bars, "points": points, "errors": axes.vlines([], [], [], color=CATEGORY[0], lw=1.8)}
            axes.set(xlabel="energy $E$ of the option", ylabel="how often chosen", ylim=(0, 1.04), xticks=energies)
            axes.grid(False, axis="x")
            axes.legend(loc="upper right", fontsize=9)
    for bar, height in zip(artists["bars"], picture["boltzmann"], strict=True):
        bar.set_height(height)
    fraction, error = picture["fraction"], picture["error"]
    artists["points"].set_data(energies, fraction)
    artists["errors"].set_segments(
        [np.array([[e, f - d], [e, f + d]]) for e, f, d in zip(energies, fraction, error, strict=True)]
    )
    return artists


def travellers(
    figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None
) -> dict[str, Any]:
    """Draw walkers in a landscape above the histogram of where they are; afterwards move them.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Where to draw.
    picture : mapping
        ``grid``, ``energy`` and ``boltzmann`` of shape (n,); ``positions`` and ``heights`` of the walkers, shape (m,);
        ``edges`` of shape (b + 1,) and ``histogram`` of shape (b,).
    artists : dict or None
        What the last call returned; None the first time.

    Returns
    -------
    dict
        The artists, for the next call.
    """
    if artists is None:
        with style():
            upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.15, 1))
            artists = {
                "energy": upper.plot([], [], color=INK, label="energy")[0],
                "walkers": upper.plot([], [], ls="none", marker=".", ms=4, mew=0, color=CATEGORY[1], alpha=0.9)[0],
                "histogram": lower.stairs(
                    [0.0], [0.0, 1.0], fc=to_rgba(CATEGORY[1], 0.4), ec=CATEGORY[1], lw=1.2, fill=True
                ),
                "boltzmann": lower.plot([], [], color=INK)[0],
                "lower": lower,
            }
            grid = picture["grid"]
            upper.set(ylabel="energy $U$", ylim=(-1.4, 4.2), xlim=(grid[0], grid[-1]), xticks=(-2, -1, 0, 1, 2))
            lower.set(ylabel="density", xlabel="position $x$", yticks=())
            words = {"ha": "center", "va": "top", "fontsize": 9}
            upper.text(0.5, 0.93, "walkers (piled up where they are)", color=INK, transform=upper.transAxes, **words)
            lower.text(0.5, 0.95, "Boltzmann:\nin the end", color=INK, transform=lower.transAxes, **words)
    artists["energy"].set_data(picture["grid"], picture["energy"])
    # Each walker stands a little above the ground, at a height of its own, so that a crowd can be seen to be one.
    spread = 0.55 * ((np.arange(len(picture["positions"])) * 0.618034) % 1.0)
    artists["walkers"].set_data(picture["positions"], picture["heights"] + spread)
    artists["histogram"].set_data(picture["histogram"], picture["edges"])
    artists["boltzmann"].set_data(picture["grid"], picture["boltzmann"])
    artists["lower"].set_ylim(0, 1.12 * max(picture["boltzmann"].max(), picture["histogram"].max()))
    return artists
