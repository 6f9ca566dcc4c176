"""The pages of the API reference, written from the package: the rooms of the laboratory as a table of contents."""

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from types import ModuleType

PACKAGE = "course_utils"
ROOMS = {
    "datasets": "What do we learn from?",
    "models": "What is it?",
    "dynamics": "How does it move?",
    "measure": "What do we see?",
    "theory": "What should we see?",
    "plots": "How do we show it?",
    "knobs": "What can I change?",
    "exercises": "What do I try?",
}
INTRODUCTION = """\
Everything that the lessons import, room by room, as in a laboratory: data flow from the things through their motion to
the readings, and a theory never looks at the simulation. Each page has the formula, the units, the source, and an
example that the tests run."""
BESIDE = "Beside the rooms"
AT_THE_FRONT = ("evidence", "seeding", "sweep", "backends", "results", "storage", "threads", "environment", "progress")
AT_THE_FRONT += ("class_guesses",)


@dataclass(frozen=True)
class Page:
    """One module of the package, and the names in it that a reader may use."""

    module: str
    names: tuple[str, ...]
    says: str

    @property
    def short(self) -> str:
        return self.module.removeprefix(f"{PACKAGE}.")

    @property
    def file(self) -> str:
        return f"api/{self.short}.rst"


def first_line(module: ModuleType) -> str:
    """What a module says it is."""
    lines = (inspect.getdoc(module) or "").split("\n\n")
    return " ".join(lines[0].split())


def own_names(module: ModuleType) -> tuple[str, ...]:
    """Public functions and classes defined in a module, in the order of its source."""
    named = []
    for name, thing in vars(module).items():
        plain = getattr(thing, "py_func", thing)  # a compiled function wraps the one that was written
        if name.startswith("_") or not (inspect.isfunction(plain) or inspect.isclass(plain)):
            continue
        if getattr(plain, "__module__", None) == module.__name__ and inspect.getdoc(plain):
            named.append((inspect.getsourcelines(plain)[1], name))
    return tuple(name for _, name in sorted(named))


def handed_out(room: ModuleType) -> dict[str, set[str]]:
    """Modules of a room that hand out single names through the room itself, with these names."""
    given: dict[str, set[str]] = {}
    for name in room.__all__:
        thing = getattr(room, name)
        home = getattr(getattr(thing, "py_func", thing), "__module__", "")
        if not inspect.ismodule(thing) and home.startswith(f"{room.__name__}."):
            given.setdefault(home, set()).add(name)
    return given


def modules(room: ModuleType) -> list[Page]:
    """The public modules of a room: those that it names, and those that it hands out names from."""
    if not hasattr(room, "__path__"):
        return [Page(room.__name__, own_names(room), first_line(room))]
    whole = {f"{room.__name__}.{name}" for name in room.__all__ if inspect.ismodule(getattr(room, name))}
    parts, found = handed_out(room), []
    for info in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        if info.name not in whole and info.name not in parts:
            continue
        module = importlib.import_module(info.name)
        if info.ispkg:  # a room within the room
            found += modules(module)
            continue
        names = own_names(module)
        if info.name not in whole:
            names = tuple(name for name in names if name in parts[info.name])
        found.append(Page(info.name, names, first_line(module)))
    return [page for page in found if page.names]


def by_subject(room: ModuleType) -> dict[str, list[Page]]:
    """The public modules of a room under the subjects of its own table of contents, or all under no subject."""
    contents: dict[str, tuple[str, ...]] = getattr(room, "CONTENTS", {})
    place = {name: k for k, name in enumerate(name for names in contents.values() for name in names)}
    left = {page.module.removeprefix(f"{room.__name__}."): page for page in modules(room)}
    found: dict[str, list[Page]] = {subject: [] for subject in contents} or {"": []}
    subjects = {name: subject for subject, names in contents.items() for name in names}
    for name, page in sorted(left.items(), key=lambda item: place.get(item[0].split(".")[0], len(place))):
        found[subjects.get(name.split(".")[0], next(reversed(found)))].append(page)
    return found


def heading(text: str, line: str) -> list[str]:
    return [text, line * len(text), ""]


def table(pages: list[Page]) -> list[str]:
    """One line a module, with the names in it."""
    lines = [".. list-table::", "   :widths: 24 76", "   :class: api-table", ""]
    for page in pages:
        lines += [f"   * - :doc:`{page.short} </api/{page.short}>`", f"     - {page.says}", ""]
    return lines


def module_page(page: Page) -> str:
    """The page of one module; autodoc fills it from the docstrings."""
    lines = [*heading(page.short, "="), f".. automodule:: {page.module}", f"   :members: {', '.join(page.names)}", ""]
    return "\n".join(lines)


def tables(room: ModuleType, line: str) -> list[str]:
    """The modules of a room, a table a subject."""
    lines: list[str] = []
    for subject, pages in by_subject(room).items():
        lines += [*(heading(subject, line) if subject else []), *table(pages)]
    return lines


def room_page(room: ModuleType, question: str) -> str:
    """What a room is for, and its modules."""
    short = room.__name__.removeprefix(f"{PACKAGE}.")
    lines = [*heading(f"{short}: {question[0].lower()}{question[1:]}", "="), first_line(room), "", *tables(room, "-")]
    pages = [page for pages in by_subject(room).values() for page in pages]
    lines += [".. toctree::", "   :hidden:", "", *(f"   {page.short}" for page in pages), ""]
    return "\n".join(lines)


def texts() -> dict[str, str]:
    """All pages, by their place on the site."""
    made, front = {}, []
    front += [*heading("API reference", "="), INTRODUCTION, ""]
    entries = []
    for name, question in ROOMS.items():
        room = importlib.import_module(f"{PACKAGE}.{name}")
        pages = modules(room)
        front += heading(f"{name}: {question[0].lower()}{question[1:]}", "-")
        if hasattr(room, "__path__"):
            made[f"api/{name}.rst"] = room_page(room, question)
            front += [first_line(room), ""]
        front += tables(room, "^")
        made |= {page.file: module_page(page) for page in pages}
        entries.append(name)
    beside = [page for name in AT_THE_FRONT for page in modules(importlib.import_module(f"{PACKAGE}.{name}"))]
    front += [*heading(BESIDE, "-"), *table(beside)]
    made |= {page.file: module_page(page) for page in beside}
    entries += [page.short for page in beside]
    front += [".. toctree::", "   :hidden:", "", *(f"   {entry}" for entry in entries), ""]
    made["api/index.rst"] = "\n".join(front)
    return made
