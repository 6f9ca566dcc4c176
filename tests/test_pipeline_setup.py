"""The set-up cell, as a learner runs it."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from tiny_lesson import (
    ROOT,
    house_fixture,  # noqa: F401
)

from house import House
from links import setup_cell

# --- the set-up cell, as a learner runs it


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python without the course, and the course as an archive; the Python of the tests is left as it is."""
    place = tmp_path_factory.mktemp("colab")
    tree = place / "tree"
    tree.mkdir()
    for name in ("course_utils", "datasets"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "setup.py", "MANIFEST.in"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tree / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(place), str(tree)]
    subprocess.run(pip, check=True)
    venv.create(place / "venv", with_pip=True, symlinks=True)
    python = place / "venv" / "bin" / "python"
    import lazy_loader

    library = next((place / "venv").glob("lib/python*/site-packages"))
    installed = Path(lazy_loader.__file__).parent
    for folder in [installed, *installed.parent.glob("lazy_loader-*.dist-info")]:
        shutil.copytree(folder, library / folder.name)  # so that no network is needed
    return python, next(place.glob("*.whl"))


def run_cell(python: Path, folder: Path, cell: str, **environment: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "COLAB_RELEASE_TAG", "COURSE_SOURCE"}}
    code = cell + "\nimport course_utils; print(course_utils.__version__, 'torch' in sys.modules)"
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [python, "-c", code], cwd=folder, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


def test_the_set_up_cell_is_short_and_readable():
    cell = setup_cell(House(ROOT))
    assert len(cell.splitlines()) <= 20
    assert max(map(len, cell.splitlines())) <= 120


def test_the_set_up_cell_where_there_is_no_course(bare_python, tmp_path, house):
    python, wheel = bare_python
    cell = setup_cell(house)
    elsewhere = run_cell(python, tmp_path / "out" / "bare", cell)
    assert "ModuleNotFoundError" in elsewhere.stderr
    assert "make lab" in elsewhere.stderr
    nowhere = run_cell(python, tmp_path / "out" / "bare", cell, COLAB_RELEASE_TAG="release-colab")
    assert "links lead nowhere yet" in nowhere.stderr
    (tmp_path / "out" / "copy" / "course_utils").mkdir(parents=True)
    (tmp_path / "out" / "copy" / "course_utils" / "__init__.py").write_text('__version__ = "beside"\n')
    beside = run_cell(python, tmp_path / "out" / "copy" / "lessons", cell)
    assert beside.stdout == "beside False\n"
    on_colab = {"COLAB_RELEASE_TAG": "release-colab", "COURSE_SOURCE": str(wheel)}
    first = run_cell(python, tmp_path / "out" / "bare", cell, **on_colab)
    version = House(ROOT).version
    assert first.stdout.splitlines() == ["The course is installed (version 1.2.3).", f"{version} False"], first.stderr
    again = run_cell(
        python, tmp_path / "out" / "bare", cell, COLAB_RELEASE_TAG="release-colab", COURSE_SOURCE="/nowhere.zip"
    )
    assert again.stdout == f"{version} False\n"
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    assert "torch" not in listed.stdout
