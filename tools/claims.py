"""`lessons/claims.md`: the popular claims that the lessons put on trial, gathered from their evidence."""

from pathlib import Path

import nbformat

from house import House
from lesson_source import read

TRIALS = "application/vnd.course-trials+json"
NAME = "claims.md"
HEAD = """# Popular claims on trial

What one reads about the physics of deep learning, and what became of it when it was measured. *Written from the
evidence of the lessons by `make lessons`; do not edit.* A verdict rests on one row of a lesson's evidence table: the
measurement, the theory beside it, and the distance between the two in standard errors (σ). Where no row decides, the
claim is "not tested". Verdicts speak of what the experiment of the lesson can see, at the sizes that fit on a laptop.
"""


def trials(path: Path) -> list[dict]:
    """Return what a committed notebook says about popular claims, in its order."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    return [trial for output in outputs for trial in output.get("data", {}).get(TRIALS, ())]


def deciding_number(row: dict | None) -> str:
    """Return the row that decides, in words and numbers."""
    if row is None:
        return "none"
    measured = f"{row['mean']:.4g} ± {row['error']:.2g}"
    relation = "ruled out" if row["rejects"] else "agrees"
    deviation = f"{row['z']:+.1f} σ".replace("-", "−")
    return f"{row['claim']}: measured {measured}, theory {row['theory']:.4g} ({row['source']}); {deviation}, {relation}"


def cell_text(words: str) -> str:
    """Return words that can stand in a cell of a Markdown table, with a capital and without a full stop."""
    words = " ".join(words.split()).replace("|", "\\|").removesuffix(".")
    return words[:1].upper() + words[1:]


def page(house: House) -> str:
    """Return the whole page: a row a trial."""
    rows = ["| popular claim | verdict | because | the deciding number | lesson |", "|---|---|---|---|---|"]
    for source in house.find([]):
        course, path = read(source).course, house.notebook(source)
        lesson = f"[{course['lesson']} · {course['title']}]({path.name})"
        for trial in trials(path) if path.exists() else ():
            said = (trial["popular"], f"**{trial['verdict']}**", trial["because"], deciding_number(trial["deciding"]))
            rows.append(f"| {' | '.join(map(cell_text, said))} | {lesson} |")
    return HEAD + "\n" + "\n".join(rows) + "\n"


def write_claims(house: House) -> None:
    """Write the page beside the notebooks, if any lesson has put a claim on trial."""
    place, text = house.lessons / NAME, page(house)
    if text.count("\n| ") > 1 and (not place.exists() or place.read_text(encoding="utf-8") != text):
        place.write_text(text, encoding="utf-8", newline="\n")
