"""Training many networks at once, beside a Python loop, scikit-learn, ``torch.func.vmap`` and JAX.

All do the same steps: gradient descent with momentum 0.9 on ReLU networks, cross-entropy, single precision.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import limits
import network_peers
from harness import Bench, Goal, Limit, Measure, bench, cpu, peers
from network_peers import MICRO, MOMENTUM, NETWORKS, RATE, SIZES

BATCH = 64
LOOP = "Python loop over nn.Sequential"
FAST, GENERAL = "population, by hand (FastSGD)", "population, autograd"
OUTPUTS = "population, autograd from the outputs"


def megaflops(sizes: tuple[int, ...], batch: int) -> float:
    """Return the 10^6 floating-point operations of one step: products forward, to the weights, and back to the signals.

    The errors are not carried back to the data. Everything but the products is left out.
    """
    products = [2e-6 * one * other * batch for one, other in pairwise(sizes)]
    return 3 * sum(products) - products[0]


def product_limit(flops: float) -> Limit:
    """Return the microseconds that so many 10^6 operations take at the rate of large matrix products."""
    return Limit("the matrix-product peak", 1e3 * flops / limits.matrix_product())


def _data(batch: int) -> tuple[Any, Any]:
    """Return a batch for each network: inputs (networks, features, batch), labels (networks, batch)."""
    import torch

    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(1)
    inputs = torch.randn(NETWORKS, SIZES[0], batch, generator=random)
    return inputs, torch.randint(0, SIZES[-1], (NETWORKS, batch), generator=random)


def _by_hand(inputs: Any, labels: Any, steps: int) -> Measure:
    from course_utils.dynamics.training.fast_sgd import FastSGD
    from course_utils.models.networks import Population

    population = Population(SIZES, NETWORKS, seeds=1)
    descent = FastSGD(population, learning_rate=RATE, momentum=MOMENTUM)

    def work() -> None:
        for _ in range(steps):
            descent.step(inputs, labels, check=False)

    return cpu(work, per=NETWORKS * steps * MICRO)


def _autograd(inputs: Any, labels: Any, steps: int, *, own: bool = False) -> Measure:
    """Differentiate the population's losses or, as for an ``own`` loss, what its networks say."""
    import torch
    from torch.nn.functional import cross_entropy

    from course_utils.models.networks import Population

    population = Population(SIZES, NETWORKS, seeds=1)
    descent = torch.optim.SGD(population.parameters(), RATE, momentum=MOMENTUM, fused=True)

    def work() -> None:
        for _ in range(steps):
            descent.zero_grad()
            if own:
                losses = cross_entropy(population(inputs, check=False), labels, reduction="none").mean(1)
            else:
                losses = population.losses(inputs, labels, check=False)
            losses.sum().backward()
            descent.step()

    return cpu(work, per=NETWORKS * steps * MICRO)


def _loop(inputs: Any, labels: Any, steps: int, networks: int = 4) -> Measure:
    """Train one network after the other, as a learner would; a few of them, for each costs the same."""
    import torch
    from torch.nn.functional import cross_entropy

    from course_utils.models.networks import Population

    alone = [Population(SIZES, networks, seeds=1).network(k) for k in range(networks)]
    descents = [torch.optim.SGD(one.parameters(), RATE, momentum=MOMENTUM) for one in alone]
    batches = [batch.t().contiguous() for batch in inputs[:networks]]

    def work() -> None:
        for network, descent, x, y in zip(alone, descents, batches, labels, strict=False):
            for _ in range(steps):
                descent.zero_grad()
                cross_entropy(network(x), y).backward()
                descent.step()

    return cpu(work, per=networks * steps * MICRO)


def _contenders(batch: int, steps: int, absent: dict[str, str]) -> dict[str, Measure]:
    inputs, labels = _data(batch)
    others = {
        "torch.func.vmap": lambda: network_peers.vmapped(inputs, labels, steps),
        "JAX vmap+jit+scan": lambda: network_peers.jaxed(inputs, labels, steps),
        "scikit-learn MLPClassifier": lambda: network_peers.sklearned(inputs, labels),
    }
    return {
        FAST: _by_hand(inputs, labels, steps),
        GENERAL: _autograd(inputs, labels, steps),
        OUTPUTS: _autograd(inputs, labels, steps, own=True),
        LOOP: _loop(inputs, labels, 4 * steps),
        **peers(absent, others),
    }


@bench
def population() -> Bench:
    """Small batches: 128 networks 40-100-10, batches of 64."""
    absent: dict[str, str] = {}
    flops = megaflops(SIZES, BATCH)
    return Bench(
        title="128 networks 40-100-10, batches of 64",
        unit="µs per network and step",
        note=f"SGD with momentum, a batch for each network, {flops:.2f} MFLOP of products a step. The loop trains one "
        "network after the other. JAX's compiling is not counted.",
        contenders=_contenders(BATCH, 20, absent),
        goal="by hand 12 times as fast as the loop and 1.5 times as fast as JAX, autograd 8 times as fast as the loop",
        goals=(
            Goal(over=LOOP, least=12),
            Goal(over=LOOP, least=8, of=GENERAL),
            Goal(over="JAX vmap+jit+scan", least=1.5),
        ),
        limit=product_limit(flops),
        absent=absent,
    )


@bench
def full_batch() -> Bench:
    """Large batches: the same networks, batches of 1000."""
    absent: dict[str, str] = {}
    return Bench(
        title="128 networks 40-100-10, batches of 1000",
        unit="µs per network and step",
        note="As before. Here one network alone keeps the processor busy with products: there is less to gain.",
        contenders=_contenders(1000, 2, absent),
        limit=product_limit(megaflops(SIZES, 1000)),
        absent=absent,
    )


@bench
def training() -> Bench:
    """Time the whole call, from the start values to the trained networks, each with batches of its own."""
    import torch
    from torch.nn.functional import cross_entropy

    from course_utils.dynamics import Thermostat, train
    from course_utils.models.networks import Population

    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(1)
    x, y = torch.randn(SIZES[0], 1000, generator=random), torch.randint(0, SIZES[-1], (1000,), generator=random)
    knobs, steps, rows = Thermostat(learning_rate=RATE, momentum=MOMENTUM, batch_size=BATCH), 100, x.t().contiguous()
    start = Population(SIZES, NETWORKS, seeds=1)

    def ours(**more: Any) -> Measure:
        work = lambda: train(start, x, y, steps=steps, thermostat=knobs, seed=1, **more)  # noqa: E731
        return cpu(work, per=NETWORKS * steps * MICRO)

    def loop() -> None:
        network = start.network(0)
        descent = torch.optim.SGD(network.parameters(), RATE, momentum=MOMENTUM)
        for _ in range(steps):
            which = torch.randint(0, 1000, (BATCH,))
            descent.zero_grad()
            cross_entropy(network(rows[which]), y[which]).backward()
            descent.step()

    return Bench(
        title="Training by one call",
        unit="µs per network and step",
        note="`train`: 128 networks 40-100-10, batches of 64 drawn anew by every network, divergence looked for in "
        "every step; the general path has a gradient clip. The loop draws its batches too, and looks for nothing.",
        contenders={
            "train": ours(),
            "train, general path": ours(clip=1e6),
            LOOP: cpu(loop, per=steps * MICRO),
        },
        limit=product_limit(megaflops(SIZES, BATCH)),
    )


@bench
def widths() -> Bench:
    """Networks of 14 widths, 8 of each, in one population."""
    import torch
    from torch.nn.functional import cross_entropy

    from course_utils.models.ragged import RaggedPopulation

    torch.set_num_threads(1)
    chosen, seeds, samples = (2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128), 8, 500
    random = torch.Generator().manual_seed(1)
    x, y = torch.randn(64, samples, generator=random), torch.randint(0, 10, (samples,), generator=random)
    rows = x.t().contiguous()
    ragged = RaggedPopulation(64, [width for width in chosen for _ in range(seeds)], 10, seeds=1)
    descent = torch.optim.Adam(ragged.parameters(), 0.01, fused=True)
    alone = [ragged.network(seeds * k) for k in range(len(chosen))]
    descents = [torch.optim.Adam(one.parameters(), 0.01) for one in alone]

    def together() -> None:
        for _ in range(4):
            descent.zero_grad()
            ragged.losses(x, y, check=False).sum().backward()
            descent.step()

    def loop() -> None:
        for network, own in zip(alone, descents, strict=True):
            for _ in range(8):
                own.zero_grad()
                cross_entropy(network(rows), y).backward()
                own.step()

    flops = sum(megaflops((64, width, 10), samples) for width in chosen) / len(chosen)
    return Bench(
        title="14 widths × 8 seeds in one population",
        unit="µs per network and step",
        note=f"64-h-10 with h from {chosen[0]} to {chosen[-1]}, {samples} examples, full batch, Adam. "
        "The loop trains one network of each width.",
        contenders={
            "RaggedPopulation": cpu(together, per=4 * seeds * len(chosen) * MICRO),
            LOOP: cpu(loop, per=8 * len(chosen) * MICRO),
        },
        goal="4 times as fast as the loop",
        goals=(Goal(over=LOOP, least=4),),
        limit=product_limit(flops),
    )
