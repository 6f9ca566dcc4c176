"""The spherical 3-spin glass: a random landscape on a sphere, smooth enough to walk on and to count its valleys."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]

# 20 glasses of 128 spins are 336 MB: beyond that a lesson does not fit into its memory.
MOST_NUMBERS = 45_000_000


class SphericalGlasses:
    r"""Random landscapes on the sphere :math:`|x|^2 = N`, one for each set of couplings.

    .. math::
        E(x) = -\sum_{ijk} J_{ijk}\, x_i x_j x_k

    Energies are given per spin, :math:`e = E/N`. Drawn couplings make :math:`E` Gaussian, with covariance
    :math:`N (x \cdot y / N)^3`. The opposite point has the opposite energy.

    Parameters
    ----------
    couplings : array_like, (glasses, N, N, N)
        :math:`J`, unchanged when its three last axes are exchanged.

    Raises
    ------
    TypeError, ValueError
        If the couplings are not of this kind.

    References
    ----------
    A. Crisanti, H.-J. Sommers, Z. Phys. B 87, 341 (1992), doi:10.1007/BF01309287.

    Examples
    --------
    >>> couplings = np.zeros((1, 2, 2, 2))
    >>> couplings[0, 0, 0, 0] = 1
    >>> valley = SphericalGlasses(couplings)
    >>> valley.energy([[[2**0.5, 0.0], [0.0, 2**0.5]]]).round(6)
    array([[-1.414214, -0.      ]])
    """

    def __init__(self, couplings: npt.ArrayLike) -> None:
        tensor = finite_array("couplings", couplings, ndim=4)
        if not tensor.shape[1] == tensor.shape[2] == tensor.shape[3] or tensor.shape[1] < 2:
            raise ValueError(f"couplings must have shape (glasses, N, N, N), N at least 2; got {tensor.shape}")
        for axes in ((0, 2, 1, 3), (0, 1, 3, 2)):
            if not np.allclose(tensor, tensor.transpose(axes), rtol=1e-12, atol=1e-12):
                raise ValueError("couplings must be symmetric in their three last axes; got some that are not")
        self.couplings = tensor.copy()
        self.couplings.flags.writeable = False

    def __repr__(self) -> str:
        """Say how many glasses and spins there are, not all couplings."""
        return f"SphericalGlasses({self.count} of {self.sites} spins)"

    @classmethod
    def draw(cls, glasses: int, sites: int, *, seed: Seed) -> SphericalGlasses:
        """Draw glasses with independent Gaussian couplings.

        Parameters
        ----------
        glasses : int
            How many.
        sites : int
            N, 2 or more; glasses times N to the third at most 45 million.
        seed : int or numpy.random.Generator
            Where the couplings come from.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind.
        """
        count, size = whole("glasses", glasses), whole("sites", sites, least=2)
        if count * size**3 > MOST_NUMBERS:
            raise ValueError(f"glasses times spins^3 must be at most {MOST_NUMBERS}; got {count} times {size}^3")
        random, drawn = generator(seed), cls.__new__(cls)
        tensor = np.empty((count, size, size, size))
        for one in tensor:  # one glass at a time: six copies of all of them would not fit
            plain = random.normal(scale=1 / (6 * size), size=one.shape)
            one[:] = sum(plain.transpose(order) for order in permutations(range(3)))
        tensor.flags.writeable = False
        drawn.couplings = tensor
        return drawn

    def select(self, which: npt.ArrayLike) -> SphericalGlasses:
        """Return some of the glasses, by their numbers."""
        some = type(self).__new__(type(self))
        some.couplings = self.couplings[np.asarray(which, dtype=int)]
        return some

    @property
    def count(self) -> int:
        """Number of glasses."""
        return len(self.couplings)

    @property
    def sites(self) -> int:
        """Number of spins N: the dimension of the space in which the sphere lies."""
        return self.couplings.shape[1]

    def start(self, starts: int, *, seed: Seed) -> Array:
        """Draw points evenly on the sphere, (glasses, starts, N).

        Raises
        ------
        TypeError, ValueError
            If ``starts`` is not a positive whole number, or the seed not a seed.
        """
        shape = self.count, whole("starts", starts), self.sites
        return self.project(generator(seed).normal(size=shape))

    def project(self, points: Array) -> Array:
        """Stretch points (..., N) onto the sphere."""
        return np.asarray(points * (self.sites**0.5 / np.linalg.norm(points, axis=-1, keepdims=True)))

    def globe(self, which: int) -> tuple[Array, Array, Array]:
        """Map of one glass of 3 spins: longitudes (181,) and latitudes (91,) in radians, energies (91, 181).

        Raises
        ------
        ValueError
            If there are not 3 spins.
        """
        if self.sites != 3:
            raise ValueError(f"a globe needs glasses of 3 spins; these have {self.sites}")
        east, north = np.linspace(-np.pi, np.pi, 181), np.linspace(-np.pi / 2, np.pi / 2, 91)
        a, b = np.meshgrid(east, north)
        around = np.stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)], -1).reshape(1, -1, 3)
        return east, north, self.select([which]).energy(self.project(around)).reshape(a.shape)

    def energy(self, points: npt.ArrayLike) -> Array:
        """Energy per spin of points (glasses, points, N) on the sphere, shape (glasses, points).

        Raises
        ------
        TypeError, ValueError
            If the points are not of this shape, or do not lie on the sphere.
        """
        x = self._on_sphere(points)
        return -(self._field(x) * x).sum(-1) / self.sites

    def force(self, points: npt.ArrayLike) -> Array:
        r"""Minus the slope of E along the sphere, :math:`3 Jxx + 3 e x`, shape (glasses, points, N).

        Raises
        ------
        TypeError, ValueError
            If the points are not of this shape, or do not lie on the sphere.
        """
        x = self._on_sphere(points)
        pull = self._field(x)
        return 3 * (pull - (pull * x).sum(-1, keepdims=True) / self.sites * x)

    def curvatures(self, points: npt.ArrayLike) -> Array:
        r"""Eigenvalues of the curvature of E along the sphere, rising, shape (glasses, points, N - 1).

        The curvature is :math:`-6 J x - 3 e` without the direction of x; for large N its eigenvalues fill a
        semicircle of radius :math:`2\sqrt 6` around :math:`-3e`.

        Raises
        ------
        TypeError, ValueError
            If the points are not of this shape, or do not lie on the sphere.
        """
        x = self._on_sphere(points)
        inside = self.curvature(x) + 1e6 * x[..., :, None] * x[..., None, :] / self.sites
        return np.asarray(np.linalg.eigvalsh(inside)[..., :-1])

    def curvature(self, points: npt.ArrayLike) -> Array:
        """Matrix of the curvature along the sphere, which turns x into 0, shape (glasses, points, N, N).

        Raises
        ------
        TypeError, ValueError
            If the points are not of this shape, or do not lie on the sphere.
        """
        x = self._on_sphere(points)
        count, many, size = x.shape
        turned = (x @ self.couplings.reshape(count, size, size * size)).reshape(count, many, size, size)
        energy = -((turned @ x[..., None])[..., 0] * x).sum(-1) / size
        matrix = -6 * turned - 3 * energy[..., None, None] * np.eye(size)
        along = np.eye(size) - x[..., :, None] * x[..., None, :] / size
        return np.asarray(along @ matrix @ along)

    def _field(self, x: Array) -> Array:
        """Return the sum of J x x over two axes, (glasses, points, N)."""
        count, many, size = x.shape
        turned = (x @ self.couplings.reshape(count, size, size * size)).reshape(count, many, size, size)
        return np.asarray((turned @ x[..., None])[..., 0])

    def _on_sphere(self, points: npt.ArrayLike) -> Array:
        x = finite_array("points", points, ndim=3)
        if x.shape[0] != self.count or x.shape[2] != self.sites:
            raise ValueError(f"points must have shape ({self.count}, points, {self.sites}); got {x.shape}")
        if not np.allclose((x**2).sum(-1), self.sites, rtol=1e-6):
            raise ValueError(f"points must lie on the sphere, |x|^2 = {self.sites}; got some that do not")
        return x
