"""What a learner calls: `check`, `hint`, `solution`, and the table of progress."""

from __future__ import annotations

import re
from typing import Any

from course_utils import progress as kept
from course_utils.exercises import registry, sources
from course_utils.exercises.core import Exercise, Verdict
from course_utils.validation import whole

# How far each exercise's hints have been asked for since the kernel started.
_hints_seen: dict[str, int] = {}
_RANK = {"tried": 1, "answered": 2, "correct": 2}
_WORD = re.compile(r"[a-z]{2,}(['’-][a-z]+)*[,:;]?")  # neither n nor β nor gammaln(h)
_STOPPED = re.compile(r"[.!?][)\"”’]?$")


def check(id: str, attempt: Any) -> Any:  # noqa: A002 - the name that learners see on the card
    """Say in one line what an attempt is worth, and return what later cells go on with.

    Parameters
    ----------
    id : str
        The exercise, such as ``"11.2"``.
    attempt : function or value
        What you wrote; an untouched stub is fine.

    Returns
    -------
    function or value
        The attempt if it is right, otherwise the reference.

    Raises
    ------
    ValueError
        If there is no such exercise; the nearest ids are suggested.
    """
    exercise = registry.find(id)
    verdict = exercise.judge(attempt)
    print(_said(exercise, verdict))
    if verdict.state != "not attempted":
        kept.revise("exercises", exercise.id, lambda before: _better(before, verdict))
    return attempt if verdict.state in ("correct", "answered") else exercise.reference


def _said(exercise: Exercise, verdict: Verdict) -> str:
    name = f"Exercise {exercise.id}:"
    push = f'hint("{exercise.id}") if you want a push.'
    if exercise.kind != "open":
        push = f"The notebook goes on with the reference. {push}"
    reason = f" {_sentence(verdict.reason)}" if verdict.reason else ""
    if verdict.state == "correct":
        return (
            f"{name} correct. The notebook goes on with your {'version' if callable(exercise.reference) else 'answer'}."
        )
    if verdict.state == "answered":
        return f"{name} noted.{reason}"
    if verdict.state == "tried":
        return f"{name} not yet.{reason}\n{push}"
    return f"{name} not attempted yet.{reason} {push}"


def _sentence(words: str) -> str:
    """Return words as a sentence: a capital first, unless a symbol or code stands there; a stop last, if none does."""
    words = words.strip()
    first = words.split(maxsplit=1)[0] if words else ""
    if first == "a" or _WORD.fullmatch(first):
        words = words[:1].upper() + words[1:]
    return words if _STOPPED.search(words) else f"{words}."


def _better(before: Any, verdict: Verdict) -> dict[str, Any]:
    """Return the entry to keep: what is once done stays done, and keys of a newer course stay."""
    entry = dict(before) if isinstance(before, dict) else {}
    state = entry.get("state")
    if _RANK[verdict.state] >= (_RANK.get(state, 0) if isinstance(state, str) else 0):
        entry["state"] = verdict.state
    return entry


def hint(id: str, level: int | None = None) -> None:  # noqa: A002
    """Print the next of an exercise's three hints, or the one of the given level.

    Parameters
    ----------
    id : str
        The exercise, such as ``"11.2"``.
    level : int, optional
        1 (a push) to 3 (nearly the solution).

    Raises
    ------
    TypeError, ValueError
        If there is no such exercise or level.
    """
    exercise = registry.find(id)
    if level is None:
        level = min(_hints_seen.get(exercise.id, 0) + 1, 3)
    level = whole("level", level, least=1, most=3)
    _hints_seen[exercise.id] = level
    more = f'hint("{exercise.id}") again for more.' if level < 3 else f'solution("{exercise.id}") shows one way.'
    print(f"Exercise {exercise.id}, hint {level} of 3: {exercise.hints[level - 1]} {more}")


def solution(id: str) -> None:  # noqa: A002
    """Print one solution of an exercise.

    Raises
    ------
    TypeError, ValueError
        If there is no such exercise.
    """
    exercise = registry.find(id)
    if exercise.kind == "open":
        print(f"Exercise {exercise.id} · {exercise.title}. {_sentence(exercise.reference)}")
        return
    if not callable(exercise.reference):
        print(f"Exercise {exercise.id} · {exercise.title}. One answer that passes: {exercise.reference!r}")
        return
    name = exercise.reference.__name__
    print(f"# Exercise {exercise.id} · {exercise.title}: one solution\n{sources.source(exercise.reference, name)}")


def solution_source(id: str, name: str) -> str:  # noqa: A002
    """Return Python source that defines ``name`` as the solution of an exercise.

    Raises
    ------
    TypeError, ValueError
        If there is no such exercise, or ``name`` is not a Python name.
    """
    return sources.source(registry.find(id).reference, name)


def card(id: str) -> str:  # noqa: A002
    """Return the line above an exercise's stub, in Markdown: id, title, difficulty, minutes."""
    return registry.find(id).card


class ProgressTable:
    """What is done, as a table: Markdown where it can be shown, plain text elsewhere."""

    def __init__(self, rows: list[tuple[str, ...]], summary: str) -> None:
        self.rows = rows
        self.summary = summary

    _heads = ("exercise", "title", "difficulty", "minutes", "state")

    def _repr_markdown_(self) -> str:
        lines = ["| " + " | ".join(self._heads) + " |", "|---|---|---|---:|---|"]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in self.rows]
        return "\n".join([*lines, "", self.summary])

    def __repr__(self) -> str:
        """Return the table in columns."""
        table = [self._heads, *self.rows]
        widths = [max(len(row[column]) for row in table) for column in range(len(self._heads))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
        ]
        return "\n".join([*lines, self.summary])


def progress_table() -> ProgressTable:
    """Return the table of all exercises and what is done of them."""
    state = kept.load()
    rows: list[tuple[str, ...]] = []
    done = 0
    for number in registry.numbers():
        one = registry.lesson(number)
        for exercise in one.exercises:
            entry = state["exercises"].get(exercise.id)
            word = entry.get("state") if isinstance(entry, dict) else None
            word = word if isinstance(word, str) and word in _RANK else "not attempted"
            done += _RANK.get(word, 0) == 2
            rows.append((exercise.id, exercise.title, exercise.difficulty_word, str(exercise.minutes), _WORDS[word]))
    answers = [entry for entry in state["quiz"].values() if isinstance(entry, dict)]
    right = sum(entry.get("right") is True for entry in answers)
    summary = f"{done} of {len(rows)} exercises done; {right} quiz question{'' if right == 1 else 's'} answered right."
    return ProgressTable(rows, summary)


_WORDS = {
    "not attempted": "not attempted",
    "tried": "tried, not yet right",
    "answered": "answered",
    "correct": "correct",
}


def progress() -> None:
    """Show which exercises are done."""
    from IPython.display import display

    display(progress_table())
