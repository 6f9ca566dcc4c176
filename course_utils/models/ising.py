"""The magnet of Ising on a square lattice: every spin wants to point as its four neighbours do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, whole

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = npt.NDArray[np.float64]

# 2^16 states of a 4 x 4 lattice.
LARGEST_ENUMERATED = 4


@dataclass(frozen=True)
class Ising:
    r"""Spins :math:`s = \pm 1` on an :math:`L \times L` square lattice with periodic edges.

    .. math::
        E = -\sum_{\langle ij \rangle} s_i s_j

    Parameters
    ----------
    side : int
        Side :math:`L`, 2 or more. On a side of 2 each pair of neighbours has two bonds.

    Raises
    ------
    TypeError, ValueError
        If the side is not such a number.

    References
    ----------
    E. Ising, Z. Phys. 31, 253 (1925), doi:10.1007/BF02980577.

    Examples
    --------
    >>> magnet = Ising(4)
    >>> magnet.energy([[[1, 1, 1, 1]] * 4])
    array([-32.])
    >>> magnet.energies.min(), (magnet.energies == -32).sum()
    (np.float64(-32.0), np.int64(2))
    """

    side: int

    def __post_init__(self) -> None:
        """Reject what is not a lattice."""
        object.__setattr__(self, "side", whole("side", self.side, least=2))

    @property
    def sites(self) -> int:
        """Number of spins, L²."""
        return self.side**2

    def energy(self, spins: npt.ArrayLike) -> Array:
        """Energy of configurations (..., L, L), shape (...), in units of J.

        Raises
        ------
        ValueError
            If the last two axes do not hold L × L spins, each -1 or +1.
        """
        states = self._checked(spins)
        return -(states * (np.roll(states, 1, -1) + np.roll(states, 1, -2))).sum((-1, -2))

    def magnetisation(self, spins: npt.ArrayLike) -> Array:
        """Magnetisation per spin of configurations (..., L, L), shape (...), from -1 to 1.

        Raises
        ------
        ValueError
            If the last two axes do not hold L × L spins, each -1 or +1.
        """
        return self._checked(spins).mean((-1, -2))

    @property
    def couplings(self) -> csr_array:
        """The couplings J_ij of spin number i = row × L + column, as a sparse matrix (N, N)."""
        from scipy.sparse import coo_array

        place = np.arange(self.sites).reshape(self.side, self.side)
        here = np.tile(place.ravel(), 4)
        there = np.concatenate([np.roll(place, step, axis).ravel() for step in (1, -1) for axis in (0, 1)])
        return coo_array((np.ones(len(here)), (here, there)), shape=(self.sites, self.sites)).tocsr()

    def states(self) -> npt.NDArray[np.int8]:
        """All configurations, shape (2^N, L, L).

        Raises
        ------
        ValueError
            If the side is more than 4.
        """
        if self.side > LARGEST_ENUMERATED:
            raise ValueError(f"side must be at most {LARGEST_ENUMERATED} to write down all states; got {self.side}")
        numbers = np.arange(2**self.sites)[:, None]
        return (((numbers >> np.arange(self.sites)) & 1) * 2 - 1).astype(np.int8).reshape(-1, self.side, self.side)

    @property
    def energies(self) -> Array:
        """Energy of every state, in the order of `states`, shape (2^N,)."""
        return self.energy(self.states())

    def _checked(self, spins: npt.ArrayLike) -> Array:
        states = finite_array("spins", spins)
        shape = (self.side, self.side)
        if states.shape[-2:] != shape or not (np.abs(states) == 1).all():
            raise ValueError(f"spins must hold -1 or +1, shape (..., {self.side}, {self.side}); got {states.shape}")
        return states
