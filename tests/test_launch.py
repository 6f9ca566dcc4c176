"""Where else the course runs: Binder and Codespaces get the versions that the tests ran with, and nothing more."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import course_utils
import make_binder  # conftest.py puts tools/ on the path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def constraints():
    return make_binder.pins(text("constraints.txt"))


@pytest.fixture(scope="module")
def environment():
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load(text("binder/environment.yml"))


@pytest.fixture(scope="module")
def installed_on_binder(environment):
    return make_binder.pins("\n".join(environment["dependencies"][-1]["pip"]))


def names(requirements):
    return {re.match(r"[A-Za-z0-9._-]+", entry)[0].lower().replace("_", "-") for entry in requirements}


def test_binder_has_the_versions_of_constraints(installed_on_binder, constraints):
    assert len(installed_on_binder) > 50
    assert installed_on_binder.items() <= constraints.items()


def test_binder_has_what_the_course_runs_on(installed_on_binder):
    assert names(PROJECT["dependencies"]) | names(PROJECT["optional-dependencies"]["lab"]) <= set(installed_on_binder)


def test_binder_has_nothing_that_only_developers_need(installed_on_binder):
    needed_anyway = {"bleach", "nbclient", "psutil"}  # by nbconvert and by ipykernel
    assert not (names(PROJECT["optional-dependencies"]["dev"]) - needed_anyway) & set(installed_on_binder)


def test_binder_gets_the_small_build_of_torch(environment):
    assert environment["channels"] == ["conda-forge"]
    python, pip, section = environment["dependencies"]
    assert (python, pip) == ("python=3.11", "pip")
    entries = section["pip"]
    assert entries[0] == f"--extra-index-url {TORCH_INDEX}"
    assert [entry for entry in entries if entry.startswith("torch==") and entry.endswith("+cpu")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+(\+cpu)?", entry) for entry in entries[1:])


def test_the_environment_is_what_the_generator_makes():
    if sys.platform != "linux" or sys.version_info[:2] != (3, 11):
        pytest.skip("what the packages need is read from a Linux environment with Python 3.11, as Binder's is")
    assert text("binder/environment.yml") == make_binder.made(), "run: python tools/make_binder.py"


def test_a_pin_that_is_missing_is_named(tmp_path):
    (tmp_path / "pyproject.toml").write_text(text("pyproject.toml"), encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("numpy==2.0.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match="pins no version of ipywidgets, joblib"):
        make_binder.made(tmp_path)


def test_pins_are_read_in_any_spelling():
    read = make_binder.pins(
        "# a comment\nJinja2==3.1.6  # why\nlazy_loader==0.6\ntorch==2.13.0+cpu\n\n-e .\nnumpy>=2\n"
    )
    assert read == {"jinja2": "3.1.6", "lazy-loader": "0.6", "torch": "2.13.0"}


def test_requirements_are_followed_through_markers_and_extras(monkeypatch):
    needs = {
        "lab": ["widgets[all]>=8", "elsewhere; sys_platform == 'win32'", "unpinned"],
        "widgets": ["always", "sometimes; extra == 'all'", "never; extra == 'test'", "lab"],
    }
    monkeypatch.setattr(metadata, "requires", lambda name: needs.get(name))
    pinned = dict.fromkeys(["lab", "widgets", "always", "sometimes", "never", "elsewhere"], "1")
    assert make_binder.closure(["lab>=4"], pinned) == ["always", "lab", "sometimes", "widgets"]


@pytest.mark.parametrize("script", ["binder/postBuild", "binder/start"])
def test_binder_can_run_its_scripts(script):
    assert text(script).startswith("#!/bin/bash\n")
    if os.name == "posix":
        assert os.access(ROOT / script, os.X_OK)


def test_binder_installs_the_course_without_touching_versions():
    lines = [line for line in text("binder/postBuild").splitlines() if not line.startswith("#")]
    assert lines == ["set -euo pipefail", "pip install --no-deps -e ."]


# --- Binder: what repo2docker, Binder's own builder, makes of the configuration (it needs no docker for that)


def as_binder_reads(folder):
    """Return the Dockerfile that repo2docker writes, without its comments, and all that it says on the way."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.strip() for line in done.stdout.splitlines()]
    return [line for line in lines if line and not line.startswith("#")], done.stderr.splitlines()


def said_on_the_way(lines):
    usual = ("[Repo2Docker] Looking for repo2docker_config in", "Picked Local content provider", "Using local repo")
    return [line for line in lines if line.strip() and not line.startswith(usual)]


@pytest.fixture(scope="module")
def read_by_binder():
    return as_binder_reads(ROOT)


def test_binder_takes_the_python_of_the_tests_without_a_word(read_by_binder, environment):
    dockerfile, said = read_by_binder
    assert said_on_the_way(said) == ["Building conda environment for python=3.11"]
    assert environment["dependencies"][0] == f"python={make_binder.PYTHON}"
    assert f"(Python {make_binder.PYTHON}, Linux)" in text("constraints.txt")  # what the pins were tested with
    (lock,) = [line for line in dockerfile if line.endswith(" /tmp/env/environment.lock")]
    assert "environment-2epy-2d3-2e11-2dlinux" in lock  # its own way to write environment.py-3.11-linux


def test_binder_uses_the_environment_the_post_build_and_the_start(read_by_binder):
    dockerfile, _ = read_by_binder
    place = {
        wanted: next((place for place, line in enumerate(dockerfile) if wanted in line), None)
        for wanted in (
            "COPY --chown=0:0 src/binder/environment.yml ${REPO_DIR}/binder/environment.yml",
            'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"',
            "COPY --chown=0:0 src/ ${REPO_DIR}/",
            "RUN ./binder/postBuild",
            'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"',
        )
    }
    assert None not in place.values(), place
    assert list(place.values()) == sorted(place.values()), (
        "the environment, then the course, then postBuild, then start"
    )
    installs = [line for line in dockerfile if re.search(r"pip3? install|env update|apt-get.* install", line)]
    assert len([line for line in installs if "binder/" in line]) == 1, "something else is installed: see binder/"


def test_a_python_that_is_not_named_would_be_noticed(tmp_path):
    shutil.copytree(ROOT / "binder", tmp_path / "binder")
    place = tmp_path / "binder" / "environment.yml"
    place.write_text(place.read_text().replace("  - python=3.11\n", ""))
    assert said_on_the_way(as_binder_reads(tmp_path)[1]) != ["Building conda environment for python=3.11"]


# --- Codespaces


def test_the_development_container_is_a_valid_one():
    # The rules of the schema of containers.dev for the properties that are used here; others would need theirs.
    container = json.loads(text(".devcontainer/devcontainer.json"))  # JSON without comments: every reader takes it
    kinds = {"name": str, "image": str, "postCreateCommand": str, "waitFor": str, "forwardPorts": list}
    kinds |= {"hostRequirements": dict, "containerEnv": dict, "customizations": dict}
    assert {key: type(value) for key, value in container.items()} == kinds
    assert container["hostRequirements"].keys() == {"cpus", "memory"}
    assert type(container["hostRequirements"]["cpus"]) is int
    assert re.fullmatch(r"\d+([tgmk]b)?", container["hostRequirements"]["memory"])
    assert all(type(port) is int and 0 <= port <= 65535 for port in container["forwardPorts"])
    assert all(isinstance(value, str) for value in container["containerEnv"].values())
    # By default the editor opens before postCreateCommand has made .venv, and notebooks find no kernel.
    assert container["waitFor"] == "postCreateCommand"
    editor = container["customizations"]["vscode"]
    assert set(editor["extensions"]) == {"ms-python.python", "ms-toolsai.jupyter"}
    venv = re.search(r"^VENV = (.+)$", text("Makefile"), re.MULTILINE)[1]
    place = f"${{containerWorkspaceFolder}}/{venv}/bin/python"
    assert editor["settings"] == {"python.defaultInterpreterPath": place}


def empty_wheel(folder, version):
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as wheel:
        info = f"torch-{version}.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_beside_the_index_of_small_builds_the_pin_of_torch_takes_the_small_build(constraints, tmp_path):
    pinned = constraints["torch"]
    assert SpecifierSet(f"=={pinned}").contains(f"{pinned}+cpu")
    assert Version(f"{pinned}+cpu") > Version(pinned)
    # And pip itself, which sees PyPI's build and the small one side by side:
    for version in (pinned, f"{pinned}+cpu"):
        empty_wheel(tmp_path, version)
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--ignore-installed", "--no-deps"]
    pip += ["--disable-pip-version-check", "--find-links", str(tmp_path), "-c", str(ROOT / "constraints.txt"), "torch"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    said = subprocess.run(pip, env={**clean, "PIP_CONFIG_FILE": os.devnull}, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == f"Would install torch-{pinned}+cpu"


def test_codespaces_makes_the_same_environment_with_make():
    container = json.loads(text(".devcontainer/devcontainer.json"))
    assert container["image"].endswith(":3.11")
    assert container["hostRequirements"]["cpus"] == 2
    assert container["containerEnv"]["PIP_EXTRA_INDEX_URL"] == TORCH_INDEX
    target = re.fullmatch(r"make (\w+) OPEN=0", container["postCreateCommand"])[1]
    makefile = text("Makefile")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert "constraints.txt" in makefile


def test_citation_and_changelog_know_the_version():
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["version"] == course_utils.__version__
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]
    assert citation["title"] == "A Physics Lens on Deep Learning"
    assert {"cff-version", "message", "authors", "type"} <= set(citation)
    assert re.search(rf"^## \[{re.escape(course_utils.__version__)}\]", text("CHANGELOG.md"), re.MULTILINE)


def test_both_licences_are_there_and_point_at_each_other():
    assert "BSD 3-Clause License" in text("LICENSE")
    assert "LICENSE-text" in text("LICENSE")
    assert "https://creativecommons.org/licenses/by/4.0/" in text("LICENSE-text")
    assert set(PROJECT["license-files"]) == {"LICENSE", "LICENSE-text"}
