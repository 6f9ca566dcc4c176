"""What should be seen: exact results and named laws, one file a result, named after its paper."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "antognini2018",
        "bennett1976",
        "binder1981",
        "boltzmann1868",
        "canatar2024",
        "gibbs1902",
        "hastie2022",
        "heckel2020",
        "ising1925",
        "jarzynski1997",
        "kaufman1949",
        "kolmogorov1931",
        "kramers1940",
        "kramers1941",
        "kuehn2023",
        "landauer1975",
        "langer1969",
        "liu2021",
        "maruyama1955",
        "mei2022",
        "metropolis1953",
        "nishimori1981",
        "onsager1944",
        "pontryagin1933",
        "schoenholz2017",
        "sherrington1975",
        "yang1952",
    ],
)
