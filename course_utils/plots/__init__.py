"""How it looks: one style, one function a kind of figure, and nothing shown without words."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["curves", "landscapes", "live", "marks", "showing", "styling"],
    submod_attrs={
        "curves": ["against_theory", "bars_and_points", "density"],
        "landscapes": ["contours", "wells"],
        "marks": ["in_words"],
        "live": ["occupations", "travellers"],
        "showing": ["figure", "png", "show", "small"],
        "styling": ["style", "temperature_colours"],
    },
)
