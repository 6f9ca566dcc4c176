r"""Langevin: a walker that is pushed downhill and kicked at random, without inertia.

.. math::
    x_{n+1} = x_n + F(x_n)\,\Delta t + \sqrt{2 k_B T \Delta t}\;\xi_n, \qquad \xi_n \sim \mathcal N(0, 1)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from course_utils.dynamics import kicks
from course_utils.dynamics.escape import EscapeTimes, crossing_times, escape_times
from course_utils.interrupts import interruptible
from course_utils.models.double_well import Potential
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, function, positive, real, whole

__all__ = ["EscapeTimes", "crossing_times", "escape_times", "walk", "walk_quartic"]

Array = npt.NDArray[np.float64]
Temperature = float | Callable[[Array], npt.ArrayLike]

# Walker-steps in one call of a compiled loop: a few hundredths of a second, so that an interrupt is heard.
_WORK = 20_000_000


def _records(steps: int, record_every: int | None) -> tuple[int, int]:
    """Return how many steps lie between two records, and how many records there will be."""
    if record_every is None:
        return steps, 1
    every = whole("record_every", record_every, most=steps)
    return every, steps // every


def _still_here(x: npt.NDArray[np.floating], time_step: float) -> None:
    if not np.isfinite(x).all():
        raise ValueError(
            f"time_step must be small enough for the steepest place a walker visits; "
            f"got {time_step!r}, with which {int((~np.isfinite(x)).sum())} of {x.size} coordinates ran off to infinity"
        )


def walk(
    force: Callable[[Array], npt.ArrayLike],
    positions: npt.ArrayLike,
    *,
    temperature: Temperature,
    time_step: float,
    steps: int,
    record_every: int | None = None,
    seed: Seed,
) -> Array:
    r"""Let many walkers move at once in any force field, in any dimension (Euler–Maruyama).

    .. math::
        x_{n+1} = x_n + F(x_n)\,\Delta t + \sqrt{2\,T(x_n)\,\Delta t}\;\xi_n

    The noise is taken at the place where the step begins (Itô): this matters once the temperature depends on position.

    Parameters
    ----------
    force : function
        Takes positions of shape (walkers, ...) and returns forces of the same shape.
    positions : array_like, (walkers,) or (walkers, dimensions)
        Where the walkers start.
    temperature : float or function
        :math:`k_B T`, at least 0 (0 is gradient descent); or a function of the positions.
    time_step : float
        :math:`\Delta t`; positive.
    steps : int
        How many steps.
    record_every : int, optional
        Keep the positions after each so many steps. Without it only the last positions are returned.
    seed : int or numpy.random.Generator
        Where the kicks come from.

    Returns
    -------
    numpy.ndarray
        The last positions, same shape as ``positions``; or the records, (walkers, records) or
        (walkers, records, dimensions). After an interrupt: the records that there are, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the time step is so large that walkers run off to infinity.

    References
    ----------
    G. Maruyama, Rend. Circ. Mat. Palermo 4, 48 (1955), doi:10.1007/BF02846028.

    Examples
    --------
    >>> end = walk(lambda x: -x, np.zeros(10_000), temperature=0.5, time_step=0.01, steps=500, seed=1)
    >>> bool(abs(end.var() - 0.5) < 0.03)
    True
    """
    function("force", force)
    x = finite_array("positions", positions).copy()
    if x.ndim not in (1, 2):
        raise ValueError(f"positions must have shape (walkers,) or (walkers, dimensions); got shape {x.shape}")
    heat: Callable[[Array], npt.ArrayLike]
    if callable(temperature):
        heat = temperature
    else:
        constant = real("temperature", temperature, least=0)
        heat = lambda _: constant  # noqa: E731
    time_step = positive("time_step", time_step)
    steps = whole("steps", steps)
    every, count = _records(steps, record_every)
    random = generator(seed)
    _fits("force", force(x), x)
    if (_fits("temperature", heat(x), x, exact=False) < 0).any():
        raise ValueError(f"temperature must be at least 0 everywhere; got {np.min(heat(x))!r} at a start position")
    records = np.empty((count, *x.shape))
    done = 0
    with interruptible(steps, "Langevin walk") as bar, np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, steps + 1):
            kick = np.sqrt(2 * time_step * np.asarray(heat(x)))
            x = x + np.asarray(force(x)) * time_step + kick * random.standard_normal(x.shape)
            if step % every == 0:
                _still_here(x, time_step)
                records[done] = x
                done += 1
                bar.update(every)
        _still_here(x, time_step)
    return x if record_every is None else np.moveaxis(records[:done], 0, 1)


def _fits(name: str, value: npt.ArrayLike, x: Array, *, exact: bool = True) -> Array:
    """Return what a function gave at the start positions, if its shape is right."""
    array = finite_array(f"{name}(positions)", value)
    try:
        fits = array.shape == x.shape if exact else np.broadcast_shapes(array.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} must return the shape of the positions, {x.shape}; got shape {array.shape}")
    return array


def walk_quartic(
    potential: Potential,
    positions: npt.ArrayLike,
    *,
    temperature: float,
    time_step: float,
    steps: int,
    record_every: int | None = None,
    seed: Seed,
) -> Array:
    r"""Let many walkers move at once in a potential on a line: as `walk`, compiled, and some thirty times as fast.

    Single precision inside; the kicks have the moments of a Gaussian up to the sixth (see ``dynamics/kicks.py``).

    Parameters
    ----------
    potential : DoubleWell, Trap or Quartic
        The landscape.
    positions : array_like, (walkers,)
        Where the walkers start.
    temperature : float
        :math:`k_B T`, at least 0.
    time_step : float
        :math:`\Delta t`; positive.
    steps : int
        How many steps.
    record_every : int, optional
        Keep the positions after each so many steps. Without it only the last positions are returned.
    seed : int or numpy.random.Generator
        Where the walkers' own generators start.

    Returns
    -------
    numpy.ndarray
        The last positions (walkers,), or the records (walkers, records).
        After an interrupt: the records that there are, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the time step is so large that walkers run off to infinity.

    Examples
    --------
    >>> from course_utils.models.double_well import DoubleWell
    >>> start = np.full(4096, -1.0)
    >>> end = walk_quartic(DoubleWell(), start, temperature=0.25, time_step=0.005, steps=400, seed=1)
    >>> bool((end < 0).mean() > 0.9)
    True
    """
    if not isinstance(potential, Potential):
        raise TypeError(f"potential must be a DoubleWell, Trap or Quartic; got {potential!r}")
    x = finite_array("positions", positions, ndim=1).astype(np.float32)
    temperature = real("temperature", temperature, least=0)
    time_step = positive("time_step", time_step)
    steps = whole("steps", steps)
    every, count = _records(steps, record_every)
    state = kicks.streams(generator(seed), len(x))
    drift, kick = kicks.drift(potential.coefficients, time_step), kicks.kick(temperature, time_step)
    records = np.empty((len(x), count))
    done = 0
    from course_utils.dynamics.kernels import walkers as kernels  # numba imports slowly

    with interruptible(steps, "Langevin walk") as bar:
        for record in range(count):
            left = every
            while left:
                chunk = min(left, max(1, _WORK // len(x)))
                kernels.walk_quartic(x, state, drift, kick, chunk)
                left -= chunk
                bar.update(chunk)
            _still_here(x, time_step)
            records[:, record] = x
            done += 1
    return x.astype(np.float64) if record_every is None else records[:, :done]
