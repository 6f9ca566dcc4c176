"""What a picture says in words: its scalars, as a read-out and as a table."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_SIGN, _GAP = 7.4, 26.0  # pixels of one sign of the read-out, and between two entries


def scalars(picture: Mapping[str, Any]) -> dict[str, str]:
    """Return the entries of a picture that are numbers, words or yes/no, as text by name.

    Parameters
    ----------
    picture : mapping
        What a panel's function returned; arrays with one axis or more are left out.

    Examples
    --------
    >>> import numpy as np
    >>> scalars({"x": np.linspace(0, 1, 5), "mean_energy": -1.43366, "walkers": 64, "phase": "cold"})
    {'mean energy': '−1.434', 'walkers': '64', 'phase': 'cold'}
    """
    return {str(name).replace("_", " "): word for name, value in picture.items() if (word := _word(value)) is not None}


def _word(value: Any) -> str | None:
    """Return a scalar as text, or None if it is not one."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):  # numpy's and torch's scalars
        value = value.item()
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return str(int(value)).replace("-", "−")
    if isinstance(value, numbers.Real):
        return f"{float(value):.4g}".replace("-", "−")
    return None


def readout_lines(entries: Mapping[str, str], width: float) -> int:
    """Return how many lines a read-out takes on a page of so many pixels: an entry is never broken.

    Examples
    --------
    >>> readout_lines({"energy": "−1.434", "walkers": "64"}, 720), readout_lines({"a": 50 * "x", "b": 50 * "x"}, 720)
    (1, 2)
    """
    lines, left = 1, width
    for name, word in entries.items():
        need = _SIGN * (len(name) + 1 + len(word)) + _GAP
        if need > left and left < width:
            lines, left = lines + 1, width
        left -= need
    return lines


def readout(entries: Mapping[str, str]) -> str:
    """Return the read-out as HTML, announced politely by a screen reader when it changes."""
    items = (
        '<span style="margin-right:1.8em;white-space:nowrap;display:inline-block">'
        f'<span style="opacity:.75">{escape(name)}</span>&ensp;<strong>{escape(word)}</strong></span> '
        for name, word in entries.items()
    )
    return f'<div role="status" aria-live="polite" style="line-height:24px">{"".join(items)}</div>'


def complaint(sentence: str) -> str:
    """Return a sentence about what went wrong as HTML."""
    return (
        '<div role="status" aria-live="polite" style="line-height:24px;overflow-wrap:anywhere;'
        f'border-left:4px solid #D55E00;padding-left:8px">{escape(sentence)}</div>'
    )


def table(rows: Sequence[Mapping[str, str]]) -> str:
    r"""Return a Markdown table with one line a row; the columns are the names met, in order.

    Examples
    --------
    >>> print(table([{"T": "1.8", "|m|": "0.95"}, {"T": "3"}]))
    | T | \|m\| |
    |---|---|
    | 1.8 | 0.95 |
    | 3 |  |
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in cells) + " |"

    body = [line([row.get(name, "") for name in columns]) for row in rows]
    return "\n".join([line(columns), "|" + "---|" * len(columns), *body])


def listed(items: Sequence[str]) -> str:
    """Return "a, b and c".

    Examples
    --------
    >>> listed(["1.8", "2.27", "3"])
    '1.8, 2.27 and 3'
    """
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))
