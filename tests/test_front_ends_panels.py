"""Every lesson's panel in the hands of a learner, in JupyterLab and Notebook 7: by keys, by mouse, and by ear.

Run by `make browser`. A learner may come for the knob alone, so only the imports and the panel are run; Run All of each
lesson is nbval's part. One notebook is opened for each lesson and front end; pictures of the screen are kept in
`test-output/front-ends/`, or where COURSE_SHOTS says.
"""

# ruff: noqa: F811 (a fixture that is imported is asked for by its name)

import re
import statistics

import pytest
from browsers import browser, classic, lab, on, say  # noqa: F401
from front_end import NAMES, OpenNotebook, opened, until
from heard import controls, in_output, nameless, stops, tree

from house import HERE

pytestmark = pytest.mark.browser

PANEL = "turn-the-knob-code-1"
SOON = 15  # seconds; generous, since nothing here is a test of speed
EVERY = [on(app, (app, source.stem)) for app in ("lab", "classic") for source in HERE.find([])]


class Panel:
    """The panel of one lesson on the screen, and what stood in its place before anything was run."""

    def __init__(self, notebook: OpenNotebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.committed = self._as_committed()
        imports = list(notebook.outputs())[1]
        for cell in (imports, PANEL):
            notebook.run_cell(cell)
        self.area = self._area()
        self.image = self.area.locator("img.widget-image")
        self.image.wait_for()
        self.number = self.area.locator("input[type=number]").first  # it shows the value in full
        self.slider = self.area.get_by_role("slider").first
        notebook.bring(self.area)
        notebook.watch(self.image)

    def _area(self):
        return self.notebook.cell(PANEL).locator(".jp-OutputArea").first

    def _as_committed(self) -> dict:
        area = self._area()
        image = area.locator("img").first
        image.wait_for()
        until(lambda: image.evaluate("image => image.complete && image.naturalWidth > 300"), "the committed still")
        self.notebook.bring(area)
        self.notebook.shot("before_run")
        return {
            "words": area.inner_text(),
            "still": self.notebook.picture(image),
            "widgets": area.locator(".jupyter-widgets").count(),
        }

    def place(self) -> float:
        """Where the first slider stands, from 0 to 1."""
        now, low, high = (float(self.slider.get_attribute(f"aria-value{which}")) for which in ("now", "min", "max"))
        return (now - low) / (high - low)

    def another(self, before: str, what: str) -> str:
        """Wait until the picture has other bytes, and the kernel is done."""
        return until(lambda: (now := self.notebook.picture(self.image)) != before and now, what, SOON)

    def heights(self) -> set[float]:
        return set(self.notebook.seen()["heights"])


@pytest.fixture(scope="module", params=EVERY)
def panel(request, browser):
    app, stem = request.param
    with opened(browser, request.getfixturevalue(app), stem) as notebook:
        yield Panel(notebook)


def test_before_a_run_the_committed_still_stands_there(panel):
    assert panel.committed["widgets"] == 0
    assert "Error displaying widget" not in panel.committed["words"]
    assert "Loading widget" not in panel.committed["words"]
    assert "a picture of" in panel.committed["words"]  # the caption says what stands there
    assert panel.committed["still"] != panel.notebook.picture(panel.image)


def test_the_panel_runs_without_an_error(panel):
    troubles = {
        name: output.get("traceback") or output.get("text")
        for name, outputs in panel.notebook.outputs().items()
        for output in outputs
        if name == PANEL and (output["output_type"] == "error" or output.get("name") == "stderr")
    }
    assert troubles == {}


def by_arrow_keys(panel: Panel, config: pytest.Config) -> None:
    """Five steps on and four back by the slider's keys."""
    on, back = ("ArrowLeft", "ArrowRight") if panel.place() > 0.5 else ("ArrowRight", "ArrowLeft")
    seen = panel.notebook.seen()["shown"]
    panel.slider.focus()
    for press, key in enumerate([on] * 5 + [back] * 4):
        panel.page.keyboard.press(key)
        until(
            lambda done=seen + press + 1: panel.notebook.seen()["shown"] >= done, f"a picture after key {press}", SOON
        )
    delays = panel.notebook.seen()["delays"]
    say(config, f"{NAMES['lab']}, {panel.notebook.stem}: key to pixels {statistics.median(delays):.0f} ms "
                f"(median of {len(delays)}; {min(delays):.0f} to {max(delays):.0f})")  # fmt: skip


def by_a_typed_number(panel: Panel, stood: str) -> None:
    """A number half-way to the further end of the range: sliders do not get the arrow keys in Notebook 7."""
    low, high = (float(panel.number.get_attribute(end)) for end in ("min", "max"))
    value = (float(stood) + (low if panel.place() > 0.5 else high)) / 2
    whole = panel.number.get_attribute("step") in (None, "1") and "." not in stood
    panel.number.focus()
    panel.page.keyboard.press("ControlOrMeta+A")
    panel.page.keyboard.type(f"{value:.0f}" if whole else f"{value:.4g}")
    panel.page.keyboard.press("Enter")


def test_the_knob_is_turned_by_keyboard(panel, request):
    before, stood = panel.notebook.picture(panel.image), panel.number.input_value()
    panel.notebook.shot("knob_before")
    if panel.notebook.server.app == "lab":
        by_arrow_keys(panel, request.config)
    else:
        by_a_typed_number(panel, stood)
    panel.another(before, "another picture after the keys")
    assert panel.number.input_value() != stood
    panel.notebook.shot("knob_after")
    assert len(panel.heights()) == 1, "the output changed its height while the knob was turned"


def test_the_knob_is_turned_by_mouse(panel):
    before, stood = panel.notebook.picture(panel.image), panel.number.input_value()
    track = panel.area.locator(".noUi-base").first
    box, there = track.bounding_box(), 0.2 if panel.place() > 0.5 else 0.8
    track.click(position={"x": there * box["width"], "y": 0.5 * box["height"]})
    panel.another(before, "another picture after a click on the slider")
    assert panel.number.input_value() != stood
    assert abs(panel.place() - there) < 0.15
    assert len(panel.heights()) == 1, "the output changed its height while the knob was turned"


def test_every_control_has_a_name_that_says_what_it_is(panel):
    until(lambda: nameless(panel.area) == [], f"a name for each of {controls(panel.area)}", SOON)
    found = controls(panel.area)
    boxes, sliders = ([name for role, name in found if role == kind] for kind in ("spinbutton", "slider"))
    assert boxes == sliders, "a slider is called as the box beside it"
    assert len(set(boxes)) == len(boxes) > 0
    assert in_output(panel.page, panel.area) == []


def test_the_tabulator_goes_by_every_control_and_out_again(panel):
    order, count = stops(panel.page, panel.area)
    assert order == [*range(count), -1], "not in the order of the page, or not out of it"


def test_the_description_opens_by_keyboard_and_is_then_in_the_accessibility_tree(panel):
    folded = panel.area.locator("details")
    summary, words = folded.locator("summary"), folded.locator("p").first
    inside = " ".join(words.evaluate("node => node.textContent").split())[:60]
    assert len(inside) > 20
    assert re.match(r"Description and numbers: \w", summary.inner_text())
    assert inside not in tree(panel.page, panel.area), "it should be folded away at first"
    summary.focus()
    panel.page.keyboard.press("Enter")
    until(lambda: inside in tree(panel.page, panel.area), f"in the accessibility tree: {inside!r}", SOON)
    assert folded.locator("table").first.is_visible()
    panel.page.keyboard.press("Enter")
