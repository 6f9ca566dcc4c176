"""Who cites what: the works of `site/references.bib`, and every place in the tree that names one of them.

A work is named by its DOI, by its arXiv number, or by author and year, as in "Kaufman 1949" or in a list of references.
`python tools/citations.py` prints where each work is cited; `python tools/citations.py FILE` writes that as the table
which the site includes in its bibliography page.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from house import HERE, House, LessonError

BIB = "site/references.bib"
EVIDENCE = "application/vnd.course-evidence+json"
YEAR = r"(?:1[89]|20)\d\d"
DOI = re.compile(r"10\.\d{4,9}/(?:[^\s()\[\]{}<>\"'`,;|*]|\([^\s()]*\))+")
NUMBER = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"  # of a preprint, in the new form and in the old
ARXIV = re.compile(rf"arxiv(?:\.org/(?:abs|pdf|html)/|[:\s]\s?)({NUMBER})", re.IGNORECASE)
NAME = r"[A-ZÀ-ÖØ-ÞČŠŽ][\w’'-]*[a-zà-öø-ÿ](?:-[A-Z]\w+)*"
# "Kaufman 1949", "Belkin, Hsu, Xu 2020", "Kramers & Wannier (1941)", "Mei et al., 2022"; with an initial before it, a
# name belongs to a list of references.
NAMED = re.compile(
    rf"(?<![A-Z]\.\s)({NAME}(?:(?:,\s+|\s+&\s+|\s+and\s+){NAME})*(?:\s+et\s+al\.?|\s+and\s+others)?),?\s+\(?({YEAR})\b"
)
WORD = re.compile(r"[^\W\d_][\w’'-]*")
AMONG = re.compile(r",\s+|\s+&\s+|\s+and\s+")
OTHERS = re.compile(r"\s+(?:et\s+al\.?|and\s+others)$")
# The end of a reference: "(1949)", "(Scribner, New York, 1902)".
CLOSING_YEAR = re.compile(rf"\((?:[^()]*[ ,])?({YEAR})\)")
READABLE = (
    "lessons/source/*.md",
    "course_utils/**/*.py",
    "teaching/*.md",
    "datasets/*.md",
    "benchmarks/*.md",
    "README.md",
)
REACH = 320  # signs between an author's name and the end of that reference


@dataclass(frozen=True)
class Work:
    """One entry of the bibliography."""

    key: str
    surnames: tuple[str, ...]
    year: str
    doi: str
    eprint: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The surnames in plain letters."""
        return tuple(plain(name) for name in self.surnames)

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The year of publication and, if it is another, that of the preprint."""
        digits = re.match(r"(?:[a-z.-]+/)?(\d\d)", self.eprint, re.IGNORECASE)
        if not digits:
            return (self.year,)
        preprint = f"{'19' if int(digits[1]) > 90 else '20'}{digits[1]}"
        return tuple(dict.fromkeys((self.year, preprint)))

    @property
    def short(self) -> str:
        """Authors and year as one says them: "Krauth and Mézard (1989)"."""
        names = self.surnames
        said = names[0] if len(names) == 1 else f"{names[0]} and {names[1] if len(names) == 2 else 'others'}"
        return f"{said} ({self.year})"


@dataclass(frozen=True)
class Place:
    """A place in the tree where a work is named."""

    path: str
    line: int
    named: str


def plain(name: str) -> str:
    """A surname in plain small letters, as in a key: "Györgyi" is gyorgyi, "Ben Arous" is benarous."""
    bare = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in bare if sign.isalpha()).lower()


def plain_forms(name: str) -> set[str]:
    """The ways in which a surname turns up in file names: "Kühn" as kuhn and as kuehn."""
    spelt = name.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"}))
    return {plain(name), plain(spelt)}


@cache
def works(bib: Path = HERE.root / BIB) -> dict[str, Work]:
    """All entries by key. Raises `LessonError` if the file cannot be read as BibTeX, or if pybtex is not installed."""
    try:
        from pybtex.database import parse_file
        from pybtex.exceptions import PybtexError
        from pybtex.richtext import Text
    except ImportError as error:
        raise LessonError("the bibliography needs pybtex; install it with: pip install -e '.[dev]'") from error
    try:
        entries = parse_file(str(bib), bib_format="bibtex").entries
    except PybtexError as error:
        raise LessonError(f"{bib.name} is no proper BibTeX: {error}") from error
    found = {}
    for key, entry in entries.items():
        people = entry.persons.get("author", [])
        surnames = tuple(str(Text.from_latex(" ".join(one.last_names))) for one in people)
        if not surnames or "year" not in entry.fields:
            raise LessonError(f"{bib.name}: {key} needs an author and a year")
        fields = entry.fields
        found[key] = Work(key, surnames, fields["year"], fields.get("doi", ""), fields.get("eprint", ""))
    return found


def readable(house: House = HERE) -> Iterator[tuple[str, str]]:
    """Every file that may cite, as (path in the repository, text)."""
    for pattern in READABLE:
        for path in sorted(house.root.glob(pattern)):
            yield path.relative_to(house.root).as_posix(), path.read_text(encoding="utf-8")


def line_of(text: str, position: int) -> int:
    """The line, counted from 1, in which a position of the text lies."""
    return text.count("\n", 0, position) + 1


def identifiers(text: str) -> Iterator[tuple[int, str]]:
    """Every DOI and arXiv number in a text, with its position."""
    for found in DOI.finditer(text):
        yield found.start(), found[0].rstrip(".:")
    for found in ARXIV.finditer(text):
        yield found.start(), found[1]


def by_identifier(identifier: str) -> list[Work]:
    """The works with this DOI or arXiv number."""
    wanted = identifier.lower()
    return [work for work in works().values() if wanted in (work.doi.lower(), work.eprint.lower())]


def by_name(names: str, year: str) -> list[Work]:
    """The works of "Belkin, Hsu, Xu" (all of them), "Belkin et al." (the first of them), of that year.

    A year of publication goes before the year of a preprint.
    """
    others = OTHERS.search(names)
    said = [plain(name) for name in AMONG.split(OTHERS.sub("", names))]
    fitting = []
    for work in works().values():
        if said == list(work.names[: len(said)]) and bool(others) == (len(work.names) > len(said)):
            fitting.append(work)
    return [w for w in fitting if w.year == year] or [w for w in fitting if year in w.years]


@cache
def authors() -> frozenset[str]:
    """Every surname in the bibliography, in plain letters."""
    return frozenset(name for work in works().values() for name in work.names)


def named_in(text: str) -> Iterator[tuple[int, str, str]]:
    """Every "Author 1949" in a text whose author is in the bibliography: position, names, year."""
    for found in NAMED.finditer(text):
        if plain(AMONG.split(OTHERS.sub("", found[1]))[0]) in authors():
            yield found.start(), " ".join(found[1].split()), found[2]


def references_in(text: str) -> Iterator[tuple[int, str, list[Work]]]:
    """Every reference that closes with its year in brackets: position, year, and the works that fit what stands before.

    A work fits by its identifier, or by the names of its first two authors, with no other such year between; of two
    that fit, the one whose first author comes first.
    """
    start = 0
    for closing in CLOSING_YEAR.finditer(text):
        before = text[max(start, closing.start() - REACH) : closing.start()]
        start = closing.end()
        words, named = plain_words(before), [work for _, one in identifiers(before) for work in by_identifier(one)]
        fitting = [work for work in works().values() if closing[1] in work.years and stands_in(words, work)]
        fitting = [w for w in fitting if w in named[-1:]] or [w for w in fitting if w.year == closing[1]] or fitting
        yield closing.start(), closing[1], sorted(fitting, key=lambda w: words.index(w.names[0]))[:1]


def stands_in(words: list[str], work: Work) -> bool:
    """Whether the first author of a work is among the words, and the second, or "others", after."""
    if work.names[0] not in words:
        return False
    after = words[words.index(work.names[0]) + 1 :]
    return len(work.names) == 1 or not {work.names[1], "others", "al"}.isdisjoint(after)


def plain_words(text: str) -> list[str]:
    """The words of a text in plain letters, in their order, and each pair of neighbours as one ("Ben Arous")."""
    words = [plain(word) for word in WORD.findall(text)]
    return [one for k, word in enumerate(words) for one in (word, "".join(words[k : k + 2])) if one]


def evidence(house: House = HERE) -> Iterator[tuple[str, str]]:
    """What the committed notebooks name as the sources of their theories, as (notebook, source)."""
    for path in sorted(house.lessons.glob("[0-9][0-9]_*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                for row in output.get("data", {}).get(EVIDENCE, ()):
                    yield path.name, row["source"]


@cache
def citations(house: House = HERE) -> dict[str, list[Place]]:
    """All places at which each work is cited, by key."""
    found: dict[str, list[Place]] = {key: [] for key in works()}
    for path, text in readable(house):
        hits = [(at, named, by_identifier(named)) for at, named in identifiers(text)]
        hits += [(at, f"{names} {year}", by_name(names, year)) for at, names, year in named_in(text)]
        hits += [(at, year, fitting) for at, year, fitting in references_in(text)]
        for at, named, fitting in hits:
            for work in fitting[:1]:
                found[work.key].append(Place(path, line_of(text, at), named))
    for notebook, source in evidence(house):
        for _, names, year in named_in(source):
            for work in by_name(names, year)[:1]:
                found[work.key].append(Place(f"lessons/{notebook}", 0, source))
    return found


def cited_by(house: House = HERE) -> dict[str, list[str]]:
    """The lessons, "11" for example, that cite each work in their text or in their evidence."""
    lesson = re.compile(r"lessons/(?:source/)?(\d\d)_")
    places = citations(house)
    return {key: sorted({hit[1] for one in some if (hit := lesson.match(one.path))}) for key, some in places.items()}


def where_cited(house: House = HERE) -> str:
    """The table of the bibliography page, with links as from the site's root: each work, the lessons, other files."""
    pages = {path.name[:2]: path.name for path in sorted(house.lessons.glob("[0-9][0-9]_*.ipynb"))}
    places, lessons = citations(house), cited_by(house)
    rows = ["| work | lessons | elsewhere |", "|---|---|---|"]
    for key in sorted(works(), key=lambda one: (works()[one].names, works()[one].year)):
        links = ", ".join(f"[{number}](lessons/{pages[number]})" for number in lessons[key] if number in pages)
        others = sorted({one.path for one in places[key] if not one.path.startswith("lessons/")})
        rows.append(f"| {{cite:t}}`{key}` | {links or '–'} | {', '.join(f'`{path}`' for path in others) or '–'} |")
    return "\n".join(rows) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Print each work with the places that cite it, or write the table of the bibliography page."""
    parser = argparse.ArgumentParser(description="Where each work of the bibliography is cited.")
    parser.add_argument("file", nargs="?", type=Path, help="write the table of the bibliography page here")
    target = parser.parse_args(arguments).file
    try:
        if target:
            target.write_text(where_cited(), encoding="utf-8", newline="\n")
            return 0
        for key, places in citations().items():
            where = sorted({one.path.removeprefix("lessons/source/").removeprefix("course_utils/") for one in places})
            print(f"{key:20} {works()[key].short:40} {', '.join(where)}")
    except LessonError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
