"""What can be tried: exercises with checks, hints and solutions; a quiz; and what is done so far.

A learner needs `check`, `hint`, `solution`, `progress`, `quiz` and `answer`. A lesson's file (``lesson_11.py``) defines
``EXERCISES``, a tuple of `Exercise`, and ``QUIZ``, a tuple of `Question`. A teacher adds exercises with `register`.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["registry"],
    submod_attrs={
        "comparisons": ["Region", "agrees", "agrees_on", "closely", "exactly", "satisfies"],
        "core": ["Exercise", "Verdict"],
        "questions": ["Option", "Question"],
        "quizzes": ["answer", "quiz"],
        "registry": ["register"],
        "session": ["card", "check", "hint", "progress", "progress_table", "solution", "solution_source"],
        "statistical": ["within_standard_errors"],
    },
)
