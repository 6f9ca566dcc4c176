"""Long work shows how far it is, and can be stopped without losing what was done."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm.auto import tqdm


@contextmanager
def interruptible(total: float, what: str) -> Iterator[Any]:
    """Show a bar once the work has taken more than a second; turn an interrupt into a warning.

    Parameters
    ----------
    total : float
        How much there is to do, in the units of the bar's ``update``.
    what : str
        What is being done.
    """
    # tqdm's notebook bar does not look at TQDM_DISABLE itself
    hidden = os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    look = {"delay": 1.0, "leave": False, "bar_format": "{desc}: {percentage:3.0f}%|{bar}|"}
    with tqdm(total=total, desc=what, disable=hidden, **look) as bar:
        try:
            yield bar
            bar.update(total - bar.n)  # a bar that is left unfinished turns red and stays on the page
        except KeyboardInterrupt:
            warnings.warn(f"{what}: interrupted; what was computed until now is returned", stacklevel=4)
