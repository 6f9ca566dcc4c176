"""The picture behind lesson 41's knob: a network at the edge of stability, and its loss when the weights tremble."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils import datasets
from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import train
from course_utils.measure import spectra
from course_utils.measure.curvature import Curvature, sharpness
from course_utils.measure.noisy_weights import noisy_losses, quadratic_rises
from course_utils.models import Population
from course_utils.validation import real, whole

Array = npt.NDArray[np.float64]

RATES = np.round(np.arange(0.3, 1.0001, 0.1), 1)
"""The learning rates that the knob has."""

NOISES = np.geomspace(0.003, 0.3, 9)


@dataclass(frozen=True, eq=False)
class Runs:
    """One network for each learning rate, all from the same start, and what was seen on the way.

    Attributes
    ----------
    population : Population
        The networks at the end.
    inputs, labels : torch.Tensor
        What they learned.
    steps : numpy.ndarray, (records,)
        When the sharpness was measured.
    sharpness : numpy.ndarray, (rates, records)
        Largest curvature.
    losses, traces : numpy.ndarray, (rates,)
        At the end.
    ratios : numpy.ndarray, (rates, noises)
        Mean rise of the loss when noise of each strength is on the weights, over half its square times the trace.
    """

    population: Population
    inputs: torch.Tensor
    labels: torch.Tensor
    steps: Array
    sharpness: Array
    losses: Array
    traces: Array
    ratios: Array


@lru_cache(maxsize=2)
def runs(steps: int = 1500, seed: int = 0) -> Runs:
    """Train the knob's networks, once; a few seconds.

    Parameters
    ----------
    steps : int
        Full-batch gradient steps on 100 digits, squared error.
    seed : int
        Digits, start, and noise.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a whole number.
    """
    steps, seed = whole("steps", steps, least=100), whole("seed", seed, least=0)
    data = datasets.digits(train=100, seed=seed)
    x, y = torch.from_numpy(0.5 * data.train_inputs.T), torch.from_numpy(data.train_labels)
    start = Population((64, 32, 32, 10), RATES.size, activation="tanh", scale=0.7, seeds=[seed] * RATES.size)
    run = train(start, x, y, steps=steps, thermostat=Thermostat(learning_rate=RATES), loss="mse", seed=seed,
                record={"sharpness": lambda p, step: sharpness(p, x, y, loss="mse", tolerance=0.01, seed=step)},
                record_at=50)  # fmt: skip
    curvature = Curvature(run.population, x, y, loss="mse")
    traces = np.array([t.mean for t in spectra.trace(curvature, products=240, seed=seed)])
    ratios = np.stack([_ratios(run.population, curvature, traces, x, y, float(s), seed) for s in NOISES], axis=1)
    return Runs(
        run.population, x, y, run.recorded.astype(float), run.records["sharpness"], curvature.losses, traces, ratios
    )


def _ratios(
    networks: Population,
    curvature: Curvature,
    traces: Array,
    x: torch.Tensor,
    y: torch.Tensor,
    noise: float,
    seed: int,
    *,
    pairs: int = 20,
) -> Array:
    """Return measured rise over half σ² trace; what these draws have by chance at second order is taken off."""
    shaken = noisy_losses(networks, x, y, noise=noise, loss="mse", pairs=pairs, seed=seed).mean(1) - curvature.losses
    chance = quadratic_rises(curvature, pairs=pairs, seed=seed).mean(1) - 0.5 * traces
    return (shaken - noise**2 * chance) / (0.5 * noise**2 * traces)


def at_the_end(learning_rate: float, *, steps: int = 1500, seed: int = 0) -> float:
    """Return the mean sharpness over the last fifth of the training, of the network with the nearest rate.

    Parameters
    ----------
    learning_rate : float
        From 0.3 to 1.
    steps, seed : int
        See `runs`.

    Raises
    ------
    TypeError, ValueError
        If it is no number in this range.
    """
    rate, kept = real("learning_rate", learning_rate, least=0.3, most=1.0), runs(steps, seed)
    return float(kept.sharpness[int(np.abs(RATES - rate).argmin()), -(len(kept.steps) // 5) :].mean())


def edge(learning_rate: float, noise: float = 0.03, *, steps: int = 1500, seed: int = 0) -> dict[str, Any]:
    r"""Return how sharp one network became, and what noise on its weights costs it now.

    Parameters
    ----------
    learning_rate : float
        From 0.3 to 1; the network trained with the nearest rate is taken.
    noise : float
        Standard deviation :math:`\sigma` of the noise on each parameter; above 0, at most 0.3.
    steps, seed : int
        Of the training, which is done once and kept.

    Returns
    -------
    dict
        Arrays for `plots.edge`, and the numbers that the panel reads out.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.
    """
    rate = real("learning_rate", learning_rate, least=0.3, most=1.0)
    sigma, kept = real("noise", noise, above=0, most=0.3), runs(steps, seed)
    k = int(np.abs(RATES - rate).argmin())
    network = kept.population.subset([k])
    curvature, trace = Curvature(network, kept.inputs, kept.labels, loss="mse"), kept.traces[[k]]
    ratio = float(_ratios(network, curvature, trace, kept.inputs, kept.labels, sigma, seed + 1, pairs=48)[0])
    expected = 0.5 * sigma**2 * float(trace[0])
    last = at_the_end(rate, steps=steps, seed=seed)
    return {
        "steps": kept.steps,
        "sharpness": kept.sharpness[k],
        "limit": np.array([2 / RATES[k]]),
        "noises": NOISES,
        "ratios": kept.ratios[k],
        "now": np.array([sigma, ratio]),
        "sharpness at the end": round(last, 2),
        "the same times learning rate / 2": round(last * float(RATES[k]) / 2, 3),
        "loss": f"{kept.losses[k]:.4f}",
        "trace": round(float(trace[0]), 1),
        "rise of the loss under noise": f"{ratio * expected:.2g} (half σ² trace: {expected:.2g}; ratio {ratio:.2f})",
    }
