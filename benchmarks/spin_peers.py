"""The peers that flip spins, below their wrappers where that is faster, and the proof that each does the work.

A flipper lets states (R, N) of -1 and +1 make sweeps at one temperature after the other and returns the states. Whoever
is timed has first shown its mean energy; one that simulates something else is named with what it showed, not timed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# Before a peer starts its threads: one.
os.environ.setdefault("RAYON_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

States = npt.NDArray[np.int8]
Flipper = Callable[[Sequence[float], int, States], States]


@dataclass(frozen=True)
class Bonds:
    r"""Pairs of sites and their couplings, :math:`E = -\sum J_{ij} s_i s_j`, each pair once."""

    sites: int
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    strength: npt.NDArray[np.float64]

    @classmethod
    def of(cls, matrix: Any) -> Bonds:
        """Read them from a symmetric matrix, dense or sparse."""
        from scipy.sparse import coo_array, triu

        upper = coo_array(triu(matrix, k=1))
        first, second = (index.astype(np.int64) for index in upper.coords)
        return cls(upper.shape[0], first, second, upper.data.astype(np.float64))

    def energy(self, states: States) -> float:
        """Return the mean energy per spin."""
        spins = states.astype(np.float64)
        return float(-(spins[:, self.first] * spins[:, self.second] @ self.strength).mean() / self.sites)


def agrees(measured: float, expected: float, tolerance: float) -> None:
    """Refuse a peer whose mean energy is another one."""
    if not abs(measured - expected) < tolerance:
        raise ValueError(f"does other work: mean energy {measured:.4f} per spin instead of {expected:.4f}")


def shows(flip: Flipper, bonds: Bonds, temperatures: Sequence[float], expected: float, tolerance: float) -> None:
    """Let states go down a ladder of temperatures; compare the mean energy at the last one."""
    states = np.ones((max(2, 8192 // bonds.sites), bonds.sites), dtype=np.int8)
    states = flip(temperatures, 400 // len(temperatures) + 50, states)
    energies = []
    for _ in range(16):
        states = flip(temperatures[-1:], 40, states)
        energies.append(bonds.energy(states))
    agrees(float(np.mean(energies)), expected, tolerance)


def dwave(bonds: Bonds, rule: str = "Metropolis") -> Flipper:
    """Anneal with dwave-samplers: its compiled function, called as its sampler calls it."""
    from dwave.samplers.sa.simulated_annealing import simulated_annealing

    field, pairs = [0.0] * bonds.sites, (bonds.first.tolist(), bonds.second.tolist(), (-bonds.strength).tolist())
    random = np.random.default_rng(1)

    def flip(temperatures: Sequence[float], sweeps: int, states: States) -> States:
        betas, seed = [1 / temperature for temperature in temperatures], int(random.integers(1, 2**31))
        result = simulated_annealing(len(states), field, *pairs, sweeps, betas, seed, states, False, rule)
        done: States = result[0]
        return done

    return flip


def openjij(bonds: Bonds, *, dense: bool = False) -> Flipper:
    """Flip single spins with openjij (Metropolis): its compiled system, built once; states one after the other."""
    from openjij.cxxjij import algorithm, graph, result, system

    degrees = np.bincount(np.concatenate([bonds.first, bonds.second]), minlength=bonds.sites)
    # One more partner: openjij ties every spin to one that holds the field.
    model = graph.Dense(bonds.sites) if dense else graph.Sparse(bonds.sites, int(degrees.max()) + 1)
    for i, j, strength in zip(bonds.first.tolist(), bonds.second.tolist(), bonds.strength.tolist(), strict=True):
        model[i, j] = -strength
    one, random = system.make_classical_ising([1] * bonds.sites, model), np.random.default_rng(1)

    def flip(temperatures: Sequence[float], sweeps: int, states: States) -> States:
        schedule = [(1 / temperature, sweeps) for temperature in temperatures]
        done = np.empty_like(states)
        for k, state in enumerate(states):
            one.reset_spins(state.tolist())
            algorithm.Algorithm_SingleSpinFlip_run(one, int(random.integers(1, 2**31)), schedule)
            done[k] = result.get_solution(one)
        return done

    return flip


def mcising(size: int) -> Flipper:
    """Flip spins of the square lattice with mcising (Metropolis); states one after the other."""
    from mcising import IsingSimulation

    one = IsingSimulation(size, 1.0, 0.0, 0.0, 0.0, 1, "metropolis")

    def flip(temperatures: Sequence[float], sweeps: int, states: States) -> States:
        done = np.empty_like(states)
        for k, state in enumerate(states):
            one.set_spins(state)
            for temperature in temperatures:
                one.sweep(sweeps, temperature=temperature)
            done[k] = one.get_spins().ravel()
        return done

    return flip


class Chessboard:
    """Metropolis in numpy without a loop over spins: black squares, then white ones, (R, L, L/2) bytes each."""

    def __init__(self, size: int) -> None:
        self.size, self.random = size, np.random.default_rng(1)
        colour, row, place = np.ix_(range(2), range(size), range(size // 2))
        self.squares = (row * size + 2 * place + (row + colour) % 2).astype(np.int64)

    def __call__(self, temperatures: Sequence[float], sweeps: int, states: States) -> States:
        """Flip; random numbers of 16 bits, so that the acceptance is right to 2^-17."""
        black, white = (np.ascontiguousarray(states[:, place]) for place in self.squares)
        for temperature in temperatures:
            # By the product of a spin and the sum of its neighbours, -4 ... 4; negative ones stand at the end.
            chance = np.exp(-2 * np.array([0, 1, 2, 3, 4, -4, -3, -2, -1]) / temperature)
            limits = np.rint(np.minimum(chance * 2**16, 2**16) - 1).astype(np.uint16)
            for _ in range(sweeps):
                self._flip(black, white, 0, limits)
                self._flip(white, black, 1, limits)
        for place, spins in zip(self.squares, (black, white), strict=True):
            states[:, place] = spins
        return states

    def _flip(self, mine: States, other: States, first: int, limits: npt.NDArray[np.uint16]) -> None:
        around = other + np.roll(other, 1, axis=1)
        around += np.roll(other, -1, axis=1)
        around[:, first::2] += np.roll(other[:, first::2], 1, axis=2)
        around[:, 1 - first :: 2] += np.roll(other[:, 1 - first :: 2], -1, axis=2)
        around *= mine
        words = np.frombuffer(self.random.bytes(2 * mine.size), dtype=np.uint16).reshape(mine.shape)
        np.negative(mine, out=mine, where=words <= limits[around])
