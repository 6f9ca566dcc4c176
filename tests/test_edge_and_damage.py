"""The edge of stability taken apart, weights in few bits, and the table of damage."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from course_utils import plots
from course_utils.measure.curvature import Curvature, sharpness
from course_utils.measure.damage_tolerance import disturbed
from course_utils.measure.edge_of_stability import descend, gradient_shares
from course_utils.models import Population


def test_the_slope_is_taken_apart_into_the_directions_of_the_hessian():
    nets = Population((4, 5, 3), 2, activation="tanh", seeds=3)
    x, y = torch.randn(4, 30, generator=torch.Generator().manual_seed(5)), torch.arange(30) % 3
    curvature = Curvature(nets, x, y, loss="mse")
    values, shares = gradient_shares(curvature, count=4)
    for k, matrix in enumerate(curvature.hessian()):
        exact, vectors = np.linalg.eigh(matrix)
        slope = curvature.gradients[k].double().numpy()
        assert values[k] == pytest.approx(exact[::-1][:4], rel=1e-3)
        assert shares[k] == pytest.approx((vectors.T @ slope)[::-1][:4] ** 2 / (slope @ slope), abs=2e-3)


def test_a_descent_is_gradient_descent_and_leaves_the_networks_alone():
    nets = Population((4, 5, 3), 2, activation="tanh", seeds=3)
    x, y = torch.randn(4, 30, generator=torch.Generator().manual_seed(5)), torch.arange(30) % 3
    before, first = nets.flat().clone(), Curvature(nets, x, y, loss="mse")
    walk = descend(nets, x, y, learning_rate=0.1, steps=6, record_every=3, count=1)
    assert (nets.flat() == before).all()
    assert walk.moments.tolist() == [0, 3, 6]
    assert walk.losses[0] == pytest.approx(first.losses)
    assert (np.diff(walk.losses, axis=0) < 0).all()
    assert walk.distances[1] == pytest.approx(0.1 * first.gradients.norm(dim=1).numpy(), rel=1e-3)
    assert walk.stiffest[0, :, 0] == pytest.approx(sharpness(nets, x, y, loss="mse", seed=1), rel=1e-3)


def few_bits(nets, bits):
    return disturbed(nets, "fitted quantisation", bits, seed=1)


def test_few_bits_take_so_many_values_and_better_ones_than_a_grid_to_the_largest_weight():
    nets = Population((20, 30, 4), 3, seeds=2)
    for bits in (1, 2, 3):
        coarse = few_bits(nets, bits)
        assert all(len(np.unique(w.detach().numpy().round(6))) <= 2**bits for layer in coarse.weights for w in layer)
    off = [float((few_bits(nets, bits).flat() - nets.flat()).square().sum()) for bits in (1, 2, 3, 4, 6)]
    assert all(later < 0.5 * sooner for sooner, later in pairwise(off))
    assert all((a == b).all() for a, b in zip(few_bits(nets, 2).biases, nets.biases, strict=True))
    normal = Population((100, 200), 1, seeds=1)
    normal.weights[0].data.normal_(generator=torch.Generator().manual_seed(1))
    left = float((few_bits(normal, 2).weights[0] - normal.weights[0]).detach().square().mean())
    assert left == pytest.approx(0.1188, rel=0.03)  # J. Max (1960), even steps, four values, a bell curve


def test_the_damage_table_has_a_line_for_each_damage():
    kinds = {"a": slice(0, 2), "b": slice(2, 4)}
    rises = {("bits", 2.0): np.array([1.0, 2.0, 3.0, 4.0])}
    table = plots.damage_table(kinds, rises, {("bits", 2.0): np.full(4, 0.5)}, [4.0, 3.0, 2.0, 1.0]).splitlines()
    assert len(table) == 2
    assert table[1].split() == ["bits", "2", "1.5000", "3.5000", "0.500", "0.500", "-1.00"]
    with pytest.raises(ValueError, match="rows must have 2 values"):
        plots.table("", ["a", "b"], {"c": [1]})
    ratios = {(d, s): np.ones(4) for d in ("bits", "cut") for s in (1.0, 2.0)}
    bits, cut = plots.damages(ratios, kinds, title="t").axes
    assert (bits.xaxis_inverted(), cut.xaxis_inverted()) == (True, False)  # damage grows to the right in both
    assert plots.damages_in_words(ratios, kinds).count("Measured over predicted") == 4
    assert plots.series_in_words("q", "x", [1.0], {"n": np.ones((2, 1))}).startswith("q, n: x = 1")
