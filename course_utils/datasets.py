"""What we learn from: small data sets that ship with the course, so that no lesson waits for a download.

Each file in ``datasets/`` has a data card beside it (``datasets/digits.md`` …) with its origin, licence and limits.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.seeding import Seed, generator
from course_utils.validation import whole

__all__ = ["Dataset", "digits", "mnist1d", "stacked"]

_ROOM = Path(__file__).resolve().parent
# An installed course carries the files inside the package; a checkout has the one copy at its top.
_PLACES = (_ROOM / "_datasets", _ROOM.parent / "datasets")

_CHECKSUMS = {
    "digits.npz": "aa64e930663d6e9271e1566601d65e70236553f73ec6cb041a4ab37167cf1d04",
    "mnist1d.npz": "92b04028d0bad96991a33a4a9c3570fb11a8da2e804a8e759fdc5fe40099d1bc",
}
_DIGITS = 1797
_SIGNALS = 5000
_SIGNAL_LEVELS = 23  # int8 steps per standard deviation in mnist1d.npz


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Inputs and labels to learn from, and others to be tested on.

    Attributes
    ----------
    train_inputs : numpy.ndarray of float32, shape (train, features)
        One example a row; dimensionless, mean 0 and standard deviation 1 over the whole data set.
    train_labels : numpy.ndarray of int64, shape (train,)
        The class of each row, from 0 to ``classes - 1``.
    test_inputs : numpy.ndarray of float32, shape (test, features)
        Examples that are in no training set with the same seed; same scale.
    test_labels : numpy.ndarray of int64, shape (test,)
        Their classes.
    name : str
        What it is called, as in ``datasets/<name>.md``.
    classes : int
        How many classes there are.
    """

    train_inputs: npt.NDArray[np.float32]
    train_labels: npt.NDArray[np.int64]
    test_inputs: npt.NDArray[np.float32]
    test_labels: npt.NDArray[np.int64]
    name: str
    classes: int

    def __repr__(self) -> str:
        """Say how much there is, instead of printing it all."""
        (train, features), test = self.train_inputs.shape, len(self.test_inputs)
        return f"<{self.name}: {train} training and {test} test examples of {features} numbers, {self.classes} classes>"


def digits(*, train: int = 1000, seed: Seed = 0) -> Dataset:
    """Return handwritten digits: 1,797 images of 8×8 pixels, shuffled and split.

    Parameters
    ----------
    train : int
        How many images to learn from, 1 to 1796; the others are for testing.
    seed : int or numpy.random.Generator
        Shuffles the images before they are split.

    Returns
    -------
    Dataset
        With 64 features, the pixels row by row (``inputs[0].reshape(8, 8)`` is a picture, ink is positive), scaled by
        one mean and one standard deviation for all pixels of all images; 10 classes.

    Raises
    ------
    TypeError, ValueError
        If ``train`` or ``seed`` is not what is said above.
    OSError
        If the data file is missing (then a `FileNotFoundError`) or damaged; the message says how to restore it.

    References
    ----------
    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (1998),
    doi:10.24432/C50P49; CC BY 4.0. See ``datasets/digits.md``.

    Examples
    --------
    >>> data = digits(train=1000, seed=0)
    >>> data
    <digits: 1000 training and 797 test examples of 64 numbers, 10 classes>
    >>> data.train_inputs.shape, data.train_inputs.dtype, data.train_labels.dtype
    ((1000, 64), dtype('float32'), dtype('int64'))
    """
    train, random = whole("train", train, most=_DIGITS - 1), generator(seed)
    stored = _read("digits.npz")
    ink = stored["images"].reshape(_DIGITS, 64).astype(np.float64)
    return _split("digits", (ink - ink.mean()) / ink.std(), stored["labels"], train, random)


def mnist1d(*, train: int = 4000, seed: Seed = 0) -> Dataset:
    """Return MNIST-1D: 5,000 short signals, ten shapes hidden by shifts, stretching and noise, shuffled and split.

    A network with one hidden layer of 100 units gets about six in ten right: room for differences that `digits` hides.

    Parameters
    ----------
    train : int
        How many signals to learn from, 1 to 4999; the others are for testing.
    seed : int or numpy.random.Generator
        Shuffles the signals before they are split. (The split of the original authors is not kept.)

    Returns
    -------
    Dataset
        With 40 features, the signal from left to right; 10 classes.

    Raises
    ------
    TypeError, ValueError
        If ``train`` or ``seed`` is not what is said above.
    OSError
        If the data file is missing (then a `FileNotFoundError`) or damaged; the message says how to restore it.

    References
    ----------
    S. Greydanus and D. Kobak, Scaling Down Deep Learning with MNIST-1D, arXiv:2011.14439. See ``datasets/mnist1d.md``.

    Examples
    --------
    >>> mnist1d(seed=0)
    <mnist1d: 4000 training and 1000 test examples of 40 numbers, 10 classes>
    """
    train, random = whole("train", train, most=_SIGNALS - 1), generator(seed)
    stored = _read("mnist1d.npz")
    return _split("mnist1d", stored["signals"] / _SIGNAL_LEVELS, stored["labels"], train, random)


def stacked(sets: Sequence[Dataset], *, tests: int | None = None) -> tuple[npt.NDArray[Any], ...]:
    """Return data for networks side by side, one set each, as a population of networks takes them: features first.

    Parameters
    ----------
    sets : sequence of Dataset
        One for each network, all of the same size. A set may come several times.
    tests : int, optional
        How many test examples of each; by default all.

    Returns
    -------
    train_inputs, train_labels, test_inputs, test_labels : numpy.ndarray
        Of shape (networks, features, train), (networks, train), (networks, features, tests) and (networks, tests).

    Raises
    ------
    TypeError, ValueError
        If there are no sets, they differ in size, or have fewer tests.

    Examples
    --------
    >>> [part.shape for part in stacked([digits(train=500, seed=s) for s in range(3)], tests=100)]
    [(3, 64, 500), (3, 500), (3, 64, 100), (3, 100)]
    """
    if not sets or not all(isinstance(one, Dataset) for one in sets):
        raise TypeError(f"sets must hold Datasets, one for each network; got {sets!r:.80}")
    sizes = {(one.train_inputs.shape, one.test_inputs.shape) for one in sets}
    if len(sizes) > 1:
        raise ValueError(f"sets must all be of the same size; got {sorted(sizes)}")
    most = len(sets[0].test_labels)
    count = most if tests is None else whole("tests", tests, most=most)
    return (
        np.stack([one.train_inputs.T for one in sets]),
        np.stack([one.train_labels for one in sets]),
        np.stack([one.test_inputs[:count].T for one in sets]),
        np.stack([one.test_labels[:count] for one in sets]),
    )


def _split(
    name: str, inputs: npt.NDArray[Any], labels: npt.NDArray[Any], train: int, random: np.random.Generator
) -> Dataset:
    """Shuffle examples and labels together and cut them in two."""
    order = random.permutation(len(labels))
    inputs, labels = inputs[order].astype(np.float32), labels[order].astype(np.int64)
    return Dataset(inputs[:train], labels[:train], inputs[train:], labels[train:], name, classes=10)


def _read(name: str) -> dict[str, npt.NDArray[Any]]:
    """Read one data file and make sure that it is the one the course was written with."""
    folder = next((place for place in _PLACES if place.is_dir()), _PLACES[-1])
    path = folder / name
    restore = (
        f'To restore it, run "git checkout -- datasets/{name}" in your clone of the course. If you installed the course'
        " without cloning it, install it again (on Colab: disconnect and delete the runtime, then run the lesson)."
    )
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(f"the data file {path} is missing. {restore}") from error
    except OSError as error:
        raise OSError(f"the data file {path} cannot be read ({error.strerror}). {restore}") from error
    found, expected = hashlib.sha256(content).hexdigest(), _CHECKSUMS[name]
    if found != expected:
        kind = "its" if content.startswith(b"PK") else "it is not an .npz file, and its"  # an .npz is a zip archive
        raise OSError(
            f"the data file {path} is damaged: {kind} sha256 is {found[:12]}… instead of {expected[:12]}…. {restore}"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)
