"""Where no widgets are alive: a terminal, a script, a front end without them. A still, words and numbers are left."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from front_end import FLAGS, Server, opened

STILL = "Where no kernel is running, a picture of 4 settings stands here."
PANEL = "turn-the-knob-code-1"
PARTS = """
from course_utils import knobs, plots
from course_utils.exercises import answer, quiz
from course_utils.knobs.lesson_00 import noisy_choices
panel = knobs.panel(
    noisy_choices, draw=plots.occupations, still=(0.1, 0.5, 1.0, 4.0), title="Five options", alt="Five bars.",
    temperature=knobs.Knob(0.1, 4.0, start=1.0, symbol="T"),
)
guess = knobs.predict("00.1", "How often is the best one chosen?", low=0.0, high=1.0)
"""


def said(command, home):
    surroundings = {**os.environ, "COURSE_HOME": str(home), "IPYTHONDIR": str(home), "NO_COLOR": "1"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


def test_in_a_terminal_a_panel_is_words_and_a_table(tmp_path):
    code = PARTS + "display(panel, guess, quiz('00'))\nguess.commit(0.5)\ndisplay(guess)\nanswer('00', 1, 'a')"
    words = said([sys.executable, "-m", "IPython", "--no-banner", "--quick", "-c", code], tmp_path)
    assert f"Five options. {STILL}" in words
    assert "Five bars." in words
    rows = [line for line in words.splitlines() if line.startswith("|")]
    assert len(rows) >= 2 + 4, "the table of the four settings"
    assert "VBox(" not in words
    assert "How often is the best one chosen?" in words
    assert "Question 1" in words
    assert "Question 1, option a: right" in words


def test_in_a_script_everything_works_and_nothing_is_drawn(tmp_path):
    code = PARTS + "panel.set(temperature=2.0); guess.commit(0.5); print(panel, guess.sentence, panel.error)"
    words = said([sys.executable, "-c", code], tmp_path)
    assert words == "<Panel 'Five options' at {'temperature': 2.0}> Your guess was 0.5. None\n"
    kept = json.loads((tmp_path / "progress.json").read_text())
    assert kept["predictions"]["00.1"] == 0.5


@pytest.mark.browser
def test_a_front_end_without_a_widget_manager_shows_the_still_and_the_numbers(tmp_path):
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        message = "NOT TRIED: JupyterLab without its widget manager. There is no Chromium here."
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    page_config = tmp_path / "jupyter_config" / "labconfig" / "page_config.json"  # where `Server` has it looked for
    page_config.parent.mkdir(parents=True)
    page_config.write_text(json.dumps({"disabledExtensions": {"@jupyter-widgets/jupyterlab-manager": True}}))
    with sync_playwright() as player, Server("lab", tmp_path) as server:
        chromium = player.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        with opened(chromium, server, "00_start_here") as notebook:
            notebook.run_all()
            area = notebook.cell(PANEL)
            still = area.locator(".jp-OutputArea img").first
            still.wait_for()
            notebook.bring(area.locator(".jp-OutputArea").first)
            notebook.shot("without_widgets")
            words = area.inner_text()
            assert STILL in words
            assert notebook.page.locator(".jupyter-widgets").count() == 0, "the widget manager is alive after all"
            assert still.evaluate("image => image.naturalWidth") > 300
            everything = notebook.page.locator(".jp-Notebook").inner_text()
            for riddle in ("Error displaying widget", "Loading widget", "VBox(", "model_id"):
                assert riddle not in everything
        chromium.close()
