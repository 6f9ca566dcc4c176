"""The lessons in the hands of a learner: JupyterLab and Notebook 7 in headless Chromium, moved by keys and mouse.

Run by `make browser`. Pictures of the screen are kept in `test-output/front-ends/`, or where COURSE_SHOTS says.
"""

# ruff: noqa: F811 (a fixture that is imported is asked for by its name)

import re

import pytest
from browsers import ONE_WORKER, browser, classic, lab, on  # noqa: F401
from front_end import OpenNotebook, opened, until
from heard import in_output, nameless, tree, twice

from course_utils.exercises.lesson_11 import QUIZ

pytestmark = pytest.mark.browser

START, TRAVELLER = "00_start_here", "11_energy_and_temperature"
PANEL = "turn-the-knob-code-1"
STUB = "exercises-code-1"
GUESS, FIGURE = "measure-1-where-do-walkers-end-up-code-1", "measure-1-where-do-walkers-end-up-code-2"
QUESTIONS = "recap-quiz-and-the-way-on-code-1"
SOON = 10  # seconds; generous, since nothing here is a test of speed

FORGOTTEN = "x + force * time_step + np.sqrt(temperature * time_step) * xi"
RIGHT = "x + force * time_step + np.sqrt(2 * temperature * time_step) * xi"


@pytest.fixture(scope="module")
def start_in_lab(browser, lab):
    with opened(browser, lab, START) as notebook:
        notebook.run_all()
        yield notebook


@pytest.fixture(scope="module")
def traveller_in_lab(browser, lab):
    with opened(browser, lab, TRAVELLER) as notebook:
        notebook.run_all()
        yield notebook


@pytest.fixture(scope="module")
def traveller_in_classic(browser, classic):
    with opened(browser, classic, TRAVELLER) as notebook:
        notebook.run_all()
        yield notebook


def nothing_failed(notebook: OpenNotebook) -> None:
    outputs = notebook.outputs()
    bad = {
        name: [output.get("traceback") or output.get("text") for output in cell]
        for name, cell in outputs.items()
        if any(output["output_type"] == "error" or output.get("name") == "stderr" for output in cell)
    }
    assert bad == {}
    assert notebook.page.locator(".progress-bar-danger").count() == 0


# --- before anything is run


@pytest.mark.parametrize("app", [on("lab"), on("classic")])
def test_before_a_run_the_committed_pictures_stand_there(app, browser, request):
    with opened(browser, request.getfixturevalue(app), TRAVELLER) as notebook:
        drawn = 0
        for name, outputs in notebook.outputs().items():
            cell = notebook.cell(name)
            if any("image/png" in output.get("data", ()) for output in outputs):
                image = cell.locator(".jp-OutputArea img").first
                image.wait_for()
                until(lambda image=image: image.evaluate("image => image.complete && image.naturalWidth > 300"), name)
                drawn += 1
            words = cell.inner_text()
            assert "Error displaying widget" not in words, name
            assert "Loading widget" not in words, name
        assert drawn >= 5
        assert notebook.page.locator(".jupyter-widgets").count() == 0
        notebook.bring(notebook.cell(PANEL).locator(".jp-OutputArea").first)
        notebook.shot("before_run_all")
        descriptions_open_by_keyboard(notebook)


def descriptions_open_by_keyboard(notebook: OpenNotebook) -> None:
    """Every figure's description: folded, then, after a key, in the accessibility tree with its numbers."""
    names = []
    for name, outputs in notebook.outputs().items():
        alts = [one["metadata"]["image/png"]["alt"] for one in outputs if "image/png" in one.get("data", ())]
        for place, alt in enumerate(alts):
            area = notebook.cell(name).locator(".jp-OutputArea").first
            folded = area.locator("details").nth(place)
            begins = " ".join(alt.split())[:60]
            assert begins not in tree(notebook.page, area), name
            folded.locator("summary").focus()
            names.append(folded.locator("summary").inner_text())
            notebook.page.keyboard.press("Enter")
            until(
                lambda a=area, b=begins: b in tree(notebook.page, a), f"{name}: in the accessibility tree: {begins!r}"
            )
            notebook.page.keyboard.press("Enter")
    assert len(names) >= 5
    assert twice(names) == [], "two descriptions have one name"
    assert all(re.match(r"Description( and numbers)?: \w", name) for name in names), names


# --- Run All


@ONE_WORKER["lab"]
def test_lab_start_runs_without_an_error(start_in_lab):
    nothing_failed(start_in_lab)


@pytest.fixture(params=[on("lab"), on("classic")])
def traveller(request):
    """Lesson 11 after Run All, in either front end."""
    return request.getfixturevalue(f"traveller_in_{request.param}")


def test_it_runs_without_an_error(traveller):
    nothing_failed(traveller)


def test_a_guess_is_committed_by_keyboard_and_seen_in_the_figure(traveller):
    notebook = traveller
    area = notebook.cell(GUESS).locator(".jp-OutputArea").first
    assert "No guess yet" in area.inner_text()
    area.locator("input[type=number]").focus()
    for key in ("ControlOrMeta+A", "1", "7"):
        notebook.page.keyboard.press(key)
    notebook.tab_to(area.get_by_role("button", name="Commit"))
    notebook.page.keyboard.press("Enter")
    area.get_by_text("Kept: 17.").wait_for(timeout=1000 * SOON)
    assert notebook.server.progress()["predictions"]["11.ridge"] == 17
    notebook.run_cell(FIGURE)
    notebook.bring(notebook.cell(FIGURE).locator(".jp-OutputArea").first, "end")
    assert "Your guess was 17." in notebook.cell(FIGURE).inner_text()
    notebook.bring(notebook.cell(GUESS))
    notebook.shot("guess")


def test_an_exercise_goes_from_stub_to_pass(traveller):
    """Do exercise 11.1 as a learner does: see that it is open, try something, read the verdict, mend it."""
    notebook = traveller
    assert "Exercise 11.1: not attempted yet" in notebook.printed(STUB)
    notebook.replace_line(STUB, "    ...", f"return {FORGOTTEN}")
    notebook.run_cell(STUB)
    assert "Exercise 11.1: not yet. The factor 2 is missing" in notebook.printed(STUB)
    notebook.shot("exercise_not_yet")
    notebook.replace_line(STUB, f"    return {FORGOTTEN}", f"return {RIGHT}")
    notebook.run_cell(STUB)
    assert "Exercise 11.1: correct" in notebook.printed(STUB)
    notebook.shot("exercise_correct")
    assert notebook.server.progress()["exercises"]["11.1"]["state"] == "correct"


def test_the_quiz_says_what_is_wrong_with_a_wrong_answer(traveller):
    notebook, question = traveller, QUIZ[0]
    area = notebook.cell(QUESTIONS).locator(".jp-OutputArea").first
    wrong = next(place for place, option in enumerate(question.options) if not option.right)
    assert question.options[wrong].feedback not in area.inner_text()
    area.locator("input[type=radio]").nth(wrong).focus()
    notebook.page.keyboard.press("Space")
    notebook.tab_to(area.get_by_role("button", name="Check answer 1"))
    notebook.page.keyboard.press("Enter")
    area.get_by_text(question.options[wrong].feedback).wait_for(timeout=1000 * SOON)
    notebook.shot("quiz")
    assert notebook.server.progress()["quiz"]["11.1"]["right"] is False


def test_guess_and_quiz_have_names_for_all_that_can_be_operated(traveller):
    for cell in (GUESS, QUESTIONS):
        area = traveller.cell(cell).locator(".jp-OutputArea").first
        until(lambda area=area: nameless(area) == [], f"a name for every control of {cell}", SOON)
        assert in_output(traveller.page, area) == []
