"""Recipes, teams and replicas of lesson 42: each is the plain training, or search, that it says it is."""

import numpy as np
import pytest
import torch

from course_utils.dynamics import Thermostat, recipes, replicated_annealing, train
from course_utils.dynamics.training.optimisers import Replicated
from course_utils.measure.statistics import estimate
from course_utils.models import BinaryPerceptron, Population


def data(replicas=2, samples=26):
    random = np.random.default_rng(1)
    x = torch.from_numpy(random.normal(size=(replicas, 6, samples)).astype(np.float32))
    y = torch.from_numpy(random.integers(0, 3, (replicas, samples)))
    y[:, 0] = 2
    return x, y


def test_every_recipe_is_a_plain_training_of_its_own():
    """Rates that fall to zero, momentum, batches by the replica's seed; epochs of whole batches only."""
    x, y = data()
    seeds, ends = [11, 12], (1, 3)
    found, tried = recipes.train_grid(
        x, y, read=lambda nets: nets.flat().numpy(), learning_rates=(0.05, 0.2), batch_sizes=(4, 9),
        weight_decays=(0.0, 0.1), epochs=ends, hidden=5, seeds=seeds,
    )  # fmt: skip
    for k, (size, rate, decay) in enumerate(tried):
        heat = Thermostat(learning_rate=rate, batch_size=size, weight_decay=decay, momentum=0.9)
        for r, seed in enumerate(seeds):
            net = Population((6, 5, 3), 1, activation="leaky-relu", seeds=[seed])
            steps = [end * (26 // size) for end in ends]
            run = train(
                net, x[r], y[r], steps=steps[-1], thermostat=heat, schedule="linear", seed=[seed],
                record={"weights": lambda nets, step: nets.flat().numpy()}, record_at=steps,
            )  # fmt: skip
            assert found[:, r, k] == pytest.approx(run.records["weights"][0], abs=1e-5)


def test_a_followed_team_is_kept_by_its_centre_in_equal_distances():
    x, y = data()
    path = recipes.weights_on_the_way(
        x,
        y,
        learning_rate=0.1,
        batch_size=8,
        steps=20,
        copies=2,
        records=5,
        hidden=4,
        start_seeds=[1, 2],
        batch_seeds=[3, 4, 5, 6],
    )
    heat = Thermostat(learning_rate=0.1, batch_size=8, momentum=0.9)
    for record, steps in enumerate((4, 8, 12, 16, 20)):
        for r, (start, batches) in enumerate(((1, [3, 4]), (2, [5, 6]))):
            nets = Population((6, 4, 3), 2, activation="leaky-relu", seeds=[start, start])
            end = train(nets, x[[r, r]], y[[r, r]], steps=steps, thermostat=heat, seed=batches).population
            assert path[r, record] == pytest.approx(end.flat().mean(0).numpy(), abs=1e-5)


def test_a_team_with_momentum_moves_as_written():
    """Two steps by hand: the pull is part of what the momentum remembers."""
    x, y = data()
    nets = Population((6, 4, 3), 4, seeds=range(4), dtype=torch.float64)
    inputs, labels = x[0].double(), y[0]
    heat = Thermostat(learning_rate=0.1, momentum=0.8)
    moved = train(nets, inputs, labels, steps=2, thermostat=heat, optimiser=Replicated(2, 0.4), seed=1).population
    here, speed = nets.subset(range(4)), 0.0
    for _ in range(2):
        parts = [p for pair in zip(here.weights, here.biases, strict=True) for p in pair]
        slopes = torch.autograd.grad(here.losses(inputs, labels).sum(), parts)
        place = here.flat()
        middle = place.view(2, 2, -1).mean(1).repeat_interleave(2, 0)
        speed = 0.8 * speed + torch.cat([g.flatten(1) for g in slopes], 1) + 0.4 * (place - middle)
        here.load_flat(place - 0.1 * speed)
    assert torch.allclose(moved.flat(), here.flat(), atol=1e-12)


def test_perceptrons_do_not_share_their_random_moves():
    """Without coupling a centre is all coins: a stream that is shared would toss the same ones for everybody."""
    tasks = [BinaryPerceptron.draw(21, patterns=3, seed=1)] * 40
    found = replicated_annealing.anneal(tasks, copies=1, betas=np.zeros(3), couplings=0.0, seed=2)
    assert len(np.unique(found.centres, axis=0)) == 40
    assert abs(estimate(found.centres.mean(1)).z(0.0)) < 4


def test_copies_are_exchangeable_from_the_first_sweep_on():
    """A strong pull brings them to the centre's start, which is none of theirs; one that it was would be ahead."""
    tasks = [BinaryPerceptron.draw(21, patterns=3, seed=k) for k in range(300)]
    found = replicated_annealing.anneal(tasks, copies=3, betas=[0.0], couplings=20.0, seed=3).copies.astype(int)
    first, last = (found[:, 0] * found[:, 1]).mean(1), (found[:, 1] * found[:, 2]).mean(1)
    ahead = estimate(first - last)
    assert abs(ahead.z(0.0)) < 4
    assert ahead.error < 0.03
