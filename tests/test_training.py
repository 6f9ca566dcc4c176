"""Every optimiser and option against an ordinary loop over single networks, step by step in double precision."""

import numpy as np
import pytest
import torch
from textbook import (
    CLASSES,
    FEATURES,
    RATES,
    SAMPLES,
    SEEDS,
    STEPS,
    Loop,
    adam,
    adamw,
    baoab,
    data,
    each,
    heated,
    networks,
    sam,
    sgd,
)

from course_utils.dynamics import training
from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import draws, optimisers
from course_utils.dynamics.training.engine import Engine
from course_utils.dynamics.training.schedules import schedule
from course_utils.models.layout import network_seeds
from course_utils.models.networks import Population


def follow(population, step):
    vectors = population.flat()
    longest = max(len(vector) for vector in vectors)
    return torch.stack([torch.nn.functional.pad(v, (0, longest - len(v)), value=np.nan) for v in vectors])


def compare(population, thermostat, optimiser, step, *, loss="cross-entropy", clip=None, named=None, **more):
    """Assert that the population and the loop take the same steps, and return the training."""
    inputs, labels = data()
    result = training.train(
        population, inputs, labels, steps=STEPS, thermostat=thermostat, optimiser=optimiser, loss=loss, clip=clip,
        schedule=named, record={"path": follow}, record_at=range(1, STEPS + 1), seed=SEEDS, **more
    )  # fmt: skip
    factor = schedule(named or "constant", STEPS)
    for k in range(3):
        loop = Loop(population.network(k), k, thermostat, loss, clip and each(clip, k), factor)
        expected = loop.run(step)
        measured = result.records["path"][k][:, : expected.shape[1]]
        assert np.abs(measured - expected).max() < 1e-10
        assert np.abs(expected[-1] - expected[0]).max() > 1e-4
    return result


PLAIN = {
    "sgd": ("sgd", sgd, {}),
    "momentum": ("sgd", sgd, {"momentum": [0.0, 0.5, 0.9]}),
    "adam": (optimisers.Adam(betas=(0.9, 0.999)), adam, {}),
    "adamw": ("adamw", adamw, {}),
    "sam": (optimisers.SAM(0.2), sam, {"momentum": [0.5, 0.0, 0.9]}),
    "heated": ("sgd", heated, {"temperature": [0.0, 0.01, 0.1]}),
    "langevin": (optimisers.Langevin([1.3, 1.3, 1.3]), baoab, {"temperature": [0.3, 0.01, 0.1]}),
}


@pytest.fixture(params=[True, False], ids=["by hand", "autograd"])
def fast(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(Engine, "_fast_path", lambda self: None)
    return request.param


@pytest.mark.parametrize("kind", ["dense", "ragged"])
@pytest.mark.parametrize("name", PLAIN)
def test_each_optimiser_is_the_textbook_s(name, kind):
    optimiser, step, knobs = PLAIN[name]
    thermostat = Thermostat(learning_rate=RATES, weight_decay=[0.0, 0.01, 0.1], **knobs)
    compare(networks(kind, "tanh"), thermostat, optimiser, step)


@pytest.mark.parametrize("name", ["momentum", "adamw", "sam", "langevin"])
@pytest.mark.parametrize("kind", ["dense", "ragged"])
def test_all_noise_at_once(name, kind):
    optimiser, step, knobs = PLAIN[name]
    thermostat = Thermostat(
        learning_rate=RATES, weight_decay=0.02, batch_size=[8, 5, 8], with_replacement=[True, False, False],
        dropout=[0.0, 0.3, 0.6], label_noise=[0.5, 0.0, 0.2], input_noise=[0.1, 0.0, 1.0],
        weight_noise=[0.2, 0.1, 0.0], **knobs
    )  # fmt: skip
    result = compare(networks(kind), thermostat, optimiser, step, clip=[0.1, 1.0, 0.3])
    assert result.labels.shape == (3, SAMPLES)


NOISES = {
    "batches": {"batch_size": 6},
    "shuffled": {"batch_size": 7, "with_replacement": False},
    "unequal batches": {"batch_size": [3, 24, 9]},
    "dropout": {"dropout": [0.2, 0.0, 0.7]},
    "labels": {"label_noise": [0.0, 0.3, 1.0]},
    "inputs": {"input_noise": 0.3},
    "weights": {"weight_noise": [0.0, 0.5, 0.1]},
}


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("name", NOISES)
def test_each_noise_alone(name, loss, fast):
    compare(networks(), Thermostat(learning_rate=RATES, **NOISES[name]), "sgd", sgd, loss=loss)


@pytest.mark.parametrize("named", ["cosine", "linear"])
@pytest.mark.parametrize("name", ["momentum", "adam", "langevin"])
def test_schedules(name, named, fast):
    optimiser, step, knobs = PLAIN[name]
    compare(networks(), Thermostat(learning_rate=RATES, **knobs), optimiser, step, named=named)


def test_clipping_is_each_network_s_own(fast):
    compare(networks(), Thermostat(learning_rate=RATES), "sgd", sgd, clip=[0.05, 0.2, 1e9])


def test_a_schedule_may_cool():
    inputs, labels = data()
    cool = {"temperature": lambda step: 0.0, "learning_rate": "constant"}
    ends = [
        training.train(networks(), inputs, labels, steps=5, thermostat=t, schedule=s, seed=SEEDS).population.flat()
        for t, s in ((Thermostat(temperature=1.0), cool), (Thermostat(), None))
    ]
    assert torch.allclose(*ends, rtol=0, atol=1e-12)


def test_the_average_is_the_mean_of_the_path():
    inputs, labels = data()
    result = training.train(
        networks(), inputs, labels, steps=11, thermostat=Thermostat(batch_size=4), average_from=3, average_every=2,
        record={"path": follow}, record_at=1, seed=SEEDS
    )  # fmt: skip
    expected = result.records["path"][:, [3, 5, 7, 9, 11]].mean(1)
    assert np.abs(result.average.flat().numpy() - expected).max() < 1e-12


def test_data_and_targets_of_their_own():
    random = np.random.default_rng(1)
    inputs = torch.from_numpy(random.normal(size=(3, FEATURES, SAMPLES)))
    targets = torch.from_numpy(random.normal(size=(3, CLASSES, SAMPLES)))
    knobs = {"learning_rate": 0.05, "batch_size": 6}
    options = {"steps": 7, "loss": "mse"}
    together = training.train(networks(), inputs, targets, thermostat=Thermostat(**knobs), seed=SEEDS, **options)
    for k in range(3):
        alone = training.train(
            networks().subset([k]), inputs[k], targets[k], thermostat=Thermostat(**knobs), seed=[SEEDS[k]], **options
        )
        assert torch.allclose(alone.population.flat()[0], together.population.flat()[k], rtol=0, atol=1e-12)


@pytest.mark.parametrize("optimiser", ["sgd", "adam", "langevin"])
def test_a_network_does_not_know_its_company(optimiser, monkeypatch):
    monkeypatch.setattr(draws, "_AHEAD", 400)  # many blocks, which are longer for fewer networks
    inputs, labels = data()
    thermostat = Thermostat(
        learning_rate=RATES / 5, batch_size=[5, 8, 7], with_replacement=[True, False, False], dropout=[0.2, 0.5, 0.0],
        label_noise=0.3, input_noise=0.2, weight_noise=0.1, temperature=0.1 if optimiser == "langevin" else 0.0
    )  # fmt: skip
    draw = {"steps": 50, "optimiser": optimiser}
    together = training.train(networks(), inputs, labels, thermostat=thermostat, seed=7, **draw).population.flat()
    pair = Thermostat(**{name: value[[2, 0]] for name, value in vars(thermostat.per_network(3)).items()})
    drawn = network_seeds(7, 3)
    apart = training.train(
        networks().subset([2, 0]), inputs, labels, thermostat=pair, seed=[drawn[2], drawn[0]], **draw
    ).population.flat()
    assert torch.allclose(apart, together[[2, 0]], rtol=0, atol=1e-11)


def test_the_two_ways_agree_in_single_precision(monkeypatch):
    inputs, labels = data()
    population = Population((FEATURES, 40, CLASSES), 50, activation="leaky-relu", seeds=1)
    thermostat = Thermostat(learning_rate=np.linspace(0.01, 0.2, 50), batch_size=8, momentum=0.9, weight_decay=0.01)

    def end():
        return training.train(
            population, inputs.float(), labels, steps=30, thermostat=thermostat, schedule="cosine", seed=3
        ).population.flat()

    by_hand = end()
    monkeypatch.setattr(Engine, "_fast_path", lambda self: None)
    assert torch.allclose(by_hand, end(), atol=1e-4)
