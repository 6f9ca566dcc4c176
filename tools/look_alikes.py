"""Series that a reader cannot tell apart, and maps of colours that do not run from dark to light."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.colors import ListedColormap, to_hex, to_rgba
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from colour_vision import distance, lightness, over

APART = 10.0  # units of CAM02-UCS; about ten times what can just be seen
CATEGORIES = 8  # a listed map of so few colours names kinds, it does not measure
WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Series:
    """What tells one series from another."""

    label: str
    form: tuple[Any, ...]  # kind, marker, filled or hollow, dashes
    colour: str


def look_alikes(figure: Figure) -> Iterator[str]:
    """Pairs of series that have one form, and colours that some readers do not tell apart."""
    groups: dict[Any, list[Axes]] = {}
    for axes in figure.axes:  # twins stand in one place
        groups.setdefault(tuple(np.round(axes.get_window_extent().bounds)), []).append(axes)
    for group in groups.values():
        named = [one for axes in group for one in _series(axes)]
        for one, other in combinations(dict.fromkeys(named), 2):
            if one.label == other.label or one.form != other.form:
                continue
            apart, kind = distance(one.colour, other.colour)
            if apart < APART:
                yield (
                    f"{one.label!r} ({one.colour}) and {other.label!r} ({other.colour}) have one form "
                    f"({', '.join(map(str, one.form))}), and are {apart:.1f} apart in {kind}; at least {APART:g}"
                )


def _series(axes: Axes) -> Iterator[Series]:
    """The series of an axes that have a name: a public label, or a text in their own colour."""
    texts = {to_hex(text.get_color()): text.get_text() for text in axes.texts if text.get_visible()}
    parts = {id(part) for container in axes.containers for part in _flat(container)}
    legend = axes.get_legend()
    proxies = [one for one in (legend.legend_handles if legend else []) if one is not None]
    alone = [one for one in axes.get_children() if id(one) not in parts and one.get_visible()]
    met = set()
    for artist in [*axes.containers, *alone, *proxies]:
        made = _appearance(artist)
        if made is None:
            continue
        label = str(artist.get_label() or "")
        public = label if label and not label.startswith("_") else texts.get(made[1], "")
        if public and not (artist in proxies and public in met):
            met.add(public)
            yield Series(" ".join(public.split()), *made)


def _flat(container: Any) -> Iterator[Any]:
    for part in container:
        if isinstance(part, tuple):
            yield from _flat(part)
        elif part is not None:
            yield part


def _appearance(artist: Any) -> tuple[tuple[Any, ...], str] | None:
    """The form and the colour of a container, line, scatter or patch; None for anything else, or of many colours."""
    if isinstance(artist, ErrorbarContainer):
        return _appearance(artist.lines[0] or artist.lines[2][0])
    if isinstance(artist, BarContainer):
        return _appearance(artist.patches[0]) if artist.patches else None
    if isinstance(artist, Line2D):
        return _of_line(artist)
    if isinstance(artist, LineCollection):
        return _single(("line", "no marker", _dashes(artist.get_linestyle()[0])), artist.get_edgecolor())
    if isinstance(artist, PathCollection):
        colours = artist.get_facecolor() if len(artist.get_facecolor()) else artist.get_edgecolor()
        corners = tuple(np.round(artist.get_paths()[0].vertices, 2).ravel()) if artist.get_paths() else ()
        return _single(("marker", hash(corners), "filled" if len(artist.get_facecolor()) else "hollow"), colours)
    if isinstance(artist, PolyCollection):
        return _single(("area", artist.get_hatch()), artist.get_facecolor())
    if isinstance(artist, Patch):
        return ("area", artist.get_hatch()), to_hex(over(artist.get_facecolor(), WHITE))
    return None


def _single(form: tuple[Any, ...], colours: Any) -> tuple[tuple[Any, ...], str] | None:
    different = {to_hex(over(colour, WHITE)) for colour in colours}
    return (form, different.pop()) if len(different) == 1 else None


def _of_line(line: Line2D) -> tuple[tuple[Any, ...], str] | None:
    marker = str(line.get_marker())
    bare = marker.lower() in ("none", "", " ")
    style = line.get_linestyle().lower()
    if bare and style in ("none", "", " "):
        return None
    face = line.get_markerfacecolor()
    hollow = isinstance(face, str) and face in ("none", "white", "w")
    shade = line.get_color() if bare or hollow else face
    dashes = "no line" if style in ("none", "", " ") else _dashes(line._unscaled_dash_pattern)
    form = ("line", "no marker" if bare else f"{marker} {'hollow' if hollow else 'filled'}", dashes)
    return form, to_hex(over(to_rgba(shade, line.get_alpha()), WHITE))


def _dashes(pattern: Any) -> str:
    """A dash pattern, coarse enough that two alike are one: the lengths to a factor of about a half."""
    _, lengths = pattern
    if lengths is None or not len(lengths):
        return "solid"
    return "dashes " + "-".join(f"{round(2 * np.log2(max(length, 0.25)))}" for length in lengths)


def map_faults(figure: Figure) -> Iterator[str]:
    """Maps of colours that are not monotonic in lightness, nor so on both sides of their middle."""
    for axes in figure.axes:
        for artist in axes.get_children():
            drawn = isinstance(artist, (AxesImage, QuadMesh, PathCollection)) and artist.get_array() is not None
            if not drawn or not artist.get_visible() or np.ndim(artist.get_array()) > 2:
                continue
            name, fault = artist.get_cmap().name, None
            if isinstance(artist.get_cmap(), ListedColormap) and artist.get_cmap().N <= CATEGORIES:
                shades = [to_hex(artist.get_cmap()(index)) for index in range(artist.get_cmap().N)]
                close = [distance(*pair) for pair in combinations(dict.fromkeys(shades), 2)]
                if close and min(close)[0] < APART:
                    fault = f"has two colours that are {min(close)[0]:.1f} apart in {min(close)[1]}"
            elif not _runs(lightness(artist.get_cmap()(np.linspace(0, 1, 65))[:, :3])):
                fault = "does not run from dark to light, nor to both sides of its middle"
            if fault:
                yield f"the map of colours {name!r} {fault}"


def _runs(light: Any) -> bool:
    steps, middle = np.diff(light), len(light) // 2
    slack = 0.5  # of 100: what rounding in a published table of colours can turn around

    def one_way(part: Any) -> bool:
        return bool((part > -slack).all() or (part < slack).all())

    return one_way(steps) or (
        one_way(steps[:middle]) and one_way(steps[middle:]) and steps[:middle].sum() * steps[middle:].sum() < 0
    )
