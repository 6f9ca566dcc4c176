"""What has an energy: potentials, landscapes, glasses, populations of networks."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "binary_perceptron",
        "double_well",
        "edwards_anderson",
        "ising",
        "mueller_brown",
        "networks",
        "p_spin",
        "ragged",
        "reduced_rank",
        "regression",
        "spin_glass",
    ],
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
