r"""Kolmogorov (1931): the backward equation, solved on a map: the mean time to a target from every place at once.

.. math::
    T\,\nabla^2 \tau - \nabla U \cdot \nabla \tau = -1, \qquad \tau = 0 \text{ on the target}

On a grid of cells the walker becomes a jumper from cell to cell. The rates of Scharfetter and Gummel,
:math:`r = \frac{T}{h^2} B(\Delta U / T)` with :math:`B(z) = z / (e^z - 1)`, keep detailed balance exactly, whatever the
size of the cells.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from scipy.interpolate import RegularGridInterpolator
from scipy.sparse.linalg import splu

from course_utils.validation import finite_array, function, positive, whole

Array = npt.NDArray[np.float64]

# Places this many kT above the lowest are left out, as if walled off: a walker is there with probability e^-30.
_CEILING = 30.0


def mean_time(
    energy: Callable[[Array], npt.ArrayLike],
    *,
    start: npt.ArrayLike,
    target: npt.ArrayLike,
    radius: float,
    temperature: float,
    box: npt.ArrayLike,
    cells: int = 100,
) -> float:
    """Mean time from a point to a disc in a two-dimensional landscape.

    Solved on two grids, the second twice as fine; the error, of second order in the cell, is extrapolated away.

    Parameters
    ----------
    energy : function
        U for points of shape (..., 2), returns shape (...).
    start, target : array_like, (2,)
        The starting point, and the centre of the disc.
    radius : float
        Radius of the disc; positive.
    temperature : float
        kT; positive.
    box : array_like, (2, 2)
        ((left, right), (bottom, top)): a map on whose edges the energy is high; walkers are reflected there.
    cells : int
        Cells of the coarser grid along each axis, 20 to 800.

    Returns
    -------
    float
        The time, in units in which force is velocity (mobility 1).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, a point lies outside the box, or the disc is finer than the grid.

    References
    ----------
    A. Kolmogorov (printed as Kolmogoroff), Math. Ann. 104, 415 (1931), doi:10.1007/BF01457949; D. L. Scharfetter and
    H. K. Gummel, IEEE Trans. Electron Devices 16, 64 (1969), doi:10.1109/T-ED.1969.16566.

    Examples
    --------
    A bowl of stiffness k: from radius R to a disc of radius r it takes ln(R / r) / k, at any temperature.

    >>> bowl = lambda points: 2 * (points**2).sum(-1)
    >>> box = ((-4, 4), (-4, 4))
    >>> time = mean_time(bowl, start=(2, 0), target=(0, 0), radius=0.5, temperature=1.0, box=box)
    >>> round(time, 2), round(float(np.log(4)) / 4, 2)
    (0.35, 0.35)
    """
    function("energy", energy)
    temperature = positive("temperature", temperature)
    radius = positive("radius", radius)
    cells = whole("cells", cells, least=20, most=800)
    limits = finite_array("box", box)
    if limits.shape != (2, 2) or not (limits[:, 0] < limits[:, 1]).all():
        raise ValueError(f"box must be ((left, right), (bottom, top)) with left < right, bottom < top; got {box!r}")
    points = []
    for name, value in (("start", start), ("target", target)):
        point = finite_array(name, value)
        if point.shape != (2,) or not ((limits[:, 0] < point) & (point < limits[:, 1])).all():
            raise ValueError(f"{name} must be a point (x, y) inside the box; got {point}")
        points.append(point)
    widest = ((limits[:, 1] - limits[:, 0]) / (cells - 1)).max()
    if radius < 2 * widest:
        raise ValueError(f"radius must be at least two cells wide, {2 * widest:.3g} for {cells} cells; got {radius!r}")
    coarse = _on_grid(energy, points[0], points[1], radius, temperature, limits, cells)
    fine = _on_grid(energy, points[0], points[1], radius, temperature, limits, 2 * cells)
    return fine + (fine - coarse) / 3


def _on_grid(
    energy: Callable[[Array], npt.ArrayLike],
    start: Array,
    target: Array,
    radius: float,
    temperature: float,
    limits: Array,
    cells: int,
) -> float:
    axes = [np.linspace(low, high, cells) for low, high in limits]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    height = finite_array("energy(points)", energy(points))
    if height.shape != points.shape[:-1]:
        raise ValueError(f"energy must return one number for each point, shape {points.shape[:-1]}; got {height.shape}")
    on_target = ((points - target) ** 2).sum(-1) < radius**2
    active = (height < height.min() + _CEILING * temperature) & ~on_target
    matrix = _generator(height / temperature, active, on_target, [axis[1] - axis[0] for axis in axes], temperature)
    times = np.zeros(height.shape)
    # The pattern is symmetric, and the diagonal dominates: no pivoting, and an ordering made for that case.
    solver = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    times[active] = solver.solve(np.full(int(active.sum()), -1.0))
    return float(RegularGridInterpolator(axes, times)(start)[0])


def _generator(
    height: Array,
    active: npt.NDArray[np.bool_],
    on_target: npt.NDArray[np.bool_],
    spacing: list[float],
    temperature: float,
) -> sparse.csc_matrix:
    """Return the matrix of rates between active cells; jumps onto the target only leave the diagonal."""
    number = np.full(height.shape, -1)
    number[active] = np.arange(int(active.sum()))
    diagonal = np.zeros(int(active.sum()))
    rows, columns, rates = [], [], []
    for axis, step in enumerate(spacing):
        lower: tuple[slice, ...] = tuple(slice(None, -1) if k == axis else slice(None) for k in range(2))
        upper: tuple[slice, ...] = tuple(slice(1, None) if k == axis else slice(None) for k in range(2))
        for here, there in ((lower, upper), (upper, lower)):
            jump = active[here] & (active[there] | on_target[there])
            rate = temperature / step**2 * _bernoulli((height[there] - height[here])[jump])
            source, goal = number[here][jump], number[there][jump]
            diagonal -= np.bincount(source, weights=rate, minlength=len(diagonal))
            inside = goal >= 0
            rows.append(source[inside])
            columns.append(goal[inside])
            rates.append(rate[inside])
    size = len(diagonal)
    off = sparse.coo_matrix(
        (np.concatenate(rates), (np.concatenate(rows), np.concatenate(columns))), shape=(size, size)
    )
    return (off + sparse.diags(diagonal)).tocsc()


def _bernoulli(z: Array) -> Array:
    """Return z / (e^z - 1), which is 1 at zero."""
    small = np.abs(z) < 1e-8
    safe = np.where(small, 1.0, z)
    with np.errstate(over="ignore"):
        return np.where(small, 1 - z / 2, safe / np.expm1(safe))
