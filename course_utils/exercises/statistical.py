"""A random attempt is compared by statistics of its results, within standard errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils import validation
from course_utils.exercises import differences
from course_utils.exercises.attempts import AttemptError, call, shown
from course_utils.exercises.inputs import Call, Inputs, calls, said, tested


@dataclass(frozen=True, eq=False)
class WithinStandardErrors:
    """The attempt is random; its statistics must agree with the reference's (see `within_standard_errors`)."""

    inputs: Inputs
    statistics: Mapping[str, Callable[[Any], Any]]
    draws: int
    errors: float
    seed: str
    needs_function = True

    def calls(self) -> list[Call]:
        """Return the arguments of one call for every input, with a generator."""
        return [(args, {**kwargs, self.seed: np.random.default_rng(0)}) for args, kwargs in calls(self.inputs)]

    def observe(self, attempt: Any, names: Sequence[str]) -> list[dict[str, tuple[Any, Any]]]:
        """Call the attempt ``draws`` times on every input; return mean and standard error of each statistic."""
        observed = []
        for index, (args, kwargs) in enumerate(calls(self.inputs)):
            where = said((args, kwargs), names)
            rows: dict[str, list[Any]] = {name: [] for name in self.statistics}
            for draw in range(self.draws):
                seeded = {**kwargs, self.seed: np.random.default_rng([index, draw])}
                result = call(attempt, args, seeded, where)
                for name, statistic in self.statistics.items():
                    rows[name].append(_statistic(name, statistic, result, where))
            observed.append({name: _mean_and_error(name, values, where) for name, values in rows.items()})
        return observed

    def agree(self, got: Any, expected: Any) -> bool:
        """Tell whether all statistics agree."""
        return self._first_apart(got, expected) is None

    def relate(self, got: Any, expected: Any) -> str:
        """Return nothing: with error bars, no rule is exact."""
        return ""

    def describe(self, got: Any, expected: Any, names: Sequence[str]) -> str:
        """Name the first statistic that is off, with both error bars."""
        apart = self._first_apart(got, expected)
        if apart is None:
            return ""
        index, name = apart
        where = said(calls(self.inputs)[index], names)
        (mine, mine_error), (right, right_error) = got[index][name], expected[index][name]
        if mine.shape != right.shape:
            return f"The {name} of your result has shape {mine.shape} where {right.shape} is expected, for {where}"
        place = tuple(
            int(axis) for axis in np.unravel_index(np.argmax(self._apart(got, expected, index, name)), mine.shape)
        )
        spot = f" at [{', '.join(map(str, place))}]" if place else ""
        return (
            f"The {name} of your result{spot} is {mine[place]:.4g} ± {mine_error[place]:.1g}, "
            f"expected {right[place]:.4g} ± {right_error[place]:.1g}, for {where}"
        )

    def _apart(self, got: Any, expected: Any, index: int, name: str) -> npt.NDArray[np.bool_]:
        (mine, mine_error), (right, right_error) = got[index][name], expected[index][name]
        if mine.shape != right.shape:
            return np.array(True)
        # What does not fluctuate at all still carries rounding errors.
        allowed = self.errors * np.hypot(mine_error, right_error) + 1e-9 * np.abs(right) + 1e-12
        return ~(np.abs(mine - right) <= allowed)

    def _first_apart(self, got: Any, expected: Any) -> tuple[int, str] | None:
        for index in range(len(expected)):
            for name in self.statistics:
                if self._apart(got, expected, index, name).any():
                    return index, name
        return None


def within_standard_errors(
    inputs: Inputs,
    statistics: Mapping[str, Callable[[Any], Any]],
    *,
    draws: int = 64,
    errors: float = 4.0,
    seed: str = "seed",
) -> WithinStandardErrors:
    """Judge a random function by statistics of its results.

    Parameters
    ----------
    inputs : sequence, or a function that returns one
        As for `agrees_on`, without the seed.
    statistics : mapping
        From a name (``"variance"``) to a function that turns one result into a number or an array of numbers.
    draws : int
        How many independent calls, at least 8; the standard errors are over these.
    errors : float
        How many standard errors of the difference are allowed.
    seed : str
        The argument through which a `numpy.random.Generator` is handed over.
    """
    if not isinstance(statistics, Mapping) or not statistics:
        raise TypeError(f"statistics must be a dictionary from names to functions; got {statistics!r:.80}")
    for name, statistic in statistics.items():
        validation.text("a name in statistics", name)
        validation.function(f"statistics[{name!r}]", statistic)
    draws = validation.whole("draws", draws, least=8)
    errors = validation.positive("errors", errors)
    return WithinStandardErrors(tested(inputs), dict(statistics), draws, errors, validation.text("seed", seed))


def _statistic(name: str, statistic: Callable[[Any], Any], result: Any, where: str) -> npt.NDArray[Any]:
    if result is None:
        raise AttemptError("Your function returns None: is a `return` missing?")
    try:
        value = differences.numbers(statistic(result))
    except Exception:  # whatever a statistic makes of a strange result is the learner's to hear, not a traceback
        value = None
    if value is None or value.dtype.kind == "c":
        raise AttemptError(f"Your function returns {shown(result)}, which has no {name}, for {where}")
    return value


def _mean_and_error(name: str, values: list[Any], where: str) -> tuple[Any, Any]:
    if len({value.shape for value in values}) > 1:
        raise AttemptError(f"The {name} of your result changes its shape from call to call, for {where}")
    stacked = np.stack(values).astype(float)
    return stacked.mean(axis=0), stacked.std(axis=0, ddof=1) / np.sqrt(len(values))
