"""Colab's world for the tests: the environment that `make test-colab` makes, empty runtimes over it, and the course as
an archive such as a tag's.
"""

import os
import re
import subprocess
import zipfile
from pathlib import Path

from conftest import ROOT

VENV = ROOT / os.environ.get("COURSE_COLAB_VENV", ".venv-colab")
PYTHON = VENV / "bin" / "python"
LIST = ROOT / "constraints-colab.txt"
# Colab's own Python and torch; .venv-colab has another Python and another build of torch (see constraints-colab.txt).
PYTHONS, TORCH = ("3.13.15", "3.12.13"), "2.11.0"
# What ipywidgets 7 makes of an argument that only ipywidgets 8 knows: a warning that nobody sees. Here it is an error.
STRICT = "error:Passing unrecognized arguments to super:DeprecationWarning"
ON_COLAB = {"COLAB_RELEASE_TAG": "release-colab", "PYTHONWARNINGS": STRICT, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
LEAKING = ("PYTHONPATH", "PYTHONWARNINGS", "COLAB_RELEASE_TAG", "VIRTUAL_ENV")


def pins() -> dict[str, str]:
    """Return the versions in constraints-colab.txt by canonical name."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)$", LIST.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in lines}


def archive(place: Path, name: str = "physics-lens", change: tuple[str, str, str] | None = None) -> Path:
    """Zip the working tree under ``place`` as a tag's archive is: all that git would keep, in a folder of its own.

    ``change`` is (file, old text, new text), for an archive of another version.
    """
    git = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split("\0")
    path = place / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for file in sorted(filter(None, listed)):
            if not (ROOT / file).is_file():
                continue
            content = (ROOT / file).read_bytes()
            if change and file == change[0]:
                assert change[1].encode() in content
                content = content.replace(change[1].encode(), change[2].encode())
            packed.writestr(f"{name}/{file}", content)
    return path


def runtime(place: Path) -> Path:
    """Make an empty runtime over Colab's world and return its Python.

    What is installed into it stays in a folder of its own; .venv-colab, which it sees, is left as it is. So each lesson
    begins where a learner on Colab begins, and lessons can run beside each other.
    """
    own = place / "runtime"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", own], check=True, env=surroundings())
    (library,) = own.glob("lib/python*/site-packages")
    (below,) = VENV.glob("lib/python*/site-packages")
    (library / "colab.pth").write_text(f"{below.resolve()}\n")
    return own / "bin" / "python"


def surroundings(**more: str) -> dict[str, str]:
    """Return this environment without what belongs to the Python that runs the tests."""
    return {**{name: value for name, value in os.environ.items() if name not in LEAKING}, **more}


def installed(python: Path) -> dict[str, str]:
    """Return the version of every package that a Python sees."""
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], env=surroundings(), capture_output=True, text=True, check=True
    )
    return dict(line.split("==", 1) for line in listed.stdout.splitlines() if "==" in line)
