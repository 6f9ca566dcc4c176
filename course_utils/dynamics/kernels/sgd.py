"""The compiled loop of gradient descent: slopes of one network, and its step while they are still in the caches."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import kernel
from course_utils.models.loss_kernels import loss_and_slopes


@kernel
def move(value: Any, velocity: Any, slope: Any, knobs: Any, rolling: bool) -> None:
    """Move the numbers of one layer; ``knobs`` are learning rate, momentum and weight decay."""
    rate, keep, decay = knobs[0], knobs[1], knobs[2]
    values, velocities, slopes = value.reshape(-1), velocity.reshape(-1), slope.reshape(-1)
    if rolling:
        for i in range(values.shape[0]):
            v = keep * velocities[i] + (slopes[i] + decay * values[i])
            velocities[i] = v
            values[i] -= rate * v
    else:
        for i in range(values.shape[0]):
            values[i] -= rate * (slopes[i] + decay * values[i])


@kernel
def step(
    parameters: Any, velocities: Any, data: Any, buffers: Any, knobs: Any, losses: Any, kinds: Any, numbers: Any
) -> None:
    """Take one step with every network whose loss is finite, and write the losses from before it.

    Parameters
    ----------
    parameters, velocities : pairs (weights, biases) of tuples of arrays, (networks, out, in) and (networks, out, 1)
        Moved in place. Without momentum the velocities may be anything of this kind.
    data, buffers, numbers
        As for `loss_and_slopes`, with slopes for one network.
    knobs : numpy.ndarray, (networks, 3)
        Learning rate, momentum, weight decay.
    losses : numpy.ndarray, (networks,)
        Written.
    kinds : tuple (activation, squared, by_row, rolling)
        As for `loss_and_slopes`, and whether there is momentum.
    """
    weights, biases = parameters
    _, _, slopes, bias_slopes, _, _ = buffers
    activation, squared, by_row, rolling = kinds
    for k in range(losses.shape[0]):
        losses[k] = loss_and_slopes(k, parameters, data, buffers, (activation, squared, by_row), numbers)
        if not np.isfinite(losses[k]):
            continue
        for layer in range(len(weights)):
            move(weights[layer][k], velocities[0][layer][k], slopes[layer][0], knobs[k], rolling)
            move(biases[layer][k], velocities[1][layer][k], bias_slopes[layer][0], knobs[k], rolling)
