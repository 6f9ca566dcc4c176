"""What is read off: statistics with honest error bars, escape times, histograms."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "alignment",
        "barriers",
        "curvature",
        "curves",
        "escape",
        "free_energy",
        "histogram",
        "magnets",
        "overlaps",
        "paths",
        "planes",
        "scaling",
        "slopes",
        "spectra",
        "statistics",
        "tolerance",
        "weights",
    ],
    submod_attrs={"statistics": ["Estimate", "blocking", "estimate", "estimates", "jackknife", "proportion"]},
)
