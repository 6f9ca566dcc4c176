"""A disk that fills up, a folder that is read-only, no home: one sentence, and nothing is lost."""

import json
import os

import pytest
from bad_places import as_a_learner, on_a_disk_that_fills_up, read_only

from course_utils import progress

pytestmark = pytest.mark.skipif(os.name == "nt", reason="mounts, limits and permissions are those of POSIX systems")

each_way = pytest.mark.parametrize("way", ["disk", "limit"])


@pytest.fixture
def place(tmp_path):
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


# --- what the learner has done

RECORD = """
import json
from course_utils import progress
def on_disk():
    return sorted(json.loads(progress.place().read_text())["exercises"])
progress.record("exercises", "11.1", {"state": "correct"})
before = progress.place().read_bytes()
fill()
for name in ("11.2", "11.3"):
    progress.record("exercises", name, {"state": "tried"})
print(sorted(progress.load()["exercises"]), progress.place().read_bytes() == before)
free()
progress.record("exercises", "11.4", {"state": "tried"})
print(on_disk(), [path.name for path in progress.place().parent.glob("*.new")])
"""


@each_way
def test_progress_on_a_full_disk_is_said_once_kept_in_memory_and_saved_when_there_is_room(way, place):
    said, full, room = on_a_disk_that_fills_up(way, place, RECORD, COURSE_HOME=str(place))
    reason = {"disk": "No space left on device", "limit": "File too large"}[way]
    assert said.startswith(f"Your progress cannot be kept in {place / 'progress.json'} ({reason}): it is remembered")
    assert ("Make room on the disk" in said) == (way == "disk")
    assert full == "['11.1', '11.2', '11.3'] True"
    assert room == "['11.1', '11.2', '11.3', '11.4'] []"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_disk_that_fails_late_leaves_the_old_file(failing, tmp_path, monkeypatch, capsys):
    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setattr(progress, "_unsaved", {})
    monkeypatch.setattr(progress, "_told", set())
    progress.record("exercises", "11.1", {"state": "correct"})
    with monkeypatch.context() as full:
        full.setattr(os, failing, fails)
        progress.record("exercises", "11.2", {"state": "tried"})
    assert set(json.loads(progress.place().read_text())["exercises"]) == {"11.1"}
    assert not list(tmp_path.glob("*.new"))
    assert set(progress.load()["exercises"]) == {"11.1", "11.2"}
    assert capsys.readouterr().out.count("\n") == 1


def test_progress_in_a_read_only_folder_is_said_once_and_the_old_is_still_read(place):
    (place / "progress.json").write_text('{"exercises": {"11.1": {"state": "correct"}}}')
    code = (
        "from course_utils import progress\n"
        "for name in ('11.2', '11.3'): progress.record('exercises', name, {'state': 'tried'})\n"
        "print(sorted(progress.load()['exercises']))"
    )
    with read_only(place):
        said, seen = as_a_learner(code, COURSE_HOME=str(place))
    assert f"cannot be kept in {place / 'progress.json'} (Permission denied)" in said
    assert "Set COURSE_HOME to a folder that you may write in" in said
    assert seen == "['11.1', '11.2', '11.3']"
    assert [path.name for path in place.iterdir()] == ["progress.json"]


def test_a_user_without_a_home_is_told_so_and_no_strange_folder_is_made(tmp_path, monkeypatch, capsys):
    import pwd

    def nobody(_):
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "COURSE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(progress, "_unsaved", {})
    monkeypatch.setattr(progress, "_told", set())
    monkeypatch.chdir(tmp_path)
    progress.record("quiz", "11.1", {"right": True})
    assert progress.load()["quiz"] == {"11.1": {"right": True}}
    assert "(there is no home folder): it is remembered until this kernel stops" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


# --- the points of a sweep

SWEEP = """
import glob, os, sys, warnings
from course_utils.sweep import sweep
from course_utils.results import SweepError
asked = []
def measured(x, *, seed):
    asked.append(x)
    {event}
    return {{"square": x**2}}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    result = sweep(measured, {{"x": [0, 1, 2, 3, 4, 5]}}, seeds=1, folder={folder!r})
for warning in said:
    print(warning.message)
print([record["square"] for record in result.records], len(glob.glob({folder!r} + "/*.npz")),
      len(glob.glob({folder!r} + "/*.new")))
free()
first, asked[:] = list(asked), []
again = sweep(measured, {{"x": [0, 1, 2, 3]}}, seeds=1, folder={folder!r})
print([record["square"] for record in again.records], asked)
"""


def swept(way, place, event):
    folder = str(place / "kept")
    return on_a_disk_that_fills_up(way, place, SWEEP.format(event=event, folder=folder), TQDM_DISABLE="1")


@each_way
def test_a_sweep_whose_disk_fills_up_goes_on_and_returns_everything(way, place):
    full, end, found, again = swept(way, place, "if x == 2 and not asked[3:]: fill()")
    assert full.startswith(f"{place / 'kept'} takes no more points (")
    assert "the sweep goes on and holds them in memory" in full
    assert end.startswith(f"4 points are in the result that is returned, but not in {place / 'kept'}: ")
    assert found == "[0, 1, 4, 9, 16, 25] 2 0"
    assert again == "[0, 1, 4, 9] [2, 3]"


@each_way
def test_points_that_were_held_are_kept_as_soon_as_there_is_room(way, place):
    full, found, again = swept(way, place, "if x == 2: fill()\n    if x == 5: free()")
    assert "takes no more points" in full
    assert found == "[0, 1, 4, 9, 16, 25] 6 0"
    assert again == "[0, 1, 4, 9] []"


@each_way
def test_an_interrupt_while_the_disk_is_full_returns_what_was_computed(way, place):
    event = "if x == 2 and len(asked) == 3: fill()\n    if x == 4: raise KeyboardInterrupt"
    full, stopped, end, found, again = swept(way, place, event)
    assert "takes no more points" in full
    assert "interrupted; what was computed until now is returned" in stopped
    assert end.startswith("2 points are in the result")
    assert found == "[0, 1, 4, 9] 2 0"
    assert again == "[0, 1, 4, 9] [2, 3]"


def test_an_interrupt_in_the_middle_of_writing_loses_nothing(tmp_path, monkeypatch):
    from course_utils.sweep import sweep

    written, real = [], os.replace

    def interrupted_once(*names):
        written.append(names)
        if len(written) == 2:
            raise KeyboardInterrupt
        real(*names)

    def measured(x, *, seed):
        return x

    monkeypatch.setattr(os, "replace", interrupted_once)
    with pytest.warns(UserWarning, match="interrupted"):
        result = sweep(measured, {"x": [1, 2, 3]}, seeds=1, folder=tmp_path)
    assert [record["value"] for record in result.records] == [1, 2]
    assert len(list(tmp_path.glob("*.npz"))) == 2
    assert not list(tmp_path.glob("*.new"))


REFUSED = """
from course_utils.sweep import sweep
asked = []
def measured(x, *, seed):
    asked.append(x)
    return x
def tried(grid):
    try:
        print([record["value"] for record in sweep(measured, {"x": grid}, seeds=1, folder=FOLDER).records])
    except ValueError as error:
        print(error)
"""


@each_way
def test_a_disk_that_is_full_from_the_start_is_named_before_any_work(way, place):
    code = f"FOLDER = {str(place / 'kept')!r}{REFUSED}fill()\ntried([1, 2])\nprint(asked)"
    said, asked = on_a_disk_that_fills_up(way, place, code, TQDM_DISABLE="1")
    assert said.startswith(f"folder must be one that can be written in; {place / 'kept'} cannot: ")
    assert asked == "[]"


def test_a_read_only_folder_is_named_before_any_work_unless_it_has_everything(place):
    as_a_learner(f"FOLDER = {str(place)!r}{REFUSED}tried([1, 2])", TQDM_DISABLE="1")
    code = (
        f"FOLDER = {str(place)!r}{REFUSED}tried([1, 2])\ntried([1, 2, 3])\nFOLDER += '/new'\ntried([1])\nprint(asked)"
    )
    with read_only(place):
        there, more, new, asked = as_a_learner(code, TQDM_DISABLE="1")
    assert there == "[1, 2]"
    assert more.startswith(f"folder must be one that can be written in; {place} cannot: Permission denied.")
    assert new == f"folder must be one that can be made; {place / 'new'} cannot: Permission denied"
    assert asked == "[]"


# --- compiled loops, and the folder of the lessons

LOOP = """
from course_utils.compiling import kernel

@kernel
def total(n):
    found = 0.0
    for k in range(n):
        found += k
    return found

@kernel
def twice(x):
    return 2 * x
"""


@each_way
def test_compiled_loops_do_without_a_disk_that_is_full(way, place, tmp_path):
    (tmp_path / "loops.py").write_text(LOOP)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); fill()\n"
    code += "import loops; print(loops.total(5), loops.twice(2))"
    said, found = on_a_disk_that_fills_up(way, place, code, NUMBA_CACHE_DIR=str(place), PYTHONDONTWRITEBYTECODE="1")
    assert said.startswith("Compiled loops cannot be kept on this disk (")
    assert "Set NUMBA_CACHE_DIR to a folder with room" in said
    assert found == "10.0 4"


def test_compiled_loops_do_without_a_folder_that_can_be_written_in(place):
    (place / "loops.py").write_text(LOOP)
    code = f"import sys; sys.path.insert(0, {str(place)!r}); import loops; print(loops.total(5), loops.twice(2))"
    with read_only(place):
        lines = as_a_learner(code, HOME=str(place), XDG_CACHE_HOME=None, NUMBA_CACHE_DIR=None)
    assert lines == [
        "Compiled loops cannot be kept on this disk (there is no folder that may be written in): each new kernel "
        "compiles them again, which takes some seconds. Set NUMBA_CACHE_DIR to a folder with room that you may write "
        "in to keep them.",
        "10.0 4",
    ]
    assert [path.name for path in place.iterdir()] == ["loops.py"]


def test_a_lesson_leaves_a_read_only_folder_alone(place, tmp_path):
    code = """
from course_utils import seed
from course_utils.dynamics import langevin
from course_utils.exercises import check
from course_utils.knobs.lesson_00 import noisy_choices
from course_utils.models import Quartic
import numpy as np
walkers = langevin.walk_quartic(Quartic(), np.zeros(8), temperature=0.5, time_step=0.01, steps=5, seed=seed(1))
check("11.1", ...)
print(np.isfinite(walkers).all())
"""
    with read_only(place):
        lines = as_a_learner(code, cwd=place, COURSE_HOME=str(tmp_path / "home"))
    assert lines[-1] == "True"
    assert list(place.iterdir()) == []
