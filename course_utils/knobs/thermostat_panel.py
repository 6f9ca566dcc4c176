"""A panel made from the thermostat: a knob for each hand that shakes a network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_utils.dynamics.thermostat import Thermostat
from course_utils.knobs.dial import Knob
from course_utils.knobs.panels import Panel, panel
from course_utils.validation import function as checked_function
from course_utils.validation import one_of


def thermostat(
    function: Callable[..., Mapping[str, Any]],
    *,
    names: Sequence[str] | None = None,
    draw: Callable[..., Any],
    still: Sequence[Any],
    title: str,
    alt: str,
    figure_size: tuple[float, float] = (7.2, 4.0),
    rest: Thermostat | None = None,
    **more: Knob,
) -> Panel:
    """Return a panel whose knobs are those of a `Thermostat`, with the ranges and symbols that it gives them.

    Parameters
    ----------
    function : callable
        ``function(thermostat, **values) -> Mapping``: the work, without side effects. It gets the knobs of noise as
        one `Thermostat`, as its first argument; scalars and arrays that it returns are used as in `panel`.
    names : sequence of str, optional
        Which knobs of the thermostat can be turned, in this order; left out, every one that is a number. The optimiser
        has to have them: `course_utils.dynamics.training.loop.train` refuses a temperature for plain gradient descent.
    draw : callable
        ``draw(figure, picture, artists) -> artists``, as in `panel`.
    still : sequence of 3 or 4 settings
        What is shown without a kernel: each a value of the first knob, or a dict of values by knob.
    title, alt : str
        What the panel shows, and what is to be seen in the still.
    figure_size : tuple of float
        Width and height in inches.
    rest : Thermostat, optional
        Where the knobs stand that are not turned; left out, as in ``Thermostat()``.
    **more : Knob
        Knobs for further arguments of ``function``, below the others. The name of a knob of the thermostat gives this
        one another range or start.

    Returns
    -------
    Panel

    Raises
    ------
    TypeError, ValueError
        If there is no such knob, a range leaves what the thermostat takes, the function takes no thermostat, or an
        argument is wrong as in `panel`.

    Examples
    --------
    How far the mean gradient of a batch is off, for gradients that scatter by 1:

    >>> def scatter(thermostat, scatter_of_one=1.0):
    ...     return {"scatter of the batch": scatter_of_one / thermostat.batch_size**0.5}
    >>> def draw(figure, picture, artists):
    ...     (bar,) = artists or figure.subplots().bar([0], [1])
    ...     bar.set_height(picture["scatter of the batch"])
    ...     return (bar,)
    >>> shaken = thermostat(scatter, names=["batch_size"], draw=draw, still=(1, 16, 256), title="Small batches",
    ...                     alt="A bar that shrinks from 1 to a sixteenth.")
    >>> shaken.set(batch_size=100)
    >>> shaken
    <Panel 'Small batches' at {'batch_size': 100}>
    """
    function = checked_function("function", function)
    if rest is None:
        rest = Thermostat()
    elif not isinstance(rest, Thermostat):
        raise TypeError(f"rest must be a Thermostat; got {rest!r}, a {type(rest).__name__}")
    known = tuple(Thermostat.knobs())
    dials: dict[str, Any] = {name: Knob(**Thermostat.knobs(name)[name]) for name in _chosen(names, known)} | more
    noises = [name for name in dials if name in known]
    for name in noises:
        if isinstance(dials[name], Knob):  # what is none is named by the panel
            rest.replace(**{name: dials[name].low})
            rest.replace(**{name: dials[name].high})
    others = _others(function, known)

    def turned(**values: Any) -> Mapping[str, Any]:
        knobs = {name: values.pop(name) for name in noises}
        return function(rest.replace(**knobs), **values)

    if others is not None:  # the panel then tells which of its knobs the function does not take
        own = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in noises]
        turned.__signature__ = inspect.Signature(sorted([*own, *others], key=_kind))  # type: ignore[attr-defined]
    return panel(turned, draw=draw, still=still, title=title, alt=alt, figure_size=figure_size, **dials)


def _chosen(names: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """Return the knobs asked for, each of them once."""
    if names is None:
        return list(known)
    if isinstance(names, (str, bytes)) or not isinstance(names, Sequence):
        raise TypeError(f"names must be a list of knobs of the thermostat; got {names!r}, a {type(names).__name__}")
    for place, name in enumerate(names):
        one_of(f"names[{place}]", name, known)
        if name in names[:place]:
            raise ValueError(f"names must hold each knob once; got {name!r} again at names[{place}]")
    if not names:
        raise ValueError(f"names must hold at least one of {', '.join(map(repr, known))}; got none")
    return list(names)


def _others(function: Callable[..., Any], known: Sequence[str]) -> list[inspect.Parameter] | None:
    """Return the arguments of a function after the thermostat; None if it does not say what it takes."""
    try:
        arguments = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # some compiled functions
        return None
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if not arguments or arguments[0].kind not in (*by_place, inspect.Parameter.VAR_POSITIONAL):
        raise ValueError(f"function must take a thermostat as its first argument; got {_shown(arguments)}")
    for argument in arguments:
        if argument.name in known:
            raise ValueError(f"function must read {argument.name} off the thermostat; got {_shown(arguments)}")
    return arguments[1:] if arguments[0].kind in by_place else arguments


def _kind(argument: inspect.Parameter) -> int:
    """Return what arguments are ordered by: those by place come before those by name."""
    return int(argument.kind)


def _shown(arguments: Sequence[inspect.Parameter]) -> str:
    """Return arguments as they are written."""
    return f"({', '.join(map(str, arguments))})"
