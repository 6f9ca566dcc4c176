"""One way to compile the inner loops: cached between sessions where the disk allows it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Only the liberties that keep infinities and NaN what they are: a walker that runs away must be seen to run away.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "nsz", "arcp"}}

_told: set[str] = set()


def kernel(function: Function) -> Function:
    """Compile a loop over arrays; keep the machine code on disk, or say once that the disk does not take it.

    The loop lets go of the interpreter lock, so that threads can run several at once. All loops that call each other
    stand in one file, because numba notices a change only in the file of the outermost one.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True, **_OPTIONS)(function)
    except RuntimeError as error:
        # Numba's words when neither the package's folder nor the user's cache can be written.
        if "no locator available" not in str(error):
            raise
        _tell("there is no folder that may be written in")
        return numba.njit(nogil=True, **_OPTIONS)(function)
    # Numba lets a disk that fills up break the computation, after it has compiled all that it needs.
    cache = getattr(compiled, "_cache", None)
    for name in ("load_overload", "save_overload"):
        if hasattr(cache, name):
            setattr(cache, name, _whatever_the_disk_says(getattr(cache, name)))
    return compiled


def part(function: Function) -> Function:
    """Compile a piece of a loop: it is written out wherever it is called, so that the loop can use the vector unit."""
    return numba.njit(inline="always", **_OPTIONS)(function)


def _whatever_the_disk_says(action: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what reads or writes the cache: where it fails, nothing was found, or nothing is kept."""

    @functools.wraps(action)
    def forgiving(*args: Any, **kwargs: Any) -> Any:
        try:
            return action(*args, **kwargs)
        except OSError as error:
            _tell(error.strerror or type(error).__name__)
            return None

    return forgiving


def _tell(reason: str) -> None:
    """Say it once a session; the work goes on."""
    if not _told:
        _told.add(reason)
        print(
            f"Compiled loops cannot be kept on this disk ({reason}): each new kernel compiles them again, which takes "
            "some seconds. Set NUMBA_CACHE_DIR to a folder with room that you may write in to keep them."
        )
