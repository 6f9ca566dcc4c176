"""A Physics Lens on Deep Learning: the helper package of the course.

The rooms, in the order in which data flows through them: `datasets` (what we learn from), `models` (what has an
energy), `dynamics` (how it moves), `measure` (what is read off), `theory` (what should be seen), `plots` (how it
looks), `knobs` (what can be turned), `exercises` (what can be tried), `evidence` (what has been claimed). Beside them,
`sweep` runs a grid of settings, and `threads` says how many threads are used.
Each is loaded when it is first used.
"""

from course_utils import versions as _versions

# Here, in one sentence, rather than as a riddle in the middle of a lesson.
if _complaint := _versions.too_old():
    raise ImportError(_complaint)

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "datasets",
        "dynamics",
        "exercises",
        "knobs",
        "measure",
        "models",
        "plots",
        "sweep",
        "theory",
        "threads",
    ],
    submod_attrs={"evidence": ["Evidence"], "seeding": ["seed"]},
)
