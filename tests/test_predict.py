"""Guesses: committed to, kept, shown again, and never made up."""

from __future__ import annotations

import subprocess
import sys

import ipywidgets as widgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import knobs
from course_utils.knobs.bundles import WIDGET_VIEW

QUESTION = "At which temperature is half of the order gone?"
ANSWERS = ["it grows", "it falls", "it stays"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    return tmp_path


def number(**changes):
    return knobs.predict("21.half", QUESTION, **({"low": 1.5, "high": 3.5, "unit": "J"} | changes))


def choice():
    return knobs.predict("11.trend", "What does the rate do?", options=ANSWERS)


def press(guess):
    next(child for child in guess.children if isinstance(child, widgets.Button)).click()


def words(guess):
    return guess._standing_in()[0]["text/markdown"]


def test_nothing_is_guessed_before_the_learner_commits():
    guess = number()
    assert guess.value is None
    guess._entry.slider.value = 2.0  # turning is not committing
    assert guess.value is None
    assert (guess.label, guess.unit, guess.sentence) == ("no guess made", "J", "You made no guess.")


def test_commit_by_button_and_again():
    guess = number()
    guess._entry.box.value = 2.6
    press(guess)
    assert guess.value == 2.6
    assert guess.label == "your guess: 2.6 J"
    assert "Kept: 2.6 J" in guess.children[-1].value
    guess._entry.slider.value = 3.0
    assert guess.value == 2.6
    press(guess)
    assert guess.value == 3.0


def test_a_choice_starts_unchosen():
    guess = choice()
    assert guess._entry.value is None
    press(guess)
    assert guess.value is None
    assert "Choose one" in guess.children[-1].value
    guess._entry.value = "it falls"
    press(guess)
    assert guess.value == "it falls"
    assert guess.sentence == "Your guess: 'it falls'."
    assert words(guess).endswith("Your guess: 'it falls'.")
    assert choice().value == "it falls"


def test_commit_in_code_survives_a_restart(home):
    number().commit(2.6)
    again = number()
    assert again.value == 2.6
    assert again._entry.setting == again._entry.box.value == again._entry.slider.value == 2.6
    assert "Kept: 2.6 J" in again.children[-1].value
    code = f"from course_utils.knobs import predict; print(predict('21.half', {QUESTION!r}, low=1.5, high=3.5).value)"
    fresh = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert fresh.stdout == "2.6\n"


def test_a_kept_guess_that_no_longer_fits_is_passed_over():
    number().commit(3.4)
    assert number(high=3.0).value is None
    assert knobs.predict("21.half", QUESTION, options=ANSWERS).value is None


@pytest.mark.parametrize("value", [0.0, 9, float("nan"), "2", None, True])
def test_commit_refuses_what_is_no_answer(value):
    guess = number()
    guess.commit(2.0)
    with pytest.raises((TypeError, ValueError), match="value must be"):
        guess.commit(value)
    assert guess.value == number().value == 2.0
    with pytest.raises(ValueError, match="value must be one of 'it grows', 'it falls', 'it stays'"):
        choice().commit(value)


def test_without_widgets_there_are_words():
    data, metadata = number()._repr_mimebundle_()
    assert list(data) == [WIDGET_VIEW, "text/markdown", "text/plain"]
    assert metadata == {}
    assert words(number()) == (
        f"**Predict.** {QUESTION}\n\nYour guess is a number from 1.5 J to 3.5 J. "
        "Where no controls appear, add `.commit(...)` with your guess to the last line of the cell. No guess yet."
    )
    assert "one of 'it grows', 'it falls', 'it stays'" in words(choice())
    guess = number()
    guess.commit(2)
    assert words(guess).endswith("Your guess was 2 J.")


def test_whole_numbers_stay_whole():
    guess = knobs.predict("11.walkers", "How many of 100?", low=0, high=100)
    assert guess._entry.setting == 50
    guess.commit(12)
    assert isinstance(knobs.predict("11.walkers", "How many of 100?", low=0, high=100).value, int)
    with pytest.raises(TypeError, match="value must be a whole number"):
        guess.commit(1.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"low": None}, "low and high must both be given"),
        ({"low": 4.0}, "high must be .* above 4; got 3.5"),
        ({"step": 0}, "step must be"),
        ({"unit": 3}, "unit must be a string"),
        ({"options": ANSWERS}, "options must be given without low"),
    ],
)
def test_predict_names_what_is_wrong(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        number(**arguments)


@pytest.mark.parametrize("options", ["ab", 3, ["one"], ["a", "a"], ["a", ""], ["a", 2], []])
def test_options_are_two_or_more_different_answers(options):
    with pytest.raises((TypeError, ValueError), match="options"):
        knobs.predict("11.trend", "What?", options=options)


@given(st.one_of(st.none(), st.integers(), st.just(""), st.just("  "), st.binary()))
def test_id_and_question_are_sentences(value):
    with pytest.raises((TypeError, ValueError), match="id must be"):
        knobs.predict(value, QUESTION, low=0, high=1)
    with pytest.raises((TypeError, ValueError), match="question must be"):
        knobs.predict("a", value, low=0, high=1)
