"""What has an energy: potentials, landscapes, glasses, populations of networks."""

import lazy_loader as _lazy

CONTENTS = {
    "Landscapes": (
        "double_well",
        "mueller_brown",
        "p_spin",
    ),
    "Spins": (
        "ising",
        "spin_glass",
        "edwards_anderson",
    ),
    "Learners": (
        "regression",
        "reduced_rank",
        "binary_perceptron",
        "networks",
        "ragged",
    ),
}
"""The modules of this room, by subject: what the reference shows."""

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[name for names in CONTENTS.values() for name in names],
    submod_attrs={
        "binary_perceptron": ["BinaryPerceptron"],
        "double_well": ["DoubleWell", "Quartic", "Trap"],
        "edwards_anderson": ["EdwardsAnderson"],
        "ising": ["Ising"],
        "mueller_brown": ["MuellerBrown"],
        "networks": ["Population"],
        "p_spin": ["SphericalGlasses"],
        "ragged": ["RaggedPopulation"],
        "spin_glass": ["SpinGlass"],
    },
)
