"""What a sweep asks and what it has found: points, records, and means over the seeds."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate, estimate

Values = dict[str, npt.NDArray[Any]]


def plain(name: str, value: Any) -> Any:
    """Return a setting's value as plain Python: a number, text, truth value, None, or a tuple of those.

    Raises
    ------
    TypeError, ValueError
        If it is something else, or not a number (NaN): then no two sweeps could agree that it is the same setting.

    Examples
    --------
    >>> import numpy as np
    >>> plain("widths", np.array([3, 4])), plain("rate", np.float32(0.5))
    ((3, 4), 0.5)
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple, range)):
        return tuple(plain(name, part) for part in value)
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise TypeError(
            f"the setting {name} must be a number, text, True, False, None or a list of those; "
            f"got {value!r:.80}, a {type(value).__name__}"
        )
    if isinstance(value, float) and math.isnan(value):
        raise ValueError(f"the setting {name} must not be NaN")
    return value


@dataclass(frozen=True, eq=False)
class Point:
    """One setting with one seed: what a sweep computes, keeps, and can lose.

    Two points are the same if their `digest` is; they do not compare equal otherwise (for Python 1 == 1.0 == True).

    Parameters
    ----------
    setting : mapping
        The function's arguments by name, as `plain` returns them.
    seed : int
        The seed that the sweep was asked for.
    """

    setting: Mapping[str, Any]
    seed: int

    def digest(self, *more: str) -> bytes:
        """Return 32 bytes that depend on the setting, the seed and more text, and on nothing else."""
        written = json.dumps([dict(self.setting), self.seed, *more], sort_keys=True)
        return hashlib.sha256(written.encode()).digest()

    @property
    def stream(self) -> int:
        """The seed that the function gets: its own for each point, whatever else is in the sweep and in which order."""
        words = np.frombuffer(self.digest(), "<u4").tolist()
        return int(np.random.SeedSequence(words).generate_state(1, np.uint64)[0] >> np.uint64(1))

    def __str__(self) -> str:
        """Return the point in words."""
        return ", ".join(f"{name}={value!r}" for name, value in [*self.setting.items(), ("seed", self.seed)])


def packed(returned: Any) -> Values:
    """Return what the function gave back as arrays by name; a lone number is called ``value``.

    Raises
    ------
    TypeError
        If it is neither a number, an array or text, nor a mapping of names to those.
    """
    table = returned if isinstance(returned, Mapping) else {"value": returned}
    values = {}
    for name, value in table.items():
        if hasattr(value, "detach"):  # a torch tensor
            value = value.detach().cpu()
        array = np.asarray(value)
        if not isinstance(name, str) or array.dtype.kind not in "biufcU":
            raise TypeError(
                "the function must return a number, an array, text, or a dictionary of those by name; "
                f"got {name!r}: {value!r:.80}, a {type(value).__name__}"
            )
        values[name] = array
    return values


class SweepError(RuntimeError):
    """Some points of a sweep failed; all others were computed, and are in ``result``.

    Attributes
    ----------
    result : SweepResult
        The points that did not fail.
    failures : dict
        What went wrong, by `Point`.
    """

    def __init__(self, result: SweepResult, failures: Mapping[Point, str]) -> None:
        """Name the failed settings."""
        self.result, self.failures = result, dict(failures)
        lines = [f"{point}: {reason}" for point, reason in self.failures.items()]
        shown = "\n".join(lines[:5]) + (f"\nand {len(lines) - 5} more" if len(lines) > 5 else "")
        super().__init__(
            f"{len(lines)} of {len(result.records) + len(result.missing)} points failed "
            f"(the others are kept: see .result of this error)\n{shown}"
        )


@dataclass(frozen=True)
class SweepResult:
    """What a sweep has found.

    Attributes
    ----------
    settings : tuple of dict
        The settings, in the order of the grid.
    shape : tuple of int
        The grid's shape: ``np.reshape([e.mean for e in result.estimates("energy")], result.shape)`` is a map.
    records : tuple of dict
        One for each point that was computed: the setting, ``seed``, and the values by name.
    missing : tuple of Point
        What was not computed: failed, or not reached before an interruption. Run the sweep again to go on.
    """

    settings: tuple[dict[str, Any], ...]
    shape: tuple[int, ...]
    records: tuple[dict[str, Any], ...]
    missing: tuple[Point, ...] = ()

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the records as a table: one array for each name, one entry for each record.

        Raises
        ------
        ValueError
            If there is no record, or the records do not have the same names and shapes.
        """
        names = list(self.records[0]) if self.records else []
        if not names or any(list(record) != names for record in self.records):
            raise ValueError("columns need records that all have the same names; see .records")
        return {name: np.array([record[name] for record in self.records]) for name in names}

    def estimates(self, name: str) -> list[Estimate]:
        """Return mean and standard error over the seeds, one `Estimate` for each setting, in the order of the grid.

        Parameters
        ----------
        name : str
            The name under which the function returned a number; ``"value"`` if it returned a lone one.

        Raises
        ------
        ValueError
            If a setting has no such number, or fewer than two seeds, or one that is not finite.
        """
        found: dict[str, list[Any]] = {str(setting): [] for setting in self.settings}
        for record in self.records:
            if name not in record:
                raise ValueError(f"name must be one of {', '.join(map(repr, record))}; got {name!r}")
            found[str({key: record[key] for key in self.settings[0]})].append(record[name])
        curve = []
        for setting, draws in found.items():
            try:
                curve.append(estimate(np.array(draws, dtype=float)))
            except (TypeError, ValueError) as error:
                raise ValueError(
                    f"{name} must be one finite number for each of at least 2 seeds; at {setting} it is {draws!r:.80}"
                ) from error
        return curve


def assembled(
    settings: Iterable[dict[str, Any]], shape: tuple[int, ...], points: Iterable[Point], found: Mapping[Point, Values]
) -> SweepResult:
    """Return the result in the order of the points, not in the order in which they were finished."""
    records, missing = [], []
    for point in points:
        if point in found:
            values = {name: value.item() if value.ndim == 0 else value for name, value in found[point].items()}
            records.append({**point.setting, "seed": point.seed, **values})
        else:
            missing.append(point)
    return SweepResult(tuple(settings), shape, tuple(records), tuple(missing))
