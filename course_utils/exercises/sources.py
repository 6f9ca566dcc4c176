"""Solutions as Python source: shown to a learner who asks, and put into every stub by the tests."""

from __future__ import annotations

import ast
import inspect
import keyword
import textwrap
from typing import Any

import numpy as np

from course_utils.exercises.attempts import plain_function, shown
from course_utils.validation import text


def literal(value: Any) -> str:
    """Return a value as the Python source that makes it.

    Raises
    ------
    TypeError
        If it cannot be written down: not numbers, text, truth values, lists, tuples, dictionaries or arrays of these.

    Examples
    --------
    >>> literal(np.float64(0.5)), literal({"T": (1, 2)}), literal(np.array([1.0, 2.0]))
    ('0.5', "{'T': (1, 2)}", 'np.array([1.0, 2.0])')
    """
    if isinstance(value, np.ndarray):
        return f"np.array({literal(value.tolist())})"
    plain = _plain(value)
    try:
        back = ast.literal_eval(repr(plain))
    except (ValueError, SyntaxError) as error:
        raise TypeError(
            f"reference must be a function or a plain value; got {shown(value)}, a {type(value).__name__}"
        ) from error
    assert back == plain
    return repr(plain)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return type(value)(map(_plain, value)) if type(value) in (list, tuple) else tuple(map(_plain, value))
    if isinstance(value, dict):
        return {_plain(key): _plain(entry) for key, entry in value.items()}
    return value


def source(reference: Any, name: str) -> str:
    """Return Python source that defines ``name`` as the reference.

    Parameters
    ----------
    reference : function or value
        The solution of an exercise.
    name : str
        What the learner's notebook calls it.

    Raises
    ------
    ValueError
        If ``name`` is not a Python name.

    Examples
    --------
    >>> print(source(0.5, "answer"))
    answer = 0.5
    """
    text("name", name)
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"name must be a Python name; got {name!r}")
    if not callable(reference):
        value = literal(reference)
        return f"import numpy as np\n\n{name} = {value}" if value.startswith("np.") else f"{name} = {value}"
    own = plain_function(reference)
    assert own is not None
    lines = textwrap.dedent(inspect.getsource(own)).rstrip()
    return lines if own.__name__ == name else f"{lines}\n\n\n{name} = {own.__name__}"
