"""Memory: whether chains are more like their own past than like the past of others; if not, they have forgotten it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from course_utils.measure.evaluation import Networks, as_population, with_vectors
from course_utils.measure.statistics import Estimate, estimate
from course_utils.validation import finite_array, function, whole

Array = npt.NDArray[np.float64]


def similarity_to_past(
    then: Sequence[Networks], now: Sequence[Networks], score: Callable[..., Array]
) -> tuple[Array, Array]:
    r"""Return how alike each chain is to its own past, and to the past of the others.

    Parameters
    ----------
    then, now : sequence of populations
        The chains at several moments, and the same chains in the same order some time after each of them.
    score : function
        Takes two populations and returns how alike each network of the first is to each of the second, a square.

    Returns
    -------
    own : numpy.ndarray, (chains,)
        The score of each chain with its own past, averaged over the moments.
    others : numpy.ndarray, (chains,)
        The same with the others, in both roles. Chains that have forgotten have equal means.

    Raises
    ------
    TypeError, ValueError
        If there are no moments, or not as many of the one as of the other, or fewer than 2 chains.
    """
    function("score", score)
    if not then or len(then) != len(now):
        raise ValueError(f"now must hold as many moments as then, at least one; got {len(now)} and {len(then)}")
    square = np.mean([score(*pair) for pair in zip(then, now, strict=True)], axis=0)
    if square.ndim != 2 or square.shape[0] != square.shape[1] or len(square) < 2:
        raise ValueError(f"score must give a square of at least 2 chains; got shape {square.shape}")
    own = square.diagonal().copy()
    return own, (square.sum(0) + square.sum(1) - 2 * own) / (2 * len(square) - 2)


@torch.no_grad()
def equal_answers(first: Networks, second: Networks, inputs: torch.Tensor) -> Array:
    """Return the share of inputs to which networks of two populations give the same answer, (first, second).

    Raises
    ------
    TypeError, ValueError
        If networks and inputs do not fit together.
    """
    one, two = (as_population(name, each)(inputs).argmax(1) for name, each in (("first", first), ("second", second)))
    return np.asarray((one[:, None] == two[None]).double().mean(2).cpu().numpy())


def equal_weights(first: Networks, second: Networks) -> Array:
    """Return the overlap of the weights of networks of two populations, (first, second).

    Raises
    ------
    TypeError, ValueError
        If they are no such networks.
    """
    one, two = (as_population(name, each).flat().double() for name, each in (("first", first), ("second", second)))
    one, two = one / one.norm(dim=1, keepdim=True), two / two.norm(dim=1, keepdim=True)
    return np.asarray((one @ two.T).cpu().numpy())


def compared_by_group(
    networks: Networks,
    records: torch.Tensor,
    groups: npt.ArrayLike,
    score: Callable[..., Array],
    *,
    moments: int = 15,
) -> dict[float, tuple[Array, Array]]:
    """Return `similarity_to_past` for each group of chains, half a record apart.

    Parameters
    ----------
    networks : Population
        The chains, for their sizes.
    records : torch.Tensor, (records, chains, weights)
        Where they were, one row of vectors after the other.
    groups : array_like, (chains,)
        Chains with equal numbers (temperatures) are compared with each other.
    score : function
        As for `similarity_to_past`.
    moments : int
        At how many moments of the first half.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than 2 records for each moment, or the groups do not match the chains.
    """
    shape, of = as_population("networks", networks), finite_array("groups", groups, ndim=1)
    half, count = len(records) // 2, whole("moments", moments)
    if half < count or of.size != shape.networks:
        raise ValueError(
            f"records must be at least {2 * count} of {of.size} chains; got {len(records)} of {shape.networks}"
        )
    times = np.linspace(0, half - 1, count).round().astype(int)
    found = {}
    for group in np.unique(of):
        mine = np.flatnonzero(of == group)
        vectors = records[:, torch.from_numpy(mine)]
        chains = shape.subset(list(mine))
        then, now = ([with_vectors(chains, vectors[k]) for k in times + shift] for shift in (0, half))
        found[float(group)] = similarity_to_past(then, now, score)
    return found


def past_lines(found: Mapping[float, tuple[Array, Array]]) -> dict[str, tuple[list[float], list[Estimate]]]:
    """Return what `compared_by_group` found as lines to draw: by whose past, the groups and the means with errors.

    Parameters
    ----------
    found : mapping of float to (own, others)
        As it was returned.
    """
    groups = sorted(found)
    return {
        who: (groups, [estimate(found[one][k]) for one in groups]) for k, who in enumerate(("own past", "others' past"))
    }
