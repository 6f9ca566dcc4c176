"""How crowded the solutions of a binary perceptron are, and what that says of their test errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]


def hamming_distances(weights: npt.ArrayLike, solutions: npt.ArrayLike) -> npt.NDArray[np.int8]:
    """Return in how many weights each row of one array differs from each row of another.

    Parameters
    ----------
    weights, solutions : array_like of -1 and +1, (n, N) and (S, N)
        N at most 127.

    Returns
    -------
    numpy.ndarray of int8, (n, S)

    Raises
    ------
    TypeError, ValueError
        If the rows are not of one length, or longer than that.

    Examples
    --------
    >>> hamming_distances([[1, 1, 1]], [[1, 1, 1], [1, -1, -1]])
    array([[0, 2]], dtype=int8)
    """
    first, second = finite_array("weights", weights, ndim=2), finite_array("solutions", solutions, ndim=2)
    size = first.shape[1]
    if size != second.shape[1] or size > 127:
        raise ValueError(
            f"weights and solutions must have rows of one length up to 127; got {size} and {second.shape[1]}"
        )
    columns, found = second.T.astype(np.float32), np.empty((len(first), len(second)), dtype=np.int8)
    for start in range(0, len(first), 512):  # in blocks: a product in floats takes four times the memory
        block = slice(start, start + 512)
        found[block] = (size - first[block].astype(np.float32) @ columns) / 2
    return found


def expected_errors(weights: npt.ArrayLike, solutions: npt.ArrayLike, errors: npt.ArrayLike) -> Array:
    r"""Return the test error to be expected of each row, if the teacher is one of the solutions, all equally likely.

    .. math::
        \langle \epsilon \rangle(w) = \frac1S \sum_{w'} \epsilon\bigl(d(w, w')\bigr)

    Parameters
    ----------
    weights, solutions : array_like of -1 and +1, (n, N) and (S, N)
        Whom to judge, and all solutions.
    errors : array_like, (N + 1,)
        :math:`\epsilon(d)`, the share of patterns that two perceptrons d flips apart disagree on: see
        `course_utils.theory.gyorgyi1990.disagreement`.

    Returns
    -------
    numpy.ndarray, (n,)

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> expected_errors([[1, 1, 1]], [[1, 1, 1], [1, -1, 1]], [0.0, 0.5, 0.5, 1.0])
    array([0.25])
    """
    apart, table = hamming_distances(weights, solutions), finite_array("errors", errors, ndim=1)
    size = np.shape(solutions)[1]
    if table.size != size + 1:
        raise ValueError(f"errors must hold N + 1 = {size + 1} numbers, one for each distance; got {table.size}")
    return np.asarray(sum(table[d] * (apart == d).mean(1) for d in range(table.size)))


def survey(
    solutions: npt.ArrayLike,
    teacher: npt.ArrayLike,
    errors: npt.ArrayLike,
    *,
    ends: Mapping[str, npt.ArrayLike] | None = None,
    reach: int = 3,
    seed: Seed,
) -> dict[str, float]:
    """Return what a full list of solutions says of crowding: numbers by name.

    Parameters
    ----------
    solutions : array_like of -1 and +1, (S, N)
        All solutions.
    teacher : array_like of -1 and +1, (N,)
        Who gave the labels.
    errors : array_like, (N + 1,)
        As for `expected_errors`.
    ends : mapping of str to array_like (N,), optional
        Where searches ended, by name.
    reach : int
        Flips within which another solution is a neighbour.
    seed : int or numpy.random.Generator
        Breaks ties in the order by neighbours.

    Returns
    -------
    dict
        ``"drawn by lot"`` and ``"best of all"``, mean and least expected test error; ``"isolated"``, the share without
        another solution one flip away; ``"neighbours"``, their mean number; and for the solutions sorted by their
        neighbours and cut in three, ``"true 1"`` … ``"true 3"``, the mean test error against the teacher, and
        ``"expected 1"`` … (NaN where there are fewer than three solutions). For each end its expected test error, by
        its name; whether it is a solution, 0 or 1, as ``"solves …"``; and the number of other solutions within reach,
        as ``"near …"``.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> found = survey([[1, 1, 1], [1, -1, 1]], [1, 1, 1], [0.0, 0.5, 0.5, 1.0], seed=1)
    >>> found["drawn by lot"], found["neighbours"], found["isolated"]
    (0.25, 1.0, 0.0)
    """
    table, limit = finite_array("errors", errors, ndim=1), whole("reach", reach)
    apart = hamming_distances(solutions, solutions)
    true = table[hamming_distances(finite_array("teacher", teacher, ndim=1)[None], solutions)[0]]
    expected, near = expected_errors(solutions, solutions, table), (apart <= limit).sum(1) - 1
    order = np.lexsort((generator(seed).random(len(near)), near))
    found = {
        "drawn by lot": float(expected.mean()),
        "best of all": float(expected.min()),
        "isolated": float((~(apart == 1).any(1)).mean()),
        "neighbours": float(near.mean()),
    }
    for k, part in enumerate(np.array_split(order, 3), start=1):
        whole_sets = len(near) >= 3
        found[f"true {k}"] = float(true[part].mean()) if whole_sets else np.nan
        found[f"expected {k}"] = float(expected[part].mean()) if whole_sets else np.nan
    for name, place in (ends or {}).items():
        row = finite_array(f"ends[{name!r}]", place, ndim=1)[None]
        found[name] = float(expected_errors(row, solutions, table)[0])
        away = hamming_distances(row, solutions)
        found[f"solves {name}"] = float((away == 0).any())
        found[f"near {name}"] = float((away <= limit).sum()) - found[f"solves {name}"]
    return found
