"""The points of a sweep on disk: what was computed once need not be computed again.

Every point (one setting, one seed) is one small file, written under another name and then renamed: a kill at any moment
leaves whole files or none. The file's name is a hash of the function's name, the setting and the seed. What the disk
does not take is held in memory, and written as soon as there is room.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import inspect
import io
import json
import os
import socket
import tempfile
import textwrap
import time
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.results import Point, Values

# A temporary file that is this old is not being written any more: its process was killed.
_ABANDONED_SECONDS = 3600.0


def fingerprint(function: Any) -> str | None:
    """Return a hash of a function's source without comments and layout; None where there is no source to be had."""
    try:
        source = ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


class Store:
    """A folder with one file a point.

    Parameters
    ----------
    folder : path
        Created if it is not there. Several sweeps may share it.
    function : callable
        Its name enters the name of each file; its source is remembered, so that an edited function is computed anew.

    Raises
    ------
    ValueError
        If there is a file of this name, or the folder cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str], function: Any) -> None:
        """Make the folder and clear what a killed process left half-written."""
        self.folder = Path(folder)
        self._held: dict[Point, Values] = {}
        self._told = False
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.source = fingerprint(function)
        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(f"folder must be a folder; {self.folder} is a file")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"folder must be one that can be made; {self.folder} cannot: {_reason(error)}") from error
        for left_over in self.folder.glob("*.new"):
            with contextlib.suppress(OSError):
                if time.time() - left_over.stat().st_mtime > _ABANDONED_SECONDS:
                    left_over.unlink()

    def path(self, point: Point) -> Path:
        """Return the file of a point."""
        return self.folder / f"{point.digest(self.name).hex()[:32]}.npz"

    def try_out(self) -> None:
        """Raise a ValueError if nothing can be written in the folder."""
        try:
            with tempfile.TemporaryFile(dir=self.folder) as file:
                file.write(bytes(512))
                file.flush()
        except OSError as error:
            raise ValueError(
                f"folder must be one that can be written in; {self.folder} cannot: {_reason(error)}. "
                "Take another, or compute without a folder"
            ) from error

    def keep(self, point: Point, values: Values) -> None:
        """Write a point's values in one step; where the disk does not take them, say so once and hold them."""
        self._held[point] = values  # an interrupt in the middle of writing must not lose them
        try:
            self._write(point, values)
        except OSError as error:
            if not self._told:
                self._told = True
                warnings.warn(
                    f"{self.folder} takes no more points ({_reason(error)}): the sweep goes on and holds them in "
                    "memory; they are kept as soon as there is room",
                    stacklevel=4,
                )
            return
        del self._held[point]
        self._write_held()

    def settle(self) -> None:
        """Write what is still held; say so if it cannot be."""
        if error := self._write_held():
            warnings.warn(
                f"{len(self._held)} points are in the result that is returned, but not in {self.folder}: "
                f"{_reason(error)}",
                stacklevel=3,
            )

    def _write_held(self) -> OSError | None:
        """Write what is held until the disk refuses; return its refusal."""
        for point, values in list(self._held.items()):
            try:
                self._write(point, values)
            except OSError as error:
                return error
            del self._held[point]
        return None

    def _write(self, point: Point, values: Values) -> None:
        about = {"function": self.name, "source": self.source, "point": str(point), "names": list(values)}
        memory = io.BytesIO()
        arrays = {f"v{i}": value for i, value in enumerate(values.values())}
        np.savez(memory, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
        path = self.path(point)
        temporary = path.with_suffix(f".{socket.gethostname()}-{os.getpid()}.new")
        try:
            with open(temporary, "wb") as file:
                file.write(memory.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:  # half a file would take the room that the next one needs
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise

    def load(self, points: Iterable[Point]) -> dict[Point, Values]:
        """Return the points that are on disk; say how many were set aside because the function has changed."""
        found, changed = {}, 0
        for point in points:
            read = self._read(self.path(point))
            if read is None:
                continue
            source, values = read
            if source == self.source or None in (source, self.source):
                found[point] = values
            else:
                changed += 1
        if changed:
            warnings.warn(
                f"{changed} points in {self.folder} were computed by an earlier version of {self.name}: "
                "they are computed again",
                stacklevel=3,
            )
        return found

    def _read(self, path: Path) -> tuple[str | None, Values] | None:
        try:
            with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
                about = json.loads(file["about"].item())
                return about["source"], {name: file[f"v{i}"] for i, name in enumerate(about["names"])}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            warnings.warn(f"{path} could not be read: its point is computed again", stacklevel=4)
            return None
