"""The compiled loop of gradient descent: one network after the other, so that all of it stays in the first caches.

A step of one network is a few small products, which numba hands over to the linear algebra that comes with scipy, and
what is done to their results on the way. The algebra starts threads for large products only (`LARGEST`): those are left
to torch, whose threads are limited.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.dynamics.compile import kernel, part

F = np.float32
RELU, LEAKY, TANH = 0, 1, 2
LARGEST = 1 << 19  # multiplications of one product
MOST_LAYERS = 4  # the loop is compiled for every number of layers by itself


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
def step(
    parameters: Any, velocities: Any, data: Any, buffers: Any, knobs: Any, losses: Any, kinds: Any, numbers: Any
) -> None:
    """Take one step with every network whose loss is finite, and write the losses from before it.

    Parameters
    ----------
    parameters, velocities : pairs (weights, biases) of tuples of arrays, (networks, out, in) and (networks, out, 1)
        Moved in place. Without momentum the velocities may be anything of this kind.
    data : tuple (inputs, labels, targets)
        (networks or 1, features, batch), or with the last two axes exchanged; (networks or 1, batch);
        (networks or 1, outputs, batch).
    buffers : tuple (signals, errors, slopes, bias slopes, highest, total)
        By layer (out, batch) twice, (out, in), (out, 1); and (batch,) twice.
    knobs : numpy.ndarray, (networks, 3)
        Learning rate, momentum, weight decay.
    losses : numpy.ndarray, (networks,)
        Written.
    kinds : tuple (activation, squared, rolling, by_row)
        `RELU`, `LEAKY` or `TANH`; whether the loss is the squared error; whether there is momentum; whether the
        features are the inputs' last axis.
    numbers : numpy.ndarray, (4,)
        0, 1, 2 and the slope of leaky ReLU, in the precision of the networks.
    """
    weights, biases = parameters
    inputs, labels, targets = data
    signals, errors, slopes, bias_slopes, highest, total = buffers
    activation, squared, rolling, by_row = kinds
    last = len(weights) - 1
    for k in range(losses.shape[0]):
        x = inputs[k if inputs.shape[0] > 1 else 0]
        if by_row:
            np.dot(weights[0][k], x.T, signals[0])
        else:
            np.dot(weights[0][k], x, signals[0])
        for layer in range(last):
            activate(signals[layer], biases[layer][k], activation, numbers)
            np.dot(weights[layer + 1][k], signals[layer], signals[layer + 1])
        if squared:
            wanted = targets[k if targets.shape[0] > 1 else 0]
            losses[k] = squared_error(errors[last], signals[last], biases[last][k], wanted)
        else:
            right = labels[k if labels.shape[0] > 1 else 0]
            losses[k] = cross_entropy(errors[last], signals[last], biases[last][k], right, highest, total)
        if not np.isfinite(losses[k]):
            continue
        for layer in range(last, -1, -1):
            error = errors[layer]
            if layer > 0:
                np.dot(weights[layer][k].T, error, errors[layer - 1])
                differentiate(errors[layer - 1], signals[layer - 1], activation, numbers)
                np.dot(error, signals[layer - 1].T, slopes[layer])
            elif by_row:
                np.dot(error, x, slopes[0])
            else:
                np.dot(error, x.T, slopes[0])
            sums(error, bias_slopes[layer])
            move(weights[layer][k], velocities[0][layer][k], slopes[layer], knobs[k], rolling)
            move(biases[layer][k], velocities[1][layer][k], bias_slopes[layer], knobs[k], rolling)
