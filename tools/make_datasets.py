"""Make the files in datasets/ again: python tools/make_datasets.py [folder].

Needs scikit-learn and mnist1d (both in the `dev` extra) and no network. The same arrays always give the same bytes: the
archive carries no clock time, user or platform. What is in each file, and where it comes from, is on its data card
(datasets/*.md); a changed checksum belongs on the card and in course_utils/datasets.py.
"""

from __future__ import annotations

import hashlib
import io
import random
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "datasets"
MNIST1D_LEVELS = 23  # quantisation levels per standard deviation: the most that keep every value inside int8


def digits() -> dict[str, np.ndarray]:
    from sklearn.datasets import load_digits

    source = load_digits()
    return {"images": source.images.astype(np.uint8), "labels": source.target.astype(np.uint8)}


def mnist1d() -> dict[str, np.ndarray]:
    from mnist1d.data import get_dataset_args, make_dataset

    # make_dataset seeds the global generators (with 42), which belong to the caller; get_dataset would try a download.
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    source = make_dataset(get_dataset_args())
    random.setstate(before[0])
    np.random.set_state(before[1])  # noqa: NPY002
    signals = np.concatenate([source["x"], source["x_test"]])
    labels = np.concatenate([source["y"], source["y_test"]])
    levels = np.rint(signals * MNIST1D_LEVELS)
    if np.abs(levels).max() > 127:
        raise ValueError(f"a signal of {np.abs(signals).max():.3f} does not fit into int8 at {MNIST1D_LEVELS} levels")
    return {"signals": levels.astype(np.int8), "labels": labels.astype(np.uint8)}


MAKERS = {"digits.npz": digits, "mnist1d.npz": mnist1d}


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Pack arrays as numpy.savez_compressed does, but without the time of day."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # otherwise Windows and Linux write different bytes
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, member.getvalue(), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in MAKERS.items():
        content = npz(make())
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
