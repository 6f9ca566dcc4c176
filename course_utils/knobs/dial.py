"""One thing that can be turned: its range, where it starts, and what it is called."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

from course_utils.knobs.words import listed
from course_utils.validation import positive, real, whole


def _text(name: str, value: Any) -> None:
    """Raise unless ``value`` is a string; an empty one is allowed."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, possibly empty; got {value!r}, a {type(value).__name__}")


@dataclass(frozen=True)
class Knob:
    """A quantity that the learner may turn, from ``low`` to ``high``.

    It counts in whole numbers when ``low``, ``high`` and ``start`` (and ``step``, if given) are all of type int, and
    is continuous otherwise.

    Parameters
    ----------
    low, high : float or int
        The ends of the range, both allowed; ``low`` below ``high``.
    start : float or int
        Where it stands at first, and where the reset button puts it back.
    step : float or int, optional
        How far one key press moves it: in the unit of the knob, or in decades when ``log`` is set. Left out, about a
        hundredth of the range, rounded to 1, 2 or 5.
    unit : str
        The unit, as in ``"J/k_B"``; empty for a pure number.
    symbol : str
        The symbol in the equations, as in ``"T"``.
    label : str
        The words; left out, the panel takes the name of the function's argument.
    log : bool
        Whether equal distances on the slider are equal factors; ``low`` is then above zero.

    Raises
    ------
    TypeError, ValueError
        If a limit is no finite number, the limits are not in order, ``start`` is outside them, or ``step`` is not
        positive.

    Examples
    --------
    >>> temperature = Knob(1.5, 3.5, 2.27, unit="J/k_B", symbol="T")
    >>> temperature.description("temperature"), temperature.setting("temperature", 3)
    ('temperature T / (J/k_B)', 'T = 3 J/k_B')
    >>> Knob(1.5, 3.5, 4.0)
    Traceback (most recent call last):
    ...
    ValueError: start must be a finite number at least 1.5 and at most 3.5; got 4.0
    """

    low: float
    high: float
    start: float
    step: float | None = None
    unit: str = ""
    symbol: str = ""
    label: str = ""
    log: bool = False

    def __post_init__(self) -> None:
        """Check all that was given."""
        low = real("low", self.low)
        high = real("high", self.high, above=low)
        real("start", self.start, least=low, most=high)
        if self.step is not None:
            positive("step", self.step)
            real("step", self.step, most=math.log10(high / low) if self.log and low > 0 else high - low)
        if not isinstance(self.log, bool):
            raise TypeError(f"log must be True or False; got {self.log!r}, a {type(self.log).__name__}")
        if self.log:
            real("low", low, above=0)
        for name in ("unit", "symbol", "label"):
            _text(name, getattr(self, name))

    @property
    def integer(self) -> bool:
        """Whether the knob counts in whole numbers."""
        numbers_given = [self.low, self.high, self.start]
        if self.step is not None and not self.log:
            numbers_given.append(self.step)
        return all(isinstance(number, numbers.Integral) for number in numbers_given)

    @property
    def stride(self) -> float:
        """How far one key press on the slider moves it (decades when ``log``)."""
        if self.step is not None:
            return self.step
        span = math.log10(self.high / self.low) if self.log else float(self.high) - float(self.low)
        decade = 10.0 ** math.floor(math.log10(span / 100))
        stride = next(
            decade * round_number for round_number in (1, 2, 5, 10) if decade * round_number >= span / 100.001
        )
        return max(1, round(stride)) if self.integer and not self.log else float(f"{stride:.12g}")

    def accept(self, name: str, value: Any) -> float:
        """Return ``value`` in the knob's own type if it lies in the range; otherwise say what does.

        Raises
        ------
        TypeError, ValueError
            If it does not.
        """
        if self.integer:
            return whole(name, value, least=int(self.low), most=int(self.high))
        return real(name, value, least=float(self.low), most=float(self.high))

    def tidy(self, raw: float) -> float:
        """Return the value that a slider means: whole where the knob is, free of binary dust, inside the range."""
        digits = 3 if self.log else 12
        value = round(raw) if self.integer else float(f"{raw:.{digits}g}")
        return min(max(value, self.low), self.high)

    def name(self, argument: str) -> str:
        """Return the words for the quantity."""
        return self.label or argument.replace("_", " ")

    def description(self, argument: str) -> str:
        """Return words, symbol and unit, as on an axis."""
        unit = f"({self.unit})" if "/" in self.unit else self.unit
        return f"{self.name(argument)} {self.symbol}".strip() + (f" / {unit}" if unit else "")

    def setting(self, argument: str, *values: float) -> str:
        """Return "T = 2.27 J", or "T = 1.8, 2.27 and 3 J" for several values."""
        number = listed([f"{value:.6g}" for value in values])
        return f"{self.symbol or self.name(argument)} = {number} {self.unit}".strip().replace("-", "−")
