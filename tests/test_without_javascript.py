"""What a reader meets where no JavaScript runs: on GitHub, in a viewer, by ear. Nothing is executed here.

GitHub shows a notebook through a sanitiser, and draws no widget: what stands in the committed file has to be enough.
"""

import re
from html import unescape

import bleach
import pytest
from test_lessons import EVIDENCE, SOURCES, code_cells, each_lesson, notebook_of, outputs

from course_utils.knobs.bundles import WIDGET_VIEW

PANEL = "turn-the-knob-code-1"
# What GitHub's sanitiser keeps, of what a notebook's outputs have (gjtorikian/html-pipeline, its list of 2024);
# it drops every style.
NAMES = (
    "a b br caption code dd del details div dl dt em h1 h2 h3 h4 h5 hr i img ins li ol p pre s small span strong sub"
)
TAGS = {*NAMES.split(), "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "var"}
KEPT = {"*": ["align", "alt", "colspan", "href", "open", "rowspan", "scope", "src", "title", "width"]}
BARE = re.compile(r"(<[\w.]+ (object )?at 0x)|^\w*(Box|Slider|Button|Text|HTML|Image|Output|Buttons|Select)\(")
FOLDED = re.compile(r"<details><summary>(?P<name>.*?)</summary>(?P<inside>.*)</details>", re.DOTALL)


def words_of(markup: str) -> str:
    """All words of HTML or Markdown, without tags and marks."""
    return " ".join(re.sub(r"<[^>]*>|[*_`|\\-]", " ", unescape(markup)).split())


def cleaned(html: str) -> str:
    return bleach.clean(html, tags=TAGS, attributes=KEPT, strip=True)


def data_of(cell) -> list[dict]:
    return [output.get("data", {}) for output in cell.outputs]


def pictures(source) -> list[tuple[str, str, str]]:
    """For each picture: its cell, its description in the metadata, and the Markdown right after it."""
    found = []
    for cell in code_cells(notebook_of(source)):
        for place, output in enumerate(cell.outputs):
            if "image/png" in output.get("data", {}):
                after = cell.outputs[place + 1] if place + 1 < len(cell.outputs) else {}
                alt = output.metadata.get("image/png", {}).get("alt", "")
                found.append((cell.id, alt, after.get("data", {}).get("text/markdown", "")))
    return found


@each_lesson
def test_every_picture_has_a_description_with_numbers_and_the_same_words_below_it(source):
    assert pictures(source)
    for cell, alt, below in pictures(source):
        folded = FOLDED.search(below)
        assert folded, f"{cell}: no folded description below the picture"
        assert words_of(alt) in words_of(folded["inside"]), f"{cell}: alt text and description differ"
        assert re.search(r"\d", folded["inside"]), f"{cell}: a description without a number"
        caption = below[: folded.start()]
        assert caption.startswith("*"), f"{cell}: no caption above the description"
        assert len(words_of(caption)) > 20


@each_lesson
def test_every_description_is_called_after_its_picture(source):
    names = [FOLDED.search(below)["name"] for _, _, below in pictures(source)]
    assert [name for name in names if not re.match(r"Description( and numbers)?: \S", name)] == []
    assert len(set(names)) == len(names), "by ear, two descriptions cannot be told apart"


@each_lesson
def test_a_still_and_a_table_stand_where_the_panel_would(source):
    (cell,) = [cell for cell in code_cells(notebook_of(source)) if cell.id == PANEL]
    first, *rest = data_of(cell)
    assert "image/png" in first
    table = [line for data in rest for line in data.get("text/markdown", "").splitlines() if line.startswith("|")]
    assert set(table[1]) == {"|", "-"}
    assert 3 <= len(table) - 2 <= 4, "three or four settings"
    assert all(re.search(r"\d", row) for row in table[2:])
    assert any("Where no kernel is running" in data.get("text/markdown", "") for data in rest)


@each_lesson
def test_questions_make_sense_without_their_controls(source):
    cells = code_cells(notebook_of(source))
    asked = [cell for cell in cells if re.search(r"\bpredict\(", cell.source)]
    assert asked
    for cell in asked:
        (said,) = [data["text/markdown"] for data in data_of(cell) if "text/markdown" in data]
        assert said.startswith("**Predict.**")
        assert "`.commit(...)`" in said, f"{cell.id}: it does not say how to guess without controls"
    (quiz,) = [cell for cell in cells if re.search(r"^quiz\(", cell.source, re.MULTILINE)]
    (said,) = [data["text/markdown"] for data in data_of(quiz) if "text/markdown" in data]
    assert re.search(r'`answer\("\d\d", 1, "b"\)`', said), "the quiz does not say how to answer without buttons"


@each_lesson
def test_the_evidence_is_a_table_that_a_sanitiser_leaves_whole(source):
    (data,) = [output.data for output in outputs(notebook_of(source)) if EVIDENCE in output.get("data", {})]
    html, rows = data["text/html"], data[EVIDENCE]
    left = cleaned(html)
    assert words_of(left) == words_of(html)
    for tag in ("table", "caption", 'th scope="col"', "tr", "td"):
        assert left.count(f"<{tag.split()[0]}") == html.count(f"<{tag.split()[0]}") > 0, tag
    for row in rows:
        assert words_of(row["claim"]) in words_of(left)


@each_lesson
def test_no_output_needs_a_script_a_style_or_a_widget(source):
    for output in outputs(notebook_of(source)):
        data = output.get("data", {})
        assert WIDGET_VIEW not in data
        for mime in ("text/html", "text/markdown"):
            markup = data.get(mime, "")
            assert not re.search(r"<(script|style|iframe|svg|object)\b|\bon\w+=", markup), markup[:200]
            assert words_of(cleaned(markup)) == words_of(markup)
        said = data.get("text/plain", "") + output.get("text", "")
        assert "Error displaying widget" not in said
        if set(data) == {"text/plain"}:
            assert not BARE.search(data["text/plain"].strip()), f"nothing but a bare object: {data['text/plain'][:80]}"


# --- headings


def headings(source) -> list[tuple[int, str]]:
    """Level and words of all headings of a notebook, in order; code in fences has none."""
    found = []
    for cell in notebook_of(source).cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.DOTALL | re.MULTILINE)
            found += [
                (len(marks or level), words.strip())
                for marks, words, level in re.findall(r"^(#{1,6})\s+(.+)$|<h([1-6])\b", text, re.MULTILINE)
            ]
    return found


def out_of_order(levels: list[int]) -> list[int]:
    """Places of headings that go down by more than one level, or are a second title."""
    return [place for place in range(1, len(levels)) if levels[place] > levels[place - 1] + 1 or levels[place] == 1]


@each_lesson
def test_headings_are_in_order(source):
    found = headings(source)
    levels = [level for level, _ in found]
    assert notebook_of(source).cells[0].source.startswith("# "), "a lesson begins with its title"
    assert levels[0] == 1
    assert [found[place] for place in out_of_order(levels)] == []


@pytest.mark.parametrize(
    ("levels", "wrong"), [([1, 2, 3, 2], []), ([1, 3], [1]), ([1, 2, 4, 3], [2]), ([1, 2, 1], [2])]
)
def test_a_level_that_is_left_out_is_found(levels, wrong):
    assert out_of_order(levels) == wrong


def test_all_lessons_are_looked_at():
    assert len(SOURCES) >= 10
