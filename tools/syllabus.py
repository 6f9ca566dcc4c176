"""The syllabus table of the README, and the links in the other pages, kept in step with the lessons and the address."""

import re

import nbformat

from house import House, LessonError
from lesson_source import read
from links import host_and_path, launch_links

BEGIN, END = "<!-- syllabus:begin -->", "<!-- syllabus:end -->"
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CITATION.cff",
    "CHANGELOG.md",
    "teaching/*.md",
    "binder/*",
    "docs/*.md",
    "datasets/*.md",
)


def table(house: House) -> str:
    """One row a lesson: where it is, what it asks, what it takes, where it opens."""
    rows = ["| lesson | the question | your time | Run All | open it in |", "|---|---|---|---|---|"]
    part = None
    for source in house.find([]):
        course, path = read(source).course, house.notebook(source)
        record = nbformat.read(path, as_version=4).metadata.get("course", {}) if path.exists() else {}
        if "megabytes" not in record or "unfinished" in record:
            continue  # it has not been built yet, or as a draft only
        if course["part"] != part:
            part = course["part"]
            rows.append(f"| **{part}** | | | | |")
        link = f"[{course['lesson']} · {course['title']}](lessons/{path.name})"
        cost = f"{record['processor_seconds']:.0f} s, {record['megabytes']} MB"
        opened = [
            f"[{name.removeprefix('Open in ').removeprefix('Open on ')}]({address})"
            for name, address in launch_links(house, source.stem).items()
            if name.startswith("Open")
        ]
        asks = course.get("question", "")
        rows.append(f"| {link} | {asks} | {course['minutes']} min | {cost} | {' · '.join(opened)} |")
    rows.append("")
    rows.append("*Run All: measured processor time and peak memory on two cores, written by the build.*")
    return "\n".join(rows)


def with_table(text: str, rows: str) -> str:
    """The README with a new table between its marks."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise LessonError(f"README.md needs one line {BEGIN} and, below it, one line {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    return f"{before}{BEGIN}\n{rows}\n{END}{after}"


def write_syllabus(house: House) -> bool:
    """Write the table into the README; False if there is no README yet."""
    if not house.readme.exists():
        return False
    text = house.readme.read_text(encoding="utf-8")
    changed = with_table(text, table(house))
    if changed != text:
        house.readme.write_text(changed, encoding="utf-8", newline="\n")
    return True


def move_links(house: House, before: str) -> list[str]:
    """Point links in the pages from the address `before` to the present one; which pages changed."""
    if before == house.repository:
        return []
    old_host, old_path = host_and_path(before)
    host, path = host_and_path(house.repository)
    swaps = [(before, house.repository)]
    if host == old_host:  # launch links name the repository without its host
        swaps += [(f"/{kind}/{old_path}", f"/{kind}/{path}") for kind in ("gh", "github", "gl")]
    changed = []
    for pattern in PAGES:
        for page in sorted(p for p in house.root.glob(pattern) if p.is_file()):
            text = moved = page.read_text(encoding="utf-8")
            for old, new in swaps:
                moved = re.sub(re.escape(old) + r"(?![\w-])", lambda _, new=new: new, moved)
            if moved != text:
                page.write_text(moved, encoding="utf-8", newline="\n")
                changed.append(page.relative_to(house.root).as_posix())
    return changed
