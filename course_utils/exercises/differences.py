"""How a wrong result differs from the right one, said in one plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.exercises.attempts import shown

Numbers = npt.NDArray[Any]
# A constant ratio or difference must be constant to this relative precision to be called so.
STEADY = 1e-5


def numbers(value: Any) -> Numbers | None:
    """Return ``value`` as an array of numbers or truth values, or None if it is something else.

    Examples
    --------
    >>> numbers([1, 2]), numbers("two")
    (array([1, 2]), None)
    """
    try:
        if hasattr(value, "detach"):  # a torch tensor, without importing torch
            value = value.detach().cpu().numpy()
        array = np.asarray(value)
    except Exception:  # a learner may hand in anything, and not all of it lets itself be converted
        return None
    return array if array.dtype.kind in "biufc" else None


def same_structure(got: Any, expected: Any, leaf: Callable[[Any, Any], bool]) -> bool:
    """Compare two results part by part: dictionaries by key, tuples by place, all else by ``leaf``."""
    pairs = _parts(got, expected)
    return not isinstance(pairs, str) and all(leaf(mine, right) for mine, right in pairs)


def kind_problem(got: Any, expected: Any) -> str:
    """Say what is wrong with the type or shape of a result; "" if nothing is."""
    pairs = _parts(got, expected)
    if isinstance(pairs, str):
        return pairs
    for mine, right in pairs:
        problem = _leaf_problem(mine, right)
        if problem:
            return problem
    return ""


def relation(got: Sequence[Any], expected: Sequence[Any], same: Callable[[Any, Any], bool]) -> str:
    """Say how all wrong numbers relate to the right ones, if one rule says it; otherwise "".

    Examples
    --------
    >>> relation([[1.0, 2.0]], [[2.0, 4.0]], lambda a, b: a == b)
    'Your result is 0.5 times what it should be at 2 of 2 places'
    """
    flat = _flat(got, expected)
    if flat is None:
        return ""
    mine, right, wrong = *flat, _wrong(*flat, same)
    count = f"at {wrong.sum()} of {wrong.size} places"
    if wrong.sum() < 2 or not np.isfinite(mine).all():
        return ""
    ratio = _steady(np.divide(mine[wrong], right[wrong], out=np.full(wrong.sum(), np.nan), where=right[wrong] != 0))
    if ratio is not None and abs(ratio + 1) < STEADY:
        return f"Your result has the opposite sign {count}"
    if ratio is not None and ratio != 0:
        return f"Your result is {_apart(ratio, 1.0)[0]} times what it should be {count}"
    shift = _steady(mine[wrong] - right[wrong])
    if shift is not None:
        return f"Your result is {abs(shift):.4g} too {'large' if shift > 0 else 'small'} {count}"
    return ""


def describe(
    got: Sequence[Any], expected: Sequence[Any], same: Callable[[Any, Any], bool], calls: Sequence[str]
) -> str:
    """Describe wrong results of a function: nothing returned, type, shape, NaN, one rule for all, or the first one.

    Parameters
    ----------
    got, expected : sequences of the same length
        Results of the attempt and of the reference, one for each call.
    same : callable
        Whether two results agree.
    calls : sequence of str
        Each call in words, for instance ``"x = 0.5"``.

    Returns
    -------
    str
        A sentence without its full stop.
    """
    if all(result is None for result in got):
        return "Your function returns None: is a `return` missing?"
    for mine, right, where in zip(got, expected, calls, strict=True):
        problem = kind_problem(mine, right)
        if problem:
            return f"{problem}, for {where}"
    flat = _flat(got, expected)
    if flat is not None and not np.isfinite(flat[0]).all() and np.isfinite(flat[1]).all():
        holes = ~np.isfinite(flat[0])
        first = next(call for mine, call in zip(got, calls, strict=True) if not np.isfinite(_joined(mine)).all())
        return f"Your result is infinite or not a number at {holes.sum()} of {holes.size} places, first for {first}"
    return relation(got, expected, same) or _first_wrong(got, expected, same, calls)


def describe_value(got: Any, expected: Any) -> str:
    """Describe a wrong value without giving the right one away."""
    problem = kind_problem(got, expected)
    if problem:
        return problem.replace("Your function returns", "Your answer is").replace("Your result", "Your answer")
    mine, right = numbers(got), numbers(expected)
    if mine is None or right is None or right.ndim or right.dtype.kind in "bc" or mine.dtype.kind in "bc":
        return f"{shown(got)} is not the answer"
    if not np.isfinite(mine):
        return f"Your answer is {shown(got)}, not a finite number"
    if right != 0 and np.isclose(mine, -right):
        return "Your answer has the opposite sign"
    if right != 0 and mine != 0 and np.sign(mine) == np.sign(right):
        off = abs(mine) > 10 * abs(right) or abs(mine) < abs(right) / 10
        far = " by a factor of more than 10" if off else ""
        return f"{shown(got)} is too {'large' if mine > right else 'small'}{far}"
    return f"{shown(got)} is too {'large' if mine > right else 'small'}"


def _parts(got: Any, expected: Any) -> list[tuple[Any, Any]] | str:
    """Return pairs of leaves, or a sentence on why the two do not pair."""
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping) or set(got) != set(expected):
            keys = ", ".join(map(repr, expected))
            has = ", ".join(map(repr, got)) if isinstance(got, Mapping) else _kind(got)
            return f"Your function returns {has} where a dictionary with {keys} is expected"
        children = [(got[key], expected[key]) for key in expected]
    elif isinstance(expected, tuple):
        length = _length(got)
        if length != len(expected):
            has = _kind(got) if length is None else "1 thing" if length == 1 else f"{length} things"
            return f"Your function returns {has} where {len(expected)} things are expected"
        children = list(zip(got, expected, strict=True))
    else:
        return [(got, expected)]
    pairs: list[tuple[Any, Any]] = []
    for mine, right in children:
        inner = _parts(mine, right)
        if isinstance(inner, str):
            return inner
        pairs += inner
    return pairs


def _length(value: Any) -> int | None:
    if isinstance(value, (str, bytes, Mapping)):
        return None
    try:
        return len(value)
    except Exception:  # no length, or one that fails
        return None


def _leaf_problem(got: Any, expected: Any) -> str:
    mine, right = numbers(got), numbers(expected)
    if right is None:
        fits = isinstance(got, str) if isinstance(expected, str) else isinstance(got, type(expected))
        return "" if fits else f"Your function returns {_kind(got)} where {_kind(expected)} is expected"
    if mine is None:
        return f"Your function returns {_kind(got)} where {_kind(expected)} is expected"
    if mine.shape == right.shape:
        return ""
    if mine.ndim == 2 and mine.T.shape == right.shape and np.allclose(mine.T, right, equal_nan=True):
        return "Your result is transposed: rows and columns are exchanged"
    asked = f"shape {right.shape}" if right.ndim else "a single number"
    has = f"shape {mine.shape}" if mine.ndim else "a single number"
    return (
        f"Your result is {has} where {asked} is expected"
        if not mine.ndim
        else (f"Your result has {has} where {asked} is expected")
    )


def _kind(value: Any) -> str:
    """Return what a value is, in words."""
    if value is None:
        return "None"
    array = numbers(value)
    if array is not None:
        if array.dtype.kind == "b":
            return "a truth value" if array.ndim == 0 else "an array of truth values"
        return "a number" if array.ndim == 0 else f"an array of shape {array.shape}"
    if isinstance(value, str):
        return "a text"
    if callable(value):
        return "a function"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _joined(value: Any) -> Numbers:
    pairs = _parts(value, value)
    leaves = [numbers(leaf) for leaf, _ in pairs] if not isinstance(pairs, str) else []
    return np.concatenate([leaf.ravel() for leaf in leaves if leaf is not None] or [np.zeros(0)])


def _flat(got: Sequence[Any], expected: Sequence[Any]) -> tuple[Numbers, Numbers] | None:
    """Return all numbers of all results in two rows, or None if they do not pair as real numbers."""
    mine_all, right_all = [], []
    for one, other in zip(got, expected, strict=True):
        pairs = _parts(one, other)
        if isinstance(pairs, str):
            return None
        for mine, right in pairs:
            left, true = numbers(mine), numbers(right)
            if left is None or true is None or left.shape != true.shape or {left.dtype.kind, true.dtype.kind} & {*"bc"}:
                return None
            mine_all.append(left.ravel())
            right_all.append(true.ravel())
    if not mine_all:
        return None
    return np.concatenate(mine_all).astype(float), np.concatenate(right_all).astype(float)


def _wrong(got: Numbers, expected: Numbers, same: Callable[[Any, Any], bool]) -> npt.NDArray[np.bool_]:
    return np.array([not same(mine, right) for mine, right in zip(got, expected, strict=True)], dtype=bool)


def _steady(values: Numbers) -> float | None:
    """Return the constant that all values are, or None."""
    if not np.isfinite(values).all():
        return None
    centre = float(np.median(values))
    return centre if np.allclose(values, centre, rtol=STEADY, atol=0) else None


def _first_wrong(
    got: Sequence[Any], expected: Sequence[Any], same: Callable[[Any, Any], bool], calls: Sequence[str]
) -> str:
    misses = [index for index, (mine, right) in enumerate(zip(got, expected, strict=True)) if not same(mine, right)]
    mine, right, where = got[misses[0]], expected[misses[0]], calls[misses[0]]
    count = "" if len(got) == 1 else f"{len(misses)} of {len(got)} inputs come out wrong; the first, "
    left, true = numbers(mine), numbers(right)
    if left is not None and true is not None and true.ndim and left.size > 6:
        places = [place for place in np.ndindex(true.shape) if not same(left[place], true[place])]
        spot = ", ".join(map(str, places[0]))
        number = f"{len(places)} of {true.size} entries differ, at [{spot}] for instance it gives"
        found, wanted = _apart(left[places[0]], true[places[0]])
        return f"{count or 'For '}{where}: {number} {found}, expected {wanted}"
    found, wanted = _apart(mine, right)
    return f"{count or 'For '}{where}, gives {found}, expected {wanted}"


def _apart(got: Any, expected: Any) -> tuple[str, str]:
    """Return two different values as `shown`, with as many digits more as tell them apart."""
    pair = shown(got), shown(expected)
    for digits in range(5, 18):
        if pair[0] != pair[1]:
            return pair
        pair = _printed(got, digits), _printed(expected, digits)
    return pair


def _printed(value: Any, digits: int) -> str:
    """Return a value as `shown`, but with this many digits."""
    array = numbers(value)
    if array is not None and array.dtype.kind == "f" and not isinstance(value, tuple) and array.size <= 6:
        value = array.tolist()
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, (list, tuple)) and len(value) <= 6:
        inside = ", ".join(_printed(part, digits) for part in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    return shown(value)
