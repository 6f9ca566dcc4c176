"""Places where nothing can be written, for a Python of its own: real full disks and real read-only folders."""

import contextlib
import ctypes
import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# A disk of 64 kB that only this one process sees, and that is gone with it.
SMALL_DISK = 'mount -t tmpfs -o size=64k none "$0" && exec "$@"'
PRIVATE = (["unshare", "-rm"], ["unshare", "-m"])

FILLED_DISK = """
import os
def fill():
    with open(os.path.join({place!r}, "filler"), "wb", buffering=0) as file:
        try:
            while file.write(bytes(512)):
                pass
        except OSError:
            return
def free():
    if os.path.exists(os.path.join({place!r}, "filler")):
        os.unlink(os.path.join({place!r}, "filler"))
"""
NO_LARGER_FILES = """
import resource
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
def fill():
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
def free():
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
"""

# Root may write anywhere; without these rights, permissions bind it like anybody else.
RIGHTS = {"CAP_DAC_OVERRIDE": 1, "CAP_DAC_READ_SEARCH": 2, "CAP_FOWNER": 3}
PR_CAPBSET_DROP = 24


@functools.cache
def private_mounts() -> list[str] | None:
    """Return the command under which a process may mount a disk of its own; None if there is none here."""
    with tempfile.TemporaryDirectory() as place:
        for command in PRIVATE:
            with contextlib.suppress(OSError):
                if (
                    subprocess.run([*command, "sh", "-c", SMALL_DISK, place, "true"], capture_output=True).returncode
                    == 0
                ):
                    return command
    return None


def on_a_disk_that_fills_up(way: str, place: Path, code: str, **environment: str) -> list[str]:
    """Run code that calls ``fill()`` and ``free()``, in Python; return the lines that it prints.

    The ``way`` is "disk" for a small disk at ``place`` (skips where none can be mounted), or "limit" for a system that
    lets no file grow.
    """
    command = [sys.executable, "-c"]
    if way == "disk":
        private = private_mounts()
        if private is None:
            pytest.skip("no disk can be mounted here; the same is tried by a limit on the size of files")
        command = [*private, "sh", "-c", SMALL_DISK, str(place), *command]
    prelude = FILLED_DISK.format(place=str(place)) if way == "disk" else NO_LARGER_FILES
    surroundings = {**os.environ, **environment}
    done = subprocess.run([*command, prelude + code], env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def without_rights_over_others() -> None:
    """Give up root's right to write where permissions say no; called in the child, before Python starts."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for number in RIGHTS.values():
            if libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
                raise PermissionError(ctypes.get_errno(), "the rights of root cannot be given up")


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Make a folder read-only for a while."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o555)
    try:
        yield folder
    finally:
        folder.chmod(0o755)


def as_a_learner(code: str, cwd: Path | None = None, **environment: str | None) -> list[str]:
    """Run code in a Python that permissions bind; return the lines that it prints. None removes a variable."""
    surroundings = {k: v for k, v in {**os.environ, **environment}.items() if v is not None}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=surroundings,
        preexec_fn=without_rights_over_others,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
