"""Descent on a sphere: always the steepest way down, until there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.interrupts import interruptible
from course_utils.seeding import Seed
from course_utils.validation import positive, whole

if TYPE_CHECKING:
    from course_utils.models.p_spin import SphericalGlasses

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Descents:
    """Where descents in many glasses ended.

    Attributes
    ----------
    energies : numpy.ndarray, (glasses, starts)
        Energy per spin at the end.
    points : numpy.ndarray, (glasses, starts, N)
        The end points on the sphere.
    slopes : numpy.ndarray, (glasses, starts)
        Root mean square slope per spin that is left: 0 at a minimum.
    history : numpy.ndarray, (steps + 1, glasses)
        Energy per spin before each step and at the end, averaged over the starts.
    """

    energies: Array
    points: Array
    slopes: Array
    history: Array


def descend(
    glasses: SphericalGlasses, *, starts: int, steps: int = 400, step_size: float = 0.17, seed: Seed
) -> Descents:
    r"""Go down from random points, :math:`x \leftarrow \sqrt N\, (x + \eta f)/|x + \eta f|` with the force f.

    Parameters
    ----------
    glasses : SphericalGlasses
        The landscapes.
    starts : int
        Descents in each landscape, from points drawn evenly on the sphere.
    steps : int
        Steps of each.
    step_size : float
        :math:`\eta`; above 0.2 (two over the largest curvature there is) it does not settle.
    seed : int or numpy.random.Generator
        Where the starting points come from.

    Returns
    -------
    Descents
        After an interrupt: the glasses that were finished, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> from course_utils.models.p_spin import SphericalGlasses
    >>> ends = descend(SphericalGlasses.draw(2, 12, seed=1), starts=3, seed=2)
    >>> ends.energies.shape, bool((ends.slopes < 1e-3).all())
    ((2, 3), True)
    """
    steps, rate = whole("steps", steps), positive("step_size", step_size)
    points = glasses.start(starts, seed=seed)
    root = np.float32(glasses.sites**0.5)
    first, second = np.triu_indices(glasses.sites)
    weights = np.where(first == second, 3.0, 6.0)
    history = np.empty((steps + 1, glasses.count))
    done = 0
    with interruptible(glasses.count, "Descent") as bar:
        for k, couplings in enumerate(glasses.couplings):  # one at a time: its couplings stay in the processor's cache
            packed = (couplings[:, first, second] * weights).astype(np.float32)
            x = points[k].T.astype(np.float32)
            for t in range(steps):
                force = packed @ (x[first] * x[second])
                along = (force * x).sum(0) / glasses.sites
                history[t, k] = -along.mean() / 3
                x += np.float32(rate) * (force - along * x)
                x *= root / np.linalg.norm(x, axis=0)
            points[k] = x.T
            done = k + 1
            bar.update()
    points[:done] = glasses.project(points[:done])
    energies = glasses.energy(points)
    history[-1] = energies.mean(1)
    slopes = np.sqrt((glasses.force(points) ** 2).mean(-1))
    return Descents(energies[:done], points[:done], slopes[:done], history[:, :done])
