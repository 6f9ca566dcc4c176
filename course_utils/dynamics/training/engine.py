"""The inside of a training: one step after the other for all networks, and what stops a network."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import draws
from course_utils.dynamics.training.fast_sgd import ACTIVATIONS, FastSGD
from course_utils.dynamics.training.optimisers import SGD, Optimiser
from course_utils.dynamics.training.rules import Settings, State, Tensors
from course_utils.dynamics.training.samples import Samples
from course_utils.dynamics.training.schedules import Schedule
from course_utils.models.layout import per_network
from course_utils.models.networks import Population


class Engine:
    """Holds all that changes while a population trains.

    Parameters
    ----------
    population : Population or RaggedPopulation
        Trained in place.
    samples : Samples
        Where the batches come from.
    thermostat : Thermostat
        With one value per network for every knob.
    optimiser : Optimiser
        How to move.
    loss : str
        What to minimise.
    schedules : dict
        By knob, a function of the step.
    clip : numpy.ndarray or None
        Largest norm of each network's gradient, (E,).
    seeds : list of int
        One per network.
    """

    def __init__(
        self,
        population: Any,
        samples: Samples,
        thermostat: Thermostat,
        optimiser: Optimiser,
        loss: str,
        schedules: dict[str, Schedule],
        clip: np.ndarray | None,
        seeds: list[int],
    ) -> None:
        self.population, self._samples, self.optimiser, self._loss = population, samples, optimiser, loss
        self._thermostat, self._schedules = thermostat, schedules
        self.step, self.state = 0, State()
        self.frozen: dict[int, int] = {}
        self.parameters: Tensors = list(population.parameters())
        self._backup, self._kept = [p.detach().clone() for p in self.parameters], False
        self._torn = False
        self._clip = None if clip is None else torch.from_numpy(clip).to(self.parameters[0])
        self._random: dict[str, draws.Normals] = {}
        self._masks = self._dropout(seeds)
        self._noise = self._spread_or_none("weight_noise")
        self._shadow = population.subset(range(population.networks)).requires_grad_(False)  # lends its layout to noise
        self._lengths = [len(vector) for vector in population.flat()]
        kind = str(self.parameters[0].dtype).removeprefix("torch.")
        for purpose, knob in (("weights", "weight_noise"), ("heat", "temperature")):
            if np.asarray(getattr(thermostat, knob)).any():
                self._random[purpose] = draws.Normals(self._lengths, kind, seeds, purpose)
        self._fixed = {name: self._spread_or_none(name) for name in ("weight_decay", "momentum")}
        self._fast = self._fast_path()
        self._scheduled: Settings | None = None
        with torch.no_grad():
            if self._fast is None:
                self.state = optimiser.start(self.parameters, self.settings())

    def _spread_or_none(self, knob: str, factor: Any = 1.0) -> Tensors | None:
        values = np.asarray(getattr(self._thermostat, knob)) * factor
        return self.population.per_parameter(torch.from_numpy(values)) if values.any() else None

    def _dropout(self, seeds: list[int]) -> draws.Masks | None:
        rates, sizes = np.asarray(self._thermostat.dropout), self.population.sizes
        groups = getattr(self.population, "groups", [list(range(self.population.networks))])
        units = [(sizes if isinstance(self.population, Population) else sizes[group[0]])[1:-1] for group in groups]
        self._group_of = {group[0]: place for place, group in enumerate(groups)}
        return draws.Masks(rates, groups, units, seeds) if rates.any() and any(units) else None

    def _fast_path(self) -> FastSGD | None:
        """Return the hand-written descent if it does all that is asked for."""
        plain = isinstance(self.optimiser, SGD) and isinstance(self.population, Population)
        quiet = self._clip is None and self._masks is None and self._noise is None
        cold = not np.asarray(self._thermostat.temperature).any()
        equal = min(self._samples.sizes) == max(self._samples.sizes)
        if not (plain and quiet and cold and equal and self.population.activation in ACTIVATIONS):
            return None
        momentum, decay = (np.asarray(getattr(self._thermostat, name)) for name in ("momentum", "weight_decay"))
        return FastSGD(
            self.population, learning_rate=self._rates(), momentum=momentum, weight_decay=decay, loss=self._loss
        )

    def _factor(self, knob: str) -> Any:
        if knob not in self._schedules:
            return 1.0
        factor = self._schedules[knob](self.step)
        return per_network(f"schedule of the {knob} at step {self.step}", factor, self.population.networks, least=0)

    def _rates(self) -> np.ndarray:
        return np.asarray(self._thermostat.learning_rate) * self._factor("learning_rate")

    def settings(self) -> Settings:
        """Return where the knobs stand in this step."""
        if self._scheduled is not None and not self._schedules:
            return dataclasses.replace(self._scheduled, step=self.step)
        self._scheduled = Settings(
            step=self.step,
            learning_rate=self.population.per_parameter(torch.from_numpy(self._rates())),
            weight_decay=self._fixed["weight_decay"],
            momentum=self._fixed["momentum"],
            temperature=self._spread_or_none("temperature", self._factor("temperature")),
            per_parameter=self.population.per_parameter,
            gather=self.population.gather,
            normals=lambda: self._normals("heat"),
        )
        return self._scheduled

    def _normals(self, purpose: str) -> Tensors:
        """Return Gaussian numbers in the shapes of the parameters; each network's come from its own stream."""
        like = self.parameters[0]
        drawn = torch.from_numpy(self._random[purpose].next()).to(like.device)
        dense = isinstance(self.population, Population)
        self._shadow.load_flat(drawn.view(len(self._lengths), -1) if dense else drawn.split(self._lengths))
        return list(self._shadow.parameters())

    def advance(self) -> None:
        """Take one step with all networks that are not frozen."""
        self._torn = True
        batch = self._samples.next()
        with torch.no_grad():
            torch._foreach_copy_(self._backup, self.parameters)
            self._kept = True
            if self._fast is not None:
                self._fast_step(batch)
            else:
                self._batch, self._shake = batch, self._draw_noise()
                self.optimiser.step(self.parameters, self.state, self._gradient, self.settings())
            self._hold_frozen()
        self.step += 1
        self._torn = self._kept = False

    def _fast_step(self, batch: Any) -> None:
        assert self._fast is not None
        if "learning_rate" in self._schedules:
            self._fast.learning_rate = self._rates()
        losses = self._fast.step(batch.inputs, batch.labels, check=False)
        self._notice(torch.isfinite(losses) & torch.isfinite(self.population.gather(self.parameters)))

    def _draw_noise(self) -> tuple[list[list[torch.Tensor]] | None, Tensors | None]:
        """Draw what stays the same however often the gradient is taken in this step."""
        like, masks, shake = self.parameters[0], None, None
        if self._masks is not None:
            drawn = self._masks.draw(self._samples.sizes, str(like.dtype).removeprefix("torch."))
            masks = [[torch.from_numpy(mask).to(like.device) for mask in group] for group in drawn]
        if self._noise is not None:
            names = [name for name, _ in self.population.named_parameters()]
            rows = zip(names, self._normals("weights"), self._noise, strict=True)
            shake = [torch.zeros_like(kick) if "bias" in name else kick * size for name, kick, size in rows]
        return masks, shake

    def _gradient(self) -> Tensors:
        """Return the gradient of every network's loss; notice who has none that is finite."""
        masks, shake = self._shake
        here = [p.clone() for p in self.parameters] if shake else []
        for p, kick in zip(self.parameters, shake or self.parameters, strict=True):
            if shake:
                p.add_(kick)
        with torch.enable_grad():
            losses = self._losses(masks)
            gradients = list(torch.autograd.grad(losses.sum(), self.parameters))
        for p, old in zip(self.parameters, here or self.parameters, strict=True):
            if shake:
                p.copy_(old)
        self._notice(torch.isfinite(losses) & torch.isfinite(self.population.gather(gradients)))
        if self._clip is not None:
            norms = self.population.gather([g * g for g in gradients]).sqrt()
            shrink = self.population.per_parameter((self._clip / (norms + 1e-6)).clamp(max=1.0))
            gradients = [g * factor for g, factor in zip(gradients, shrink, strict=True)]
        return gradients

    def _losses(self, masks: list[list[torch.Tensor]] | None) -> torch.Tensor:
        inputs = self._batch.inputs
        if masks is None and self._batch.weights is None:
            return self.population.losses(inputs, self._batch.labels, self._loss, check=False)
        between = None if masks is None else (lambda *given: self._silenced(masks, *given))
        return self._batch.losses(self.population(inputs, between=between, check=False), self._loss)

    def _silenced(
        self, masks: list[list[torch.Tensor]], layer: int, signal: torch.Tensor, members: Any
    ) -> torch.Tensor:
        first = 0 if isinstance(members, slice) else int(members[0])
        return signal * masks[self._group_of[first]][layer]

    def _notice(self, good: torch.Tensor) -> None:
        if not bool(good.all()):
            for k in torch.nonzero(~good).flatten().tolist():
                self.frozen.setdefault(k, self.step)

    def _hold_frozen(self) -> None:
        """Put frozen networks back to where they were before the step."""
        if not self.frozen:
            return
        held = torch.zeros(self.population.networks, dtype=self.parameters[0].dtype)
        held[list(self.frozen)] = 1
        for p, old, mask in zip(self.parameters, self._backup, self.population.per_parameter(held), strict=True):
            p.copy_(torch.where(mask > 0, old, p))

    def undo(self) -> bool:
        """After an interrupt: put the parameters back to the last whole step; tell whether that was needed."""
        torn = self._torn
        if self._kept:
            with torch.no_grad():
                torch._foreach_copy_(self.parameters, self._backup)
        self._torn = self._kept = False
        return torn

    def memory(self) -> State:
        """Return what the optimiser remembers from step to step; the tensors themselves, not copies."""
        if self._fast is None:
            return self.state
        return {"momentum": [tensor for pair in self._fast.velocities for tensor in pair]}

    def saved(self) -> dict[str, Any]:
        """Return all that a later run needs to go on from here."""
        return {
            "step": self.step,
            "frozen": dict(self.frozen),
            "parameters": [p.detach().clone() for p in self.parameters],
            "memory": self.memory(),
            "samples": self._samples.state(),
            "random": {purpose: random.state() for purpose, random in self._random.items()},
            "dropout": None if self._masks is None else draws.saved(self._masks.random),
        }

    @torch.no_grad()
    def load(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.step, self.frozen = state["step"], dict(state["frozen"])
        for p, value in zip(self.parameters, state["parameters"], strict=True):
            p.copy_(value)
        if self._fast is None:
            self.state = {name: [v.to(self.parameters[0]) for v in kept] for name, kept in state["memory"].items()}
        else:
            for v, value in zip(self.memory()["momentum"], state["memory"]["momentum"], strict=True):
                v.copy_(value)
        self._samples.load(state["samples"])
        for purpose, random in self._random.items():
            random.load(state["random"][purpose])
        if self._masks is not None:
            draws.restore(self._masks.random, state["dropout"])

    def kinetic_temperature(self) -> torch.Tensor:
        r"""Return :math:`|v|^2/P` of each network, for Langevin dynamics."""
        total = self.population.gather([v * v for v in self.state["velocity"]])
        return total / self.population.gather([torch.ones_like(p) for p in self.parameters]).detach()
