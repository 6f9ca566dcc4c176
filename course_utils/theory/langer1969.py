r"""Langer (1969): Kramers' law over a mountain pass, in any number of dimensions (also named after Eyring).

.. math::
    \tau \simeq \frac{2\pi}{|\lambda_-|} \sqrt{\frac{|\det H_\text{pass}|}{\det H_\text{valley}}}\; e^{\Delta U/k_B T}

with :math:`\lambda_-` the one negative eigenvalue of the Hessian at the pass.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, positive

Array = npt.NDArray[np.float64]


def _spectrum(name: str, hessian: npt.ArrayLike, negative: int) -> Array:
    matrix = finite_array(name, hessian, ndim=2)
    if matrix.shape[0] != matrix.shape[1] or not np.allclose(matrix, matrix.T, rtol=1e-9):
        raise ValueError(f"{name} must be a symmetric matrix; got shape {matrix.shape}")
    eigenvalues = np.linalg.eigvalsh(matrix).astype(np.float64)
    if (eigenvalues == 0).any() or (eigenvalues < 0).sum() != negative:
        raise ValueError(f"{name} must have {negative} negative and no zero eigenvalues; got {eigenvalues.round(6)}")
    return eigenvalues


def mean_time(
    *, barrier: float, valley_hessian: npt.ArrayLike, pass_hessian: npt.ArrayLike, temperature: npt.ArrayLike
) -> Array:
    r"""Mean time to cross a pass, to leading order in :math:`T / \Delta U`.

    Parameters
    ----------
    barrier : float
        Height :math:`\Delta U` of the pass above the valley; positive.
    valley_hessian : array_like, (d, d)
        Second derivatives in the valley: all eigenvalues positive.
    pass_hessian : array_like, (d, d)
        Second derivatives on the pass: exactly one negative eigenvalue.
    temperature : array_like
        :math:`k_B T`, any shape; positive.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    J. S. Langer, Ann. Phys. 54, 258 (1969), doi:10.1016/0003-4916(69)90153-5.

    Examples
    --------
    In one dimension it is Kramers' formula:

    >>> mean_time(barrier=1.0, valley_hessian=[[8.0]], pass_hessian=[[-4.0]], temperature=0.25).round(2).item()
    60.64
    """
    barrier = positive("barrier", barrier)
    valley, over = _spectrum("valley_hessian", valley_hessian, 0), _spectrum("pass_hessian", pass_hessian, 1)
    if valley.shape != over.shape:
        raise ValueError(f"pass_hessian must have the shape of valley_hessian; got sizes {len(over)} and {len(valley)}")
    heat = finite_array("temperature", temperature, above=0)
    ratio = math.exp(0.5 * (np.log(np.abs(over)).sum() - np.log(valley).sum()))
    return 2 * math.pi / abs(float(over[0])) * ratio * np.exp(barrier / heat)
