"""Lanczos' recurrence for many symmetric matrices at once, each known only by its products with vectors."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array = npt.NDArray[np.float64]


class Operator(Protocol):
    """Symmetric matrices, one a network, known by their products with vectors."""

    networks: int
    parameters: int
    dtype: torch.dtype
    device: torch.device

    def times(self, vectors: Tensor) -> Tensor:
        """Return each network's matrix times its vector; (..., networks, parameters)."""
        ...


def as_operator(value: Any) -> Operator:
    """Return ``value`` if it has what an operator needs.

    Raises
    ------
    TypeError
        If it has not.
    """
    if not hasattr(value, "times") or not hasattr(value, "parameters") or not hasattr(value, "networks"):
        raise TypeError(f"operator must have times, networks and parameters, as Curvature has; got {value!r:.80}")
    return value


def signs(operator: Operator, count: int, random: np.random.Generator) -> Tensor:
    """Return ``count`` probes of random signs for every network (Rademacher)."""
    shape = (count, operator.networks, operator.parameters)
    bits = random.integers(0, 2, shape, dtype=np.int8) * 2 - 1
    return torch.from_numpy(bits).to(device=operator.device, dtype=operator.dtype)


class Krylov:
    """Tridiagonal forms T = QᵀHQ that grow by one row a step; (probes, networks) of them side by side.

    Parameters
    ----------
    operator : Operator
        The matrices.
    starts : torch.Tensor, (probes, networks, parameters)
        Vectors to start from, of any length but zero.
    steps : int
        The most rows that T will get.

    Notes
    -----
    Where a Krylov space is exhausted before the others, its T goes on decoupled, with its first diagonal entry: a
    Rayleigh quotient, which can neither widen the spectrum nor weigh in a quadrature.
    """

    def __init__(self, operator: Operator, starts: Tensor, steps: int) -> None:
        self.operator, self.taken, self._sides = operator, 0, starts.shape[:2]
        # not filled with zeros: only the rows that are reached then take memory
        self._basis = starts.new_empty((len(starts) * starts.shape[1], steps, starts.shape[2]))
        self._basis[:, 0] = (starts / starts.norm(dim=-1, keepdim=True)).flatten(0, 1)
        self._diagonal, self._beside = starts.new_zeros((2, steps, len(self._basis)))
        self._scale = starts.new_zeros(len(self._basis))
        self._alive = torch.ones_like(self._scale, dtype=torch.bool)

    def step(self) -> None:
        """Take one product with the matrix, and add a row to each T."""
        j, known = self.taken, self._basis[:, : self.taken + 1]
        image = self.operator.times(known[:, j].unflatten(0, self._sides)).reshape(len(known), 1, -1)
        # vectors lie as rows: as columns these products take some ten times as long
        first = torch.bmm(image, known.mT)
        image = torch.baddbmm(image, first, known, alpha=-1)
        # twice is enough; once loses orthogonality as soon as an eigenvalue has converged
        second = torch.bmm(image, known.mT)
        image = image.baddbmm_(second, known, alpha=-1)[:, 0]
        height, rest = first[:, 0, j] + second[:, 0, j], image.norm(dim=1)
        self._diagonal[j] = torch.where(self._alive, height, self._diagonal[0]) if j else height
        self._scale = torch.maximum(self._scale, height.abs() + rest)
        rounding = 10 * math.sqrt(self.operator.parameters) * torch.finfo(image.dtype).eps
        self._alive = self._alive & (rest > rounding * self._scale) & (j + 1 < self.operator.parameters)
        self._beside[j] = torch.where(self._alive, rest, 0)
        self.taken = j + 1
        if self.taken < self._basis.shape[1]:
            self._basis[:, j + 1] = torch.where(self._alive[:, None], image / rest[:, None], 0)

    def solve(self) -> tuple[Array, Array, Array]:
        """Return Ritz values, (probes, networks, steps), their residuals, and the first components of T's vectors."""
        k = self.taken
        both = torch.stack([self._diagonal[:k].mT, self._beside[:k].mT]).double().cpu().numpy()
        diagonal, beside = both.reshape(2, *self._sides, k)
        matrix = np.zeros((*diagonal.shape, k))
        steps = np.arange(k)
        matrix[..., steps, steps] = diagonal
        matrix[..., steps[1:], steps[:-1]] = matrix[..., steps[:-1], steps[1:]] = beside[..., :-1]
        values, vectors = np.linalg.eigh(matrix)
        return values, beside[..., -1:] * np.abs(vectors[..., -1, :]), vectors[..., 0, :]
