"""A phase diagram of 1,024 networks, trained in one call: seconds, memory, and the picture.

``python benchmarks/phase_diagram.py`` trains and draws it, and prints the processor seconds of the call and the peak of
resident memory in MB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from harness import Bench, Goal, Measure, bench, cpu, highest_memory

PICTURE = Path(__file__).with_name("phase_diagram.png")
SIZES, SIDE, STEPS, BATCH, EXAMPLES = (64, 32, 10), 32, 1500, 32, 300
# What is seen in the two maps, and near which learning rate it is written.
REGIMES = {"broken: guess": 3.5, "learn by heart": 0.28, "learn the rule": 7e-3, "hardly moved": 2.2e-4}
LOOP = "Python loop over nn.Sequential"


def _digits() -> Any:
    """Return the digits as tensors: training inputs and labels, test inputs and labels; a column is an example."""
    import torch

    from course_utils import datasets

    torch.set_num_threads(1)
    data = datasets.digits(train=EXAMPLES, seed=0)
    pairs = (data.train_inputs, data.train_labels), (data.test_inputs, data.test_labels)
    return [part for x, y in pairs for part in (torch.from_numpy(x.T.copy()), torch.from_numpy(y))]


def _knobs() -> tuple[Any, Any]:
    """Return the settings of both knobs: learning rates (from 1e-4 to 10), fractions of wrong labels (from 0 to 1)."""
    import numpy as np

    return np.geomspace(1e-4, 10.0, SIDE), np.linspace(0.0, 1.0, SIDE)


def diagram() -> tuple[Any, Any, float]:
    """Train all; return test accuracies and how many of the wrong labels were learned, (SIDE, SIDE), and seconds."""
    import numpy as np
    import torch

    from course_utils.dynamics import Thermostat, train
    from course_utils.models.networks import Population

    inputs, labels, test_inputs, test_labels = _digits()
    rates, noise = _knobs()
    thermostat = Thermostat(batch_size=BATCH).grid(learning_rate=rates, label_noise=noise)
    population = Population(SIZES, SIDE * SIDE, seeds=1)
    start = time.process_time()
    result = train(population, inputs, labels, steps=STEPS, thermostat=thermostat, seed=2)
    seconds = time.process_time() - start
    accuracy = result.population.accuracies(test_inputs, test_labels)
    with torch.no_grad():
        said = result.population(inputs).argmax(1)
    wrong = result.labels != labels
    counted = wrong.sum(1)
    learned = ((said == result.labels) & wrong).sum(1) / counted.clamp(min=1)
    learned = torch.where(counted > 0, learned, torch.nan)
    shape = (SIDE, SIDE)
    return accuracy.numpy().reshape(shape), np.asarray(learned).reshape(shape), seconds


def draw(accuracy: Any, learned: Any) -> bytes:
    """Return the picture: what was understood, beside what was learned by heart."""
    import numpy as np
    from matplotlib.patheffects import withStroke

    from course_utils import plots
    from course_utils.plots.styling import INK, style

    rates, noise = _knobs()
    figure = plots.figure(10.4, 4.6)
    with style():
        left, right = figure.subplots(1, 2, sharey=True)
        panels = (
            (left, accuracy, "Understood", "test accuracy (chance: 0.1)", "viridis"),
            (right, learned, "Learned by heart", "fraction of the wrong labels that are learned", "magma"),
        )
        for axes, values, title, words, colours in panels:
            shown = axes.pcolormesh(
                noise, rates, np.ma.masked_invalid(values), cmap=colours, vmin=0, vmax=1, shading="nearest",
                rasterized=True,
            )  # fmt: skip
            axes.set(yscale="log", title=title, xlabel="fraction of wrong labels $\\varepsilon$")
            axes.grid(False)
            figure.colorbar(shown, ax=axes, label=words)
        left.set_ylabel("learning rate $\\eta$")
        for words, rate in REGIMES.items():
            left.text(0.32, rate, words, ha="center", va="center", color="white", fontweight="bold").set_path_effects(
                [withStroke(linewidth=3, foreground=INK)]
            )
    return plots.png(figure, sharpness=1.5)


@cache
def _runs() -> dict[str, list[float]]:
    return {"seconds": [], "MB": []}


def _again() -> None:
    """Train and draw in a new interpreter, and keep what it took."""
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the phase diagram failed: {done.stderr.strip().splitlines()[-1:]}")
    for name, value in json.loads(done.stdout.splitlines()[-1]).items():
        _runs()[name].append(value)


def _seconds() -> float:
    _again()
    return _runs()["seconds"][-1]


def _memory() -> float:
    """Return the memory of the run that was just timed."""
    if not _runs()["MB"]:
        _again()
    return _runs()["MB"].pop()


def _loop(networks: int = 4, steps: int = 400) -> Measure:
    """Train a few of the networks one after the other; each costs the same, and so does each step."""
    import torch
    from torch.nn.functional import cross_entropy

    from course_utils.models.networks import Population

    inputs, labels, _, _ = _digits()
    rows, start = inputs.t().contiguous(), Population(SIZES, networks, seeds=1)

    def work() -> None:
        for k in range(networks):
            network = start.network(k)
            descent = torch.optim.SGD(network.parameters(), 0.01)
            for _ in range(steps):
                which = torch.randint(0, EXAMPLES, (BATCH,))
                descent.zero_grad()
                cross_entropy(network(rows[which]), labels[which]).backward()
                descent.step()

    return cpu(work, per=networks * steps / (SIDE * SIDE * STEPS))


@bench
def phase_diagram() -> Bench:
    """Train 32 × 32 settings of two knobs of noise in one call."""
    return Bench(
        title="A phase diagram of 1,024 networks",
        unit="s",
        note=f"{SIZES[0]}-{SIZES[1]}-{SIZES[2]} on {EXAMPLES} digits, {STEPS} steps with batches of {BATCH}, "
        "learning rate against label noise, one call of `train` in a new interpreter. The loop trains 4 of them for "
        "400 steps; its time is scaled up.\n\n"
        "![Two maps over the fraction of wrong labels and the learning rate: test accuracy, and the fraction of wrong "
        "labels that were learned.](phase_diagram.png)",
        contenders={"train": _seconds, LOOP: _loop()},
        goal="below 60 s",
        goals=(Goal(most=60),),
        rounds=2,
    )


@bench
def phase_diagram_memory() -> Bench:
    """Read what the phase diagram needs, picture included."""
    return Bench(
        title="Memory of the phase diagram",
        unit="MB",
        note="Peak of resident memory of the whole interpreter, torch, numba and matplotlib included.",
        contenders={"train": _memory},
        goal="below 800 MB",
        goals=(Goal(most=800),),
        rounds=1,
    )


def main() -> None:
    accuracy, learned, seconds = diagram()
    PICTURE.write_bytes(draw(accuracy, learned))
    print(json.dumps({"seconds": seconds, "MB": highest_memory()}))


if __name__ == "__main__":
    main()
