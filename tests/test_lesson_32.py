"""Lesson 32's pieces: the picture behind the knob and its drawing, the virial, and what its text says."""

import numpy as np
import pytest
import torch

from course_utils import plots
from course_utils.dynamics import Thermostat, train
from course_utils.dynamics.training.optimisers import Langevin
from course_utils.exercises import registry
from course_utils.knobs.lesson_32 import overlaps, starts
from course_utils.measure.overlaps import pair_mean, weight_overlaps
from course_utils.measure.statistics import estimate
from course_utils.measure.virial import virial_temperature
from course_utils.models import Population


def test_the_virial_of_a_small_posterior_is_its_temperature():
    inputs, labels = torch.randn(3, 20, generator=torch.Generator().manual_seed(1)), torch.arange(20) % 2
    kept = []
    start = Population((3, 4, 2), 24, activation="tanh", seeds=2)
    run = train(
        start,
        inputs,
        labels,
        steps=1500,
        thermostat=Thermostat(learning_rate=0.05 * 20**0.5, temperature=0.5 / 20, weight_decay=1 / 20),
        optimiser=Langevin(friction=0.5 / 20**0.5),
        record={"kept": lambda now, step: kept.append(now.flat()) or now.flat()[:, 0]},
        record_at=10,
        seed=3,
    )
    values = np.mean([virial_temperature(run.population, one, inputs, labels) for one in kept[30:]], 0)
    found = estimate(values)
    assert found.error < 0.02
    assert abs(found.z(0.5)) < 4


@pytest.mark.parametrize("shared", [0.0, 0.4, 1.0])
def test_starts_have_the_overlap_that_was_asked_for(shared):
    found = pair_mean(weight_overlaps(starts(128, shared, 5)))
    assert found.mean == pytest.approx(shared, abs=4 * found.error + 0.01)


def test_what_the_knob_shows():
    picture = overlaps(32)
    assert {len(picture[key]) for key in ("weights", "renamed", "control", "digits", "noise")} == {45}
    assert abs(picture["weights"].mean()) < 0.05
    assert picture["renamed"].min() > picture["control"].max()
    assert picture["digits"].mean() > picture["noise"].mean() + 0.2
    together = overlaps(32, shared=1.0)
    assert together["barrier on the straight path"] < 0.2 * picture["barrier on the straight path"]
    assert overlaps(32, label_noise=0.3)["digits"].mean() < picture["digits"].mean() - 0.1


def test_the_gap_is_largest_at_middle_widths_as_said():
    gaps = {width: float(np.mean(p["renamed"] - p["control"])) for width in (4, 16, 32, 128) for p in [overlaps(width)]}
    assert min(gaps[16], gaps[32]) > max(gaps[4], gaps[128])


def test_the_drawing_moves_and_is_not_drawn_again():
    figure = plots.figure()
    first = plots.overlap_histograms(figure, overlaps(8), None)
    before = first["weights"].get_data().values.copy()
    assert plots.overlap_histograms(figure, overlaps(8, shared=1.0), first) is first
    assert not np.array_equal(before, first["weights"].get_data().values)
    assert first["noise"].get_data().values.sum() == pytest.approx(1)
    assert len(figure.axes) == 2


def test_crowds_count_shares_and_keep_what_lies_outside():
    figure = plots.pair_histograms([("h", "x", {"a": [0.1, 0.1, 5.0, 0.9]})], title="t", ranges=[(0.0, 1.0)], bins=2)
    (stairs,) = [patch for patch in figure.axes[0].patches if hasattr(patch, "get_data")]
    assert stairs.get_data().values.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: overlaps(1), "width must be"),
        (lambda: overlaps(32, shared=1.5), "shared must be"),
        (lambda: overlaps(32, label_noise=-0.1), "label_noise must be"),
        (lambda: overlaps(32, seed=-1), "seed must be"),
        (lambda: plots.pair_histograms([], title="t", ranges=[]), "ranges must be"),
        (lambda: plots.pair_histograms([("h", "x", {"a": []})], title="t", ranges=[(0, 1)]), "series"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def judged(identity, attempt):
    return registry.find(identity).judge(attempt)


def test_other_ways_to_be_right():
    from math import factorial, log10

    exact = judged("32.1", lambda widths, odd: sum(log10(factorial(h)) + (h * log10(2) if odd else 0) for h in widths))
    assert exact.state == "correct"
    assert [judged("32.4", shared).state for shared in (0.55, 0.7)] == ["correct"] * 2


@pytest.mark.parametrize(
    ("identity", "attempt", "said"),
    [
        ("32.1", lambda widths, odd: sum(widths), "not|differ|expected|should"),
        ("32.4", 0.2, "more than half"),
        ("32.4", 0.95, "Too much in common"),
        ("32.4", 2.0, "at most|must be"),
    ],
)
def test_other_ways_to_be_wrong(identity, attempt, said):
    verdict = judged(identity, attempt)
    assert verdict.state == "tried"
    if identity == "32.4":
        assert any(word in f"{verdict.reason} {verdict.mistake}" for word in said.split("|")), verdict
