"""Try the course on this Python, with the newest version of everything: python3.13 tools/try_python.py.

`make test-python PYTHON=python3.13` calls it. It makes a folder .venv-3.13, installs what the course and its unit tests
need, without constraints.txt, and runs every unit test and doctest. Without torch, unless WITH_TORCH=1: for these
Pythons PyPI has only the build with several gigabytes of GPU libraries. What needs torch is then counted and named, and
the rest has to pass.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEAST_PASSED = {False: 2200, True: 3400}
"""How many tests have to pass, without torch and with it."""

# Types, style and contracts are looked at with one Python, and front ends are driven with one.
NOT_FOR_UNIT_TESTS = {"axe-playwright-python", "import-linter", "mypy", "playwright", "ruff"}


def wanted(project: dict, with_torch: bool) -> list[str]:
    """What is to be installed: what the course and its tests need, by pyproject.toml, and what builds the package."""
    extras = project["project"]["optional-dependencies"]
    named = [*project["project"]["dependencies"], *extras["lab"], *extras["dev"]]
    left_out = NOT_FOR_UNIT_TESTS | (set() if with_torch else {"torch"})
    return [
        *project["build-system"]["requires"],
        *(text for text in named if re.match(r"[A-Za-z0-9._-]+", text)[0] not in left_out),
    ]


# Every module by itself, with the distutils that this Python has (none since 3.12), not the one that setuptools lends.
IMPORTS = """
import importlib, pkgutil, sys
import course_utils
names = [found.name for found in pkgutil.walk_packages(course_utils.__path__, "course_utils.")]
wanting = []
for name in names:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "torch":
            sys.exit(f"Python {sys.version_info[0]}.{sys.version_info[1]} cannot import {name}: {error}")
        wanting.append(name)
print(f"{len(names) - len(wanting)} of {len(names)} modules are imported; the others need torch", flush=True)
"""


def main() -> int:
    with_torch = os.environ.get("WITH_TORCH", "") not in ("", "0")
    name = ".".join(map(str, sys.version_info[:2]))
    folder = ROOT / f".venv-{name}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    start = time.monotonic()
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", "install"]
    print(f"Python {name}: installing the newest versions into {folder.name} ...", flush=True)
    installed = subprocess.run([*pip, "--upgrade", *wanted(project, with_torch)]).returncode
    installed = installed or subprocess.run([*pip, "--no-deps", "--editable", str(ROOT)]).returncode
    if installed != 0:
        print(f"Python {name}: not everything can be installed; pip's own words are above.", file=sys.stderr)
        return 1
    print(f"Python {name}: installed in {time.monotonic() - start:.0f} s", flush=True)
    as_it_is = {**os.environ, "SETUPTOOLS_USE_DISTUTILS": "stdlib"}
    if subprocess.run([str(python), "-c", IMPORTS], cwd=ROOT, env=as_it_is).returncode != 0:
        return 1
    pytest = [str(python), "-m", "pytest", "-q", "-p", "needs_torch", "-n", os.environ.get("WORKERS", "2")]
    pytest += [
        "--least-passed",
        str(LEAST_PASSED[with_torch]),
        "-m",
        "not browser and not lesson and not colab and not site",
    ]
    path = os.pathsep.join(filter(None, [str(ROOT / "tools"), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [*pytest, "course_utils", "tests"], cwd=ROOT, env={**os.environ, "PYTHONPATH": path}
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
