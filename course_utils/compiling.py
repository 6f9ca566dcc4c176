"""One way to compile the inner loops: cached between sessions where the disk allows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Only the liberties that keep infinities and NaN what they are: a walker that runs away must be seen to run away.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "nsz", "arcp"}}


def kernel(function: Function) -> Function:
    """Compile a loop over arrays; keep the machine code on disk, or do without where no folder can be written.

    The loop lets go of the interpreter lock, so that threads can run several at once. All loops that call each other
    stand in one file, because numba notices a change only in the file of the outermost one.
    """
    try:
        return numba.njit(cache=True, nogil=True, **_OPTIONS)(function)
    except RuntimeError as error:
        # Numba's words when neither the package's folder nor the user's cache can be written.
        if "no locator available" not in str(error):
            raise
        return numba.njit(nogil=True, **_OPTIONS)(function)


def part(function: Function) -> Function:
    """Compile a piece of a loop: it is written out wherever it is called, so that the loop can use the vector unit."""
    return numba.njit(inline="always", **_OPTIONS)(function)
