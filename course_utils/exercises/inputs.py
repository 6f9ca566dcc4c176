"""The inputs that an exercise tries an attempt on, and how a call is put in words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from course_utils.exercises.attempts import shown

Call: TypeAlias = tuple[tuple[Any, ...], Mapping[str, Any]]
Inputs: TypeAlias = Sequence[Any] | Callable[[], Sequence[Any]]


def tested(inputs: Any) -> Inputs:
    """Return ``inputs`` if they can be inputs; otherwise say what can."""
    if not callable(inputs) and (isinstance(inputs, (str, bytes, Mapping)) or not hasattr(inputs, "__iter__")):
        raise TypeError(f"inputs must be a list of inputs, or a function that returns one; got {inputs!r:.80}")
    if callable(inputs):
        return inputs
    if not len(inputs):
        raise ValueError("inputs must hold at least one input; got none")
    return tuple(inputs)


def calls(inputs: Inputs) -> list[Call]:
    """Return the arguments of every call, as (positional, named)."""
    found: list[Call] = []
    for one in inputs() if callable(inputs) else inputs:
        if isinstance(one, Mapping):
            found.append(((), one))
        else:
            found.append((one if isinstance(one, tuple) else (one,), {}))
    return found


def said(one: Call, names: Sequence[str]) -> str:
    """Return a call in words, with the reference's names for its arguments.

    Examples
    --------
    >>> said(((0.5,), {"tilt": 0.1}), ["x"])
    'x = 0.5, tilt = 0.1'
    """
    args, kwargs = one
    padded = [*names, *[""] * len(args)][: len(args)]
    named = [*zip(padded, args, strict=True), *kwargs.items()]
    return ", ".join(f"{name} = {shown(value)}" if name else shown(value) for name, value in named) or "no arguments"


def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's parameters."""
    return tuple(inspect.signature(function).parameters)
