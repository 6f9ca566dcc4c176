"""Bad input is named before any work is done: the argument, the value it got, and the values it takes."""

from __future__ import annotations

import numbers
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def _shown(value: Any) -> str:
    """Return a repr short enough for an error message."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def real(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> float:
    """Return ``value`` as a finite float inside the given limits.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : float
        The value to test.
    above, below : float, optional
        Limits that are themselves excluded.
    least, most : float, optional
        Limits that are themselves allowed.

    Raises
    ------
    TypeError
        If ``value`` is not a real number (a bool is not one).
    ValueError
        If it is NaN, infinite, or outside the limits.

    Examples
    --------
    >>> real("temperature", 2, above=0)
    2.0
    >>> real("temperature", -1.0, above=0)
    Traceback (most recent call last):
    ...
    ValueError: temperature must be a finite number above 0; got -1.0
    """
    takes = "a finite number"
    limits = [(above, "above"), (least, "at least"), (below, "below"), (most, "at most")]
    takes += " and".join(f" {word} {limit:g}" for limit, word in limits if limit is not None)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be {takes}; got {_shown(value)}, a {type(value).__name__}")
    number = float(value)
    inside = (
        np.isfinite(number)
        and (above is None or number > above)
        and (least is None or number >= least)
        and (below is None or number < below)
        and (most is None or number <= most)
    )
    if not inside:
        raise ValueError(f"{name} must be {takes}; got {_shown(value)}")
    return number


def positive(name: str, value: Any) -> float:
    """Return ``value`` as a float that is finite and above zero (see `real`)."""
    return real(name, value, above=0)


def whole(name: str, value: Any, *, least: int = 1, most: int | None = None) -> int:
    """Return ``value`` as an int between ``least`` and ``most``, both allowed.

    Raises
    ------
    TypeError
        If ``value`` is not a whole number (a bool is not one; nor is 2.0).
    ValueError
        If it is outside the limits.

    Examples
    --------
    >>> whole("walkers", 0)
    Traceback (most recent call last):
    ...
    ValueError: walkers must be a whole number, at least 1; got 0
    """
    takes = f"a whole number, at least {least}" + ("" if most is None else f" and at most {most}")
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be {takes}; got {_shown(value)}, a {type(value).__name__}")
    number = int(value)
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} must be {takes}; got {_shown(value)}")
    return number


def finite_array(
    name: str,
    value: Any,
    *,
    ndim: int | None = None,
    least_size: int = 1,
    above: float | None = None,
    least: float | None = None,
) -> npt.NDArray[np.float64]:
    """Return ``value`` as a float64 array without NaN or infinity.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : array_like
        Numbers, any shape.
    ndim : int, optional
        The number of axes it must have.
    least_size : int
        The fewest entries it may have.
    above, least : float, optional
        A lower limit for every entry, excluded or allowed.

    Raises
    ------
    TypeError
        If it does not hold real numbers.
    ValueError
        If it has the wrong number of axes, too few entries, a NaN or an infinity, or an entry outside the limit.
    """
    takes = "a non-empty array of finite numbers"
    if least_size > 1:
        takes = f"an array of at least {least_size} finite numbers"
    takes += "" if ndim is None else f" with {ndim} {'axis' if ndim == 1 else 'axes'}"
    takes += "" if above is None else f", all above {above:g}"
    takes += "" if least is None else f", all at least {least:g}"
    try:
        raw = np.asarray(value)
        numeric = raw.dtype.kind in "iuf"
        array = raw.astype(np.float64) if numeric else raw
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be {takes}; got {_shown(value)}") from error
    if raw.size == 0:
        raise ValueError(f"{name} must be {takes}; got an empty {type(value).__name__}")
    if not numeric:
        raise TypeError(f"{name} must be {takes}; got {_shown(value)}, of type {raw.dtype}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must be {takes}; got shape {array.shape}")
    if array.size < least_size:
        raise ValueError(f"{name} must be {takes}; got {array.size}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be {takes}; it holds {int((~np.isfinite(array)).sum())} NaN or infinite entries")
    if above is not None and not (array > above).all():
        raise ValueError(f"{name} must be {takes}; got {array.min():g}")
    if least is not None and not (array >= least).all():
        raise ValueError(f"{name} must be {takes}; got {array.min():g}")
    return array


def one_of(name: str, value: Any, allowed: Collection[Any]) -> Any:
    """Return ``value`` if it is among ``allowed``; otherwise say what is.

    Raises
    ------
    ValueError
        If it is not allowed.
    """
    try:
        found = bool(value in allowed)
    except (TypeError, ValueError):  # what cannot be hashed, and arrays, are not among a few names
        found = False
    if not found:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; got {_shown(value)}")
    return value


def text(name: str, value: Any) -> str:
    """Return ``value`` if it is a string with something in it.

    Raises
    ------
    TypeError
        If it is not a string.
    ValueError
        If it is empty or blank.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a sentence (str); got {_shown(value)}, a {type(value).__name__}")
    if not value.strip():
        raise ValueError(f"{name} must be a sentence; got an empty one")
    return value


def function(name: str, value: Any) -> Any:
    """Return ``value`` if it can be called.

    Raises
    ------
    TypeError
        If it cannot.
    """
    if not callable(value):
        raise TypeError(f"{name} must be a function; got {_shown(value)}, a {type(value).__name__}")
    return value
