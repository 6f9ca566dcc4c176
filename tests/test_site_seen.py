"""The built site in Chromium: formulas without a network, search, a phone's width, and paper.

Run by `make test-site`. Pictures are kept in `test-output/site/`, or where COURSE_SHOTS says.
"""

import os
import re
from pathlib import Path

import pytest
from conftest import ROOT
from site_html import SITE

from house import HERE
from site_print import to_pdf
from site_sources import lessons
from site_view import READY, chromium, lacking, open_page, served

pytestmark = [pytest.mark.site]

SHOTS = Path(os.environ.get("COURSE_SHOTS") or ROOT / "test-output" / "site")
LESSONS = {lesson.course["lesson"]: f"{lesson.page}.html" for lesson in lessons(HERE)}
OTHERS = ["index.html", "glossary.html", "bibliography.html", "lessons/claims.html", "teaching/index.html"]
OTHERS += ["api/index.html", "api/models.double_well.html", "api/theory.onsager1944.html", "search.html?q=temperature"]
# What reaches over the right edge of the window, and is not in a box that scrolls.
OVER = """() => {
    const width = document.documentElement.clientWidth;
    const boxed = node => {
        for (let box = node.parentElement; box; box = box.parentElement) {
            const scrolls = ['auto', 'scroll', 'hidden'].includes(getComputedStyle(box).overflowX);
            if (scrolls && box.getBoundingClientRect().right <= width + 1) return true;
        }
        return false;
    };
    const over = [...document.querySelectorAll('.bd-article *')].filter(node => {
        const box = node.getBoundingClientRect();
        return box.width > 0 && box.right > width + 1 && !boxed(node) && !node.closest('mjx-assistive-mml');
    });
    const page = document.documentElement.scrollWidth > width + 1 ? ['the whole page'] : [];
    return page.concat(over.map(node => `${node.tagName} ${node.className} ${node.textContent.trim().slice(0, 40)}`));
}"""


@pytest.fixture(scope="module")
def address():
    assert (SITE / "index.html").exists(), "there is no site to test in build/site; run: make site"
    with served(SITE) as where:
        yield where


@pytest.fixture(scope="module")
def browser():
    if lack := lacking():
        message = f"NOT TRIED: the site in a browser. There is no {lack} here."
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{message} Continuous integration (CI=true) has to try it.")
        print("\n" + "*" * 100 + f"\n***  {message}\n" + "*" * 100)
        pytest.skip(message)
    with chromium() as running:
        yield running


@pytest.fixture
def look(browser, address):
    """Open a page of the site; whatever it asks of another host is refused, and fails the test."""
    opened, foreign, broken = [], [], []

    def guard(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            return route.continue_()
        foreign.append(route.request.url)
        return route.abort()

    def at(name, width=1300, height=1000):
        context = browser.new_context(viewport={"width": width, "height": height})
        context.route("**/*", guard)
        context.on("response", lambda answer: broken.append(answer.url) if answer.status >= 400 else None)
        context.on("weberror", lambda error: broken.append(str(error.error)))
        opened.append(context)
        return open_page(context, address + name)

    yield at
    for context in opened:
        context.close()
    assert foreign == [], "a page asks other hosts"
    assert broken == []


def shot(page, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_needs_no_network_and_fits_a_phone(look, number):
    page = look(LESSONS[number], 390, 844)
    assert page.evaluate(OVER) == []
    formulas = page.locator("mjx-container").count()
    assert formulas > 5, "no formulas were set"
    assert page.locator("mjx-merror").count() == 0
    assert page.locator("mjx-container mjx-math").first.bounding_box()["height"] > 5
    assert page.evaluate("() => [...document.images].every(image => image.complete && image.naturalWidth > 0)")
    shapes = "() => [...document.images].map(i => i.naturalWidth / i.naturalHeight * i.clientHeight / i.clientWidth)"
    assert all(abs(ratio - 1) < 0.03 for ratio in page.evaluate(shapes)), "a picture is out of shape"
    shot(page, f"{number}_phone")


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_pages_need_no_network_and_fit_a_phone(look, name):
    page = look(name, 390, 844)
    assert page.evaluate(OVER) == []
    assert page.locator("mjx-merror").count() == 0
    shot(page, re.sub(r"\W+", "_", name.split(".")[0]) + "_phone")


def test_a_description_unfolds(look):
    page = look(LESSONS["11"])
    fold = page.locator(".bd-article details", has=page.get_by_text(re.compile("^Description: "))).first
    words = fold.locator("p").first
    assert not words.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert words.is_visible()
    assert re.search(r"\d", words.inner_text())
    shot(page, "11_desktop")


def test_search_finds_temperature(look):
    page = look("search.html?q=temperature")
    page.get_by_text(re.compile("Search finished")).wait_for()
    found = page.locator("#search-results ul.search li a").evaluate_all("links => links.map(link => link.href)")
    assert any("11_energy_and_temperature" in link for link in found)
    assert any("glossary" in link for link in found)


def test_the_launch_menu_opens_by_keyboard(look):
    page = look(LESSONS["42"])
    page.get_by_role("button", name="Open this lesson elsewhere").focus()
    page.keyboard.press("Enter")
    colab = page.get_by_role("link", name="Open in Colab").last
    assert colab.is_visible()


def test_a_lesson_on_paper(look, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    page = look(LESSONS["11"], 794, 1123)
    headings = page.locator(".bd-article h1, .bd-article h2").evaluate_all(
        "nodes => nodes.map(node => [...node.childNodes].filter(n => n.className !== 'headerlink')"
        ".map(n => n.textContent).join(''))"
    )
    pictures = page.locator(".bd-article img").count()
    page.emulate_media(media="print")
    page.evaluate(READY)
    hidden = "() => ['.bd-sidebar-primary', '.bd-header-article', '.prev-next-area'].every(one => "
    hidden += "{ const node = document.querySelector(one); return !node || node.getClientRects().length === 0; })"
    assert page.evaluate(hidden), "the navigation is on the paper"
    # 680 px: what A4 leaves between margins of 15 mm
    page.set_viewport_size({"width": 680, "height": 994})
    assert page.evaluate(OVER) == []
    to_pdf(page, "11", tmp_path / "11.pdf")
    sheets = pypdf.PdfReader(tmp_path / "11.pdf").pages
    words = " ".join(" ".join(sheet.extract_text().split()) for sheet in sheets)
    squeezed = words.replace(" ", "")
    assert [heading for heading in headings if heading.replace(" ", "") not in squeezed] == []
    assert 8 <= len(sheets) <= 40
    assert {(round(float(s.mediabox.width)), round(float(s.mediabox.height))) for s in sheets} <= {
        (595, 842),
        (596, 843),
    }
    assert sum(len(sheet.images) for sheet in sheets) >= pictures
