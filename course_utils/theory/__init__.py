"""What should be seen: exact results and named laws, one file a result, named after its paper."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "antognini2018",
        "boltzmann1868",
        "gibbs1902",
        "kolmogorov1931",
        "kramers1940",
        "landauer1975",
        "langer1969",
        "maruyama1955",
        "metropolis1953",
        "pontryagin1933",
    ],
)
