"""The lessons in the hands of a learner: JupyterLab and Notebook 7 in headless Chromium, moved by keys and mouse.

Run by `make browser`. Pictures of the screen are kept in `test-output/front-ends/`, or where COURSE_SHOTS says.
"""

import os
import shutil
import statistics

import pytest
from front_end import FLAGS, NAMES, SHOTS, OpenNotebook, Server, opened, until

from course_utils.exercises.lesson_11 import QUIZ
from house import HERE

pytestmark = pytest.mark.browser

START, TRAVELLER = "00_start_here", "11_energy_and_temperature"
OTHERS = [path.stem for path in HERE.find([]) if path.stem not in (START, TRAVELLER)]
PANEL = "turn-the-knob-code-1"
STUB = "exercises-code-1"
GUESS, FIGURE = "measure-1-where-do-walkers-end-up-code-1", "measure-1-where-do-walkers-end-up-code-2"
QUESTIONS = "recap-quiz-and-the-way-on-code-1"
SOON = 10  # seconds; generous, since nothing here is a test of speed

FORGOTTEN = "x + force * time_step + np.sqrt(temperature * time_step) * xi"
RIGHT = "x + force * time_step + np.sqrt(2 * temperature * time_step) * xi"


def say(config: pytest.Config, *lines: str) -> None:
    """Print lines that the reader of a quiet, capturing run sees, too."""
    reporter, capture = (config.pluginmanager.get_plugin(name) for name in ("terminalreporter", "capturemanager"))
    if reporter is None or capture is None:  # a worker of pytest-xdist, whose words nobody hears
        return
    with capture.global_and_fixture_disabled():
        reporter.ensure_newline()
        for line in lines:
            reporter.write_line(line)


@pytest.fixture(scope="module")
def browser(request):
    """Return a running Chromium; without one, skip loudly, or fail where continuous integration promises one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacks = "the Python package playwright"
    else:
        lacks = None if path else "Chromium (on Debian: apt-get install chromium)"
    if lacks:
        message = f"NOT TRIED: {' and '.join(NAMES.values())}. There is no {lacks} here."
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{message} Continuous integration (CI=true) has to try them.")
        say(request.config, "*" * 100, f"***  {message}", "*" * 100)
        pytest.skip(message)
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield chromium
        chromium.close()
    say(request.config, f"screenshots: {SHOTS}")


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    with Server("lab", tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def classic(browser, tmp_path_factory):
    with Server("notebook", tmp_path_factory.mktemp("notebook")) as server:
        yield server


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


@pytest.mark.parametrize("app", ["lab", "classic"])
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


# --- JupyterLab


def turned_by_keyboard(notebook: OpenNotebook, config: pytest.Config, key: str) -> None:
    """Turn the first knob by its slider's keys, five steps on, four back: the picture changes, its height does not."""
    back = {"ArrowLeft": "ArrowRight", "ArrowRight": "ArrowLeft"}[key]
    area = notebook.cell(PANEL).locator(".jp-OutputArea").first
    image, handle = area.locator("img.widget-image"), area.get_by_role("slider").first
    notebook.bring(area)
    number = area.locator("input[type=number]").first  # it shows the value in full, the slider's label rounds it
    before, stood = notebook.picture(image), number.input_value()
    notebook.shot("knob_before")
    notebook.watch(image)
    handle.focus()
    for press, pressed in enumerate([key] * 5 + [back] * 4):
        notebook.page.keyboard.press(pressed)
        until(lambda done=press + 1: notebook.seen()["shown"] >= done, f"a new picture after key {press + 1}", SOON)
    seen = notebook.seen()
    notebook.shot("knob_after")
    assert number.input_value() != stood
    assert notebook.picture(image) != before
    assert set(seen["heights"]) == {seen["heights"][0]}, "the output changed its height while the knob was turned"
    say(
        config,
        f"{NAMES[notebook.server.app]}, {notebook.stem}: key to pixels {statistics.median(seen['delays']):.0f} ms "
        f"(median of {len(seen['delays'])}; {min(seen['delays']):.0f} to {max(seen['delays']):.0f}), "
        f"height {seen['heights'][0]:g} px in all {len(seen['heights'])} frames",
    )


def test_lab_start_runs_without_an_error(start_in_lab):
    nothing_failed(start_in_lab)


def test_lab_start_turns_the_knob_by_keyboard(start_in_lab, request):
    turned_by_keyboard(start_in_lab, request.config, "ArrowLeft")


def test_lab_runs_without_an_error(traveller_in_lab):
    nothing_failed(traveller_in_lab)


def test_lab_turns_the_knob_by_keyboard(traveller_in_lab, request):
    turned_by_keyboard(traveller_in_lab, request.config, "ArrowRight")


@pytest.mark.parametrize("stem", OTHERS)
def test_lab_turns_the_knob_of_a_lesson_of_which_nothing_else_has_run(stem, browser, lab, request):
    # Run All of each lesson is nbval's part; a learner may also come for the knob alone: imports, then the panel.
    with opened(browser, lab, stem) as notebook:
        imports = list(notebook.outputs())[1]
        for cell in (imports, PANEL):
            notebook.run_cell(cell)
        nothing_failed(notebook)
        turned_by_keyboard(notebook, request.config, "ArrowRight")


def test_lab_commits_a_guess_by_keyboard_and_sees_it_in_the_figure(traveller_in_lab):
    notebook = traveller_in_lab
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


def solved_by_typing(notebook: OpenNotebook) -> None:
    """Do exercise 11.1 as a learner does: see that it is open, try something, read the verdict, mend it."""
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


def test_lab_takes_an_exercise_from_stub_to_pass(traveller_in_lab):
    solved_by_typing(traveller_in_lab)


def test_lab_says_what_is_wrong_with_a_wrong_answer_of_the_quiz(traveller_in_lab):
    notebook, question = traveller_in_lab, QUIZ[0]
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


# --- Notebook 7: sliders do not get the arrow keys there, so a number is typed


def test_classic_runs_without_an_error(traveller_in_classic):
    nothing_failed(traveller_in_classic)


def test_classic_turns_the_knob_by_a_typed_number(traveller_in_classic):
    notebook = traveller_in_classic
    area = notebook.cell(PANEL).locator(".jp-OutputArea").first
    image = area.locator("img.widget-image")
    notebook.bring(area)
    before = notebook.picture(image)
    notebook.shot("knob_before")
    notebook.watch(image)
    area.locator("input[type=number]").first.focus()
    for key in ("ControlOrMeta+A", "0", ".", "6", "Enter"):
        notebook.page.keyboard.press(key)
    until(lambda: notebook.seen()["shown"], "a new picture after a typed number", SOON)
    notebook.shot("knob_after")
    assert notebook.picture(image) != before
    assert len(set(notebook.seen()["heights"])) == 1, "the output changed its height while the knob was turned"


def test_classic_takes_an_exercise_from_stub_to_pass(traveller_in_classic):
    solved_by_typing(traveller_in_classic)
