"""What surrounds the steps of a training: records, interrupts, checkpoints, networks that run off, bad input."""

import os
import signal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.dynamics import training
from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import optimisers, schedules
from course_utils.dynamics.training.engine import Engine
from course_utils.models.layout import network_seeds
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

FEATURES, SAMPLES, CLASSES = 4, 20, 3
RANDOM = np.random.default_rng(0)
INPUTS = torch.from_numpy(RANDOM.normal(size=(FEATURES, SAMPLES)))
LABELS = torch.from_numpy(RANDOM.integers(0, CLASSES, SAMPLES))
NOISY = Thermostat(
    learning_rate=[0.02, 0.05, 0.1], batch_size=[6, 5, 6], with_replacement=[True, False, True], dropout=0.2,
    label_noise=0.2, input_noise=0.1, weight_noise=0.05, weight_decay=0.01
)  # fmt: skip


def networks(kind=Population):
    if kind is Population:
        return Population((FEATURES, 6, CLASSES), 3, dtype=torch.float64, seeds=1)
    return RaggedPopulation(FEATURES, [3, 6, 3], CLASSES, dtype=torch.float64, seeds=1)


def losses(population, step):
    return population.losses(INPUTS, LABELS)


def train(population=None, *, steps=30, thermostat=NOISY, **options):
    options = {"seed": 5, "record": {"loss": losses, "step": lambda _, step: step}, "record_at": 5} | options
    population = networks() if population is None else population
    return training.train(population, INPUTS, LABELS, steps=steps, thermostat=thermostat, **options)


def vectors(population):
    return torch.cat([vector.flatten() for vector in population.flat()])


def same(first, second):
    assert torch.equal(vectors(first.population), vectors(second.population))
    assert first.steps == second.steps
    assert first.recorded.tolist() == second.recorded.tolist()
    for name in first.records | second.records:
        assert np.array_equal(first.records[name], second.records[name], equal_nan=True)
    assert (first.average is None) == (second.average is None)
    if first.average is not None:
        assert torch.equal(vectors(first.average), vectors(second.average))


# --------------------------------------------------------------------------------------------------- records


def test_records_have_the_networks_first():
    start = networks()
    before = vectors(start)
    result = train(start, record={"loss": losses, "step": lambda _, s: s, "flat": lambda p, _: p.flat()})
    assert torch.equal(vectors(start), before)
    assert result.recorded.tolist() == [0, 5, 10, 15, 20, 25, 30]
    assert result.records["step"].tolist() == result.recorded.tolist()
    assert result.records["loss"].shape == (3, 7)
    assert result.records["flat"].shape == (3, 7, result.population.flat().shape[1])
    assert np.array_equal(result.records["loss"][:, 0], losses(start, 0).detach())
    assert np.array_equal(result.records["flat"][:, -1], result.population.flat())
    assert train(record_at=[7, 3, 7]).recorded.tolist() == [3, 7]
    assert train(record_at=None).recorded.tolist() == [30]


def test_an_observable_does_not_disturb_the_training():
    def greedy(population, step):
        population.losses(INPUTS, LABELS).sum().backward()
        torch.rand(7)
        return 0.0

    assert torch.equal(vectors(train(record={"g": greedy}, record_at=1).population), vectors(train().population))


def test_seeds_repeat_and_differ():
    assert torch.equal(vectors(train().population), vectors(train().population))
    assert not torch.equal(vectors(train().population), vectors(train(seed=6).population))
    assert torch.equal(vectors(train(seed=np.random.default_rng(5)).population), vectors(train().population))


# -------------------------------------------------------------------------------- checkpoints and interrupts

KINDS = {
    "sgd": {"optimiser": "sgd"},
    "by hand": {"optimiser": "sgd", "thermostat": Thermostat(batch_size=7, with_replacement=False, momentum=0.9)},
    "adam": {"optimiser": "adam", "average_from": 4},
    "sam": {"optimiser": "sam", "schedule": "cosine", "clip": 0.5},
    "heated": {"optimiser": "sgd", "thermostat": NOISY.replace(temperature=0.01)},
    "langevin": {"optimiser": "langevin", "thermostat": NOISY.replace(temperature=0.01)},
}


@pytest.mark.parametrize("kind", [Population, RaggedPopulation])
@pytest.mark.parametrize("name", KINDS)
def test_a_resumed_training_is_the_same(name, kind, tmp_path):
    options = KINDS[name]
    straight = train(networks(kind), **options)

    def stop(population, step):
        if step == 20 and not stopped:
            stopped.append(step)
            raise KeyboardInterrupt
        return losses(population, step)

    stopped = []
    options = options | {"checkpoint": tmp_path / "run", "record": {"loss": stop, "step": lambda _, s: s}}
    with pytest.warns(UserWarning, match="interrupted"):
        first = train(networks(kind), checkpoint_every=8, **options)
    assert first.steps == 20
    assert first.recorded.tolist() == [0, 5, 10, 15]
    # The interrupt came within a record, so what counts is the file of step 16.
    same(straight, train(networks(kind), **options))
    same(straight, train(networks(kind), **options))


def test_a_longer_training_goes_on_from_a_shorter_one(tmp_path):
    train(steps=13, checkpoint=tmp_path / "run")
    same(train(steps=30), train(steps=30, checkpoint=tmp_path / "run"))
    with pytest.raises(ValueError, match="steps must be at least the 30 that the checkpoint has done; got 25"):
        train(steps=25, checkpoint=tmp_path / "run")


def test_a_checkpoint_knows_whose_it_is(tmp_path):
    file = tmp_path / "run"
    train(checkpoint=file, schedule="cosine")
    others = [
        {"seed": 6}, {"thermostat": NOISY.replace(momentum=0.1)}, {"optimiser": "adam"}, {"clip": 1.0}, {"steps": 40},
        {"optimiser": optimisers.SAM(0.3)}, {"population": networks(RaggedPopulation)}, {"loss": "mse"},
    ]  # fmt: skip
    for other in others:
        with pytest.raises(ValueError, match="belongs to another training"):
            train(checkpoint=file, **({"schedule": "cosine"} | other))
    with pytest.raises(ValueError, match="record and record_at must be as in the checkpoint"):
        train(checkpoint=file, schedule="cosine", record_at=3)
    file.write_text("not a checkpoint")
    with pytest.raises(ValueError, match="a new file, or one that a training wrote"):
        train(checkpoint=file)
    with pytest.raises(ValueError, match="in a folder that is there"):
        train(checkpoint=tmp_path / "nowhere" / "run")
    with pytest.raises(TypeError, match="checkpoint must be a path; got 3"):
        train(checkpoint=3)


@pytest.mark.parametrize("at", [3, 10, 30, 80])
def test_an_interrupt_in_the_middle_of_a_step_leaves_the_last_whole_one(monkeypatch, at, tmp_path):
    names = ("_gradient", "_hold_frozen", "_draw_noise")
    calls = []
    for name in names:
        real = getattr(Engine, name)

        def counted(self, *arguments, real=real, name=name, **options):
            calls.append(name)
            result = real(self, *arguments, **options)
            if len(calls) == at:
                os.kill(os.getpid(), signal.SIGINT)
            return result

        monkeypatch.setattr(Engine, name, counted)
    keep = {"record": {"flat": lambda p, _: p.flat()}, "record_at": 1}
    with pytest.warns(UserWarning, match="interrupted"):
        broken = train(checkpoint=tmp_path / "run", checkpoint_every=4, **keep)
    monkeypatch.undo()
    assert broken.steps < 30
    assert np.array_equal(broken.records["flat"][:, broken.steps], broken.population.flat())
    same(train(checkpoint=tmp_path / "run", checkpoint_every=4, **keep), train(**keep))


# ---------------------------------------------------------------------------------------- networks that run off


@pytest.mark.parametrize("optimiser", ["by hand", "sgd", "adam", "sam", "langevin"])
@pytest.mark.parametrize("kind", [Population, RaggedPopulation])
def test_a_network_that_runs_off_is_frozen_and_the_others_go_on(optimiser, kind, monkeypatch):
    if optimiser == "sgd":
        monkeypatch.setattr(Engine, "_fast_path", lambda self: None)
    optimiser = "sgd" if optimiser == "by hand" else optimiser
    wild = {"langevin": 1e5, "adam": 1e80}.get(optimiser, 1e30)
    thermostat = Thermostat(learning_rate=[0.01, wild, 0.02], temperature=0.01 if optimiser == "langevin" else 0.0)
    options = {"optimiser": optimiser, "loss": "mse", "record": {"flat": lambda p, _: [p.flat()[0][0]] * 3}}
    with pytest.warns(UserWarning, match="1 of 3 networks ran off and were frozen: 1 at step"):
        result = train(networks(kind), steps=60, thermostat=thermostat, **options)
    assert list(result.frozen) == [1]
    assert result.steps == 60
    assert torch.isfinite(vectors(result.population)).all()
    chosen = networks(kind).subset([0, 2])
    calm = Thermostat(learning_rate=[0.01, 0.02], temperature=thermostat.temperature)
    seeds = network_seeds(5, 3)
    alone = train(chosen, steps=60, thermostat=calm, **options | {"record": None, "seed": [seeds[0], seeds[2]]})
    assert torch.allclose(vectors(alone.population), vectors(result.population.subset([0, 2])), rtol=0, atol=1e-10)


def test_when_all_have_run_off_the_training_ends():
    with pytest.warns(UserWarning, match="3 of 3 networks ran off"):
        result = train(steps=500, thermostat=Thermostat(learning_rate=1e30), loss="mse")
    assert result.steps < 30
    assert set(result.frozen) == {0, 1, 2}


# ------------------------------------------------------------------------------------------------- bad input

WRONG = [
    ({"steps": 0}, ValueError, "steps must be a whole number, at least 1; got 0"),
    ({"population": torch.nn.Linear(2, 2)}, TypeError, "population must be a Population or RaggedPopulation"),
    ({"thermostat": 0.1}, TypeError, "thermostat must be a Thermostat; got a float"),
    ({"thermostat": Thermostat(dropout=[0.1, 0.2])}, ValueError, "networks must be 2"),
    ({"optimiser": "newton"}, ValueError, "optimiser must be one of 'sgd', 'adam'"),
    ({"optimiser": optimisers.SAM([0.1, 0.2])}, ValueError, "radius must be one number, or one per network"),
    ({"loss": "hinge"}, ValueError, "loss must be one of"),
    ({"clip": 0.0}, ValueError, "clip must be above 0; got 0"),
    ({"clip": [1.0, 2.0]}, ValueError, "clip must be one number, or one per network"),
    ({"schedule": "spiral"}, ValueError, "schedule must be one of"),
    ({"schedule": 3}, TypeError, "schedule must be a function of the step"),
    ({"schedule": {"momentum": "cosine"}}, ValueError, "knob of the schedule must be one of"),
    ({"schedule": lambda step: -1.0}, ValueError, "schedule of the learning_rate at step 0"),
    ({"record": [losses]}, TypeError, "record must be a mapping"),
    ({"record": {"loss": 1}}, TypeError, r"record\['loss'\] must be a function"),
    ({"record": {"loss": lambda *_: [1, 2]}}, ValueError, r"record\['loss'\] must return one number, or an array"),
    ({"record": {"loss": lambda *_: "low"}}, ValueError, r"record\['loss'\] must return"),
    ({"record_at": 0}, ValueError, "record_at must be a whole number, at least 1"),
    ({"record_at": [99]}, ValueError, "record_at must be a whole number, at least 0 and at most 30; got 99"),
    ({"average_from": 31}, ValueError, "average_from must be"),
    ({"average_every": 0}, ValueError, "average_every must be"),
    ({"checkpoint_every": 0}, ValueError, "checkpoint_every must be"),
    ({"seed": -1}, ValueError, "seeds? must be"),
    ({"seed": [1, 2]}, ValueError, "seeds must be one whole number, or one for each of 3 networks; got 2"),
    ({"thermostat": Thermostat(temperature=0.1), "optimiser": "adam"}, ValueError, "temperature must be 0 for Adam"),
    ({"thermostat": Thermostat(momentum=0.1), "optimiser": "langevin"}, ValueError, "momentum must be 0 for Langevin"),
    ({"optimiser": "langevin"}, ValueError, "temperature must be above 0 for Langevin dynamics; got 0"),
    ({"thermostat": Thermostat(temperature=0.1, momentum=0.1)}, ValueError, "momentum must be 0 where SGD has"),
    ({"thermostat": Thermostat(batch_size=21, with_replacement=False)}, ValueError, "at most the 20 samples"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "error", "message"), WRONG)
def test_bad_input_is_named(change, error, message):
    with pytest.raises(error, match=message):
        train(**change)


def test_data_that_do_not_fit_are_named():
    fine = {"steps": 2, "thermostat": Thermostat(), "seed": 1}
    for inputs, labels, message in [
        (INPUTS.T, LABELS, "inputs must have shape"),
        (INPUTS, LABELS[:-1], "labels must have shape"),
        (INPUTS, LABELS + 1, "labels must be classes from 0 to 2"),
        (INPUTS * np.nan, LABELS, "inputs must be finite"),
    ]:
        with pytest.raises(ValueError, match=message):
            training.train(networks(), inputs, labels, **fine)
    targets = torch.zeros(CLASSES, SAMPLES, dtype=torch.float64)
    noisy = fine | {"thermostat": Thermostat(label_noise=0.1)}
    with pytest.raises(ValueError, match="label_noise must be 0 unless labels are whole numbers"):
        training.train(networks(), INPUTS, targets, loss="mse", **noisy)


@settings(max_examples=25, deadline=None)
@given(
    steps=st.one_of(st.integers(-2, 3), st.floats(), st.none(), st.text()),
    clip=st.one_of(st.floats(), st.text(), st.lists(st.floats(), max_size=4)),
    record_at=st.one_of(st.integers(-2, 4), st.lists(st.integers(-2, 4)), st.floats(), st.text()),
)
def test_anything_else_trains_or_says_why_not(steps, clip, record_at):
    try:
        result = train(steps=steps, clip=clip, record_at=record_at)
    except (TypeError, ValueError) as error:
        assert any(word in str(error) for word in ("steps must", "clip must", "record_at must"))  # noqa: PT017
    else:
        assert result.steps == steps


def test_schedules_end_where_they_must():
    assert [schedules.schedule("cosine", 4)(s) for s in (0, 2, 4)] == pytest.approx([1, 0.5, 0])
    assert [schedules.schedule("linear", 4)(s) for s in (0, 2, 4)] == [1, 0.5, 0]
    assert schedules.schedule("constant", 4)(3) == 1
    rates = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    peer = torch.optim.lr_scheduler.CosineAnnealingLR(rates, T_max=9)
    for step in range(9):
        assert schedules.schedule("cosine", 9)(step) == pytest.approx(rates.param_groups[0]["lr"], abs=1e-12)
        rates.step()
        peer.step()
