"""What should be seen: exact results and named laws, one file a result, named after its paper."""

import lazy_loader as _lazy

CONTENTS = {
    "Heat and walkers": (
        "boltzmann1868",
        "gibbs1902",
        "metropolis1953",
        "pontryagin1933",
        "kolmogorov1931",
        "kramers1940",
        "langer1969",
        "maruyama1955",
        "landauer1975",
    ),
    "Free energies": (
        "jarzynski1997",
        "bennett1976",
    ),
    "Magnets": (
        "ising1925",
        "kramers1941",
        "onsager1944",
        "kaufman1949",
        "yang1952",
        "binder1981",
    ),
    "Glasses": (
        "sherrington1975",
        "kirkpatrick1978",
        "almeida1978",
        "parisi1980",
        "guerra1996",
        "nishimori1981",
        "auffinger2013",
        "cugliandolo1993",
    ),
    "The noise of learning": (
        "antognini2018",
        "liu2021",
        "kuehn2023",
        "schoenholz2017",
    ),
    "Learning curves": (
        "hastie2022",
        "mei2022",
        "canatar2024",
        "heckel2020",
    ),
    "Many solutions, and flat ones": (
        "krauth1989",
        "gyorgyi1990",
        "baldassi2015",
        "dinh2017",
        "watanabe2009",
        "aoyagi2005",
    ),
    "Dropout": (
        "wager2013",
        "saad1995",
        "mori2025",
        "mori2025_growth",
        "mori2025_specialisation",
    ),
}
"""The modules of this room, by subject: what the reference shows."""

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[name for names in CONTENTS.values() for name in names],
)
