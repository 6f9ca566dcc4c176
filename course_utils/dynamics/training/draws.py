"""What chance decides while a population trains: every network draws from streams of its own.

Each network has one stream for each purpose (its batches, its dropout, ...). What a network draws depends on nothing
but its own seed and knobs: not on the company it trains in, and not on the other knobs of noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

PURPOSES = ("labels", "batches", "dropout", "inputs", "weights", "heat")

# Numbers that are drawn ahead for all networks together (8 MB), and at most for so many steps.
_AHEAD, _MOST_STEPS = 1 << 20, 256


def streams(seeds: Sequence[int], purpose: str) -> list[np.random.Generator]:
    """Return one generator per network for a purpose, of the fastest kind that numpy has (SFC64)."""
    key = (PURPOSES.index(purpose),)
    return [np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key))) for seed in seeds]


def saved(random: Sequence[np.random.Generator]) -> list[list[int]]:
    """Return where the generators stand, as whole numbers."""
    states = [one.bit_generator.state for one in random]
    return [[*map(int, s["state"]["state"]), int(s["has_uint32"]), int(s["uinteger"])] for s in states]


def restore(random: Sequence[np.random.Generator], states: Sequence[Sequence[int]]) -> None:
    """Put generators back to where they stood."""
    for one, state in zip(random, states, strict=True):
        words = np.array(state[:4], dtype=np.uint64)
        one.bit_generator.state = {
            "bit_generator": "SFC64",
            "state": {"state": words},
            "has_uint32": state[4],
            "uinteger": state[5],
        }


def wrong_labels(
    labels: npt.NDArray[np.int64], rates: npt.NDArray[np.float64], classes: int, seeds: Sequence[int]
) -> npt.NDArray[np.int64]:
    r"""Return labels per network of which each is replaced, with the network's probability, by another class.

    The wrong class is uniform among the others. With one seed, labels that are wrong at a rate are wrong, and in the
    same way, at every higher rate.

    Parameters
    ----------
    labels : numpy.ndarray of int64, (samples,) or (E, samples)
        The right classes.
    rates : numpy.ndarray, (E,)
        Probability :math:`\varepsilon` of each network.
    classes : int
        How many classes there are; at least 2.
    seeds : sequence of int, (E,)
        A seed per network.

    Returns
    -------
    numpy.ndarray of int64, (E, samples)
    """
    right = np.broadcast_to(labels, (len(rates), labels.shape[-1]))
    result = right.copy()
    for k, random in enumerate(streams(seeds, "labels")):
        chance, shift = random.random(right.shape[1]), random.integers(1, classes, right.shape[1])
        result[k] = np.where(chance < rates[k], (right[k] + shift) % classes, right[k])
    return result


class _Ahead:
    """Draws for many steps at once: one call per network and block, instead of one per network and step.

    What a network draws does not depend on how long the blocks are.
    """

    def __init__(self, seeds: Sequence[int], purpose: str, per_step: int) -> None:
        self._random = streams(seeds, purpose)
        self._steps = max(1, min(_MOST_STEPS, _AHEAD // max(1, per_step)))
        self._block: npt.NDArray[Any] | None = None
        self._at = 0

    def _draw(self) -> npt.NDArray[Any]:
        """Return a block, steps first."""
        raise NotImplementedError

    def next(self) -> npt.NDArray[Any]:
        """Return what is drawn for the next step."""
        if self._block is None or self._at == len(self._block):
            self._before = self._standing()
            self._block, self._at = self._draw(), 0
        self._at += 1
        drawn: npt.NDArray[Any] = self._block[self._at - 1]
        return drawn

    def _standing(self) -> dict[str, Any]:
        return {"random": saved(self._random)}

    def _stand(self, state: dict[str, Any]) -> None:
        restore(self._random, state["random"])

    def state(self) -> dict[str, Any]:
        """Return where the draws stand, as plain data: where the block began, and how far it is used."""
        return {"at": self._at, **(self._standing() if self._block is None else self._before)}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from where the draws stood."""
        self._stand(state)
        self._block = None
        if state["at"]:
            self.next()
            self._at = int(state["at"])


class Batches(_Ahead):
    """Which samples each network sees in each step: (E, largest batch), smaller batches filled up with sample 0.

    Parameters
    ----------
    samples : int
        How many samples there are.
    sizes : numpy.ndarray of int, (E,)
        Samples in a batch of each network.
    replacement : numpy.ndarray of bool, (E,)
        Whether a batch is drawn afresh, or epochs are shuffled and dealt out.
    seeds : sequence of int, (E,)
        A seed per network.
    """

    def __init__(
        self, samples: int, sizes: npt.NDArray[np.int64], replacement: npt.NDArray[np.bool_], seeds: Sequence[int]
    ) -> None:
        super().__init__(seeds, "batches", len(sizes) * int(sizes.max()))
        self._samples, self._sizes, self._replacement = samples, sizes, replacement
        self._left = [np.empty((0, size), dtype=np.int64) for size in sizes]

    def _draw(self) -> npt.NDArray[np.int64]:
        block = np.zeros((self._steps, len(self._sizes), int(self._sizes.max())), dtype=np.int64)
        for k, (random, size) in enumerate(zip(self._random, self._sizes, strict=True)):
            if self._replacement[k]:
                block[:, k, :size] = random.integers(0, self._samples, (self._steps, size))
            else:
                block[:, k, :size] = self._dealt(k, random, int(size))
        return block

    def _dealt(self, k: int, random: np.random.Generator, size: int) -> npt.NDArray[np.int64]:
        """Return the next batches of shuffled epochs, and keep what is left of the last one."""
        whole = self._samples // size
        rows, there = [self._left[k]], len(self._left[k])
        while there < self._steps:
            rows.append(random.permutation(self._samples)[: whole * size].reshape(whole, size))
            there += whole
        dealt = np.concatenate(rows)
        self._left[k] = dealt[self._steps :].copy()
        return dealt[: self._steps]

    def _standing(self) -> dict[str, Any]:
        return super()._standing() | {"left": [rows.tolist() for rows in self._left]}

    def _stand(self, state: dict[str, Any]) -> None:
        super()._stand(state)
        both = zip(state["left"], self._sizes, strict=True)
        self._left = [np.array(rows, dtype=np.int64).reshape(-1, size) for rows, size in both]


class Normals(_Ahead):
    """Independent standard normal numbers: one network's after another's, (sum of counts,).

    Parameters
    ----------
    counts : sequence of int, (E,)
        How many numbers each network needs in a step.
    dtype : str
        ``"float32"`` or ``"float64"``.
    seeds : sequence of int, (E,)
        A seed per network.
    purpose : str
        One of `PURPOSES`.
    """

    def __init__(self, counts: Sequence[int], dtype: str, seeds: Sequence[int], purpose: str) -> None:
        super().__init__(seeds, purpose, sum(counts))
        self._counts, self._dtype = counts, np.dtype(dtype)

    def _draw(self) -> npt.NDArray[Any]:
        block, start = np.empty((self._steps, sum(self._counts)), dtype=self._dtype), 0
        single = self._dtype == np.float32
        for random, count in zip(self._random, self._counts, strict=True):
            shape = (self._steps, count)
            block[:, start : start + count] = random.standard_normal(shape, dtype=np.float32 if single else np.float64)
            start += count
        return block


class Masks:
    """Which hidden units are silent: one mask a layer and step, two random bytes a unit and sample.

    Parameters
    ----------
    rates : numpy.ndarray, (E,)
        Dropout probability of each network.
    groups : sequence of sequence of int
        Networks of one shape, which share their arrays.
    units : sequence of sequence of int
        Hidden units of each layer, for each group.
    seeds : sequence of int, (E,)
        A seed per network.
    """

    def __init__(
        self,
        rates: npt.NDArray[np.float64],
        groups: Sequence[Sequence[int]],
        units: Sequence[Sequence[int]],
        seeds: Sequence[int],
    ) -> None:
        self.random = streams(seeds, "dropout")
        # In units of 2^-16: the rate is exact to 0.00001, and the scale makes up for exactly this rate.
        self._levels = np.minimum(np.rint(rates * 65536), 65535).astype(np.uint16)
        self._scales = 65536 / (65536 - self._levels.astype(np.float64))
        self._groups, self._units = groups, units

    def draw(self, batches: Sequence[int], dtype: str) -> list[list[npt.NDArray[Any]]]:
        """Return for each group one mask per layer, (networks, units, largest batch), of 0 and 1/(1-p)."""
        drawn: list[list[npt.NDArray[Any]]] = []
        for group, units in zip(self._groups, self._units, strict=True):
            total = sum(units)
            words = np.zeros((len(group), total, max(batches)), dtype=np.uint16)
            for place, k in enumerate(group):
                if self._levels[k]:
                    raw = self.random[k].bit_generator.random_raw(-(-total * batches[k] // 4))
                    words[place, :, : batches[k]] = raw.view(np.uint16)[: total * batches[k]].reshape(total, -1)
            alive = words >= self._levels[list(group)][:, None, None]
            masks: npt.NDArray[Any] = np.multiply(alive, self._scales[list(group)][:, None, None], dtype=dtype)
            ends = np.cumsum(units)
            drawn.append([masks[:, end - count : end] for end, count in zip(ends, units, strict=True)])
        return drawn
