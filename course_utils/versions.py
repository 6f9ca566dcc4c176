"""Which versions the course needs, and one sentence where one of them is too old."""

from __future__ import annotations

import sys
from importlib import metadata

LEAST_PYTHON = (3, 11)

LEAST_VERSIONS = {
    "torch": "2.6",
    "numpy": "2.0",
    "scipy": "1.13",
    "matplotlib": "3.10",
    "ipywidgets": "7.7",
    "numba": "0.61",
    "joblib": "1.4",
    "tqdm": "4.66",
    "lazy_loader": "0.3",
}
"""The lower bounds of pyproject.toml, by package."""


def numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version.

    Examples
    --------
    >>> numbers("2.13.0+cpu"), numbers("2.6.0rc1")
    ((2, 13, 0), (2, 6))
    """
    found = []
    for part in version.split("+")[0].split("."):
        if not part.isdecimal():
            break
        found.append(int(part))
    return tuple(found)


def installed(name: str) -> str | None:
    """Return the version of an installed package; None where there is none, or it does not say.

    Examples
    --------
    >>> installed("no-such-package")
    """
    try:
        return metadata.version(name) or None
    except (metadata.PackageNotFoundError, KeyError, OSError, ValueError):
        return None


def too_old() -> str | None:
    """Return one sentence on the packages that are too old, with the command that mends it; None if there are none.

    A package that is not installed is no reason to complain: what does not use it runs.
    """
    if sys.version_info < LEAST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        return f"The course needs Python {'.'.join(map(str, LEAST_PYTHON))} or later; this is Python {found}."
    old = {}
    for name, least in LEAST_VERSIONS.items():
        version = installed(name)
        if version is not None and (have := numbers(version)) and have < numbers(least):
            old[name] = version
    if not old:
        return None
    needed = " and ".join(
        f"{name} {LEAST_VERSIONS[name]} or later (here is {version})" for name, version in old.items()
    )
    wanted = " ".join(f'"{name}>={LEAST_VERSIONS[name]}"' for name in old)
    return f"The course needs {needed}: run  {update(wanted)}  and start the kernel again."


def update(wanted: str) -> str:
    """Return the command that updates packages, for the place where it is read: a notebook's cell, or a terminal."""
    if "ipykernel" in sys.modules:
        return f"%pip install -U {wanted}"
    return f"python -m pip install -U {wanted}"
