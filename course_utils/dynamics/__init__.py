"""How it moves: walkers in a landscape, spins that flip, networks that learn."""

import lazy_loader as _lazy

CONTENTS = {
    "Walkers in a landscape": (
        "langevin",
        "escape",
        "sphere",
    ),
    "Spins": (
        "metropolis",
        "clusters",
        "multispin",
        "ising_chain",
        "annealing",
        "tempering",
        "lattice_tempering",
        "greedy",
    ),
    "Networks": (
        "thermostat",
        "training",
        "recipes",
        "digit_classes",
    ),
    "Small learners": (
        "tolerance_regression",
        "linear_dropout",
        "soft_committee",
        "gibbs_sampling",
        "binary_learning",
        "replicated_annealing",
    ),
}
"""The modules of this room, by subject: what the reference shows."""

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[name for names in CONTENTS.values() for name in names],
    submod_attrs={"thermostat": ["Thermostat"], "training": ["train"]},
)
