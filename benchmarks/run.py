"""Speed beside the peers, in one run: ``python benchmarks/run.py [bench ...] [--rounds N] [--write]``.

All contenders of a bench take turns in every round, so that a busy moment of the machine hits all of them, and ratios
are formed within a round before the median is taken. Times are processor time of one thread, unless a bench says wall.
``--write`` writes the table to ``benchmarks/README.md``. Nothing here is a test: tests are never timed.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

# Before numpy and torch are loaded: one thread each.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TQDM_DISABLE", "1")

README = Path(__file__).with_name("README.md")


@dataclass(frozen=True)
class Bench:
    """Contenders that do the same work; each returns its time in the bench's unit. The first one is ours."""

    title: str
    unit: str
    note: str
    contenders: dict[str, Callable[[], float]]
    goal: str = ""


BENCHES: dict[str, Callable[[], Bench]] = {}


def bench(build: Callable[[], Bench]) -> Callable[[], Bench]:
    """Register a function that prepares a bench; it runs only if the bench is asked for."""
    BENCHES[build.__name__] = build
    return build


def cpu(work: Callable[[], object], *, per: float = 1.0) -> Callable[[], float]:
    """Return a function that measures the processor seconds of ``work``, divided by ``per``."""

    def measure() -> float:
        start = time.process_time()
        work()
        return (time.process_time() - start) / per

    work()  # compile, and fill the caches
    return measure


def fresh_python(code: str) -> Callable[[], float]:
    """Return a function that runs code in a new interpreter and reads the seconds that it prints."""

    def measure() -> float:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return float(done.stdout)

    measure()  # read the files from the disk once
    return measure


@bench
def imports() -> Bench:
    """Import the course beside torch, which a learner imports anyway."""
    clock = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
    return Bench(
        title="Import",
        unit="s (wall)",
        note="New interpreter each time; `course_utils` loads its rooms when they are first used.",
        contenders={
            "course_utils": fresh_python(clock.format("course_utils")),
            "torch": fresh_python(clock.format("torch")),
        },
        goal="below 3 % of torch",
    )


@bench
def langevin() -> Bench:
    """Move an ensemble of walkers in the double well, per walker and step."""
    import numpy as np
    import torch

    from course_utils.dynamics import langevin as walkers
    from course_utils.models import DoubleWell

    torch.set_num_threads(1)
    count, step, heat = 4096, 2e-3, 0.25
    well, start = DoubleWell(), np.full(count, -1.0)
    kick = np.float32(np.sqrt(2 * heat * step))
    random = np.random.default_rng(0)

    def ours() -> object:
        return walkers.walk_quartic(well, start, temperature=heat, time_step=step, steps=4000, seed=1)

    def escapes() -> object:
        return walkers.escape_times(
            well, start=-1.0, target=9.0, temperature=heat, time_step=step, walkers=count, longest=4000 * step, seed=1
        )

    def numpy_loop() -> None:
        x = start.astype(np.float32)
        for _ in range(200):
            x = x - np.float32(4 * step) * x * (x * x - 1) + kick * random.standard_normal(count, dtype=np.float32)

    def torch_loop() -> None:
        x = torch.full((count,), -1.0)
        for _ in range(200):
            x = x - (4 * step) * x * (x * x - 1) + float(kick) * torch.randn(count)

    def plain() -> object:
        return walkers.walk(well.force, start, temperature=heat, time_step=step, steps=200, seed=1)

    nano = 1e-9 * count
    return Bench(
        title="Langevin ensemble",
        unit="ns per walker-step",
        note=f"{count} walkers in the double well, one thread; numpy and torch by the book, in single precision.",
        contenders={
            "walk_quartic (compiled)": cpu(ours, per=4000 * nano),
            "escape_times (compiled)": cpu(escapes, per=4000 * nano),
            "numpy": cpu(numpy_loop, per=200 * nano),
            "torch": cpu(torch_loop, per=200 * nano),
            "walk (any force, double precision)": cpu(plain, per=200 * nano),
        },
        goal="5 times as fast as numpy",
    )


@bench
def crossing() -> Bench:
    """Move walkers in the landscape of Müller and Brown, per walker and step."""
    import numpy as np

    from course_utils.dynamics import langevin as walkers
    from course_utils.models import MuellerBrown

    landscape = MuellerBrown()
    valley, target, _ = landscape.minima
    count, step = 1024, 1e-5
    start = np.tile(valley, (count, 1))

    def compiled() -> object:
        return walkers.crossing_times(
            landscape, start=valley, target=target, radius=0.1, temperature=5.0, time_step=step, walkers=count,
            longest=4000 * step, seed=1,
        )  # fmt: skip

    def plain() -> object:
        return walkers.walk(landscape.force, start, temperature=5.0, time_step=step, steps=20, seed=1)

    return Bench(
        title="Müller–Brown landscape",
        unit="ns per walker-step",
        note=f"{count} walkers in valley A at kT = 5, one thread.",
        contenders={
            "crossing_times (compiled)": cpu(compiled, per=4000e-9 * count),
            "walk (any force, numpy)": cpu(plain, per=20e-9 * count),
        },
    )


@bench
def annealing() -> Bench:
    """Random-site Metropolis on a glass of ten spins, per attempted flip."""
    import numpy as np

    from course_utils.dynamics import annealing as cooling
    from course_utils.models import SpinGlass

    glass, betas, runs = SpinGlass.draw(10, seed=4), np.linspace(0, 6, 400), 2000
    random = np.random.default_rng(0)

    def vectorised() -> None:
        spins = random.choice([-1.0, 1.0], size=(runs, 10))
        every = np.arange(runs)
        for beta in betas[:50]:
            site = random.integers(10, size=runs)
            cost = 2 * spins[every, site] * (glass.couplings[site] * spins).sum(1)
            flip = random.random(runs) < np.exp(-beta * np.maximum(cost, 0))
            spins[every[flip], site[flip]] *= -1

    return Bench(
        title="Annealing",
        unit="ns per attempted flip",
        note=f"{runs} runs of a 10-spin glass, one thread; numpy vectorised over the runs.",
        contenders={
            "anneal (compiled)": cpu(lambda: cooling.anneal(glass, betas, runs=runs, seed=1), per=400e-9 * runs),
            "numpy": cpu(vectorised, per=50e-9 * runs),
        },
    )


@bench
def redraw() -> Bench:
    """Turn the knob of lesson 11, beside the bare cost of drawing a figure anew."""
    from course_utils import knobs, plots
    from course_utils.knobs.lesson_11 import travellers

    panel = knobs.panel(
        travellers,
        draw=plots.travellers,
        still=(0.1, 0.25, 0.6),
        title="A thousand travellers",
        alt="Walkers in the double well at several temperatures.",
        temperature=knobs.Knob(0.05, 1.0, start=0.25, step=0.01),
    )

    def anew() -> bytes:
        figure = plots.figure()
        plots.travellers(figure, travellers(0.25), None)
        return plots.png(figure)

    return Bench(
        title="Redraw of a panel",
        unit="ms",
        note="Kernel side only: from the new setting to the bytes of the picture; the panel's time is wall time.",
        contenders={"panel, figure used again": panel.latency, "figure made anew": cpu(anew, per=1e-3)},
        goal="below 120 ms",
    )


def measure(subject: Bench, rounds: int) -> list[tuple[str, str, str]]:
    """Let all contenders take turns; return (contender, median and range, ratio to ours and its range)."""
    times: dict[str, list[float]] = {name: [] for name in subject.contenders}
    for turn in range(rounds):
        # Every other round backwards: nobody always runs first.
        names = list(subject.contenders)[:: 1 if turn % 2 == 0 else -1]
        for name in names:
            times[name].append(subject.contenders[name]())
    first = next(iter(times))
    rows = []
    for name, values in times.items():
        ratios = [value / own for value, own in zip(values, times[first], strict=True)]
        shown = f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"
        beside = "1" if name == first else f"{statistics.median(ratios):.3g} ({min(ratios):.3g} to {max(ratios):.3g})"
        rows.append((name, shown, beside))
    return rows


def machine() -> str:
    """Describe what the numbers depend on."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [line.split(":", 1)[1].strip() for line in information.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    packages = [f"{package} {version(package)}" for package in ("numpy", "numba", "scipy", "torch", "matplotlib")]
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, {', '.join(packages)}."


def report(names: list[str], rounds: int) -> str:
    """Run the benches and return the report as Markdown."""
    parts = [
        "# Benchmarks",
        "Written by `python benchmarks/run.py --write`; do not edit. "
        f"Contenders take turns in {rounds} rounds; shown are the median and, in brackets, the lowest and the highest. "
        "Ratios are formed within a round: how many times as long as the first line.",
        machine(),
    ]
    for name in names:
        subject = BENCHES[name]()
        parts.append(f"## {subject.title}")
        parts.append(subject.note + (f" Goal: {subject.goal}." if subject.goal else ""))
        lines = [f"| contender | {subject.unit} | ratio |", "|---|---|---|"]
        lines += [f"| {who} | {shown} | {beside} |" for who, shown, beside in measure(subject, rounds)]
        parts.append("\n".join(lines))
        print(f"{subject.title}\n" + "\n".join(lines) + "\n", file=sys.stderr, flush=True)
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="bench", help=f"which to run: {', '.join(BENCHES)} (all)")
    parser.add_argument("--rounds", type=int, default=7, help="how many rounds (7)")
    parser.add_argument("--write", action="store_true", help="write benchmarks/README.md")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown or options.rounds < 1:
        parser.error(f"bench must be one of {', '.join(BENCHES)}, rounds at least 1; got {unknown or options.rounds}")
    text = report(options.names or list(BENCHES), options.rounds)
    if options.write:
        README.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
