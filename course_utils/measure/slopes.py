r"""The slope that every single sample asks for: the gradients that a batch averages, one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.evaluation import Networks, as_population
from course_utils.models.losses import losses_of
from course_utils.seeding import Seed, generator
from course_utils.validation import one_of, whole

Array = npt.NDArray[np.float64]


def per_sample(networks: Networks, inputs: Tensor, labels: Tensor, *, loss: str = "cross-entropy") -> Tensor:
    r"""Return the gradient of each sample's loss, for each network.

    .. math::
        g_{ki} = \nabla \ell_i(\theta_k), \qquad \nabla L_k = \frac1n \sum_i g_{ki}

    Every sample gets a copy of the network, and the copies are differentiated together.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        A plain network is a population of one.
    inputs : torch.Tensor, (features, samples) or (networks, features, samples)
        Data, features first.
    labels : torch.Tensor, (samples,) or (networks, samples)
        Classes (int64); for ``"mse"`` also float targets (outputs, samples) or (networks, outputs, samples).
    loss : {"cross-entropy", "mse"}
        As for `Population.losses`.

    Returns
    -------
    torch.Tensor, (networks, samples, parameters)
        Ordered as ``Population.flat``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or data and networks do not fit together.

    Examples
    --------
    >>> from course_utils.models.networks import Population
    >>> networks = Population((2, 3, 2), 4, seeds=1)
    >>> per_sample(networks, torch.zeros(2, 5), torch.tensor([0, 1, 0, 1, 1])).shape
    torch.Size([4, 5, 17])
    """
    population = as_population("networks", networks)
    population.check(inputs, labels, loss)
    count, like = inputs.shape[-1], population.flat()
    found = like.new_empty(population.networks, count, like.shape[1])
    own_labels = labels.dim() == (3 if labels.is_floating_point() else 2)
    for k in range(population.networks):
        copies = population.subset([k] * count)
        x, y = (inputs[k] if inputs.dim() == 3 else inputs), (labels[k] if own_labels else labels)
        outputs = copies(x.movedim(-1, 0).unsqueeze(-1), check=False)
        losses_of(outputs, y.movedim(-1, 0).unsqueeze(-1), loss).sum().backward()
        pairs = zip(copies.weights, copies.biases, strict=True)
        torch.cat([part.grad.flatten(1) for pair in pairs for part in pair], 1, out=found[k])
    return found


def noise(gradients: Tensor) -> tuple[Array, Array]:
    r"""Return how much the samples' gradients differ, and how steep their mean is, for each network.

    .. math::
        c_k = \frac1n \sum_i |g_{ki} - \bar g_k|^2, \qquad |\bar g_k|^2

    Parameters
    ----------
    gradients : torch.Tensor, (networks, samples, parameters)
        See `per_sample`.

    Returns
    -------
    tuple of numpy.ndarray, (networks,) each

    Raises
    ------
    TypeError, ValueError
        If it is no such tensor.

    Examples
    --------
    >>> noise(torch.tensor([[[1.0, 0.0], [3.0, 0.0]]]))
    (array([1.]), array([4.]))
    """
    parts = [_off(one) for one in _checked(gradients)]
    return (
        np.array([float(off.square().sum(1).mean()) for off, _ in parts]),
        np.array([float(mean.square().sum()) for _, mean in parts]),
    )


def batch_noise(
    gradients: Tensor,
    batch_sizes: Sequence[int] | npt.ArrayLike,
    *,
    with_replacement: bool,
    batches: int = 256,
    seed: Seed,
) -> Array:
    r"""Return how far the slope of a batch is off, :math:`\langle |g_B - \bar g|^2 \rangle`, by drawing batches.

    Parameters
    ----------
    gradients : torch.Tensor, (networks, samples, parameters)
        See `per_sample`.
    batch_sizes : sequence of int
        Batch sizes, at least 1; without replacement at most the number of samples.
    with_replacement : bool
        Whether a batch may hold a sample twice.
    batches : int
        How many batches of each size are drawn for each network.
    seed : int or numpy.random.Generator
        Where the batches come from.

    Returns
    -------
    numpy.ndarray, (networks, sizes)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> gradients = torch.tensor([[[1.0, 0.0], [3.0, 0.0]]])
    >>> batch_noise(gradients, [1, 2], with_replacement=False, seed=1)
    array([[1., 0.]])
    """
    checked, random = _checked(gradients), generator(seed)
    one_of("with_replacement", with_replacement, (True, False))
    count, batches = checked.shape[1], whole("batches", batches)
    most = None if with_replacement else count
    drawn = [whole("batch_sizes", int(size), most=most) for size in np.asarray(batch_sizes).ravel()]
    found = np.empty((len(checked), len(drawn)))
    for k, one in enumerate(checked):
        off, _ = _off(one)
        for j, size in enumerate(drawn):  # how often each batch holds each sample
            if with_replacement:
                held = random.multinomial(size, np.full(count, 1 / count), batches)
            else:
                held = random.multivariate_hypergeometric(np.ones(count, dtype=int), size, batches)
            means = torch.from_numpy(held / size).to(off) @ off
            found[k, j] = float(means.square().sum(1).mean())
    return found


def _checked(gradients: Tensor) -> Tensor:
    if not isinstance(gradients, Tensor) or not gradients.is_floating_point():
        raise TypeError(f"gradients must be a torch tensor of real numbers; got {gradients!r:.80}")
    if gradients.dim() != 3 or gradients.shape[1] < 1:
        raise ValueError(f"gradients must have shape (networks, samples, parameters); got {tuple(gradients.shape)}")
    return gradients


def _off(gradients: Tensor) -> tuple[Tensor, Tensor]:
    """Return one network's gradients less their mean, and the mean."""
    mean = gradients.mean(0)
    return gradients - mean, mean
