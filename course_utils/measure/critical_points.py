"""All places where a landscape on a sphere is level: valleys, passes and summits, found and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import whole

if TYPE_CHECKING:
    from course_utils.models.p_spin import SphericalGlasses

Array = npt.NDArray[np.float64]

_NEWTON = 30  # steps; from a good start a handful is enough
_DOWNHILL = 25  # steps that bring some of the starts near a minimum, which Newton's method alone finds too seldom


@dataclass(frozen=True, eq=False)
class CriticalPoints:
    """What was found in each of many landscapes.

    Attributes
    ----------
    counts : numpy.ndarray of int, (glasses, N)
        Entry k: how many points have k directions down, from minima (0) to maxima (N - 1).
    points : list of numpy.ndarray, each (points, N)
        Where they are.
    energies : list of numpy.ndarray, each (points,)
        Energy per spin.
    indices : list of numpy.ndarray of int, each (points,)
        Directions that lead down.
    complete : numpy.ndarray of bool, (glasses,)
        Whether the signed count is what Morse's theorem wants, and the last searches found nothing new.
    """

    counts: npt.NDArray[np.int64]
    points: list[Array]
    energies: list[Array]
    indices: list[npt.NDArray[np.int64]]
    complete: npt.NDArray[np.bool_]

    def by_name(self, glass: int) -> dict[str, Array]:
        """Return the valleys, passes and summits of one landscape, each (points, N)."""
        down, most = self.indices[glass], self.counts.shape[1] - 1
        kinds = {"valley": down == 0, "pass": (down > 0) & (down < most), "summit": down == most}
        return {name: self.points[glass][which] for name, which in kinds.items()}


def signed_count(counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    r"""Return :math:`\sum_k (-1)^k \mathcal N_k`, which no landscape can choose.

    Morse's theorem: on a sphere in N dimensions it is 2 for odd N and 0 for even N. (On the Earth: summits less passes
    plus hollows make 2.)

    Examples
    --------
    >>> signed_count([[1, 0, 1], [2, 1, 1]])
    array([2, 2])
    """
    counted = np.asarray(counts)
    return np.asarray(counted @ (-1) ** np.arange(counted.shape[-1]))


def find(glasses: SphericalGlasses, *, starts: int = 80, rounds: int = 40, seed: Seed) -> CriticalPoints:
    """Find all critical points of landscapes in few dimensions by Newton's method from many starts.

    New starts are tried until Morse's theorem is satisfied in every landscape and three searches in a row found
    nothing new. Each point that is found brings the opposite one. For odd N a single missing pair shows in the signed
    count; for even N it does not (opposite points have opposite signs), and only the searches tell.

    Parameters
    ----------
    glasses : SphericalGlasses
        The landscapes; N at most 8.
    starts : int
        Starts in each landscape and round; a third of them goes downhill first.
    rounds : int
        The most rounds.
    seed : int or numpy.random.Generator
        Where the starts come from.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> from course_utils.models.p_spin import SphericalGlasses
    >>> found = find(SphericalGlasses.draw(20, 3, seed=1), seed=2)
    >>> bool(found.complete.all()), set(signed_count(found.counts).tolist())
    (True, {2})
    """
    whole("spins", glasses.sites, least=2, most=8)
    rounds, random = whole("rounds", rounds), generator(seed)
    known: list[Array] = [np.empty((0, glasses.sites)) for _ in range(glasses.count)]
    quiet, wanted = np.zeros(glasses.count, dtype=int), 2 * (glasses.sites % 2)
    counts = np.zeros((glasses.count, glasses.sites), dtype=int)
    for _ in range(rounds):
        busy = np.flatnonzero((quiet < 3) | (signed_count(counts) != wanted))
        if not busy.size:
            break
        some = glasses.select(busy)
        ends, level = _newton(some, _starts(some, starts, random))
        for k, points, here in zip(busy, ends, level, strict=True):
            merged = _merged(known[k], points[here])
            quiet[k] = quiet[k] + 1 if len(merged) == len(known[k]) else 0
            known[k] = merged
            if not quiet[k]:
                counts[k] = np.bincount(_indices(glasses.select([k]), merged), minlength=glasses.sites)
    complete = (quiet >= 3) & (signed_count(counts) == wanted)
    singles = [glasses.select([k]) for k in range(glasses.count)]
    energies = [one.energy(points[None])[0] for one, points in zip(singles, known, strict=True)]
    indices = [_indices(one, points) for one, points in zip(singles, known, strict=True)]
    return CriticalPoints(counts, known, energies, indices, complete)


def _starts(glasses: SphericalGlasses, starts: int, random: np.random.Generator) -> Array:
    """Return random points, of which a third has gone downhill for a while."""
    points = glasses.start(starts, seed=random)
    some = points[:, : -(-points.shape[1] // 3)]
    for _ in range(_DOWNHILL):
        some = glasses.project(some + 0.15 * glasses.force(some))
    points[:, : some.shape[1]] = some
    return points


def _newton(glasses: SphericalGlasses, points: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return where Newton's method ends, and whether it is level there."""
    size, couplings = glasses.sites, glasses.couplings
    flat = couplings.reshape(len(couplings), size, size * size)
    for _ in range(_NEWTON):
        turned = (points @ flat).reshape(*points.shape, size)
        pull = (turned @ points[..., None])[..., 0]
        energy = -(pull * points).sum(-1) / size
        bent = -6 * turned - 3 * energy[..., None, None] * np.eye(size)
        force = 3 * (pull + energy[..., None] * points)
        # Solve for a step at right angles to the point: two right-hand sides, and one combination of them.
        free, along = np.moveaxis(np.linalg.solve(bent, np.stack([force, points], -1)), -1, 0)
        ratio = (points * free).sum(-1, keepdims=True) / (points * along).sum(-1, keepdims=True)
        step = free - ratio * along
        length = np.linalg.norm(step, axis=-1, keepdims=True)
        points = glasses.project(points + step * np.minimum(1, 0.5 * size**0.5 / np.maximum(length, 1e-300)))
    return points, np.linalg.norm(glasses.force(points), axis=-1) < 1e-8


def _merged(known: Array, points: Array) -> Array:
    """Return the known points, and those that are new together with their opposites."""
    for point in points:
        if not len(known) or np.abs(known - point).max(1).min() > 1e-5:
            known = np.concatenate([known, [point, -point]])
    return known


def _indices(one: SphericalGlasses, points: Array) -> npt.NDArray[np.int64]:
    return np.asarray((one.curvatures(points[None])[0] < 0).sum(-1)) if len(points) else np.zeros(0, dtype=np.int64)
