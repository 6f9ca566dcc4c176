"""Langevin dynamics of a population: networks that roll, rub and are kicked, so that they sample Boltzmann's law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt
import torch

from course_utils.dynamics.training.rules import Gradient, Settings, State, Tensors, own_values, per_network, ridge


@dataclass(frozen=True, eq=False)
class Langevin:
    r"""Underdamped Langevin dynamics with mass 1, split as B-A-O-A-B; one gradient per step.

    .. math::
        \dot w = v, \qquad \dot v = -\nabla U - \gamma v + \sqrt{2 \gamma T}\,\xi, \qquad
        U = L + \tfrac{\lambda}{2} |w|^2

    It samples :math:`e^{-U/T}`, for a quadratic :math:`U` exactly at every stable time step; the velocities are then
    too cold by a factor :math:`1 - h \Delta t^2/4`, :math:`h` being the curvature. The time step is the thermostat's
    learning rate, :math:`T` its temperature in units of the mean loss: a posterior over :math:`n` samples has
    :math:`T = 1/n`. The velocities start from Maxwell's distribution.

    Parameters
    ----------
    friction : float or array_like (E,)
        :math:`\gamma`, above 0.

    Raises
    ------
    TypeError, ValueError
        If a friction is not above 0.

    References
    ----------
    B. Leimkuhler, C. Matthews, Appl. Math. Res. Express 2013, 34, doi:10.1093/amrx/abs010.
    """

    friction: float | npt.ArrayLike = 1.0
    takes: ClassVar[frozenset[str]] = frozenset({"temperature"})

    def __post_init__(self) -> None:
        """Check the friction."""
        object.__setattr__(self, "friction", per_network("friction", self.friction))

    def start(self, parameters: Tensors, settings: Settings) -> State:
        """Draw the velocities."""
        temperatures = settings.temperature or [torch.zeros(())] * len(parameters)
        return {"velocity": [t.sqrt() * kick for t, kick in zip(temperatures, settings.normals(), strict=True)]}

    def step(self, parameters: Tensors, state: State, gradient: Gradient, settings: Settings) -> None:
        """Go one step."""
        if "force" not in state:
            state["force"] = ridge(gradient(), parameters, settings)
        sizes = settings.gather([torch.ones_like(p) for p in parameters])
        friction = settings.per_parameter(own_values(self.friction, sizes))
        assert settings.temperature is not None  # train() asks for one above 0
        rows = zip(
            *(parameters, state["velocity"], state["force"], settings.normals()),
            *(settings.learning_rate, friction, settings.temperature),
            strict=True,
        )
        for p, v, g, kick, time, gamma, temperature in rows:
            memory = torch.exp(-gamma * time)
            v.addcmul_(g, time, value=-0.5)
            p.addcmul_(v, time, value=0.5)
            v.mul_(memory).addcmul_(kick, (temperature * (1 - memory * memory)).sqrt())
            p.addcmul_(v, time, value=0.5)
        state["force"] = ridge(gradient(), parameters, settings)
        for v, g, time in zip(state["velocity"], state["force"], settings.learning_rate, strict=True):
            v.addcmul_(g, time, value=-0.5)
