"""The package as a whole: rooms are loaded when they are used, and the environment is described in words."""

import importlib.metadata
import subprocess
import sys

import course_utils
from course_utils import environment


def loaded_by(statement):
    code = f"import sys\n{statement}\nprint(' '.join(m for m in sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_course_loads_nothing_heavy():
    assert not loaded_by("import course_utils") & {"numpy", "torch", "scipy", "matplotlib", "ipywidgets", "numba"}


def test_statistics_and_theory_need_no_torch():
    assert "torch" not in loaded_by(
        "from course_utils.measure import estimate; from course_utils.theory import gibbs1902"
    )


def test_every_public_name_can_be_reached():
    for room in (course_utils, *(getattr(course_utils, name) for name in ("measure", "plots", "knobs", "exercises"))):
        for name in room.__all__:
            assert getattr(room, name) is not None


def test_a_wrong_name_is_an_attribute_error():
    assert not hasattr(course_utils, "no_such_room")


def test_the_environment_is_described_in_words():
    report = environment.check()
    text = report._repr_mimebundle_()["text/plain"]
    assert f"numpy {importlib.metadata.version('numpy')}" in text
    assert "no notebook kernel" in text
    assert not report.fine


def test_an_old_or_missing_package_is_said_to_be_so_with_what_to_do(monkeypatch):
    monkeypatch.setattr(environment, "LEAST_VERSIONS", {"numpy": "99.0", "no-such-package": "1.0"})
    old, missing = (environment._package(name) for name in environment.LEAST_VERSIONS)
    assert "too old" in old.seen
    assert "pip install -U 'numpy>=99.0'" in old.advice
    assert missing.seen == "no-such-package is not installed."


def test_versions_are_compared_as_numbers():
    assert environment._version("2.13.0+cpu") == (2, 13, 0)
    assert environment._version("2.6") < environment._version("2.13.0rc1")
