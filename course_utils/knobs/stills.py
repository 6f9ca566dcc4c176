"""The still of a panel: a few of its settings in one picture and one table, for readers without a kernel."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from course_utils import plots
from course_utils.knobs.dial import Knob
from course_utils.knobs.words import listed, scalars, table

SHARPNESS = 1.5
"""Pixels in the file for each pixel on the page."""

COLOURS = 256
"""A still is stored with a palette: half the bytes, and no difference to the eye."""

Settings = Mapping[str, float]


@dataclass(frozen=True)
class Still:
    """A picture of a few settings, the same in words, and its size on the page in pixels."""

    png: bytes
    table: str
    settings: str
    width: int
    height: int


def encode(figure: Figure, sharpness: float, *, colours: int | None = None) -> bytes:
    """Return a figure as PNG bytes, the same bytes for the same drawing; fast, or small if ``colours`` is given."""
    stream = io.BytesIO()
    packing: dict[str, Any] = {"compress_level": 1}
    if colours is None:
        figure.savefig(stream, format="png", dpi=100 * sharpness, metadata={"Software": None}, pil_kwargs=packing)
        return stream.getvalue()
    from PIL import Image

    figure.savefig(stream, format="png", dpi=100 * sharpness, pil_kwargs=packing)
    small = io.BytesIO()
    picture = Image.open(stream).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    picture.save(small, format="png", optimize=True)
    return small.getvalue()


def varied(settings: Sequence[Settings]) -> list[str]:
    """Return the names of the knobs that are not the same in all settings; all names if none differs."""
    names = list(settings[0])
    return [name for name in names if len({setting[name] for setting in settings}) > 1] or names


def _grid(count: int, axes_columns: int) -> tuple[int, int]:
    """Return rows and columns for ``count`` settings, each drawn with so many axes beside each other."""
    if count == 4:
        return 2, 2
    return (1, count) if axes_columns == 1 else (count, 1)


def _axes_columns(figure: Figure) -> int:
    """Return how many axes stand beside each other in a drawn figure."""
    specs = [axes.get_subplotspec() for axes in figure.axes]
    return max((spec.get_gridspec().ncols for spec in specs if spec is not None), default=1)


def make(
    function: Callable[..., Mapping[str, Any]],
    draw: Callable[..., Any],
    knobs: Mapping[str, Knob],
    settings: Sequence[Settings],
    drawn: Figure,
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
    drawn : matplotlib.figure.Figure
        The live figure, which tells how wide one setting needs to be.
    """
    columns_each = _axes_columns(drawn)
    rows, columns = _grid(len(settings), columns_each)
    inches, tall = drawn.get_size_inches()
    width = max(float(inches), 3.2 * columns * min(columns_each, 2))
    # a setting keeps the proportions of the live picture where it can, but never gets flatter than its labels need
    height = rows * max(float(tall) * min(1.0, width / columns / float(inches) * 1.25), 2.6)
    figure = plots.figure(width, height)
    lines = []
    with plots.style():
        cells = figure.subfigures(rows, columns, squeeze=False).ravel()
        for cell, setting in zip(cells, settings, strict=True):
            picture = function(**setting)
            draw(cell, picture, None)
            words = [knobs[name].setting(name, setting[name]) for name in varied(settings)]
            cell.suptitle(", ".join(words), x=0.02, horizontalalignment="left", fontsize=11)
            turned = {knobs[name].description(name): f"{value:.6g}".replace("-", "−") for name, value in setting.items()}
            lines.append(turned | scalars(picture))
        png = encode(figure, SHARPNESS, colours=COLOURS)
    names = listed([", ".join(knobs[n].setting(n, setting[n]) for n in varied(settings)) for setting in settings])
    return Still(png, table(lines), names, round(100 * width), round(100 * height))
