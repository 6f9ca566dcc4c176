"""Predict, then measure: a guess that the learner commits to before the result, kept for the figure and for later."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from course_utils.knobs.bundles import Bundled, heading
from course_utils.knobs.controls import Control
from course_utils.knobs.dial import Knob
from course_utils.validation import one_of, text

SECTION = "predictions"
"""Where the progress file keeps the guesses."""

Guess = float | str


class Prediction(Bundled):
    """A question with a place for the learner's guess. Made by `predict`, which checks what goes in.

    Attributes
    ----------
    value : float, int, str or None
        The guess; None until the learner commits to one.
    unit : str
        The unit of the guess; empty for a pure number or a choice.
    label : str
        Words for a mark in a figure, as in "your guess: 2.6 J".
    """

    def __init__(self, identity: str, question: str, knob: Knob | None, options: Sequence[str], unit: str) -> None:
        self._identity, self._knob, self._options = identity, knob, tuple(options)
        self.question, self.unit = question, unit
        self._value: Guess | None = None
        self._entry = Control(knob, knob.description("your guess"), lambda: None) if knob else self._choices()
        self._button = widgets.Button(description="Commit", layout=widgets.Layout(width="150px"))
        self._button.on_click(self._committed)
        self._status = widgets.HTML(layout=widgets.Layout(min_height="32px"))
        above = heading(f'<span style="line-height:24px"><strong>Predict.</strong> {escape(question)}</span>')
        super().__init__([above, self._entry, self._button, self._status])
        self._restore()
        self._report()

    def _choices(self) -> Any:
        # with value=None nothing is selected: a preselected answer would be a hint
        return widgets.RadioButtons(
            options=self._options, value=None, layout=widgets.Layout(width="auto", max_width="100%")
        )

    @property
    def value(self) -> Guess | None:
        """The guess, or None before the learner has committed to one."""
        return self._value

    @property
    def label(self) -> str:
        """Words for a mark in a figure."""
        return "no guess made" if self._value is None else f"your guess: {self._shown(self._value)}"

    @property
    def sentence(self) -> str:
        """A sentence for a caption: "Your guess was 2.6 J.", or, for a choice, "Your guess: 'it grows'."."""
        if self._value is None:
            return "You made no guess."
        return f"Your guess: '{self._value}'." if self._knob is None else f"Your guess was {self._shown(self._value)}."

    def commit(self, value: Guess) -> None:
        """Keep a guess, also after a restart; a later one replaces it.

        Parameters
        ----------
        value : float, int or str
            A number in the range, or one of the options.

        Raises
        ------
        TypeError, ValueError
            If it is neither; then what was kept before stays.
        """
        from course_utils.progress import record

        self._take(value)
        record(SECTION, self._identity, self._value)
        self._report()

    def _take(self, value: Any) -> None:
        if self._knob is None:
            self._value = one_of("value", value, self._options)
            self._entry.value = self._value
        else:
            self._value = self._knob.accept("value", value)
            self._entry.put(self._value)

    def _restore(self) -> None:
        """Show the guess of an earlier session; one that no longer fits the question is passed over."""
        from course_utils.progress import load

        section = load().get(SECTION)
        kept = section.get(self._identity) if isinstance(section, dict) else None
        if kept is not None:
            try:
                self._take(kept)
            except (TypeError, ValueError):
                self._value = None

    def _committed(self, _: Any) -> None:
        value = self._entry.value if self._knob is None else self._entry.setting
        if value is None:
            self._say("Choose one of the answers first.")
        else:
            self.commit(value)

    def _report(self) -> None:
        if self._value is None:
            self._say("No guess yet. It is kept when you commit.")
            return
        self._button.description = "Change my guess"
        self._say(f"Kept: {self._shown(self._value)}. Run the cells below to see it beside the result.")

    def _say(self, sentence: str) -> None:
        self._status.value = f'<div role="status" aria-live="polite" style="line-height:24px">{escape(sentence)}</div>'

    def _shown(self, value: Guess) -> str:
        if isinstance(value, str):
            return value
        return f"{value:.6g} {self.unit}".strip().replace("-", "−")

    def _standing_in(self) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._knob is None:
            takes = "one of " + ", ".join(map(repr, self._options))
        else:
            takes = f"a number from {self._shown(self._knob.low)} to {self._shown(self._knob.high)}"
        state = "No guess yet." if self._value is None else self.sentence
        how = (
            f"Your guess is {takes}. Where no controls appear, add `.commit(...)` with your guess to the last line of "
            "the cell."
        )
        plain = f"Predict. {self.question} {how} {state}"
        markdown = f"**Predict.** {escape(self.question, quote=False)}\n\n{how} {state}"
        return {"text/markdown": markdown, "text/plain": plain}, {}

    def __repr__(self) -> str:
        """Return the name and the guess."""
        return f"<Prediction {self._identity!r}: {self._value!r}>"


def _range_knob(low: Any, high: Any, unit: str, step: Any) -> Knob:
    """Return the knob of a numeric guess; it starts in the middle, which gives nothing away."""
    if low is None or high is None:
        raise ValueError(
            f"low and high must both be given for a number, or options for a choice; got {low!r}, {high!r}"
        )
    knob = Knob(low, high, low, step=step, unit=unit)  # checks the range
    middle = low + knob.stride * round((high - low) / 2 / knob.stride)
    return Knob(low, high, knob.tidy(middle), step=step, unit=unit)


def _checked_options(options: Any) -> tuple[str, ...]:
    """Return two or more different answers."""
    takes = "options must be a list of two or more different answers (str)"
    if isinstance(options, (str, bytes)) or not isinstance(options, Sequence):
        raise TypeError(f"{takes}; got {options!r}, a {type(options).__name__}")
    answers = tuple(text(f"options[{place}]", option) for place, option in enumerate(options))
    if len(answers) < 2 or len(set(answers)) < len(answers):
        raise ValueError(f"{takes}; got {list(answers)!r}")
    return answers


def predict(
    id: str,  # noqa: A002
    question: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    step: float | None = None,
    options: Sequence[str] | None = None,
) -> Prediction:
    """Ask the learner for a guess before the result is seen.

    Give ``low`` and ``high`` for a number, or ``options`` for a choice. The guess is kept with the learner's progress
    and comes back after a restart. End the cell with the prediction itself, so that it is displayed.

    Parameters
    ----------
    id : str
        A stable name under which the guess is kept, as in ``"11.escape"``.
    question : str
        What is to be guessed.
    low, high : float or int, optional
        The range of a number; whole numbers if both, and ``step``, are of type int.
    unit : str
        Its unit.
    step : float or int, optional
        How far one key press moves the slider.
    options : list of str, optional
        Two or more answers to choose from.

    Raises
    ------
    TypeError, ValueError
        If a text is empty, the range is none, or both a range and options are given.

    Examples
    --------
    >>> guess = predict("example.escape", "How much longer does a walker wait?", low=1, high=100)
    >>> print(guess.value, "|", guess.label)
    None | no guess made
    """
    id, question = text("id", id).strip(), text("question", question).strip()  # noqa: A001
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, possibly empty; got {unit!r}, a {type(unit).__name__}")
    if options is None:
        return Prediction(id, question, _range_knob(low, high, unit, step), (), unit)
    if (low, high, step) != (None, None, None):
        raise ValueError(
            f"options must be given without low, high and step; got low={low!r}, high={high!r}, step={step!r}"
        )
    return Prediction(id, question, None, _checked_options(options), unit)
