"""A sweep: one function, a grid of settings, several seeds; kept on disk as it goes, on one core or on a cluster."""

from __future__ import annotations

import inspect
import itertools
import os
import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from course_utils.backends import computed, dask
from course_utils.interrupts import interruptible
from course_utils.results import Point, SweepError, SweepResult, Values, assembled, plain
from course_utils.seeding import seed as lesson_seed
from course_utils.storage import Store
from course_utils.validation import function as callable_
from course_utils.validation import one_of, whole

BACKENDS = ("here", "cores", "dask")


def sweep(
    function: Callable[..., Any],
    grid: Mapping[str, Collection[Any]] | Sequence[Mapping[str, Any]],
    *,
    folder: str | os.PathLike[str] | None = None,
    backend: str = "here",
    workers: int | None = None,
    seeds: int | Sequence[int],
) -> SweepResult:
    """Compute ``function(**setting, seed=...)`` for each setting of a grid and each seed.

    Parameters
    ----------
    function : callable
        Takes the settings and ``seed`` by name; returns a number, an array, text, or a dictionary of those. Where it
        runs in another process or is kept on disk, it must be defined with ``def``.
    grid : mapping of str to collection, or sequence of mappings
        The values of each setting, of which all combinations are taken (the last name varies fastest); or the settings
        one by one. Values are numbers, text, True, False, None, or lists of those.
    folder : path, optional
        Where to keep each point as soon as it is computed. The same sweep with the same folder, after an interruption
        or a kill, goes on where it was; a larger grid or more seeds compute only what is new. A point is known by the
        function's name, the setting and the seed; if the function's own source has changed, it is computed again (what
        the function calls is not looked at: take a new folder when that has changed).
    backend : {"here", "cores", "dask"}
        In this process; in processes on the cores of this machine (with one core or worker, in this process); or on
        the Dask cluster whose ``Client`` is open, or else one that is started on this machine for the while.
    workers : int, optional
        How many points at a time at most; never more than there are cores here, with `threads.threads` threads each.
        On a Dask cluster, its own size is the limit.
    seeds : int or sequence of int
        How many seeds (those of the lesson, `seeding.seed` 0, 1, …), or which ones. The function does not get these
        numbers, but one made from the seed and the setting: streams differ from point to point, and do not depend on
        what else is in the grid, on the order, or on where a point is computed.

    Returns
    -------
    SweepResult
        Records in the order of the grid, and ``.estimates(name)`` over the seeds.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, the function does not take the settings, or there is something to compute
        and nothing can be written in the folder; before any work.
    ModuleNotFoundError, RuntimeError
        If ``backend`` is "dask" and the package distributed is not installed, or the cluster has no worker.
    SweepError
        If the function failed at some points, after all the others were computed; it names the settings, and has the
        others in ``.result``.

    Notes
    -----
    An interrupt (the stop button) returns what was computed so far; ``.missing`` lists the rest. If the disk fills up,
    the sweep says so, goes on, and returns everything all the same. If a worker process
    dies, what was under way is computed again: on a Dask cluster that worker's point, on local cores the current point
    of each worker, for they stand and fall together. A point at which workers die again and again counts as failed. A
    script with another backend than "here" needs the usual ``if __name__ == "__main__":``.

    Examples
    --------
    >>> import numpy as np
    >>> def noisy_energy(temperature, *, seed):
    ...     return {"energy": temperature / 2 + 0.1 * np.random.default_rng(seed).standard_normal()}
    >>> result = sweep(noisy_energy, {"temperature": [1.0, 2.0]}, seeds=[1, 2, 3, 4])
    >>> [abs(e.z(t)) < 4 for e, t in zip(result.estimates("energy"), [0.5, 1.0])]
    [True, True]
    """
    callable_("function", function)
    one_of("backend", backend, BACKENDS)
    if workers is not None:
        whole("workers", workers)
    settings, shape = _settings(grid)
    numbers = _seeds(seeds)
    _takes(function, settings[0])
    _can_travel(function, backend, folder)
    points = [Point(setting, number) for setting in settings for number in numbers]
    if len({point.digest() for point in points}) < len(points):
        raise ValueError("grid and seeds must not hold the same setting twice, nor the same seed")
    store = None if folder is None else Store(folder, function)
    found = {} if store is None else store.load(points)
    if store is not None and len(found) < len(points):
        store.try_out()
    failures = _complete(function, points, found, store, backend, workers)
    result = assembled(settings, shape, points, found)
    if failures:
        raise SweepError(result, failures)
    return result


def _complete(
    function: Callable[..., Any],
    points: list[Point],
    found: dict[Point, Values],
    store: Store | None,
    backend: str,
    workers: int | None,
) -> dict[Point, str]:
    """Compute what is not in ``found``, and keep it there and on disk; return what failed."""
    failures: dict[Point, str] = {}
    name = getattr(function, "__name__", type(function).__name__)
    with interruptible(len(points), f"sweep of {name}") as bar:
        bar.update(len(found))
        todo = [point for point in points if point not in found]
        for point, outcome in computed(function, todo, backend, workers):
            if isinstance(outcome, str):
                failures[point] = outcome
            else:
                found[point] = outcome
                if store is not None:
                    store.keep(point, outcome)
            bar.update(1)
    if store is not None:
        store.settle()
    return failures


def _settings(grid: Any) -> tuple[list[dict[str, Any]], tuple[int, ...]]:
    takes = "grid must be a dictionary of the values of each setting, or a list of dictionaries with the same names"
    if isinstance(grid, Mapping):
        axes = {name: _values(name, values) for name, values in grid.items()}
        settings = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
        shape = tuple(len(values) for values in axes.values())
    elif isinstance(grid, (list, tuple)) and all(isinstance(setting, Mapping) for setting in grid):
        settings = [{name: plain(str(name), value) for name, value in setting.items()} for setting in grid]
        shape = (len(settings),)
    else:
        raise TypeError(f"{takes}; got {grid!r:.80}, a {type(grid).__name__}")
    if not settings or not settings[0] or any(set(setting) != set(settings[0]) for setting in settings):
        raise ValueError(f"{takes}; got {grid!r:.80}")
    for name in settings[0]:
        if not isinstance(name, str) or not name.isidentifier() or name == "seed":
            raise ValueError(f"{takes}; a name must be that of an argument, other than seed; got {name!r}")
    return settings, shape


def _values(name: Any, values: Any) -> list[Any]:
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__") or not hasattr(values, "__len__"):
        raise TypeError(f"grid must hold a list of values for {name}; got {values!r:.80}, a {type(values).__name__}")
    if len(values) == 0:
        raise ValueError(f"grid must hold at least one value for {name}; got {values!r:.80}")
    return [plain(str(name), value) for value in values]


def _seeds(seeds: Any) -> list[int]:
    if isinstance(seeds, (Sequence, range)) and not isinstance(seeds, str):
        if not len(seeds):
            raise ValueError(f"seeds must be how many, or a list of at least one; got {seeds!r}")
        return [whole("seeds", number, least=0) for number in seeds]
    return [lesson_seed(number) for number in range(whole("seeds", seeds))]


def _takes(function: Callable[..., Any], setting: Mapping[str, Any]) -> None:
    """Raise if the function cannot be called with such a setting and a seed."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a function in C may hide what it takes
        return
    try:
        signature.bind(**setting, seed=0)
    except TypeError as error:
        names = ", ".join([*setting, "seed"])
        raise TypeError(f"function must take {names} by name; it takes {signature}: {error}") from error


def _can_travel(function: Any, backend: str, folder: Any) -> None:
    """Raise if the function cannot be known by its name, or cannot be sent to where it should run."""
    if folder is not None:
        if not isinstance(folder, (str, os.PathLike)):
            raise TypeError(f"folder must be a path; got {folder!r:.80}, a {type(folder).__name__}")
        if getattr(function, "__name__", "<lambda>") == "<lambda>" or not hasattr(function, "__qualname__"):
            raise ValueError(
                f"function must be defined with def, to be known by its name in a folder; got {function!r:.80}"
            )
    if backend == "dask":
        dask()
    if backend != "here":
        from joblib import wrap_non_picklable_objects

        try:
            pickle.dumps(wrap_non_picklable_objects(function))
        except Exception as error:
            raise TypeError(f"function must be one that can be sent to another process; {error}") from error
