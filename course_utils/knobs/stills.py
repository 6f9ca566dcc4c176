"""The still of a panel: a few of its settings in one picture and one table, for readers without a kernel."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from course_utils import plots
from course_utils.knobs.dial import Knob
from course_utils.knobs.words import scalars, table

SHARPNESS = 1.5
"""Pixels in the picture for each pixel on the page, live and still."""

COLOURS = 256
"""A still is stored with a palette: half the bytes, and no difference to the eye."""

Settings = Mapping[str, float]


@dataclass(frozen=True)
class Still:
    """A picture of a few settings, the same in words, and its size on the page in pixels."""

    png: bytes
    table: str
    width: int
    height: int


def sharp_figure(width: float, height: float) -> Figure:
    """Return an empty figure that has `SHARPNESS` pixels for each pixel on the page."""
    figure = plots.figure(width, height)
    figure.set_dpi(100 * SHARPNESS)
    return figure


def encode(figure: Figure, *, colours: int | None = None) -> bytes:
    """Return a figure as PNG bytes, the same bytes for the same drawing: fast, or small if ``colours`` is given.

    The canvas is read directly, since ``savefig`` goes through the whole figure a second time.
    """
    canvas: Any = figure.canvas
    canvas.draw()
    size = canvas.get_width_height()
    picture = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
    stream = io.BytesIO()
    if colours is None:
        picture.save(stream, format="png", compress_level=1)
    else:
        picture.quantize(colours, dither=Image.Dither.NONE).save(stream, format="png", optimize=True)
    return stream.getvalue()


def varied(settings: Sequence[Settings]) -> list[str]:
    """Return the names of the knobs that are not the same in all settings; all names if none differs."""
    names = list(settings[0])
    return [name for name in names if len({setting[name] for setting in settings}) > 1] or names


def axes_grid(figure: Figure) -> tuple[int, int]:
    """Return how many axes stand above and beside each other in a drawn figure."""
    grids = [spec.get_gridspec() for axes in figure.axes if (spec := axes.get_subplotspec()) is not None]
    return max((grid.nrows for grid in grids), default=1), max((grid.ncols for grid in grids), default=1)


def _arrangement(count: int, size: tuple[float, float], axes: tuple[int, int]) -> tuple[int, int, float, float]:
    """Return rows and columns for ``count`` settings, and the width and height of the whole in inches."""
    rows, columns = (2, 2) if count == 4 else (1, count) if axes[1] == 1 else (count, 1)
    width = max(size[0], 3.2 * columns * min(axes[1], 2))
    # each setting keeps the proportions of the live picture, between what its labels need and what a page bears
    height = size[1] * min(1.0, 1.25 * width / columns / size[0])
    return rows, columns, width, rows * min(max(height, 1.2 + 1.4 * axes[0]), 1.4 + 1.8 * axes[0])


def make(
    function: Callable[..., Mapping[str, Any]],
    draw: Callable[..., Any],
    knobs: Mapping[str, Knob],
    settings: Sequence[Settings],
    size: tuple[float, float],
    axes: tuple[int, int],
) -> Still:
    """Draw the settings beside each other and list their numbers.

    Parameters
    ----------
    function, draw : callable
        The panel's own.
    knobs : mapping
        The panel's knobs by argument name.
    settings : sequence of mappings
        A value for every knob, for each setting.
    size : tuple of float
        Width and height of the live figure in inches.
    axes : tuple of int
        How many axes one setting has above and beside each other.
    """
    rows, columns, width, height = _arrangement(len(settings), size, axes)
    figure = sharp_figure(width, height)
    lines = []
    with plots.style():
        cells = figure.subfigures(rows, columns, squeeze=False).ravel()
        for cell, setting in zip(cells, settings, strict=True):
            picture = function(**setting)
            draw(cell, picture, None)
            words = [knobs[name].setting(name, setting[name]) for name in varied(settings)]
            cell.suptitle(", ".join(words), x=0.02, horizontalalignment="left", fontsize=11)
            turned = {
                knobs[name].description(name): f"{value:.6g}".replace("-", "−") for name, value in setting.items()
            }
            lines.append(turned | scalars(picture))
        png = encode(figure, colours=COLOURS)
    return Still(png, table(lines), round(100 * width), round(100 * height))
