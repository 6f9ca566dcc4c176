"""Spins: a magnet at its critical temperature, flip by flip and cluster by cluster (glasses stand in glasses.py)."""

from __future__ import annotations

import glasses  # noqa: F401  (registers its benches)
import limits
import numpy as np
from harness import Bench, Goal, Limit, Measure, bench, cpu, peers
from spin_peers import Bonds, Chessboard, Flipper, agrees, dwave, mcising, openjij, shows

SIZE, CHECKED = 256, 16
NANO = 1e-9


def _critical() -> float:
    from course_utils.theory import onsager1944

    return float(onsager1944.CRITICAL_TEMPERATURE)


def _bonds(size: int) -> Bonds:
    from course_utils.models.ising import Ising

    return Bonds.of(Ising(size).couplings)


def _exact() -> float:
    """Return the exact energy per spin of the small lattice on which everybody is checked."""
    from course_utils.theory import kaufman1949

    return float(kaufman1949.energy(CHECKED, _critical()))


def _timed(small: Flipper, large: Flipper, sweeps: int, replicas: int = 1) -> Measure:
    """Check a peer against Kaufman's energy, then time it on the large lattice."""
    shows(small, _bonds(CHECKED), [_critical()], _exact(), 0.04)
    states = np.ones((replicas, SIZE * SIZE), dtype=np.int8)

    def work() -> None:
        states[:] = large([_critical()], sweeps, states)

    return cpu(work, per=NANO * sweeps * states.size)


def _peapods() -> Measure:
    from peapods import Ising

    temperature = np.array([_critical()])
    small = Ising((CHECKED, CHECKED), "ferro", temperature, n_replicas=32)
    small.sample(1000, warmup_ratio=0.4, sequential=True)
    agrees(-float(small.energies_avg[0]), _exact(), 0.04)  # its sign is the opposite one
    large = Ising((SIZE, SIZE), "ferro", temperature)
    return cpu(lambda: large.sample(400, sequential=True), per=NANO * 400 * SIZE**2)


@bench
def ising() -> Bench:
    """Flip the spins of a square lattice at its critical temperature, per attempted flip."""
    from course_utils.dynamics import multispin
    from course_utils.dynamics.kernels.multispin import DIGITS

    def ours() -> object:
        return multispin.simulate(SIZE, [_critical()], sweeps=10_000, burn_in=0, record_every=10, seed=1)

    absent: dict[str, str] = {}
    found = peers(
        absent,
        {
            "mcising": lambda: _timed(mcising(CHECKED), mcising(SIZE), 1000),
            "openjij": lambda: _timed(openjij(_bonds(CHECKED)), openjij(_bonds(SIZE)), 500),
            "peapods": _peapods,
            "dwave-samplers": lambda: _timed(dwave(_bonds(CHECKED)), dwave(_bonds(SIZE)), 300),
        },
    )
    found["numpy chessboard"] = _timed(Chessboard(CHECKED), Chessboard(SIZE), 50, replicas=16)
    return Bench(
        title="Ising magnet, L = 256, critical",
        unit="ns per attempted flip",
        note="Metropolis on one core; ours with 64 replicas and a record of energy and magnetisation every 10 sweeps. "
        "mcising (Rust), peapods (Rust) and openjij (C++) run one replica, dwave-samplers (C++) anneals at one "
        "temperature; the last two below their Python wrappers, so that building the problem is not counted. numpy "
        "flips all black, then all white squares of 16 replicas. Each peer has first met Kaufman's exact energy of a "
        "16 × 16 lattice at this temperature within 0.04.",
        contenders={"multispin.simulate": cpu(ours, per=NANO * 10_000 * SIZE**2 * 64), **found},
        goal="10 flips per ns and core (0.1 ns each), 70 times as fast as the best peer",
        goals=(Goal(most=0.1), *(Goal(over=name, least=70) for name in found)),
        limit=Limit(
            f"the random words ({DIGITS + 1} for 64 flips)", (DIGITS + 1) / 64 / (NANO * limits.random_words())
        ),
        absent=absent,
    )


def _wolff_mcising() -> Measure:
    """Its own count of the flipped spins."""
    from mcising import IsingSimulation

    def lattice(size: int) -> IsingSimulation:
        one = IsingSimulation(size, 1.0, 0.0, 0.0, 0.0, 1, "wolff")
        one.set_spins(np.ones((size, size), dtype=np.int8))
        return one

    temperature, small, large = _critical(), lattice(CHECKED), lattice(SIZE)
    energies = small.production_sweeps(20_000, 1, temperature=temperature, store_configs=False)["energies"]
    agrees(float(np.mean(energies)), _exact(), 0.04)
    flipped = 0

    def work() -> None:
        nonlocal flipped
        flipped = large.sweep(1000, temperature=temperature)[0]

    seconds = cpu(work)
    return lambda: seconds() / (NANO * flipped)


def _wolff_peapods() -> Measure:
    """One cluster after each sweep: the difference to sweeps alone, over the mean cluster, which is N <m^2>."""
    from peapods import Ising

    def cold(temperature: float, size: int) -> Ising:
        return Ising((size, size), "ferro", np.array([temperature]))

    clusters = {"cluster_update_interval": 1, "cluster_mode": "wolff", "sequential": True}
    frozen = cold(0.3, CHECKED)
    frozen.sample(500, **clusters)
    before = np.array(frozen._sim.get_spins()).sum()
    frozen.sample(1, **clusters)
    if not before * np.array(frozen._sim.get_spins()).sum() < 0:
        raise ValueError("does other work: an update at low temperature does not turn the one cluster there is")
    small, large = cold(_critical(), CHECKED), cold(_critical(), SIZE)
    small.sample(20_000, **clusters)
    agrees(-float(small.energies_avg[0]), _exact(), 0.04)
    large.sample(400, **clusters)
    alone = cpu(lambda: large.sample(300, sequential=True))
    together = cpu(lambda: large.sample(300, warmup_ratio=0.0, **clusters))

    def measured() -> float:
        seconds = together()
        flipped = 300 * SIZE**2 * float(large.mags2[0])
        return (seconds - alone()) / (NANO * flipped)

    return measured


@bench
def wolff() -> Bench:
    """Flip clusters of a square lattice at its critical temperature, per spin that is flipped."""
    from course_utils.dynamics import clusters
    from course_utils.models.ising import Ising

    def ours() -> float:
        run = clusters.wolff(Ising(SIZE), [_critical()], replicas=1, records=1000, clusters=1, burn_in=0, seed=1)
        return float((run.magnetisations**2).mean())

    # The mean size of a cluster is N <m^2>; the same seed gives the same run.
    absent = {"openjij": "Swendsen-Wang only: no single clusters", "dwave-samplers": "no clusters"}
    mean = SIZE**2 * ours()
    found = peers(absent, {"mcising": _wolff_mcising, "peapods": _wolff_peapods})
    return Bench(
        title="Wolff clusters, L = 256, critical",
        unit="ns per flipped spin",
        note="One replica on one core, energy and magnetisation recorded after every cluster. mcising counts the spins "
        "that it flips and records nothing; peapods makes a sweep before each cluster, whose time is subtracted. Both "
        "have first met Kaufman's energy of a 16 × 16 lattice within 0.04.",
        contenders={"clusters.wolff": cpu(ours, per=NANO * 1000 * mean), **found},
        absent=absent,
    )
