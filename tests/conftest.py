"""What all tests share: the tools of the lesson pipeline can be imported, and no test touches a learner's progress."""

import os
import sys
import tempfile
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

# Before anything of the course is imported: every worker gets a learner's home of its own.
os.environ["COURSE_HOME"] = tempfile.mkdtemp(prefix="course-home-")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

# No test is a race: a busy machine must not fail a property.
settings.register_profile("course", deadline=None)
settings.load_profile("course")
