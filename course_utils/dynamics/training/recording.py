"""What is kept of a training: observables at chosen steps, and a file from which it goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.validation import function, whole

Observable = Callable[[Any, int], Any]


def recorded_steps(record_at: int | Iterable[int] | None, steps: int) -> list[int]:
    """Return after which steps to record: the last; every so many, from 0 on; or the given ones in order.

    Raises
    ------
    TypeError, ValueError
        If an entry is not a whole number from 0 to ``steps``.

    Examples
    --------
    >>> recorded_steps(40, 100), recorded_steps(None, 100)
    ([0, 40, 80], [100])
    """
    if record_at is None:
        return [steps]
    if isinstance(record_at, str) or not isinstance(record_at, Iterable):
        return list(range(0, steps + 1, whole("record_at", record_at, most=steps)))
    return sorted({whole("record_at", step, least=0, most=steps) for step in record_at})


class Recorder:
    """Calls observables at chosen steps and keeps what they return.

    Parameters
    ----------
    observables : mapping of str to function
        Each takes the population and the number of steps done; it returns one number, or an array whose first axis is
        the networks.
    at : list of int
        After how many steps to record, in order.
    networks : int
        How many networks there are.

    Raises
    ------
    TypeError
        If something is not a mapping of names to functions.
    """

    def __init__(self, observables: Mapping[str, Observable] | None, at: list[int], networks: int) -> None:
        if observables is not None and not isinstance(observables, Mapping):
            raise TypeError(f"record must be a mapping from names to functions; got {observables!r}")
        self._observables = {str(n): function(f"record[{n!r}]", o) for n, o in (observables or {}).items()}
        self.at, self.networks, self.done = at, networks, 0
        self._values: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in self._observables}

    def also(self, name: str, observable: Observable) -> None:
        """Record this too, unless something of that name is recorded anyway."""
        if name not in self._observables:
            self._observables[name], self._values[name] = observable, []

    def look(self, population: Any, step: int) -> None:
        """Record if it is time to; all observables of a step or, after an interrupt, none.

        Raises
        ------
        ValueError
            If what an observable returns is neither one number nor has the networks as first axis.
        """
        if self.done == len(self.at) or self.at[self.done] != step:
            return
        fresh = {name: self._checked(name, see(population, step)) for name, see in self._observables.items()}
        for name, value in fresh.items():
            self._values[name].append(value)
        self.done += 1

    def _checked(self, name: str, value: Any) -> npt.NDArray[Any]:
        array = value.detach().cpu().numpy().copy() if isinstance(value, torch.Tensor) else np.array(value)
        if array.dtype.kind not in "biufc" or (array.ndim and array.shape[0] != self.networks):
            raise ValueError(
                f"record[{name!r}] must return one number, or an array with the {self.networks} networks first; "
                f"got shape {array.shape} of {array.dtype}"
            )
        return array

    def records(self) -> dict[str, npt.NDArray[Any]]:
        """Return what there is by name: (records,), or (networks, records, ...)."""
        result = {}
        for name, values in self._values.items():
            stacked = np.stack(values) if values else np.empty((0, self.networks))
            result[name] = stacked if stacked.ndim == 1 else np.moveaxis(stacked, 0, 1)
        return result

    def state(self) -> dict[str, Any]:
        """Return what was recorded, as plain data."""
        values = {name: [torch.from_numpy(np.asarray(v)) for v in kept] for name, kept in self._values.items()}
        return {"at": self.at[: self.done], "values": values}

    def load(self, state: dict[str, Any], step: int) -> None:
        """Take over what was recorded until ``step``.

        Raises
        ------
        ValueError
            If other observables or other steps are asked for now.
        """
        wanted, there = [one for one in self.at if one <= step], state["at"]
        if set(state["values"]) != set(self._values) or not set(wanted) <= set(there):
            raise ValueError(
                f"record and record_at must be as in the checkpoint, which holds {sorted(state['values'])} "
                f"at {len(there)} steps; got {sorted(self._values)} at {len(wanted)} steps until step {step}"
            )
        places = [there.index(one) for one in wanted]
        self._values = {name: [kept[place].numpy() for place in places] for name, kept in state["values"].items()}
        self.done = len(wanted)


def fingerprint(parts: Iterable[Any]) -> str:
    """Return a digest of tensors, arrays and anything whose repr says what it is."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, torch.Tensor):
            part = part.detach().cpu().numpy()
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode() + np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


class Checkpoint:
    """A file from which a training goes on.

    Parameters
    ----------
    path : str or Path
        Where it is; its folder must be there.
    every : int
        After how many steps it is written.
    mark : str
        Whose it is: a `fingerprint` of all that decides the training.

    Raises
    ------
    TypeError, ValueError
        If ``path`` is not a path, or there is no such folder.
    """

    def __init__(self, path: str | Path, every: int, mark: str) -> None:
        if not isinstance(path, (str, Path)):
            raise TypeError(f"checkpoint must be a path; got {path!r}, a {type(path).__name__}")
        self.path, self.every, self._mark = Path(path), every, mark
        if not self.path.parent.is_dir() or self.path.is_dir():
            raise ValueError(f"checkpoint must be a file in a folder that is there; got {str(path)!r}")

    def save(self, state: dict[str, Any]) -> None:
        """Write it in one piece: whoever kills the process finds the old file or the new one."""
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        torch.save({**state, "fingerprint": self._mark}, part)
        os.replace(part, self.path)

    def load(self) -> dict[str, Any] | None:
        """Return what was written, or None if there is nothing yet.

        Raises
        ------
        ValueError
            If the file is no checkpoint, or one of another training.
        """
        if not self.path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True, map_location="cpu")
            mine = state["fingerprint"]
        except Exception as error:  # torch raises many kinds for a file that is not its own
            raise ValueError(f"checkpoint must be a new file, or one that a training wrote; got {self.path}") from error
        if mine != self._mark:
            raise ValueError(
                f"checkpoint must belong to the same networks, data, knobs, schedule, optimiser and seed; "
                f"{self.path} belongs to another training"
            )
        return state
