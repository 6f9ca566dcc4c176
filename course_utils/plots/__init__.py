"""How it looks: one style, one function a kind of figure, and nothing shown without words."""

import lazy_loader as _lazy

CONTENTS = {
    "The style, and what is said beside a figure": ("styling", "showing", "words", "tables", "marks"),
    "Curves with error bars": ("curves", "panels", "sizes"),
    "Landscapes and walkers": ("landscapes", "bowls", "terrain"),
    "Magnets and glasses": ("magnets", "glasses"),
    "Many networks": ("diversity", "double_descent"),
    "Flatness and damage": ("flatness", "degeneracy", "damage", "flatness_trial"),
    "Dropout": ("dropout", "dropout_parts"),
}
"""The modules of this room, by subject: what the reference shows."""

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[name for names in CONTENTS.values() for name in names],
    submod_attrs={
        "bowls": ["clouds"],
        "curves": ["against_theory", "bars_and_points", "density"],
        "damage": ["damages"],
        "degeneracy": ["quadratic_directions", "volumes"],
        "diversity": ["memory_panels", "overlap_histograms", "pair_histograms"],
        "double_descent": ["learning_curves"],
        "dropout": ["dropout_curves", "phase_table"],
        "dropout_parts": [
            "damage_parts",
            "heat_part",
            "optimum_parts",
            "preference_part",
            "transition_parts",
            "twin_parts",
        ],
        "flatness": ["costs", "edge", "network_and_bowl", "sharpness_paths", "spectrum"],
        "flatness_trial": ["ScatterPanel", "flat_paths", "rows_of_methods", "scatter_panels"],
        "glasses": ["globe", "portraits", "two_copies"],
        "landscapes": ["contours", "occupations", "travellers", "wells"],
        "magnets": ["lattices", "magnet"],
        "panels": ["Part", "side_by_side"],
        "showing": ["entitle", "figure", "png", "show", "small"],
        "sizes": ["by_size", "by_size_twice"],
        "styling": ["style", "temperature_colours"],
        "tables": ["damage_table", "table", "table_by_kind"],
        "terrain": ["PathInPlane", "error_by_layer", "paths_in_planes", "terrains"],
        "words": ["damages_in_words", "in_words", "parts_in_words", "rows_in_words", "series_in_words"],
    },
)
