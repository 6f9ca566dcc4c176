"""Small populations of every kind, data for them, and the ordinary loop over single networks."""

import torch
from torch.nn import functional

from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

DOUBLE = torch.float64


NETWORKS, FEATURES, CLASSES, BATCH = 5, 6, 4, 9


WIDTHS = [7, 3, (5, 4), 7, 3]


def populations(activation, dtype=DOUBLE):
    scale = 0.4 if activation == "quadratic" else None  # else it runs off to infinity within a few steps
    settings = {"activation": activation, "scale": scale, "bias_scale": 0.3, "seeds": 1, "dtype": dtype}
    return [
        Population((FEATURES, 8, CLASSES), NETWORKS, **settings),
        Population((FEATURES, 7, 5, CLASSES), NETWORKS, **settings),
        Population((FEATURES, CLASSES), NETWORKS, **settings),
        RaggedPopulation(FEATURES, WIDTHS, CLASSES, **settings),
    ]


def data(shared, seed, dtype=DOUBLE):
    random = torch.Generator().manual_seed(seed)
    own = () if shared else (NETWORKS,)
    inputs = torch.randn(*own, FEATURES, BATCH, dtype=dtype, generator=random)
    return inputs, torch.randint(CLASSES, (*own, BATCH), generator=random)


def of(values, k, shared):
    return values if shared else values[k]


def plain_loss(network, inputs, labels, loss):
    outputs = network(inputs.T)
    if loss == "cross-entropy":
        return functional.cross_entropy(outputs, labels)
    targets = labels.T if labels.is_floating_point() else functional.one_hot(labels, CLASSES).to(outputs.dtype)
    return functional.mse_loss(outputs, targets)


def vector(network):
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach()
