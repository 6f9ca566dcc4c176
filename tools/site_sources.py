"""The sources of the site, laid out for Sphinx: executed lessons in their order, other pages, and the links of all."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

import nbformat

from citations import where_cited
from house import House, LessonError
from links import source_link

LINK = re.compile(r"(?<!!)(\[[^\]\[]*(?:\[[^\]]*\][^\]\[]*)*\]\()([^)\s]+)(\))")
CODE = re.compile(r"^(`{3,}|~{3,}).*?^\1[ \t]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
CITED_BY = "_cited_by.md"  # what the bibliography includes
SHOWN = ("text/html", "image/png", "text/markdown", "text/plain")  # the rest is for machines
LESSONS = "<!-- lessons -->"  # the marks in site/index.md where the lists of lessons go
TREE = "<!-- contents -->"
# Pages that are not lessons: where they stand in the repository, and on the site.
PAGES = {
    "site/index.md": "index.md",
    "lessons/claims.md": "lessons/claims.md",
    "site/glossary.md": "glossary.md",
    "site/bibliography.md": "bibliography.md",
    "datasets/README.md": "datasets/index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}


@dataclass(frozen=True)
class Lesson:
    """An executed lesson, as its notebook says it is."""

    path: Path
    course: dict[str, Any] = field(hash=False)

    @property
    def page(self) -> str:
        return f"lessons/{self.path.stem}"

    @property
    def name(self) -> str:
        return f"{self.course['lesson']} · {self.course['title']}"


def lessons(house: House) -> list[Lesson]:
    """All lessons in the order of the syllabus, which is that of their numbers."""
    found = []
    for path in sorted(house.lessons.glob("[0-9][0-9]_*.ipynb")):
        course = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("course", {})
        if missing := [key for key in ("lesson", "title", "part", "question", "minutes") if key not in course]:
            raise LessonError(f"lessons/{path.name} has no {', '.join(missing)} in its metadata; run: make lessons")
        found.append(Lesson(path, course))
    if not found:
        raise LessonError("there is no notebook in lessons/; run: make lessons")
    return found


def by_part(found: list[Lesson]) -> dict[str, list[Lesson]]:
    """The lessons under the names of their parts."""
    parts: dict[str, list[Lesson]] = {}
    for lesson in found:
        parts.setdefault(lesson.course["part"], []).append(lesson)
    return parts


def pages(house: House) -> dict[str, str]:
    """Every page that is copied: its place in the repository, and its place on the site."""
    placed = {origin: target for origin, target in PAGES.items() if (house.root / origin).exists()}
    placed |= {f"lessons/{lesson.path.name}": f"{lesson.page}.ipynb" for lesson in lessons(house)}
    for card in sorted((house.root / "datasets").glob("[a-z]*.md")):
        placed[f"datasets/{card.name}"] = f"datasets/{card.name}"
    for guide in sorted(house.teaching.glob("*.md")):
        placed[f"teaching/{guide.name}"] = f"teaching/{'index.md' if guide.name == 'README.md' else guide.name}"
    return placed


class Links:
    """Relative links of the repository, made to lead to the same thing from a page of the site."""

    def __init__(self, house: House, placed: dict[str, str]) -> None:
        self.house, self.placed = house, placed

    def moved(self, origin: str, address: str) -> str:
        """The address as it is written on the site, for a link that stands in the file ``origin``."""
        if re.match(r"[a-z][a-z0-9+.-]*:|#|//", address):
            return address
        path, _, anchor = address.partition("#")
        wanted = normpath(str(PurePosixPath(origin).parent / path))
        if wanted in self.placed:
            new = relpath(self.placed[wanted], str(PurePosixPath(self.placed[origin]).parent))
            return f"{new}#{anchor}" if anchor else new
        if (self.house.root / wanted / "README.md").exists() and f"{wanted}/README.md" in self.placed:
            return self.moved(origin, relpath(f"{wanted}/README.md", str(PurePosixPath(origin).parent) or "."))
        if not (self.house.root / wanted).exists():
            raise LessonError(f"{origin}: the link ({address}) leads nowhere: there is no {wanted}")
        return source_link(self.house, wanted)

    def in_text(self, origin: str, text: str) -> str:
        """Markdown with all its links moved, except in code."""
        kept: list[str] = []
        shelved = CODE.sub(lambda block: kept.append(block[0]) or f"\0{len(kept) - 1}\0", text)
        moved = LINK.sub(lambda link: link[1] + self.moved(origin, link[2]) + link[3], shelved)
        return re.sub("\0(\\d+)\0", lambda block: kept[int(block[1])], moved)


def described(cell: Any, where: str) -> Iterator[Any]:
    """The cell, a picture at most in each, whose description is told to myst-nb as it wants to hear it."""
    bundles: list[list[Any]] = [[]]
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}) and any("image/png" in one.get("data", {}) for one in bundles[-1]):
            bundles.append([])
        bundles[-1].append(output)
    for number, outputs in enumerate(bundles):
        part = nbformat.from_dict(json.loads(json.dumps(cell)))
        if cell.cell_type == "code":
            part.outputs = outputs
        if number:
            part.id = f"{cell.id[:58]}-{number + 1}"
            part.metadata["tags"] = ["remove-input"]
        for output in part.get("outputs", []):
            if "data" in output:
                output["data"] = {kind: output["data"][kind] for kind in SHOWN if kind in output["data"]}
            if "image/png" in output.get("data", {}):
                alt = output.get("metadata", {}).get("image/png", {}).get("alt", "").strip()
                if not alt:
                    raise LessonError(f"{where}, cell {cell.id}: a picture without a description (alt); use plots.show")
                part.metadata["mystnb"] = {"image": {"alt": alt}}
        yield part


def notebook(house: House, lesson: Lesson, links: Links) -> str:
    """A lesson as the site reads it: descriptions on pictures, links moved, the set-up cell folded."""
    origin = f"lessons/{lesson.path.name}"
    book = nbformat.read(lesson.path, as_version=4)
    cells = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = links.in_text(origin, cell.source)
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
            cell.metadata["mystnb"] = {"code_prompt_show": "Set-up cell", "code_prompt_hide": "Set-up cell"}
        cells += described(cell, origin)
    book.cells = cells
    return nbformat.writes(book)


def listed(found: list[Lesson]) -> str:
    """The lessons with their questions, part by part."""
    lines = []
    for part, members in by_part(found).items():
        lines += [f"**{part}**", ""]
        for one in members:
            lines.append(f"- [{one.name}]({one.page}.ipynb). {one.course['question']} *{one.course['minutes']} min*")
        lines.append("")
    return "\n".join(lines)


def toctree(caption: str, entries: list[str]) -> str:
    """One group of the navigation."""
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *entries, "```", ""])


def contents(house: House, found: list[Lesson], placed: dict[str, str]) -> str:
    """The navigation: lessons by part, then what one looks up, then what one teaches and writes with."""
    stem = {target: target.rsplit(".", 1)[0] for target in placed.values()}
    groups = [toctree(part, [one.page for one in members]) for part, members in by_part(found).items()]
    for caption, wanted in {
        "Look it up": ["lessons/claims.md", "glossary.md", "bibliography.md", "api/index", "datasets/index.md"],
        "Teach and write": ["teaching/index.md", "contributing.md", "changelog.md"],
    }.items():
        groups.append(
            toctree(caption, [stem.get(page, page) for page in wanted if page in stem or page == "api/index"])
        )
    return "\n".join(groups)


def below(title: str, folder: str, placed: dict[str, str]) -> str:
    """The navigation below the index page of a folder."""
    own = [target for target in placed.values() if target.startswith(f"{folder}/") and target != f"{folder}/index.md"]
    if folder == "lessons" or not own:
        return ""
    names = "\n".join(target.removeprefix(f"{folder}/").removesuffix(".md") for target in own)
    return f"\n\n## {title}\n\n```{{toctree}}\n:maxdepth: 1\n\n{names}\n```\n"


def texts(house: House) -> dict[str, str]:
    """Everything that is copied, as text, by its place on the site."""
    found, placed = lessons(house), pages(house)
    links, made = Links(house, placed), {}
    for lesson in found:
        made[f"{lesson.page}.ipynb"] = notebook(house, lesson, links)
    for origin, target in placed.items():
        if target not in made:
            made[target] = links.in_text(origin, (house.root / origin).read_text(encoding="utf-8"))
    made[CITED_BY] = where_cited(house)
    front = made["index.md"]
    for mark, new in ((LESSONS, listed(found)), (TREE, contents(house, found, placed))):
        if front.count(mark) != 1:
            raise LessonError(f"site/index.md needs one line {mark}")
        front = front.replace(mark, new)
    made["index.md"] = front
    for folder, title in (("teaching", "The lessons, one by one"), ("datasets", "The cards")):
        made[f"{folder}/index.md"] += below(title, folder, placed)
    return made


def write(folder: Path, files: dict[str, str]) -> int:
    """Write what has changed, so that Sphinx reads only this; remove what is no longer made; how many changed."""
    changed = 0
    for name, text in files.items():
        path, new = folder / name, text.encode()
        old = path.read_bytes() if path.exists() else None
        if old is None or hashlib.sha256(old).digest() != hashlib.sha256(new).digest():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(new)
            changed += 1
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
            changed += 1
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(path.iterdir()):
            shutil.rmtree(path)
    return changed
