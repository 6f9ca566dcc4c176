"""An exercise: what is asked, how an attempt is judged, and the mistakes that are known by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from course_utils import validation
from course_utils.exercises import differences, sources
from course_utils.exercises.attempts import (
    AttemptError,
    call_problem,
    has_blank,
    plain_function,
    quiet,
    shown,
    untouched,
)
from course_utils.exercises.comparisons import Comparison, Region, Satisfies, exactly
from course_utils.exercises.inputs import parameter_names

DIFFICULTIES = ("gentle", "easy", "moderate", "hard", "very hard")
KINDS = ("code", "regime", "open")
LEAST_WORDS = 5
"""An answer in words that is shorter says nothing that could be compared."""

State = Literal["not attempted", "tried", "correct", "answered"]


@dataclass(frozen=True)
class Verdict:
    """What is said about one attempt.

    Parameters
    ----------
    state : str
        ``"not attempted"``, ``"tried"`` (and wrong), ``"correct"``, or ``"answered"`` (an open question).
    reason : str
        Why, in a sentence; empty where there is nothing to add.
    mistake : str, optional
        The typical mistake that was recognised.
    """

    state: State
    reason: str = ""
    mistake: str | None = None


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise of a lesson.

    Parameters
    ----------
    id : str
        Lesson and number, such as ``"11.2"``; it stays the same for ever.
    title : str
        A few words.
    difficulty : int
        From 1 (gentle) to 5 (very hard).
    minutes : int
        What a learner needs, roughly.
    reference : function or value
        The solution. For a question without an automatic verdict: what a good answer says. A function must be written
        with ``def``, since its source is what the learner is shown.
    check : comparison, optional
        ``agrees_on(inputs, exactly)``, ``agrees(closely(0.01))``, ``within_standard_errors(...)`` for code;
        ``satisfies(predicate)`` for a regime; nothing for an open question.
    mistakes : mapping, optional
        From what is said about a typical mistake to a function (or value, or `Region`) that makes exactly that mistake.
    hints : tuple of three str
        From a push to nearly the solution.
    kind : str
        ``"code"``, ``"regime"`` (find a value that brings something about) or ``"open"`` (an answer in words).

    Examples
    --------
    >>> from course_utils.exercises import agrees_on, exactly
    >>> def double(x):
    ...     return 2 * x
    >>> exercise = Exercise("99.1", "Twice", 1, 2, double, agrees_on([1, 2]), {"once is not twice": lambda x: x},
    ...                     ("Add.", "Add x.", "x + x"))
    >>> exercise.difficulty_word, exercise.judge(lambda x: x).mistake
    ('gentle', 'once is not twice')
    """

    id: str
    title: str
    difficulty: int
    minutes: int
    reference: Any
    check: Comparison | Satisfies | None = None
    mistakes: Mapping[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    kind: Literal["code", "regime", "open"] = "code"

    def __post_init__(self) -> None:
        """Test the arguments."""
        validation.text("id", self.id)
        if not re.fullmatch(r"\d\d\.[1-9]\d?", self.id):
            raise ValueError(f'id must be lesson and number, such as "11.2"; got {self.id!r}')
        validation.text("title", self.title)
        validation.whole("difficulty", self.difficulty, least=1, most=len(DIFFICULTIES))
        validation.whole("minutes", self.minutes, least=1)
        validation.one_of("kind", self.kind, KINDS)
        self._validate_hints()
        self._validate_reference()
        self._validate_check()
        self._validate_mistakes()
        # A dictionary that is changed afterwards must not change the exercise.
        object.__setattr__(self, "mistakes", MappingProxyType(dict(self.mistakes)))

    def _validate_hints(self) -> None:
        if not isinstance(self.hints, tuple) or len(self.hints) != 3:
            raise ValueError(f"hints must be a tuple of exactly three sentences; got {self.hints!r:.80}")
        for level, hint in enumerate(self.hints, start=1):
            validation.text(f"hint {level}", hint)
        if len(set(self.hints)) < 3:
            raise ValueError("hints must be three different sentences; got one twice")

    def _validate_reference(self) -> None:
        if untouched(self.reference) or has_blank(self.reference):
            raise ValueError(f"reference must be a solution; got {shown(self.reference)}, which is an untouched stub")
        if self.kind == "open":
            validation.text("reference", self.reference)
        elif callable(self.reference):
            inner = plain_function(self.reference)
            if inner is None or inner.__name__ == "<lambda>":
                raise ValueError(
                    "reference must be a function written with def, or a value; got something without a source"
                )
        else:
            sources.literal(self.reference)

    def _validate_check(self) -> None:
        if self.kind == "open":
            if self.check is not None:
                raise ValueError("check must be left out for an open question: it gets no automatic verdict")
        elif self.kind == "regime":
            if not isinstance(self.check, Satisfies):
                raise TypeError(f"check must be satisfies(predicate) for a regime; got {shown(self.check)}")
        elif self.check is None or isinstance(self.check, Satisfies) or not hasattr(self.check, "observe"):
            raise TypeError(f"check must be a comparison such as agrees_on(inputs, exactly); got {shown(self.check)}")
        elif self.check.needs_function != callable(self.reference):
            wants = "a function" if self.check.needs_function else "a value"
            raise TypeError(f"reference must be {wants} for this check; got {shown(self.reference)}")

    def _validate_mistakes(self) -> None:
        if not isinstance(self.mistakes, Mapping):
            raise TypeError(f"mistakes must be a dictionary from messages to mistakes; got {shown(self.mistakes)}")
        if self.kind == "open" and self.mistakes:
            raise ValueError("mistakes must be left out for an open question: it gets no automatic verdict")
        if self.kind == "code" and not self.mistakes:
            raise ValueError("mistakes must name at least one typical mistake; got none")
        for message, mistake in self.mistakes.items():
            validation.text("a message in mistakes", message)
            if callable(self.reference) and not callable(mistake):
                raise TypeError(f"the mistake {message!r} must be a function like the reference; got {shown(mistake)}")
            if not callable(self.reference) and callable(mistake):
                raise TypeError(f"the mistake {message!r} must be a value like the reference; got a function")

    @property
    def lesson(self) -> str:
        """The lesson's number, such as ``"11"``."""
        return self.id[:2]

    @property
    def difficulty_word(self) -> str:
        """The difficulty in words."""
        return DIFFICULTIES[self.difficulty - 1]

    @property
    def card(self) -> str:
        """The line above the stub, in Markdown."""
        unit = "minute" if self.minutes == 1 else "minutes"
        return f"**Exercise {self.id} · {self.title} · {self.difficulty_word} · {self.minutes} {unit}**"

    def judge(self, attempt: Any) -> Verdict:
        """Return the verdict on an attempt; whatever the attempt does, this does not raise."""
        if untouched(attempt):
            return Verdict("not attempted")
        if has_blank(attempt):
            return Verdict("not attempted", "A `...` still stands in your function, where something is to be filled in")
        if self.kind == "open":
            return _answer(self, attempt)
        try:
            with quiet():
                return _regime(self, attempt) if isinstance(self.check, Satisfies) else _code(self, attempt)
        except AttemptError as failure:
            if failure.unfinished:
                return Verdict("not attempted", "Your function still raises NotImplementedError")
            return Verdict("tried", str(failure))


def _answer(exercise: Exercise, attempt: Any) -> Verdict:
    if not isinstance(attempt, str):
        return Verdict("tried", f"Your answer should be a text in quotes, but it is {shown(attempt)}")
    if len(attempt.split()) < LEAST_WORDS:
        return Verdict("tried", "A sentence or two are asked for")
    return Verdict("answered", f"Compare it with this: {exercise.reference.strip()}")


def _regime(exercise: Exercise, attempt: Any) -> Verdict:
    assert isinstance(exercise.check, Satisfies)
    problem = differences.kind_problem(attempt, exercise.reference)
    if problem:
        return Verdict(
            "tried", problem.replace("Your function returns", "Your answer is").replace("Your result", "Your answer")
        )
    happened = _asked(exercise.check.judge, attempt)
    if happened == "":
        return Verdict("correct")
    for message, mistake in exercise.mistakes.items():
        same = mistake.holds if isinstance(mistake, Region) else _equal_to(mistake)
        if _asked(same, attempt):
            return Verdict("tried", message, message)
    return Verdict("tried", f"{shown(attempt)} does not do it" if happened == "no" else happened)


def _asked(question: Callable[[Any], Any], attempt: Any) -> Any:
    """Ask a predicate of ours about a value of the learner's, which may be anything."""
    try:
        return question(attempt)
    except Exception as error:
        reason = str(error).split("\n")[0] or type(error).__name__
        raise AttemptError(f"{shown(attempt)} cannot be tried out: {reason}") from None


def _equal_to(mistake: Any) -> Callable[[Any], bool]:
    return lambda attempt: exactly(attempt, mistake)


def _code(exercise: Exercise, attempt: Any) -> Verdict:
    check, reference = exercise.check, exercise.reference
    assert check is not None
    assert not isinstance(check, Satisfies)
    if check.needs_function and not callable(attempt):
        return Verdict("tried", f"A function is asked for, but this is {shown(attempt)}: hand over the function itself")
    if not check.needs_function and callable(attempt):
        return Verdict("tried", "A value is asked for, but this is a function: call it, and hand over what it returns")
    names: tuple[str, ...] = ()
    if check.needs_function:
        names = parameter_names(reference)
        problem = call_problem(attempt, reference, check.calls())
        if problem:
            return Verdict("tried", problem)
    got = check.observe(attempt, names)
    expected = check.observe(reference, names)
    if check.agree(got, expected):
        return Verdict("correct")
    for message, mistake in exercise.mistakes.items():
        if check.agree(got, check.observe(mistake, names)):
            rule = check.relate(got, expected)
            return Verdict("tried", f"{rule}: {message}" if rule else message, message)
    return Verdict("tried", check.describe(got, expected, names))
