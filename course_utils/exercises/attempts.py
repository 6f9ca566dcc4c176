"""What a learner hands in: has it been touched, and what happens when it is called."""

from __future__ import annotations

import contextlib
import copy
import dis
import functools
import inspect
import itertools
import linecache
import re
import traceback
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

# Instructions that do nothing by themselves, in any of Python 3.11 to 3.14.
_IDLE = {"RESUME", "NOP", "CACHE", "EXTENDED_ARG", "MAKE_CELL", "COPY_FREE_VARS", "NOT_TAKEN"}
_CALLING = {"PUSH_NULL", "PRECALL", "CALL", "CALL_FUNCTION", "KW_NAMES"}


# What numpy says, and what it means to somebody who meets it for the first time.
ADVICE = {
    "object is not callable": "What you call like a function is an array or a number here: use it without brackets",
    "truth value of an array": "An `if` takes one number; for a whole array use np.where, np.minimum or np.maximum",
}


class AttemptError(Exception):
    """An attempt did not get as far as a result; the text says why, in words for the learner.

    Parameters
    ----------
    sentence : str
        What happened.
    unfinished : bool
        Whether the attempt itself says that it is not written yet.
    """

    def __init__(self, sentence: str, *, unfinished: bool = False) -> None:
        super().__init__(sentence)
        self.unfinished = unfinished


def untouched(attempt: Any) -> bool:
    """Tell whether an attempt is still the stub, without calling it.

    A stub is ``...``, None, an empty text, or a function whose body is only ``...``, ``pass``, a docstring,
    ``return``, ``return ...`` or ``raise NotImplementedError``. Its bytecode decides: the text of a function may be out
    of reach, and a call of an attempt that has only forgotten its ``return`` looks the same from outside.

    Examples
    --------
    >>> def stub(x): ...
    >>> def forgotten_return(x):
    ...     x**2
    >>> untouched(stub), untouched(forgotten_return), untouched(...), untouched(0)
    (True, False, True, False)
    """
    if attempt is None or attempt is ... or attempt is NotImplemented:
        return True
    if isinstance(attempt, str):
        return not attempt.strip(" \t\n.…")
    steps = _steps(attempt)
    return _returns_nothing(steps) or _only_refuses(steps)


def has_blank(attempt: Any) -> bool:
    """Tell whether a function still assigns or returns ``...`` somewhere: a blank that waits to be filled.

    Examples
    --------
    >>> def with_blank(x):
    ...     slope = ...
    ...     return slope * x
    >>> has_blank(with_blank), has_blank(lambda x: x[..., 0])
    (True, False)
    """
    for (name, value), (following, _) in itertools.pairwise([*_steps(attempt), ("", None)]):
        # An assignment to an element, `a[...] = 1`, loads ... too (STORE_SUBSCR), and is real work.
        kept = following.startswith(("STORE_", "RETURN_")) and following != "STORE_SUBSCR"
        if value is ... and (name == "RETURN_CONST" or (name == "LOAD_CONST" and kept)):
            return True
    return False


def plain_function(attempt: Any) -> types.FunctionType | None:
    """Return the Python function inside a partial, a method, a jitted or a wrapped function; None if there is none."""
    for _ in range(20):  # a wrapper that wraps itself must not hang the kernel
        if isinstance(attempt, types.FunctionType):
            attempt, outer = getattr(attempt, "__wrapped__", None), attempt
            if attempt is None:
                return outer
        elif isinstance(attempt, functools.partial):
            attempt = attempt.func
        elif isinstance(attempt, types.MethodType):
            attempt = attempt.__func__
        else:
            # numba keeps the Python function as py_func, numpy.vectorize as pyfunc
            attempt = next((vars_ for name in ("py_func", "pyfunc") if (vars_ := getattr(attempt, name, None))), None)
            if attempt is None:
                return None
    return None


def _steps(attempt: Any) -> list[tuple[str, Any]]:
    """Return the instructions of a function that do something, as (name, argument)."""
    inner = plain_function(attempt)
    if inner is None:
        return []
    return [(step.opname, step.argval) for step in dis.get_instructions(inner) if step.opname not in _IDLE]


def _returns_nothing(steps: list[tuple[str, Any]]) -> bool:
    if len(steps) == 2 and steps[0][0] == "LOAD_CONST" and steps[1][0] == "RETURN_VALUE":
        return steps[0][1] is None or steps[0][1] is ...
    return len(steps) == 1 and steps[0][0] == "RETURN_CONST" and (steps[0][1] is None or steps[0][1] is ...)


def _only_refuses(steps: list[tuple[str, Any]]) -> bool:
    if not steps or steps[-1][0] != "RAISE_VARARGS":
        return False
    if any(name not in {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_CONST", "RAISE_VARARGS"} | _CALLING for name, _ in steps):
        return False
    loaded = [value for name, value in steps if name in {"LOAD_GLOBAL", "LOAD_NAME"}]
    return loaded in (["NotImplementedError"], ["NotImplemented"])


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings back: they print paths, and would bury the verdict."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], where: str = "") -> Any:
    """Call an attempt on copies of its arguments; whatever it raises becomes a `AttemptError` in plain words.

    Parameters
    ----------
    function : callable
        The attempt.
    args, kwargs : tuple, dict
        Its arguments; copied, so that an attempt that writes into its input harms nobody.
    where : str, optional
        The arguments in words, for the message.

    Raises
    ------
    AttemptError
        If the attempt raises.
    """
    try:
        with quiet():
            return function(*copy.deepcopy(args), **copy.deepcopy(dict(kwargs)))
    except (Exception, SystemExit) as error:
        unfinished = isinstance(error, NotImplementedError) and _last_line(error, function) is not None
        raise AttemptError(_told(error, function, where), unfinished=unfinished) from None


def _last_line(error: BaseException, function: Callable[..., Any]) -> tuple[int, str] | None:
    """Return number and text of the line of the learner's code that was running, if it is known."""
    inner = plain_function(function)
    if inner is None:
        return None
    file = inner.__code__.co_filename
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if not frames or frames[-1].lineno is None:
        return None
    number = frames[-1].lineno
    return number, linecache.getline(file, number).strip()


def _told(error: BaseException, function: Callable[..., Any], where: str) -> str:
    message = str(error).strip().split("\n")[0]
    message = re.sub(r"0x[0-9a-fA-F]+", "0x…", message)  # an address differs in every run
    message = message if len(message) <= 120 else message[:119] + "…"
    sentence = f"Your function raises {type(error).__name__}" + (f" ({message})" if message else "")
    line = _last_line(error, function)
    if line is not None:
        sentence += f" in line {line[0]}" + (f", `{line[1]}`" if line[1] else "")
    advice = next((words for sign, words in ADVICE.items() if sign in message), "")
    return sentence + (f", for {where}" if where else "") + (f". {advice}" if advice else "")


def call_problem(attempt: Callable[..., Any], reference: Callable[..., Any], calls: Iterable[Any]) -> str:
    """Say how an attempt's parameters differ from what it is called with; "" if they fit (or cannot be known)."""
    try:
        signature = inspect.signature(attempt)
    except (TypeError, ValueError):
        return ""
    try:
        for args, kwargs in calls:
            signature.bind(*args, **kwargs)
    except TypeError:
        return f"Your function takes {parameters(attempt)} where {parameters(reference)} is asked for"
    return ""


def parameters(function: Callable[..., Any]) -> str:
    """Return a function's parameters as they stand in its first line, without type hints.

    Examples
    --------
    >>> def force(x: float, tilt: float = 0.0) -> float: ...
    >>> parameters(force)
    '(x, tilt=0.0)'
    """
    signature = inspect.signature(function)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return str(inspect.Signature(bare))


def shown(value: Any) -> str:
    """Return a value in the few characters that a verdict has room for.

    Examples
    --------
    >>> shown(np.float64(1 / 3)), shown(np.zeros((8, 8))), shown([1, 2])
    ('0.3333', 'an array of shape (8, 8)', '[1, 2]')
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray) and value.ndim and (value.size > 6 or value.dtype == object):
        return f"an array of shape {value.shape}"
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)) and len(value) <= 6:
        inside = ", ".join(map(shown, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    if isinstance(value, (float, complex)):
        return f"{value:.4g}"
    if isinstance(value, np.random.Generator):
        return "a random generator"
    try:
        text = re.sub(r"0x[0-9a-fA-F]+", "0x…", repr(value))
    except Exception:  # a learner's own type may not even let itself be shown
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:59] + "…"
