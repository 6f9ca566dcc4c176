"""The pictures of the README: figures taken out of the executed notebooks, so that they are what a lesson shows.

A lesson names them in its front matter, `course: pictures: {file name: cell id}`; the first picture of that cell is
written to `lessons/pictures/NN_file-name.png`.
"""

import base64
from pathlib import Path

import nbformat

from house import House, LessonError
from lesson_source import Lesson


def place(lesson: Lesson, house: House, name: str) -> Path:
    return house.lessons / "pictures" / f"{lesson.course['lesson']}_{name}.png"


def chosen(lesson: Lesson, notebook: nbformat.NotebookNode) -> dict[str, bytes]:
    """The pictures that a lesson hands out, by name."""
    wanted = lesson.course.get("pictures") or {}
    found = {}
    for name, cell_id in wanted.items():
        outputs = [o for cell in notebook.cells if cell.id == cell_id for o in cell.get("outputs", [])]
        pictures = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
        if not pictures:
            shown = [
                cell.id
                for cell in notebook.cells
                if any("image/png" in o.get("data", {}) for o in cell.get("outputs", ()))
            ]
            raise LessonError(
                f"{lesson.at(1)}: course.pictures: {name} is cell {cell_id!r}, which shows no picture; "
                f"there are pictures in {', '.join(shown) or 'no cell'}"
            )
        found[name] = base64.b64decode(pictures[0])
    return found


def hand_out(lesson: Lesson, notebook: nbformat.NotebookNode, house: House) -> None:
    """Write the lesson's pictures, and remove those that it no longer hands out."""
    pictures = chosen(lesson, notebook)
    for old in (house.lessons / "pictures").glob(f"{lesson.course['lesson']}_*.png"):
        if old not in {place(lesson, house, name) for name in pictures}:
            old.unlink()
    for name, data in pictures.items():
        path = place(lesson, house, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def stale(lesson: Lesson, notebook: nbformat.NotebookNode, house: House) -> list[str]:
    """The pictures that are not those of the notebook."""
    paths = {place(lesson, house, name): data for name, data in chosen(lesson, notebook).items()}
    return [path.name for path, data in paths.items() if not path.exists() or path.read_bytes() != data]
