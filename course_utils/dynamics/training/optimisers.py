r"""Optimisers for populations: each moves all networks by one step, and each network by its own knobs.

For one network every rule is the one of ``torch.optim``, or of the paper that is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy.typing as npt

from course_utils.dynamics.training.baoab import Langevin
from course_utils.dynamics.training.replicated_descent import Replicated
from course_utils.dynamics.training.rules import (
    Gradient,
    Optimiser,
    Settings,
    State,
    Tensors,
    descend,
    own_values,
    per_network,
    ridge,
    zeros,
)
from course_utils.validation import one_of, positive, real

__all__ = ["NAMED", "SAM", "SGD", "Adam", "Langevin", "Optimiser", "Replicated", "named"]


@dataclass(frozen=True, eq=False)
class SGD:
    r"""Stochastic gradient descent, with momentum and, above temperature 0, with heat.

    .. math::
        v \leftarrow \mu v + \nabla L + \lambda w, \qquad w \leftarrow w - \eta v + \sqrt{2 \eta T}\,\xi

    Without momentum and at :math:`T > 0` this is stochastic-gradient Langevin dynamics: in the limit of small steps,
    and with the whole data as batch, it samples :math:`e^{-L/T}`.

    References
    ----------
    M. Welling, Y. W. Teh, Bayesian Learning via Stochastic Gradient Langevin Dynamics, ICML (2011).
    """

    takes: ClassVar[frozenset[str]] = frozenset({"momentum", "temperature"})

    def start(self, parameters: Tensors, settings: Settings) -> State:
        """Start at rest."""
        return {} if settings.momentum is None else {"momentum": zeros(parameters)}

    def step(self, parameters: Tensors, state: State, gradient: Gradient, settings: Settings) -> None:
        """Go one step."""
        descend(parameters, gradient(), state, settings)
        if settings.temperature is not None:
            heat = zip(parameters, settings.normals(), settings.learning_rate, settings.temperature, strict=True)
            for p, kick, rate, temperature in heat:
                p.addcmul_(kick, (2 * rate * temperature).sqrt())


@dataclass(frozen=True, eq=False)
class Adam:
    r"""Adam: every weight has a learning rate of its own, from running means of its gradient and their squares.

    .. math::
        m \leftarrow \beta_1 m + (1-\beta_1) g,\quad v \leftarrow \beta_2 v + (1-\beta_2) g^2,\quad
        w \leftarrow w - \eta\, \frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)} + \epsilon}

    Parameters
    ----------
    betas : tuple of float
        :math:`\beta_1, \beta_2`, at least 0 and below 1.
    epsilon : float
        Above 0.
    decoupled : bool
        Whether weight decay shrinks the weights by :math:`1 - \eta\lambda` (AdamW), or is part of the gradient.

    Raises
    ------
    TypeError, ValueError
        If a parameter is outside its range.

    References
    ----------
    D. P. Kingma, J. Ba, arXiv:1412.6980 (2014); I. Loshchilov, F. Hutter, arXiv:1711.05101 (2017).
    """

    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    decoupled: bool = False
    takes: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        """Check all that was given."""
        if not isinstance(self.betas, tuple) or len(self.betas) != 2:
            raise TypeError(f"betas must be two numbers, as in (0.9, 0.999); got {self.betas!r}")
        for number in self.betas:
            real("betas", number, least=0, below=1)
        positive("epsilon", self.epsilon)
        one_of("decoupled", self.decoupled, (True, False))

    def start(self, parameters: Tensors, settings: Settings) -> State:
        """Start with no memory."""
        return {"mean": zeros(parameters), "square": zeros(parameters)}

    def step(self, parameters: Tensors, state: State, gradient: Gradient, settings: Settings) -> None:
        """Go one step."""
        gradients, (first, second) = gradient(), self.betas
        if not self.decoupled:
            ridge(gradients, parameters, settings)
        elif settings.weight_decay is not None:
            for p, rate, decay in zip(parameters, settings.learning_rate, settings.weight_decay, strict=True):
                p.mul_(1 - rate * decay)
        seen, spread = 1 - first ** (settings.step + 1), (1 - second ** (settings.step + 1)) ** 0.5
        rows = zip(parameters, gradients, state["mean"], state["square"], settings.learning_rate, strict=True)
        for p, g, mean, square, rate in rows:
            mean.lerp_(g, 1 - first)
            square.mul_(second).addcmul_(g, g, value=1 - second)
            p.addcdiv_(mean * (rate / seen), (square.sqrt() / spread).add_(self.epsilon), value=-1)


@dataclass(frozen=True, eq=False)
class SAM:
    r"""Sharpness-aware minimisation: the gradient is taken at the worst place of a small ball.

    .. math::
        w \leftarrow w - \eta\, \nabla L\bigl(w + \rho\, \nabla L(w)/|\nabla L(w)|\bigr)

    Both gradients see the same batch and the same noise; the second one is clipped, decays and gathers momentum as in
    `SGD`.

    Parameters
    ----------
    radius : float or array_like (E,)
        :math:`\rho`, above 0.

    Raises
    ------
    TypeError, ValueError
        If a radius is not above 0.

    References
    ----------
    P. Foret, A. Kleiner, H. Mobahi, B. Neyshabur, arXiv:2010.01412 (2020).
    """

    radius: float | npt.ArrayLike = 0.05
    takes: ClassVar[frozenset[str]] = frozenset({"momentum"})

    def __post_init__(self) -> None:
        """Check the radius."""
        object.__setattr__(self, "radius", per_network("radius", self.radius))

    def start(self, parameters: Tensors, settings: Settings) -> State:
        """Start at rest."""
        return SGD().start(parameters, settings)

    def step(self, parameters: Tensors, state: State, gradient: Gradient, settings: Settings) -> None:
        """Go one step."""
        uphill = gradient()
        norm = settings.gather([g * g for g in uphill]).sqrt()
        scales = settings.per_parameter(own_values(self.radius, norm) / (norm + 1e-12))
        here = [p.clone() for p in parameters]
        for p, g, scale in zip(parameters, uphill, scales, strict=True):
            p.addcmul_(g, scale)
        gradients = gradient()
        for p, old in zip(parameters, here, strict=True):
            p.copy_(old)
        descend(parameters, gradients, state, settings)


NAMED: Mapping[str, Optimiser] = {
    "sgd": SGD(),
    "adam": Adam(),
    "adamw": Adam(decoupled=True),
    "sam": SAM(),
    "langevin": Langevin(),
}


def named(optimiser: Any) -> Optimiser:
    """Return the optimiser of that name with its usual settings, or the optimiser itself.

    Raises
    ------
    ValueError
        If it is neither a known name nor an optimiser.
    """
    if isinstance(optimiser, (SGD, Adam, SAM, Langevin, Replicated)):
        return optimiser
    takes = (*NAMED, "an optimiser such as Adam(epsilon=1e-6)")
    return NAMED[one_of("optimiser", optimiser, takes[:-1])]
