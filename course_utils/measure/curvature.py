r"""Curvature: the second derivatives of networks' losses, for one network or a whole population at once.

.. math::
    H_{ij} = \frac{\partial^2 L}{\partial\theta_i\,\partial\theta_j}

The sum of the losses of E networks has a Hessian of E blocks, since no network sees another one's loss: one product
with it *is* E products, each network's own.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.evaluation import Networks, as_population, one_each
from course_utils.measure.products import HessianProducts
from course_utils.measure.spectra import extremes
from course_utils.seeding import Seed

Array = npt.NDArray[np.float64]

# Numbers that the units of networks and vectors which are taken together may hold: they stay in the processor's cache.
_CACHE = 1 << 17
# Numbers that a full Hessian may have.
_LARGEST = 1 << 28


class Curvature:
    r"""The Hessian of each network's loss at its present parameters, known by its products with vectors.

    One forward and backward pass is taken and kept; each product :math:`Hv = \nabla (v \cdot \nabla L)` then costs
    about as much as a gradient. The parameters are copied: training on does not change what is read here.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        A plain network is a population of one.
    inputs : torch.Tensor, (features, batch) or (networks, features, batch)
        Data, features first.
    labels : torch.Tensor, (batch,) or (networks, batch)
        Classes (int64), or float targets for ``"mse"``.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch, as `Population.losses` does.
    adaptive : bool
        Measure in steps relative to each parameter's size: :math:`|\theta|\,H\,|\theta|` with :math:`|\theta|` on a
        diagonal. Scaling a ReLU layer up and the next one down by the same factor changes neither the function
        nor this matrix, while it changes :math:`H` at will.

    Attributes
    ----------
    networks, parameters : int
        How many networks, and how many parameters each has.
    losses : numpy.ndarray, (networks,)
        The losses.
    gradients : torch.Tensor, (networks, parameters)
        The slopes :math:`\nabla L` (times :math:`|\theta|` if adaptive).

    Raises
    ------
    TypeError, ValueError
        If networks and data do not fit together, or a loss is not finite.

    References
    ----------
    Products: B. A. Pearlmutter, Neural Comput. 6, 147 (1994), doi:10.1162/neco.1994.6.1.147.
    Rescaling: L. Dinh, R. Pascanu, S. Bengio, Y. Bengio, ICML (2017), arXiv:1703.04933.
    Adaptive: J. Kwon, J. Kim, H. Park, I. K. Choi, ICML (2021), arXiv:2102.11600.

    Examples
    --------
    A linear network with squared error has the Hessian 2 XXᵀ/(batch · outputs), here for weight, weight and bias:

    >>> network = torch.nn.Sequential(torch.nn.Linear(2, 1))
    >>> data = torch.tensor([[1.0, -1.0], [0.0, 2.0]])
    >>> Curvature(network, data, torch.zeros(1, 2), loss="mse").hessian()[0]
    array([[ 2., -2.,  0.],
           [-2.,  4.,  2.],
           [ 0.,  2.,  2.]])
    """

    def __init__(
        self,
        networks: Networks,
        inputs: Tensor,
        labels: Tensor,
        *,
        loss: str = "cross-entropy",
        adaptive: bool = False,
    ) -> None:
        if not isinstance(adaptive, bool):
            raise TypeError(f"adaptive must be True or False; got {adaptive!r:.80}")
        population = as_population("networks", networks)
        population.check(inputs, labels, loss)
        where = population.flat()
        self.networks, self.parameters = where.shape
        self.dtype, self.device = where.dtype, where.device
        together = max(1, _CACHE // max(sum(population.sizes[1:]) * inputs.shape[-1], self.parameters))
        groups = math.ceil(self.networks / together)
        size = math.ceil(self.networks / groups)
        self._at_once = max(1, together // size)
        self._groups = []
        for first in range(0, self.networks, size):
            own = slice(first, first + size)
            x, y = inputs[own] if inputs.dim() == 3 else inputs, labels[own] if one_each(labels) else labels
            self._groups.append(HessianProducts(population, where[own], x, y, loss))
        losses = torch.cat([group.losses for group in self._groups])
        if not torch.isfinite(losses).all():
            wrong = (~torch.isfinite(losses)).nonzero().ravel().tolist()
            raise ValueError(f"networks must have finite losses; {wrong[:5]} have not")
        self.losses: Array = losses.double().cpu().numpy()
        self._scale = where.abs() if adaptive else None
        self.gradients = self._scaled(torch.cat([group.gradients for group in self._groups]))

    def times(self, vectors: Tensor) -> Tensor:
        """Return each network's Hessian times its vector.

        Parameters
        ----------
        vectors : torch.Tensor, (networks, parameters) or (vectors, networks, parameters)
            Ordered as ``Population.flat``.

        Returns
        -------
        torch.Tensor, same shape

        Raises
        ------
        TypeError, ValueError
            If they are no tensor of this shape.
        """
        if not isinstance(vectors, Tensor):
            raise TypeError(f"vectors must be a torch tensor; got a {type(vectors).__name__}")
        if vectors.dim() not in (2, 3) or vectors.shape[-2:] != (self.networks, self.parameters):
            expected = f"({self.networks}, {self.parameters})"
            raise ValueError(
                f"vectors must have shape {expected} or (vectors, {expected[1:]}; got {tuple(vectors.shape)}"
            )
        vectors = self._scaled(vectors.detach().to(dtype=self.dtype, device=self.device))
        many = vectors.reshape(-1, self.networks, self.parameters)
        images = _joined([self._products(some) for some in many.split(self._at_once)], 0)
        return self._scaled(images.view(vectors.shape))

    def _products(self, vectors: Tensor) -> Tensor:
        parts = vectors.split([len(group.losses) for group in self._groups], 1)
        return _joined([group.times(part) for group, part in zip(self._groups, parts, strict=True)], 1)

    def _scaled(self, vectors: Tensor) -> Tensor:
        return vectors if self._scale is None else vectors * self._scale

    def hessian(self) -> Array:
        """Return the full Hessian of each network, (networks, parameters, parameters); for small networks.

        Raises
        ------
        ValueError
            If it would have more than 2**28 entries.
        """
        if self.networks * self.parameters**2 > _LARGEST:
            raise ValueError(
                f"networks must be few and small for full Hessians, at most {_LARGEST} entries; got {self.networks} "
                f"with {self.parameters} parameters: use extremes, trace or spectral_density"
            )
        full = np.empty((self.networks, self.parameters, self.parameters))
        units = torch.eye(self.parameters, dtype=self.dtype, device=self.device)[:, None]
        for start in range(0, self.parameters, self._at_once):  # rows are copied: kept, they would splinter the memory
            some = slice(start, start + self._at_once)
            rows = self.times(units[some].expand(-1, self.networks, -1))
            full[:, some] = rows.transpose(0, 1).double().cpu().numpy()
        return np.asarray(0.5 * (full + full.swapaxes(1, 2)))

    def spectrum(self) -> Array:
        """Return all eigenvalues of each network's Hessian, (networks, parameters), rising; for small networks.

        Raises
        ------
        ValueError
            If the full Hessian would have more than 2**28 entries.
        """
        return np.asarray(np.linalg.eigvalsh(self.hessian()))


def _joined(parts: list[Tensor], axis: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, axis)


def sharpness(
    networks: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    loss: str = "cross-entropy",
    adaptive: bool = False,
    tolerance: float = 1e-3,
    most_steps: int = 300,
    seed: Seed,
) -> Array:
    r"""Largest eigenvalue of the Hessian of each network's loss: how steep the narrowest direction is.

    Gradient descent with learning rate :math:`\eta` is stable in a quadratic valley while
    :math:`\lambda_\text{max} < 2/\eta`.

    Parameters
    ----------
    networks, inputs, labels, loss, adaptive
        See `Curvature`. The adaptive sharpness does not change when a ReLU network is rescaled layer by layer.
    tolerance, most_steps, seed
        See `course_utils.measure.spectra.extremes`.

    Returns
    -------
    numpy.ndarray, (networks,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Warns
    -----
    RuntimeWarning
        If ``most_steps`` did not suffice.

    Examples
    --------
    >>> network = torch.nn.Sequential(torch.nn.Linear(2, 1))
    >>> data = torch.tensor([[1.0, -1.0], [0.0, 2.0]])
    >>> sharpness(network, data, torch.zeros(1, 2), loss="mse", seed=1).round(3)
    array([6.])
    """
    curvature = Curvature(networks, inputs, labels, loss=loss, adaptive=adaptive)
    return extremes(curvature, ends="largest", tolerance=tolerance, most_steps=most_steps, seed=seed).largest
