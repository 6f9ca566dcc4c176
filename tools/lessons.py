"""Build, check and lay out the lessons: `python tools/lessons.py --help`, or `make help`."""

import argparse
import os
import sys

from anatomy import new_lesson
from claims import write_claims
from house import HERE, House, LessonError
from lesson_build import build_all, disagreements, relink
from lesson_tests import run_tests
from links import fork
from syllabus import move_links, write_syllabus


def build(house: House, options: argparse.Namespace) -> bool:
    seed = os.environ.get("COURSE_SEED", "0")
    if not seed.isdigit():
        raise LessonError(f"COURSE_SEED={seed!r}: it takes a whole number, 0 or larger")
    sources = house.find(options.lessons)
    if not sources:
        raise LessonError("there is no lesson in lessons/source/ yet: make new-lesson NAME=11_name TITLE=...")
    well = build_all(sources, house, jobs=options.jobs, course_seed=int(seed), draft=options.draft)
    if well and not options.draft:
        write_syllabus(house)
        write_claims(house)
    else:
        print("README.md and lessons/claims.md are left as they were.")
    return well


def check(house: House, options: argparse.Namespace) -> bool:
    sources = house.find(options.lessons)
    faults = [fault for source in sources for fault in disagreements(source, house)]
    print("\n".join(faults) if faults else f"{len(sources)} lessons: source and notebook agree")
    return not faults


def relink_all(house: House, former: str | None = None) -> bool:
    """Make all generated links anew from the address in pyproject.toml; nothing is executed."""
    addresses = {former, *(relink(source, house) for source in house.find([]))}
    changed = {page for before in addresses if before for page in move_links(house, before)}
    write_syllabus(house)
    print(f"All links point at {house.repository}, version {house.version}.")
    if changed:
        print(f"Changed besides the lessons: {', '.join(sorted(changed))}")
    return True


def point_fork(house: House, options: argparse.Namespace) -> bool:
    return relink_all(*fork(house, options.url))


def start(house: House, options: argparse.Namespace) -> bool:
    place = new_lesson(house, options.name, options.title)
    number = options.name[:2]
    print(f"{place} holds the ten parts of a lesson; TODO stands where words are wanted.")
    print(
        f"CONTRIBUTING.md walks you through it. At any time: make lessons LESSON={number} DRAFT=1 builds what there is."
    )
    return True


def test(house: House, options: argparse.Namespace) -> bool:
    sources = house.find([options.lesson])
    return all([run_tests(house, source) for source in sources])


def syllabus(house: House, options: argparse.Namespace) -> bool:
    if not write_syllabus(house):
        raise LessonError("there is no README.md to write the syllabus into")
    write_claims(house)
    return True


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lessons.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("build", help="execute lessons from their sources and write the notebooks")
    one.add_argument("lessons", nargs="*", help="numbers or names; all lessons if none is given")
    one.add_argument("--jobs", type=int, default=2, help="how many lessons run at a time (default 2)")
    one.add_argument("--draft", action="store_true", help="write the notebook even if the lesson is not complete yet")
    one.set_defaults(act=build)
    one = commands.add_parser("check", help="do sources and notebooks agree? (executes nothing)")
    one.add_argument("lessons", nargs="*")
    one.set_defaults(act=check)
    one = commands.add_parser("syllabus", help="write the syllabus in README.md, and lessons/claims.md")
    one.set_defaults(act=syllabus)
    one = commands.add_parser("test", help="test one lesson, with its exercises solved on another seed")
    one.add_argument("lesson", help="a number or a name")
    one.set_defaults(act=test)
    one = commands.add_parser("new", help="lay out a new lesson")
    one.add_argument("name", help="like 12_loss_is_energy")
    one.add_argument("title")
    one.set_defaults(act=start)
    commands.add_parser("relink", help="make links and set-up cells anew").set_defaults(act=lambda h, o: relink_all(h))
    one = commands.add_parser("fork", help="point all links at another repository")
    one.add_argument("url", help="like https://github.com/OWNER/NAME")
    one.set_defaults(act=point_fork)
    return parser


def main(given: list[str] | None = None, house: House = HERE) -> int:
    options = arguments().parse_args(given)
    try:
        return 0 if options.act(house, options) else 1
    except LessonError as problem:
        print(f"lessons: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
