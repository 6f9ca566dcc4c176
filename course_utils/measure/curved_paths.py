r"""Curved paths: two solutions behind a barrier are often joined by a bent way of low loss."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.interrupts import interruptible
from course_utils.measure.barriers import Path, ends_of, path_along
from course_utils.measure.evaluation import Networks, as_population, with_vectors
from course_utils.models.networks import Population
from course_utils.seeding import Seed, generator
from course_utils.validation import positive, whole

Array = npt.NDArray[np.float64]


def curved_path(
    first: Networks,
    control: Networks,
    second: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    points: int = 25,
    loss: str = "cross-entropy",
) -> Path:
    r"""Return the loss on a Bézier curve between networks.

    .. math::
        \theta(t) = (1 - t)^2\,\theta_a + 2 t (1 - t)\,\theta_c + t^2\,\theta_b

    Parameters
    ----------
    first, second : Population, torch.nn.Sequential, or a sequence of these last
        The ends.
    control : the same
        The point :math:`\theta_c` that pulls the curve aside (the curve does not pass it); see `bend`.
    inputs, labels, points, loss
        As for `straight_path`.

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError
        If networks and data do not fit together.

    References
    ----------
    T. Garipov, P. Izmailov, D. Podoprikhin, D. Vetrov, A. G. Wilson, NeurIPS (2018), arXiv:1802.10026.
    """
    start, end = ends_of(first, second)
    middle = as_population("control", control)
    if middle.sizes != start.sizes or middle.networks != start.networks:
        raise ValueError(f"control must be {start.networks} networks of sizes {start.sizes}; got {middle}")
    start.check(inputs, labels, loss)
    t = np.linspace(0, 1, whole("points", points, least=3))
    bases = torch.stack([start.flat(), middle.flat().to(start.flat()), end.flat()])
    return path_along(start, bases, _bernstein(t), inputs, labels, loss, "curved path")


def _bernstein(t: Array) -> Array:
    return np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], 1)


def bend(
    first: Networks,
    second: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    steps: int = 600,
    learning_rate: float = 5e-3,
    batch_size: int | None = None,
    loss: str = "cross-entropy",
    seed: Seed,
) -> Population:
    r"""Find control points that bend Bézier curves around the barriers between networks.

    Adam lowers the mean loss along the curve, one random place :math:`t` for each path and step:

    .. math::
        \nabla_{\theta_c} \bigl\langle L(\theta(t)) \bigr\rangle_t
        = \bigl\langle 2 t (1 - t)\,\nabla L(\theta(t)) \bigr\rangle_t

    Parameters
    ----------
    first, second : Population, torch.nn.Sequential, or a sequence of these last
        The ends, which stay where they are.
    inputs : torch.Tensor, (features, samples)
        Data that all paths share, features first.
    labels : torch.Tensor, (samples,)
        Classes (int64), or float targets (outputs, samples) for ``"mse"``.
    steps : int
        How many steps. The curve starts as the straight line.
    learning_rate : float
        Of Adam, positive.
    batch_size : int, optional
        How many samples are drawn for each step; without it, all are used.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.
    seed : int or numpy.random.Generator
        Where places and samples come from.

    Returns
    -------
    Population
        The control points, for `curved_path`. After an interrupt: as far as they came, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or networks and data do not fit together.

    References
    ----------
    T. Garipov, P. Izmailov, D. Podoprikhin, D. Vetrov, A. G. Wilson, NeurIPS (2018), arXiv:1802.10026.
    D. P. Kingma, J. Ba, arXiv:1412.6980 (2014).
    """
    start, end = ends_of(first, second)
    start.check(inputs, labels, loss)
    if inputs.dim() != 2:
        raise ValueError(f"inputs must be shared by all paths, (features, samples); got {tuple(inputs.shape)}")
    steps, rate = whole("steps", steps), positive("learning_rate", learning_rate)
    samples = inputs.shape[1]
    count = samples if batch_size is None else whole("batch_size", batch_size, most=samples)
    random = generator(seed)
    a, b = start.flat(), end.flat()
    control, walker = (a + b) / 2, start.subset(range(start.networks))
    mean, square = torch.zeros_like(control), torch.zeros_like(control)
    pairs = zip(walker.weights, walker.biases, strict=True)
    parts = [part for pair in pairs for part in pair]
    with interruptible(steps, "bending paths") as bar:
        for step in range(1, steps + 1):
            t = torch.from_numpy(random.random((len(a), 1))).to(a)
            walker.load_flat((1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * b)
            drawn = slice(None) if batch_size is None else torch.from_numpy(random.permutation(samples)[:count])
            losses = walker.losses(inputs[:, drawn], labels[..., drawn], loss, check=False)
            slopes = torch.autograd.grad(losses.sum(), parts)
            slope = 2 * t * (1 - t) * torch.cat([part.flatten(1) for part in slopes], 1)
            mean.lerp_(slope, 0.1)
            square.lerp_(slope * slope, 0.001)
            control -= rate * (mean / (1 - 0.9**step)) / ((square / (1 - 0.999**step)).sqrt() + 1e-8)
            bar.update(1)
    return with_vectors(start, control)
