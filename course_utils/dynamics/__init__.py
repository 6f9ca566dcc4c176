"""How it moves: walkers in a landscape, spins that flip."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "annealing",
        "binary_learning",
        "clusters",
        "committee",
        "digit_classes",
        "escape",
        "factors",
        "fast_sgd",
        "greedy",
        "ising_chain",
        "langevin",
        "lattice_tempering",
        "linear_dropout",
        "metropolis",
        "multispin",
        "noise",
        "optimisers",
        "recipes",
        "replicas",
        "replicated",
        "schedules",
        "sphere",
        "tempering",
        "training",
        "tube",
    ],
    submod_attrs={"noise": ["Thermostat"], "training": ["train"]},
)
