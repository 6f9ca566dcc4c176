"""A lesson of a few lines in a folder of its own, for the tests of the pipeline."""

import shutil
from pathlib import Path

import pytest

from house import House
from lesson_build import build
from lesson_source import compose

ROOT = Path(__file__).resolve().parents[1]


NOWHERE = "https://github.com/YOUR_ORGANISATION/physics-lens-on-deep-learning"


FORKED = "https://github.com/university/physics-lens"


TINY = """\
---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
course:
  lesson: "00"
  title: A tiny lesson
  minutes: 5
  part: Nothing much
---

# A tiny lesson

{{ header }}

```{code-cell}
{{ setup }}
```

## The picture

Some words. In a formula, \\frac{a}{b}.

+++

More words, in a cell of their own.

+++ {"tags": ["instructor"]}

**Misconception:** that there is one.

```{code-cell}
:tags: [exercise]

import os
print("hello", os.environ["COURSE_SEED"], os.environ["TQDM_DISABLE"])
```

## Where it ends

{{ card 00.1 }}

```{code-cell}
import ipywidgets
from IPython.display import display
display(ipywidgets.IntSlider(), metadata={})
print(os.listdir(os.environ["COURSE_HOME"]), os.path.basename(os.getcwd()))
```
"""


def card(exercise: str) -> str:
    if exercise != "00.1":
        raise KeyError(f"no exercise {exercise!r}")
    return f"**Exercise {exercise}**"


def lay_out(root: Path, text: str = TINY, name: str = "00_tiny") -> House:
    """A folder with what the pipeline needs of the repository."""
    for folder in ("lessons/source", "course_utils"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "course_utils" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (root / "pyproject.toml").write_text(f'[project.urls]\n# where all links come from\nRepository = "{NOWHERE}"\n')
    (root / "README.md").write_text(
        f"# The course\n<!-- syllabus:begin -->\n<!-- syllabus:end -->\n[issues]({NOWHERE}/issues)\n"
        "[binder](https://mybinder.org/v2/gh/YOUR_ORGANISATION/physics-lens-on-deep-learning/v1)\n"
    )
    (root / "lessons" / "source" / f"{name}.md").write_text(text, encoding="utf-8")
    return House(root)


@pytest.fixture(name="house")
def house_fixture(tmp_path, monkeypatch):
    monkeypatch.setattr("lesson_source.exercise_card", card)
    monkeypatch.setitem(compose.__kwdefaults__, "card", card)
    return lay_out(tmp_path)


@pytest.fixture(name="built", scope="module")
def built_fixture(tmp_path_factory):
    """The tiny lesson, built once: executing is the slow part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(compose.__kwdefaults__, "card", card)
        root = tmp_path_factory.mktemp("house")
        house = lay_out(root)
        build(house.find([])[0], house)
    return root


@pytest.fixture(name="ready")
def ready_fixture(built, tmp_path, monkeypatch):
    """A copy of the built house that a test may change."""
    monkeypatch.setitem(compose.__kwdefaults__, "card", card)
    shutil.copytree(built, tmp_path / "house")
    return House(tmp_path / "house")
