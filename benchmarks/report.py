"""The report: one table of what was asked for and what was reached, the details of every bench, and the machine."""

from __future__ import annotations

import os
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import limits
from harness import BENCHES, Goal, Result, measure, number

PACKAGES = ("numpy", "numba", "scipy", "torch", "matplotlib")
PEERS = (
    "scikit-learn", "jax", "curvlinops-for-pytorch", "hessian-eigenthings", "PyHessian", "loss-landscapes", "mcising",
    "peapods", "dwave-samplers", "openjij",
)  # fmt: skip


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def share(result: Result, name: str) -> str:
    """Return how much of the machine's limit a contender reaches."""
    limit = result.subject.limit
    return "" if limit is None else f"{100 * limit.value / result.time(name).median:.0f} % of {limit.name}"


def judged(result: Result, goal: Goal) -> tuple[str, ...]:
    """Return the line of the summary for one goal."""
    subject, own = result.subject, goal.of or result.first
    work = f"{subject.title}: {own}" + (f", over {goal.over}" if goal.over else "")
    wanted = f"{number(goal.least)} times" if goal.over else f"at most {number(goal.most)} {subject.unit}"
    missing = [name for name in (own, goal.over) if name and name not in result.times]
    if missing:
        return work, wanted, f"not measured: {missing[0]} is not here", "", "–"
    reached = result.ratio(goal.over, own) if goal.over else result.time(own)
    met = reached.median >= goal.least if goal.over else reached.median <= goal.most
    return work, wanted, str(reached), share(result, own), "yes" if met else "**no**"


def summary(results: list[Result]) -> str:
    """Return the table at the top; a bench without goals in numbers shows its first peer."""
    rows: list[tuple[str, ...]] = []
    for result in results:
        rows += [judged(result, goal) for goal in result.subject.goals]
        if not result.subject.goals:
            others = [name for name in result.times if name != result.first]
            over = f", over {others[0]}" if others else ""
            reached = str(result.ratio(others[0])) if others else str(result.time(result.first))
            work = f"{result.subject.title}: {result.first}{over}"
            rows.append((work, result.subject.goal or "–", reached, share(result, result.first), "–"))
    return table(("work", "goal", "measured", "share of the machine's limit", "met"), rows)


def details(result: Result) -> str:
    """Return the section of one bench."""
    subject = result.subject
    goal = f" Goal: {subject.goal}." if subject.goal else ""
    rows = [
        (name, str(result.time(name)), "1" if name == result.first else str(result.ratio(name)), share(result, name))
        for name in result.times
    ]
    parts = [f"## {subject.title}", subject.note + goal, table(("contender", subject.unit, "ratio", "limit"), rows)]
    if subject.limit:
        parts.append(f"Limit: {subject.limit.name} allows {number(subject.limit.value)} {subject.unit}.")
    parts += [f"Not here: {name} ({why})." for name, why in subject.absent.items()]
    return "\n\n".join(parts)


def _versions(packages: tuple[str, ...]) -> str:
    found = []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not here")
    return ", ".join(found)


def machine() -> str:
    """Describe what the numbers depend on."""
    model, information = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if information.exists():
        names = [line.split(":", 1)[1].strip() for line in information.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return "\n\n".join(
        [
            "## The machine",
            f"{model}, {os.cpu_count()} cores; one thread unless a bench says otherwise. Measured in this run:",
            table(("limit", "one core"), limits.described()),
            f"Python {platform.python_version()}, {_versions(PACKAGES)}. Peers: {_versions(PEERS)}.",
        ]
    )


def report(names: list[str], rounds: int) -> tuple[str, list[str]]:
    """Run the benches; return the report as Markdown, and which of them failed. Show each bench when it is done."""
    limits.described()  # first, so that no bench waits for them
    results, failed = [], {}
    for name in names:
        start = time.perf_counter()
        try:
            results.append(measure(BENCHES[name](), rounds))
        except Exception:  # the others are worth having
            failed[name] = traceback.format_exc()
        shown = f"{name} failed:\n{failed[name]}" if name in failed else details(results[-1])
        print(f"{shown}\n\n({name} took {time.perf_counter() - start:.0f} s)\n", file=sys.stderr, flush=True)
    head = (
        "Written by `make bench`; do not edit. "
        f"Contenders take turns in {rounds} rounds; shown are the median and, in brackets, the lowest and the highest. "
        "Ratios are formed within a round: how many times as long as ours. Times are processor time, unless a bench "
        "says wall. A limit is what this machine can do at most, measured in the same run."
    )
    parts = ["# Benchmarks", head, summary(results)]
    parts += [f"Failed: {name} ({said.strip().splitlines()[-1]})." for name, said in failed.items()]
    return "\n\n".join([*parts, *map(details, results), machine()]) + "\n", list(failed)
