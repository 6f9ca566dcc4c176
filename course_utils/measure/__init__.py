"""What is read off: error bars, order, overlaps, curvature, tolerance."""

import lazy_loader as _lazy

CONTENTS = {
    "Numbers with error bars": (
        "statistics",
        "histogram",
        "convergence",
        "extrema",
        "ranks",
    ),
    "Walkers and free energies": (
        "escape",
        "paths",
        "free_energy",
        "importance_weights",
    ),
    "Magnets and glasses": (
        "magnets",
        "scaling",
        "enumeration",
        "disorder",
        "critical_points",
    ),
    "Networks side by side": (
        "overlaps",
        "alignment",
        "activity",
        "renaming",
        "barriers",
        "curved_paths",
        "chain_memory",
        "neighbourhoods",
    ),
    "The ground around a network": (
        "slopes",
        "curvature",
        "spectra",
        "edge_of_stability",
        "noisy_weights",
        "learning_coefficient",
        "planes",
        "virial",
    ),
    "What a solution is worth": (
        "damage",
        "damage_tolerance",
        "equal_loss",
        "flatness_readings",
    ),
}
"""The modules of this room, by subject: what the reference shows."""

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[name for names in CONTENTS.values() for name in names],
    submod_attrs={"statistics": ["Estimate", "blocking", "estimate", "estimates", "jackknife", "proportion"]},
)
