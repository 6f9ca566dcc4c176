"""What a class has on paper: of each lesson itself, a sheet with its questions, and the instructor's notes."""

import os
import re
import unicodedata

import nbformat
import pytest
from site_html import SITE

from house import HERE, LessonError
from site_print import printed, sheets
from site_sources import lessons
from site_view import lacking

ALL = [lesson.course["lesson"] for lesson in lessons(HERE)]


def files(*asked):
    return [file for file, *_ in sheets(HERE, list(asked))]


def test_without_a_name_everything_is_printed_and_the_guide():
    made = files()
    assert len(set(made)) == len(made) == 3 * len(ALL) + 1
    assert made[:3] == ["00.pdf", "00_guesses.pdf", "00_notes.pdf"]
    assert made[-1] == "teaching.pdf"


def test_a_lesson_or_one_kind_or_both_can_be_asked_for():
    assert files("21") == ["21.pdf", "21_guesses.pdf", "21_notes.pdf"]
    assert files("guesses") == [f"{number}_guesses.pdf" for number in ALL]
    assert files("21", "guesses") == ["21_guesses.pdf"]
    assert files("notes")[-1] == "teaching.pdf"


def test_what_is_neither_is_named():
    with pytest.raises(LessonError, match=r"there is no lesson quiz \(and to print there is lesson, guesses, notes\)"):
        sheets(HERE, ["21", "quiz"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    assert (SITE / "index.html").exists(), "there is no site to test in build/site; run: make site"
    if lack := lacking():
        message = f"NOT TRIED: printing. There is no {lack} here."
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(f"{message} Continuous integration (CI=true) has to try it.")
        pytest.skip(message)
    made = tmp_path_factory.mktemp("print")
    printed(HERE, SITE, made, ["11", "31", "guesses", "notes"])
    return made


def words(path):
    import pypdf

    text = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages)
    return unicodedata.normalize("NFKC", text)  # two letters that paper draws as one


@pytest.mark.site
@pytest.mark.parametrize("number", ["11", "31"])
def test_the_sheet_has_every_question_with_room_for_a_guess_and_no_answer(folder, number):
    (path,) = (lesson.path for lesson in lessons(HERE) if lesson.course["lesson"] == number)
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    asked = [found for cell in cells for found in re.findall(r'predict\(\s*"[^"]+",\s*"([^"]+)"', cell)]
    text = words(folder / f"{number}_guesses.pdf")
    assert len(asked) >= 3
    for question in asked:
        assert question.replace(" ", "") in text
    assert text.count("Myguess:____") == len(asked)
    assert "Figure:" not in text
    assert ".commit" not in text


@pytest.mark.site
def test_the_notes_can_be_read_on_paper(folder):
    text = words(folder / "11_notes.pdf")
    assert "fortheinstructor" in text
    assert "60minutes:" in text
