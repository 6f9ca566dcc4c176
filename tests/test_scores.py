"""Right answers, counted the fast way: equal to an argmax over each network's outputs, ties and NaN included."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from small_populations import CLASSES, DOUBLE, NETWORKS, data, populations

from course_utils.models.losses import losses_of
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation
from course_utils.models.scores import answers, losses_and_wrong_shares, right_answers, wrong_share

outputs_of_networks = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6), elements=st.floats(-1e3, 1e3)
)


@settings(deadline=None, max_examples=100)
@given(outputs_of_networks, st.integers(0, 2**32 - 1))
def test_right_answers_are_those_of_argmax(outputs, seed):
    networks, classes, batch = outputs.shape
    outputs = outputs + 1e-9 * np.arange(classes)[:, None] * np.ptp(outputs)  # no ties, unless all are equal
    labels = np.random.default_rng(seed).integers(classes, size=(networks, batch))
    expected = outputs.argmax(1)
    assert np.array_equal(answers(torch.from_numpy(outputs)), expected)
    for own in (labels, labels[0]):
        found = right_answers(torch.from_numpy(outputs), torch.from_numpy(own))
        assert np.array_equal(found, expected == own)
        share = wrong_share(torch.from_numpy(outputs), torch.from_numpy(own))
        assert share.numpy() == pytest.approx((expected != own).mean(-1), abs=1e-12)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
def test_accuracies_are_those_of_argmax(shared, dtype):
    for seed in range(5):
        inputs, labels = data(shared, seed, dtype)
        for population in populations("tanh", dtype):
            with torch.no_grad():
                expected = (population(inputs).argmax(1) == labels).to(dtype).mean(1)
            assert torch.equal(population.accuracies(inputs, labels), expected)
            assert 0 < expected.mean() < 1


def test_networks_that_say_the_same_for_all_classes_choose_the_first():
    inputs, _ = data(True, 1)
    for population in populations("relu"):
        with torch.no_grad():
            for parameter in population.parameters():
                parameter.zero_()
        for label in range(CLASSES):
            labels = torch.full(inputs.shape[1:], label)
            assert population.accuracies(inputs, labels).tolist() == [float(label == 0)] * NETWORKS


@pytest.mark.parametrize("place", range(CLASSES))
@pytest.mark.parametrize("silent", [False, True])
def test_nan_is_no_answer(place, silent):
    outputs = torch.randn(2, CLASSES, 7, dtype=DOUBLE, generator=torch.Generator().manual_seed(1))
    outputs[0, place] = torch.nan
    if silent:  # a sample beside it for which all classes are equal is counted another way
        outputs[1, :, 0] = 0.0
    for label in range(CLASSES):
        labels = torch.full((7,), label)
        assert wrong_share(outputs, labels)[0] == 1
        assert wrong_share(outputs, labels)[1] == (outputs[1].argmax(0) != labels).double().mean()


def test_a_single_output_is_always_right():
    inputs = torch.randn(3, 5, generator=torch.Generator().manual_seed(1))
    population = Population((3, 2, 1), 4, seeds=1)
    assert population.accuracies(inputs, torch.zeros(5, dtype=torch.int64)).tolist() == [1.0] * 4


def test_a_network_of_either_kind_is_found_by_its_place():
    ragged, dense = RaggedPopulation(3, [4, (2, 5)], 2, seeds=1), Population((3, 4, 2), 2, seeds=1)
    assert [tuple(layer.weight.shape) for layer in ragged.network(1)[0::2]] == [(2, 3), (5, 2), (2, 5)]
    assert torch.equal(ragged.network(0)[0].weight, dense.network(0)[0].weight)
    for population in (ragged, dense):
        with pytest.raises(ValueError, match=r"index must be a whole number, .*at most 1; got 2"):
            population.network(2)


@pytest.mark.parametrize("kind", ["random", "tied", "nan"])
@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("own", [False, True])
def test_losses_and_wrong_shares_in_one_go_are_those_taken_apart(kind, loss, own):
    random = torch.Generator().manual_seed(3)
    outputs = 5 * torch.randn(4, 6, 50, generator=random, dtype=torch.float64)
    if kind != "random":
        outputs[1, :, 7] = 0.5 if kind == "tied" else torch.nan
    labels = torch.randint(0, 6, (4, 50) if own else (50,), generator=random)
    losses, wrong = losses_and_wrong_shares(outputs, labels, loss)
    torch.testing.assert_close(losses, losses_of(outputs, labels, loss), rtol=1e-13, atol=1e-13, equal_nan=True)
    torch.testing.assert_close(wrong, wrong_share(outputs, labels), rtol=0, atol=0)


def test_float_targets_have_no_wrong_answers():
    losses, wrong = losses_and_wrong_shares(torch.ones(2, 3, 4), torch.zeros(3, 4), "mse")
    assert losses.tolist() == [1.0, 1.0]
    assert wrong.isnan().all()
