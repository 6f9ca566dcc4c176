"""Where things lie in the repository, and the two facts that every generated link needs: address and version."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PLACEHOLDER = "YOUR_ORGANISATION"


class LessonError(Exception):
    """Something in a lesson that its author has to put right; the message says what and where."""


@dataclass(frozen=True)
class House:
    """A checkout of the course (or, in the tests, a small folder laid out like one)."""

    root: Path

    @property
    def lessons(self) -> Path:
        return self.root / "lessons"

    @property
    def sources(self) -> Path:
        return self.lessons / "source"

    @property
    def teaching(self) -> Path:
        return self.root / "teaching"

    @property
    def readme(self) -> Path:
        return self.root / "README.md"

    @property
    def pyproject(self) -> Path:
        return self.root / "pyproject.toml"

    @cached_property
    def repository(self) -> str:
        """The address that all launch links and the set-up cell are made from."""
        urls = tomllib.loads(self.pyproject.read_text(encoding="utf-8"))["project"]["urls"]
        return urls["Repository"].rstrip("/")

    @cached_property
    def version(self) -> str:
        """The version of the package, read without importing it."""
        text = (self.root / "course_utils" / "__init__.py").read_text(encoding="utf-8")
        found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
        if not found:
            raise LessonError('course_utils/__init__.py has no line __version__ = "..."')
        return found[1]

    def find(self, wanted: list[str]) -> list[Path]:
        """The sources of the lessons asked for ("11", "11_energy", a path); all of them if none is named."""
        sources = sorted(self.sources.glob("[0-9][0-9]_*.md"))
        if not wanted:
            return sources
        found = []
        for name in wanted:
            stem = Path(name).stem
            hits = [path for path in sources if path.stem == stem or path.stem.startswith(f"{stem}_")]
            if not hits:
                there = ", ".join(path.stem for path in sources) or "none yet"
                raise LessonError(f"there is no lesson {name!r}; in {self.sources.name}/: {there}")
            found += hits
        return list(dict.fromkeys(found))

    def notebook(self, source: Path) -> Path:
        return self.lessons / f"{source.stem}.ipynb"


HERE = House(Path(__file__).resolve().parents[1])
