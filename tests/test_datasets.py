"""The data that ships: whole, regenerable, the same in a checkout and in a wheel, and clear when it is broken."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import make_datasets  # conftest.py puts tools/ on the path
from course_utils import datasets

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "datasets"
FILES = sorted(datasets._CHECKSUMS)
LOADERS = {"digits": (datasets.digits, 1797, 64), "mnist1d": (datasets.mnist1d, 5000, 40)}

every_file = pytest.mark.parametrize("name", FILES)
every_loader = pytest.mark.parametrize("name", LOADERS)


def card_of(name):
    return (FOLDER / name).with_suffix(".md").read_text(encoding="utf-8")


def digest(content):
    return hashlib.sha256(content).hexdigest()


def test_each_shipped_file_has_a_maker_a_checksum_and_a_card():
    shipped = sorted(path.name for path in FOLDER.glob("*.npz"))
    assert shipped == FILES == sorted(make_datasets.MAKERS)
    assert sum((FOLDER / name).stat().st_size for name in shipped) < 1_000_000
    overview = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in shipped:
        assert f"[`{name}`]" in overview
        assert f"{(FOLDER / name).stat().st_size:,} bytes" in overview


@every_file
def test_the_card_says_what_is_in_the_file(name):
    card, path = card_of(name), FOLDER / name
    assert f"`{digest(path.read_bytes())}`" in card
    assert f"| {path.stat().st_size:,} bytes |" in card
    for row in ("origin", "licence", "generator", "seed", "units", "changes"):
        assert re.search(rf"^\| {row} \| \S", card, re.MULTILINE), row
    assert "**Known limits.**" in card
    with np.load(path, allow_pickle=False) as archive:
        for key, array in archive.items():
            expected = f"| `{key}` | shape {array.shape}, {array.dtype}, {array.min()} to {array.max()} |"
            assert expected in card


@every_file
def test_the_file_is_what_its_generator_makes(name):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    made = make_datasets.MAKERS[name]()
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    with np.load(FOLDER / name, allow_pickle=False) as archive:
        assert sorted(archive) == sorted(made)
        for key, array in made.items():
            assert archive[key].dtype == array.dtype
            assert np.array_equal(archive[key], array)
    packed = make_datasets.npz(made)
    assert packed == make_datasets.npz(made)
    # The compressor's version is on the card: another one packs the same values into other bytes.
    if re.search(rf"zlib {re.escape(zlib.ZLIB_RUNTIME_VERSION)} \|", card_of(name)):
        assert digest(packed) == datasets._CHECKSUMS[name]


@every_file
def test_the_file_carries_no_clock_time(name):
    with zipfile.ZipFile(FOLDER / name) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@every_loader
def test_shapes_types_and_scale(name):
    load, examples, features = LOADERS[name]
    data = load()
    inputs = np.concatenate([data.train_inputs, data.test_inputs])
    labels = np.concatenate([data.train_labels, data.test_labels])
    assert inputs.shape == (examples, features)
    assert inputs.dtype == np.float32
    assert labels.dtype == np.int64
    assert set(labels) == set(range(data.classes))
    assert data.name == name
    assert abs(inputs.mean(dtype=np.float64)) < 1e-3
    assert abs(inputs.std(dtype=np.float64) - 1) < 1e-3
    assert data.train_inputs.flags.writeable  # torch.from_numpy warns about read-only arrays


def everything(load):
    data = load(train=1, seed=0)
    inputs, labels = (data.train_inputs, data.test_inputs), (data.train_labels, data.test_labels)
    return np.concatenate(inputs), np.concatenate(labels)


def fingerprints(inputs, labels):
    return sorted((row.tobytes(), int(label)) for row, label in zip(inputs, labels, strict=True))


@every_loader
@settings(max_examples=20)
@given(fraction=st.floats(0, 1), seed=st.integers(0, 2**63))
def test_every_split_holds_each_example_once(name, fraction, seed):
    load, examples, _ = LOADERS[name]
    train = 1 + round(fraction * (examples - 2))
    data = load(train=train, seed=seed)
    assert len(data.train_inputs) == len(data.train_labels) == train
    assert len(data.test_inputs) == len(data.test_labels) == examples - train
    rows = np.concatenate([data.train_inputs, data.test_inputs])
    labels = np.concatenate([data.train_labels, data.test_labels])
    assert fingerprints(rows, labels) == fingerprints(*everything(load))


@every_loader
def test_the_seed_decides_the_split(name):
    load = LOADERS[name][0]
    one, again, other = load(seed=1), load(seed=1), load(seed=2)
    assert np.array_equal(one.train_inputs, again.train_inputs)
    assert not np.array_equal(one.train_labels, other.train_labels)
    stream = np.random.default_rng(1)
    assert np.array_equal(load(seed=stream).train_labels, one.train_labels)
    assert not np.array_equal(load(seed=stream).train_labels, one.train_labels)


def test_a_digit_is_the_picture_it_is_labelled_as():
    with np.load(FOLDER / "digits.npz") as archive:
        first, label = archive["images"][0], archive["labels"][0]
    data = datasets.digits()
    ink = np.concatenate([data.train_inputs, data.test_inputs]).reshape(-1, 8, 8)
    found = np.argmin(((ink - (first / 16 - 0.30526) / 0.37605) ** 2).sum((1, 2)))
    assert label == 0
    assert np.concatenate([data.train_labels, data.test_labels])[found] == 0


def test_a_dataset_shows_itself_in_one_line():
    assert repr(datasets.digits(train=10)) == "<digits: 10 training and 1787 test examples of 64 numbers, 10 classes>"


not_whole = st.one_of(st.floats(), st.text(max_size=5), st.none(), st.booleans(), st.lists(st.integers(), max_size=2))


@every_loader
@given(wrong=not_whole)
def test_what_is_no_whole_number_is_named(name, wrong):
    load = LOADERS[name][0]
    with pytest.raises(TypeError, match=r"train must be a whole number, at least 1 and at most \d+; got"):
        load(train=wrong)
    with pytest.raises(TypeError, match="seed must be a whole number"):
        load(seed=wrong)


@every_loader
@given(excess=st.integers(min_value=0))
def test_numbers_outside_the_range_are_named(name, excess):
    load, examples, _ = LOADERS[name]
    with pytest.raises(ValueError, match=f"train must be .* at most {examples - 1}; got"):
        load(train=examples + excess)
    with pytest.raises(ValueError, match="train must be a whole number, at least 1"):
        load(train=-excess)
    with pytest.raises(ValueError, match="seed must be a whole number, at least 0"):
        load(seed=-1 - excess)


def test_bad_input_is_named_before_the_file_is_touched(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "_PLACES", (tmp_path / "nowhere",))
    with pytest.raises(ValueError, match="train"):
        datasets.digits(train=0)


@every_loader
@pytest.mark.parametrize(
    ("damage", "error", "says"),
    [
        (Path.unlink, FileNotFoundError, "is missing"),
        (lambda path: path.write_bytes(b""), OSError, "not an .npz file"),
        (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1"), OSError, "not an .npz file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), OSError, "is damaged: its sha256"),
        (
            lambda path: path.write_bytes(path.read_bytes().replace(b"\x00", b"\x01", 1)),
            OSError,
            "is damaged: its sha256",
        ),
        (lambda path: (path.unlink(), path.mkdir()), OSError, "cannot be read"),
    ],
    ids=["missing", "empty", "a pointer instead", "cut short", "one byte wrong", "a folder"],
)
def test_a_broken_file_is_named_with_the_way_to_restore_it(name, damage, error, says, monkeypatch, tmp_path):
    shutil.copytree(FOLDER, tmp_path / "datasets")
    monkeypatch.setattr(datasets, "_PLACES", (tmp_path / "_datasets", tmp_path / "datasets"))
    path = tmp_path / "datasets" / f"{name}.npz"
    LOADERS[name][0]()
    damage(path)
    with pytest.raises(error) as caught:
        LOADERS[name][0]()
    for part in (str(path), says, f"git checkout -- datasets/{name}.npz", "install it again"):
        assert part in str(caught.value)


def test_a_missing_folder_is_reported_where_a_checkout_has_it(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "_PLACES", (tmp_path / "_datasets", tmp_path / "datasets"))
    with pytest.raises(FileNotFoundError, match=r"datasets.mnist1d\.npz is missing"):
        datasets.mnist1d()


LOAD_AND_TELL = """
import json, sys
from course_utils import datasets
place = next(place for place in datasets._PLACES if place.is_dir())
sums = [float(abs(load().train_inputs).sum()) for load in (datasets.digits, datasets.mnist1d)]
print(json.dumps({"place": str(place), "sums": sums, "torch": "torch" in sys.modules}))
"""


def load_elsewhere(cwd, path):
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD_AND_TELL], cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_from_a_checkout_and_without_torch(tmp_path):
    told = load_elsewhere(tmp_path, ROOT)
    assert Path(told["place"]) == FOLDER
    assert not told["torch"]


def test_from_a_wheel(tmp_path):
    pytest.importorskip("setuptools", minversion="77")
    source = tmp_path / "source"
    source.mkdir()
    for file in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "LICENSE-text"):
        shutil.copy(ROOT / file, source)
    for folder in ("course_utils", "datasets"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        str(source),
    ]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if "datasets/" in name}
        wheel.extractall(tmp_path / "installed")
    assert packed == {
        f"course_utils/_datasets/{path.name}" for path in FOLDER.iterdir() if path.suffix in {".md", ".npz"}
    }
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    told = load_elsewhere(elsewhere, tmp_path / "installed")
    assert Path(told["place"]) == tmp_path / "installed" / "course_utils" / "_datasets"
    assert told["sums"] == load_elsewhere(elsewhere, ROOT)["sums"]
