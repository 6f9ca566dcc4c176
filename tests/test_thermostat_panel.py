"""The panel made from the thermostat: every knob reaches the training, and a still stands in where no kernel runs."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from panel_parts import (
    parts,
    shown_fixture,  # noqa: F401
    size,
)

from course_utils import knobs
from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import train
from course_utils.knobs.bundles import WIDGET_VIEW
from course_utils.knobs.thermostat_panel import thermostat
from course_utils.models.networks import Population

AT = np.arange(0, 61, 10)


def trained(knobs_of_noise, steps=60, *, seed=0):
    """Train six small networks on two arcs; every knob is in reach of the Langevin dynamics or of SGD."""
    random = np.random.default_rng(seed)
    angle = np.pi * random.random(64)
    labels = torch.from_numpy(np.arange(64) % 2)
    inputs = np.stack([np.cos(angle), np.sin(angle)]) * (1 - 2 * labels.numpy()) + 0.1 * random.standard_normal((2, 64))
    inputs = torch.from_numpy(inputs)
    start = Population((2, 8, 2), 6, dtype=torch.float64, seeds=seed)
    result = train(
        start, inputs, labels, steps=int(steps), thermostat=knobs_of_noise, seed=seed,
        optimiser="langevin" if knobs_of_noise.temperature > 0 else "sgd",
        record={"loss": lambda population, step: population.losses(inputs, labels)}, record_at=10,
    )  # fmt: skip
    losses = result.records["loss"]
    return {
        "steps": result.recorded, "losses": losses, "final loss": float(losses[:, -1].mean()),
        "right": float(result.population.accuracies(inputs, labels).mean()), "networks": start.networks,
    }  # fmt: skip


def draw(figure, picture, artists):
    if artists is None:
        axes = figure.subplots()
        artists = axes.plot(picture["steps"], picture["losses"].T, color="0.6")
        axes.set(xlabel="step", ylabel="loss L", xlim=(0, 60), ylim=(0, 1.6))
    for line, losses in zip(artists, picture["losses"], strict=True):
        line.set_data(picture["steps"], losses)
    return artists


def make(function=trained, names=("learning_rate", "batch_size", "dropout"), draw=draw, still=(0.01, 0.1, 1.0), **more):
    more = {"title": "Six networks", "alt": "Losses fall, the faster the larger the step.", **more}
    return thermostat(function, names=names, draw=draw, still=still, **more)


class Seen:
    """A function that keeps the thermostat that it was called with."""

    def __call__(self, knobs_of_noise, width=3):
        self.thermostat, self.width = knobs_of_noise, width
        return {"width": width}


def one_line(figure, picture, artists):
    return artists or figure.subplots().plot([0, 1])[0]


# --- a small real training -------------------------------------------------------------------------------------------


def test_the_picture_is_that_of_a_training_under_the_panel_s_thermostat():
    panel = make()
    assert list(panel.values) == ["learning_rate", "batch_size", "dropout"]
    panel.set(learning_rate=0.3, batch_size=8, dropout=0.2)
    plain = trained(Thermostat(learning_rate=0.3, batch_size=8, dropout=0.2))
    image, readout = parts(panel)
    assert np.array_equal([line.get_ydata() for line in panel._artists], plain["losses"])
    assert f"{plain['final loss']:.4g}" in readout.value
    assert plain["final loss"] < plain["losses"][:, 0].mean()  # and they did learn
    before, words = image.value, readout.value
    panel.controls["learning_rate"].slider.value = 0.01
    assert image.value != before
    assert readout.value != words
    assert panel.error is None
    panel.controls["learning_rate"].box.value = 0.3
    assert (image.value, readout.value) == (before, words)


def test_the_first_picture_is_that_of_the_knobs_starts():
    panel = make()
    starts = {name: Thermostat.knobs(name)[name]["start"] for name in panel.values}
    assert panel.values == starts
    plain = trained(Thermostat(**starts))
    assert np.array_equal([line.get_ydata() for line in panel._artists], plain["losses"])


def test_heat_reaches_the_langevin_dynamics():
    panel = make(names=("temperature",), still=(1e-4, 0.01, 0.1), rest=Thermostat(learning_rate=0.05))
    cold = panel._artists[0].get_ydata()
    panel.set(temperature=0.5)
    assert panel.error is None
    hot = panel._artists[0].get_ydata()
    assert np.array_equal(hot, trained(Thermostat(learning_rate=0.05, temperature=0.5))["losses"][0])
    assert not np.array_equal(cold, hot)


def test_a_setting_that_the_training_refuses_is_a_sentence():
    panel = make(names=("batch_size",), still=(1, 8, 64))
    panel.set(batch_size=65)
    assert panel.error is None  # drawn with replacement: a batch may be larger than the data
    panel = make(names=("temperature", "momentum"), still=(1e-3, 0.01, 0.1))
    panel.set(momentum=0.5)  # which Langevin dynamics does not have
    assert "T = 0.01, μ = 0.5: ValueError: momentum" in panel.error


# --- every knob -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(Thermostat.knobs()))
def test_every_knob_is_there_and_arrives_as_one_number(name):
    seen, described = Seen(), Thermostat.knobs(name)[name]
    panel = make(seen, names=[name], draw=one_line, still=[described["low"], described["start"], described["high"]])
    control = panel.controls[name]
    assert control.box.description == f"{described['label']} {described['symbol']}"
    assert isinstance(control.slider, widgets.FloatLogSlider) == described.get("log", False)
    for value in (described["low"], described["high"]):
        control.box.value = value
        got = getattr(seen.thermostat, name)
        assert np.ndim(got) == 0
        assert (got, type(got)) == (value, type(described["start"]))
        assert control.slider.value == pytest.approx(value)
        untouched = {other: getattr(seen.thermostat, other) for other in Thermostat.knobs() if other != name}
        assert untouched == {other: getattr(Thermostat(), other) for other in untouched}
    assert panel.error is None


def test_without_names_all_knobs_are_there():
    seen = Seen()
    panel = make(seen, names=None, draw=one_line, still=[{"dropout": rate} for rate in (0, 0.2, 0.5)])
    assert list(panel.values) == list(Thermostat.knobs())
    values = {name: (knob["low"] + knob["high"]) / 2 for name, knob in Thermostat.knobs().items()}
    values["batch_size"] = 100
    panel.set(**values)
    assert panel.error is None
    assert {name: getattr(seen.thermostat, name) for name in values} == values


def test_the_rest_stays_where_it_is_put_and_further_knobs_follow():
    seen = Seen()
    panel = make(
        seen, names=["dropout"], draw=one_line, still=(0.0, 0.2, {"width": 5}),
        rest=Thermostat(learning_rate=0.5, dropout=0.9, weight_decay=[0.1, 0.2]),
        width=knobs.Knob(1, 9, 4), momentum=knobs.Knob(0.5, 0.9, 0.6),
    )  # fmt: skip
    assert panel.values == {"dropout": 0.0, "width": 4, "momentum": 0.6}
    panel.set(width=7, momentum=0.8)
    assert (seen.width, seen.thermostat.momentum, seen.thermostat.learning_rate) == (7, 0.8, 0.5)
    assert seen.thermostat.weight_decay.tolist() == [0.1, 0.2]
    panel = make(names=["dropout"], still=(0, 0.1, 0.2), dropout=knobs.Knob(0.0, 0.3, 0.1), steps=knobs.Knob(1, 99, 50))
    assert panel.values == {"dropout": 0.1, "steps": 50}


def test_functions_that_take_anything():
    function = lambda *everything, **more: {"p": everything[0].dropout} | more  # noqa: E731
    panel = make(function, names=["dropout"], draw=one_line, still=(0, 0.1, 0.2), width=knobs.Knob(1, 3, 2))
    panel.set(dropout=0.4)
    assert "0.4" in parts(panel)[1].value
    assert panel.error is None


# --- without a kernel -------------------------------------------------------------------------------------------------


def test_a_still_and_a_table_stand_in_for_the_panel(shown):
    panel = make()
    panel._ipython_display_()
    (data, metadata), (words, _) = shown
    assert set(data) == {WIDGET_VIEW, "image/png", "text/plain"}
    assert metadata["image/png"]["alt"] == "Losses fall, the faster the larger the step."
    assert data["text/plain"] == "Panel: Six networks (learning_rate, batch_size, dropout)"
    heads = "| learning rate η | batch size B | dropout rate p | final loss | right | networks |"
    assert heads in words["text/markdown"]
    finals = [trained(Thermostat(learning_rate=rate, batch_size=32))["final loss"] for rate in (0.01, 0.1, 1.0)]
    for rate, final in zip((0.01, 0.1, 1), finals, strict=True):
        assert f"| {rate:g} | 32 | 0 | {final:.4g} |" in words["text/markdown"]
    assert size(panel.still().png) == (1440, 390)
    assert len(panel.still().png) < 150_000


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"names": ["heat"]}, ValueError, r"names\[0\] must be one of 'temperature', 'learning_rate', .*; got 'heat'"),
        ({"names": ["dropout", None]}, ValueError, r"names\[1\] must be one of .*; got None"),
        ({"names": ["with_replacement"]}, ValueError, r"names\[0\] must be one of .*got 'with_replacement'"),
        ({"names": ["dropout", "dropout"]}, ValueError, r"each knob once; got 'dropout' again at names\[1\]"),
        ({"names": "dropout"}, TypeError, "names must be a list of knobs of the thermostat; got 'dropout', a str"),
        ({"names": 3}, TypeError, "names must be a list"),
        ({"names": []}, ValueError, "names must hold at least one of 'temperature'"),
        ({"rest": {"dropout": 0.1}}, TypeError, "rest must be a Thermostat; got .*, a dict"),
        ({"dropout": knobs.Knob(0.0, 1.0, 0.5)}, ValueError, "dropout must be .* below 1; got 1.0"),
        ({"learning_rate": knobs.Knob(-1.0, 1.0, 0.5)}, ValueError, "learning_rate must be .* above 0; got -1.0"),
        ({"batch_size": knobs.Knob(1.5, 9.0, 2.0)}, TypeError, "batch_size must be a whole number"),
        ({"momentum": 0.5}, TypeError, "momentum must be a Knob; got 0.5"),
        ({"heat": knobs.Knob(0, 1, 0)}, ValueError, r"arguments of the function \(.*steps.*\); got 'heat'"),
        ({"function": None}, TypeError, "function must be a function; got None"),
        ({"function": lambda: {}}, ValueError, r"must take a thermostat as its first argument; got \(\)"),
        ({"function": lambda *, noise: {}}, ValueError, "must take a thermostat as its first argument; got .*noise"),
        ({"function": lambda dropout, tilt=0.0: {}}, ValueError, r"function must read dropout off the thermostat"),
        ({"function": lambda noise, momentum=0.0: {}}, ValueError, r"read momentum off .*got \(noise, momentum=0.0\)"),
        ({"function": lambda noise, width: {}}, ValueError, "knobs must include width, which the function needs"),
        ({"still": (0.1, 0.2)}, ValueError, "three or four settings"),
        ({"still": (0.1, 0.2, 7.0)}, ValueError, r"still\[2\]: learning_rate must be .* got 7"),
        ({"title": ""}, ValueError, "title must be"),
    ],
)
def test_what_does_not_fit_is_named_before_any_work(changes, error, message):
    worked = []

    def function(noise, steps=1):
        worked.append(noise)
        return {}

    with pytest.raises(error, match=message):
        make(**({"function": function, "draw": one_line} | changes))
    assert not worked
