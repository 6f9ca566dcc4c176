"""Whether knobs, values and settings fit each other, before anything is drawn."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_utils import validation
from course_utils.knobs.dial import Knob


def accepted(knobs: Mapping[str, Knob], values: Mapping[str, Any], where: str = "") -> dict[str, float]:
    """Return the values checked against their knobs."""
    unknown = [name for name in values if name not in knobs]
    if unknown:
        raise ValueError(f"{where}{unknown[0]} must be one of the knobs {', '.join(knobs)}; got {unknown[0]!r}")
    return {name: knobs[name].accept(where + name, value) for name, value in values.items()}


def checked_knobs(function: Callable[..., Any], knobs: Mapping[str, Any]) -> dict[str, Knob]:
    """Return the knobs if they fit the arguments of the function."""
    if not knobs:
        raise ValueError(
            "knobs must name at least one argument of the function, as in temperature=Knob(1, 3, 2); got none"
        )
    for name, knob in knobs.items():
        if not isinstance(knob, Knob):
            raise TypeError(f"{name} must be a Knob; got {knob!r}, a {type(knob).__name__}")
    try:
        arguments = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some compiled functions do not say what they take
        return dict(knobs)
    open_ended = any(argument.kind is argument.VAR_KEYWORD for argument in arguments.values())
    named = {name: a for name, a in arguments.items() if a.kind in (a.POSITIONAL_OR_KEYWORD, a.KEYWORD_ONLY)}
    for name in knobs:
        if name not in named and not open_ended:
            raise ValueError(
                f"knobs must be arguments of the function ({', '.join(named) or 'it has none'}); got {name!r}"
            )
    for name, argument in named.items():
        if argument.default is argument.empty and name not in knobs:
            raise ValueError(f"knobs must include {name}, which the function needs; got {', '.join(knobs)}")
    return dict(knobs)


def checked_draw(draw: Any) -> Any:
    """Return the function that draws a panel's picture if it can be called as one is (see `panels.Draw`)."""
    draw = validation.function("draw", draw)
    try:
        signature = inspect.signature(draw)
    except (TypeError, ValueError):  # some compiled functions do not say what they take
        return draw
    try:
        signature.bind("figure", "picture", "artists")
    except TypeError:
        name = getattr(draw, "__name__", "draw").replace("<lambda>", "lambda")
        raise TypeError(f"draw must take (figure, picture, artists); got {name}{signature}") from None
    return draw


def checked_still(knobs: Mapping[str, Knob], still: Any) -> list[dict[str, float]]:
    """Return a full setting of all knobs for each entry of ``still``."""
    takes = "still must be three or four settings, each a number for the first knob or a dict of values by knob"
    if isinstance(still, (str, bytes, Mapping)) or not isinstance(still, Sequence):
        raise TypeError(f"{takes}; got {still!r}, a {type(still).__name__}")
    if len(still) not in (3, 4):
        raise ValueError(f"{takes}; got {len(still)}")
    first = next(iter(knobs))
    start = {name: knob.accept(name, knob.start) for name, knob in knobs.items()}
    chosen = [entry if isinstance(entry, Mapping) else {first: entry} for entry in still]
    return [start | accepted(knobs, entry, where=f"still[{place}]: ") for place, entry in enumerate(chosen)]
