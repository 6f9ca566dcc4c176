"""A short quiz: each option has its own feedback; it works with buttons, and without them through `answer`."""

from __future__ import annotations

import html
import re
from typing import Any

from course_utils import progress
from course_utils.exercises import registry
from course_utils.exercises.questions import LETTERS, Option, Question
from course_utils.validation import whole

# Radio buttons have rows of a fixed height: a long option would be written over the next one.
_STYLE = """<style>
.course-quiz .widget-radio-box label {height: auto; line-height: 1.4; margin: 2px 0; padding-left: 1.8em}
.course-quiz .widget-radio-box label {position: relative}
.course-quiz .widget-radio-box input {position: absolute; left: 0; top: 0.1em}
</style>"""
_WIDGET = "application/vnd.jupyter.widget-view+json"


class Quiz:
    """The questions of a lesson, ready to be shown (see `quiz`)."""

    def __init__(self, lesson: str, questions: tuple[Question, ...]) -> None:
        self.lesson = lesson
        self.questions = questions

    def __repr__(self) -> str:
        """Return the questions and options as plain text, without the answers."""
        blocks = [
            "\n".join(
                [
                    f"Question {number}. {question.text}",
                    *(f"  {letter}. {one.text}" for letter, one in _lettered(question)),
                ]
            )
            for number, question in enumerate(self.questions, start=1)
        ]
        return "\n\n".join([*blocks, f'answer("{self.lesson}", 1, "b") says what option b of question 1 is worth.'])

    def _repr_markdown_(self) -> str:
        blocks = [
            "\n".join(
                [
                    f"**Question {number}.** {question.text}\n",
                    *(f"- **{letter}** · {one.text}" for letter, one in _lettered(question)),
                ]
            )
            for number, question in enumerate(self.questions, start=1)
        ]
        call = f'`answer("{self.lesson}", 1, "b")`'
        return "\n\n".join(
            [*blocks, f"*Where no buttons are shown, {call} says what option b of question 1 is worth.*"]
        )

    def widget(self) -> Any:
        """Return the quiz as a new widget: for each question the options, a button, and a place for the feedback."""
        import ipywidgets

        blocks = [_block(ipywidgets, self.lesson, number, one) for number, one in enumerate(self.questions, start=1)]
        box = ipywidgets.VBox(blocks)
        box.add_class("course-quiz")
        return box

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # ipywidgets 7 shows its widgets through _ipython_display_, 8 through _repr_mimebundle_; a bundle of our own
        # that names the model is the same for both. The text stays in saved notebooks, where no kernel holds the model.
        return {
            "text/plain": repr(self),
            "text/markdown": self._repr_markdown_(),
            _WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self.widget().model_id},
        }


def quiz(lesson: str) -> Quiz:
    """Return the quiz of a lesson; as the last line of a cell it is shown.

    Parameters
    ----------
    lesson : str
        Two digits, such as ``"11"``.

    Raises
    ------
    TypeError, ValueError
        If there is no such lesson, or it has no quiz.
    """
    return Quiz(lesson, _questions(lesson))


def answer(lesson: str, number: int, letter: str) -> None:
    """Print what an option is worth, where the buttons of the quiz cannot be used.

    Parameters
    ----------
    lesson : str
        Two digits, such as ``"11"``.
    number : int
        The question, from 1.
    letter : str
        The option, from ``"a"``.

    Raises
    ------
    TypeError, ValueError
        If there is no such lesson, question or option.
    """
    questions = _questions(lesson)
    number = whole("number", number, least=1, most=len(questions))
    question = questions[number - 1]
    allowed = LETTERS[: len(question.options)]
    chosen = letter.strip().lower() if isinstance(letter, str) else letter
    if not isinstance(chosen, str) or len(chosen) != 1 or chosen not in allowed:
        kind = ValueError if isinstance(letter, str) else TypeError
        raise kind(f"letter must be one of {', '.join(map(repr, allowed))}; got {letter!r:.80}")
    option = question.options[allowed.index(chosen)]
    print(f"Question {number}, option {chosen}: {_verdict(option)} {option.feedback}")
    _remember(lesson, number, option)


def _questions(lesson: str) -> tuple[Question, ...]:
    found = registry.lesson(lesson).questions
    if not found:
        raise ValueError(f"lesson must be one that has a quiz; got {lesson!r}")
    return found


def _lettered(question: Question) -> list[tuple[str, Option]]:
    return list(zip(LETTERS, question.options, strict=False))


def _verdict(option: Option) -> str:
    return "right." if option.right else "not quite."


def _remember(lesson: str, number: int, option: Option) -> None:
    def better(before: Any) -> dict[str, Any]:
        entry = dict(before) if isinstance(before, dict) else {}
        return {**entry, "right": option.right or entry.get("right") is True}

    progress.revise("quiz", f"{lesson}.{number}", better)


def _block(widgets: Any, lesson: str, number: int, question: Question) -> Any:
    """Return one question as a widget. The button keeps arrow keys free to read the options before one is chosen."""
    wide = widgets.Layout(width="auto", max_width="100%")
    head = widgets.HTMLMath(
        f"{_STYLE if number == 1 else ''}<b>Question {number}.</b> {_rich(question.text)}", layout=wide
    )
    radio = widgets.RadioButtons(
        options=[(f"{letter}. {one.text}", index) for index, (letter, one) in enumerate(_lettered(question))],
        index=None,
        description=f"Answer {number}:",
        layout=widgets.Layout(width="auto", max_width="100%"),
    )
    button = widgets.Button(description=f"Check answer {number}")
    # The place keeps its height, so that what follows does not jump when the feedback appears.
    place = widgets.HTMLMath(_live(""), layout=widgets.Layout(width="auto", max_width="100%", min_height="2.5em"))

    def tell(_: Any) -> None:
        if radio.index is None:
            place.value = _live("Choose an option first.")
            return
        option = question.options[radio.index]
        place.value = _live(f"<b>{_verdict(option).capitalize()}</b> {_rich(option.feedback)}")
        _remember(lesson, number, option)

    button.on_click(tell)
    return widgets.VBox([head, radio, button, place])


def _live(inside: str) -> str:
    """Return HTML that a screen reader reads out when it changes (an alert is read when it appears, too)."""
    return f'<div role="alert" aria-live="polite">{inside}</div>'


def _rich(words: str) -> str:
    """Return a sentence with `code` and *emphasis* as HTML; all else is shown as it stands."""
    words = html.escape(words, quote=False)
    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", words)
    return re.sub(r"\*([^*\s](?:[^*]*[^*\s])?)\*", r"<em>\1</em>", words)
