r"""Reduced-rank regression: a linear network with one hidden layer, whose product of weights is to hit a target.

.. math::
    K(A, B) = \tfrac12 \lVert BA - M \rVert^2
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]


def target(rank: int, *, rows: int = 4, columns: int = 4) -> Array:
    """Return a target of this rank: ones on the first places of the diagonal, zeros elsewhere.

    Parameters
    ----------
    rank : int
        From 0 to the smaller of rows and columns.
    rows, columns : int
        Outputs and inputs.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number in its range.

    Examples
    --------
    >>> target(1, rows=2, columns=3)
    array([[1., 0., 0.],
           [0., 0., 0.]])
    """
    rows, columns = whole("rows", rows), whole("columns", columns)
    matrix = np.zeros((rows, columns))
    places = np.arange(whole("rank", rank, least=0, most=min(rows, columns)))
    matrix[places, places] = 1.0
    return matrix


def loss(first: npt.ArrayLike, second: npt.ArrayLike, aim: npt.ArrayLike) -> Array:
    r"""Return :math:`\tfrac12 \lVert BA - M \rVert^2`, one number for each replica.

    Parameters
    ----------
    first : array_like, (..., hidden, columns)
        :math:`A`, the weights of the first layer.
    second : array_like, (..., rows, hidden)
        :math:`B`, those of the second.
    aim : array_like, (rows, columns)
        :math:`M`.

    Raises
    ------
    TypeError, ValueError
        If the three do not fit together.

    Examples
    --------
    >>> float(loss(np.eye(2), 3 * np.eye(2), target(1, rows=2, columns=2)))
    6.5
    """
    a, b, m = finite_array("first", first), finite_array("second", second), finite_array("aim", aim, ndim=2)
    if a.ndim < 2 or b.ndim < 2 or a.shape[-2] != b.shape[-1] or (b.shape[-2], a.shape[-1]) != m.shape:
        raise ValueError(f"first, second and aim must fit: (hidden, columns), (rows, hidden), (rows, columns); got "
                         f"{a.shape}, {b.shape}, {m.shape}")  # fmt: skip
    return np.asarray(0.5 * ((b @ a - m) ** 2).sum((-2, -1)))
