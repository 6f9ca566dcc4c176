"""How long a walker takes to get from one valley to the next: first-passage times of many walkers at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from course_utils.dynamics import kicks
from course_utils.interrupts import interruptible
from course_utils.models.double_well import Potential
from course_utils.models.mueller_brown import MuellerBrown
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, positive, real, whole

Coordinates: TypeAlias = npt.NDArray[np.float32]
# (coordinates, steps that each walker made, states of the generators, steps) -> all three moved on in place
Advance: TypeAlias = Callable[[list[Coordinates], npt.NDArray[np.int32], npt.NDArray[np.uint32], int], None]

# Walker-steps in one call of a compiled loop, and the most steps of one walker: short enough for an interrupt to be
# heard, and for those that have arrived not to be carried along for long.
_WORK, _LONGEST_CHUNK = 4_000_000, 50_000


@dataclass(frozen=True, eq=False)
class EscapeTimes:
    """When each walker arrived, or how long it had been seen not to arrive.

    Attributes
    ----------
    times : numpy.ndarray, (walkers,)
        Time of arrival; for a walker that had not arrived, the time until which it was watched.
    arrived : numpy.ndarray of bool, (walkers,)
        Whether it arrived. The others are *censored*: their time is a lower bound.
    """

    times: npt.NDArray[np.float64]
    arrived: npt.NDArray[np.bool_]

    @property
    def observed(self) -> int:
        """How many walkers arrived."""
        return int(self.arrived.sum())

    @property
    def censored(self) -> int:
        """How many walkers had not arrived."""
        return len(self.arrived) - self.observed


class _Walk:
    """The numbers that both kinds of walk take, checked."""

    def __init__(self, temperature: float, time_step: float, walkers: int, longest: float) -> None:
        self.temperature, self.time_step = positive("temperature", temperature), positive("time_step", time_step)
        self.walkers, self.longest = whole("walkers", walkers), real("longest", longest, least=self.time_step)


def _until_arrival(start: npt.ArrayLike, walk: _Walk, advance: Advance, seed: Seed) -> EscapeTimes:
    """Advance all walkers until each has arrived or has made its last step; those that have arrived are dropped."""
    walkers, most = walk.walkers, max(1, round(walk.longest / walk.time_step))
    state = kicks.streams(generator(seed), walkers)
    places = [np.full(walkers, coordinate, dtype=np.float32) for coordinate in np.atleast_1d(start)]
    made = np.zeros(walkers, dtype=np.int64)
    arrived = np.zeros(walkers, dtype=bool)
    on_the_way = np.arange(walkers)
    elapsed = 0
    with interruptible(walkers, "Waiting for walkers") as bar:
        while len(on_the_way) and elapsed < most:
            chunk = min(most - elapsed, _LONGEST_CHUNK, max(100, _WORK // len(on_the_way)))
            walked = np.zeros(len(on_the_way), dtype=np.int32)
            advance(places, walked, state, chunk)
            if not all(np.isfinite(place).all() for place in places):
                raise ValueError(
                    "time_step must be small enough for the steepest place a walker visits; "
                    f"got {walk.time_step!r}, with which walkers ran off to infinity"
                )
            elapsed += chunk
            made[on_the_way] += walked
            still = walked == chunk
            # Who makes the very last step of a chunk onto the target is found to rest there in the next one.
            arrived[on_the_way[~still]] = True
            bar.update(int((~still).sum()))
            on_the_way = on_the_way[still]
            places = [np.ascontiguousarray(place[still]) for place in places]
            state = np.ascontiguousarray(state[:, still])
    return EscapeTimes(times=made.astype(np.float64) * walk.time_step, arrived=arrived)


def escape_times(
    potential: Potential,
    *,
    start: float,
    target: float | tuple[float, float],
    temperature: float,
    time_step: float,
    walkers: int,
    longest: float,
    seed: Seed,
) -> EscapeTimes:
    r"""Measure when walkers on a line first reach a target.

    Parameters
    ----------
    potential : DoubleWell, Trap or Quartic
        The landscape.
    start : float
        Where all walkers start.
    target : float or (float, float)
        Where the walk ends: one place, or the two ends of an interval with ``start`` inside.
    temperature : float
        :math:`k_B T`; positive.
    time_step : float
        :math:`\Delta t`; positive. A walker is looked at once a step only: what it does in between is not seen, so
        that it arrives late by an amount of order :math:`\sqrt{\Delta t}` (`theory.maruyama1955` knows by how much).
    walkers : int
        How many walkers.
    longest : float
        How long to wait; whoever has not arrived by then is censored.
    seed : int or numpy.random.Generator
        Where the walkers' own generators start.

    Returns
    -------
    EscapeTimes
        Time and arrival of each walker; after an interrupt, those not yet arrived are censored.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the time step is so large that walkers run off to infinity.

    Examples
    --------
    >>> from course_utils.models.double_well import DoubleWell
    >>> found = escape_times(DoubleWell(), start=-1.0, target=1.0, temperature=0.5, time_step=0.005, walkers=512,
    ...                      longest=200.0, seed=1)
    >>> found.observed, bool(8 < found.times.mean() < 13)
    (512, True)
    """
    if not isinstance(potential, Potential):
        raise TypeError(f"potential must be a DoubleWell, Trap or Quartic; got {potential!r}")
    start = real("start", start)
    low, high = _bounds(start, target)
    walk = _Walk(temperature, time_step, walkers, longest)
    drift = kicks.drift(potential.coefficients, walk.time_step)
    kick = kicks.kick(walk.temperature, walk.time_step)
    bounds = np.float32(low), np.float32(high)
    from course_utils.dynamics.kernels import walkers as kernels  # numba imports slowly

    def advance(places: list[Coordinates], walked: Any, state: Any, steps: int) -> None:
        kernels.escape_quartic(places[0], walked, state, drift, kick, *bounds, steps)

    return _until_arrival(start, walk, advance, seed)


def _bounds(start: float, target: float | tuple[float, float]) -> tuple[float, float]:
    """Return the open interval in which a walker is still on its way."""
    if isinstance(target, tuple):
        if len(target) != 2:
            raise ValueError(f"target must be one place or two; got {target!r}")
        low, high = real("target[0]", target[0], below=start), real("target[1]", target[1], above=start)
        return low, high
    place = real("target", target)
    if place == start:
        raise ValueError(f"target must differ from start; got {place!r} for both")
    return (-np.inf, place) if place > start else (place, np.inf)


def crossing_times(
    landscape: MuellerBrown,
    *,
    start: npt.ArrayLike,
    target: npt.ArrayLike,
    radius: float,
    temperature: float,
    time_step: float,
    walkers: int,
    longest: float,
    seed: Seed,
) -> EscapeTimes:
    r"""Measure when walkers in the landscape of Müller and Brown first come within ``radius`` of a target.

    Parameters
    ----------
    landscape : MuellerBrown
        The landscape.
    start, target : array_like, (2,)
        Where the walkers start, and the centre of the disc in which they end.
    radius : float
        Radius of the disc; positive.
    temperature : float
        :math:`k_B T`; positive. The highest pass lies 106 above the deepest valley.
    time_step : float
        :math:`\Delta t`; positive. The valleys are steep: 2e-5 is small enough, 2e-4 is not.
    walkers : int
        How many walkers.
    longest : float
        How long to wait; whoever has not arrived by then is censored.
    seed : int or numpy.random.Generator
        Where the walkers' own generators start.

    Returns
    -------
    EscapeTimes
        Time and arrival of each walker; after an interrupt, those not yet arrived are censored.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or the time step is so large that walkers run off to infinity.

    Examples
    --------
    >>> landscape = MuellerBrown()
    >>> a, b, c = landscape.minima
    >>> found = crossing_times(landscape, start=a, target=b, radius=0.1, temperature=40.0, time_step=2e-5, walkers=64,
    ...                        longest=3.0, seed=1)
    >>> bool(0.08 < found.times.mean() < 0.3)
    True
    """
    if not isinstance(landscape, MuellerBrown):
        raise TypeError(f"landscape must be a MuellerBrown; got {landscape!r}")
    ends = {}
    for name, value in (("start", start), ("target", target)):
        ends[name] = finite_array(name, value)
        if ends[name].shape != (2,):
            raise ValueError(f"{name} must be a point (x, y); got shape {ends[name].shape}")
    radius = positive("radius", radius)
    if np.hypot(*(ends["start"] - ends["target"])) <= radius:
        raise ValueError(f"start must be outside the disc of radius {radius:g} around the target; got {ends['start']}")
    walk = _Walk(temperature, time_step, walkers, longest)
    kick = kicks.kick(walk.temperature, walk.time_step)
    disc = (np.float32(ends["target"][0]), np.float32(ends["target"][1]), np.float32(radius**2))
    from course_utils.dynamics.kernels import walkers as kernels  # numba imports slowly

    def advance(places: list[Coordinates], walked: Any, state: Any, steps: int) -> None:
        x, y = places
        kernels.escape_mueller_brown(x, y, walked, state, np.float32(walk.time_step), kick, disc, steps)

    return _until_arrival(ends["start"], walk, advance, seed)
