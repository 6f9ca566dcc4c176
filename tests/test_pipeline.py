"""The lesson pipeline, on a lesson of a few lines in a folder of its own."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import lesson_run
import lessons
from anatomy import missing
from budgets import code_lines, overdrawn, sizes, words
from cell_ids import CellIds, slug
from house import House, LessonError
from lesson_build import build, disagreements
from lesson_source import compose, instructor_notes, read
from links import archive, checked_url, launch_links, setup_cell
from syllabus import write_syllabus

ROOT = Path(__file__).resolve().parents[1]
NOWHERE = "https://github.com/YOUR_ORGANISATION/physics-lens-on-deep-learning"
FORKED = "https://github.com/university/physics-lens"

TINY = """\
---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
course:
  lesson: "00"
  title: A tiny lesson
  minutes: 5
  part: Nothing much
---

# A tiny lesson

{{ header }}

```{code-cell}
{{ setup }}
```

## The picture

Some words. In a formula, \\frac{a}{b}.

+++

More words, in a cell of their own.

+++ {"tags": ["instructor"]}

**Misconception:** that there is one.

```{code-cell}
:tags: [exercise]

import os
print("hello", os.environ["COURSE_SEED"], os.environ["TQDM_DISABLE"])
```

## Where it ends

{{ card 00.1 }}

```{code-cell}
import ipywidgets
from IPython.display import display
display(ipywidgets.IntSlider(), metadata={})
print(os.listdir(os.environ["COURSE_HOME"]), os.path.basename(os.getcwd()))
```
"""


def card(exercise: str) -> str:
    if exercise != "00.1":
        raise KeyError(f"no exercise {exercise!r}")
    return f"**Exercise {exercise}**"


def lay_out(root: Path, text: str = TINY, name: str = "00_tiny") -> House:
    """A folder with what the pipeline needs of the repository."""
    for folder in ("lessons/source", "course_utils"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "course_utils" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (root / "pyproject.toml").write_text(f'[project.urls]\n# where all links come from\nRepository = "{NOWHERE}"\n')
    (root / "README.md").write_text(
        f"# The course\n<!-- syllabus:begin -->\n<!-- syllabus:end -->\n[issues]({NOWHERE}/issues)\n"
        "[binder](https://mybinder.org/v2/gh/YOUR_ORGANISATION/physics-lens-on-deep-learning/v1)\n"
    )
    (root / "lessons" / "source" / f"{name}.md").write_text(text, encoding="utf-8")
    return House(root)


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setattr("lesson_source.exercise_card", card)
    monkeypatch.setitem(compose.__kwdefaults__, "card", card)
    return lay_out(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The tiny lesson, built once: executing is the slow part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(compose.__kwdefaults__, "card", card)
        root = tmp_path_factory.mktemp("house")
        house = lay_out(root)
        build(house.find([])[0], house)
    return root


@pytest.fixture
def ready(built, tmp_path, monkeypatch):
    """A copy of the built house that a test may change."""
    monkeypatch.setitem(compose.__kwdefaults__, "card", card)
    shutil.copytree(built, tmp_path / "house")
    return House(tmp_path / "house")


def ids_of(house: House) -> list[str]:
    return [cell.id for cell in compose(read(house.find([])[0]), house).cells]


# --- cell ids


def test_ids_say_where_a_cell_stands(house):
    assert ids_of(house) == [
        "a-tiny-lesson-text-1",
        "a-tiny-lesson-code-1",
        "the-picture-text-1",
        "the-picture-text-2",
        "the-picture-code-1",
        "where-it-ends-text-1",
        "where-it-ends-code-1",
    ]


def test_editing_a_cell_or_adding_one_elsewhere_keeps_the_ids(house):
    before, source = ids_of(house), house.find([])[0]
    source.write_text(TINY.replace("Some words.", "Entirely other words.").replace('"hello"', '"goodbye"'))
    assert ids_of(house) == before
    source.write_text(
        TINY.replace("## The picture", "+++\n\nA new cell.\n\n```{code-cell}\n1 + 1\n```\n\n## The picture")
    )
    after = ids_of(house)
    assert [name for name in after if name in before] == before
    assert len(after) == len(before) + 2


def test_ids_are_unique_short_and_valid():
    ids = CellIds()
    headings = ["Same", "Same", "The " + "very " * 30 + "long", "温度", "β = 1/T", "x" * 200, "Same S2", "---"]
    names = [
        ids.next(kind, f"## {h}" if kind == "markdown" else "1") for h in headings for kind in ("markdown", "code")
    ]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", name) for name in names)
    assert slug("Kramers' law") == "kramers-law"


def test_a_hash_in_fenced_code_is_no_heading():
    ids = CellIds()
    ids.next("markdown", "## Real\n\n```python\n# not a heading\n```")
    assert ids.next("code", "1") == "real-code-1"


# --- placeholders and front matter


def test_placeholders_are_filled_in(house):
    notebook = compose(read(house.find([])[0]), house)
    assert "5 minutes for you" in notebook.cells[0].source
    assert "not measured yet" in notebook.cells[0].source
    assert notebook.cells[1].source == setup_cell(house)
    assert notebook.cells[5].source.endswith("**Exercise 00.1**")
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{{ card 00.1 }}", "two\nlines\n{{ cart 00.1 }}", r"lessons/source/00_tiny.md:\d+: unknown placeholder"),
        ("{{ card 00.1 }}", "{{ card 99.9 }}", r"00_tiny.md:\d+: no card for exercise 99.9"),
        ("{{ setup }}", "{{ set_up }}", r"00_tiny.md:\d+: unknown placeholder \{\{ set_up \}\}"),
        ('lesson: "00"', "lesson: 0", r"course.lesson is 0; it takes a str"),
        ('lesson: "00"', 'lesson: "01"', r"course.lesson is '01', but the file is called 00_tiny.md"),
        ("  minutes: 5\n", "", r"course.minutes is None"),
        ("course:", "other:", r"needs a block `course:`"),
        ("  display_name: Python 3\n", "", r"00_tiny.md:1: front matter: 'display_name'"),
    ],
)
def test_a_mistake_in_the_source_is_told_with_its_place(house, old, new, told):
    source = house.find([])[0]
    source.write_text(TINY.replace(old, new), encoding="utf-8")
    with pytest.raises(LessonError, match=told):
        compose(read(source), house)


def test_the_line_in_a_message_is_the_line_of_the_placeholder(house):
    source = house.find([])[0]
    text = TINY.replace("{{ card 00.1 }}", "two\nlines\n{{ nonsense }}")
    source.write_text(text)
    line = text.splitlines().index("{{ nonsense }}") + 1
    with pytest.raises(LessonError, match=rf"00_tiny\.md:{line}:"):
        compose(read(source), house)


def test_placeholders_in_a_comment_and_braces_in_code_are_left_alone(house):
    source = house.find([])[0]
    source.write_text(TINY.replace("Some words.", "<!-- {{ card 77.7 }} -->").replace('"hello"', 'f"{{x}}"'))
    cells = compose(read(source), house).cells
    assert "{{ card 77.7 }}" in cells[2].source
    assert 'f"{{x}}"' in cells[4].source


# --- instructor's notes


def test_instructor_cells_leave_the_notebook_and_keep_their_heading(house):
    lesson = read(house.find([])[0])
    assert not any("Misconception" in cell.source for cell in compose(lesson, house).cells)
    notes = instructor_notes(lesson)
    assert "## The picture\n\n**Misconception:** that there is one." in notes
    assert "lessons/source/00_tiny.md" in notes


# --- the build


def test_a_built_lesson_is_executed_clean_and_measured(ready):
    notebook = nbformat.read(ready.lessons / "00_tiny.ipynb", as_version=4)
    nbformat.validate(notebook)
    course = notebook.metadata.course
    assert 0 < course.processor_seconds < 60
    assert 20 < course.megabytes < 850
    assert re.search(r"Run All: \d+ s of processor time \(\d+ s on the clock\), \d+ MB", notebook.cells[0].source)
    assert [c.execution_count for c in notebook.cells if c.cell_type == "code"] == [1, 2, 3]
    assert notebook.cells[4].outputs[0].text == "hello 0 1\n"
    assert notebook.cells[4].metadata.tags == ["exercise"]
    assert notebook.cells[6].outputs[-1].text == "[] lessons\n"  # a fresh home, in the lessons' folder
    assert lesson_run.WIDGET_VIEW not in str(notebook)
    assert "widgets" not in notebook.metadata
    assert set(notebook.metadata.language_info) == {"file_extension", "mimetype", "name", "pygments_lexer"}
    assert (ready.teaching / "00_tiny.md").exists()
    assert disagreements(ready.find([])[0], ready) == []


def test_a_lesson_that_breaks_is_not_written_but_left_for_looking(house):
    source = house.find([])[0]
    source.write_text(TINY.replace('print("hello"', '1 / 0; print("hello"'))
    with pytest.raises(
        LessonError, match=r"cell the-picture-code-1:(.|\n)*ZeroDivisionError(.|\n)*left for looking"
    ) as told:
        build(source, house)
    assert not house.notebook(source).exists()
    left = Path(re.search(r"looking at: (.*)\)", str(told.value))[1])
    assert left.exists()
    shutil.rmtree(left.parent)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (new_output("stream", name="stderr", text="a warning"), "writes to stderr: a warning"),
        (new_output("error", ename="ValueError", evalue="no", traceback=[]), "ValueError: no"),
        (new_output("stream", name="stdout", text=f"in {Path.home()}/x"), "shows a folder of this machine"),
        (
            new_output("display_data", data={"text/html": f"<a href='{ROOT}/lessons'>"}),
            "shows a folder of this machine",
        ),
        (
            new_output(
                "display_data",
                data={"application/vnd.course-evidence+json": [{"claim": "all is well", "z": 9.0, "holds": False}]},
            ),
            "evidence does not hold: all is well",
        ),
    ],
)
def test_what_must_not_stand_in_an_output_is_found(output, told):
    cell = new_code_cell("1", id="here", outputs=[output])
    assert any(
        f"cell here {told}" in fault or f"cell here: {told}" in fault for fault in lesson_run.output_faults(cell)
    )


def test_harmless_outputs_pass():
    texts = ["the ratio a/b", "https://example.org/home/of/all", "x/tmp/y"]
    cell = new_code_cell("1", outputs=[new_output("stream", name="stdout", text=text) for text in texts])
    assert lesson_run.output_faults(cell) == []


# --- budgets


def test_budgets_name_what_was_overdrawn_and_by_how_much():
    course = {"lesson": "11", "processor_seconds": 61.5, "megabytes": 900}
    cells = [new_code_cell("x = 1\n" * 260) for _ in range(3)]
    faults = "\n".join(overdrawn(new_notebook(cells=cells, metadata={"course": course})))
    for told in (
        "processor time is 61.5 s, the budget is 60 s",
        "memory is 900 MB",
        "code is 780 visible lines",
        "3 cells",
    ):
        assert told in faults
    assert overdrawn(new_notebook(cells=cells[:1], metadata={"course": {"lesson": "00"}})) == [
        "over budget: code is 260 visible lines, the budget is 250 visible lines"
    ]


def test_an_overdrawn_budget_stops_the_build(house, monkeypatch):
    monkeypatch.setattr("budgets.WORDS", 3)
    monkeypatch.setattr(
        "lesson_build.run", lambda *_, **__: {"processor_seconds": 1, "wall_seconds": 1, "megabytes": 1, "seed": 0}
    )
    with pytest.raises(LessonError, match=r"over budget: text is \d+ words, the budget is 3 words"):
        build(house.find([])[0], house)
    assert not (house.lessons / "00_tiny.ipynb").exists()


def test_what_counts_as_words_and_lines(house):
    text = "Two words <!-- not these --> [link](https://a.b/c) <details>folded\naway</details> $+$ — `code`"
    assert words(text) == 4
    assert code_lines("a = 1\n\n# why\nb = 2\n") == 3
    assert sizes(compose(read(house.find([])[0]), house))["code_lines"] == 6  # without the set-up cell


# --- source and notebook agree


def test_check_notices_every_edit_by_hand(ready):
    source, path = ready.find([])[0], ready.lessons / "00_tiny.ipynb"
    original = path.read_text(encoding="utf-8")
    for old, new, told in [
        ("hello", "goodbye", "cell the-picture-code-1 differs"),
        ("More words", "Fewer words", "cell the-picture-text-2 differs"),
        ('"exercise"', '"other"', "cell the-picture-code-1 differs"),
        ("the-picture-code-1", "some-other-id", "does not have the cells"),
    ]:
        path.write_text(original.replace(old, new), encoding="utf-8")
        assert any(told in fault for fault in disagreements(source, ready))
    path.write_text(original, encoding="utf-8")
    assert disagreements(source, ready) == []
    (ready.teaching / "00_tiny.md").write_text("edited by hand")
    assert any("instructor" in fault for fault in disagreements(source, ready))


def test_check_notices_an_edited_source_and_a_missing_notebook(ready):
    source = ready.find([])[0]
    source.write_text(TINY.replace("that there is one", "that there are two"))
    assert any("another text" in fault for fault in disagreements(source, ready))
    assert lessons.main(["check"], ready) == 1
    ready.notebook(source).unlink()
    assert "has not been built" in disagreements(source, ready)[0]


# --- links


def test_a_fork_points_everything_at_itself(ready, capsys):
    before = nbformat.read(ready.lessons / "00_tiny.ipynb", as_version=4)
    assert lessons.main(["fork", f"{FORKED}.git/"], ready) == 0
    ready = House(ready.root)
    assert ready.repository == FORKED
    assert "# where all links come from" in ready.pyproject.read_text()
    after = nbformat.read(ready.lessons / "00_tiny.ipynb", as_version=4)
    assert f"{FORKED}/archive/refs/tags/v1.2.3.zip" in after.cells[1].source
    assert (
        "https://colab.research.google.com/github/university/physics-lens/blob/v1.2.3/lessons/00_tiny.ipynb"
        in after.cells[0].source
    )
    readme = ready.readme.read_text()
    assert f"{FORKED}/issues" in readme
    assert "/v2/gh/university/physics-lens/v1" in readme
    assert "YOUR_ORGANISATION" not in readme
    assert [c.get("outputs") for c in after.cells] == [c.get("outputs") for c in before.cells]
    assert disagreements(ready.find([])[0], ready) == []


def test_check_notices_links_that_were_not_made_anew(ready):
    ready.pyproject.write_text(ready.pyproject.read_text().replace(NOWHERE, FORKED))
    ready = House(ready.root)
    assert len(disagreements(ready.find([])[0], ready)) == 2  # header and set-up cell
    assert lessons.main(["relink"], ready) == 0
    assert disagreements(ready.find([])[0], ready) == []
    assert f"{FORKED}/issues" in ready.readme.read_text()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "github.com/a/b",
        "http://github.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b?x=1",
        "git@github.com:a/b",
        "https://git hub.com/a/b",
        'https://github.com/a/b"',
        "https://github.com/../b",
        "https://localhost/a/b",
    ],
)
def test_an_address_that_is_none_is_refused(ready, url, capsys):
    assert lessons.main(["fork", url], ready) == 1
    assert "https://github.com/OWNER/NAME" in capsys.readouterr().err
    assert House(ready.root).repository == NOWHERE


def test_other_hosts_get_the_links_that_work_there(ready):
    assert checked_url("https://gitlab.com/group/sub/course/") == "https://gitlab.com/group/sub/course"
    assert archive("https://codeberg.org/a/b", "1.0") == "git+https://codeberg.org/a/b@v1.0"
    assert lessons.main(["fork", "https://codeberg.org/a/b"], ready) == 0
    assert set(launch_links(House(ready.root), "00_tiny")) == {"Open on Binder", "Source"}


def test_the_syllabus_has_a_row_a_lesson(ready):
    assert write_syllabus(ready)
    text = ready.readme.read_text()
    assert re.search(r"\[00 · A tiny lesson\]\(lessons/00_tiny.ipynb\).*\| 5 min \| \d+ s, \d+ MB \|", text)
    write_syllabus(ready)
    assert ready.readme.read_text() == text
    ready.readme.write_text("no marks")
    assert lessons.main(["syllabus"], ready) == 1


# --- a new lesson


def test_a_new_lesson_has_the_ten_parts(house):
    assert lessons.main(["new", "12_loss_is_energy", "The loss is an energy"], house) == 0
    lesson = read(house.sources / "12_loss_is_energy.md")
    faults = missing(lesson)
    assert len(faults) == 1  # only the exercises are left to write
    assert "0 exercise cells" in faults[0]
    nbformat.validate(compose(lesson, house))
    assert instructor_notes(lesson)


def test_anatomy_notices_a_part_that_is_missing_or_misplaced(house):
    lessons.main(["new", "12_a", "A"], house)
    path = house.sources / "12_a.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("## Where the metaphor breaks", "## Limits"), encoding="utf-8")
    assert any("where the metaphor breaks" in fault for fault in missing(read(path)))
    path.write_text(
        text.replace("## The picture", "## Tmp").replace("## Recap", "## The picture\n\n## Recap"), encoding="utf-8"
    )
    assert missing(read(path))[1:]


@pytest.mark.parametrize(
    "given",
    [
        ["new", "Name", "T"],
        ["new", "12_", "T"],
        ["new", "00_again", "T"],
        ["new", "13_x", " "],
        ["build", "77"],
        ["check", "nope"],
    ],
)
def test_the_command_line_refuses_what_it_cannot_do(house, given, capsys):
    assert lessons.main(given, house) == 1
    assert capsys.readouterr().err.startswith("lessons: ")


# --- the set-up cell, as a learner runs it


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A Python without the course, and the course as an archive; the Python of the tests is left as it is."""
    place = tmp_path_factory.mktemp("colab")
    tree = place / "tree"
    tree.mkdir()
    for name in ("course_utils", "datasets"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "setup.py", "MANIFEST.in"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tree / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(place), str(tree)]
    subprocess.run(pip, check=True)
    venv.create(place / "venv", with_pip=True, symlinks=True)
    python = place / "venv" / "bin" / "python"
    import lazy_loader

    library = next((place / "venv").glob("lib/python*/site-packages"))
    installed = Path(lazy_loader.__file__).parent
    for folder in [installed, *installed.parent.glob("lazy_loader-*.dist-info")]:
        shutil.copytree(folder, library / folder.name)  # so that no network is needed
    return python, next(place.glob("*.whl"))


def run_cell(python: Path, folder: Path, cell: str, **environment: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "COLAB_RELEASE_TAG", "COURSE_SOURCE"}}
    code = cell + "\nimport course_utils; print(course_utils.__version__, 'torch' in sys.modules)"
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [python, "-c", code], cwd=folder, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


def test_the_set_up_cell_is_short_and_readable():
    cell = setup_cell(House(ROOT))
    assert len(cell.splitlines()) <= 20
    assert max(map(len, cell.splitlines())) <= 120


def test_the_set_up_cell_where_there_is_no_course(bare_python, tmp_path, house):
    python, wheel = bare_python
    cell = setup_cell(house)
    elsewhere = run_cell(python, tmp_path / "out" / "bare", cell)
    assert "ModuleNotFoundError" in elsewhere.stderr
    assert "make lab" in elsewhere.stderr
    nowhere = run_cell(python, tmp_path / "out" / "bare", cell, COLAB_RELEASE_TAG="release-colab")
    assert "links lead nowhere yet" in nowhere.stderr
    (tmp_path / "out" / "copy" / "course_utils").mkdir(parents=True)
    (tmp_path / "out" / "copy" / "course_utils" / "__init__.py").write_text('__version__ = "beside"\n')
    beside = run_cell(python, tmp_path / "out" / "copy" / "lessons", cell)
    assert beside.stdout == "beside False\n"
    on_colab = {"COLAB_RELEASE_TAG": "release-colab", "COURSE_SOURCE": str(wheel)}
    first = run_cell(python, tmp_path / "out" / "bare", cell, **on_colab)
    version = House(ROOT).version
    assert first.stdout.splitlines() == ["The course is installed (version 1.2.3).", f"{version} False"], first.stderr
    again = run_cell(
        python, tmp_path / "out" / "bare", cell, COLAB_RELEASE_TAG="release-colab", COURSE_SOURCE="/nowhere.zip"
    )
    assert again.stdout == f"{version} False\n"
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    assert "torch" not in listed.stdout
