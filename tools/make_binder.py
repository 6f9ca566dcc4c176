"""Write binder/environment.yml from pyproject.toml and constraints.txt: python tools/make_binder.py.

What Binder installs is what the course needs to run (its dependencies and the `lab` extra) with all that these need in
turn, each at the version in constraints.txt; nothing of the `dev` extra. Run it inside the course's environment
(`make lab` makes it), because what a package needs is read from the installed packages.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYTHON = "3.11"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
BINDER = {
    "python_version": PYTHON,
    "python_full_version": f"{PYTHON}.0",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}
HEADER = """\
# Made by `python tools/make_binder.py` from pyproject.toml and constraints.txt: change those, then run it again.
"""


def pins(constraints: str) -> dict[str, str]:
    """Read `name==version` lines into {canonical name: version}, without a local part such as +cpu."""
    lines = (line.split("#")[0].split(";")[0].strip() for line in constraints.splitlines())
    found = (re.fullmatch(r"([A-Za-z0-9._-]+)==([^+\s]+)(\+\S+)?", line) for line in lines)
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def wanted(project: Mapping) -> list[str]:
    """List what the course itself asks for at run time."""
    table = project["project"]
    return [*table["dependencies"], *table["optional-dependencies"]["lab"]]


def _needs(name: str, extras: Iterable[str]) -> list[Requirement]:
    """List what an installed package needs on Binder's Linux; nothing if it is not installed."""
    try:
        stated = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    environments = [{**BINDER, "extra": extra} for extra in ("", *extras)]
    required = map(Requirement, stated)
    return [need for need in required if need.marker is None or any(map(need.marker.evaluate, environments))]


def closure(requirements: Iterable[str], pinned: Mapping[str, str]) -> list[str]:
    """Follow requirements to all that they need, as far as constraints.txt pins it; sorted names."""
    found, waiting = set(), [Requirement(text) for text in requirements]
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        if (name, *sorted(need.extras)) in found or name not in pinned:
            continue
        found.add((name, *sorted(need.extras)))
        waiting += _needs(need.name, need.extras)
    return sorted({name for name, *_ in found})


def environment(names: Iterable[str], pinned: Mapping[str, str]) -> str:
    """Write the environment file's text."""
    lines = [f"{name}=={pinned[name]}{'+cpu' if name == 'torch' else ''}" for name in names]
    entries = "\n".join(f"      - {line}" for line in [f"--extra-index-url {TORCH_INDEX}", *lines])
    return (
        f"{HEADER}name: physics-lens\nchannels:\n  - conda-forge\n"
        f"dependencies:\n  - python={PYTHON}\n  - pip\n  - pip:\n{entries}\n"
    )


def made(root: Path = ROOT) -> str:
    """Return what binder/environment.yml should be."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = pins((root / "constraints.txt").read_text(encoding="utf-8"))
    asked = wanted(project)
    unpinned = sorted({canonicalize_name(Requirement(text).name) for text in asked} - set(pinned))
    if unpinned:
        raise ValueError(f"constraints.txt pins no version of {', '.join(unpinned)}, which pyproject.toml asks for")
    return environment(closure(asked, pinned), pinned)


if __name__ == "__main__":
    target = ROOT / "binder" / "environment.yml"
    target.write_text(made(), encoding="utf-8")
    sys.stdout.write(f"wrote {target.relative_to(ROOT)}\n")
