"""The tests that concern one lesson, in an order in which the quick ones come first."""

import os
import subprocess
import sys
from pathlib import Path

from house import House

WHOLE = ("test_glossary.py", "test_citations.py")  # what a lesson adds to the glossary and to the bibliography
ONE_LESSON = (
    "test_lessons.py",
    "test_without_javascript.py",
    "test_prose_numbers.py",
    "test_exercises_made.py",
)


def commands(house: House, source: Path) -> list[tuple[str, list[str]]]:
    """What is run for a lesson: what it is about, and the command."""
    number, python = source.stem[:2], [sys.executable, "-m"]
    tests, package = house.root / "tests", house.root / "course_utils"
    own_tests = sorted(tests.glob(f"test_lesson_{number}*.py"))
    own_code = [path for room in ("exercises", "knobs") for path in sorted((package / room).glob(f"*_{number}.py"))]
    pytest = [*python, "pytest", "-q", "-p", "no:cacheprovider"]
    solved = [*pytest, "-m", "lesson", "-k", source.stem, str(tests / "test_lessons.py")]
    return [
        ("lint", [*python, "ruff", "check", *map(str, [*own_code, *own_tests])] if own_code or own_tests else []),
        (
            "the glossary, the bibliography, and its own tests",
            [*pytest, *map(str, [*(tests / one for one in WHOLE), *own_tests])],
        ),
        (
            "the lesson as it is built",
            [
                *pytest,
                "-m",
                "not lesson",
                "-k",
                f"{source.stem} or [{number}]",
                *(str(tests / one) for one in ONE_LESSON),
            ],
        ),
        ("every exercise solved, on another seed, and every figure looked at", solved),
    ]


def run_tests(house: House, source: Path) -> bool:
    """Run them all, whatever fails; whether everything passed."""
    well = True
    for about, command in commands(house, source):
        if command:
            print(f"--- {source.stem}: {about}", flush=True)
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
            well = subprocess.run(command, cwd=house.root, env=environment, check=False).returncode == 0 and well
    return well
