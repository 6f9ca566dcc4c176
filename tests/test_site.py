"""The built site, in build/site: everything is there, nothing comes from elsewhere, every link leads somewhere.

Run by `make test-site`, which builds the site first (warnings of Sphinx are errors).
"""

import re
from itertools import pairwise
from urllib.parse import unquote

import pytest
import site_html
from site_html import SITE, lost, pages

import citations
import site_api
from house import HERE
from links import launch_links
from site_sources import by_part, lessons

pytestmark = [pytest.mark.site]

LESSONS = lessons(HERE)
NAMES = [f"{lesson.page}.html" for lesson in LESSONS]
ELSEWHERE = re.compile(r"(?:https?:)?//(?!127\.0\.0\.1)")


@pytest.fixture(autouse=True)
def built():
    assert (SITE / "index.html").exists(), "there is no site to test in build/site; run: make site"


def test_every_lesson_has_its_page_with_its_title():
    for lesson in LESSONS:
        page = pages()[f"{lesson.page}.html"]
        assert page.headings[0][1].rstrip("#") == lesson.name
        assert lesson.name in page.title


def test_the_order_is_that_of_the_syllabus():
    order = [link["href"] for link in pages()["index.html"].links if link.get("class") == "reference internal"]
    assert [name for name in order if name in NAMES][: len(NAMES)] == NAMES
    for name, following in pairwise(NAMES):
        ahead = [link["href"] for link in pages()[name].links if "right-next" in link.get("class", "")]
        assert ahead == [following.removeprefix("lessons/")]
    front = (SITE / "index.html").read_text(encoding="utf-8")
    places = [front.index(part) for part in by_part(LESSONS)]
    assert places == sorted(places)


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_of_a_lesson_is_described_with_numbers(name):
    pictures = pages()[name].images
    assert len(pictures) >= 3
    for picture in pictures:
        alt = picture.get("alt", "")
        assert len(alt) >= 40, f"{name}: {picture['src']} is described in {len(alt)} signs: {alt!r}"
        assert re.search(r"\d", alt) or "and numbers" in picture["fold"], (
            f"{name}: no number in the description {alt!r}"
        )
        assert int(picture["width"]) > 100, name
        assert int(picture["height"]) > 100, name


def test_no_picture_on_any_page_is_without_words():
    for name, page in pages().items():
        assert all(picture.get("alt") for picture in page.images), name


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.course["lesson"])
def test_launch_buttons_lead_where_the_notebook_leads(lesson):
    page = pages()[f"{lesson.page}.html"]
    buttons = {link["href"] for link in page.links if "dropdown-item" in link.get("class", "")}
    assert buttons == set(launch_links(HERE, lesson.path.stem).values())


def test_nothing_is_loaded_from_elsewhere():
    for name, page in pages().items():
        assert [address for address in page.loaded if ELSEWHERE.match(address)] == [], name
    for path in SITE.rglob("*.css"):
        sheet = path.read_text(encoding="utf-8")
        assert re.findall(r"(?:url\(|@import\s+)[\"']?(?:https?:)?//[^)\"';]+", sheet) == [], path.name


def test_every_link_within_the_site_leads_somewhere():
    found = {name: lost(page) for name, page in pages().items()}
    assert {name: links for name, links in found.items() if links} == {}


def test_headings_are_in_order():
    for name, page in pages().items():
        levels = [level for level, _ in page.headings]
        assert levels[:1] in ([1], []), f"{name} begins with {page.headings[0]}"
        assert levels.count(1) <= 1, name
        for (above, _), (level, words) in pairwise(page.headings):
            assert level <= above + 1, f"{name}: {words!r} is a heading {level} below a heading {above}"


def test_every_page_says_its_language_its_title_and_what_it_is():
    described = set()
    for name, page in pages().items():
        assert page.language == "en", name
        assert page.title.strip(), name
        assert len(page.metas.get("description", "")) > 15, name
        assert "width=device-width" in page.metas["viewport"], name
        described.add(page.metas["description"])
    assert {lesson.course["question"] for lesson in LESSONS} <= described


def test_the_glossary_and_the_bibliography_are_whole():
    written = re.findall(
        r"^([^\s:`|#*].*)\n  \S", (HERE.root / "site" / "glossary.md").read_text(encoding="utf-8"), re.M
    )
    words = pages()["glossary.html"].words.replace("’", "'")
    assert len(written) >= 40
    assert [term for term in written if term not in words] == []
    assert len({one for one in pages()["glossary.html"].identities if one.startswith("term-")}) >= len(written)
    linked = {unquote(link["href"]).lower() for link in pages()["bibliography.html"].links}
    for work in citations.works().values():
        for where in filter(None, (work.doi and f"https://doi.org/{work.doi}", work.eprint and f"/abs/{work.eprint}")):
            assert any(link.endswith(where.lower()) for link in linked), f"{work.key}: no link to {where}"


def test_the_reference_has_every_room_and_nothing_private():
    front = pages()["api/index.html"]
    assert [words.split(":")[0] for level, words in front.headings if level == 2][:-1] == list(site_api.ROOMS)
    objects = {one for name, page in pages().items() if name.startswith("api/") for one in page.identities}
    for known in ("models.double_well.DoubleWell", "theory.onsager1944.free_energy", "evidence.Evidence.add"):
        assert f"course_utils.{known}" in objects
    assert [one for one in objects if one.startswith("course_utils.") and re.search(r"\._(?!_init__)", one)] == []


def test_claims_stand_in_a_table_with_links_to_their_lessons():
    page = pages()["lessons/claims.html"]
    led = {link["href"] for link in page.links}
    assert {name.removeprefix("lessons/") for name in NAMES} & led
    assert "half right" in page.words


def test_a_page_that_leads_nowhere_would_be_found(tmp_path):
    (tmp_path / "here.html").write_text('<html lang="en"><a href="gone.html">x</a><a href="#there" id="there">y</a>')
    assert lost(site_html.read(tmp_path / "here.html", tmp_path), tmp_path) == ["gone.html"]
