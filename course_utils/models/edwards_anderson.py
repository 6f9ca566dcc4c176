"""The spin glass of Edwards and Anderson: a lattice on which some neighbours want to be alike and some do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, one_of, real, whole

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = npt.NDArray[np.float64]


class EdwardsAnderson:
    r"""Many draws of bonds :math:`J_{ij} = \pm 1` on one periodic lattice, :math:`E = -\sum J_{ij} s_i s_j`.

    Parameters
    ----------
    bonds : array_like of -1 and +1, (samples, d, L, ..., L)
        ``bonds[k, a]`` holds, for draw k, the bond from each site to the next one along axis a; d = 2 or 3 axes of
        even length L, 4 or more.

    Raises
    ------
    TypeError, ValueError
        If the bonds are not of this kind.

    References
    ----------
    S. F. Edwards and P. W. Anderson, J. Phys. F 5, 965 (1975), doi:10.1088/0305-4608/5/5/017.

    Examples
    --------
    >>> glass = EdwardsAnderson.draw(4, samples=3, seed=1)
    >>> glass
    EdwardsAnderson(3 samples of 4 x 4 spins)
    >>> ferromagnet = EdwardsAnderson(np.ones((1, 2, 4, 4)))
    >>> ferromagnet.energy(np.ones((1, 4, 4)))
    array([-32.])
    """

    def __init__(self, bonds: npt.ArrayLike) -> None:
        array = finite_array("bonds", bonds)
        shape = array.shape
        size = shape[-1] if array.ndim else 0
        fits = array.ndim in (4, 5) and shape[1:] == (array.ndim - 2, *(size,) * (array.ndim - 2))
        if not fits or size < 4 or size % 2 or not (np.abs(array) == 1).all():
            raise ValueError(
                "bonds must hold -1 or +1, shape (samples, 2, L, L) or (samples, 3, L, L, L) with L even, at least 4; "
                f"got shape {shape}"
            )
        self.bonds = array.astype(np.int8)
        self.bonds.flags.writeable = False

    def __repr__(self) -> str:
        """Say how large it is, not all bonds."""
        return f"EdwardsAnderson({self.samples} samples of {' x '.join([str(self.side)] * self.dimension)} spins)"

    @classmethod
    def draw(
        cls, side: int, *, dimension: int = 2, antiferromagnetic: float = 0.5, samples: int = 64, seed: Seed
    ) -> EdwardsAnderson:
        r"""Draw bonds that are :math:`-1` with a given probability, each by itself.

        Parameters
        ----------
        side : int
            Side L, even, 4 or more.
        dimension : {2, 3}
            Number of axes.
        antiferromagnetic : float
            Probability of a bond of -1, from 0 to 1.
        samples : int
            How many draws; 64 run as fast as one.
        seed : int or numpy.random.Generator
            Where the bonds come from.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind.
        """
        side = whole("side", side, least=4)
        if side % 2:
            raise ValueError(f"side must be even, so that the lattice is a chessboard; got {side}")
        axes = one_of("dimension", dimension, (2, 3))
        share = real("antiferromagnetic", antiferromagnetic, least=0, most=1)
        shape = (whole("samples", samples), axes, *(side,) * axes)
        return cls(np.where(generator(seed).random(shape) < share, -1, 1))

    @property
    def samples(self) -> int:
        """Number of draws."""
        return self.bonds.shape[0]

    @property
    def dimension(self) -> int:
        """Number of axes, 2 or 3."""
        return self.bonds.shape[1]

    @property
    def side(self) -> int:
        """Side L."""
        return self.bonds.shape[-1]

    @property
    def sites(self) -> int:
        """Number of spins of one draw, L^d."""
        return self.side**self.dimension

    def energy(self, spins: npt.ArrayLike) -> Array:
        """Energy of configurations (..., samples, L, ..., L), each with its own draw of the bonds: (..., samples).

        Raises
        ------
        ValueError
            If the spins are not -1 or +1 on such a lattice.
        """
        states = finite_array("spins", spins)
        lattice = self.bonds.shape[2:]
        axes = tuple(range(-self.dimension, 0))
        fits = states.ndim > self.dimension and states.shape[-self.dimension :] == lattice
        if not fits or states.shape[-self.dimension - 1] not in (1, self.samples) or not (np.abs(states) == 1).all():
            raise ValueError(
                f"spins must hold -1 or +1, shape (..., {self.samples}, {', '.join(map(str, lattice))}); "
                f"got {states.shape}"
            )
        return -sum((self.bonds[:, a] * states * np.roll(states, -1, axis)).sum(axes) for a, axis in enumerate(axes))

    def couplings(self, sample: int) -> csr_array:
        """Couplings of one draw as a sparse matrix (N, N); spins are numbered as by ``reshape(-1)``.

        Raises
        ------
        TypeError, ValueError
            If there is no such draw.
        """
        from scipy.sparse import coo_array

        bonds = self.bonds[whole("sample", sample, least=0, most=self.samples - 1)]
        place = np.arange(self.sites).reshape(bonds.shape[1:])
        here = np.tile(place.ravel(), self.dimension)
        there = np.concatenate([np.roll(place, -1, a).ravel() for a in range(self.dimension)])
        upper = coo_array((bonds.ravel().astype(float), (here, there)), shape=(self.sites, self.sites)).tocsr()
        return upper + upper.T
