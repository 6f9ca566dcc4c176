"""One output for every reader: a live widget where there is a kernel, a picture or words where there is none."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
from IPython.display import display

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Bundled(widgets.VBox):
    """A box of widgets that also carries what to show where widgets are not alive.

    Subclasses say what in `_standing_in`. ipywidgets 7 displays itself by ``_ipython_display_``, ipywidgets 8 by
    ``_repr_mimebundle_``; both are defined here, so that the output is the same under either.
    """

    def _standing_in(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the data that stand in for the widget, by mime type, and their metadata."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = self._standing_in()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {WIDGET_VIEW: view, **data}, metadata

    def _ipython_display_(self, **_: Any) -> None:
        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)
