"""A question of a quiz and the options to choose from: tested when they are made."""

from __future__ import annotations

import string
from dataclasses import dataclass

from course_utils.validation import text

LETTERS = string.ascii_lowercase
"""What the options of a question are called."""


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen.

    Parameters
    ----------
    text : str
        The answer. Plain text: radio buttons show neither Markdown nor LaTeX.
    right : bool
        Whether it is right.
    feedback : str
        What somebody who chose it should hear.
    """

    text: str
    right: bool
    feedback: str

    def __post_init__(self) -> None:
        """Test the arguments."""
        text("text", self.text)
        if not isinstance(self.right, bool):
            raise TypeError(f"right must be True or False; got {self.right!r:.80}")
        text("feedback", self.feedback)


@dataclass(frozen=True)
class Question:
    """A question with three options or more, at least one of them right and one wrong.

    Parameters
    ----------
    text : str
        The question; ``*emphasis*``, ```code``` and ``$LaTeX$`` are shown as such.
    options : tuple of Option
        Different texts, and a different feedback for each wrong one.
    """

    text: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        """Test the arguments."""
        text("text", self.text)
        if not isinstance(self.options, tuple) or not all(isinstance(one, Option) for one in self.options):
            raise TypeError(f"options must be a tuple of Option objects; got {self.options!r:.80}")
        if not 3 <= len(self.options) <= len(LETTERS):
            raise ValueError(f"options must be 3 to {len(LETTERS)}; got {len(self.options)}")
        right = sum(one.right for one in self.options)
        if right == 0 or right == len(self.options):
            raise ValueError(
                f"options must hold a right one and a wrong one at least; got {right} right of {len(self.options)}"
            )
        if len({one.text.strip() for one in self.options}) < len(self.options):
            raise ValueError("options must have different texts; got one twice")
        wrong = [one.feedback.strip() for one in self.options if not one.right]
        if len(set(wrong)) < len(wrong):
            raise ValueError("options that are wrong must each have a feedback of their own; got one twice")
