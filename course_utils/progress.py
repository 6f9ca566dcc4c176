"""What the learner has done so far: one small JSON file that survives a restart, a kill and an update of the course.

The file is ``progress.json`` in the folder that the environment variable ``COURSE_HOME`` names, or in
``~/.physics-lens``. It is replaced in one step, so that a kill leaves the old file or the new one; several kernels take
turns; and what a newer version of the course has written is kept. Where nothing can be written, progress is kept in
memory and the learner is told once.
"""

from __future__ import annotations

import contextlib
import copy
import errno
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from course_utils.validation import function, text

SCHEMA = 1
SECTIONS = ("exercises", "predictions", "quiz")
LOCK_SECONDS = 2.0

# What could not be written yet, by section; empty while the file can be written.
_unsaved: dict[str, dict[str, Any]] = {}
_told: set[str] = set()


class _CorruptError(Exception):
    """The file is there, but it is not a progress file."""


def place() -> Path:
    """Return the path of the progress file (it need not exist).

    Examples
    --------
    >>> place().name
    'progress.json'
    """
    home = os.environ.get("COURSE_HOME", "").strip()
    return Path(os.path.expanduser(home or os.path.join("~", ".physics-lens"))) / "progress.json"


def _make_room(path: Path) -> None:
    """Make the folder of the progress file; OSError where that cannot be done."""
    if path.parts[0].startswith("~"):  # a user without a home, in a container for instance
        raise FileNotFoundError(errno.ENOENT, "there is no home folder")
    path.parent.mkdir(parents=True, exist_ok=True)


def load() -> dict[str, Any]:
    """Return everything that is remembered: a dictionary of sections, each a dictionary of keys.

    A missing file is an empty record. A corrupt one is set aside beside it, with one sentence to the learner.

    Returns
    -------
    dict
        A copy; the sections ``exercises``, ``predictions`` and ``quiz`` are always there.
    """
    path = place()
    state: dict[str, Any] = {}
    try:
        if path.exists():
            with _turn(path):
                state = _read(path)
    except OSError as error:
        _tell_unwritable(path, error)
    return _overlaid(state)


def record(section: str, key: str, value: Any) -> None:
    """Remember ``value`` under ``section`` and ``key``; entries of other kernels are kept.

    Parameters
    ----------
    section : str
        For instance ``"predictions"``.
    key : str
        The entry's name in its section.
    value : anything that JSON can hold
        Numbers (finite), text, lists, dictionaries with text keys, None; numpy numbers and arrays are converted.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be remembered; then nothing is written. A place that cannot be written does not raise.
    """
    plain = _plain(value)
    revise(section, key, lambda _: plain)


def revise(section: str, key: str, change: Callable[[Any], Any]) -> None:
    """Replace an entry by ``change(entry)``, without another kernel in between; an absent entry is None.

    Raises
    ------
    TypeError, ValueError
        If an argument, or what ``change`` returns, cannot be remembered.
    """
    text("section", section)
    text("key", key)
    function("change", change)
    if section == "schema":
        raise ValueError("section must be the name of a section; got 'schema', which holds the file's version")
    path = place()
    try:
        _make_room(path)
        with _turn(path) as alone:
            state = _overlaid(_read(path, section), section)
            state[section][key] = _plain(change(state[section].get(key)))
            _write(path, state, tidy=alone)
        _unsaved.clear()
    except OSError as error:
        state = _overlaid({}, section)
        _unsaved.setdefault(section, {})[key] = _plain(change(state[section].get(key)))
        _tell_unwritable(path, error)


def _plain(value: Any) -> Any:
    """Return ``value`` as it will read when it comes back from the file."""

    def converted(other: Any) -> Any:
        if hasattr(other, "tolist"):  # numpy numbers and arrays, torch tensors
            return other.tolist()
        raise TypeError

    takes = "value must be something that JSON can hold (finite numbers, text, lists, dictionaries with text keys)"
    try:
        return json.loads(json.dumps(value, default=converted, allow_nan=False))
    except TypeError:
        raise TypeError(f"{takes}; got {value!r:.80}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{takes}; got {value!r:.80}") from None


def _overlaid(state: dict[str, Any], *sections: str) -> dict[str, Any]:
    """Return ``state`` with every section in place and with what could not be written yet."""
    state = copy.deepcopy(state)
    for name in (*SECTIONS, *sections):
        state.setdefault(name, {})
    for name, entries in _unsaved.items():
        state.setdefault(name, {}).update(copy.deepcopy(entries))
    version = state.get("schema")
    state["schema"] = max(SCHEMA, version) if type(version) is int else SCHEMA
    return state


def _read(path: Path, *sections: str) -> dict[str, Any]:
    """Read the file; set it aside if it is corrupt."""
    try:
        return _parsed(path.read_bytes(), (*SECTIONS, *sections))
    except FileNotFoundError:
        return {}
    except _CorruptError:
        aside = _free_name(path)
        os.replace(path, aside)
        print(
            f"Your progress file {path} could not be read: it is kept as {aside.name}, and a new one is started. "
            "Nothing else is affected."
        )
        return {}


def _parsed(raw: bytes, sections: tuple[str, ...]) -> dict[str, Any]:
    try:
        state = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _CorruptError from error
    if not isinstance(state, dict) or not all(isinstance(state.get(name, {}), dict) for name in sections):
        raise _CorruptError
    return state


def _free_name(path: Path) -> Path:
    """Return the first of progress.json.broken, .broken-2, … that is free: an older broken file may be wanted too."""
    aside = path.with_name(path.name + ".broken")
    number = 2
    while aside.exists():
        aside = path.with_name(f"{path.name}.broken-{number}")
        number += 1
    return aside


def _write(path: Path, state: dict[str, Any], *, tidy: bool) -> None:
    """Replace the file in one step."""
    if tidy:  # nobody else is writing: what lies there is from a kernel that was killed
        for left_over in path.parent.glob(path.name + ".*.new"):
            left_over.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=path.name + ".", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(state, file, indent=1, sort_keys=True, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _try_lock(file: IO[str]) -> None:
    """Lock ``file`` until it is closed (or its process dies); OSError if another kernel has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def _turn(path: Path) -> Iterator[bool]:
    """Wait for the other kernels. Yields False where no lock can be had: then the last writer wins."""
    try:
        file = open(path.with_name(path.name + ".lock"), "a", encoding="utf-8")  # noqa: SIM115
    except OSError:
        yield False
        return
    with file:
        deadline = time.monotonic() + LOCK_SECONDS
        locked = False
        while not locked and time.monotonic() < deadline:
            try:
                _try_lock(file)
                locked = True
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:  # some network disks know no locks; Windows says "busy" this way
                if os.name != "nt":
                    break
                time.sleep(0.01)
        yield locked


def _tell_unwritable(path: Path, error: OSError) -> None:
    if str(path) not in _told:
        _told.add(str(path))
        reason = error.strerror or type(error).__name__
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        mend = (
            "Make room on the disk, or set COURSE_HOME to a folder on another,"
            if full
            else ("Set COURSE_HOME to a folder that you may write in")
        )
        print(
            f"Your progress cannot be kept in {path} ({reason}): it is remembered until this kernel stops. {mend} "
            "to keep it."
        )
