"""Colab's world: every lesson as the notebook alone, in an empty folder, with Colab's own versions. `make test-colab`.

The environment is .venv-colab, made from constraints-colab.txt. A lesson's set-up cell fetches the course from an
archive of this working tree instead of the tag's; nothing else is changed. Then all that the lesson shows is turned.
"""

import http.server
import json
import os
import re
import subprocess
import threading
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browsers import browser, say  # noqa: F401
from classic_six import another, opened, picture, run_all, served
from colab_world import LIST, ON_COLAB, PYTHON, PYTHONS, TORCH, VENV, archive, installed, pins, runtime, surroundings
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from house import HERE
from lesson_run import run
from links import archive as address
from links import setup_cell

COURSE = "physics-lens-on-deep-learning"
PATIENT = 3 if os.environ.get("PYTEST_XDIST_WORKER") else 1  # beside others, nothing is timed
EVIDENCE = "application/vnd.course-evidence+json"
PANEL = "turn-the-knob-code-1"
PROBE = Path(__file__).with_name("colab_probe.py")
SOURCES = HERE.find([])
WIDGETS = [f"tests/test_{name}.py" for name in (
    "knobs", "knobs_input", "knobs_still", "predict", "quiz", "thermostat_panel", "plots", "evidence", "progress",
    "exercises",
)]  # fmt: skip
# These two count the pixels of a still; matplotlib 3.10 rounds its height down, and gives one less.
COUNTING = [
    "tests/test_knobs_still.py::test_the_still_is_small_and_always_the_same",
    "tests/test_thermostat_panel.py::test_a_still_and_a_table_stand_in_for_the_panel",
]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def world(request):
    """Colab's world; without it, skip loudly, or fail where continuous integration promises it."""
    if PYTHON.exists():
        return
    message = f"NOT TRIED: Colab's world. There is no {VENV.name} here: make test-colab makes it."
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{message} Continuous integration (CI=true) has to try it.")
    say(request.config, "*" * 100, f"***  {message}", "*" * 100)
    pytest.skip(message)


@pytest.fixture(scope="module")
def source(world, tmp_path_factory):
    """The course as the tag's archive would hold it."""
    return archive(tmp_path_factory.mktemp("tag"))


# --- what the package asks for, and what Colab has


def test_the_package_asks_for_nothing_that_colab_would_have_to_change():
    """A pin or an upper bound in the metadata would make pip replace Colab's torch, numpy or ipywidgets."""
    has = {**pins(), "torch": TORCH, "lazy-loader": "0.5"}
    for line in PROJECT["dependencies"]:
        need = Requirement(line)
        kinds = {part.operator for part in need.specifier}
        assert kinds <= {">="}, f"{line}: only a least version, or pip will change what a learner has"
        assert need.specifier.contains(has[need.name.replace("_", "-")]), f"{line}: Colab has {has[need.name]}"
    for python in PYTHONS:
        assert SpecifierSet(PROJECT["requires-python"]).contains(python)


def test_the_list_says_where_it_is_from_and_when():
    head = LIST.read_text(encoding="utf-8")[:500]
    assert "googlecolab/backend-info" in head
    assert re.search(r"on 20\d\d-\d\d-\d\d\.", head)
    assert "lazy-loader" not in pins()


@pytest.mark.colab
def test_the_environment_is_what_the_list_says(world):
    there = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in installed(PYTHON).items()}
    wanted = pins()
    if "full" in VENV.name:  # the fuller replica, with Colab's own Python and torch
        wanted |= {"torch": TORCH, "setuptools": "75.2.0"}
        del wanted["overrides"]
    differs = {name: there.get(name) for name in wanted if there.get(name, "").split("+")[0] != wanted[name]}
    assert differs == {}, "make test-colab again, after rm -r .venv-colab"
    assert not {"lazy-loader", "physics-lens-on-deep-learning"} & set(there)


@pytest.mark.colab
def test_pip_would_bring_nothing_but_the_course(source, tmp_path):
    """Somebody who installs the course with its dependencies, on Colab, gets the course and lazy_loader."""
    python = runtime(tmp_path)
    pip = [python, "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-", source]
    told = subprocess.run(pip, env=surroundings(**ON_COLAB), capture_output=True, text=True, check=True)
    brings = {one["metadata"]["name"].replace("_", "-") for one in json.loads(told.stdout)["install"]}
    assert brings == {COURSE, "lazy-loader"}


# --- the set-up cell


def fetching(source: object) -> str:
    """The set-up cell with another address in place of the tag's archive."""
    cell, tag = setup_cell(HERE), address(HERE.repository, HERE.version)
    assert cell.count(tag) == 1
    return cell.replace(tag, str(source))


def set_up(python: Path, place: Path, cell: str) -> tuple[list[str], float]:
    """Run the cell where only a notebook would be: what it and its end have said, and the seconds it took."""
    place.mkdir(exist_ok=True)
    code = f"{cell}\nimport course_utils\nprint(course_utils.__version__, 'torch' in sys.modules)"
    own, start = surroundings(**ON_COLAB), time.monotonic()
    told = subprocess.run([python, "-c", code], cwd=place, env=own, capture_output=True, text=True, check=False)
    assert list(place.iterdir()) == []
    return (told.stdout + told.stderr).splitlines(), time.monotonic() - start


@pytest.mark.colab
def test_the_set_up_cell_fetches_the_course_once_and_changes_nothing_else(source, tmp_path):
    python, empty, version = runtime(tmp_path), tmp_path / "content", HERE.version
    before = installed(python)
    said, took = set_up(python, empty, fetching(source))
    assert said == [f"The course is installed (version {version}).", f"{version} False"]
    assert took < 20 * PATIENT, f"the set-up cell took {took:.0f} s"
    after = installed(python)
    assert {name: after[name] for name in before} == before
    assert {name.replace("_", "-") for name in set(after) - set(before)} == {COURSE, "lazy-loader"}
    said, again = set_up(python, empty, fetching("https://127.0.0.1:9/unreachable.zip"))
    assert said == [f"{version} False"]
    assert again < 2 * PATIENT
    assert installed(python) == after


@pytest.mark.colab
def test_the_set_up_cell_replaces_an_older_course(source, tmp_path):
    """A learner comes back to a runtime that has the course of before: the notebook's own version is the right one."""
    python, empty, now = runtime(tmp_path), tmp_path / "content", f'__version__ = "{HERE.version}"'
    older = archive(tmp_path, "older", ("course_utils/__init__.py", now, '__version__ = "0.0.1"'))
    pip = [python, "-m", "pip", "install", "-qq", "--no-deps", older, "lazy_loader"]
    subprocess.run(pip, env=surroundings(**ON_COLAB), check=True)
    before = installed(python)
    said, _ = set_up(python, empty, fetching(source))
    assert said == [f"The course is installed (version {HERE.version}).", f"{HERE.version} False"]
    assert installed(python) == {**before, COURSE: HERE.version}


class Nothing(http.server.BaseHTTPRequestHandler):
    """A host that is there, and has no such archive."""

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def empty_host(world):
    with http.server.HTTPServer(("127.0.0.1", 0), Nothing) as host:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{host.server_port}"
        host.shutdown()


@pytest.mark.colab
@pytest.mark.parametrize(
    ("place", "because"),
    [
        ("https://nowhere.invalid/v9.zip", "Max retries exceeded"),
        ("{empty_host}/v9.zip", "404"),
        ("{folder}/gone.zip", "No such file or directory"),
        ("{folder}/broken.zip", "File is not a zip file"),
        ("{folder}/foreign.zip", "neither 'setup.py' nor 'pyproject.toml' found"),
    ],
    ids=["no network", "no such tag", "no such file", "broken", "no course in it"],
)
def test_the_set_up_cell_fails_with_one_sentence(place, because, empty_host, tmp_path):
    python = runtime(tmp_path)
    (tmp_path / "broken.zip").write_text("<html>Please log in</html>")
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as foreign:
        foreign.writestr("foreign/README.md", "nothing to install")
    place = place.format(empty_host=empty_host, folder=tmp_path)
    said, _ = set_up(python, tmp_path / "content", fetching(place))
    assert said[0].startswith("Traceback")
    assert said[1].startswith('  File "<string>", line 14')
    assert len(said) == 3 or because == "File is not a zip file"
    assert said[2].startswith(f"AssertionError: Cannot fetch {place}: try it in a browser, then run this again. ")
    assert because in "".join(said[2:])
    assert "CalledProcessError" not in "".join(said)


# --- every lesson, alone


def evidence(notebook: nbformat.NotebookNode) -> dict[str, dict[str, Any]]:
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return {row["claim"]: row for output in outputs for row in output.get("data", {}).get(EVIDENCE, ())}


@pytest.mark.colab
@pytest.mark.parametrize("lesson", SOURCES, ids=[path.stem for path in SOURCES])
def test_the_notebook_alone_runs_and_all_it_shows_can_be_turned(lesson, source, tmp_path):
    notebook = nbformat.read(HERE.notebook(lesson), as_version=4)
    committed = evidence(notebook)
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert setup.source == setup_cell(HERE), f"run make lessons LESSON={lesson.stem[:2]}"
    setup.source = setup.source.replace(address(HERE.repository, HERE.version), str(source))
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE.read_text(encoding="utf-8"), id="probe"))
    empty = tmp_path / "content"
    empty.mkdir()
    # raises at an error, a word on stderr, a folder of this machine, a row of evidence that does not hold
    run(notebook, empty, python=runtime(tmp_path), surroundings=ON_COLAB, longest=400)

    assert "".join(output.get("text", "") for output in setup.outputs).startswith("The course is installed (version ")
    assert list(evidence(notebook)) == list(committed)
    (printed,) = notebook.cells[-1].outputs
    found = json.loads(printed.text)
    assert found["ipywidgets"] == pins()["ipywidgets"]
    assert len(found["panels"]) == 1
    (panel,) = found["panels"]
    told = [seen.pop("told") for seen in panel["knobs"].values()]
    assert any(told), "no knob changes a number in the read-out"
    fine = {"moved": True, "drawn": True, "error": None, "typed": True}
    assert {name: seen for name, seen in panel["knobs"].items() if seen != fine} == {}
    assert panel["knobs"]
    assert panel["reset"], "Back to the start does not bring the first picture back"
    asked = {name for cell in notebook.cells for name in re.findall(r'predict\(\s*"([^"]+)"', cell.source)}
    assert set(found["guesses"]) == asked
    assert asked
    assert all(found["guesses"].values()), found["guesses"]
    assert found["answers"]
    assert all(found["answers"])


# --- the widgets' own tests, with Colab's pytest


@pytest.mark.colab
def test_the_widgets_own_tests_pass_there(world, tmp_path):
    """They are pure: no kernel, no network. The course is the one of this working tree."""
    python = runtime(tmp_path)
    given = [python, "-m", "pip", "install", "-qq", "--no-deps", "--target", str(tmp_path / "lazy"), "lazy_loader"]
    subprocess.run(given, env=surroundings(**ON_COLAB), check=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=ci", *WIDGETS]
    command += [f"--deselect={test}" for test in COUNTING]
    own = surroundings(PYTHONPATH=str(tmp_path / "lazy"), OMP_NUM_THREADS="1", NUMBA_CACHE_DIR=str(tmp_path / "numba"))
    told = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-5000:] + told.stderr[-2000:]


# --- a real front end of Colab's generation: Notebook 6 with the widgets of ipywidgets 7


@pytest.mark.colab
@pytest.mark.parametrize(("number", "whole"), [("00", True), ("11", False)], ids=["00-whole", "11-panel"])
def test_the_panel_is_turned_by_mouse_and_by_a_typed_number(number, whole, source, browser, tmp_path):  # noqa: F811
    (lesson,) = HERE.find([number])
    notebook = nbformat.read(HERE.notebook(lesson), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not whole:  # a learner may come for the knob alone: set-up, imports, panel
        notebook.cells = code = [*code[:2], *(cell for cell in code if cell.id == PANEL)]
    code[0].source = code[0].source.replace(address(HERE.repository, HERE.version), str(source))
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    empty = tmp_path / "content"
    empty.mkdir()
    nbformat.write(notebook, empty / f"{lesson.stem}.ipynb")
    with served(runtime(tmp_path), empty) as place, opened(browser, place.format(f"{lesson.stem}.ipynb")) as page:
        outputs = run_all(page)
        assert [one for one in outputs if one["output_type"] == "error" or one.get("name") == "stderr"] == []
        image = page.locator("img.widget-image").first
        image.scroll_into_view_if_needed()
        panel = page.locator(".widget-vbox").filter(has=page.locator("img.widget-image")).first
        number_box, slider = panel.locator("input[type=number]").first, panel.locator(".ui-slider").first
        first, stood = picture(image), number_box.input_value()
        shape = slider.bounding_box()
        slider.click(position={"x": 0.8 * shape["width"], "y": 0.5 * shape["height"]})
        moved = another(image, first, "another picture after a click on the slider")
        assert float(number_box.input_value()) > float(stood)
        number_box.fill(stood)
        number_box.press("Enter")
        assert another(image, moved, "another picture after a typed number") == first
        assert page.locator(".course-quiz input[type=radio]").count() > 0 or not whole
