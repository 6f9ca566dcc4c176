"""The benches themselves: arithmetic, registration, the command. Nothing is timed here."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.networks import Population

FOLDER = Path(__file__).parents[1] / "benchmarks"

with mock.patch.dict(os.environ), mock.patch.object(sys, "path", [str(FOLDER), *sys.path]):
    harness, limits, report, run = (import_module(name) for name in ("harness", "limits", "report", "run"))
    networks, phase_diagram = import_module("networks"), import_module("phase_diagram")
    run.load()


def takes(*times):
    """A contender that takes these times, one after the other."""
    left = iter(times)
    return lambda: next(left)


def bench_of(contenders, **more):
    return harness.Bench(title="Work", unit="s", note="A note.", contenders=contenders, **more)


def test_ratios_are_formed_within_a_round():
    # all twice as slow in the second round: the ratios do not see it
    result = harness.measure(bench_of({"ours": takes(1.0, 2.0, 1.0), "peer": takes(10.0, 20.0, 30.0)}), 3)
    ratio = result.ratio("peer")
    assert (ratio.median, ratio.low, ratio.high) == (10.0, 10.0, 30.0)
    assert result.time("ours").median == 1.0
    assert result.ratio("ours", to="peer").median == pytest.approx(0.1)


def test_every_other_round_runs_backwards():
    seen = []
    contenders = {name: lambda name=name: seen.append(name) or 1.0 for name in "abc"}
    harness.measure(bench_of(contenders), 2)
    assert "".join(seen) == "abccba"


def test_a_bench_may_need_fewer_rounds():
    result = harness.measure(bench_of({"ours": takes(1.0, 1.0)}, rounds=2), 7)
    assert result.times == {"ours": [1.0, 1.0]}


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=9))
def test_spread_holds_the_median(values):
    spread = harness.Spread.of(values)
    assert spread.low <= spread.median <= spread.high
    assert spread.median == pytest.approx(np.median(values))


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0123456, "0.0123"), (12.345, "12.3"), (999.9, "1000"), (4321.0, "4321")]
)
def test_numbers_have_three_digits(value, shown):
    assert harness.number(value) == shown


def test_processor_time_is_divided():
    with mock.patch.object(harness.time, "process_time", side_effect=[1.0, 3.0]):
        measured = harness.cpu(lambda: None, 4.0)
        assert measured() == 0.5


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (harness.Goal(over="peer", least=10), "yes"),
        (harness.Goal(over="peer", least=10.1), "**no**"),
        (harness.Goal(over="peer", least=2, of="other"), "yes"),
        (harness.Goal(over="peer", least=2.1, of="other"), "**no**"),
        (harness.Goal(most=1.0), "yes"),
        (harness.Goal(most=0.9), "**no**"),
        (harness.Goal(most=4.9, of="other"), "**no**"),
        (harness.Goal(over="gone", least=1), "–"),
    ],
)
def test_goals_are_judged_by_the_median(goal, met):
    contenders = {"ours": takes(1.0, 1.0, 1.0), "other": takes(5.0, 5.0, 5.0), "peer": takes(10.0, 10.0, 2.0)}
    limit = harness.Limit("a limit", 0.25)
    result = harness.measure(bench_of(contenders, limit=limit, goals=(goal,), absent={"gone": "ImportError"}), 3)
    line = report.judged(result, goal)
    assert line[-1] == met
    if met != "–":
        assert line[3] == ("5 % of a limit" if goal.of else "25 % of a limit")
    text = report.details(result)
    assert "allows 0.25 s" in text
    assert "Not here: gone (ImportError)." in text


def test_a_peer_that_is_not_here_is_named():
    def broken():
        raise ImportError("no module\nmore lines")

    absent = {}
    found = harness.peers(absent, {"here": lambda: takes(1.0), "gone": broken})
    assert list(found) == ["here"]
    assert absent == {"gone": "ImportError: no module"}


def test_a_bench_that_fails_does_not_stop_the_others():
    def broken():
        raise ZeroDivisionError("oh")

    benches = {"good": lambda: bench_of({"ours": takes(1.0)}), "bad": broken}
    with (
        mock.patch.dict(report.BENCHES, benches, clear=True),
        mock.patch.object(report.limits, "described", return_value=[("speed", "1 per s")]),
    ):
        text, failed = report.report(["bad", "good"], 1)
    assert failed == ["bad"]
    assert "Failed: bad (ZeroDivisionError: oh)." in text
    assert "## Work" in text
    assert "| speed | 1 per s |" in text


def test_all_suites_are_registered():
    wanted = {"population", "full_batch", "training", "widths", "phase_diagram", "memory", "langevin", "imports"}
    assert wanted <= set(harness.BENCHES)
    suites = {path.stem for path in FOLDER.glob("*.py") if "\n@bench\n" in path.read_text(encoding="utf-8")}
    assert suites <= set(run.SUITES)


@pytest.mark.parametrize("options", [["--help"], ["no_such_bench"], ["imports", "--rounds", "0"]])
def test_command_says_what_it_can_run(options):
    done = subprocess.run([sys.executable, FOLDER / "run.py", *options], capture_output=True, text=True)
    assert done.returncode == (0 if options == ["--help"] else 2)
    assert "population" in " ".join((done.stdout + done.stderr).split())


def test_operations_are_those_of_the_products():
    sizes, batch = (40, 100, 10), 64
    inputs = torch.randn(40, batch)
    population = Population(sizes, 1, seeds=1)
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        population(inputs).square().sum().backward()
    assert networks.megaflops(sizes, batch) == pytest.approx(1e-6 * counter.get_total_flops())


def test_peak_memory_is_of_the_child_alone():
    ours, hoard = 5e7, np.ones(25_000_000)  # 200 MB here, which the child must not inherit
    small = harness.peak_memory("pass")()
    large = harness.peak_memory("keep = b'1' * 100_000_000")()
    assert 0 < small < harness.highest_memory()
    assert large - small == pytest.approx(1e8 / 2**20, rel=0.2)
    assert hoard.nbytes > ours


def test_learning_wrong_labels_is_not_counted_where_there_are_none():
    with (
        mock.patch.object(phase_diagram, "SIDE", 3),
        mock.patch.object(phase_diagram, "STEPS", 2),
        mock.patch.object(phase_diagram, "EXAMPLES", 40),
    ):
        accuracy, learned, _ = phase_diagram.diagram()
        assert accuracy.shape == learned.shape == (3, 3)
        assert np.isnan(learned[:, 0]).all()
        assert ((learned[:, 1:] >= 0) & (learned[:, 1:] <= 1)).all()
        assert phase_diagram.draw(accuracy, learned).startswith(b"\x89PNG")
