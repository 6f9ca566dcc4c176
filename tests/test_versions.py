"""An old package is named in one sentence, when the course is first imported, with the command that mends it."""

import json
import subprocess
import sys
import tomllib

import pytest
from conftest import ROOT
from packaging.requirements import Requirement

from course_utils import environment, versions

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def installed_as(folder, **packages):
    """Lay out what importlib.metadata sees of packages in a folder, and a package torch that must not be imported."""
    for name, version in packages.items():
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "torch.py").write_text("raise RuntimeError('the version check imports torch')")
    return folder


def import_the_course(folder, before=""):
    """Import the course in a Python that finds the packages of this folder first."""
    code = f"import sys; sys.path[:0] = {[str(folder), str(ROOT)]!r}\n{before}\nimport course_utils\nprint('imported')"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


OLD = {"torch": "2.3.1", "ipywidgets": "7.5.1", "numpy": "1.26.4", "matplotlib": "3.9.2", "numba": "0.60.0"}


@pytest.mark.parametrize(("name", "version"), OLD.items())
def test_an_old_package_is_one_sentence_with_what_to_do(tmp_path, name, version):
    tried = import_the_course(installed_as(tmp_path, **{name: version}))
    least = versions.LEAST_VERSIONS[name]
    assert tried.stdout == ""
    assert tried.stderr.splitlines()[-1] == (
        f"ImportError: The course needs {name} {least} or later (here is {version}): "
        f'run  python -m pip install -U "{name}>={least}"  and start the kernel again.'
    )


def test_several_old_packages_are_one_sentence_too(tmp_path):
    said = import_the_course(installed_as(tmp_path, **OLD)).stderr.splitlines()[-1]
    assert all(f"{name} {versions.LEAST_VERSIONS[name]} or later (here is {old})" in said for name, old in OLD.items())
    assert said.count("pip install") == 1


def test_in_a_notebook_the_command_is_one_for_a_cell(tmp_path):
    said = import_the_course(installed_as(tmp_path, ipywidgets="7.6.5"), "import ipykernel").stderr.splitlines()[-1]
    assert 'run  %pip install -U "ipywidgets>=7.7"  and start' in said


@pytest.mark.parametrize("version", ["2.6.0", "2.10.1+cu128", "2.6.0a0+ecf3bae40a.nv25.01", "3.0", "git", ""])
def test_a_version_that_is_new_enough_or_says_nothing_is_no_trouble(tmp_path, version):
    tried = import_the_course(installed_as(tmp_path, torch=version))
    assert (tried.stdout, tried.stderr) == ("imported\n", "")


def test_metadata_that_cannot_be_read_are_no_trouble(tmp_path):
    (tmp_path / "torch-2.0.0.dist-info").mkdir()  # what a broken installation leaves behind
    assert import_the_course(tmp_path).stdout == "imported\n"


def test_a_package_that_is_absent_is_no_trouble_yet(monkeypatch):
    monkeypatch.setattr(versions, "LEAST_VERSIONS", {"no-such-package": "1.0"})
    assert versions.too_old() is None


def test_an_old_python_is_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    assert versions.too_old() == "The course needs Python 3.11 or later; this is Python 3.10.13."


def test_nothing_is_too_old_here():
    assert versions.too_old() is None


def test_the_bounds_are_those_of_the_package():
    bounds = {}
    for text in PROJECT["dependencies"]:
        need = Requirement(text)
        (one,) = need.specifier
        assert one.operator == ">=", f"{text}: a pin here would replace what Colab has loaded already"
        bounds[need.name] = one.version
    assert bounds == versions.LEAST_VERSIONS
    assert PROJECT["requires-python"] == ">=" + ".".join(map(str, versions.LEAST_PYTHON))


def test_colab_as_it_is_meets_the_bounds():
    # What Colab has (image of August 2026, numpy of the one before); above it, pip would replace what is loaded.
    colab = {"torch": "2.11.0", "numpy": "2.0.2", "scipy": "1.16.3", "matplotlib": "3.10.0", "ipywidgets": "7.7.1"}
    colab |= {"numba": "0.61.2", "joblib": "1.5.3", "tqdm": "4.67.3"}
    for name, version in colab.items():
        assert versions.numbers(version) >= versions.numbers(versions.LEAST_VERSIONS[name]), name


def test_the_check_costs_little_and_loads_nothing_heavy():
    code = """
import sys, time
before, begun = set(sys.modules), time.process_time()
import course_utils
import json
heavy = ["numpy", "torch", "scipy", "matplotlib", "ipywidgets", "numba", "packaging"]
print(json.dumps([time.process_time() - begun, [name for name in heavy if name in sys.modules]]))
"""
    runs = [json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(3)]
    assert runs[0][1] == []
    assert min(seconds for seconds, _ in runs) < 0.15  # 0.04 s where it was written


def test_of_packages_nobody_knows_only_trouble_is_told(monkeypatch):
    def told():
        return environment.check()._repr_mimebundle_()["text/plain"]

    assert "joblib" not in told()
    monkeypatch.setitem(environment.LEAST_VERSIONS, "joblib", "99.0")
    assert "joblib" in told()
    assert "is too old" in told()
