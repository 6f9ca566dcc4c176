"""What every optimiser of a population is given, and what it must give: the common ground of the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import torch

from course_utils.validation import finite_array, positive

Tensors = list[torch.Tensor]
State = dict[str, Tensors]


@dataclass(frozen=True)
class Settings:
    """Where the knobs stand in one step. A knob that is zero for all networks is None.

    Attributes
    ----------
    step : int
        Number of the step, from 0.
    learning_rate, weight_decay, momentum, temperature : list of torch.Tensor
        In shapes that broadcast against the parameters.
    per_parameter, gather : function
        One number per network to such a list, and sums over each network's entries back.
    normals : function
        Fresh Gaussian numbers in the shapes of the parameters.
    """

    step: int
    learning_rate: Tensors
    weight_decay: Tensors | None
    momentum: Tensors | None
    temperature: Tensors | None
    per_parameter: Callable[[npt.ArrayLike | torch.Tensor], Tensors]
    gather: Callable[[Tensors], torch.Tensor]
    normals: Callable[[], Tensors]


# Takes the gradient of all losses at the present parameters, each network's clipped; called again in the same step,
# with the same batch and the same noise.
Gradient = Callable[[], Tensors]


class Optimiser(Protocol):
    """What `course_utils.dynamics.training.loop.train` asks of an optimiser."""

    takes: ClassVar[frozenset[str]]

    def start(self, parameters: Tensors, settings: Settings) -> State:
        """Return what it remembers from step to step."""

    def step(self, parameters: Tensors, state: State, gradient: Gradient, settings: Settings) -> None:
        """Move the parameters, in place."""


def zeros(parameters: Tensors) -> Tensors:
    """Return zeros in the shapes of the parameters."""
    return [torch.zeros_like(p) for p in parameters]


def ridge(gradients: Tensors, parameters: Tensors, settings: Settings) -> Tensors:
    r"""Add the gradient of :math:`\tfrac\lambda2 |w|^2`, in place."""
    if settings.weight_decay is not None:
        for g, p, decay in zip(gradients, parameters, settings.weight_decay, strict=True):
            g.addcmul_(decay, p)
    return gradients


def own_values(value: float | npt.ArrayLike, like: torch.Tensor) -> torch.Tensor:
    """Return a number, or one per network, as a tensor (networks,) with the precision and device of ``like``."""
    return torch.from_numpy(np.array(np.broadcast_to(value, like.shape), dtype=np.float64)).to(like)


def descend(parameters: Tensors, gradients: Tensors, state: State, settings: Settings) -> None:
    """Go downhill, with momentum if there is any."""
    moves = ridge(gradients, parameters, settings)
    if settings.momentum is not None:
        for v, g, momentum in zip(state["momentum"], moves, settings.momentum, strict=True):
            v.mul_(momentum).add_(g)
        moves = state["momentum"]
    for p, v, rate in zip(parameters, moves, settings.learning_rate, strict=True):
        p.addcmul_(v, rate, value=-1)


def per_network(name: str, value: Any) -> Any:
    """Return a checked number, or a read-only array with one per network."""
    if not isinstance(value, (list, tuple, np.ndarray)):
        return positive(name, value)
    array = finite_array(name, value, ndim=1, above=0).copy()
    array.flags.writeable = False
    return array
