"""What the tests ask of every exercise: the stub, the solution and each mistake get the verdict that is theirs."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.exercises import sources
from course_utils.exercises.attempts import plain_function
from course_utils.exercises.comparisons import Region
from course_utils.exercises.core import Exercise


def problems(exercise: Exercise) -> list[str]:
    """Return what is wrong with an exercise itself, one sentence each; an empty list if nothing is.

    It tries the stub (not attempted), the reference (correct, twice the same), the printed solution (correct), and
    each mistake (its own message, and no other's).
    """
    right = "answered" if exercise.kind == "open" else "correct"
    found = [
        f"an untouched stub ({name}) is not reported as not attempted"
        for name, stub in _stubs(exercise)
        if exercise.judge(stub).state != "not attempted"
    ]
    for time in ("", " on the second try"):
        verdict = exercise.judge(exercise.reference)
        if verdict.state != right:
            found.append(f"the reference is not {right}{time}: {verdict.state}. {verdict.reason}")
    found += _solution_problems(exercise, right)
    for message, mistake in exercise.mistakes.items():
        found += _mistake_problems(exercise, message, mistake)
    return found


def _stubs(exercise: Exercise) -> list[tuple[str, Any]]:
    def stub(*args: Any, **kwargs: Any) -> Any: ...

    return [("...", ...), ("None", None), ("a function that is only ...", stub)]


def _solution_problems(exercise: Exercise, right: str) -> list[str]:
    inner = plain_function(exercise.reference)
    # A solution may use what its lesson's file imports, as the notebook does.
    space = dict(inner.__globals__) if inner is not None else {"np": np}
    try:
        exec(sources.source(exercise.reference, "solution_of_the_exercise"), space)
    except Exception as error:
        return [f"the printed solution does not run: {type(error).__name__}: {error}"]
    verdict = exercise.judge(space["solution_of_the_exercise"])
    return [] if verdict.state == right else [f"the printed solution is not {right}: {verdict.reason}"]


def _mistake_problems(exercise: Exercise, message: str, mistake: Any) -> list[str]:
    example = mistake.example if isinstance(mistake, Region) else mistake
    verdict = exercise.judge(example)
    if verdict.state == "correct":
        return [f"the mistake {message!r} is judged correct: it equals the reference on the inputs"]
    if verdict.state != "tried" or verdict.mistake is None:
        return [f"the mistake {message!r} is not recognised: {verdict.state}. {verdict.reason}"]
    if verdict.mistake != message:
        return [f"the mistake {message!r} is taken for {verdict.mistake!r}: equal on the inputs"]
    later = list(exercise.mistakes)[list(exercise.mistakes).index(message) + 1 :]
    return [
        f"the mistake {message!r} also falls into the region of {other!r}"
        for other in later
        if isinstance(region := exercise.mistakes[other], Region) and region.holds(example)
    ]
