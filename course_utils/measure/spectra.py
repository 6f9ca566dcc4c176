r"""Spectra of matrices that are known only by their products with vectors; many matrices at once.

Everything here asks an operator for one thing, ``operator.times(vectors)``, and takes the vectors of all its
``networks`` matrices at once: shape (networks, parameters), or (probes, networks, parameters).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.measure.krylov import Krylov, Operator, as_operator, signs
from course_utils.measure.statistics import Estimate
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, one_of, positive, real, whole

Array = npt.NDArray[np.float64]

# Numbers that the Krylov vectors of one batch of probes may hold: a quarter of a gigabyte in single precision.
_MEMORY = 1 << 26


@dataclass(frozen=True)
class Extremes:
    """The ends of each network's spectrum, with how far each may be off.

    Parameters
    ----------
    largest, smallest : numpy.ndarray, (networks,)
        The eigenvalues.
    largest_residual, smallest_residual : numpy.ndarray, (networks,)
        ‖Hv − λv‖ of the vector behind each: an eigenvalue lies within this distance, mostly far nearer.
    steps : int
        Products with the matrix that were taken.
    """

    largest: Array
    smallest: Array
    largest_residual: Array
    smallest_residual: Array
    steps: int


def extremes(
    operator: Operator, *, ends: str = "both", tolerance: float = 1e-3, most_steps: int = 300, seed: Seed
) -> Extremes:
    r"""Largest and smallest eigenvalue of every network's matrix (Lanczos, fully reorthogonalised).

    From a random start the products :math:`v, Hv, H^2v, \dots` are made orthogonal; in this basis :math:`H` is
    tridiagonal, and the ends of its spectrum are met first. It goes on until every network's residual
    :math:`\lVert Hv - \lambda v\rVert` is below ``tolerance`` times its largest :math:`|\lambda|`; the eigenvalue's
    own error is of the order of that residual's *square*.

    Parameters
    ----------
    operator : Operator
        Usually a `course_utils.measure.curvature.Curvature`.
    ends : {"both", "largest", "smallest"}
        Which ends have to converge. Both are returned.
    tolerance : float
        Largest residual relative to the largest eigenvalue in size; between 0 and 1.
    most_steps : int
        Products at most; a warning says if they were not enough.
    seed : int or numpy.random.Generator
        Where the start comes from.

    Returns
    -------
    Extremes

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Warns
    -----
    RuntimeWarning
        If ``most_steps`` did not suffice; the residuals say how far off it may be.

    References
    ----------
    C. Lanczos, J. Res. Natl. Bur. Stand. 45, 255 (1950), doi:10.6028/jres.045.026.
    """
    operator = as_operator(operator)
    one_of("ends", ends, ("both", "largest", "smallest"))
    tolerance = real("tolerance", tolerance, above=0, below=1)
    most = min(whole("most_steps", most_steps), operator.parameters)
    start = generator(seed).standard_normal((1, operator.networks, operator.parameters))
    chain = Krylov(operator, torch.from_numpy(start).to(device=operator.device, dtype=operator.dtype), most)
    watched = {"both": [0, -1], "largest": [-1], "smallest": [0]}[ends]
    while True:
        chain.step()
        if chain.taken % 4 and chain.taken < most:
            continue
        values, residuals, _ = (part[0] for part in chain.solve())
        open_ends = residuals[:, watched] > tolerance * np.abs(values).max(1, keepdims=True)
        if chain.taken == most or not open_ends.any():
            break
    if open_ends.any():
        warnings.warn(
            f"most_steps={most_steps} were not enough for {int(open_ends.any(1).sum())} of {operator.networks} "
            f"networks: residuals up to {residuals[:, watched].max():.2g}",
            RuntimeWarning,
            stacklevel=2,
        )
    return Extremes(values[:, -1], values[:, 0], residuals[:, -1], residuals[:, 0], chain.taken)


def trace(operator: Operator, *, products: int = 90, seed: Seed) -> list[Estimate]:
    r"""Trace of every network's matrix (Hutch++): the large eigenvalues exactly, the rest by random signs.

    .. math::
        \operatorname{tr} H \approx \operatorname{tr} Q^{\mathsf T} H Q
        + \frac1m \sum_{i=1}^m g_i^{\mathsf T} (1 - QQ^{\mathsf T}) H (1 - QQ^{\mathsf T}) g_i,

    where the columns of :math:`Q` span :math:`H` times :math:`m` random vectors, and a third of the products goes into
    each of the three parts. The mean is exact for any number of products.

    Parameters
    ----------
    operator : Operator
        Usually a `course_utils.measure.curvature.Curvature`.
    products : int
        Products with the matrix, at least 6; :math:`m` is a third of them, or the number of parameters if that is less
        (then the trace is exact).
    seed : int or numpy.random.Generator
        Where the signs come from.

    Returns
    -------
    list of Estimate
        One for each network; the error is that of the random signs, n is :math:`m`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    R. A. Meyer, C. Musco, C. Musco, D. P. Woodruff, SOSA (2021), arXiv:2010.09649.
    """
    operator = as_operator(operator)
    third = min(whole("products", products, least=6) // 3, operator.parameters)
    random = generator(seed)
    sketch = operator.times(signs(operator, third, random)).permute(1, 2, 0)
    frame = torch.linalg.qr(sketch)[0]
    top = (frame * operator.times(frame.permute(2, 0, 1).contiguous()).permute(1, 2, 0)).sum((1, 2))
    probes = signs(operator, third, random).permute(1, 2, 0)
    probes = probes - frame @ (frame.mT @ probes)
    images = operator.times(probes.permute(2, 0, 1).contiguous()).permute(1, 2, 0)
    rest = (probes * images).sum(1).double().cpu().numpy()
    means = top.double().cpu().numpy() + rest.mean(1)
    errors = rest.std(1, ddof=1) / math.sqrt(third)
    return [Estimate(float(mean), float(error), third) for mean, error in zip(means, errors, strict=True)]


@dataclass(frozen=True)
class SpectralDensity:
    r"""Where each network's eigenvalues lie, as weighted points.

    Parameters
    ----------
    nodes, weights : numpy.ndarray, (networks, probes, steps)
        The points and their shares; the shares of a probe sum to one.
    """

    nodes: Array
    weights: Array

    def mean(self, function: Any) -> list[Estimate]:
        r"""Return the mean of a function over each network's eigenvalues, :math:`\frac1P \sum_i f(\lambda_i)`.

        Exact but for the random probes where :math:`f` is a polynomial of degree below twice the steps; for a sharp
        edge, as in "the share above 1", the points are too few to be exact.

        Parameters
        ----------
        function : callable
            Takes an array of eigenvalues and returns one of the same shape.

        Raises
        ------
        ValueError
            If there are fewer than two probes, or the function's values are not finite.
        """
        values = finite_array("function(nodes)", function(self.nodes), ndim=3)
        by_probe = (self.weights * values).sum(-1)
        n = whole("probes", by_probe.shape[1], least=2)
        return [Estimate(float(row.mean()), float(row.std(ddof=1) / math.sqrt(n)), n) for row in by_probe]

    def smooth(self, grid: npt.ArrayLike, *, width: float) -> Array:
        r"""Return the density on a grid, each point widened to a Gaussian; (networks, grid points).

        .. math::
            \rho(x) = \frac1m \sum_{\text{probes}} \sum_j w_j\,
            \frac{e^{-(x - \theta_j)^2 / 2\sigma^2}}{\sqrt{2\pi}\,\sigma}

        Parameters
        ----------
        grid : array_like, (points,)
            Where the density is asked for.
        width : float
            :math:`\sigma`, positive, in the units of the eigenvalues.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind.
        """
        places = finite_array("grid", grid, ndim=1)
        width = positive("width", width)
        bell = np.exp(-0.5 * ((places[:, None, None, None] - self.nodes) / width) ** 2)
        density = (bell * self.weights).sum(-1).mean(-1) / (width * math.sqrt(2 * math.pi))
        return np.ascontiguousarray(density.T)


def spectral_density(operator: Operator, *, probes: int = 8, steps: int = 50, seed: Seed) -> SpectralDensity:
    r"""Density of every network's eigenvalues (stochastic Lanczos quadrature).

    A random vector of signs :math:`g` sees each eigenvalue equally on average, and Lanczos from it gives the Gaussian
    quadrature of what it sees:

    .. math::
        \frac1P \sum_i f(\lambda_i) = \Bigl\langle \tfrac1P\, g^{\mathsf T} f(H)\, g \Bigr\rangle
        \approx \Bigl\langle \sum_j (e_1^{\mathsf T} u_j)^2 f(\theta_j) \Bigr\rangle,

    with :math:`\theta_j, u_j` the eigenvalues and vectors of the tridiagonal matrix.

    Parameters
    ----------
    operator : Operator
        Usually a `course_utils.measure.curvature.Curvature`.
    probes : int
        Random vectors.
    steps : int
        Lanczos steps for each; at most the number of parameters are taken.
    seed : int or numpy.random.Generator
        Where the signs come from.

    Returns
    -------
    SpectralDensity

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    S. Ubaru, J. Chen, Y. Saad, SIAM J. Matrix Anal. Appl. 38, 1075 (2017), doi:10.1137/16M1104974.
    B. Ghorbani, S. Krishnan, Y. Xiao, ICML (2019), arXiv:1901.10159.
    """
    operator = as_operator(operator)
    probes, steps = whole("probes", probes), min(whole("steps", steps), operator.parameters)
    random = generator(seed)
    at_once = max(1, _MEMORY // (operator.networks * operator.parameters * steps))
    nodes, weights = [], []
    for first in range(0, probes, at_once):
        chain = Krylov(operator, signs(operator, min(at_once, probes - first), random), steps)
        for _ in range(steps):
            chain.step()
        values, _, heads = chain.solve()
        nodes.append(values)
        weights.append(heads**2)
    return SpectralDensity(np.concatenate(nodes).swapaxes(0, 1), np.concatenate(weights).swapaxes(0, 1))
