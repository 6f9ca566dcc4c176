"""How it looks: one style, one function a kind of figure, and nothing shown without words."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "bowls",
        "curves",
        "descent",
        "landscapes",
        "live",
        "magnets",
        "marks",
        "showing",
        "styling",
        "terrain",
    ],
    submod_attrs={
        "bowls": ["clouds"],
        "curves": ["against_theory", "bars_and_points", "density"],
        "descent": ["Part", "learning_curves", "side_by_side"],
        "landscapes": ["contours", "wells"],
        "magnets": ["lattices", "magnet", "sizes", "sizes_twice"],
        "marks": ["in_words"],
        "live": ["occupations", "travellers"],
        "showing": ["figure", "png", "show", "small"],
        "styling": ["style", "temperature_colours"],
        "terrain": ["PathInPlane", "depths", "paths_in_planes", "terrains"],
    },
)
