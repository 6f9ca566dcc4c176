"""What the tests of panels share: a small panel, its picture and read-out, and what reaches the front end."""

from __future__ import annotations

import io

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

from course_utils import knobs


def well(temperature, tilt=0.0, *, walkers=10):
    x = np.linspace(-2, 2, 101)
    energy = (x**2 - 1) ** 2 + tilt * x
    density = np.exp(-energy / temperature)
    density /= density.sum() * (x[1] - x[0])
    return {"x": x, "density": density, "mean_energy": float((energy * density).sum() * (x[1] - x[0])), "n": walkers}


def draw(figure, picture, artists):
    if artists is None:
        axes = figure.subplots()
        (artists,) = axes.plot(picture["x"], picture["density"])
        axes.set(xlabel="position x", ylabel="density p", ylim=(0, 2))
    artists.set_ydata(picture["density"])
    return artists


def make(function=well, draw=draw, still=(0.3, 0.5, 1.0), title="A double well", alt="Two humps.", **changes):
    dials = {"temperature": knobs.Knob(0.2, 2.0, 0.5, unit="J", symbol="T"), "tilt": knobs.Knob(-1.0, 1.0, 0.0)}
    dials = {name: knob for name, knob in (dials | changes).items() if knob is not None}
    return knobs.panel(function, draw=draw, still=still, title=title, alt=alt, **dials)


@pytest.fixture(name="shown")
def shown_fixture(monkeypatch):
    """What reaches the front end, as (data, metadata)."""
    seen = []
    keep = lambda data, metadata=None, raw=False: seen.append((data, metadata or {}))  # noqa: E731
    monkeypatch.setattr("course_utils.knobs.bundles.display", keep)
    monkeypatch.setattr("course_utils.knobs.panels.display", keep)
    return seen


def parts(panel):
    (image,) = [child for child in panel.children if isinstance(child, widgets.Image)]
    return image, panel.children[-1]


def size(png):
    return Image.open(io.BytesIO(png)).size
