"""The spin glass of Sherrington and Kirkpatrick: spins that cannot please all their neighbours."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, one_of, whole

Array = npt.NDArray[np.float64]

# 2^20 states of 20 spins are 168 MB as float64: the most that a lesson can carry.
MOST_ENUMERATED = 20


class SpinGlass:
    r"""Spins :math:`s_i = \pm 1` that all act on each other, :math:`E = -\tfrac12 \sum_{ij} J_{ij} s_i s_j`.

    Parameters
    ----------
    couplings : array_like, (N, N)
        The matrix :math:`J`: symmetric, zero on the diagonal.

    Raises
    ------
    TypeError, ValueError
        If the couplings are not such a matrix.

    References
    ----------
    D. Sherrington and S. Kirkpatrick, Phys. Rev. Lett. 35, 1792 (1975), doi:10.1103/PhysRevLett.35.1792.

    Examples
    --------
    >>> pair = SpinGlass([[0, 1], [1, 0]])
    >>> pair.energy([[1, 1], [1, -1]])
    array([-1.,  1.])
    >>> pair.energies
    array([-1.,  1.,  1., -1.])
    """

    def __init__(self, couplings: npt.ArrayLike) -> None:
        matrix = finite_array("couplings", couplings, ndim=2)
        if matrix.shape[0] != matrix.shape[1]:
            raise ValueError(f"couplings must be a square matrix; got shape {matrix.shape}")
        if not np.array_equal(matrix, matrix.T) or np.diagonal(matrix).any():
            raise ValueError("couplings must be symmetric with zeros on the diagonal; got a matrix that is not")
        self.couplings = matrix.copy()
        self.couplings.flags.writeable = False

    def __repr__(self) -> str:
        """Say how many spins there are, not all couplings."""
        return f"SpinGlass({self.sites} spins)"

    @classmethod
    def draw(cls, sites: int, *, law: str = "gaussian", seed: Seed) -> SpinGlass:
        r"""Draw a glass with couplings of mean 0 and variance :math:`1/N`.

        Parameters
        ----------
        sites : int
            Number of spins :math:`N`, 2 or more.
        law : {"gaussian", "signs"}
            :math:`J_{ij} \sim \mathcal N(0, 1/N)`, or :math:`J_{ij} = \pm 1/\sqrt N` with equal chances.
        seed : int or numpy.random.Generator
            Where the couplings come from.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind.
        """
        count = whole("sites", sites, least=2)
        one_of("law", law, ("gaussian", "signs"))
        drawn = generator(seed).normal(size=(count, count))
        upper = np.triu((drawn if law == "gaussian" else np.where(drawn < 0, -1.0, 1.0)) / np.sqrt(count), k=1)
        return cls(upper + upper.T)

    @property
    def sites(self) -> int:
        """Number of spins N."""
        return len(self.couplings)

    def energy(self, spins: npt.ArrayLike) -> Array:
        """Energy of configurations (..., N), shape (...).

        Raises
        ------
        ValueError
            If the last axis does not hold N spins, each -1 or +1.
        """
        states = finite_array("spins", spins)
        if states.ndim == 0 or states.shape[-1] != self.sites or not (np.abs(states) == 1).all():
            raise ValueError(f"spins must hold -1 or +1, shape (..., {self.sites}); got shape {states.shape}")
        return -0.5 * ((states @ self.couplings) * states).sum(-1)

    def states(self) -> npt.NDArray[np.int8]:
        """All configurations, shape (2^N, N): spin i of state number n is bit i of n (0 is -1, 1 is +1).

        Raises
        ------
        ValueError
            If there are more than 20 spins.
        """
        if self.sites > MOST_ENUMERATED:
            raise ValueError(f"spins must be at most {MOST_ENUMERATED} to write down all states; got {self.sites}")
        numbers = np.arange(2**self.sites)[:, None]
        return (((numbers >> np.arange(self.sites)) & 1) * 2 - 1).astype(np.int8)

    @cached_property
    def energies(self) -> Array:
        """Energy of every state, in the order of `states`, shape (2^N,)."""
        every = self.energy(self.states())
        every.flags.writeable = False
        return every

    @property
    def ground_energy(self) -> float:
        """The lowest energy there is."""
        return float(self.energies.min())
