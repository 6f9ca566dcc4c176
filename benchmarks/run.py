"""Speed and memory beside the peers, in one run: ``python benchmarks/run.py [bench ...] [--rounds N] [--write]``.

All contenders of a bench take turns in every round, so that a busy moment of the machine hits all of them, and ratios
are formed within a round before the median is taken. ``--write`` writes the report to ``benchmarks/README.md``.
Nothing here is a test: tests are never timed. Peers that are not installed are named and left out; ``make bench``
installs them into a folder of their own, so that they cannot change what the lessons use.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from harness import BENCHES

README = Path(__file__).with_name("README.md")
SUITES = ("networks", "phase_diagram", "curvature", "landscapes", "spins", "glasses", "walkers", "memory", "panels")


def load() -> None:
    """Register the benches of all suites."""
    for suite in SUITES:
        import_module(suite)


def main() -> None:
    load()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="bench", help=f"which to run: {', '.join(BENCHES)} (all)")
    parser.add_argument("--rounds", type=int, default=7, help="how many rounds (7)")
    parser.add_argument("--write", action="store_true", help="write benchmarks/README.md")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown or options.rounds < 1:
        parser.error(f"bench must be one of {', '.join(BENCHES)}, rounds at least 1; got {unknown or options.rounds}")
    from report import report  # here: it loads what --help does not need

    text, failed = report(options.names or list(BENCHES), options.rounds)
    if options.write:
        README.write_text(text, encoding="utf-8")
    else:
        print(text)
    if failed:
        parser.exit(1, f"These failed: {', '.join(failed)}\n")


if __name__ == "__main__":
    main()
