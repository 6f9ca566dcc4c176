"""What in a figure cannot be read: too small, too pale, or told apart by a colour that some readers do not see.

`findings` looks at a drawn matplotlib figure. The rules, with the limits of WCAG 2.1 (1.4.3 and 1.4.11):

* text is at least 8 points, and stands out from what is really beneath it by 4.5 : 1;
* lines, markers, error bars and bars stand out by 3 : 1 (a bar by its face or by its edge; bands around a line and the
  grid are exempt: nothing is read off them alone);
* two series that a legend or a label of the same colour names differ in marker (shape, or filled and hollow), in
  dashes, or in a colour that is 10 units of CAM02-UCS away, in normal vision and in three kinds of colour blindness;
* a map of colours runs from dark to light or back, or to both sides of its middle.

`listen` does so in a running kernel for every figure that a lesson shows (see `tests/test_lessons.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle, StepPatch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from colour_vision import contrast, over
from look_alikes import look_alikes, map_faults

SMALLEST = 8.0  # points
TEXT_CONTRAST, MARK_CONTRAST = 4.5, 3.0
BURIED = 0.25  # share of a text's or a mark's places that may stand on a worse ground, as where a line crosses


def findings(figure: Figure) -> list[str]:
    """What in a figure cannot be read, one sentence each; the figure stays as it was."""
    figure.canvas.draw()  # type: ignore[attr-defined]
    texts = [text for text in figure.findobj(Text) if _is_shown(text, figure)]
    marks = [mark for axes in figure.axes for mark in _marks(axes)]
    ground = Ground(figure, [*texts, *_frames(figure), *marks])
    found = [fault for text in texts for fault in _text_faults(text, ground)]
    found += [fault for mark in marks for fault in _mark_faults(mark, ground)]
    return list(dict.fromkeys([*found, *look_alikes(figure), *map_faults(figure)]))


def listen(file: str) -> None:
    """Write down, line by line as JSON, what is found in every figure that this process shows from now on."""
    from course_utils import plots
    from course_utils.knobs import stills
    from course_utils.plots import showing

    def heard(room: Any, name: str) -> None:
        original = getattr(room, name)

        def shown(figure: Figure, **options: Any) -> Any:
            picture = original(figure, **options)
            with plots.style():
                record = {"figure": _title(figure), "findings": findings(figure)}
            with Path(file).open("a", encoding="utf-8") as out:
                out.write(json.dumps(record) + "\n")
            return picture

        setattr(room, name, shown)

    heard(showing, "png")  # what `plots.show` draws
    heard(stills, "encode")  # what panels draw, live and still


def _title(figure: Figure) -> str:
    titles = [text.get_text() for text in figure.findobj(Text) if text.get_weight() == "bold" and text.get_text()]
    return " | ".join(titles[:2] or [axes.get_ylabel() for axes in figure.axes[:2]])


class Ground:
    """The figure without its words and marks: what these stand on."""

    def __init__(self, figure: Figure, hidden: list[Any]) -> None:
        areas = [artist for artist in hidden if isinstance(artist, Patch)]  # they stay, without their edges
        lines = [artist for artist in hidden if not isinstance(artist, Patch)]
        widths, before = [area.get_linewidth() for area in areas], [line.get_alpha() for line in lines]
        for area in areas:
            area.set_linewidth(0)
        for line in lines:  # transparent, not invisible: the layout has to stay
            line.set_alpha(0)
        figure.canvas.draw()  # type: ignore[attr-defined]
        self.pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255  # type: ignore[attr-defined]
        for area, width in zip(areas, widths, strict=True):
            area.set_linewidth(width)
        for line, alpha in zip(lines, before, strict=True):
            line.set_alpha(alpha)

    def at(self, places: Any) -> Any:
        """The colours at places of shape (n, 2) in pixels from below left; places outside are left out."""
        height, width, _ = self.pixels.shape
        columns, rows = np.floor(np.asarray(places, float).reshape(-1, 2)).T
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        return self.pixels[height - 1 - rows[inside].astype(int), columns[inside].astype(int)]

    def within(self, box: Any) -> Any:
        """The colours of a box, on a grid of at most 40 by 12 places."""
        across, up = np.linspace(box.x0, box.x1, 40), np.linspace(box.y0, box.y1, 12)
        return self.at(np.stack(np.meshgrid(across, up), axis=-1))


def _frames(figure: Figure) -> Iterator[Any]:
    """Spines, ticks and grid: what lies on the edge of its axes, as a zero does, lies on them, and is seen."""
    for axes in figure.axes:
        yield from axes.spines.values()
        for axis in (axes.xaxis, axes.yaxis):
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                yield from (tick.tick1line, tick.tick2line, tick.gridline)


def _is_shown(text: Any, figure: Figure) -> bool:
    if not (text.get_visible() and text.get_text().strip() and (text.axes is None or text.axes.get_visible())):
        return False
    box = text.get_window_extent()
    if box.width < 1 or box.x1 < 0 or box.y1 < 0 or box.x0 > figure.bbox.width or box.y0 > figure.bbox.height:
        return False
    return id(text) not in _stray_tick_labels(figure)


def _stray_tick_labels(figure: Figure) -> set[int]:
    """Labels of ticks beyond the ends of their axis, which exist but are not drawn."""
    stray = set()
    for axis in figure.findobj(Axis):
        drawn = {id(tick) for tick in axis._update_ticks()}
        hidden = not axis.get_visible() or not axis.axes.axison
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if hidden or id(tick) not in drawn:
                stray |= {id(tick.label1), id(tick.label2)}
    return stray


def _named(text: Any) -> str:
    words = " ".join(text.get_text().split())
    return repr(words if len(words) < 50 else words[:47] + "...")


def _text_faults(text: Any, ground: Ground) -> Iterator[str]:
    if text.get_size() < SMALLEST:
        yield f"text {_named(text)} is {text.get_size():.3g} pt; at least {SMALLEST:g}"
    beneath = ground.within(text.get_window_extent())
    patch = text.get_bbox_patch()
    if patch is not None:
        beneath = over(patch.get_facecolor(), beneath)
    beneath = beneath if (halo := _halo(text)) is None else halo
    stands_out = contrast(over(text.get_color(), beneath, text.get_alpha()), beneath)
    if np.mean(stands_out < TEXT_CONTRAST) > BURIED:
        yield (
            f"text {_named(text)} in {to_hex(text.get_color())} has a contrast of {np.median(stands_out):.1f}; "
            f"at least {TEXT_CONTRAST}"
        )


def _marks(axes: Axes) -> Iterator[Any]:
    """Lines, markers, error bars and bars of the data; no grid, no spines, no bands."""
    bars = {id(patch) for container in axes.containers if isinstance(container, BarContainer) for patch in container}
    for artist in axes.get_children():
        if not artist.get_visible():
            continue
        line = isinstance(artist, (Line2D, LineCollection, PathCollection))
        if line or isinstance(artist, StepPatch) or (isinstance(artist, Rectangle) and id(artist) in bars):
            yield artist


def _paints(mark: Any) -> list[Any]:
    """The colours of which one has to stand out, each with its own opacity."""
    if isinstance(mark, Patch):
        edge = [mark.get_edgecolor()] if mark.get_linewidth() > 0 else []
        return [*([mark.get_facecolor()] if mark.get_fill() else []), *edge]
    paints = [mark.get_color()] if _is_line(mark) and len(mark.get_xdata()) > 1 else []
    if not _is_none(mark.get_marker()):
        paints += [mark.get_markeredgecolor()] if mark.get_markeredgewidth() > 0 else []
        paints += [mark.get_markerfacecolor()] if mark.get_marker() in Line2D.filled_markers else []
    return [to_rgba(one, mark.get_alpha()) for one in paints if not _is_none(one)]


def _is_none(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.lower() in ("none", "", " "))


def _is_line(line: Line2D) -> bool:
    return not _is_none(line.get_linestyle()) and line.get_linewidth() > 0


def _halo(artist: Any) -> Any | None:
    """The colour that is drawn around a word or a line, if one is: this is what it then stands on."""
    strokes = [effect for effect in artist.get_path_effects() if isinstance(effect, withStroke)]
    return np.array([to_rgba(strokes[0]._gc["foreground"])[:3]]) if strokes else None


def _mark_faults(mark: Any, ground: Ground) -> Iterator[str]:
    if isinstance(mark, Collection):
        shares = [_pale(paints, ground.at(places)) for paints, places in _of_collection(mark)]
        pale = float(np.mean([share for share in shares if share is not None] or [0.0]))
    elif isinstance(mark, Patch):
        box = mark.get_window_extent()
        beside = ground.at(np.array([[0.5 * (box.x0 + box.x1), box.y1 + 3]]))  # not the next bar: that is of its kind
        pale = _pale(_paints(mark), beside) or 0.0 if box.height >= 1 else 0.0
    else:
        beneath = ground.at(_along(mark)) if (halo := _halo(mark)) is None else halo
        pale = _pale(_paints(mark), beneath) or 0.0
    if pale > BURIED:
        kind = type(mark).__name__
        shade = ", ".join(to_hex(paint) for paint in _shades(mark))
        where = mark.axes.get_title(loc="left") or mark.axes.get_ylabel() or mark.axes.get_xlabel()
        yield (
            f"{kind} {str(mark.get_label())!r} in {shade} has a contrast below {MARK_CONTRAST:g} over {pale:.0%} of "
            f"itself ({where})"
        )


def _shades(mark: Any) -> list[Any]:
    if isinstance(mark, Collection):
        return [*mark.get_edgecolor()[:3], *mark.get_facecolor()[:3]]
    return _paints(mark)


def _pale(paints: list[Any], beneath: Any) -> float | None:
    """The share of places where none of the paints stands out; None where nothing is drawn."""
    if not len(beneath) or not paints:
        return None
    best = np.max([contrast(over(paint, beneath), beneath) for paint in paints], axis=0)
    return float(np.mean(best < MARK_CONTRAST))


def _along(line: Line2D) -> Any:
    """Places on a line, or of its markers, as far as they lie inside the axes."""
    path = line.get_transform().transform_path(line.get_path())
    points = path.vertices
    if _is_line(line) and 1 < len(points) < 500:
        points = path.interpolated(max(1, 500 // len(points))).vertices
    points = points[np.isfinite(points).all(axis=1)]
    box = line.axes.get_window_extent()
    inside = (points >= box.min - 1).all(axis=1) & (points <= box.max + 1).all(axis=1)
    return points[inside]


def _of_collection(mark: Any) -> Iterator[tuple[list[Any], Any]]:
    """The paints of each line or marker of a collection, and where it is; a few hundred at most."""
    edges, faces = mark.get_edgecolor(), mark.get_facecolor()
    box = mark.axes.get_window_extent()
    if isinstance(mark, LineCollection):
        paths = [mark.get_transform().transform_path(path).interpolated(8).vertices for path in mark.get_paths()]
    else:
        offsets = mark.get_offset_transform().transform(np.ma.filled(mark.get_offsets(), np.nan))
        paths = [offset[None] for offset in offsets]
        edges = edges if np.max(mark.get_linewidth(), initial=0) > 0 else edges[:0]
    every = max(1, len(paths) // 300)
    for index in range(0, len(paths), every):
        points = paths[index][np.isfinite(paths[index]).all(axis=1)]
        inside = (points >= box.min - 1).all(axis=1) & (points <= box.max + 1).all(axis=1)
        paints = [colours[index % len(colours)] for colours in (edges, faces) if len(colours)]
        if inside.any() and paints:
            yield paints, points[inside]
