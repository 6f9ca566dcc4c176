"""Every number of the prose that looks measured stands in its lesson: in the table, an output, code or a formula."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_lessons import SOURCES, each_lesson

import prose_numbers
from house import HERE, House
from lesson_source import Cell, Lesson, read
from prose_numbers import ALLOWED, EVIDENCE, fits, of_source, prose, unsupported

ROW = {"claim": "order", "theory": 0.0, "mean": 0.5964, "error": 0.0123, "z": 48.4, "holds": True, "rejects": True}


def lesson_of(*texts, code="steps, rate = 1200, 0.15"):
    """A lesson of some texts under "## Measure", one after the other, and a cell of code."""
    cells = [Cell("code", code, (), 1), *(Cell("markdown", text, (), 10 + 10 * k) for k, text in enumerate(texts))]
    return Lesson(HERE.sources / "61_planted.md", {"lesson": "61"}, tuple(cells), "")


def notebook_of(*outputs, heading="## Measure"):
    return new_notebook(cells=[new_markdown_cell(heading), new_code_cell("…", outputs=list(outputs))])


def evidence_of(**changes):
    return new_output("display_data", data={EVIDENCE: [{**ROW, **changes}], "text/html": "<td>0.999</td>"})


def printed(words):
    return new_output("stream", name="stdout", text=words)


def left(text, *outputs, **settings):
    """The numbers of one text that nothing holds."""
    found = unsupported(lesson_of(f"## Measure\n\n{text}", **settings), notebook_of(*outputs))
    return [one.shown for one in found]


# --- the lessons


@each_lesson
def test_every_number_of_the_prose_can_be_found_in_the_lesson(source):
    lost = [one for one in of_source(source) if (source.stem[:2], one.shown) not in ALLOWED]
    told = [f"{one.place}: {one.shown}: {one.sentence}" for one in lost]
    assert lost == [], "\n".join(["numbers that look measured and stand in no table, output, code or formula:", *told])


def test_what_is_allowed_is_still_there_and_has_a_reason():
    there = {(source.stem[:2], one.shown) for source in SOURCES for one in prose(read(source))}
    assert not (set(ALLOWED) - there), f"no longer in the prose: {set(ALLOWED) - there}"
    assert all(len(reason) > 10 for reason in ALLOWED.values())


# --- what is looked for


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The order is 0.73.", ["0.73"]),
        ("The order is $0.73$.", ["0.73"]),
        ("The order is 0.73 ± 0.04.", ["0.73", "0.04"]),
        ("It is $7 \\pm 2$ of them.", ["7", "2"]),
        ("Some 37 % of them, or 37 per cent, or 37 in a hundred.", ["37 %", "37 %", "37 %"]),
        ("From 30 to 40 per cent.", ["30 %", "40 %"]),
        ("It is 17 times as large, 17-fold, by a factor of 17.", ["17", "17", "17"]),
        ("It lies 9 σ away, or 9 standard errors.", ["9 σ", "9 σ"]),
        ("| a table | 0.73 |\n|---|---|\n| of | 0.74 |", ["0.73", "0.74"]),
    ],
)
def test_a_planted_number_is_found(text, found):
    assert left(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Take 64 replicas and 300 sweeps; three times as many.",
        "At $T_c = 2.27$, with $\\mu \\approx 0.93$.",
        "At $T = 2.0$, 2.27 and 2.6 it jumps.",
        "Is it 0.73, or 37 %?",
        "See exercise 11.2, and exercises 21.4 and 21.5.",
        "Spins are ±1; a [link](https://a.b/0.73) aside.",
        "`threshold = 0.73` <!-- 0.73 -->",
        "1. One.\n2. Two.",
        "**Further reading.** A. Author, *Journal* 4, 5.5 (1900), doi:10.1103/12.34,\narXiv:1234.5678, 0.73.",
    ],
)
def test_what_claims_no_measurement_is_left_alone(text):
    assert left(text) == []


def test_a_number_is_told_with_its_line_and_its_sentence():
    (one,) = unsupported(lesson_of("## Measure\n\nFirst things first.\nThe order is\n0.73 here. Last."), notebook_of())
    assert one.place == "lessons/source/61_planted.md:14"
    assert one.sentence == "The order is 0.73 here."


def test_the_cards_of_the_lesson_itself_are_no_numbers():
    assert left("{{ card 61.1 }}\n\nDo it (61.1 helps).") == []


# --- what holds a number


@pytest.mark.parametrize(
    ("written", "value", "same"),
    [
        ("0.60", 0.5964, True),
        ("0.6", 0.5964, True),
        ("0.60", 0.5949, False),
        ("0.596", 0.5964, True),
        ("0.597", 0.5964, False),
        ("12", 11.51, True),
        ("12", 11.49, False),
        ("100", 104.0, True),
        ("100", 106.0, False),
        ("4,100", 4104.0, True),
        ("1.3e-4", 0.000131, True),
    ],
)
def test_rounding_is_to_the_digits_that_are_written(written, value, same):
    assert fits(written, value) is same


def test_the_table_holds_what_it_says():
    assert left("It is 0.60, or 60 %, or 0.60 ± 0.012; 48 σ, 49 σ.", evidence_of()) == ["49 σ"]
    assert left("It is 0.61 ± 0.02.", evidence_of()) == ["0.61", "0.02"]
    assert left("One digit is too few: 0.6.", evidence_of()) == ["0.6"]  # nearly any table has something like it
    assert left("It is 0.60 ± 0.60.", evidence_of()) == ["0.60"]  # the mean is no error
    assert left("It is 0.999.", evidence_of()) == ["0.999"]  # the table is read as data, not as words


def test_outputs_hold_numbers_in_their_section_and_exact_ones_everywhere():
    alt = new_output("display_data", data={"image/png": ""}, metadata={"image/png": {"alt": "Bars: 0.731, 0.2."}})
    for output in (printed("0.731 and 0.2"), alt, new_output("display_data", data={"text/markdown": "*0.731; 20 %*"})):
        assert left("It is 0.7, 0.73, 0.731, 0.2.", output) == []
        elsewhere = notebook_of(output, heading="## Another measure")
        found = unsupported(lesson_of("## Measure\n\nIt is 0.7, 0.73, 0.731, 0.2."), elsewhere)
        assert [one.shown for one in found] == ["0.7", "0.73", "0.2"]


def test_code_and_formulas_hold_their_own_numbers_but_no_rounded_ones():
    assert left("At rate 0.15, which is 15 %; not 0.1 and not 0.2.") == ["0.1", "0.2"]
    assert left("It is 0.73.", code="caption = 'measured: 0.73'") == ["0.73"]
    assert left("With $\\mu = 0.934$: at 0.93, at 0.934, not at 0.9.") == ["0.9"]


def test_an_exercise_may_name_what_its_check_asks_for():
    lesson = lesson_of("## Measure\n\n{{ card 61.1 }}\n\nFind it between 0.48 and 0.52.", "Elsewhere 0.48.")
    found = unsupported(lesson, notebook_of(), exercises="low, high = 0.48, 0.52")
    assert [(one.shown, one.in_exercise) for one in found] == [("0.48", False)]


def test_the_command_says_what_it_found(tmp_path, capsys):
    house = House(tmp_path)
    house.sources.mkdir(parents=True)
    kernel = "{display_name: P, language: python, name: p}"
    head = f"---\nkernelspec: {kernel}\ncourse: {{lesson: '61', title: T, minutes: 75, part: P}}\n---\n"
    source = house.sources / "61_planted.md"
    source.write_text(f"{head}\n# 61\n\nThe order is 0.73.\n", encoding="utf-8")
    assert prose_numbers.main(["61"], house) == 1
    assert "61_planted.ipynb has not been built" in capsys.readouterr().err
    nbformat.write(new_notebook(cells=[new_code_cell("…", outputs=[printed("0.7312")])]), house.notebook(source))
    assert prose_numbers.main(["61"], house) == 0
    source.write_text(f"{head}\n# 61\n\nThe order is 0.75.\n", encoding="utf-8")
    assert prose_numbers.main(["61"], house) == 1
    assert capsys.readouterr().out == "lessons/source/61_planted.md:8: 0.75: The order is 0.75.\n"
    assert prose_numbers.main(["62"], house) == 1
