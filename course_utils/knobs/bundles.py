"""One output for every reader: a live widget where there is a kernel, a picture or words where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
from IPython.display import display

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
BOX, KNOB = "course-controls", "course-knob"
"""Classes in the page, of a bundle and of one knob in it."""

# ipywidgets gives neither a slider's handle, nor a picture, nor a group of radio buttons a name that a screen reader
# could say, and takes none as an argument. This picture of nothing names them, when it is loaded and whenever something
# in the box is drawn anew, after what stands beside them on the page. Where a page runs no such script, all else works.
_NAMING = """<img alt="" hidden src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
onload="const nothing = this; let tries = 50; (function look() {
  const box = nothing.closest('.course-controls');
  if (!box) { if (tries--) setTimeout(look, 100); return; }
  const title = nothing.parentNode.textContent.trim();
  const name = () => {
    for (const knob of box.querySelectorAll('.course-knob')) {
      const label = knob.querySelector('label'), handle = knob.querySelector('.noUi-handle, .ui-slider-handle');
      if (label && handle) handle.setAttribute('aria-label', label.textContent);
    }
    for (const picture of box.querySelectorAll('img.widget-image'))
      picture.alt = title + ', at the settings above; the numbers stand below';
    for (const group of box.querySelectorAll('.widget-radio-box')) {
      group.setAttribute('role', 'radiogroup');
      group.setAttribute('aria-label', title);
    }
  };
  name();
  new MutationObserver(name).observe(box, {childList: true, subtree: true});
})()">"""


def heading(words: str) -> Any:
    """Return the heading of a bundle, which also names its controls for those who hear the page.

    Parameters
    ----------
    words : str
        HTML; its text is the name of the picture, or of a group of radio buttons.
    """
    return widgets.HTML(f"<div>{words}{_NAMING}</div>")


class Bundled(widgets.VBox):
    """A box of widgets that also carries what to show where widgets are not alive.

    Subclasses say what in `_standing_in`. ipywidgets 7 displays itself by ``_ipython_display_``, ipywidgets 8 by
    ``_repr_mimebundle_``; both are defined here, so that the output is the same under either.

    Parameters
    ----------
    children : sequence of widgets
        What is in the box; the first is a `heading`.
    """

    def __init__(self, children: Sequence[Any]) -> None:
        super().__init__(children)
        self.add_class(BOX)

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
