"""The memory of what lessons do at their largest: the peak of a new interpreter, all libraries included."""

from __future__ import annotations

from harness import Bench, Goal, bench, peak_memory

_START = """
import torch
from course_utils import datasets
from course_utils.dynamics import Thermostat, train
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation
torch.set_num_threads(1)
data = datasets.digits(train=500, seed=0)
x, y = torch.from_numpy(data.train_inputs.T.copy()), torch.from_numpy(data.train_labels)
"""

# The memory of a training does not grow with its steps: a few are enough.
RUNS = {
    "128 networks of 14 widths, full batch, Adam": """
widths = [w for w in (2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256) for _ in range(8)]
train(RaggedPopulation(64, widths, 10, seeds=1), x, y, steps=20, optimiser="adam",
      thermostat=Thermostat(learning_rate=0.01, label_noise=0.2), seed=1)
""",
    "240 networks 64-128-10 with dropout, batches of 64, Adam": """
train(Population((64, 128, 10), 240, seeds=1), x, y, steps=20, optimiser="adam",
      thermostat=Thermostat(learning_rate=0.01, batch_size=64, dropout=0.5), seed=1)
""",
    "Langevin dynamics of 64 networks 64-64-10, full batch": """
train(Population((64, 64, 10), 64, activation="tanh", seeds=1), x, y, steps=20, optimiser="langevin",
      thermostat=Thermostat(learning_rate=0.01, temperature=1e-3, weight_decay=1e-2), seed=1)
""",
    "64 replicas of a magnet, L = 256": """
from course_utils.dynamics import multispin
multispin.simulate(256, [2.0, 2.269, 2.5], sweeps=200, record_every=10, seed=1)
""",
    "spectral density of 16 networks, and a plane of 51 × 51 points": """
import numpy as np
from course_utils.measure import curvature, planes, spectra
networks = Population((64, 64, 10), 16, seeds=1).requires_grad_(False)
spectra.extremes(curvature.Curvature(networks, x, y), seed=1)
ways = [planes.filter_normalised(networks, seed=seed) for seed in (1, 2)]
planes.plane(networks, x, y, directions=ways, along=np.linspace(-1, 1, 51))
""",
}


@bench
def memory() -> Bench:
    """Read the peak of resident memory of lesson-size runs."""
    return Bench(
        title="Memory",
        unit="MB",
        note="Peak of resident memory of a new interpreter, torch and numba included. Trainings of 20 steps: longer "
        "ones need no more.",
        contenders={name: peak_memory(_START + code) for name, code in RUNS.items()},
        goal="below 800 MB each",
        goals=tuple(Goal(most=800, of=name) for name in RUNS),
        rounds=1,
    )
