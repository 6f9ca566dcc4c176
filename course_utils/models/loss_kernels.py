"""Losses and their slopes, compiled: one network after the other, so that all of it stays in the first caches.

For one network they are a few small products, which numba hands over to the linear algebra that comes with scipy, and
what is done to their results on the way. The algebra starts threads for large products only (`LARGEST`): those are left
to torch, whose threads are limited. The loop of `course_utils.dynamics.sgd_kernels` calls `loss_and_slopes` too: numba
does not see that its copy on disk is out of date when this file alone has changed (``make clean`` removes it).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.compiling import kernel, part

F = np.float32
RELU, LEAKY, TANH = 0, 1, 2
LARGEST = 1 << 19  # multiplications of one product
MOST_LAYERS = 4  # it is compiled for every number of layers by itself


@part
def _exp32(x: Any) -> Any:
    """Return exp(x) in single precision, to its last digit, in arithmetic that the vector unit can do."""
    here = min(max(x, F(-87.0)), F(87.0))
    n = np.floor(here * F(1.44269504) + F(0.5))
    # ln 2 in two parts, the first with few enough digits for the product to be exact.
    r = here - n * F(0.693359375) - n * F(-2.12194440e-4)
    high = F(8.3334519e-3) + r * (F(1.3981999507e-3) + r * F(1.9875691500e-4))
    series = F(1) + (r + r * r * (F(0.5) + r * (F(1.6666665459e-1) + r * (F(4.1665795894e-2) + r * high))))
    value = series * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return value if x == x else x


@kernel
def exponentials(x: Any) -> None:
    """Replace each number of a matrix by its exponential; NaN stays NaN."""
    flat = x.reshape(-1)
    if x.itemsize == 4:
        for i in range(flat.shape[0]):
            flat[i] = _exp32(F(flat[i]))
    else:
        for i in range(flat.shape[0]):
            flat[i] = np.exp(flat[i])


@kernel
def activate(signal: Any, bias: Any, kind: int, numbers: Any) -> None:
    """Add the biases (units, 1) to the signals (units, batch) of a hidden layer and apply the activation."""
    zero, one, two, slope = numbers[0], numbers[1], numbers[2], numbers[3]
    for i in range(signal.shape[0]):
        row, shift = signal[i], bias[i, 0]
        if kind == RELU:
            for j in range(row.shape[0]):
                h = row[j] + shift
                row[j] = zero if h <= zero else h  # NaN stays NaN
        elif kind == LEAKY:
            for j in range(row.shape[0]):
                h = row[j] + shift
                row[j] = h * slope if h <= zero else h
        else:
            for j in range(row.shape[0]):
                row[j] = two * (row[j] + shift)
    if kind == TANH:  # tanh(h) = 1 - 2 / (exp(2 h) + 1)
        exponentials(signal)
        flat = signal.reshape(-1)
        for i in range(flat.shape[0]):
            flat[i] = one - two / (flat[i] + one)


@kernel
def differentiate(error: Any, signal: Any, kind: int, numbers: Any) -> None:
    """Multiply the errors of a hidden layer by the activation's slope, which its signal tells."""
    zero, one, slope = numbers[0], numbers[1], numbers[3]
    errors, signals = error.reshape(-1), signal.reshape(-1)
    if kind == RELU:
        for i in range(errors.shape[0]):
            errors[i] = zero if signals[i] <= zero else errors[i]
    elif kind == LEAKY:
        for i in range(errors.shape[0]):
            errors[i] = errors[i] * slope if signals[i] <= zero else errors[i]
    else:
        for i in range(errors.shape[0]):
            errors[i] *= one - signals[i] * signals[i]


@kernel
def cross_entropy(outputs: Any, signal: Any, bias: Any, labels: Any, highest: Any, total: Any) -> float:
    """Write the loss's slopes into ``outputs`` (classes, batch), from the signals without biases; return the loss.

    It is NaN for a label that is no class: nothing is read or written where it does not belong.
    """
    batch, loss = signal.shape[1], 0.0
    for j in range(batch):
        if labels[j] < 0 or labels[j] >= signal.shape[0]:
            return np.nan
    for c in range(signal.shape[0]):
        row, shift = signal[c], bias[c, 0]
        for j in range(batch):
            row[j] += shift
        for j in range(batch):
            highest[j] = row[j] if c == 0 or row[j] > highest[j] else highest[j]
    for j in range(batch):
        loss += highest[j] - signal[labels[j], j]
        total[j] = 0
    for c in range(signal.shape[0]):
        row, mine = signal[c], outputs[c]
        for j in range(batch):
            mine[j] = row[j] - highest[j]
    exponentials(outputs)
    for c in range(signal.shape[0]):
        row = outputs[c]
        for j in range(batch):
            total[j] += row[j]
    for j in range(batch):
        loss += np.log(total[j])
        total[j] = 1 / (batch * total[j])
    for c in range(signal.shape[0]):
        row = outputs[c]
        for j in range(batch):
            row[j] *= total[j]
    for j in range(batch):
        outputs[labels[j], j] -= 1 / batch
    return loss / batch


@kernel
def squared_error(outputs: Any, signal: Any, bias: Any, targets: Any) -> float:
    """Write the loss's slopes into ``outputs`` (outputs, batch), from the signals without biases; return the loss."""
    loss, factor = 0.0, 1 / signal.size
    for c in range(signal.shape[0]):
        row, mine, wanted, shift = signal[c], outputs[c], targets[c], bias[c, 0]
        for j in range(row.shape[0]):
            off = row[j] + shift - wanted[j]
            loss += off * off
            mine[j] = 2 * factor * off
    return loss * factor


@kernel
def sums(error: Any, slope: Any) -> None:
    """Write the sum of each row of ``error`` into ``slope`` (units, 1); four sums side by side are faster than one."""
    length = error.shape[1]
    for i in range(error.shape[0]):
        row = error[i]
        a = b = c = d = row[0] - row[0]
        whole = length - length % 4
        for j in range(0, whole, 4):
            a += row[j]
            b += row[j + 1]
            c += row[j + 2]
            d += row[j + 3]
        for j in range(whole, length):
            a += row[j]
        slope[i, 0] = (a + b) + (c + d)


@kernel
def loss_and_slopes(k: int, parameters: Any, data: Any, buffers: Any, kinds: Any, numbers: Any) -> float:
    """Return the loss of network ``k`` and write its slopes; for a label that is no class both are NaN.

    Parameters
    ----------
    k : int
        Which network.
    parameters : pair (weights, biases) of tuples of arrays, (networks, out, in) and (networks, out, 1)
        By layer.
    data : tuple (inputs, labels, targets)
        (networks or 1, features, batch), or with the last two axes exchanged; (networks or 1, batch);
        (networks or 1, outputs, batch).
    buffers : tuple (signals, errors, slopes, bias slopes, highest, total)
        By layer (out, batch) twice; (networks or 1, out, in) and (networks or 1, out, 1), of which the ``k``-th or the
        only one is written; and (batch,) twice.
    kinds : tuple (activation, squared, by_row)
        `RELU`, `LEAKY` or `TANH`; whether the loss is the squared error; whether the features are the inputs' last
        axis.
    numbers : numpy.ndarray, (4,)
        0, 1, 2 and the slope of leaky ReLU, in the precision of the networks.
    """
    weights, biases = parameters
    inputs, labels, targets = data
    signals, errors, slopes, bias_slopes, highest, total = buffers
    activation, squared, by_row = kinds
    last, x = len(weights) - 1, inputs[k if inputs.shape[0] > 1 else 0]
    if by_row:
        np.dot(weights[0][k], x.T, signals[0])
    else:
        np.dot(weights[0][k], x, signals[0])
    for layer in range(last):
        activate(signals[layer], biases[layer][k], activation, numbers)
        np.dot(weights[layer + 1][k], signals[layer], signals[layer + 1])
    if squared:
        wanted = targets[k if targets.shape[0] > 1 else 0]
        loss = squared_error(errors[last], signals[last], biases[last][k], wanted)
    else:
        right = labels[k if labels.shape[0] > 1 else 0]
        loss = cross_entropy(errors[last], signals[last], biases[last][k], right, highest, total)
        if np.isnan(loss):
            errors[last][:] = np.nan
    for layer in range(last, -1, -1):
        error, mine = errors[layer], k if slopes[layer].shape[0] > 1 else 0
        if layer > 0:
            np.dot(weights[layer][k].T, error, errors[layer - 1])
            differentiate(errors[layer - 1], signals[layer - 1], activation, numbers)
            np.dot(error, signals[layer - 1].T, slopes[layer][mine])
        elif by_row:
            np.dot(error, x, slopes[0][mine])
        else:
            np.dot(error, x.T, slopes[0][mine])
        sums(error, bias_slopes[layer][mine])
    return loss


@kernel
def all_losses_and_slopes(parameters: Any, data: Any, buffers: Any, losses: Any, kinds: Any, numbers: Any) -> None:
    """Write the losses (networks,) of all networks and their slopes; the rest is as for `loss_and_slopes`."""
    for k in range(losses.shape[0]):
        losses[k] = loss_and_slopes(k, parameters, data, buffers, kinds, numbers)
