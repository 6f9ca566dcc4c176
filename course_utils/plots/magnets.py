"""Magnets: lattices of spins, as pictures and behind a knob."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure, SubFigure

from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import CATEGORY, INK, WIDTH, style
from course_utils.validation import finite_array

# Down and up: ink and paper, told apart by everybody.
SPINS = ListedColormap(["#16324f", "#f4e9d8"])


def lattices(pictures: Mapping[str, npt.ArrayLike], *, title: str) -> Figure:
    """Return a figure of spin lattices side by side.

    Parameters
    ----------
    pictures : mapping of str to array_like, each (L, L)
        Spins, -1 (down, dark) or +1 (up, light), by what is written above them.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If there is no picture, or one is not a square of numbers.
    """
    squares = {name: _square(name, spins) for name, spins in pictures.items()}
    if not squares:
        raise ValueError("pictures must hold at least one lattice; got none")
    drawn = figure(WIDTH, 3.0)
    with style():
        entitle(drawn, title)
        for axes, (name, spins) in zip(drawn.subplots(1, len(squares), squeeze=False)[0], squares.items(), strict=True):
            _lattice(axes, spins)
            axes.set_title(name, fontsize=10.5, fontweight="normal", loc="center", pad=6)
    return drawn


def magnet(figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None) -> dict[str, Any]:
    """Draw a lattice beside the curve of its order.

    See `course_utils.knobs.Draw` for the protocol. The picture: ``spins`` (L, L); ``temperatures`` and ``yang``, each
    (n,); ``point``, its temperature and order.
    """
    if artists is None:
        with style():
            left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
            heat = picture["temperatures"]
            right.plot(heat, picture["yang"], color=INK, zorder=1)
            right.text(1.56, 0.68, "endless\nmagnet", color=INK, fontsize=9)  # where hardly any point ever stands
            point = right.plot([], [], "o", color=CATEGORY[1], mfc="white", mew=2, ms=9, zorder=3, clip_on=False)[0]
            right.set(xlim=(heat[0], heat[-1]), ylim=(0, 1.04), xlabel="temperature $T$", ylabel="order $|m|$")
            right.set(xticks=(1.5, 2.5, 3.5), yticks=(0, 0.5, 1))
            right.grid(False)
            artists = {"image": _lattice(left, picture["spins"]), "point": point}
            left.set_xlabel("light: up, dark: down")
    artists["image"].set_data(picture["spins"])
    artists["point"].set_data(*picture["point"][:, None])
    return artists


def _lattice(axes: Axes, spins: npt.ArrayLike) -> Any:
    axes.set(xticks=(), yticks=())
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(True)
    return axes.imshow(np.asarray(spins), cmap=SPINS, vmin=-1, vmax=1, interpolation="nearest", extent=(0, 1, 0, 1))


def _square(name: str, spins: npt.ArrayLike) -> npt.NDArray[np.float64]:
    states = finite_array(f"pictures[{name!r}]", spins, ndim=2)
    if states.shape[0] != states.shape[1]:
        raise ValueError(f"pictures[{name!r}] must be a square lattice; got shape {states.shape}")
    return states
