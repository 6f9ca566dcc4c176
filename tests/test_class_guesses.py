"""A class's guesses: gathered from everybody's file, shown without names, and a broken file is named and left out."""

import errno
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from course_utils import class_guesses, knobs

ADA = {"predictions": {"21.order": 2.3, "21.chi": "430"}, "exercises": {"21.1": {"state": "correct"}}, "schema": 1}


def keep(homes, learner, what, own=".physics-lens"):
    path = homes / learner / own / "progress.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(what if isinstance(what, str) else json.dumps(what), encoding="utf-8")
    return path


@pytest.fixture
def homes(tmp_path):
    folder = tmp_path / "home"
    keep(folder, "ada", ADA)
    keep(folder, "ben", {"predictions": {"21.order": 1.9}})
    return folder


def test_everybodys_guesses_by_question(homes):
    assert class_guesses.gather(homes) == {"21.chi": {"ada": "430"}, "21.order": {"ada": 2.3, "ben": 1.9}}
    assert class_guesses.gather(str(homes)) == class_guesses.gather(homes)


def test_what_a_learner_commits_is_what_is_gathered(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "eve" / ".physics-lens"))
    knobs.predict("21.order", "Where?", low=1.5, high=3.5).commit(2.25)
    assert class_guesses.gather(tmp_path) == {"21.order": {"eve": 2.25}}


def test_a_folder_that_course_home_names_is_looked_into_too(homes):
    keep(homes, "eve", {"predictions": {"21.order": 2.0}}, own=".")
    keep(homes, "ada", {"predictions": {"21.order": 9.9}}, own=".")  # not hers: the one in her home counts
    assert class_guesses.gather(homes)["21.order"] == {"ada": 2.3, "ben": 1.9, "eve": 2.0}


def test_who_has_guessed_nothing_and_what_is_no_home_is_passed_over(homes):
    keep(homes, "zoe", {"schema": 1})
    (homes / "shared").mkdir()
    (homes / "list.txt").write_text("no folder")
    assert class_guesses.gather(homes)["21.order"] == {"ada": 2.3, "ben": 1.9}


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"predictions": [1]}', "[" * 100_000, "\udcff"])
def test_a_broken_file_is_named_and_left_out_and_not_touched(homes, broken):
    path = keep(homes, "cid", "")
    path.write_bytes(broken.encode("utf-8", "surrogatepass"))
    before = sorted(homes.rglob("*"))
    with pytest.warns(UserWarning, match=r"cid.*progress\.json is left out: it is no progress file"):
        assert class_guesses.gather(homes)["21.order"] == {"ada": 2.3, "ben": 1.9}
    assert sorted(homes.rglob("*")) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_make_the_instructor_wait(homes):
    path = keep(homes, "cid", "")
    path.unlink()
    os.mkfifo(path)
    with pytest.warns(UserWarning, match="it is no file"):
        class_guesses.gather(homes)


def test_a_closed_home_is_named(homes, monkeypatch):
    keep(homes, "cid", ADA)
    stat = Path.stat  # root may read everything, so permissions alone would try nothing

    def closed(path, **options):
        if "cid" in path.parts:
            raise PermissionError(errno.EACCES, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", closed)
    with pytest.warns(UserWarning, match=r"cid.*progress\.json is left out: Permission denied"):
        assert class_guesses.gather(homes)["21.order"] == {"ada": 2.3, "ben": 1.9}


def test_what_is_no_guess_is_passed_over(homes):
    odd = '{"predictions": {"a": true, "b": [1], "c": {"d": 1}, "e": NaN, "f": null, "g": 3}}'
    keep(homes, "eve", odd)
    assert {key for key, given in class_guesses.gather(homes).items() if "eve" in given} == {"g"}


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_a_folder_that_is_none_is_a_clear_error(tmp_path, folder):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"folder must be one that holds the learners' folders; .*cannot be read: N"):
        class_guesses.gather(tmp_path / folder)
    with pytest.raises(TypeError, match="folder must be the path of a folder; got 3, a int"):
        class_guesses.gather(3)


def test_a_folder_without_learners_says_what_was_looked_for(tmp_path):
    with pytest.raises(ValueError, match=r"has no \*/\.physics-lens/progress\.json or \*/progress\.json"):
        class_guesses.gather(tmp_path)


def test_the_board_has_numbers_in_order_choices_by_count_and_no_names(homes):
    keep(homes, "eve", {"predictions": {"21.order": 2, "21.chi": "430", "11.wait": 300}})
    keep(homes, "kim", {"predictions": {"21.chi": "180"}})
    gathered = class_guesses.gather(homes)
    assert class_guesses.board(gathered, "21").splitlines() == [
        "21.chi, 3 guesses: 430 (2), 180 (1)",
        "21.order, 3 guesses: 1.9  2  2.3 (median 2)",
    ]
    assert class_guesses.board(gathered, "11.wait") == "11.wait, 1 guess: 300 (median 300)"
    assert class_guesses.board(gathered).count("\n") == 2
    assert class_guesses.board(gathered, "2") == "No guesses yet for 2."
    assert class_guesses.board({}) == "No guesses yet."
    with pytest.raises(TypeError, match='lesson must be its number as a string, as "21"; got 21'):
        class_guesses.board(gathered, 21)


def test_in_a_terminal(homes, capsys):
    keep(homes, "cid", "{")
    command = [sys.executable, "-m", "course_utils.class_guesses"]
    told = subprocess.run([*command, homes, "21.order"], capture_output=True, text=True, check=True)
    assert told.stdout == "21.order, 2 guesses: 1.9  2.3 (median 2.1)\n"
    assert "cid" in told.stderr
    assert "is left out" in told.stderr
    assert class_guesses._main([str(homes / "nowhere")]) == 1
    assert "No such file" in capsys.readouterr().err
    assert class_guesses._main([]) == 2
    assert "usage: python -m course_utils.class_guesses FOLDER [LESSON]" in capsys.readouterr().err


def test_it_needs_no_widgets_and_nothing_heavy():
    code = "import sys, course_utils.class_guesses; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"ipywidgets", "torch", "matplotlib"} & set(loaded)


def test_the_warning_is_the_callers(homes):
    keep(homes, "cid", "{")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        class_guesses.gather(homes)
    assert [one.filename for one in told] == [__file__]
