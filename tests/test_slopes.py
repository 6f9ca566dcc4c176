"""The gradient of every single sample: against autograd, one sample and one network at a time."""

import numpy as np
import pytest
import torch

from course_utils.measure import planes, slopes
from course_utils.measure.statistics import estimates
from course_utils.models.networks import Population
from course_utils.theory import kuehn2023


def setting(kind, activation="tanh"):
    networks = Population((5, 4, 3), 3, activation=activation, bias_scale=0.3, dtype=torch.float64, seeds=1)
    random = np.random.default_rng(2)
    own = kind.startswith("own")
    inputs = torch.from_numpy(random.normal(size=(3, 5, 7) if own else (5, 7)))
    if kind.endswith("targets"):
        return networks, inputs, torch.from_numpy(random.normal(size=(3, 3, 7) if own else (3, 7))), "mse"
    labels = torch.from_numpy(random.integers(0, 3, (3, 7) if own else 7))
    return networks, inputs, labels, "mse" if kind == "squared" else "cross-entropy"


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("kind", ["shared", "own", "squared", "targets", "own targets"])
def test_each_gradient_is_that_of_its_network_and_its_sample(kind, activation):
    networks, inputs, labels, loss = setting(kind, activation)
    found = slopes.per_sample(networks, inputs, labels, loss=loss)
    for k in range(3):
        alone = networks.subset([k])
        for i in range(7):
            alone.zero_grad()
            x = (inputs[k] if inputs.dim() == 3 else inputs)[:, i : i + 1]
            own = labels.dim() == (3 if labels.is_floating_point() else 2)
            y = (labels[k] if own else labels)[..., i : i + 1]
            alone.losses(x, y, loss).sum().backward()
            pairs = zip(alone.weights, alone.biases, strict=True)
            expected = torch.cat([part.grad.flatten() for pair in pairs for part in pair])
            assert found[k, i].numpy() == pytest.approx(expected.numpy(), rel=1e-10, abs=1e-14)


def test_their_mean_is_the_gradient_of_the_loss_and_the_networks_are_left_alone():
    networks, inputs, labels, _ = setting("shared")
    before = networks.flat()
    found = slopes.per_sample(networks, inputs, labels).mean(1)
    assert all(part.grad is None for part in networks.parameters())
    assert torch.equal(networks.flat(), before)
    networks.losses(inputs, labels).sum().backward()
    pairs = zip(networks.weights, networks.biases, strict=True)
    expected = torch.cat([part.grad.flatten(1) for pair in pairs for part in pair], 1)
    assert torch.allclose(found, expected, rtol=1e-10, atol=1e-14)


def test_a_plain_network_is_a_population_of_one():
    networks, inputs, labels, _ = setting("shared")
    one = slopes.per_sample(networks.network(1), inputs, labels)
    assert torch.allclose(one[0], slopes.per_sample(networks, inputs, labels)[1], rtol=1e-12)


def test_noise_and_slope_of_a_hand_made_case():
    gradients = torch.tensor([[[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]], [[0.0, 0.0], [0.0, 0.0], [3.0, 0.0]]])
    c, squared = slopes.noise(gradients)
    assert c == pytest.approx([8 / 3, 2.0])
    assert squared == pytest.approx([5.0, 1.0])


@pytest.mark.parametrize("with_replacement", [True, False])
def test_batches_are_off_by_what_sampling_theory_says(with_replacement):
    gradients = torch.from_numpy(np.random.default_rng(3).normal(size=(40, 24, 6)))
    c, _ = slopes.noise(gradients)
    sizes = (1, 6, 18, 24)
    found = slopes.batch_noise(gradients, sizes, with_replacement=with_replacement, batches=50, seed=4)
    for size, measured in zip(sizes, estimates(found / c[:, None]), strict=True):
        exact = 1 / size if with_replacement else kuehn2023.batch_variance(1.0, samples=24, batch_size=size)
        assert abs(measured.mean - exact) < 4 * measured.error + 1e-12
        assert measured.error < 0.05 / size


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: slopes.noise(g.numpy()), "gradients must be"),
        (lambda g: slopes.noise(g[0]), "gradients must have shape"),
        (lambda g: slopes.batch_noise(g, [5], with_replacement=False, seed=1), "batch_sizes must be"),
        (lambda g: slopes.batch_noise(g, [0], with_replacement=True, seed=1), "batch_sizes must be"),
        (lambda g: slopes.batch_noise(g, [1], with_replacement="no", seed=1), "with_replacement must be"),
        (lambda g: slopes.batch_noise(g, [1], with_replacement=True, batches=0, seed=1), "batches must be"),
    ],
)
def test_bad_gradients_and_batches_are_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(torch.zeros(2, 4, 3))


def test_the_plane_beneath_a_path_holds_the_losses_of_its_points():
    networks, inputs, labels, _ = setting("shared")
    path = networks.flat() + torch.from_numpy(np.random.default_rng(6).normal(size=(9, 3, networks.flat().shape[1])))
    seen = planes.trajectory_components(path)
    ground = planes.beneath(seen, networks, inputs, labels, index=2, points=5, margin=0.5)
    assert ground.along[-1] == pytest.approx(1.5 * np.abs(seen.coordinates[2, :, 0]).max())
    there = networks.subset([2])
    there.load_flat((seen.centre + ground.along[4] * seen.directions[0] + ground.across[1] * seen.directions[1])[2:])
    assert ground.losses[0, 4, 1] == pytest.approx(there.losses(inputs, labels).item())
    with pytest.raises(ValueError, match="index must be"):
        planes.beneath(seen, networks, inputs, labels, index=3)
    with pytest.raises(TypeError, match="components must be"):
        planes.beneath(path, networks, inputs, labels)
    with pytest.raises(ValueError, match="margin must be"):
        planes.beneath(seen, networks, inputs, labels, margin=-1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networks": 3}, "networks must be"),
        ({"inputs": torch.zeros(4, 7)}, "inputs must"),
        ({"labels": torch.zeros(6, dtype=torch.int64)}, "labels must"),
        ({"loss": "hinge"}, "loss must be"),
    ],
)
def test_bad_input_is_named(change, message):
    networks, inputs, labels, _ = setting("shared")
    given = {"networks": networks, "inputs": inputs.double(), "labels": labels, **change}
    if "inputs" in change:
        given["inputs"] = change["inputs"].double()
    with pytest.raises((TypeError, ValueError), match=message):
        slopes.per_sample(**given)
