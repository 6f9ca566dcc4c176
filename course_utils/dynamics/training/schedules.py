r"""Schedules: how far a knob is turned down as the training goes on, as a factor for each step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy.typing as npt

from course_utils.validation import one_of, whole

Schedule = Callable[[int], npt.ArrayLike]
NAMES = ("constant", "cosine", "linear")
KNOBS = ("learning_rate", "temperature")


def schedule(name: str, steps: int) -> Schedule:
    r"""Return the schedule of that name for so many steps: a function of the step number (from 0).

    Constant: 1; cosine: :math:`\tfrac12 (1 + \cos \pi s/S)`; linear: :math:`1 - s/S`.

    Parameters
    ----------
    name : {"constant", "cosine", "linear"}
        Which.
    steps : int
        :math:`S`, after which cosine and linear are at 0.

    Raises
    ------
    TypeError, ValueError
        If there is no such schedule, or ``steps`` is not a whole number above 0.

    References
    ----------
    Cosine: I. Loshchilov, F. Hutter, arXiv:1608.03983 (2016).

    Examples
    --------
    >>> [schedule("linear", 4)(step) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    steps = whole("steps", steps)
    if one_of("schedule", name, NAMES) == "cosine":
        return lambda step: 0.5 * (1 + math.cos(math.pi * step / steps))
    return (lambda step: 1 - step / steps) if name == "linear" else (lambda step: 1.0)


def schedules(given: Any, steps: int) -> dict[str, Schedule]:
    """Return one schedule per knob from a name, a function (for the learning rate), or a mapping from knobs to these.

    Raises
    ------
    TypeError, ValueError
        If a name or a knob is unknown, or something is neither a name nor a function.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {"learning_rate": given}
    found: dict[str, Schedule] = {}
    for knob, one in given.items():
        one_of("knob of the schedule", knob, KNOBS)
        if not callable(one) and not isinstance(one, str):
            raise TypeError(f"schedule must be a function of the step, or one of {NAMES}; got {one!r}")
        found[knob] = one if callable(one) else schedule(one, steps)
    return found
