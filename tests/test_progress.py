"""What a learner has done is never lost: not by a kill, a second kernel, a corrupt file, or a full disk."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import progress


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(progress, "_unsaved", {})
    monkeypatch.setattr(progress, "_told", set())
    return tmp_path / "home"


def in_another_process(code, home):
    environment = {**os.environ, "COURSE_HOME": str(home)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def test_reading_nothing_gives_empty_sections_and_makes_no_folder(home):
    assert progress.load() == {"schema": 1, "exercises": {}, "predictions": {}, "quiz": {}}
    assert not home.exists()


def test_an_entry_comes_back_after_a_restart(home):
    progress.record("predictions", "11.half", np.float64(2.5))
    other = in_another_process("from course_utils import progress; print(progress.load()['predictions'])", home)
    assert other.communicate()[0].strip() == "{'11.half': 2.5}"


def test_numpy_values_become_plain_ones(home):
    progress.record("predictions", "k", {"n": np.int64(3), "curve": np.arange(2)})
    assert progress.load()["predictions"]["k"] == {"n": 3, "curve": [0, 1]}


def test_what_a_newer_course_wrote_is_kept(home):
    home.mkdir()
    written = {
        "schema": 7,
        "badges": ["x"],
        "exercises": {"99.9": {"state": "mastered", "with": [1]}},
        "maps": {"a": 1},
    }
    progress.place().write_text(json.dumps(written))
    progress.record("exercises", "11.1", {"state": "correct"})
    kept = json.loads(progress.place().read_text())
    assert kept["schema"] == 7
    assert kept["badges"] == ["x"]
    assert kept["maps"] == {"a": 1}
    assert kept["exercises"] == {**written["exercises"], "11.1": {"state": "correct"}}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'{"quiz": 3}', b"[" * 100_000])
def test_a_corrupt_file_is_set_aside_and_said_so_once(home, capsys, content):
    home.mkdir()
    progress.place().write_bytes(content)
    progress.record("quiz", "11.1", {"right": True})
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "progress.json.broken" in said
    assert (home / "progress.json.broken").read_bytes() == content
    assert progress.load()["quiz"] == {"11.1": {"right": True}}
    assert capsys.readouterr().out == ""


def test_an_older_broken_file_is_not_overwritten(home):
    home.mkdir()
    (home / "progress.json.broken").write_text("older")
    progress.place().write_text("{")
    progress.load()
    assert (home / "progress.json.broken").read_text() == "older"
    assert (home / "progress.json.broken-2").read_text() == "{"


def test_a_place_that_cannot_be_written_is_said_once_and_memory_goes_on(home, capsys):
    home.write_text("a file where the folder should be")
    progress.record("exercises", "11.1", {"state": "tried"})
    progress.record("exercises", "11.2", {"state": "correct"})
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "until this kernel stops" in said
    assert progress.load()["exercises"] == {"11.1": {"state": "tried"}, "11.2": {"state": "correct"}}
    assert capsys.readouterr().out == ""
    # As soon as the place can be written, nothing of it is lost.
    home.unlink()
    progress.record("exercises", "11.3", {"state": "tried"})
    assert set(json.loads(progress.place().read_text())["exercises"]) == {"11.1", "11.2", "11.3"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_leaves_the_old_file(home):
    progress.record("exercises", "11.1", {"state": "correct"})
    before = progress.place().read_bytes()
    code = """
import resource
from course_utils import progress
resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))
progress.record("exercises", "11.2", {"state": "tried"})
progress.record("exercises", "11.3", {"state": "tried"})
print(sorted(progress.load()["exercises"]))
"""
    said = in_another_process(code, home).communicate()[0].splitlines()
    assert len(said) == 2
    assert "cannot be kept" in said[0]
    assert said[1] == "['11.1', '11.2', '11.3']"
    assert progress.place().read_bytes() == before
    assert not list(home.glob("*.new"))


def test_a_kill_in_the_middle_of_writing_leaves_a_whole_file(home):
    progress.record("exercises", "11.1", {"state": "correct"})
    code = """
import itertools
from course_utils import progress
print("ready", flush=True)
for k in itertools.count():
    progress.record("predictions", "k", ["x" * 200_000, k])
"""
    for pause in (0.0, 0.02, 0.05, 0.11):
        other = in_another_process(code, home)
        assert other.stdout.readline().strip() == "ready"
        time.sleep(pause)
        other.kill()
        other.communicate()
        state = json.loads(progress.place().read_text())
        assert state["exercises"] == {"11.1": {"state": "correct"}}
    progress.record("quiz", "11.1", {"right": True})  # the lock died with its owner, and what was left over is tidied
    assert not list(home.glob("*.new"))
    assert set(json.loads(progress.place().read_text())["quiz"]) == {"11.1"}


def test_a_kill_before_the_replacement_leaves_the_old_file(home):
    progress.record("exercises", "11.1", {"state": "correct"})
    before = progress.place().read_bytes()
    code = """
import os, signal
from course_utils import progress
os.replace = lambda *_: os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
progress.record("exercises", "11.2", {"state": "correct"})
"""
    other = in_another_process(code, home)
    other.communicate()
    assert other.returncode != 0
    assert progress.place().read_bytes() == before


def test_kernels_that_write_at_the_same_time_lose_nothing(home):
    code = """
from course_utils import progress
for k in range(20):
    progress.record("predictions", "{name}.%d" % k, k)
"""
    others = [in_another_process(code.replace("{name}", name), home) for name in "abc"]
    assert [other.communicate()[0] for other in others] == ["", "", ""]
    assert len(progress.load()["predictions"]) == 60


def test_a_change_sees_what_was_there(home):
    for _ in range(3):
        progress.revise("quiz", "tries", lambda before: (before or 0) + 1)
    assert progress.load()["quiz"]["tries"] == 3


def test_the_record_that_is_returned_is_a_copy(home):
    progress.record("quiz", "k", [1])
    progress.load()["quiz"]["k"].append(2)
    assert progress.load()["quiz"]["k"] == [1]


def test_the_module_is_light():
    code = """
import sys
from course_utils import progress
from course_utils.progress import record
assert callable(record)
print(sorted({"torch", "ipywidgets", "IPython", "matplotlib"} & set(sys.modules)))
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], object(), {1, 2}, {"k": b""}, {(1,): 2}])
def test_values_that_a_file_cannot_hold_are_refused_before_any_work(home, value):
    with pytest.raises((TypeError, ValueError), match="value must be"):
        progress.record("predictions", "k", value)
    assert not home.exists()


@given(bad=st.one_of(st.none(), st.integers(), st.just(""), st.just("  "), st.binary(), st.lists(st.text())))
def test_bad_sections_and_keys_are_refused(bad):
    with pytest.raises((TypeError, ValueError), match="section must be"):
        progress.record(bad, "k", 1)
    with pytest.raises((TypeError, ValueError), match="key must be"):
        progress.record("quiz", bad, 1)


def test_the_version_is_no_section():
    with pytest.raises(ValueError, match="schema"):
        progress.record("schema", "k", 1)
