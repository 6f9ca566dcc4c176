"""Where the points of a sweep are computed: in this process, on the cores of this machine, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from course_utils import threads
from course_utils.results import Point, Values, packed

Outcome = Values | str
"""What became of a point: its values, or the reason why it failed."""

Job = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

# How often a point is begun whose worker dies: then the point itself is to blame, before it may have been an accident.
# Dask by itself has tried several times before it reports a death.
_TRIES_ON_CORES, _TRIES_ON_DASK = 3, 2

# How long a Dask cluster may take for its first worker, in seconds.
_PATIENCE = 60.0


def attempt(function: Callable[..., Any], point: Point) -> Outcome:
    """Compute one point with the threads that one simulation is given; an exception becomes the reason of its failure.

    Returns
    -------
    dict or str
        The values as arrays by name, or what went wrong.
    """
    try:
        with threads.limit_threads():
            values = packed(function(**point.setting, seed=point.stream))
        taken = sorted({*point.setting, "seed"} & set(values))
        if taken:
            raise ValueError(f"the function returned {taken[0]!r}, which is the name of a setting")
        return values
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"


def _numbered(number: int, function: Callable[..., Any], point: Point) -> tuple[int, Outcome]:
    return number, attempt(function, point)


def computed(
    function: Callable[..., Any], points: Sequence[Point], backend: str, workers: int | None
) -> Iterator[tuple[Point, Outcome]]:
    """Yield each point with what became of it, in the order in which they are finished.

    Parameters
    ----------
    function : callable
        Takes the settings and ``seed`` by name.
    points : sequence of Point
        What to compute.
    backend : {"here", "cores", "dask"}
        Where.
    workers : int, optional
        How many points at a time at most.

    Raises
    ------
    ModuleNotFoundError
        If ``backend`` is "dask" and the package distributed is not installed.
    """
    if backend == "here" or not points:
        for point in points:
            yield point, attempt(function, point)
    elif backend == "cores":
        most = threads.workers(workers)
        yield from _until_done(function, points, lambda jobs: _on_cores(jobs, most), BrokenProcessPool, _TRIES_ON_CORES)
    else:
        distributed = dask()
        with _client(distributed, workers) as client:
            yield from _until_done(
                function, points, lambda jobs: _on_dask(jobs, client, workers), distributed.KilledWorker, _TRIES_ON_DASK
            )


def _until_done(
    function: Callable[..., Any],
    points: Sequence[Point],
    run: Callable[[Iterable[Job]], Iterable[tuple[int, Outcome]]],
    death: type[BaseException],
    tries: int,
) -> Iterator[tuple[Point, Outcome]]:
    """Yield each point's outcome; what was under way when a worker died comes again at the end, one at a time."""
    waiting, deaths = dict(enumerate(points)), dict.fromkeys(range(len(points)), 0)
    while waiting:
        fresh = [number for number in waiting if not deaths[number]]
        under_way: set[int] = set()

        def jobs(numbers: list[int], begun: set[int]) -> Iterator[Job]:
            for number in numbers:
                begun.add(number)
                yield _numbered, (number, function, points[number]), {}

        try:
            for number, outcome in run(jobs(fresh or [next(iter(waiting))], under_way)):
                under_way.discard(number)
                yield waiting.pop(number), outcome
        except death:
            warnings.warn("a worker process died; what it was computing is computed again", stacklevel=4)
            for number in under_way:
                deaths[number] += 1
                if deaths[number] >= tries:
                    yield waiting.pop(number), "its worker process died again and again (out of memory?)"


def _on_cores(jobs: Iterable[Job], workers: int) -> Iterable[tuple[int, Outcome]]:
    from joblib import Parallel, parallel_config

    with parallel_config(backend="loky", inner_max_num_threads=threads.threads()):
        side_by_side = Parallel(workers, return_as="generator_unordered", pre_dispatch=workers, batch_size=1)
        yield from side_by_side(jobs)


def dask() -> Any:
    """Return the package distributed.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise ModuleNotFoundError(
            "backend='dask' needs the package distributed, which the extra 'dask' of this course brings: "
            "pip install 'physics-lens-on-deep-learning[dask]'"
        ) from error


@contextlib.contextmanager
def _client(distributed: Any, workers: int | None) -> Iterator[Any]:
    """Yield the client that is open already, or one of a cluster on this machine that is closed at the end."""
    try:
        there = distributed.default_client()
    except ValueError:
        there = None
    if there is not None:
        try:
            there.wait_for_workers(1, timeout=_PATIENCE)
        except distributed.TimeoutError as error:
            raise RuntimeError(f"the Dask cluster has no worker after {_PATIENCE:g} seconds: {there}") from error
        yield there
        return
    with (
        distributed.LocalCluster(
            n_workers=threads.workers(workers), threads_per_worker=1, dashboard_address=None
        ) as own,
        distributed.Client(own) as client,
    ):
        yield client


def _on_dask(jobs: Iterable[Job], client: Any, workers: int | None) -> Iterable[tuple[int, Outcome]]:
    from joblib import Parallel
    from joblib._dask import DaskDistributedBackend

    class Telling(DaskDistributedBackend):
        """Joblib's Dask back end, mended in two places."""

        def effective_n_jobs(self, n_jobs: int) -> int:
            # With one worker joblib would compute in this process, which has to survive; with none (while those that
            # died are started again) it would give up.
            return max(2, sum(client.ncores().values()))

        def submit(self, func: Any, callback: Any = None) -> Any:
            # Joblib waits for ever for a task that Dask has given up: pass its error on.
            future = super().submit(func, callback)
            future.add_done_callback(lambda done: callback(done.exception()) if done.exception() else None)
            return future

        def retrieve_result_callback(self, out: Any) -> Any:
            if isinstance(out, BaseException):
                raise out
            return super().retrieve_result_callback(out)

    side_by_side = Parallel(
        backend=Telling(client=client),
        return_as="generator_unordered",
        pre_dispatch="2 * n_jobs" if workers is None else workers,
        batch_size=1,
    )
    yield from side_by_side(jobs)
