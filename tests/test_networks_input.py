"""Populations name what does not fit: inputs, labels, shapes, settings, places."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_populations import BATCH, CLASSES, DOUBLE, FEATURES, NETWORKS, populations

from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

# ------------------------------------------------------------------------------------------------------- bad input


DENSE, RAGGED = populations("relu", torch.float32)[0], populations("relu", torch.float32)[3]


SHARED, OWN = (FEATURES, BATCH), (NETWORKS, FEATURES, BATCH)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 9), max_size=4).map(tuple))
def test_inputs_of_another_shape_are_named(shape):
    for population in (DENSE, RAGGED):
        fits = len(shape) in (2, 3) and shape[-1] > 0 and shape[:-1] in (SHARED[:-1], OWN[:-1])
        if fits:
            assert population(torch.zeros(shape)).shape == (NETWORKS, CLASSES, shape[-1])
        else:
            with pytest.raises(ValueError, match="inputs must have shape"):
                population(torch.zeros(shape))


@settings(deadline=None, max_examples=60)
@given(st.integers(-(2**40), 2**40), st.integers(0, BATCH - 1))
def test_labels_outside_the_classes_are_named(label, place):
    labels = torch.zeros(BATCH, dtype=torch.int64)
    labels[place] = label
    for population, loss in product((DENSE, RAGGED), ("cross-entropy", "mse")):
        if 0 <= label < CLASSES:
            assert torch.isfinite(population.losses(torch.zeros(SHARED), labels, loss)).all()
        else:
            with pytest.raises(ValueError, match=f"classes from 0 to 3; 1 are not, such as {label}"):
                population.losses(torch.zeros(SHARED), labels, loss)
            if loss == "cross-entropy":
                with pytest.raises(ValueError, match="labels must be classes"):
                    population.accuracies(torch.zeros(SHARED), labels)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([np.nan, np.inf, -np.inf]), st.integers(0, FEATURES * BATCH - 1), st.booleans())
def test_nan_and_infinity_are_named(value, place, shared):
    inputs = torch.zeros(SHARED if shared else OWN)
    inputs.view(-1)[place] = value
    targets = torch.zeros(CLASSES, BATCH)
    for population in (DENSE, RAGGED):
        with pytest.raises(ValueError, match="inputs must be finite; 1 entries"):
            population(inputs)
        with pytest.raises(ValueError, match="inputs must be finite"):
            population.losses(inputs, targets, "mse")
        targets[0, 0] = value
        with pytest.raises(ValueError, match="labels must be finite"):
            population.losses(torch.zeros_like(inputs), targets, "mse")
        targets[0, 0] = 0
        assert population(inputs, check=False).shape == (NETWORKS, CLASSES, BATCH)


def test_huge_numbers_are_no_infinities():
    assert DENSE(torch.full(SHARED, 3e38)).shape == (NETWORKS, CLASSES, BATCH)


@pytest.mark.parametrize(
    ("labels", "loss", "error", "match"),
    [
        (torch.zeros(BATCH), "cross-entropy", TypeError, "int64 classes for the loss"),
        (torch.zeros(BATCH, dtype=torch.int32), "mse", TypeError, "int64 classes or float targets"),
        (torch.zeros(BATCH + 1, dtype=torch.int64), "mse", ValueError, r"labels must have shape \(9,\) or \(5, 9\)"),
        (torch.zeros(BATCH), "mse", ValueError, r"labels must have shape \(4, 9\) or \(5, 4, 9\)"),
        ([0] * BATCH, "mse", TypeError, "labels must be a torch tensor"),
        (torch.zeros(BATCH, dtype=torch.int64), "hinge", ValueError, "loss must be one of 'cross-entropy', 'mse'"),
    ],
)
def test_labels_of_another_kind_are_named(labels, loss, error, match):
    for population in (DENSE, RAGGED):
        with pytest.raises(error, match=match):
            population.losses(torch.zeros(SHARED), labels, loss)


def test_inputs_of_another_kind_are_named():
    for population in (DENSE, RAGGED):
        with pytest.raises(TypeError, match=r"precision of the weights, torch.float32; got torch.float64"):
            population(torch.zeros(SHARED, dtype=DOUBLE))
        with pytest.raises(TypeError, match="inputs must be a torch tensor; got a ndarray"):
            population(np.zeros(SHARED))
        with pytest.raises(ValueError, match="device of the weights, cpu; got meta"):
            population(torch.zeros(SHARED, device="meta"))


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"sizes": (6,)}, ValueError, "sizes must name at least"),
        ({"sizes": 6}, TypeError, "sizes must be a sequence"),
        ({"sizes": (6, 0, 4)}, ValueError, r"sizes\[1\] must be a whole number"),
        ({"networks": 0}, ValueError, "networks must be"),
        ({"activation": "gelu"}, ValueError, "activation must be one of 'relu', 'leaky-relu'"),
        ({"scale": -1.0}, ValueError, "scale must be"),
        ({"scale": [1.0, 2.0, 3.0]}, ValueError, r"scale must be one number, or one per network with shape \(2,\)"),
        ({"bias_scale": np.nan}, ValueError, "bias_scale must be"),
        ({"slope": 0.0}, ValueError, "slope must be"),
        ({"dtype": torch.float16}, ValueError, "dtype must be one of"),
        ({"seeds": [1]}, ValueError, "seeds must be one whole number, or one for each of 2 networks; got 1"),
        ({"seeds": -1}, ValueError, "seeds must be"),
        ({"seeds": [1, 2.0]}, TypeError, r"seeds\[1\] must be"),
    ],
)
def test_bad_populations_are_named(change, error, match):
    with pytest.raises(error, match=match):
        Population(**({"sizes": (6, 8, 4), "networks": 2, "seeds": 1} | change))


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"widths": []}, ValueError, "widths must hold at least one network"),
        ({"widths": 3}, TypeError, "widths must be a sequence"),
        ({"widths": [3, ()]}, ValueError, r"none at widths\[1\]"),
        ({"widths": [3, 0]}, ValueError, r"widths\[1\] with inputs and outputs\[1\] must be"),
        ({"widths": [3, 2.5]}, TypeError, r"widths\[1\]"),
        ({"inputs": 0}, ValueError, "inputs must be"),
        ({"seeds": [1]}, ValueError, "seeds must be"),
    ],
)
def test_bad_ragged_populations_are_named(change, error, match):
    with pytest.raises(error, match=match):
        RaggedPopulation(**({"inputs": 6, "widths": [3, 5], "outputs": 4, "seeds": 1} | change))


def test_networks_that_do_not_fit_are_named():
    linear, relu, tanh = torch.nn.Linear, torch.nn.ReLU(), torch.nn.Tanh()
    fine = torch.nn.Sequential(linear(6, 8), relu, linear(8, 4))
    for kind in (Population, RaggedPopulation):
        for networks, error, match in (
            ([], ValueError, "at least one network"),
            ([fine, linear(6, 4)], TypeError, r"networks\[1\] must be a torch.nn.Sequential; got a Linear"),
            ([torch.nn.Sequential(linear(6, 8), relu)], ValueError, "one activation between each two"),
            ([torch.nn.Sequential(linear(6, 8, bias=False))], ValueError, "Linear layers with biases"),
            ([torch.nn.Sequential(linear(6, 8), torch.nn.GELU(), linear(8, 4))], TypeError, "GELU"),
            ([torch.nn.Sequential(linear(6, 8), relu, linear(7, 4))], ValueError, "layers that fit each other"),
            ([fine, torch.nn.Sequential(linear(6, 8), tanh, linear(8, 4))], ValueError, "same activation"),
            ([fine, fine.__class__(linear(6, 8), relu, linear(8, 3))], ValueError, "networks must"),
        ):
            with pytest.raises(error, match=match):
                kind.from_networks(networks)
    with pytest.raises(ValueError, match="a hidden layer"):
        RaggedPopulation.from_networks([torch.nn.Sequential(linear(6, 4))])


def test_places_that_are_not_there_are_named():
    for population in (DENSE, RAGGED):
        for index in (-1, NETWORKS):
            with pytest.raises(ValueError, match="index must be"):
                population.network(index)
        for indices in ([], [NETWORKS], [-1], [0.5], [True], 1, [[0]]):
            with pytest.raises(ValueError, match="indices must be whole numbers from 0 to 4"):
                population.subset(indices)
        with pytest.raises(ValueError, match="vectors must"):
            population.load_flat(population.flat()[1:])
        with pytest.raises(ValueError, match="values must be one number, or one per network"):
            population.per_parameter([1.0, 2.0])
