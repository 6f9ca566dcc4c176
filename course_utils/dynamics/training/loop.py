r"""Training: one call moves a whole population, each network under its own noise.

.. math::
    \theta_k \leftarrow \theta_k - \eta_k \nabla L_k(\theta_k), \qquad k = 1 \dots E

and the same for momentum, Adam, sharpness-aware minimisation and Langevin dynamics: for one network, each step is the
one that an ordinary training loop takes.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training.engine import Engine
from course_utils.dynamics.training.optimisers import SGD, Langevin, Optimiser, named
from course_utils.dynamics.training.recording import Checkpoint, Observable, Recorder, fingerprint, recorded_steps
from course_utils.dynamics.training.runs import Mean, Run
from course_utils.dynamics.training.samples import Samples
from course_utils.dynamics.training.schedules import Schedule, schedules
from course_utils.models.layout import network_seeds, per_network
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation
from course_utils.seeding import Seed
from course_utils.threads import limit_threads
from course_utils.validation import whole

__all__ = ["Thermostat", "Trained", "train"]

Networks = Population | RaggedPopulation


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training left.

    Attributes
    ----------
    population : Population or RaggedPopulation
        The networks after the last step.
    steps : int
        How many steps were done; fewer than asked for after an interrupt, or when all networks are frozen.
    records : dict of numpy.ndarray
        What the observables returned: (networks, records, ...), or (records,) for one number a step. Langevin dynamics
        adds ``"kinetic temperature"``, (networks, records).
    recorded : numpy.ndarray of int, (records,)
        After how many steps each record was taken.
    frozen : dict of int to int
        Networks whose loss or gradient was NaN or infinite, and the step (from 0) in which it was; they keep the
        parameters that they had before it.
    labels : torch.Tensor
        The labels that were learned, wrong ones included: (samples,) or (networks, samples).
    average : Population, RaggedPopulation or None
        The mean of the parameters over steps, if it was asked for and begun.
    """

    population: Any
    steps: int
    records: dict[str, npt.NDArray[Any]]
    recorded: npt.NDArray[np.int64]
    frozen: dict[int, int]
    labels: torch.Tensor
    average: Any


def _check_knobs(thermostat: Thermostat, optimiser: Optimiser, labels: torch.Tensor, count: int, classes: int) -> None:
    """Raise if a knob is turned that has no effect here, or can have none."""
    for knob in ("temperature", "momentum"):
        if np.asarray(getattr(thermostat, knob)).any() and knob not in optimiser.takes:
            raise ValueError(f"{knob} must be 0 for {type(optimiser).__name__}; got {getattr(thermostat, knob)}")
    hot, rolling = np.asarray(thermostat.temperature), np.asarray(thermostat.momentum)
    if isinstance(optimiser, Langevin) and not (hot > 0).all():
        raise ValueError(f"temperature must be above 0 for Langevin dynamics; got {hot.min():g}")
    if isinstance(optimiser, SGD) and hot.any() and rolling.any():
        raise ValueError("momentum must be 0 where SGD has a temperature (use optimiser='langevin'); got both")
    if thermostat.batch_size is not None:
        most = int(np.max(np.where(thermostat.with_replacement, 1, thermostat.batch_size)))
        if most > count:
            raise ValueError(f"batch_size must be at most the {count} samples without replacement; got {most}")
    if np.asarray(thermostat.label_noise).any() and (labels.is_floating_point() or classes < 2):
        raise ValueError("label_noise must be 0 unless labels are whole numbers of two classes or more; got float "
                         "targets or one class")  # fmt: skip


def _checked(
    population: Networks, inputs: torch.Tensor, labels: torch.Tensor, thermostat: Thermostat, optimiser: Any, loss: str
) -> Thermostat:
    """Return the knobs, one value per network, if everything fits together."""
    if not isinstance(population, (Population, RaggedPopulation)):
        raise TypeError(f"population must be a Population or RaggedPopulation; got a {type(population).__name__}")
    if not isinstance(thermostat, Thermostat):
        raise TypeError(f"thermostat must be a Thermostat; got a {type(thermostat).__name__}")
    population.check(inputs, labels, loss)
    knobs = thermostat.per_network(population.networks)
    _check_knobs(knobs, optimiser, labels, inputs.shape[-1], population.outputs)
    for own in dataclasses.fields(optimiser):
        if isinstance(getattr(optimiser, own.name), np.ndarray):
            per_network(own.name, getattr(optimiser, own.name), population.networks)
    return knobs


def _above_zero(name: str, value: float | npt.ArrayLike, networks: int) -> npt.NDArray[np.float64]:
    array = per_network(name, value, networks)
    if not (array > 0).all():
        raise ValueError(f"{name} must be above 0; got {array.min():g}")
    return array


def _settings(knobs: Any) -> list[Any]:
    """Return what a frozen dataclass holds, for a fingerprint."""
    return [type(knobs).__name__, *(getattr(knobs, field.name) for field in dataclasses.fields(knobs))]


def _told(schedule: Any, steps: int) -> list[Any]:
    """Return what can be told of a schedule: names with the step where they end; of a function, that it is one."""
    parts = schedule if isinstance(schedule, Mapping) else {"learning_rate": schedule}
    ended = {name: (one, steps) for name, one in parts.items() if isinstance(one, str) and one != "constant"}
    return [sorted(ended.items()), sorted(name for name, one in parts.items() if callable(one))]


@limit_threads()
def train(
    population: Networks,
    inputs: torch.Tensor,
    labels: torch.Tensor,
    *,
    steps: int,
    thermostat: Thermostat,
    optimiser: str | Optimiser = "sgd",
    loss: str = "cross-entropy",
    schedule: str | Schedule | Mapping[str, str | Schedule] | None = None,
    clip: float | npt.ArrayLike | None = None,
    record: Mapping[str, Observable] | None = None,
    record_at: int | Iterable[int] | None = None,
    average_from: int | None = None,
    average_every: int = 1,
    checkpoint: str | Path | None = None,
    checkpoint_every: int | None = None,
    seed: Seed | Iterable[int],
) -> Trained:
    """Train all networks of a population at once; the population that is given stays as it is.

    It runs on one thread, or on as many as ``COURSE_THREADS`` asks for: see `course_utils.threads`.

    Parameters
    ----------
    population : Population or RaggedPopulation
        Where the networks start.
    inputs : torch.Tensor, (features, samples) or (networks, features, samples)
        Data that all networks share, or data for each.
    labels : torch.Tensor, (samples,) or (networks, samples)
        Classes (int64); for ``loss="mse"`` also float targets (outputs, samples) or (networks, outputs, samples).
    steps : int
        How many steps.
    thermostat : Thermostat
        All knobs of noise, for all networks or for each.
    optimiser : {"sgd", "adam", "adamw", "sam", "langevin"} or Optimiser
        How to move; one of `course_utils.dynamics.training.optimisers` for other than the usual settings.
    loss : {"cross-entropy", "mse"}
        What is minimised, averaged over the batch.
    schedule : {"constant", "cosine", "linear"} or function or mapping, optional
        A factor on the learning rate in each step, a function of the step's number (from 0); or a mapping from
        ``"learning_rate"`` and ``"temperature"`` to such schedules.
    clip : float or (networks,) array_like, optional
        Largest norm of a network's gradient, above 0; a longer one is shortened, each network's by itself.
    record : mapping from str to function, optional
        Observables: each takes the population and the number of steps done, and returns one number, or an array or
        tensor whose first axis is the networks.
    record_at : int or iterable of int, optional
        Record after every so many steps, from 0 on; or after these numbers of steps. Without it: after the last.
    average_from, average_every : int, optional
        Take the mean of the parameters after step ``average_from`` and every so many steps from then on (stochastic
        weight averaging).
    checkpoint : path, optional
        A file for the state of the training. If it is there, the training goes on from it, and in the same way as if it
        had never stopped; more steps may be asked for than before.
    checkpoint_every : int, optional
        Write the checkpoint after every so many steps; without it, twenty times. The end and an interrupt write it too.
    seed : int, numpy.random.Generator or iterable of int
        One whole number per network, or one that they are drawn from. What a network draws depends on its own seed
        only, whoever else is in the population.

    Returns
    -------
    Trained
        After an interrupt: what was done until then, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, data and networks do not fit together, a knob is turned that the optimiser
        does not have, or the checkpoint belongs to another training.

    Warns
    -----
    UserWarning
        If the loss or gradient of a network became NaN or infinite: it is frozen, and the others go on.

    References
    ----------
    Averaging: P. Izmailov, D. Podoprikhin, T. Garipov, D. Vetrov, A. G. Wilson, arXiv:1803.05407 (2018).

    Examples
    --------
    >>> population = Population((2, 8, 2), 3, seeds=1)
    >>> inputs, labels = torch.tensor([[0.0, 0, 1, 1], [0, 1, 0, 1]]), torch.tensor([0, 1, 1, 0])
    >>> result = train(population, inputs, labels, steps=300, thermostat=Thermostat(learning_rate=[0.05, 0.2, 0.5]),
    ...                record={"loss": lambda p, step: p.losses(inputs, labels)}, record_at=100, seed=2)
    >>> result.records["loss"].shape, bool((result.records["loss"][:, -1] < result.records["loss"][:, 0]).all())
    ((3, 4), True)
    """
    steps, optimiser = whole("steps", steps), named(optimiser)
    knobs = _checked(population, inputs, labels, thermostat, optimiser, loss)
    factors, networks = schedules(schedule, steps), population.networks
    clips = None if clip is None else _above_zero("clip", clip, networks)
    first = None if average_from is None else whole("average_from", average_from, least=0, most=steps)
    every = whole("average_every", average_every)
    pause = max(1, steps // 20) if checkpoint_every is None else whole("checkpoint_every", checkpoint_every)
    recorder = Recorder(record, recorded_steps(record_at, steps), networks)
    seeds = network_seeds(seed, networks)
    said: tuple[Any, ...] = (loss, *_told(schedule, steps), clips, first, every, seeds)
    said = (*_settings(knobs), *_settings(optimiser), *population.flat(), inputs, labels, *said)
    file = None if checkpoint is None else Checkpoint(checkpoint, pause, fingerprint(said))

    trained = population.subset(range(networks))
    samples = Samples(inputs, labels, knobs, population.outputs, seeds)
    engine = Engine(trained, samples, knobs, optimiser, loss, factors, clips, seeds)
    run = Run(engine, recorder, Mean(trained, first, every), file)
    run.go(steps)
    if engine.frozen:
        shown = ", ".join(f"{k} at step {step}" for k, step in sorted(engine.frozen.items())[:8])
        warnings.warn(f"{len(engine.frozen)} of {networks} networks ran off and were frozen: {shown}", stacklevel=2)
    at = np.array(recorder.at[: recorder.done], dtype=np.int64)
    return Trained(
        trained, engine.step, recorder.records(), at, dict(engine.frozen), samples.labels, run.mean.population()
    )
