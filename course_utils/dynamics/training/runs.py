"""One training from its first step, or from a checkpoint, to its last, or to an interrupt."""

from __future__ import annotations

from typing import Any

import torch

from course_utils.dynamics.training.baoab import Langevin
from course_utils.dynamics.training.engine import Engine
from course_utils.dynamics.training.recording import Checkpoint, Recorder
from course_utils.interrupts import interruptible


class Mean:
    """The running mean of the parameters over steps (stochastic weight averaging).

    Parameters
    ----------
    population : Population or RaggedPopulation
        Whose parameters.
    first : int or None
        After which step it begins; None: never.
    every : int
        After how many steps each the parameters count again.
    """

    def __init__(self, population: Any, first: int | None, every: int) -> None:
        self._first, self._every, self._count, self._networks = first, every, 0, population
        self._mean = None if first is None else population.subset(range(population.networks))

    def population(self) -> Any:
        """Return networks with the mean parameters, or None if there is no mean yet."""
        return self._mean if self._count else None

    @torch.no_grad()
    def add(self, step: int) -> None:
        """Let the present parameters count, if it is time to."""
        if self._mean is None or self._first is None or step < self._first or (step - self._first) % self._every:
            return
        self._count += 1
        for mean, p in zip(self._mean.parameters(), self._networks.parameters(), strict=True):
            mean.lerp_(p, 1 / self._count)

    def state(self) -> dict[str, Any]:
        """Return the mean so far, as plain data."""
        return {"count": self._count, "means": [p.detach() for p in self._mean.parameters()] if self._mean else []}

    @torch.no_grad()
    def load(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._count = state["count"]
        for mean, value in zip(self._mean.parameters() if self._mean else [], state["means"], strict=True):
            mean.copy_(value)


class Run:
    """Drives an engine, and keeps what is to be kept.

    Parameters
    ----------
    engine : Engine
        Takes the steps.
    recorder : Recorder
        Calls the observables.
    mean : Mean
        Averages the parameters.
    checkpoint : Checkpoint or None
        Where it goes on from, and what it leaves.
    """

    def __init__(self, engine: Engine, recorder: Recorder, mean: Mean, checkpoint: Checkpoint | None) -> None:
        self.engine, self.recorder, self.mean, self._checkpoint = engine, recorder, mean, checkpoint
        if isinstance(engine.optimiser, Langevin):
            recorder.also("kinetic temperature", lambda *_: engine.kinetic_temperature())
        state = None if checkpoint is None else checkpoint.load()
        self._after = -1  # the last step whose parameters were recorded and averaged
        if state is not None:
            engine.load(state["engine"])
            mean.load(state["mean"])
            recorder.load(state["records"], engine.step)
            self._after = engine.step

    def go(self, steps: int) -> None:
        """Go on until so many steps are done.

        Raises
        ------
        ValueError
            If more than these were done already.
        """
        engine = self.engine
        if engine.step > steps:
            raise ValueError(f"steps must be at least the {engine.step} that the checkpoint has done; got {steps}")
        whole = False
        with interruptible(steps, "Training") as bar:
            bar.update(engine.step)
            try:
                self._look()
                while engine.step < steps and len(engine.frozen) < engine.population.networks:
                    engine.advance()
                    self._look()
                    bar.update(1)
                    if self._checkpoint is not None and engine.step % self._checkpoint.every == 0:
                        self._save()
                whole = True
            finally:
                torn = engine.undo()
                if self._checkpoint is not None and not torn and (whole or self._after == engine.step):
                    self._save()

    def _look(self) -> None:
        """Record and average, once for each step."""
        if self._after < self.engine.step:
            self.recorder.look(self.engine.population, self.engine.step)
            self.mean.add(self.engine.step)
            self._after = self.engine.step

    def _save(self) -> None:
        assert self._checkpoint is not None
        parts = {"engine": self.engine.saved(), "mean": self.mean.state(), "records": self.recorder.state()}
        self._checkpoint.save(parts)
