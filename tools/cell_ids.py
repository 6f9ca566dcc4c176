"""Cell ids that stay: made from the heading a cell stands under, not from its place in the file or from chance."""

import re
import unicodedata
from collections import Counter

LONGEST_SLUG = 44  # leaves room for "-text-999" and a section number within the 64 characters of nbformat


def without_fences(markdown: str) -> str:
    """The Markdown without its fenced code, in which a line that starts with # is no heading."""
    return re.sub(r"^(```+|~~~+).*?^\1[ \t]*$", "", markdown, flags=re.MULTILINE | re.DOTALL)


def headings(markdown: str) -> list[str]:
    """The headings of a Markdown cell, in order, without their marks."""
    return re.findall(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", without_fences(markdown), flags=re.MULTILINE)


def slug(heading: str) -> str:
    """A heading as a part of an id.

    >>> slug("Where the metaphor breaks: *no* thermostat!")
    'where-the-metaphor-breaks-no-thermostat'
    """
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", plain.lower()))
    kept = words[:1] or ["section"]
    for word in words[1:]:
        if len("-".join([*kept, word])) > LONGEST_SLUG:
            break
        kept.append(word)
    return "-".join(kept)[:LONGEST_SLUG]


class CellIds:
    """Hands out ids cell by cell; an edit inside a cell, or a new cell in another section, leaves the rest alone."""

    def __init__(self) -> None:
        self.section = "start"
        self.sections: Counter[str] = Counter()
        self.cells: Counter[str] = Counter()

    def enter(self, heading: str) -> None:
        """Begin a section; a second section of the same name gets a number of its own."""
        name = slug(heading)
        self.sections[name] += 1
        self.section = name if self.sections[name] == 1 else f"{name}-s{self.sections[name]}"

    def next(self, cell_type: str, source: str) -> str:
        """The id of the next cell. A cell belongs to the first heading in it, what follows to the last."""
        found = headings(source) if cell_type == "markdown" else []
        if found:
            self.enter(found[0])
        stem = f"{self.section}-{'code' if cell_type == 'code' else 'text'}"
        self.cells[stem] += 1
        for heading in found[1:]:
            self.enter(heading)
        return f"{stem}-{self.cells[stem]}"
