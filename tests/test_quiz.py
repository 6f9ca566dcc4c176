"""The quiz: feedback for every option, no answer in the cell, and the same on both generations of ipywidgets."""

import json

import ipywidgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import exercises, progress
from course_utils.exercises import Option, Question, answer, quiz, registry

WARM = Question(
    "What does *temperature* do to `x` at $T > 0$ & beyond?",
    (
        Option("It moves the walker", True, "Yes: noise carries it <uphill> too."),
        Option("It lowers the barrier", False, "The landscape stays as it is."),
        Option("Nothing", False, "Then no walker would ever escape."),
    ),
)
COLD = Question(
    "Where does a cold walker stay?",
    (
        Option("On the barrier", False, "A barrier repels."),
        Option("In the left well", True, "One of the two."),
        Option("In the right well", True, "One of the two."),
        Option("Nowhere", False, "Cold means slow."),
    ),
)
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def lesson(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    with registry.registered("91", questions=(WARM, COLD)), registry.registered("92"):
        yield


def parts(number):
    """Return head, radio buttons, button and feedback of a question of a fresh widget."""
    return quiz("91").widget().children[number - 1].children


def test_every_option_has_its_feedback(capsys):
    for number, question in enumerate((WARM, COLD), start=1):
        for letter, option in zip("abcd", question.options, strict=False):
            answer("91", number, letter)
            word = "right." if option.right else "not quite."
            assert capsys.readouterr().out == f"Question {number}, option {letter}: {word} {option.feedback}\n"


def test_capitals_and_blanks_in_the_letter_do_not_matter(capsys):
    answer("91", 1, " B ")
    assert "option b: not quite." in capsys.readouterr().out


def test_the_text_shows_questions_and_options_but_no_answer():
    shown = quiz("91")
    for text in (repr(shown), shown._repr_markdown_()):
        for question in (WARM, COLD):
            assert question.text in text
            for option in question.options:
                assert option.text in text
                assert option.feedback not in text
        assert 'answer("91", 1, "b")' in text
        assert "right." not in text


def test_the_bundle_keeps_the_text_beside_the_widget():
    bundle = quiz("91")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/markdown", WIDGET}
    assert isinstance(bundle[WIDGET]["model_id"], str)
    again = quiz("91")._repr_mimebundle_()
    assert {**bundle, WIDGET: 0} == {**again, WIDGET: 0}  # only the widget's own id differs from run to run
    assert not any(option.feedback in json.dumps(bundle) for option in WARM.options + COLD.options)


def test_nothing_is_chosen_at_first_and_the_button_says_so():
    _, radio, button, place = parts(1)
    assert radio.index is None
    assert radio.value is None
    button.click()
    assert "Choose an option first." in place.value


@pytest.mark.parametrize("index", range(3))
def test_the_button_gives_the_feedback_of_the_chosen_option(index):
    _, radio, button, place = parts(1)
    radio.index = index
    assert "Choose" not in place.value
    button.click()
    assert ("Right." if index == 0 else "Not quite.") in place.value
    assert 'aria-live="polite"' in place.value


def test_all_controls_are_labelled_and_text_is_escaped():
    head, radio, button, place = parts(1)
    assert radio.description == "Answer 1:"
    assert button.description == "Check answer 1"
    assert "<em>temperature</em>" in head.value
    assert "<code>x</code>" in head.value
    assert "&amp; beyond" in head.value
    radio.index = 0
    button.click()
    assert "&lt;uphill&gt;" in place.value


def test_only_core_widgets_that_both_generations_have():
    def kinds(widget):
        yield type(widget)
        for child in getattr(widget, "children", ()):
            yield from kinds(child)

    used = set(kinds(quiz("91").widget()))
    assert used == {ipywidgets.VBox, ipywidgets.HTMLMath, ipywidgets.RadioButtons, ipywidgets.Button}


def test_answers_are_remembered_and_a_right_one_stays_right(capsys):
    answer("91", 1, "b")
    assert progress.load()["quiz"]["91.1"] == {"right": False}
    answer("91", 1, "a")
    answer("91", 1, "c")
    assert progress.load()["quiz"]["91.1"] == {"right": True}
    assert "1 quiz question answered right." in repr(exercises.progress_table())


@pytest.mark.parametrize(("number", "letter"), [(0, "a"), (3, "a"), (1, "d"), (1, ""), (1, "ab"), (1, "é")])
def test_questions_and_options_that_do_not_exist(number, letter):
    with pytest.raises(ValueError, match=r"number must be|letter must be"):
        answer("91", number, letter)


@given(bad=st.one_of(st.none(), st.integers(), st.floats(), st.lists(st.text()), st.binary()))
def test_bad_letters_and_lessons(bad):
    with pytest.raises((TypeError, ValueError), match="letter must be"):
        answer("91", 1, bad)
    with pytest.raises((TypeError, ValueError), match="lesson must be"):
        quiz(bad)


@given(
    bad=st.one_of(st.none(), st.floats(), st.booleans(), st.text(), st.integers(max_value=0), st.integers(min_value=3))
)
def test_bad_numbers(bad):
    with pytest.raises((TypeError, ValueError), match="number must be"):
        answer("91", bad, "a")


@given(lesson=st.text().filter(lambda text: text not in registry.numbers()))
def test_unknown_lessons(lesson):
    with pytest.raises(ValueError, match="lesson must be"):
        quiz(lesson)


def test_a_lesson_without_a_quiz_says_so():
    with pytest.raises(ValueError, match="has a quiz"):
        quiz("92")


A, B, C = WARM.options


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((A, B), "3 to 26"),
        ([A, B, C], "tuple of Option"),
        ((A, B, "c"), "tuple of Option"),
        ((B, C, Option("x", False, "y")), "a right one"),
        ((A, Option("b", True, "b"), Option("c", True, "c")), "a wrong one"),
        ((A, B, Option(B.text, False, "other")), "different texts"),
        ((A, B, Option("other", False, B.feedback)), "feedback of their own"),
    ],
)
def test_a_question_is_tested_when_it_is_made(options, complaint):
    with pytest.raises((TypeError, ValueError), match=complaint):
        Question("Why?", options)


@given(bad=st.one_of(st.none(), st.integers(), st.just(""), st.just(" \n"), st.binary()))
def test_empty_texts_are_refused(bad):
    for make in (
        lambda: Option(bad, True, "f"),
        lambda: Option("t", False, bad),
        lambda: Option("t", bad, "f"),
        lambda: Question(bad, (A, B, C)),
    ):
        with pytest.raises((TypeError, ValueError), match="must be"):
            make()
