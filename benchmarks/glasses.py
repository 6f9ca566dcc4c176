"""Glasses: parallel tempering with couplings of one size, lattice glasses, and flips with any couplings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import limits
import numpy as np
from harness import Bench, Goal, Limit, Measure, bench, cpu, peers
from spin_peers import Bonds, Flipper, agrees, dwave, openjij, shows

NANO = 1e-9
CHECK_AT = 10  # the place on a ladder of 16 temperatures at which energies are compared


def _timed(
    flip: Flipper, bonds: Bonds, ladder: Sequence[float], expected: float, sweeps: int, replicas: int = 1
) -> Measure:
    """Check the energy that a peer reaches on its way down, then time the whole way from random states."""
    shows(flip, bonds, ladder[: CHECK_AT + 1], expected, 0.02)
    states = np.random.default_rng(1).choice(np.array([-1, 1], dtype=np.int8), (replicas, bonds.sites))
    return cpu(lambda: flip(ladder, sweeps, states.copy()), per=NANO * sweeps * len(ladder) * states.size)


def _ring(couplings: Any, ladder: Any, expected: float, sweeps: int) -> Measure:
    """Let peapods temper a full matrix: a ring on which everybody has bonds to the right, of all lengths up to N/2."""
    from peapods import Ising

    size, place = len(couplings), np.arange(len(couplings))
    bonds = np.stack([couplings[place, (place + k) % size] for k in range(1, size // 2 + 1)], axis=1)
    bonds[size // 2 :, -1] = 0  # the longest ones would come twice
    offsets = [[k] for k in range(1, size // 2 + 1)]
    glass = Ising((size,), bonds, np.array(ladder), n_replicas=2, neighbor_offsets=offsets)
    glass.sample(300, pt_interval=1, sequential=True)
    agrees(-float(glass.energies_avg[CHECK_AT]), expected, 0.02)
    updates = sweeps * 2 * len(ladder) * size
    return cpu(lambda: glass.sample(sweeps, pt_interval=1, sequential=True), per=NANO * updates)


@bench
def glass() -> Bench:
    """Temper a glass whose couplings are all of one size, per attempted flip."""
    from course_utils.dynamics import tempering
    from course_utils.models.spin_glass import SpinGlass

    size, sweeps, ladder = 256, 10_000, np.linspace(1.6, 0.4, 16).tolist()
    model = SpinGlass.draw(size, law="signs", seed=1)
    bonds = Bonds.of(model.couplings)

    def ours() -> Any:
        return tempering.temper(model, ladder, sweeps=sweeps, burn_in=0, record_every=10, seed=1)

    energy = float(ours().energies[0, CHECK_AT].mean())
    absent = {"mcising": "couplings that are the same everywhere only"}
    found = peers(
        absent,
        {
            "dwave-samplers": lambda: _timed(dwave(bonds), bonds, ladder, energy, 200, 4),
            "dwave-samplers, Gibbs": lambda: _timed(dwave(bonds, "Gibbs"), bonds, ladder, energy, 200, 4),
            "openjij": lambda: _timed(openjij(bonds, dense=True), bonds, ladder, energy, 2000),
            "peapods": lambda: _ring(model.couplings, ladder, energy, 40),
        },
    )
    return Bench(
        title="Parallel tempering, glass of 256 spins with ±J",
        unit="ns per attempted flip",
        note="Every spin tied to every other; Metropolis at 16 temperatures, two copies at each, exchanges after every "
        "sweep, energies and overlaps recorded every 10. dwave-samplers and openjij (its dense matrix) make the same "
        "number of sweeps at the same temperatures, one after the other and without exchanges; below their Python "
        "wrappers. peapods tempers as we do, on a ring whose bonds reach everybody. Each peer has first met our mean "
        f"energy at temperature {ladder[CHECK_AT]:.1f} within 0.02.",
        contenders={"tempering.temper": cpu(ours, per=NANO * sweeps * 2 * len(ladder) * size), **found},
        goal="8 times as fast as dwave-samplers",
        goals=tuple(Goal(over=name, least=8) for name in ("dwave-samplers", "dwave-samplers, Gibbs")),
        limit=Limit("the random words (one a flip)", 1 / (NANO * limits.random_words())),
        absent=absent,
    )


def _lattices(model: Any, ladder: Any, expected: float, sweeps: int) -> Measure:
    from peapods import Ising

    bonds = np.ascontiguousarray(np.moveaxis(model.bonds, 1, -1), dtype=np.float32)
    draws = Ising((model.side,) * model.dimension, bonds, np.array(ladder), n_replicas=2, n_disorder=model.samples)
    draws.sample(500, pt_interval=5, sequential=True)
    agrees(-float(draws.energies_avg[CHECK_AT]), expected, 0.02)
    updates = sweeps * model.samples * 2 * len(ladder) * model.sites
    return cpu(lambda: draws.sample(sweeps, pt_interval=5, sequential=True), per=NANO * updates)


@bench
def lattice_glass() -> Bench:
    """Temper 64 draws of a lattice glass, per attempted flip."""
    from scipy.sparse import block_diag

    from course_utils.dynamics import lattice_tempering
    from course_utils.models.edwards_anderson import EdwardsAnderson

    sweeps, ladder = 2000, np.linspace(2.0, 0.5, 16).tolist()
    model = EdwardsAnderson.draw(16, samples=64, seed=1)
    # All draws side by side are one problem.
    bonds = Bonds.of(block_diag([model.couplings(k) for k in range(model.samples)]))

    def ours() -> Any:
        return lattice_tempering.temper_lattices(model, ladder, sweeps=sweeps, burn_in=0, record_every=5, seed=1)

    energy = float(ours().energies[:, CHECK_AT, :, 40:].mean())
    absent = {"mcising": "couplings that are the same everywhere only"}
    found = peers(
        absent,
        {
            "peapods": lambda: _lattices(model, ladder, energy, 40),
            "openjij": lambda: _timed(openjij(bonds), bonds, ladder, energy, 100),
            "dwave-samplers": lambda: _timed(dwave(bonds), bonds, ladder, energy, 100),
        },
    )
    updates = sweeps * model.samples * 2 * len(ladder) * model.sites
    return Bench(
        title="Parallel tempering, 64 lattice glasses of 16 × 16 spins",
        unit="ns per attempted flip",
        note="Edwards-Anderson with ±J; Metropolis at 16 temperatures, two copies at each, exchanges and a record of "
        "energies and overlaps after every 5 sweeps. peapods tempers the same bonds in the same way; openjij and "
        "dwave-samplers make the same sweeps on all draws as one problem, without exchanges. Each peer has first met "
        f"our mean energy at temperature {ladder[CHECK_AT]:.1f} within 0.02.",
        contenders={"temper_lattices": cpu(ours, per=NANO * updates), **found},
        limit=Limit("the random words (9 for 64 flips)", 9 / 64 / (NANO * limits.random_words())),
        absent=absent,
    )


class _Columns:
    """Heat bath in numpy, one site after the other, vectorised over the states."""

    def __init__(self, couplings: Any) -> None:
        self.couplings, self.random = couplings.astype(np.float32), np.random.default_rng(1)

    def __call__(self, temperatures: Sequence[float], sweeps: int, states: Any) -> Any:
        spins = np.ascontiguousarray(states.T, dtype=np.float32)
        for temperature in temperatures:
            for _ in range(sweeps):
                draws = self.random.random(spins.shape, dtype=np.float32)
                for i, row in enumerate(self.couplings):
                    up = 1 / (1 + np.exp(np.float32(-2 / temperature) * (row @ spins)))
                    spins[i] = np.where(draws[i] < up, np.float32(1), np.float32(-1))
        return spins.T.astype(np.int8)


@bench
def couplings() -> Bench:
    """Flip spins with any couplings, every spin tied to every other, per attempted flip."""
    from course_utils.dynamics import metropolis
    from course_utils.models.spin_glass import SpinGlass

    size, replicas, sweeps, heat = 256, 64, 300, 1.0
    model = SpinGlass.draw(size, seed=1)
    bonds = Bonds.of(model.couplings)

    def run(rule: Any) -> Any:
        return rule(model, [heat], replicas=replicas, sweeps=sweeps, burn_in=0, record_every=10, seed=1)

    energy = float(run(metropolis.heat_bath).energies[..., 10:].mean())
    per, absent = NANO * sweeps * replicas * size, {"mcising": "couplings that are the same everywhere only"}

    def timed(flip: Flipper, sweeps: int, replicas: int) -> Measure:
        return _timed(flip, bonds, [heat], energy, sweeps, replicas)

    found = peers(
        absent,
        {
            "openjij, Metropolis": lambda: timed(openjij(bonds, dense=True), 2000, 8),
            "dwave-samplers, Gibbs": lambda: timed(dwave(bonds, "Gibbs"), 500, 64),
        },
    )
    return Bench(
        title="Any couplings: 256 spins, each tied to every other",
        unit="ns per attempted flip",
        note="Real couplings (Sherrington-Kirkpatrick), one temperature, 64 replicas side by side; numpy is vectorised "
        "over the replicas and compiles nothing. openjij and dwave-samplers keep the fields and change them only after "
        "a flip: their time falls with the acceptance, ours does not. Each has first met our mean energy within 0.02.",
        contenders={
            "heat_bath": cpu(lambda: run(metropolis.heat_bath), per=per),
            "metropolis": cpu(lambda: run(metropolis.metropolis), per=per),
            "numpy": timed(_Columns(model.couplings), 20, 64),
            **found,
        },
        limit=Limit("the matrix product (512 operations a flip)", 2 * size / limits.matrix_product()),
        absent=absent,
    )
