"""What a lesson may cost a learner: time, memory, space, and patience."""

import json
import re
from typing import Any

import nbformat

from cell_ids import without_fences

PROCESSOR_SECONDS = 60
MEGABYTES = 850
FILE_MEGABYTES = 1.5
CELLS = (25, 45)
WORDS = 2500
CODE_LINES = 250
SHORT_LESSON = "00"  # the start page has no experiments, so it may be shorter


def words(markdown: str) -> int:
    """Words that a reader sees: no link targets, no comments, nothing folded away, no signs of formulas alone."""
    text = re.sub(r"<!--.*?-->|<details\b.*?</details>", " ", without_fences(markdown), flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"<[^>\n]+>", " ", text)
    return sum(1 for word in text.split() if re.search(r"[^\W_]", word))


def code_lines(source: str) -> int:
    """Lines of code that a reader sees, without empty ones."""
    return sum(1 for line in source.splitlines() if line.strip())


def sizes(notebook: nbformat.NotebookNode) -> dict[str, float]:
    """The size of a lesson, as the budgets count it; what the build writes itself is not counted."""
    text = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    own = [c.source for c in notebook.cells if c.cell_type == "code" and not c.metadata.get("course")]
    return {
        "cells": len(notebook.cells),
        "words": sum(map(words, text)),
        "code_lines": sum(map(code_lines, own)),
        "file_megabytes": len((json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()) / 1e6,
    }


def overdrawn(notebook: nbformat.NotebookNode) -> list[str]:
    """Each budget that a built lesson exceeds, with the measured number."""
    course: dict[str, Any] = notebook.metadata["course"]
    size = sizes(notebook)
    fewest = 1 if course["lesson"] == SHORT_LESSON else CELLS[0]
    limits = [
        ("processor time", course.get("processor_seconds", 0), PROCESSOR_SECONDS, "s"),
        ("memory", course.get("megabytes", 0), MEGABYTES, "MB"),
        ("file", round(size["file_megabytes"], 2), FILE_MEGABYTES, "MB"),
        ("number of cells", size["cells"], CELLS[1], "cells"),
        ("text", size["words"], WORDS, "words"),
        ("code", size["code_lines"], CODE_LINES, "visible lines"),
    ]
    faults = [
        f"over budget: {name} is {got} {unit}, the budget is {most} {unit}"
        for name, got, most, unit in limits
        if got > most
    ]
    if size["cells"] < fewest:
        faults.append(f"too short: {size['cells']} cells; a lesson has at least {fewest}")
    return faults
