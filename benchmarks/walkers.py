"""Walkers and annealing: import, Langevin ensembles, the landscape of Müller and Brown, a glass of ten spins."""

from __future__ import annotations

import limits
from harness import Bench, Goal, Limit, bench, cpu, fresh_python


@bench
def imports() -> Bench:
    """Import the course beside torch, which a learner imports anyway."""
    clock = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
    return Bench(
        title="Import",
        unit="s (wall)",
        note="New interpreter each time; `course_utils` loads its rooms when they are first used.",
        contenders={
            "course_utils": fresh_python(clock.format("course_utils")),
            "torch": fresh_python(clock.format("torch")),
        },
        goal="below 3 % of torch",
        goals=(Goal(over="torch", least=33),),
    )


@bench
def langevin() -> Bench:
    """Move an ensemble of walkers in the double well, per walker and step."""
    import numpy as np
    import torch

    from course_utils.dynamics import langevin as walkers
    from course_utils.models import DoubleWell

    torch.set_num_threads(1)
    count, step, heat = 4096, 2e-3, 0.25
    well, start = DoubleWell(), np.full(count, -1.0)
    kick = np.float32(np.sqrt(2 * heat * step))
    random = np.random.default_rng(0)

    def ours() -> object:
        return walkers.walk_quartic(well, start, temperature=heat, time_step=step, steps=4000, seed=1)

    def escapes() -> object:
        return walkers.escape_times(
            well, start=-1.0, target=9.0, temperature=heat, time_step=step, walkers=count, longest=4000 * step, seed=1
        )

    def numpy_loop() -> None:
        x = start.astype(np.float32)
        for _ in range(200):
            x = x - np.float32(4 * step) * x * (x * x - 1) + kick * random.standard_normal(count, dtype=np.float32)

    def torch_loop() -> None:
        x = torch.full((count,), -1.0)
        for _ in range(200):
            x = x - (4 * step) * x * (x * x - 1) + float(kick) * torch.randn(count)

    def plain() -> object:
        return walkers.walk(well.force, start, temperature=heat, time_step=step, steps=200, seed=1)

    nano = 1e-9 * count
    return Bench(
        title="Langevin ensemble",
        unit="ns per walker-step",
        note=f"{count} walkers in the double well, one thread; numpy and torch by the book, in single precision.",
        contenders={
            "walk_quartic (compiled)": cpu(ours, per=4000 * nano),
            "escape_times (compiled)": cpu(escapes, per=4000 * nano),
            "numpy": cpu(numpy_loop, per=200 * nano),
            "torch": cpu(torch_loop, per=200 * nano),
            "walk (any force, double precision)": cpu(plain, per=200 * nano),
        },
        goal="8 times as fast as numpy",
        goals=(Goal(over="numpy", least=8),),
        limit=Limit("the rate of kicks", 1e9 / limits.normals()),
    )


@bench
def crossing() -> Bench:
    """Move walkers in the landscape of Müller and Brown, per walker and step."""
    import numpy as np

    from course_utils.dynamics import langevin as walkers
    from course_utils.models import MuellerBrown

    landscape = MuellerBrown()
    valley, target, _ = landscape.minima
    count, step = 1024, 1e-5
    start = np.tile(valley, (count, 1))

    def compiled() -> object:
        return walkers.crossing_times(
            landscape, start=valley, target=target, radius=0.1, temperature=5.0, time_step=step, walkers=count,
            longest=4000 * step, seed=1,
        )  # fmt: skip

    def plain() -> object:
        return walkers.walk(landscape.force, start, temperature=5.0, time_step=step, steps=20, seed=1)

    return Bench(
        title="Müller–Brown landscape",
        unit="ns per walker-step",
        note=f"{count} walkers in valley A at kT = 5, one thread.",
        contenders={
            "crossing_times (compiled)": cpu(compiled, per=4000e-9 * count),
            "walk (any force, numpy)": cpu(plain, per=20e-9 * count),
        },
    )


@bench
def annealing() -> Bench:
    """Random-site Metropolis on a glass of ten spins, per attempted flip."""
    import numpy as np

    from course_utils.dynamics import annealing as cooling
    from course_utils.models import SpinGlass

    glass, betas, runs = SpinGlass.draw(10, seed=4), np.linspace(0, 6, 400), 2000
    random = np.random.default_rng(0)

    def vectorised() -> None:
        spins = random.choice([-1.0, 1.0], size=(runs, 10))
        every = np.arange(runs)
        for beta in betas[:50]:
            site = random.integers(10, size=runs)
            cost = 2 * spins[every, site] * (glass.couplings[site] * spins).sum(1)
            flip = random.random(runs) < np.exp(-beta * np.maximum(cost, 0))
            spins[every[flip], site[flip]] *= -1

    return Bench(
        title="Annealing",
        unit="ns per attempted flip",
        note=f"{runs} runs of a 10-spin glass, one thread; numpy vectorised over the runs.",
        contenders={
            "anneal (compiled)": cpu(lambda: cooling.anneal(glass, betas, replicas=runs, seed=1), per=400e-9 * runs),
            "numpy": cpu(vectorised, per=50e-9 * runs),
        },
    )
