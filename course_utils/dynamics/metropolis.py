r"""Spins with any couplings, one flip at a time: Metropolis and heat bath, many replicas side by side.

.. math::
    E = -\tfrac12 \sum_{ij} J_{ij} s_i s_j - \sum_i h_i s_i
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from course_utils.dynamics import kicks
from course_utils.dynamics.chains import pieces
from course_utils.dynamics.magnet_record import MagnetRecord
from course_utils.interrupts import interruptible
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, one_of, whole

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = npt.NDArray[np.float64]

# Multiplications in one call of a compiled loop: some tenths of a second.
_WORK = 300_000_000


def metropolis(
    model: Any,
    temperatures: npt.ArrayLike,
    *,
    replicas: int,
    sweeps: int,
    burn_in: int | None = None,
    record_every: int = 1,
    field: npt.ArrayLike = 0.0,
    start: str = "hot",
    seed: Seed,
) -> MagnetRecord:
    r"""Flip spins one after the other, each with probability :math:`\min(1, e^{-\beta \Delta E})`.

    Parameters
    ----------
    model : SpinGlass, Ising, or a matrix
        What is flipped: anything with ``couplings``, or the couplings :math:`J` themselves, (N, N), dense or sparse,
        symmetric with zeros on the diagonal.
    temperatures : array_like, (T,)
        Temperatures in the units of :math:`J`; positive.
    replicas : int
        Independent replicas at each temperature.
    sweeps : int
        How many times each spin is tried after the burn-in.
    burn_in : int, optional
        Sweeps before the first that counts. Without it a quarter of ``sweeps``.
    record_every : int
        Sweeps between two records.
    field : float or array_like, (N,)
        Field :math:`h_i` on each spin, in the units of :math:`J`.
    start : {"hot", "cold"}
        All spins at random, or all up.
    seed : int or numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    MagnetRecord
        ``spins`` has the shape (T, R, N). After an interrupt: the records that there are, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Notes
    -----
    Costs are computed in single precision, acceptances to 3e-6 of themselves; one below 3e-8 never happens.

    References
    ----------
    N. Metropolis, A. W. Rosenbluth, M. N. Rosenbluth, A. H. Teller, E. Teller, J. Chem. Phys. 21, 1087 (1953),
    doi:10.1063/1.1699114.

    Examples
    --------
    Two spins that like each other, E = −s s′, at temperature 1: the mean energy is −tanh 1 = −0.76.

    >>> pair = metropolis([[0, 1], [1, 0]], [1.0], replicas=1000, sweeps=100, seed=1)
    >>> bool(abs(pair.energies.mean() * 2 + 0.7616) < 0.01)
    True
    """
    options = _Options(replicas, sweeps, burn_in, record_every, start)
    return _simulate("metropolis", model, temperatures, field, options, seed)


def heat_bath(
    model: Any,
    temperatures: npt.ArrayLike,
    *,
    replicas: int,
    sweeps: int,
    burn_in: int | None = None,
    record_every: int = 1,
    field: npt.ArrayLike = 0.0,
    start: str = "hot",
    seed: Seed,
) -> MagnetRecord:
    r"""Draw spins one after the other from their law between their neighbours (Glauber's dynamics).

    .. math::
        P(s_i = 1) = \frac{1}{1 + e^{-2 \beta h_i}}, \qquad h_i = \sum_j J_{ij} s_j + h_i^\text{ext}

    Parameters
    ----------
    model : SpinGlass, Ising, or a matrix
        What is flipped: anything with ``couplings``, or the couplings :math:`J` themselves, (N, N), dense or sparse,
        symmetric with zeros on the diagonal.
    temperatures : array_like, (T,)
        Temperatures in the units of :math:`J`; positive.
    replicas : int
        Independent replicas at each temperature.
    sweeps : int
        How many times each spin is drawn after the burn-in.
    burn_in : int, optional
        Sweeps before the first that counts. Without it a quarter of ``sweeps``.
    record_every : int
        Sweeps between two records.
    field : float or array_like, (N,)
        Field on each spin, in the units of :math:`J`.
    start : {"hot", "cold"}
        All spins at random, or all up.
    seed : int or numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    MagnetRecord
        ``spins`` has the shape (T, R, N). After an interrupt: the records that there are, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    R. J. Glauber, J. Math. Phys. 4, 294 (1963), doi:10.1063/1.1703954.

    Examples
    --------
    One spin in a field of 1 at temperature 1: the mean is tanh 1 = 0.76.

    >>> single = heat_bath([[0.0]], [1.0], replicas=1000, sweeps=100, field=1.0, seed=1)
    >>> bool(abs(single.magnetisations.mean() - 0.7616) < 0.01)
    True
    """
    options = _Options(replicas, sweeps, burn_in, record_every, start)
    return _simulate("heat_bath", model, temperatures, field, options, seed)


class _Options:
    """The numbers that both ways of flipping take, checked."""

    def __init__(self, replicas: int, sweeps: int, burn_in: int | None, record_every: int, start: str) -> None:
        self.replicas, self.sweeps = whole("replicas", replicas), whole("sweeps", sweeps)
        self.every = whole("record_every", record_every, most=self.sweeps)
        self.burn_in = self.sweeps // 4 if burn_in is None else whole("burn_in", burn_in, least=0)
        self.hot = one_of("start", start, ("hot", "cold")) == "hot"


def couplings_of(model: Any) -> csr_array:
    """Return the couplings of a model, or a matrix of couplings, as sparse rows.

    Raises
    ------
    TypeError, ValueError
        If it is not a symmetric matrix of finite numbers with zeros on the diagonal.
    """
    from scipy.sparse import csr_array, issparse

    raw = getattr(model, "couplings", model)
    matrix = csr_array(raw if issparse(raw) else finite_array("model", raw, ndim=2), dtype=np.float64)
    matrix.sum_duplicates()
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"model must have a square matrix of couplings; got shape {matrix.shape}")
    if not np.isfinite(matrix.data).all():
        raise ValueError("model must have finite couplings; got NaN or infinite ones")
    if (matrix - matrix.T).count_nonzero() or matrix.diagonal().any():
        raise ValueError("model must have symmetric couplings with zeros on the diagonal; got others")
    return matrix


def _simulate(
    kind: str, model: Any, temperatures: npt.ArrayLike, field: npt.ArrayLike, options: _Options, seed: Seed
) -> MagnetRecord:
    matrix = couplings_of(model)
    sites = matrix.shape[0]
    heat = finite_array("temperatures", temperatures, ndim=1, above=0)
    external = finite_array("field", field)
    if external.shape not in ((), (sites,)):
        raise ValueError(f"field must be a number or have shape ({sites},); got shape {external.shape}")
    external = np.broadcast_to(external, sites)
    random = generator(seed)
    lanes, records = heat.size * options.replicas, options.sweeps // options.every
    spins = np.ones((sites, lanes), dtype=np.float32)
    if options.hot:
        spins[random.integers(0, 2, size=spins.shape, dtype=np.int8) > 0] = -1
    state = kicks.streams(random, lanes)
    betas = np.repeat(1 / heat, options.replicas).astype(np.float32)
    from course_utils.dynamics.kernels import flips as flip_kernels  # numba imports slowly

    flip = getattr(flip_kernels, kind)
    rows = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data.astype(np.float32)
    arguments = *rows, external.astype(np.float32), spins, state, betas
    energies, magnetisations = np.empty((2, records, lanes))
    piece, done = max(1, _WORK // (lanes * (matrix.nnz + 10 * sites))), 0
    with interruptible(options.burn_in + records * options.every, "Spins") as bar:
        for number in pieces(options.burn_in, piece):
            flip(*arguments, number)
            bar.update(number)
        while done < records:
            for number in pieces(options.every, piece):
                flip(*arguments, number)
                bar.update(number)
            energies[done] = (spins * -(matrix @ spins / 2 + external[:, None])).mean(0)
            magnetisations[done] = spins.mean(0)
            done += 1
    shape = heat.size, options.replicas
    return MagnetRecord(
        sites,
        heat,
        energies[:done].T.reshape(*shape, done),
        magnetisations[:done].T.reshape(*shape, done),
        spins.T.astype(np.int8).reshape(*shape, sites),
    )
