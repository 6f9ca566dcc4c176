"""The built site under axe-core, on a desktop and on a phone: nothing serious, nothing critical.

Run by `make test-site`. What axe-core finds and does not call serious is printed.
"""

import os

import pytest
from browsers import say
from conftest import ROOT
from heard import axe, nodes, told

from house import HERE
from site_sources import lessons
from site_view import chromium, lacking, open_page, served

pytestmark = pytest.mark.site

SITE = ROOT / "build" / "site"
GRAVE = ("serious", "critical")
LESSONS = {lesson.course["lesson"]: f"{lesson.page}.html" for lesson in lessons(HERE)}
PAGES = ["index.html", *(LESSONS[number] for number in ("11", "42", "51")), "glossary.html", "lessons/claims.html"]
PAGES += ["api/index.html", "api/theory.onsager1944.html"]
WIDTHS = {"desktop": (1300, 1000), "phone": (390, 844)}
OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
OPTIONS |= {"resultTypes": ["violations"]}  # the rest is not looked at, and takes its time


@pytest.fixture(scope="module")
def look():
    """Open a page of the site at a width."""
    assert (SITE / "index.html").exists(), "there is no site to test in build/site; run: make site"
    if lack := lacking():
        message = f"NOT TRIED: axe-core on the site. There is no {lack} here."
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{message} Continuous integration (CI=true) has to try it.")
        print("\n" + "*" * 100 + f"\n***  {message}\n" + "*" * 100)
        pytest.skip(message)
    with served(SITE) as address, chromium() as browser:
        contexts = {
            name: browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
            for name, (width, height) in WIDTHS.items()
        }
        yield lambda name, width: open_page(contexts[width], address + name)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(look, name, width, request):
    page = look(name, width)
    try:
        violations = axe(page, OPTIONS)
    finally:
        page.close()
    minor = [one for one in violations if one["impact"] not in GRAVE]
    if minor:
        say(request.config, f"{name}, {width}: " + "; ".join(f"{one['id']} ({one['impact']})" for one in minor))
    assert told([one for one in violations if one["impact"] in GRAVE]) == []


@pytest.mark.parametrize("number", LESSONS)
def test_every_picture_of_a_lesson_is_described_to_who_hears_it(look, number):
    page = look(LESSONS[number], "desktop")
    try:
        heard = [name for role, name in nodes(page, page.locator(".bd-article")) if role in ("img", "image")]
        drawn = page.locator(".bd-article .cell_output img").count()
    finally:
        page.close()
    long = [name for name in heard if len(name) >= 40]
    assert len(long) >= drawn > 0, f"{drawn} pictures, and described are {len(long)}"
