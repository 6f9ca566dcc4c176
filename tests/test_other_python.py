"""Another Python, without torch: what needs it is counted and named, nothing else is passed over in silence."""

import os
import subprocess
import sys
import tomllib

import pytest
from conftest import ROOT

import try_python  # conftest.py puts tools/ on the path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

WITHOUT_TORCH = """
import sys
import needs_torch

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")

needs_torch.HERE = False
sys.meta_path.insert(0, Nowhere())
sys.modules.pop("torch", None)
"""
FILES = {
    "test_whole.py": "import torch\ndef test_one(): pass\n",
    "test_part.py": "import pytest\ndef test_pure(): pass\ndef test_needs(): import torch\n"
    "def test_asks(): pytest.importorskip('torch')\n@pytest.mark.skip(reason='own')\ndef test_own(): pass\n",
}


def tried(folder, files, least):
    for name, text in {"hidden.py": WITHOUT_TORCH, **files}.items():
        (folder / name).write_text(text)
    path = os.pathsep.join([str(folder), str(ROOT / "tools")])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "needs_torch", "-p", "hidden", "-p", "no:cacheprovider"]
    command += ["--least-passed", str(least), "-c", os.devnull, "--rootdir", str(folder), str(folder)]
    surroundings = {**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, env=surroundings, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("least", "code"), [(1, 0), (2, 1)])
def test_what_needs_torch_is_named_and_enough_has_to_run(tmp_path, least, code):
    done = tried(tmp_path, FILES, least)
    assert done.returncode == code, done.stdout
    assert f"1 tests ran and passed (at least {least} should)" in done.stdout
    assert "Not tried, for want of torch: 1 files and 2 single tests:" in done.stdout
    for name in ("test_whole.py", "test_part.py::test_needs", "test_part.py::test_asks"):
        assert f"  {name}\n" in done.stdout
    assert "Skipped for reasons of their own: 1." in done.stdout
    assert ("That is too few" in done.stdout) == (code == 1)


def test_any_other_failure_stays_one(tmp_path):
    broken = {"numpyy": "import numpyy", "old": "from numpy import in1d_of_old", "ours": "import torch_of_ours"}
    broken |= {"false": "def test_false(): assert False"}
    files = {f"test_{name}.py": f"{line}\ndef test_one(): pass\n" for name, line in broken.items()}
    done = tried(tmp_path, {**FILES, **files}, 0)
    assert done.returncode != 0
    told = done.stdout[done.stdout.index("short test summary") :]
    assert [name for name in broken if f"ERROR test_{name}.py" in told] == ["numpyy", "old", "ours"]
    assert "Not tried, for want of torch: 1 files" in done.stdout


def test_everything_but_torch_is_installed_without_a_pin():
    without, all_of_it = try_python.wanted(PROJECT, False), try_python.wanted(PROJECT, True)
    assert set(all_of_it) - set(without) == {text for text in PROJECT["project"]["dependencies"] if "torch" in text}
    assert not any("==" in text for text in all_of_it)
    dev = set(PROJECT["project"]["optional-dependencies"]["dev"])
    assert dev - set(without) == try_python.NOT_FOR_UNIT_TESTS
