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

from house import HERE
from links import archive, setup_cell


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
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "COLAB_RELEASE_TAG"}}
    code = cell + "\nimport course_utils; print(course_utils.__version__, 'torch' in sys.modules)"
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [python, "-c", code], cwd=folder, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


def fetching(source: object) -> str:
    """The set-up cell with another address in place of the tag's archive."""
    cell, tag = setup_cell(HERE), archive(HERE.repository, HERE.version)
    assert cell.count(tag) == 1
    return cell.replace(tag, str(source))


def only_sentence(told: subprocess.CompletedProcess) -> str:
    """The one sentence with which the cell stopped: no chain of errors, no word from another place than the cell."""
    lines = told.stderr.strip().splitlines()
    assert told.returncode != 0
    assert [line for line in lines[:-1] if not line.startswith(("Traceback", '  File "<string>"', "    "))] == []
    return lines[-1]


def test_the_set_up_cell_is_short_and_readable():
    cell = setup_cell(HERE)
    assert len(cell.splitlines()) <= 20
    assert max(map(len, cell.splitlines())) <= 120


def test_the_set_up_cell_where_there_is_no_course(bare_python, tmp_path):
    python, wheel = bare_python
    told = run_cell(python, tmp_path / "out" / "bare", fetching(wheel))
    sentence = "The course is not ready ({}): run `make lab` in its folder, then open this lesson there."
    assert only_sentence(told).endswith(sentence.format("No module named 'course_utils'"))
    beside = tmp_path / "out" / "course_utils"
    beside.mkdir()  # somebody's empty folder of that name is no course
    told = run_cell(python, tmp_path / "out" / "bare", fetching(wheel))
    assert "The course is not ready (cannot import name '__version__'" in only_sentence(told)
    (beside / "__init__.py").write_text("raise ImportError('torch is too old for it')\n")
    told = run_cell(python, tmp_path / "out" / "bare", fetching(wheel))
    assert only_sentence(told).endswith(sentence.format("torch is too old for it"))


def test_the_set_up_cell_takes_the_course_beside_the_lessons(bare_python, tmp_path):
    beside = tmp_path / "copy" / "course_utils"
    beside.mkdir(parents=True)
    (beside / "__init__.py").write_text(f'__version__ = "{HERE.version}"\n')
    told = run_cell(bare_python[0], tmp_path / "copy" / "lessons", fetching("/nowhere.zip"))
    assert (told.stdout, told.stderr) == (f"{HERE.version} False\n", "")


def test_the_set_up_cell_says_that_another_version_is_here_and_leaves_it(bare_python, tmp_path):
    beside = tmp_path / "copy" / "course_utils"
    beside.mkdir(parents=True)
    (beside / "__init__.py").write_text('__version__ = "0.0.1"\n')
    told = run_cell(bare_python[0], tmp_path / "copy" / "lessons", fetching("/nowhere.zip"))
    sentence = (
        f"This lesson is of version {HERE.version} of the course, and here is 0.0.1: update the older of the two."
    )
    assert told.stdout.splitlines() == [sentence, "0.0.1 False"], told.stderr


def test_the_set_up_cell_on_colab_of_a_copy_without_an_address(bare_python, tmp_path, house):
    told = run_cell(bare_python[0], tmp_path / "far" / "away", setup_cell(house), COLAB_RELEASE_TAG="release-colab")
    assert "links lead nowhere yet: its owner runs `make fork URL=...`" in only_sentence(told)


def test_the_set_up_cell_on_colab_says_what_cannot_be_fetched(bare_python, tmp_path):
    told = run_cell(bare_python[0], tmp_path, fetching(tmp_path / "gone.whl"), COLAB_RELEASE_TAG="release-colab")
    said = only_sentence(told)
    assert f"Cannot fetch {tmp_path / 'gone.whl'}: try it in a browser, then run this again. ERROR: " in said


def test_the_set_up_cell_on_colab_installs_once(bare_python, tmp_path):
    python, wheel = bare_python
    first = run_cell(python, tmp_path, fetching(wheel), COLAB_RELEASE_TAG="release-colab")
    version = HERE.version
    assert first.stdout.splitlines() == [f"The course is installed (version {version}).", f"{version} False"], (
        first.stderr
    )
    again = run_cell(python, tmp_path, fetching("/nowhere.zip"), COLAB_RELEASE_TAG="release-colab")
    assert (again.stdout, again.stderr) == (f"{version} False\n", "")
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    assert "torch" not in listed.stdout
