"""The compiled loop of gradient descent: data in any order of memory, labels that are none, exponentials, limits.

That its steps are those of `torch.optim.SGD` is tested in `test_fast_sgd.py`, with ``chunk=None``.
"""

import numpy as np
import pytest
import torch

from course_utils.dynamics.training.fast_sgd import FastSGD
from course_utils.models import compiled_losses, loss_kernels
from course_utils.models.networks import Population

DOUBLE = torch.float64
NETWORKS, FEATURES, CLASSES, BATCH = 5, 6, 4, 9


def population():
    return Population((FEATURES, 8, CLASSES), NETWORKS, bias_scale=0.2, seeds=1, dtype=DOUBLE)


def data(shared):
    random = torch.Generator().manual_seed(1)
    own = () if shared else (NETWORKS,)
    inputs = torch.randn(*own, FEATURES, BATCH, dtype=DOUBLE, generator=random)
    return inputs, torch.randint(CLASSES, (*own, BATCH), generator=random)


@pytest.mark.parametrize("shared", [True, False])
def test_the_order_of_the_data_in_memory_does_not_matter(shared):
    wide = torch.zeros(NETWORKS, FEATURES, 3 * BATCH, dtype=DOUBLE)
    inputs, labels = data(shared)
    strided = (wide[0] if shared else wide)[..., ::3]
    strided.copy_(inputs)
    rows = inputs.transpose(-1, -2).contiguous().transpose(-1, -2)
    ends = []
    for one in (inputs, rows, strided):
        many = population()
        losses = FastSGD(many, learning_rate=0.1).step(one, labels)
        ends.append(torch.cat([many.flat(), losses.unsqueeze(1)], 1))
    assert torch.allclose(ends[0], ends[1], atol=1e-13)
    assert torch.equal(ends[0], ends[2])


def test_a_label_that_is_no_class_moves_nothing_even_if_nobody_looks():
    many, labels = population(), torch.randint(0, CLASSES, (NETWORKS, BATCH))
    labels[1, 0], labels[3, -1], start = CLASSES, -1, many.flat()
    losses = FastSGD(many, learning_rate=0.1).step(data(True)[0], labels, check=False)
    assert losses.isnan().tolist() == [False, True, False, True, False]
    assert (many.flat() == start).all(1).tolist() == losses.isnan().tolist()


def takes(many, inputs):
    return compiled_losses.worthwhile(many.sizes, many.parameters(), many.activation, inputs)


def test_large_products_and_many_layers_are_left_to_torch():
    assert takes(population(), torch.zeros(FEATURES, BATCH))
    assert takes(Population((64, 128, 10), 1, seeds=1), torch.zeros(64, 64))
    assert not takes(Population((64, 128, 10), 1, seeds=1), torch.zeros(64, 65))
    assert not takes(Population((2, 2, 2, 2, 2, 2), 1, seeds=1), torch.zeros(2, 1))


@pytest.mark.parametrize(("kind", "error"), [(np.float32, 2e-7), (np.float64, 5e-16)])
def test_exponentials(kind, error):
    x = np.linspace(-85, 85, 20_001).astype(kind).reshape(3, -1)
    found = x.copy()
    loss_kernels.exponentials(found)
    assert np.abs(found / np.exp(x.astype(np.float64)) - 1).max() < error
    ends = np.array([[-np.inf, np.inf, np.nan]], kind)
    loss_kernels.exponentials(ends)
    assert ends[0, 0] < 1e-37
    assert ends[0, 1] > 1e37
    assert np.isnan(ends[0, 2])
