r"""Replicated descent: a team of networks that pull each other together looks for a wide place.

.. math::
    w_a \leftarrow w_a - \eta \bigl(\nabla L(w_a) + \gamma\, (w_a - \bar w)\bigr), \qquad
    \bar w = \frac1y \sum_{b=1}^y w_b

The members of a team see different batches. Where the valley is narrow they cannot stay together *and* low; where it is
wide they can. What is read off is their centre, :math:`\bar w`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from course_utils.dynamics.training.rules import Gradient, Settings, State, Tensors, descend, zeros
from course_utils.models.networks import Population
from course_utils.validation import real, whole


@dataclass(frozen=True, eq=False)
class Replicated:
    r"""Stochastic gradient descent of teams: networks 0 to y−1, y to 2y−1 and so on belong together.

    Parameters
    ----------
    copies : int
        Copies :math:`y` in a team, at least 2; the population holds whole teams. For a `Population`, not for one of
        different widths.
    pull : float
        :math:`\gamma \ge 0`, how strongly a member is drawn to the centre of its team.

    Raises
    ------
    TypeError, ValueError
        If a parameter is outside its range.

    References
    ----------
    C. Pittorino, C. Lucibello, C. Feinauer, G. Perugini, C. Baldassi, E. Demyanenko, R. Zecchina, ICLR (2021),
    arXiv:2006.07897.
    """

    copies: int = 3
    pull: float = 0.1
    takes: ClassVar[frozenset[str]] = frozenset({"momentum"})

    def __post_init__(self) -> None:
        """Check all that was given."""
        whole("copies", self.copies, least=2)
        real("pull", self.pull, least=0)

    def start(self, parameters: Tensors, settings: Settings) -> State:
        """Start at rest."""
        if any(p.dim() != 3 or len(p) % self.copies for p in parameters):
            raise ValueError(
                f"the population must be a Population of whole teams of {self.copies}; got shapes "
                f"{[tuple(p.shape) for p in parameters][:2]}"
            )
        return {} if settings.momentum is None else {"momentum": zeros(parameters)}

    def step(self, parameters: Tensors, state: State, gradient: Gradient, settings: Settings) -> None:
        """Go one step."""
        gradients = gradient()
        for p, g in zip(parameters, gradients, strict=True):
            g.add_(p - _means(p, self.copies).repeat_interleave(self.copies, 0), alpha=self.pull)
        descend(parameters, gradients, state, settings)


def _means(tensor: torch.Tensor, copies: int) -> torch.Tensor:
    return tensor.view(-1, copies, *tensor.shape[1:]).mean(1)


@torch.no_grad()
def centres(population: Population, copies: int) -> Population:
    """Return one network for each team, with the mean of its members' parameters.

    Parameters
    ----------
    population : Population
        Networks 0 to copies−1 are the first team, and so on.
    copies : int
        Networks in a team.

    Raises
    ------
    TypeError, ValueError
        If it is no `Population`, or does not hold whole teams.

    Examples
    --------
    >>> centres(Population((2, 3, 2), 6, seeds=1), 3).networks
    2
    """
    if not isinstance(population, Population):
        raise TypeError(f"population must be a Population; got a {type(population).__name__}")
    members = whole("copies", copies)
    if population.networks % members:
        raise ValueError(f"population must hold whole teams of {members}; got {population.networks} networks")
    made: Any = population.subset(range(0, population.networks, members))
    made.load_flat(_means(population.flat(), members))
    return made
