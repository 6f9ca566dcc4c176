"""A class's guesses for the board: what everybody has committed to, gathered from the learners' progress files.

In a notebook, ``print(board(gather("/home"), "21"))``; in a terminal,
``python -m course_utils.class_guesses /home 21``. The files are read and never changed. Nobody's name is on the board.
"""

from __future__ import annotations

import json
import math
import os
import stat
import sys
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from course_utils.progress import place

Guess = float | str

PLACES = (Path(".physics-lens", "progress.json"), Path("progress.json"))
"""Where a learner's file is looked for: in a home folder, and in one that COURSE_HOME names (or a copy of it)."""


class _UnreadableError(Exception):
    """A file that is there, and has no guesses that can be read."""


def _guesses(path: Path) -> dict[str, Guess] | None:
    """Return the guesses in a progress file; None if there is no such file."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _UnreadableError("it is no file")
        kept = json.loads(path.read_bytes().decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _UnreadableError(error.strerror or type(error).__name__) from error
    except (ValueError, RecursionError) as error:
        raise _UnreadableError("it is no progress file") from error
    found = kept.get("predictions", {}) if isinstance(kept, dict) else None
    if not isinstance(found, dict):
        raise _UnreadableError("it is no progress file")
    return {key: guess for key, guess in found.items() if _is_guess(guess)}


def _is_guess(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    return isinstance(value, str) or math.isfinite(value)


def _of_learner(folder: Path) -> dict[str, Guess] | None:
    """Return the guesses in the first progress file of a learner's folder; None if there is none."""
    for own in PLACES:
        try:
            found = _guesses(folder / own)
        except _UnreadableError as error:
            warnings.warn(f"{folder / own} is left out: {error}", stacklevel=3)
            return None
        if found is not None:
            return found
    return None


def gather(folder: str | os.PathLike[str]) -> dict[str, dict[str, Guess]]:
    """Return every guess that a class has committed to, by question and by learner.

    Parameters
    ----------
    folder : path
        The folder that holds the learners' home folders, as ``/home`` on a hub. In each,
        ``.physics-lens/progress.json`` is read, or ``progress.json``; a folder without either is passed over.

    Returns
    -------
    dict
        For each question, as ``"21.order"``, a dictionary from the name of the learner's folder to the guess: a number,
        or one of the answers.

    Warns
    -----
    UserWarning
        For each file that cannot be read, with its name and the reason; it is left out.

    Raises
    ------
    TypeError, ValueError
        If ``folder`` is no folder, cannot be opened, or has no progress file in it.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as homes:
    ...     for name, guess in {"ada": 2.3, "ben": 1.9}.items():
    ...         own = pathlib.Path(homes, name, ".physics-lens")
    ...         own.mkdir(parents=True)
    ...         _ = (own / "progress.json").write_text(json.dumps({"predictions": {"21.order": guess}}))
    ...     gather(homes)
    {'21.order': {'ada': 2.3, 'ben': 1.9}}
    """
    if not isinstance(folder, (str, os.PathLike)):
        raise TypeError(f"folder must be the path of a folder; got {folder!r}, a {type(folder).__name__}")
    try:
        homes = sorted(Path(folder).expanduser().iterdir())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(
            f"folder must be one that holds the learners' folders; {folder} cannot be read: {reason}"
        ) from error
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = {home.name: _of_learner(home) for home in homes}
    for one in told:
        warnings.warn(str(one.message), stacklevel=2)
    if not told and all(kept is None for kept in found.values()):
        looked = " or ".join(f"*/{own.as_posix()}" for own in PLACES)
        raise ValueError(f"folder must be one that holds the learners' folders; {folder} has no {looked}")
    gathered: dict[str, dict[str, Guess]] = {}
    for learner, kept in found.items():
        for question, guess in (kept or {}).items():
            gathered.setdefault(question, {})[learner] = guess
    return dict(sorted(gathered.items()))


def board(guesses: Mapping[str, Mapping[str, Guess]], lesson: str = "") -> str:
    """Return the guesses as lines for the board: numbers in order with their median, choices with how many took each.

    Parameters
    ----------
    guesses : dict
        What `gather` has returned.
    lesson : str
        The number of a lesson, as ``"21"``, or a whole question, as ``"21.order"``; without it, all of them.

    Returns
    -------
    str
        A line for each question, without names.

    Raises
    ------
    TypeError
        If ``lesson`` is not a string.

    Examples
    --------
    >>> print(board({"21.order": {"ada": 2.3, "ben": 1.9, "eve": 2.27}, "21.chi": {"ada": "430", "ben": "430"}}))
    21.order, 3 guesses: 1.9  2.27  2.3 (median 2.27)
    21.chi, 2 guesses: 430 (2)
    """
    if not isinstance(lesson, str):
        raise TypeError(f'lesson must be its number as a string, as "21"; got {lesson!r}, a {type(lesson).__name__}')
    lines = []
    for question, given in guesses.items():
        if lesson in ("", question, question.partition(".")[0]):
            count = f"{len(given)} guess{'' if len(given) == 1 else 'es'}"
            lines.append(f"{question}, {count}: {_told(list(given.values()))}")
    return "\n".join(lines) or f"No guesses yet{f' for {lesson}' if lesson else ''}."


def _told(guesses: list[Guess]) -> str:
    numbers = sorted(guess for guess in guesses if not isinstance(guess, str))
    chosen = Counter(guess for guess in guesses if isinstance(guess, str))
    parts = []
    if numbers:
        parts.append("  ".join(f"{one:.6g}" for one in numbers) + f" (median {median(numbers):.6g})")
    if chosen:
        parts.append(", ".join(f"{answer} ({count})" for answer, count in chosen.most_common()))
    return "; ".join(parts)


def _main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(
            f"usage: python -m course_utils.class_guesses FOLDER [LESSON]   (yours is kept in {place()})",
            file=sys.stderr,
        )
        return 2
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            gathered = gather(arguments[0])
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
    for one in told:
        print(one.message, file=sys.stderr)
    print(board(gathered, *arguments[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
