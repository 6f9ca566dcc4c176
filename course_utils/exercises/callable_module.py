"""A module that can be called: `progress()` and `quiz("11")` share their names with the files they live in.

Python binds a submodule's name in its package as soon as anybody imports the submodule. A function of the same name
would then be there or not, depending on the order of imports. A callable module is the same thing in both cases.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any


def make_callable(name: str, function: Callable[..., Any]) -> None:
    """Let the module ``name`` be called as ``function``.

    Parameters
    ----------
    name : str
        The module's ``__name__``; it must be imported already.
    function : callable
        What a call of the module does.
    """

    class CallableModule(types.ModuleType):
        __doc__ = function.__doc__

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

    sys.modules[name].__class__ = CallableModule
