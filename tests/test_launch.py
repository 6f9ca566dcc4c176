"""Where else the course runs: Binder and Codespaces get the versions that the tests ran with, and nothing more."""

import json
import os
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

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
    needed_anyway = {"nbclient", "psutil"}  # by JupyterLab's nbconvert and by ipykernel
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
    assert "pip install --no-deps -e ." in text("binder/postBuild").splitlines()


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
