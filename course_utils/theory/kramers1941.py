r"""Kramers and Wannier (1941): a lattice built up row by row, by one matrix.

A row of :math:`L` spins has :math:`2^L` states; the matrix of Boltzmann factors between two rows, multiplied with
itself :math:`L` times and closed by the trace, is the partition function. With a factor :math:`e^{2\pi i k / (N + 1)}`
for every spin that points up it is one Fourier component of the distribution of the magnetisation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import positive, whole

Array = npt.NDArray[np.float64]

# 256 states of a row, 33 products of eight matrices: half a second.
LARGEST = 8


def magnetisation_distribution(side: int, temperature: float) -> tuple[Array, Array]:
    r"""Exact distribution of the magnetisation of a small square lattice with periodic edges.

    .. math::
        P(M) = \frac{1}{N+1} \sum_{k=0}^{N} e^{-2\pi i k (M + N) / (2 N + 2)}\,
            \bigl\langle e^{2\pi i k N_\uparrow / (N+1)} \bigr\rangle, \qquad M = 2 N_\uparrow - N

    Parameters
    ----------
    side : int
        Side :math:`L`, from 2 to 8; :math:`N = L^2`.
    temperature : float
        Temperature :math:`T` in units of :math:`J / k_B`; positive.

    Returns
    -------
    magnetisations : numpy.ndarray, (N + 1,)
        Magnetisation per spin, :math:`M / N`, from -1 to 1.
    probabilities : numpy.ndarray, (N + 1,)
        They sum to 1.

    Raises
    ------
    TypeError, ValueError
        If the size or the temperature is not of this kind.

    References
    ----------
    H. A. Kramers, G. H. Wannier, Phys. Rev. 60, 252 (1941), doi:10.1103/PhysRev.60.252.

    Examples
    --------
    >>> m, p = magnetisation_distribution(4, 2.269185)
    >>> round(float(p @ abs(m)), 4)
    0.8439
    """
    side = whole("side", side, least=2, most=LARGEST)
    beta = 1 / positive("temperature", temperature)
    sites = side * side
    rows = (np.arange(2**side)[:, None] >> np.arange(side) & 1) * 2.0 - 1.0
    along = (rows * np.roll(rows, 1, axis=1)).sum(1)
    # Each row carries half of its own energy on either side; the largest entry, 2 L bonds satisfied, is made 1.
    matrix = np.exp(beta * (rows @ rows.T + (along[:, None] + along) / 2 - 2 * side))
    up = (rows > 0).sum(1)
    moments = np.empty((sites + 1) // 2 + 1, dtype=complex)
    for k in range(len(moments)):
        turned = np.exp(2j * np.pi * k / (sites + 1) * up)
        moments[k] = np.trace(np.linalg.matrix_power(matrix * turned, side))
    # The components beyond the middle are the conjugates of those before it.
    later = np.conj(moments[1 : sites + 2 - len(moments)][::-1])
    probabilities = np.fft.fft(np.concatenate([moments, later])).real / (sites + 1) / moments[0].real
    return np.linspace(-1, 1, sites + 1), probabilities
