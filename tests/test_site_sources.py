"""How the sources of the site are laid out: links, descriptions of pictures, order, and what is refused."""

import importlib
import json
import shutil

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

import site_api
import site_sources
from house import HERE, House, LessonError
from site_sources import Links, lessons, pages, texts, write

PICTURE = "iVBORw0KGgo="
ALT = "Two curves, one of height 1 and one of height 2."


def shown(alt=ALT):
    return new_output("display_data", {"image/png": PICTURE}, metadata={"image/png": {"alt": alt, "width": 9}})


def lesson(number, title, part, cells):
    course = {"lesson": number, "title": title, "part": part, "question": f"Why {title}?", "minutes": 30}
    return writes(new_notebook(cells=cells, metadata={"course": course}))


@pytest.fixture
def house(tmp_path):
    """Return a small course: two lessons, and the pages that are always there."""
    root = tmp_path / "course"
    for folder in ("lessons", "teaching", "datasets", "course_utils", "site"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/me/mine"\n')
    (root / "course_utils" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (root / "README.md").write_text("# Mine\n")
    (root / "teaching" / "README.md").write_text("# Teaching\n\n[first](../lessons/01_one.ipynb)\n")
    (root / "datasets" / "README.md").write_text("# Data\n")
    shutil.copy(HERE.root / "site" / "index.md", root / "site")
    front = root / "site" / "index.md"
    front.write_text("# Mine\n\n[read](../README.md)\n\n<!-- lessons -->\n\n<!-- contents -->\n")
    hidden = new_code_cell("import this", metadata={"jupyter": {"source_hidden": True}})
    cells = [hidden, new_code_cell("show()", outputs=[shown()])]
    (root / "lessons" / "01_one.ipynb").write_text(lesson("01", "One", "First part", cells))
    cells = [new_markdown_cell("[back](01_one.ipynb) [data](../datasets) `[no](gone.md)` [up](../README.md#mine)")]
    (root / "lessons" / "02_two.ipynb").write_text(lesson("02", "Two", "Second part", cells))
    return House(root)


@pytest.fixture(autouse=True)
def no_bibliography(monkeypatch):
    monkeypatch.setattr(site_sources, "where_cited", lambda house: "")


def cells_of(house, name):
    return json.loads(texts(house)[name])["cells"]


def test_lessons_come_from_the_folder_in_their_order(house):
    third = lesson("03", "Three", "First part", [])
    (house.lessons / "03_three.ipynb").write_text(third)
    assert [one.name for one in lessons(house)] == ["01 · One", "02 · Two", "03 · Three"]
    front = texts(house)["index.md"]
    assert "- [03 · Three](lessons/03_three.ipynb). Why Three? *30 min*" in front
    assert ":caption: First part\n\nlessons/01_one\nlessons/03_three\n" in front


def test_links_lead_to_the_same_thing_as_in_the_repository(house):
    source = "".join(cells_of(house, "lessons/02_two.ipynb")[0]["source"])
    assert "[back](01_one.ipynb)" in source
    assert "[data](../datasets/index.md)" in source
    assert "[up](https://github.com/me/mine/blob/v1.2.3/README.md)" in source
    assert "(../lessons/01_one.ipynb)" in texts(house)["teaching/index.md"]
    links = Links(house, pages(house))
    assert links.moved("site/index.md", "#here") == "#here"
    assert links.moved("site/index.md", "https://example.org/x.md") == "https://example.org/x.md"
    assert links.in_text("site/index.md", "```\n[a](gone.md)\n```") == "```\n[a](gone.md)\n```"


def test_a_link_that_leads_nowhere_is_refused_by_name(house):
    (house.teaching / "README.md").write_text("# Teaching\n\n[x](gone.md)\n")
    with pytest.raises(LessonError, match=r"teaching/README.md: the link \(gone.md\) leads nowhere"):
        texts(house)


def test_the_description_of_a_picture_becomes_its_alt(house):
    _, picture = cells_of(house, "lessons/01_one.ipynb")
    assert picture["metadata"]["mystnb"] == {"image": {"alt": ALT}}


def test_a_second_picture_of_a_cell_has_its_own_description(house):
    two = [new_code_cell("show()\nshow()", outputs=[shown("The first, of 1."), shown("The second, of 2.")])]
    (house.lessons / "01_one.ipynb").write_text(lesson("01", "One", "First part", two))
    made = cells_of(house, "lessons/01_one.ipynb")
    assert [cell["metadata"]["mystnb"]["image"]["alt"] for cell in made] == ["The first, of 1.", "The second, of 2."]
    assert [cell["metadata"].get("tags") for cell in made] == [None, ["remove-input"]]
    assert len({cell["id"] for cell in made}) == 2


@pytest.mark.parametrize("alt", ["", "   "])
def test_a_picture_without_a_description_is_refused(house, alt):
    cells = [new_code_cell("show()", outputs=[shown(alt)], id="the-cell")]
    (house.lessons / "01_one.ipynb").write_text(lesson("01", "One", "First part", cells))
    with pytest.raises(LessonError, match=r"01_one.ipynb, cell the-cell: a picture without a description"):
        texts(house)


def test_the_set_up_cell_is_folded(house):
    assert cells_of(house, "lessons/01_one.ipynb")[0]["metadata"]["tags"] == ["hide-input"]


def test_a_notebook_that_was_not_built_is_refused(house):
    (house.lessons / "02_two.ipynb").write_text(writes(new_notebook()))
    with pytest.raises(LessonError, match=r"02_two.ipynb has no lesson, title.* run: make lessons"):
        lessons(house)


def test_only_what_has_changed_is_written(tmp_path):
    assert write(tmp_path, {"a/b.md": "1", "c.md": "2"}) == 2
    assert write(tmp_path, {"a/b.md": "1", "c.md": "2"}) == 0
    assert write(tmp_path, {"c.md": "3"}) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["c.md"]


def test_the_reference_names_what_a_reader_may_use():
    made = site_api.texts()
    assert ":members: train" in made["api/dynamics.training.loop.rst"]
    assert ":members: Potential, Quartic, Trap, DoubleWell" in made["api/models.double_well.rst"]
    members = " ".join(line for page in made.values() for line in page.splitlines() if ":members:" in line)
    assert " _" not in members
    assert "What should we see" in made["api/theory.rst"] or "what should we see?" in made["api/theory.rst"]


def test_the_reference_is_a_table_of_contents_by_subject():
    front = site_api.texts()["api/index.rst"]
    heads = [
        f"{subject}\n{'^' * len(subject)}\n" for subject in ("Landscapes", "Spins", "Networks", "Glasses", "Dropout")
    ]
    assert all(head in front for head in heads)
    places = [
        front.index(f"/api/theory.{name}>") for name in ("boltzmann1868", "onsager1944", "parisi1980", "mori2025")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("room", ["models", "dynamics", "measure", "theory"])
def test_the_contents_of_a_room_name_every_module_of_it_once(room):
    named = [name for names in importlib.import_module(f"course_utils.{room}").CONTENTS.values() for name in names]
    assert len(named) == len(set(named))
    told = "".join(text for name, text in site_api.texts().items() if name == f"api/{room}.rst")
    assert all(f"{room}.{name}" in told for name in named)
