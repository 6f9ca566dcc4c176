"""Curvature of networks, beside curvlinops, hessian-eigenthings and PyHessian.

All read the same trained networks (handwritten digits, 500 examples, cross-entropy, single precision). Before anything
is timed, each contender's result is compared with one that is as good as exact; a peer that is wrong is not timed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import limits
from curvature_peers import DENSITY, EIGENVALUE, PEERS, PROBES, PRODUCTS, STEPS, TOLERANCE, TRACE, Work
from harness import Bench, Goal, Limit, Measure, bench, cpu, peers

EXAMPLES, SIZES, MILLI = 500, (64, 20, 10), 1e-3
OURS = "course_utils"


@cache
def trained(sizes: tuple[int, ...], activation: str, networks: int) -> tuple[Any, Any, Any]:
    """Return networks that have learnt the digits, with inputs (features, batch) and labels (batch,)."""
    import torch

    from course_utils.datasets import digits
    from course_utils.models.networks import Population

    torch.set_num_threads(1)
    data = digits(train=EXAMPLES, seed=0)
    inputs, labels = torch.from_numpy(data.train_inputs).T.contiguous(), torch.from_numpy(data.train_labels)
    population = Population(sizes, networks, activation=activation, seeds=1)
    descent = torch.optim.Adam(population.parameters(), 5e-3)
    for _ in range(200):
        descent.zero_grad()
        population.losses(inputs, labels, check=False).sum().backward()
        descent.step()
    return population.requires_grad_(False), inputs, labels


def small(networks: int) -> tuple[Any, Any, Any]:
    """Return networks of 1,510 parameters, with their data."""
    return trained(SIZES, "tanh", networks)


@cache
def exact(networks: int) -> tuple[Any, float]:
    """Return the largest eigenvalue of each Hessian, and the trace of the first, in double precision."""
    import numpy as np
    import torch

    from course_utils.measure.curvature import Curvature
    from course_utils.measure.spectra import extremes
    from course_utils.models.networks import Population

    population, inputs, labels = small(networks)
    plain = [population.network(k).double() for k in range(networks)]
    curvature = Curvature(Population.from_networks(plain), inputs.double(), labels)
    first = Curvature(plain[0], inputs.double(), labels).hessian()[0]
    largest = extremes(curvature, ends="largest", tolerance=1e-7, seed=1).largest
    agree("the full Hessian", torch.linalg.eigvalsh(torch.from_numpy(first))[-1], largest[0], 1e-9)
    return largest, float(np.trace(first))


def agree(what: str, found: Any, expected: Any, tolerance: float) -> None:
    """Raise if a result is off by more than a share of what is expected."""
    import numpy as np

    off = np.abs(np.asarray(found, dtype=float) / np.asarray(expected, dtype=float) - 1).max()
    if not off < tolerance:
        raise ValueError(f"{what} is off by {off:.1e} of the result, more than {tolerance:.0e}: not timed")


def timed(what: str, work: Work, expected: Any, tolerance: float, per: float) -> Measure:
    """Return the measure of work whose result agrees with what is expected."""
    import torch

    torch.manual_seed(1)
    agree(what, work(), expected, tolerance)
    return cpu(work, per=per)


def parameters() -> int:
    """Return how many parameters a network has."""
    return sum((one + 1) * other for one, other in pairwise(SIZES))


def product_limit(products: float) -> Limit:
    """Return the milliseconds that so many products with a Hessian take at the rate of large matrix products.

    A product with the Hessian is two matrix products for the first layer's weights, and six for any other's.
    """
    sides = [one * other for one, other in pairwise(SIZES)]
    flops = 2.0 * EXAMPLES * (2 * sides[0] + 6 * sum(sides[1:]))
    return Limit("the matrix-product peak", 1e-6 * products * flops / limits.matrix_product())


def beside(
    task: int, networks: int, ours: Work, expected: Any, tolerance: float
) -> tuple[dict[str, Measure], dict[str, str]]:
    """Return all contenders for a task, ours first, and why others are absent; the peers take network after network."""
    population, inputs, labels = small(networks)
    plain, per = [population.network(k) for k in range(networks)], MILLI * networks

    def peer(name: str) -> Callable[[], Measure]:
        def build() -> Measure:
            works = [PEERS[name][task](network, inputs, labels) for network in plain]
            return timed(name, lambda: [work() for work in works], expected, tolerance, per)

        return build

    absent: dict[str, str] = {}
    found = {OURS: timed(OURS, ours, expected, tolerance, per)}
    return found | peers(absent, {name: peer(name) for name in PEERS}), absent


def eigenvalues(networks: int) -> tuple[dict[str, Measure], dict[str, str], Limit]:
    """Return contenders for the largest eigenvalues, the absent ones, and the limit for the products that ours took."""
    from course_utils.measure.curvature import Curvature
    from course_utils.measure.spectra import extremes

    population, inputs, labels = small(networks)

    def run() -> Any:
        return extremes(Curvature(population, inputs, labels), ends="largest", tolerance=TOLERANCE, seed=1)

    found, absent = beside(EIGENVALUE, networks, lambda: run().largest, exact(networks)[0], TOLERANCE)
    return found, absent, product_limit(run().steps)


@bench
def sharpness() -> Bench:
    """Find the largest eigenvalue of one network's Hessian."""
    found, absent, limit = eigenvalues(1)
    return Bench(
        title="Largest Hessian eigenvalue of one network",
        unit="ms",
        note="tanh 64-20-10, 1,510 parameters, n = 500; all within 0.1 % of the eigenvalue in double precision. Ours "
        "starts from networks and data, and stops at a residual of 0.1 %; curvlinops by SciPy's `eigsh` with that "
        "tolerance, its operator made beforehand and without its check of determinism; hessian-eigenthings with 30 "
        "steps (with its default of 2 it is wrong by half); PyHessian by power iteration to 10⁻⁵.",
        contenders=found,
        goal="6 times as fast as curvlinops",
        goals=(Goal(over="curvlinops", least=6),),
        limit=limit,
        absent=absent,
    )


@bench
def sharpness_of_many() -> Bench:
    """Find the largest eigenvalues of 16 networks' Hessians at once."""
    found, absent, limit = eigenvalues(16)
    return Bench(
        title="Largest Hessian eigenvalues of 16 networks at once",
        unit="ms per network",
        note="As for one network; the peers take them one after the other.",
        contenders=found,
        goal="12 times as fast as 16 runs of curvlinops",
        goals=(Goal(over="curvlinops", least=12),),
        limit=limit,
        absent=absent,
    )


@bench
def hessian_trace() -> Bench:
    """Estimate the trace of one network's Hessian with 90 products."""
    from course_utils.measure import spectra
    from course_utils.measure.curvature import Curvature

    population, inputs, labels = small(1)

    def ours() -> float:
        return spectra.trace(Curvature(population, inputs, labels), products=PRODUCTS, seed=1)[0].mean

    # four standard errors of the plainest of the estimates
    found, absent = beside(TRACE, 1, ours, exact(1)[1], 0.08)
    return Bench(
        title="Trace of a Hessian, 90 products",
        unit="ms",
        note="The same network; all within 8 % of the trace in double precision. Hutch++; PyHessian by Hutchinson.",
        contenders=found,
        limit=product_limit(PRODUCTS),
        absent=absent,
    )


@bench
def hessian_density() -> Bench:
    """Estimate the density of the eigenvalues of one network's Hessian."""
    from course_utils.measure import spectra
    from course_utils.measure.curvature import Curvature

    population, inputs, labels = small(1)

    def ours() -> float:
        curvature = Curvature(population, inputs, labels)
        return spectra.spectral_density(curvature, probes=PROBES, steps=STEPS, seed=1).mean(lambda x: x)[0].mean

    # four standard errors of a mean over five probes
    found, absent = beside(DENSITY, 1, ours, exact(1)[1] / parameters(), 0.35)
    return Bench(
        title="Spectral density of a Hessian",
        unit="ms",
        note=f"The same network; stochastic Lanczos, {PROBES} probes of {STEPS} steps. The mean eigenvalue is checked, "
        "which five probes give within a third.",
        contenders=found,
        limit=product_limit(PROBES * STEPS),
        absent=absent,
    )
