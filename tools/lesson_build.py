"""Build lessons: source → executed notebook with measured header, instructor's notes, and checks of the result."""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat

from anatomy import out_of_form, undescribed
from budgets import overdrawn
from cell_ids import CellIds
from house import House, LessonError
from lesson_run import LessonFailedError, run
from lesson_source import Lesson, compose, instructor_notes, is_generated, read
from pictures import chosen, hand_out, stale

MEASURED = ("processor_seconds", "wall_seconds", "megabytes", "seed")


def build(source: Path, house: House, *, course_seed: int = 0, draft: bool = False) -> nbformat.NotebookNode:
    """Build one lesson; the files are written only if everything is in order.

    Of a draft the notebook is written all the same, as long as it runs; what is still missing stands in its metadata,
    so that nobody takes it for finished.
    """
    lesson = read(source)
    faults = out_of_form(lesson, house)
    if faults and not draft:
        by_hand = f"(for looking at, it can be built as a draft: make lessons LESSON={source.stem[:2]} DRAFT=1)"
        raise LessonError("\n".join([*faults, by_hand]))
    notebook = compose(lesson, house)
    try:
        record = run(notebook, house.lessons, course_seed=course_seed)
    except LessonFailedError as problem:
        raise LessonError(f"{source.name}: {problem}\n{left_for_looking(source, problem.notebook)}") from None
    record.pop("seen", None)
    put_header(notebook, compose(lesson, house, record))
    after = [f"{source.name}: {fault}" for fault in [*overdrawn(notebook), *undescribed(notebook)]]
    try:
        chosen(lesson, notebook)
    except LessonError as problem:
        after.append(str(problem))
    if after and not draft:
        raise LessonError("\n".join([*after, left_for_looking(source, notebook)]))
    if faults or after:
        notebook.metadata["course"]["unfinished"] = [*faults, *after]
    write(notebook, house.notebook(source))
    if not draft:
        write_notes(lesson, house)
        hand_out(lesson, notebook, house)
    return notebook


def put_header(notebook: nbformat.NotebookNode, measured: nbformat.NotebookNode) -> None:
    """Take over the texts that are known only after the run; ids and order are the same in both."""
    for cell, final in zip(notebook.cells, measured.cells, strict=True):
        if cell.cell_type == "markdown":
            cell.source = final.source
    notebook.metadata = measured.metadata


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook after checking it against nbformat's schema, whole or not at all."""
    nbformat.validate(notebook)
    half = path.with_suffix(".ipynb.part")
    half.write_text(nbformat.writes(notebook, version=4) + "\n", encoding="utf-8", newline="\n")
    half.replace(path)


def left_for_looking(source: Path, notebook: nbformat.NotebookNode) -> str:
    """Leave a notebook that failed outside the repository, and say where."""
    path = Path(tempfile.mkdtemp(prefix="lesson-")) / f"{source.stem}.ipynb"
    path.write_text(nbformat.writes(notebook, version=4) + "\n", encoding="utf-8")
    return f"(what came out of it is left for looking at: {path})"


def write_notes(lesson: Lesson, house: House) -> None:
    """Write the instructor's notes, or remove those of a lesson that has none any more."""
    path, notes = house.teaching / f"{lesson.stem}.md", instructor_notes(lesson)
    if notes is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(notes, encoding="utf-8", newline="\n")


def measured_record(notebook: nbformat.NotebookNode) -> dict[str, float]:
    """What the build measured, as it stands in the notebook's metadata."""
    course = notebook.metadata.get("course", {})
    return {key: course[key] for key in MEASURED if key in course}


def disagreements(source: Path, house: House) -> list[str]:
    """Where a lesson's source, its notebook and its instructor's notes do not say the same. Nothing is executed."""
    lesson, path = read(source), house.notebook(source)
    again = f"run: make lessons LESSON={lesson.course['lesson']}"
    if not path.exists():
        return [f"{path.name} has not been built; {again}"]
    notebook = nbformat.read(path, as_version=4)
    record = measured_record(notebook)
    if "unfinished" in notebook.metadata.get("course", {}):
        return [f"{path.name} was built as a draft; {again}"]
    faults = []
    if notebook.metadata.get("course", {}).get("source_sha256") != lesson.sha256:
        faults.append(f"{path.name} was built from another text of {source.name}; {again}")
    if set(record) != set(MEASURED):
        return [*faults, f"{path.name} carries no complete record of its measured cost; {again}"]
    should = compose(lesson, house, record)
    if [c.id for c in notebook.cells] != [c.id for c in should.cells]:
        faults.append(f"{path.name} does not have the cells of {source.name}; {again}")
    for cell, expected in zip(notebook.cells, should.cells, strict=False):
        if cell.source != expected.source or cell.metadata.get("tags") != expected.metadata.get("tags"):
            faults.append(f"{path.name}, cell {cell.id} differs from {source.name}: edit the source, then {again}")
    notes, there = instructor_notes(lesson), house.teaching / f"{lesson.stem}.md"
    if (there.read_text(encoding="utf-8") if there.exists() else None) != notes:
        faults.append(f"teaching/{there.name} does not hold the instructor's cells of {source.name}; {again}")
    faults += [
        f"lessons/pictures/{name} is not the figure in {path.name}; {again}" for name in stale(lesson, notebook, house)
    ]
    return faults


def relink(source: Path, house: House) -> str | None:
    """Write the present address into a built notebook's header and set-up cell; the address it had before."""
    path = house.notebook(source)
    if not path.exists():
        return None
    notebook, lesson = nbformat.read(path, as_version=4), read(source)
    should = {cell.id: cell for cell in compose(lesson, house, measured_record(notebook)).cells}
    ids, generated = CellIds(), set()
    for cell in lesson.cells:
        if "instructor" not in cell.tags:
            name = ids.next(cell.kind, cell.source)
            if is_generated(cell):
                generated.add(name)
    for cell in notebook.cells:
        if cell.id in generated:
            cell.source = should[cell.id].source
    before = notebook.metadata["course"].get("repository")
    notebook.metadata["course"]["repository"] = house.repository
    write(notebook, path)
    return before


def report(source: Path, notebook: nbformat.NotebookNode) -> str:
    course = notebook.metadata["course"]
    cost = (
        f"{source.stem}: {course['processor_seconds']} s of processor time, {course['wall_seconds']} s on the clock, "
        f"{course['megabytes']} MB, {len(notebook.cells)} cells"
    )
    left = [f"  {fault}" for fault in course.get("unfinished", ())]
    return "\n".join([cost, *(["A draft, with this still to do:", *left] if left else [])])


def build_and_report(source: Path, root: Path, course_seed: int, draft: bool) -> tuple[bool, str]:
    """Build one lesson for `build_all`: whether it came through, and what to print."""
    try:
        return True, report(source, build(source, House(root), course_seed=course_seed, draft=draft))
    except LessonError as problem:
        return False, str(problem)


def build_all(sources: list[Path], house: House, *, jobs: int, course_seed: int, draft: bool = False) -> bool:
    """Build lessons, `jobs` at a time, and say how each went; whether all came through."""
    well = True
    with ProcessPoolExecutor(max_workers=max(1, min(jobs, len(sources)))) as pool:
        waiting = [pool.submit(build_and_report, source, house.root, course_seed, draft) for source in sources]
        for job in waiting:
            good, told = job.result()
            print(told, flush=True)
            well = well and good
    return well
