"""What works on this machine, in words: versions, live widgets, threads, speed."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils import threads
from course_utils.versions import LEAST_PYTHON, LEAST_VERSIONS, installed
from course_utils.versions import numbers as _version

SHOWN = ("torch", "numpy", "scipy", "matplotlib", "ipywidgets", "numba")
"""Packages that a learner may have heard of; of the others only trouble is told."""

REFERENCE_SECONDS = 0.58
"""Seconds that `work` takes on one idle core of the machine that measured the times in the lessons' headers."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is fine, what was seen, and what to do if it is not."""

    fine: bool
    seen: str
    advice: str = ""


class Report:
    """What was found; displays itself as a list in words."""

    def __init__(self, findings: list[Finding]) -> None:
        """Keep the findings."""
        self.findings = findings

    @property
    def fine(self) -> bool:
        """Whether everything works."""
        return all(finding.fine for finding in self.findings)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the report as Markdown and as text."""
        lines = [
            f"{'works' if f.fine else 'look here'}: {f.seen}" + (f" {f.advice}" if f.advice else "")
            for f in self.findings
        ]
        end = (
            "Everything works: go on."
            if self.fine
            else "Most lessons will still run; the lines above say what to mend."
        )
        return {
            "text/markdown": "\n".join(f"- {line}" for line in lines) + f"\n\n**{end}**",
            "text/plain": "\n".join([*lines, end]),
        }


def check() -> Report:
    """Look at Python, the packages, the widgets, the threads and the speed; takes about half a second.

    Returns
    -------
    Report
        One finding a line, in words, with what to do where something is missing.
    """
    packages = [(name, _package(name)) for name in LEAST_VERSIONS]
    told = [finding for name, finding in packages if name in SHOWN or not finding.fine]
    return Report([_python(), *told, _widgets(), _threads(), _speed()])


def _python() -> Finding:
    seen = f"Python {platform.python_version()}"
    if _version(platform.python_version()) >= LEAST_PYTHON:
        return Finding(True, seen)
    return Finding(False, seen, f"The course needs Python {'.'.join(map(str, LEAST_PYTHON))} or later.")


def _package(name: str) -> Finding:
    least, found = LEAST_VERSIONS[name], installed(name)
    if found is None:
        return Finding(False, f"{name} is not installed.", f"Install it with: pip install '{name}>={least}'")
    if _version(found) >= _version(least):
        return Finding(True, f"{name} {found}")
    return Finding(False, f"{name} {found} is too old.", f"Update it with: pip install -U '{name}>={least}'")


def _widgets() -> Finding:
    """Say whether a kernel is there that widgets can talk through; whether a page listens, only the reader can see."""
    try:
        from IPython.core.getipython import get_ipython

        kernel = getattr(get_ipython(), "kernel", None)
    except ImportError:
        kernel = None
    if kernel is not None:
        return Finding(True, "a notebook kernel is running; the slider further down shows whether widgets are alive.")
    return Finding(False, "no notebook kernel.", "Open the lesson with: make lab")


def _threads() -> Finding:
    cores = threads.cores()
    return Finding(True, f"{cores} processor core{'s' if cores > 1 else ''}; simulations use one torch thread.")


def work() -> float:
    """Return the processor seconds of a fixed piece of work like that of the lessons: many small random steps."""
    rng = np.random.default_rng(0)
    positions = np.zeros(4096)
    started = time.process_time()
    for _ in range(2000):
        positions += 0.01 * (positions - positions**3) + 0.1 * rng.standard_normal(4096)
    return time.process_time() - started


def _speed() -> Finding:
    factor = work() / REFERENCE_SECONDS
    if factor < 2.0:
        return Finding(True, f"speed: lessons take about {factor:.1f} times the seconds in their headers.")
    return Finding(
        True,
        f"speed: slow today; lessons take about {factor:.0f} times the seconds in their headers.",
        "Close other notebooks, or have a cup of tea at Run All.",
    )
