"""Build the site: `python tools/site_build.py [FOLDER]`; without a folder into build/site/. Warnings are errors."""

import os
import subprocess
import sys
import time
from pathlib import Path

import site_api
from house import HERE, House, LessonError
from site_sources import texts, write

PARTS = ("references.bib",)


def lay_out(house: House, folder: Path) -> int:
    """Write all sources of the site into a folder; how many have changed."""
    files = texts(house) | site_api.texts()
    for name in PARTS:
        path = house.root / "site" / name
        if path.exists():
            files[name] = path.read_text(encoding="utf-8")
    return write(folder, files)


def build(house: House, target: Path, *options: str) -> int:
    """Lay the sources out and run Sphinx over them; its exit status."""
    work = target.parent / f"{target.name}-work"
    start = time.monotonic()
    changed = lay_out(house, work / "sources")
    print(f"{changed} sources laid out in {time.monotonic() - start:.1f} s", flush=True)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet", "--jobs", "2", *options]
    command += ["-c", str(house.root / "site"), "-d", str(work / "doctrees"), str(work / "sources"), str(target)]
    quiet = {"PYTHONWARNINGS": "ignore::DeprecationWarning", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
    code = subprocess.run(command, env={**os.environ, **quiet}, cwd=house.root).returncode
    print(f"the site {'stands' if code == 0 else 'has faults'}: {target}/index.html, {time.monotonic() - start:.0f} s")
    return code


if __name__ == "__main__":
    wanted = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.root / "build" / "site"
    try:
        sys.exit(build(HERE, wanted.resolve()))
    except LessonError as problem:
        sys.exit(str(problem))
