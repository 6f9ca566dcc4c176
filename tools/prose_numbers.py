"""The numbers in a lesson's prose that look measured, and that nothing in the lesson holds: `prose_numbers.py 21`.

A reader must be able to see where a number comes from. So each decimal, percentage, "x ± y", "n times", "factor of n"
and "n σ" in the text has to stand

- in the evidence table (two digits or more), rounded to what is written; or
- in what a cell of the same section (`##`) printed, captioned or described, or, with three digits or more, any cell; or
- as a number in the code, in a formula, or (in an exercise) in the exercise's own code.

Captions are computed, so nobody has to look at them; a question claims nothing. Prints file:line, the number and its
sentence. Other whole numbers, and numbers in words, are left to the author.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from cell_ids import without_fences
from house import HERE, House, LessonError
from lesson_source import Cell, Lesson, read

EVIDENCE = "application/vnd.course-evidence+json"

# What may stand in the prose although nothing in the lesson holds it: (lesson, number as it is printed here): reason.
ALLOWED = {
    ("12", "0.6"): "a setting: the noise in the sharp well, 0.15 × (2.5 + 1.5) in the code",
    ("32", "0.40"): "exercise 32.5: an invented paper, to be judged",
    ("42", "95 %"): "the level of an interval",
    ("42", "5.1"): "exercise 42.6: an invented paper, to be judged",
    ("42", "5.6 %"): "exercise 42.6: an invented paper, to be judged",
}

DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?"
NUMBER = re.compile(rf"(?<![\w.,]){DIGITS}(?!\w|\.\d)|(?<![\w.,]){DIGITS}(?=fold\b)")
MORE = rf"\s*(?:(?:to|or|and|–|±)\s*{DIGITS}\s*)*"  # the rest of "0.3 to 0.5 %"
PERCENT = re.compile(rf"{MORE}(?:%|per cent|(?:times )?in a hundred)")
DEVIATION = re.compile(rf"{MORE}(?:σ|standard (?:errors?|deviations?)\b)")
MEASURED_AFTER = re.compile(
    rf"{MORE}(?:per cent|%|in a hundred|-?fold\b|times\b|σ|standard (?:errors?|deviations?)\b)|\s*±"
)
MEASURED_BEFORE = re.compile(r"(?:[\d%]\s*±|\bfactors? (?:of|around|near)(?: about| nearly| some)?)\s*$")
IN_A_LIST = re.compile(rf"=\s*[−+-]?{DIGITS}\$(?:,? (?:and|or|to) |, |–|{DIGITS})*$")  # "$T = 2$, 2.3 and " …
EXERCISE = re.compile(r"[Ee]xercises?[\s\d.,–]*(?:and\s*)?$")
ANY_NUMBER = re.compile(rf"{DIGITS}(?:\s?%)?", re.IGNORECASE)
FORMULA = re.compile(r"\$\$?[^$]+\$\$?")
PLAIN = re.compile(r"\$(?:[\d.,\s−+-]|\\pm|\\%|\\,)+\$")  # nothing but a number: it belongs to the prose


@dataclass(frozen=True)
class Number:
    """A number in the prose: where, what, and in which sentence and section."""

    place: str
    written: str
    kind: str  # "percent", "deviation", "error" or ""
    sentence: str
    section: str
    in_exercise: bool

    @property
    def shown(self) -> str:
        return self.written + {"percent": " %", "deviation": " σ"}.get(self.kind, "")

    @property
    def value(self) -> float:
        return float(self.written.replace(",", ""))


@dataclass
class Held:
    """What a lesson holds: its table, its outputs by section, its formulas, and the numbers of its code."""

    table: dict[str, list[float]] = field(default_factory=lambda: {"": [], "deviation": [], "error": []})
    outputs: dict[str, list[float]] = field(default_factory=dict)
    formulas: list[float] = field(default_factory=list)
    code: set[float] = field(default_factory=set)
    exercises: set[float] = field(default_factory=set)


def section_after(markdown: str, section: str) -> str:
    """The section (`##`) that is open at the end of a text cell."""
    return (re.findall(r"^##[ \t]+(.+?)[ \t]*$", without_fences(markdown), flags=re.MULTILINE) or [section])[-1]


# --- what the prose says


def blanked(text: str, *patterns: str) -> str:
    """The text with what fits a pattern replaced by blanks, so that all places stay."""
    for pattern in patterns:
        text = re.sub(pattern, lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.DOTALL | re.MULTILINE)
    return text


def plain_number(formula: re.Match[str]) -> str:
    """A formula that is nothing but a number is a number of the prose; any other becomes blanks."""
    if not PLAIN.fullmatch(formula[0]):
        return re.sub(r"[^\n]", " ", formula[0])
    return formula[0].replace("$", " ").replace("\\pm", "  ±").replace("\\%", " %").replace("\\,", "  ")


def bare(markdown: str) -> str:
    """The words of a text cell: no comments, code, link targets, formulas, references or list numbers."""
    text = blanked(markdown, r"<!--.*?-->", r"^(```+|~~~+).*?^\1", r"`[^`\n]+`", r"\{\{.*?\}\}", r"\]\([^)]*\)")
    text = blanked(text, r"^\*\*Further reading\.\*\*.*?(?=^\s*$|\Z)", r"\b(?:doi|arXiv):\S+", r"^\s*\d+\.(?=\s)")
    return FORMULA.sub(plain_number, text)


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence that a number stands in, in one line."""
    begins = [0, *(found.end() for found in re.finditer(r"[.!?…][*)”\"]*\s+(?=[A-Z*$(“\"])|\n\s*\n", text))]
    begin = max(place for place in begins if place <= start)
    stop = min((place for place in begins if place >= end), default=len(text))
    return " ".join(text[begin:stop].split())


def kind_of(before: str, after: str) -> str:
    """What a number says: a share in per cent, a distance in standard errors, an error bar, or a value."""
    if PERCENT.match(after):
        return "percent"
    if DEVIATION.match(after):
        return "deviation"
    return "error" if re.search(r"[\d%]\s*±\s*$", before) else ""


def numbers_in(cell: Cell, lesson: Lesson, section: str) -> Iterator[Number]:
    """The numbers of one text cell that look measured."""
    text, own = (
        bare(cell.source),
        set(re.findall(r"\{\{\s*card\s+(\d\d\.\d+)", "".join(c.source for c in lesson.cells))),
    )
    for found in NUMBER.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if not ("." in found[0] or MEASURED_AFTER.match(after) or MEASURED_BEFORE.search(before)):
            continue
        sentence = sentence_around(cell.source, found.start(), found.end())
        exercise = found[0] in own or (re.fullmatch(r"\d\d\.\d", found[0]) and EXERCISE.search(before))
        if exercise or sentence.rstrip('*_)”" ').endswith("?") or IN_A_LIST.search(cell.source[: found.start()]):
            continue
        yield Number(
            lesson.at(cell.line + before.count("\n")),
            found[0],
            kind_of(before, after),
            sentence,
            section_after(cell.source[: found.start()], section),
            "{{ card" in cell.source,
        )


def prose(lesson: Lesson) -> Iterator[Number]:
    """The numbers of a lesson's prose that look measured, in order."""
    section = ""
    for cell in lesson.cells:
        if cell.kind == "markdown" and "instructor" not in cell.tags:
            yield from numbers_in(cell, lesson, section)
            section = section_after(cell.source, section)


# --- what the lesson holds


def values(text: str) -> Iterator[float]:
    """The numbers in any text; a percentage also as a share."""
    for found in ANY_NUMBER.findall(re.sub(r"\s?×\s?10\^?", "e", text.replace("−", "-"))):
        value = float(found.rstrip("% ").replace(",", ""))
        yield value
        if found.endswith("%"):
            yield value / 100


def literals(code: str) -> set[float]:
    """The numbers of Python code, without those in strings; none if it is no Python."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except SyntaxError:
        return set()
    found = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return {float(one) for one in found if isinstance(one, (int, float)) and not isinstance(one, bool)}


def said(output: Any) -> Iterator[str]:
    """The words of an output: printed, captioned, described."""
    yield str(output.get("text", ""))
    for mime, data in output.get("data", {}).items():
        if mime in ("text/plain", "text/markdown", "text/html"):
            yield re.sub(r"<[^>]*>", " ", str(data))
    yield from (str(one.get("alt", "")) for one in output.get("metadata", {}).values() if hasattr(one, "get"))


def held(lesson: Lesson, notebook: Any, exercises: str = "") -> Held:
    """All numbers that a reader can find in a lesson; `exercises` is the code of its exercises."""
    there, section = Held(exercises=literals(exercises)), ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = section_after(cell.source, section)
        for output in cell.get("outputs", ()):
            rows = output.get("data", {}).get(EVIDENCE)
            for row in rows or ():
                there.table[""] += [abs(row["theory"]), abs(row["mean"])]
                there.table["error"].append(row["error"])
                there.table["deviation"].append(abs(row["z"]))
            if rows is None:
                there.outputs.setdefault(section, []).extend(one for words in said(output) for one in values(words))
    for cell in lesson.cells:
        if cell.kind == "code":
            there.code |= literals(cell.source)
        else:
            there.formulas += values(" ".join(one for one in FORMULA.findall(cell.source) if not PLAIN.fullmatch(one)))
    return there


def digits(written: str) -> int:
    """How many digits of a number mean something.

    >>> digits("0.60"), digits("0.3"), digits("4,100")
    (2, 1, 4)
    """
    return len(written.lower().partition("e")[0].replace(",", "").replace(".", "").lstrip("0"))


def fits(written: str, value: float) -> bool:
    """Whether a value, rounded to the digits that are written, is what is written; of 4,100 the last zero is free.

    >>> fits("0.60", 0.5964), fits("0.60", 0.5949), fits("4,100", 4104.0)
    (True, False, True)
    """
    mantissa, _, exponent = written.lower().replace(",", "").partition("e")
    whole, _, decimals = mantissa.partition(".")
    zeros = 0 if decimals else len(whole) - len(whole.rstrip("0"))
    step = 10.0 ** (int(exponent or 0) - len(decimals) + max(0, zeros - 1))
    return abs(float(written.replace(",", "")) - value) <= 0.5 * step * (1 + 1e-9)


def is_held(number: Number, there: Held) -> bool:
    """Whether the lesson holds a number, or (a percentage) the share that it is."""
    share = 100 if number.kind == "percent" else 1
    exact = {*there.code, *there.formulas, *(there.exercises if number.in_exercise else ())}
    if any(abs(own - one) <= 1e-9 * abs(one) for one in exact for own in (number.value, number.value / share)):
        return True
    rounded = list(there.outputs.get(number.section, ()))
    if digits(number.written) >= 2:
        rounded += there.table.get(number.kind, there.table[""]) + there.formulas
    if digits(number.written) >= 3:
        rounded += [one for ones in there.outputs.values() for one in ones]
    return any(fits(number.written, own) for one in rounded for own in (one, share * one))


# --- the list


def unsupported(lesson: Lesson, notebook: Any, exercises: str = "") -> list[Number]:
    """The numbers of a lesson's prose that look measured and that nothing in it holds; allowed ones are among them."""
    there = held(lesson, notebook, exercises)
    return [one for one in prose(lesson) if not is_held(one, there)]


def of_source(source: Path, house: House = HERE) -> list[Number]:
    """The list of one lesson, from its source and its committed notebook; allowed ones are among them."""
    path, lesson = house.notebook(source), read(source)
    if not path.exists():
        raise LessonError(f"lessons/{path.name} has not been built")
    code = house.root / "course_utils" / "exercises" / f"lesson_{lesson.course['lesson']}.py"
    exercises = code.read_text(encoding="utf-8") if code.exists() else ""
    return unsupported(lesson, nbformat.read(path, as_version=4), exercises)


def main(given: Iterable[str] | None = None, house: House = HERE) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*", help="numbers or names; all lessons if none is given")
    wanted = parser.parse_args(given).lessons
    try:
        found = [(source.stem[:2], one) for source in house.find(wanted) for one in of_source(source, house)]
    except LessonError as problem:
        print(f"prose_numbers: {problem}", file=sys.stderr)
        return 1
    left = [one for number, one in found if (number, one.shown) not in ALLOWED]
    for one in left:
        print(f"{one.place}: {one.shown}: {one.sentence}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
