"""How it moves: walkers in a landscape, spins that flip."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "annealing",
        "clusters",
        "committee",
        "escape",
        "fast_sgd",
        "ising_chain",
        "langevin",
        "lattice_tempering",
        "metropolis",
        "multispin",
        "noise",
        "optimisers",
        "schedules",
        "tempering",
        "training",
        "tube",
    ],
    submod_attrs={"noise": ["Thermostat"], "training": ["train"]},
)
