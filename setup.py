"""Pack the one copy of the data, `datasets/`, into the wheel as `course_utils/_datasets/`.

All else is in pyproject.toml. This is setuptools' documented way to add a build step (a sub-command of `build`). An
editable install needs no copy: there `course_utils.datasets` finds the folder beside the package.
"""

from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build import build


class BuildDatasets(Command):
    """Copy the data files and their cards into the package."""

    user_options = []  # noqa: RUF012
    editable_mode = False

    def initialize_options(self) -> None:
        """Start with nothing known."""
        self.build_lib = None

    def finalize_options(self) -> None:
        """Ask `build_py` where the package is put together."""
        self.set_undefined_options("build_py", ("build_lib", "build_lib"))

    def run(self) -> None:
        """Copy."""
        if not self.editable_mode:
            for target, source in self.get_output_mapping().items():
                self.mkpath(str(Path(target).parent))
                self.copy_file(source, target)

    def get_source_files(self) -> list[str]:
        """List what goes into a source distribution too."""
        return sorted(str(path) for path in Path("datasets").iterdir() if path.suffix in {".npz", ".md"})

    def get_output_mapping(self) -> dict[str, str]:
        """Map each file in the wheel to its source."""
        folder = Path(self.build_lib, "course_utils", "_datasets")
        return {str(folder / Path(source).name): source for source in self.get_source_files()}

    def get_outputs(self) -> list[str]:
        """List each file in the wheel."""
        return list(self.get_output_mapping())


build.sub_commands = [*build.sub_commands, ("build_datasets", None)]
setup(cmdclass={"build_datasets": BuildDatasets})
