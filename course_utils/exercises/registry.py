"""Which exercises and questions there are: a lesson's file is loaded when one of its ids is first asked for."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from course_utils.exercises.core import Exercise
from course_utils.exercises.questions import Question

PACKAGE = "course_utils.exercises"


@dataclass(frozen=True, eq=False)
class Lesson:
    """The exercises and the questions of one lesson."""

    number: str
    exercises: tuple[Exercise, ...] = ()
    questions: tuple[Question, ...] = ()


# Lessons that do not come with the package: a teacher's own, or a test's.
_added: dict[str, Lesson] = {}


def register(number: str, exercises: Iterable[Exercise] = (), questions: Iterable[Question] = ()) -> None:
    """Add a lesson of your own, or replace one for this kernel.

    Parameters
    ----------
    number : str
        Two digits, such as ``"91"``; the exercises' ids begin with them.
    exercises, questions : iterables
        What the lesson has; ids must differ.

    Raises
    ------
    TypeError, ValueError
        If an entry is not an exercise or a question, or an id belongs to another lesson or comes twice.
    """
    number = lesson_number(number)
    _added[number] = _lesson(number, exercises, questions)


@contextlib.contextmanager
def registered(number: str, exercises: Iterable[Exercise] = (), questions: Iterable[Question] = ()) -> Iterator[None]:
    """Have a lesson for the length of a ``with`` block (see `register`)."""
    before = dict(_added)
    register(number, exercises, questions)
    try:
        yield
    finally:
        _added.clear()
        _added.update(before)


def lesson_number(number: Any) -> str:
    """Return ``number`` if it is two digits in quotes."""
    if not isinstance(number, str):
        raise TypeError(f'lesson must be two digits in quotes, such as "11"; got {number!r:.80}')
    if not re.fullmatch(r"[0-9]{2}", number):
        raise ValueError(f'lesson must be two digits, such as "11"; got {number!r:.80}')
    return number


def numbers() -> tuple[str, ...]:
    """Return the numbers of all lessons that have exercises or questions, without loading them."""
    package = importlib.import_module(PACKAGE)
    found = {name[7:] for _, name, _ in pkgutil.iter_modules(package.__path__) if re.fullmatch(r"lesson_\d\d", name)}
    return tuple(sorted(found | set(_added)))


def lesson(number: str) -> Lesson:
    """Return a lesson's exercises and questions.

    Raises
    ------
    TypeError, ValueError
        If there is no such lesson.
    """
    number = lesson_number(number)
    if number in _added:
        return _added[number]
    known = numbers()
    if number not in known:
        raise ValueError(f"lesson must be one of {', '.join(known) or '(none is installed)'}; got {number!r}")
    module = importlib.import_module(f"{PACKAGE}.lesson_{number}")
    return _lesson(number, getattr(module, "EXERCISES", ()), getattr(module, "QUIZ", ()))


def find(id: str) -> Exercise:  # noqa: A002 - the name that learners see on the card
    """Return the exercise with this id.

    Raises
    ------
    TypeError
        If the id is not a text.
    ValueError
        If there is none; the message suggests the nearest ids and lists those of the lesson.
    """
    if not isinstance(id, str):
        raise TypeError(f'id must be an exercise id in quotes, such as "11.2"; got {id!r:.80}')
    number = id.strip()[:2]
    if number in numbers():
        for exercise in lesson(number).exercises:
            if exercise.id == id.strip():
                return exercise
    raise ValueError(_unknown(id, number))


def _unknown(id: str, number: str) -> str:  # noqa: A002
    known = [exercise.id for one in numbers() for exercise in lesson(one).exercises]
    near = difflib.get_close_matches(id.strip(), known, n=3, cutoff=0.5)
    message = f"id must be that of an exercise; got {id!r:.80}."
    if near:
        message += f" Did you mean {' or '.join(f'{one!r}' for one in near)}?"
    here = [one for one in known if one.startswith(number + ".")] if number in numbers() else []
    if here:
        return f"{message} Lesson {number} has {', '.join(here)}."
    return f"{message} Exercises are in lesson {', '.join(sorted({one[:2] for one in known})) or '(none)'}."


def _lesson(number: str, exercises: Iterable[Any], questions: Iterable[Any]) -> Lesson:
    found, asked = tuple(exercises), tuple(questions)
    for one in found:
        if not isinstance(one, Exercise):
            raise TypeError(f"exercises must hold only Exercise objects; got {one!r:.80}")
        if one.lesson != number:
            raise ValueError(f"exercises of lesson {number} must have ids that begin with {number}; got {one.id!r}")
    ids = [one.id for one in found]
    if len(set(ids)) < len(ids):
        raise ValueError(f"exercises must have different ids; got {', '.join(ids)}")
    for question in asked:
        if not isinstance(question, Question):
            raise TypeError(f"questions must hold only Question objects; got {question!r:.80}")
    return Lesson(number, found, asked)
