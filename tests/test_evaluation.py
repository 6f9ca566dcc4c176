"""Networks of any widths are read where what they say is enough, and refused in words where it is not."""

import numpy as np
import pytest
import torch
from small_populations import CLASSES, NETWORKS, data, populations

from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import train
from course_utils.measure import alignment, barriers, curvature, damage_tolerance, overlaps, planes
from course_utils.measure.evaluation import as_networks, as_population
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

SHARED = data(True, 1)


def ragged():
    return populations("tanh")[3]


def alone(population):
    """Each network as a population of its own."""
    return [Population.from_networks([population.network(k)]) for k in range(population.networks)]


# --- what needs only what networks say


def test_function_overlaps_of_different_widths_are_those_of_the_outputs():
    population, (inputs, _) = ragged(), SHARED
    found = overlaps.function_overlaps(population, inputs)
    outputs = np.stack([population.network(k)(inputs.T).detach().numpy().ravel() for k in range(NETWORKS)])
    outputs = outputs.reshape(NETWORKS, -1, CLASSES)
    outputs = (outputs - outputs.mean(2, keepdims=True)).reshape(NETWORKS, -1)
    norms = np.linalg.norm(outputs, axis=1)
    assert found == pytest.approx(outputs @ outputs.T / np.outer(norms, norms), abs=1e-13)
    assert np.diag(found) == pytest.approx(1)
    assert np.abs(found[np.triu_indices(NETWORKS, 1)]).max() < 0.999


def test_agreements_of_different_widths_count_equal_answers():
    population, (inputs, _) = ragged(), SHARED
    said = [population.network(k)(inputs.T).argmax(1).numpy() for k in range(NETWORKS)]
    expected = [[(a == b).mean() for b in said] for a in said]
    assert overlaps.agreements(population, inputs) == pytest.approx(np.array(expected), abs=1e-15)


def test_plain_networks_of_different_widths_are_read_too():
    population, (inputs, _) = ragged(), SHARED
    networks = [population.network(k) for k in range(NETWORKS)]
    for read in (overlaps.function_overlaps, overlaps.agreements):
        assert read(networks, inputs) == pytest.approx(read(population, inputs), abs=1e-13)


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
def test_losses_and_accuracies_of_different_widths_are_those_of_each_alone(loss):
    inputs, labels = SHARED
    population = as_networks("networks", [ragged().network(k) for k in range(NETWORKS)])
    expected = [one.losses(inputs, labels, loss).item() for one in alone(population)]
    assert population.losses(inputs, labels, loss).detach().numpy() == pytest.approx(expected, rel=1e-12)
    expected = [one.accuracies(inputs, labels).item() for one in alone(population)]
    assert population.accuracies(inputs, labels).numpy() == pytest.approx(expected, rel=1e-12)


def test_trained_networks_of_different_widths_come_to_agree():
    random = np.random.default_rng(3)
    inputs = torch.from_numpy(random.standard_normal((4, 200)))
    labels = (inputs[0] + inputs[1] > 0).long()
    start = RaggedPopulation(4, [3, 20, (6, 6)], 2, dtype=torch.float64, seeds=3)
    result = train(start, inputs, labels, steps=150, thermostat=Thermostat(learning_rate=0.5), seed=3)
    fresh = torch.from_numpy(random.standard_normal((4, 500)))
    pairs = np.triu_indices(3, 1)
    assert overlaps.agreements(result.population, fresh)[pairs].min() > 0.9
    assert overlaps.agreements(start, fresh)[pairs].max() < 0.9
    before, after = (overlaps.function_overlaps(one, fresh)[pairs] for one in (start, result.population))
    assert (after > before).all()
    assert after.min() > 0.5


# --- in and out


def test_populations_come_back_as_they_are_and_networks_as_copies():
    dense, wide = populations("relu")[0], ragged()
    assert as_networks("networks", dense) is dense
    assert as_population("networks", dense) is dense
    assert as_networks("networks", wide) is wide
    one = dense.network(2)
    assert torch.equal(as_networks("networks", one).flat(), dense.flat()[[2]])
    pair = as_networks("networks", [wide.network(0), wide.network(1)])
    assert isinstance(pair, RaggedPopulation)
    assert isinstance(as_networks("networks", [wide.network(0), wide.network(3)]), Population)


def test_a_ragged_population_of_one_shape_is_an_ordinary_one():
    wide, (inputs, _) = ragged(), SHARED
    same = wide.subset(wide.groups[0])
    found = as_population("networks", same)
    assert isinstance(found, Population)
    assert found.sizes == wide.sizes[0]
    assert torch.allclose(found(inputs), wide(inputs)[wide.groups[0]], atol=1e-13)
    cosine = torch.nn.functional.cosine_similarity(*wide.subset(wide.groups[0]).flat(), dim=0)
    assert overlaps.weight_overlaps(same)[0, 1] == pytest.approx(float(cosine), abs=1e-13)


# --- what needs one shape


READINGS = {
    "weight overlaps": overlaps.weight_overlaps,
    "a direction in a plane": lambda networks: planes.filter_normalised(networks, seed=1),
    "a plane": lambda networks: planes.plane(networks, *SHARED, directions=[torch.zeros(1)] * 2),
    "curvature": lambda networks: curvature.sharpness(networks, *SHARED, seed=1),
    "barriers": lambda networks: barriers.pair_barriers(networks, *SHARED),
    "noise on the weights": lambda networks: damage_tolerance.disturbed(networks, "weight noise", 0.1, seed=1),
    "alignment": alignment.aligned_overlaps,
}


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_readings_of_parameters_ask_for_one_shape(reading):
    told = (
        r"networks must all have the same sizes, since .* function_overlaps, .*"
        r"got 3 kinds, \(6, 7, 4\), \(6, 3, 4\), \(6, 5, 4, 4\)"
    )
    networks = [ragged().network(k) for k in range(NETWORKS)]
    for given in (ragged(), networks):
        with pytest.raises(ValueError, match=told):
            reading(given)


def test_many_kinds_are_not_all_listed():
    with pytest.raises(ValueError, match=r"got 6 kinds, \(2, 1, 2\), \(2, 2, 2\), \(2, 3, 2\), \.\.\.: one kind at"):
        as_population("networks", RaggedPopulation(2, range(1, 7), 2, seeds=1))


def test_what_is_no_network_is_named():
    linear = torch.nn.Linear
    for value in (None, 3, [], "x", [None], linear(2, 3), np.zeros(3), {}):
        for read in (as_networks, as_population):
            with pytest.raises(TypeError, match="first must be a Population, a RaggedPopulation, a torch"):
                read("first", value)
    others = [torch.nn.Sequential(linear(2, 3), torch.nn.ReLU(), linear(3, outputs)) for outputs in (2, 4)]
    with pytest.raises(ValueError, match="all the same inputs, outputs"):
        as_networks("first", others)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_parameters_that_are_not_finite_are_named_by_their_network(value):
    for population in populations("relu"):
        vectors = population.flat()
        vectors[3][2] = value
        population.load_flat(vectors)
        with pytest.raises(ValueError, match=r"first must have finite parameters; \[3\] have not"):
            as_networks("first", population)
