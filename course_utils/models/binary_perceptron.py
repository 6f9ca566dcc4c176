"""The binary perceptron: weights of -1 and +1 that must put a list of patterns on the right side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, positive, whole

Signs = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]

# 2^25 settings of the weights are gone through in a second; the fields of a block of 2^12 stay in the cache.
MOST_ENUMERATED = 25
_BLOCK = 12
# More solutions than this (100 MB) are a sign of too few patterns, not of a wish to see them all.
MOST_SOLUTIONS = 2**22


class BinaryPerceptron:
    r"""Weights :math:`w_i = \pm 1` with one unit of energy for each pattern on the wrong side.

    .. math::

        E(w) = \sum_{\mu=1}^P \theta\!\left(-\sum_i \xi^\mu_i w_i\right)

    A pattern is already multiplied by its label, so that a *solution*, :math:`E = 0`, has all sums positive. The
    number of weights is odd: no sum can be zero.

    Parameters
    ----------
    patterns : array_like of -1 and +1, (P, N)
        The patterns :math:`\xi^\mu`, N odd.

    Raises
    ------
    TypeError, ValueError
        If the patterns are not of this kind.

    References
    ----------
    W. Krauth and M. Mézard, Storage capacity of memory networks with binary couplings, J. Phys. France 50, 3057
    (1989), doi:10.1051/jphys:0198900500200305700.

    Examples
    --------
    >>> perceptron = BinaryPerceptron([[1, 1, 1], [1, -1, 1]])
    >>> perceptron.energies([[1, 1, 1], [-1, 1, -1]])
    array([0, 2])
    >>> perceptron.solutions()
    array([[ 1, -1,  1],
           [ 1,  1,  1]], dtype=int8)
    """

    def __init__(self, patterns: npt.ArrayLike) -> None:
        self.patterns = _signs("patterns", patterns)
        if self.patterns.ndim != 2 or self.patterns.shape[1] % 2 == 0:
            raise ValueError(f"patterns must hold -1 or +1, shape (P, N) with N odd; got shape {self.patterns.shape}")
        self.patterns.flags.writeable = False

    def __repr__(self) -> str:
        """Say how large it is, not all patterns."""
        return f"BinaryPerceptron({self.patterns.shape[0]} patterns of {self.inputs} spins)"

    @classmethod
    def draw(
        cls,
        inputs: int,
        *,
        load: float | None = None,
        patterns: int | None = None,
        planted: npt.ArrayLike | None = None,
        seed: Seed,
    ) -> BinaryPerceptron:
        r"""Draw patterns whose signs are fair coins.

        Parameters
        ----------
        inputs : int
            Number of weights :math:`N`, odd.
        load : float, optional
            Patterns per weight :math:`\alpha = P/N`; P is rounded to the nearest whole number, at least 1.
        patterns : int, optional
            The number P itself, instead of the load.
        planted : array_like of -1 and +1, (N,), optional
            A teacher: each pattern gets the label that this setting of the weights gives it, so that it is a solution.
        seed : int or numpy.random.Generator
            Where the patterns come from.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind, or not exactly one of ``load`` and ``patterns`` is given.

        Examples
        --------
        >>> BinaryPerceptron.draw(101, load=0.5, seed=1)
        BinaryPerceptron(50 patterns of 101 spins)
        """
        size = whole("inputs", inputs, least=1)
        if size % 2 == 0:
            raise ValueError(f"inputs must be odd, so that no sum is zero; got {size}")
        if (load is None) == (patterns is None):
            raise ValueError(f"give one of load and patterns; got load={load!r} and patterns={patterns!r}")
        rows = whole("patterns", patterns) if load is None else max(1, round(positive("load", load) * size))
        teacher = None if planted is None else _signs("planted", planted)
        if teacher is not None and teacher.shape != (size,):
            raise ValueError(f"planted must hold -1 or +1, shape ({size},); got shape {teacher.shape}")
        drawn = generator(seed).integers(0, 2, size=(rows, size), dtype=np.int8) * np.int8(2) - np.int8(1)
        if teacher is not None:
            drawn *= np.sign(drawn.astype(np.int64) @ teacher).astype(np.int8)[:, None]
        return cls(drawn)

    @property
    def inputs(self) -> int:
        """Number of weights N."""
        return int(self.patterns.shape[1])

    @property
    def load(self) -> float:
        """Patterns per weight, P / N."""
        return self.patterns.shape[0] / self.inputs

    def fields(self, weights: npt.ArrayLike) -> Counts:
        r"""Sum :math:`\sum_i \xi^\mu_i w_i` for each pattern: weights (..., N) to fields (..., P).

        Raises
        ------
        TypeError, ValueError
            If the last axis does not hold N weights, each -1 or +1.
        """
        states = _signs("weights", weights)
        if states.ndim == 0 or states.shape[-1] != self.inputs:
            raise ValueError(f"weights must hold -1 or +1, shape (..., {self.inputs}); got shape {states.shape}")
        # Sums of signs are whole numbers below 2^24: exact in the arithmetic that the processor is best at.
        return (states.astype(np.float32) @ self.patterns.T.astype(np.float32)).astype(np.int64)

    def energies(self, weights: npt.ArrayLike) -> Counts:
        """Count the patterns on the wrong side: weights (..., N) to energies (...).

        Raises
        ------
        TypeError, ValueError
            If the last axis does not hold N weights, each -1 or +1.
        """
        return np.asarray((self.fields(weights) < 0).sum(-1))

    def energies_after_a_flip(self, weights: npt.ArrayLike) -> Counts:
        """Energy with one weight turned round, for each weight in turn: weights (N,) to energies (N,).

        Raises
        ------
        TypeError, ValueError
            If the weights are not N numbers, each -1 or +1.
        """
        state = _signs("weights", weights)
        if state.shape != (self.inputs,):
            raise ValueError(f"weights must hold -1 or +1, shape ({self.inputs},); got shape {state.shape}")
        aligned = self.patterns * state
        return np.asarray((aligned.sum(1, dtype=np.int64)[:, None] < 2 * aligned).sum(0))

    def solutions(self) -> Signs:
        """Go through all settings of the weights and return those without an error, shape (S, N).

        The weights are split in two: the sums over the first ones are added to a table of those over the last ones.
        Solution number k is in the order of the binary numbers whose bits (0 is -1, 1 is +1) are the weights.

        Raises
        ------
        ValueError
            If there are more than 25 weights, or more than 4 million solutions to be expected.
        """
        size, rows = self.inputs, self.patterns.shape[0]
        if size > MOST_ENUMERATED:
            raise ValueError(f"spins must be at most {MOST_ENUMERATED} to go through all settings; got {size}")
        if 2 ** (size - rows) > MOST_SOLUTIONS:
            raise ValueError(f"patterns must be at least {size - 22} for {size} spins; got {rows}: too many solutions")
        late = _settings(min(size, _BLOCK))
        early = _settings(size - late.shape[1])
        table = np.ascontiguousarray(self.patterns[:, early.shape[1] :] @ late.T)
        offsets = early @ self.patterns[:, : early.shape[1]].T
        found = []
        for head, offset in zip(early, offsets, strict=True):
            # A sum that is not positive spoils the setting whatever the others are.
            tails = late[((table + offset[:, None]) > 0).all(0)]
            if len(tails):
                found.append(np.hstack([np.broadcast_to(head, (len(tails), len(head))), tails]))
        return np.concatenate(found) if found else np.empty((0, size), np.int8)


def _settings(inputs: int) -> Signs:
    """All settings of a few weights, (2^n, n), in the order of binary numbers."""
    bits = np.arange(2**inputs)[:, None] >> np.arange(inputs)[::-1] & 1
    return (2 * bits - 1).astype(np.int8)


def _signs(name: str, value: npt.ArrayLike) -> Signs:
    """Return an array of -1 and +1 as int8, or say what it is."""
    if isinstance(value, np.ndarray) and value.dtype == np.int8:
        array = value
        good = array.size > 0 and bool((np.abs(array) == 1).all())
    else:
        numbers = finite_array(name, value)
        good = bool((np.abs(numbers) == 1).all())
        array = numbers.astype(np.int8) if good else np.empty(numbers.shape, np.int8)
    if not good:
        raise ValueError(f"{name} must hold -1 or +1 only; got an array of shape {array.shape} with something else")
    return array.copy()
