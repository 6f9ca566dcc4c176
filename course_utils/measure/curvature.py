r"""Curvature: the second derivatives of networks' losses, for one network or a whole population at once.

.. math::
    H_{ij} = \frac{\partial^2 L}{\partial\theta_i\,\partial\theta_j}

The sum of the losses of E networks has a Hessian of E blocks, since no network sees another one's loss: one product
with it *is* E products, each network's own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.evaluation import Networks, as_population
from course_utils.measure.spectra import extremes
from course_utils.seeding import Seed

Array = npt.NDArray[np.float64]

# Numbers that one batch of products may hold in each layer, and that a full Hessian may have.
_BATCH, _LARGEST = 1 << 20, 1 << 28


class Curvature:
    r"""The Hessian of each network's loss at its present parameters, known by its products with vectors.

    The graph of the gradient is built once and kept; each product :math:`Hv = \nabla (v \cdot \nabla L)` then costs
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
        population = population.subset(range(population.networks))
        pairs = zip(population.weights, population.biases, strict=True)
        self._parts = [part.requires_grad_() for pair in pairs for part in pair]
        losses = population.losses(inputs, labels, loss)
        if not torch.isfinite(losses).all():
            wrong = (~torch.isfinite(losses)).nonzero().ravel().tolist()
            raise ValueError(f"networks must have finite losses; {wrong[:5]} have not")
        self._slopes = torch.autograd.grad(losses.sum(), self._parts, create_graph=True)
        self.losses: Array = losses.detach().double().cpu().numpy()
        where = population.flat()
        self.networks, self.parameters = where.shape
        self.dtype, self.device = where.dtype, where.device
        self._scale = where.abs() if adaptive else None
        self.gradients = self._scaled(self._joined(self._slopes).detach())
        widest = sum(population.sizes) * inputs.shape[-1]
        self._at_once = max(1, _BATCH // (self.networks * max(widest, self.parameters)))

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
        if vectors.dim() == 2:
            return self._scaled(self._product(vectors, batched=False))
        if len(vectors) == 1:
            return self._scaled(self._product(vectors[0], batched=False)[None])
        return self._scaled(torch.cat([self._product(some, batched=True) for some in vectors.split(self._at_once)]))

    def _product(self, vectors: Tensor, *, batched: bool) -> Tensor:
        pieces = vectors.split([part[0].numel() for part in self._parts], -1)
        pushes = [
            piece.reshape(*vectors.shape[:-2], *part.shape) for piece, part in zip(pieces, self._parts, strict=True)
        ]
        return self._joined(
            torch.autograd.grad(self._slopes, self._parts, pushes, retain_graph=True, is_grads_batched=batched)
        )

    def _joined(self, parts: tuple[Tensor, ...]) -> Tensor:
        return torch.cat([part.flatten(-2) for part in parts], -1)

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
        rows = []
        for start in range(0, self.parameters, self._at_once):
            stop = min(start + self._at_once, self.parameters)
            unit = torch.eye(self.parameters, dtype=self.dtype, device=self.device)[start:stop, None]
            rows.append(self.times(unit.expand(-1, self.networks, -1)).transpose(0, 1).double().cpu())
        full = torch.cat(rows, 1).numpy()
        return np.asarray(0.5 * (full + full.swapaxes(1, 2)))

    def spectrum(self) -> Array:
        """Return all eigenvalues of each network's Hessian, (networks, parameters), rising; for small networks.

        Raises
        ------
        ValueError
            If the full Hessian would have more than 2**28 entries.
        """
        return np.asarray(np.linalg.eigvalsh(self.hessian()))


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
