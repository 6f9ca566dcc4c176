"""What every bench is made of: contenders that take turns, ratios within a round, limits, goals, and the report."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Before numpy, torch and JAX are loaded: one thread each.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

Measure = Callable[[], float]


@dataclass(frozen=True)
class Limit:
    """The least time, in the bench's unit, that the named limit of the machine allows for the same work."""

    name: str
    value: float


@dataclass(frozen=True)
class Goal:
    """What is asked for: a contender ``least`` times as fast as another (``over``), or ``most`` in the bench's unit.

    ``of`` names the contender that is meant; without it, the first.
    """

    over: str = ""
    least: float = 0.0
    most: float = 0.0
    of: str = ""


@dataclass(frozen=True)
class Bench:
    """Contenders that do the same work; each returns its time in the bench's unit. The first one is ours.

    ``goal`` is the goal in words; ``goals`` are the same as numbers, and the report says whether they are met.
    ``absent`` says of each peer that is not here, why. ``rounds``, if any, are the most that it needs.
    """

    title: str
    unit: str
    note: str
    contenders: dict[str, Measure]
    goal: str = ""
    limit: Limit | None = None
    absent: dict[str, str] = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()
    rounds: int = 0


@dataclass(frozen=True)
class Spread:
    """Median, lowest and highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Summarise these values."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        """Write the median, and the range in brackets."""
        return f"{number(self.median)} ({number(self.low)} to {number(self.high)})"


@dataclass(frozen=True)
class Result:
    """The times of a bench's contenders, round by round."""

    subject: Bench
    times: dict[str, list[float]]

    @property
    def first(self) -> str:
        """The contender that is ours."""
        return next(iter(self.times))

    def time(self, name: str) -> Spread:
        """Return the times of one contender."""
        return Spread.of(self.times[name])

    def ratio(self, name: str, to: str = "") -> Spread:
        """Return how many times as long ``name`` takes as ``to`` (as the first one), formed within each round."""
        own = self.times[to or self.first]
        return Spread.of([value / mine for value, mine in zip(self.times[name], own, strict=True)])


BENCHES: dict[str, Callable[[], Bench]] = {}


def bench(build: Callable[[], Bench]) -> Callable[[], Bench]:
    """Register a function that prepares a bench; it runs only if the bench is asked for."""
    BENCHES[build.__name__] = build
    return build


def number(value: float) -> str:
    """Three digits, and no exponent where none is needed."""
    return f"{value:.0f}" if 999.5 <= abs(value) < 1e7 else f"{value:.3g}"


def cpu(work: Callable[[], object], per: float = 1.0) -> Measure:
    """Return a function that measures the processor seconds of ``work`` (all threads), divided by ``per``."""

    def measured() -> float:
        start = time.process_time()
        work()
        return (time.process_time() - start) / per

    work()  # compile, and fill the caches
    return measured


def fresh_python(code: str, once_before: bool = True) -> Measure:
    """Return a function that runs code in a new interpreter and reads the last number that it prints."""

    def measured() -> float:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"a new interpreter failed: {done.stderr.strip().splitlines()[-1:]}")
        return float(done.stdout.split()[-1])

    if once_before:
        measured()  # read the files from the disk once
    return measured


def highest_memory() -> float:
    """Return this process's peak of resident memory in MB (2^20 B)."""
    # Not getrusage where it can be helped: there a child starts with its parent's peak.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def peak_memory(code: str) -> Measure:
    """Return a function that runs code in a new interpreter and returns its peak of resident memory in MB (2^20 B)."""
    there = str(Path(__file__).parent)
    ending = f"import sys; sys.path.insert(0, {there!r}); import harness; print(harness.highest_memory())"
    return fresh_python(f"{code}\n{ending}", once_before=False)


def peers(absent: dict[str, str], builders: Mapping[str, Callable[[], Measure]]) -> dict[str, Measure]:
    """Build the peers that are here; write into ``absent`` why the others are not."""
    found = {}
    for name, build in builders.items():
        try:
            found[name] = build()
        except Exception as error:
            said = (str(error).strip().splitlines() or [""])[0]
            absent[name] = f"{type(error).__name__}: {said}"[:160]
    return found


def measure(subject: Bench, rounds: int) -> Result:
    """Let all contenders take turns, every other round backwards: nobody always runs first."""
    times: dict[str, list[float]] = {name: [] for name in subject.contenders}
    for turn in range(min(rounds, subject.rounds or rounds)):
        for name in list(subject.contenders)[:: 1 if turn % 2 == 0 else -1]:
            times[name].append(subject.contenders[name]())
    return Result(subject, times)
