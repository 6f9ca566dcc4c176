r"""Overlaps: how alike two solutions are, in their weights and in what they say.

In a glass the overlap :math:`q` of two replicas tells whether they sit in the same valley. Networks have two kinds:
weights can differ completely while the functions agree.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.evaluation import Networks, as_networks, as_population
from course_utils.measure.statistics import Estimate
from course_utils.models.scores import answers
from course_utils.validation import finite_array, whole

Array = npt.NDArray[np.float64]


def cosines(vectors: Tensor) -> Array:
    """Return the cosine of the angle between each two rows, (rows, rows)."""
    wide = vectors.detach().double()
    wide = wide / wide.norm(dim=1, keepdim=True)
    return np.asarray((wide @ wide.T).clamp(-1, 1).cpu().numpy())


def weight_overlaps(networks: Networks) -> Array:
    r"""Return the overlap of each two networks' parameters.

    .. math::
        q_{ab} = \frac{\theta_a \cdot \theta_b}{|\theta_a|\,|\theta_b|} \in [-1, 1]

    Parameters
    ----------
    networks : Population or sequence of torch.nn.Sequential
        At least one network, all of one shape, none of them zero everywhere.

    Returns
    -------
    numpy.ndarray, (networks, networks)
        Symmetric, with ones on the diagonal.

    Raises
    ------
    TypeError, ValueError
        If they are no such networks.

    Notes
    -----
    The hidden units of a layer may change places without any change of the function: an overlap near zero does not
    mean that two networks compute different things. See `course_utils.measure.alignment`.
    """
    vectors = as_population("networks", networks).flat()
    if (vectors == 0).all(1).any():
        raise ValueError("networks must have parameters other than zero for an overlap; one has only zeros")
    return cosines(vectors)


@torch.no_grad()
def _said(networks: Networks, inputs: Tensor) -> Tensor:
    """Return what networks of any widths say, (networks, outputs, batch)."""
    return as_networks("networks", networks)(inputs)


def function_overlaps(networks: Networks, inputs: Tensor) -> Array:
    r"""Return the overlap of what each two networks say, as a correlation of their outputs.

    .. math::
        q_{ab} = \frac{\sum_{ci} \tilde f_{aci} \tilde f_{bci}}
        {\sqrt{\sum_{ci} \tilde f_{aci}^2 \sum_{ci} \tilde f_{bci}^2}},
        \qquad \tilde f_{aci} = f_{ac}(x_i) - \frac1C \sum_{c'} f_{ac'}(x_i)

    The mean over the classes is taken off each answer, since a softmax does not see it (with a single output: the mean
    over the inputs).

    Parameters
    ----------
    networks : Population, RaggedPopulation or sequence of torch.nn.Sequential
        At least one network; widths may differ.
    inputs : torch.Tensor, (features, batch)
        Data, features first.

    Returns
    -------
    numpy.ndarray, (networks, networks)
        Symmetric, with ones on the diagonal.

    Raises
    ------
    TypeError, ValueError
        If networks and inputs do not fit together, or a network's answer is the same for all classes and inputs.
    """
    outputs = _said(networks, inputs)
    outputs = outputs - outputs.mean(2 if outputs.shape[1] == 1 else 1, keepdim=True)
    flat = outputs.flatten(1)
    if (flat == 0).all(1).any():
        raise ValueError("networks must give answers that differ for an overlap; one says the same for all")
    return cosines(flat)


def agreements(networks: Networks, inputs: Tensor) -> Array:
    r"""Return the share of inputs that each two networks put into the same class.

    .. math::
        A_{ab} = \frac1B \sum_i \bigl[\hat y_a(x_i) = \hat y_b(x_i)\bigr]

    Parameters
    ----------
    networks : Population, RaggedPopulation or sequence of torch.nn.Sequential
        At least one network; widths may differ.
    inputs : torch.Tensor, (features, batch)
        Data, features first.

    Returns
    -------
    numpy.ndarray, (networks, networks)
        Between 0 and 1, ones on the diagonal. What errors that know nothing of each other would give:
        `independent_agreements`.

    Raises
    ------
    TypeError, ValueError
        If networks and inputs do not fit together.
    """
    outputs = _said(networks, inputs)
    said, classes = answers(outputs), outputs.shape[1]
    share = np.zeros((len(said), len(said)))
    for one in range(classes):
        chosen = (said == one).double().cpu().numpy()
        share += chosen @ chosen.T
    return np.asarray(share / said.shape[1])


def independent_agreements(accuracies: npt.ArrayLike, *, classes: int) -> Array:
    r"""Return the agreements that networks would have if their errors were independent: the null for `agreements`.

    .. math::
        A_{ab} = a_a a_b + \frac{(1 - a_a)(1 - a_b)}{C - 1}

    for wrong answers spread evenly over the :math:`C - 1` wrong classes. Real networks agree more: the same inputs are
    hard for all of them.

    Parameters
    ----------
    accuracies : array_like, (networks,)
        Shares of right answers, between 0 and 1.
    classes : int
        :math:`C`, at least 2.

    Returns
    -------
    numpy.ndarray, (networks, networks)
        The diagonal, too, is that of two *different* networks.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> independent_agreements([0.9, 0.8], classes=2).round(2)
    array([[0.82, 0.74],
           [0.74, 0.68]])
    """
    right = finite_array("accuracies", accuracies, ndim=1, least=0)
    if right.max() > 1:
        raise ValueError(f"accuracies must be shares between 0 and 1; got {right.max():g}")
    classes = whole("classes", classes, least=2)
    wrong = 1 - right
    return np.asarray(np.outer(right, right) + np.outer(wrong, wrong) / (classes - 1))


def pair_mean(matrix: npt.ArrayLike) -> Estimate:
    r"""Return the mean over all pairs, with an error that knows that the pairs share networks.

    .. math::
        \bar q = \frac{2}{n(n-1)} \sum_{a<b} q_{ab}, \qquad
        \sigma^2 = \frac{n-1}{n} \sum_a (\bar q_{(a)} - \bar q)^2

    where :math:`\bar q_{(a)}` leaves network :math:`a` out. Taking the pairs as :math:`n(n-1)/2` independent draws
    would make the error too small.

    Parameters
    ----------
    matrix : array_like, (networks, networks)
        Symmetric, at least 3 networks; the diagonal is not looked at.

    Returns
    -------
    Estimate
        n is the number of networks.

    Raises
    ------
    TypeError, ValueError
        If it is no such matrix.

    References
    ----------
    B. Efron, C. Stein, Ann. Statist. 9, 586 (1981), doi:10.1214/aos/1176345462.

    Examples
    --------
    >>> print(pair_mean([[1.0, 0.1, 0.2], [0.1, 1.0, 0.3], [0.2, 0.3, 1.0]]))
    0.20 ± 0.12
    """
    pairs = finite_array("matrix", matrix, ndim=2)
    n = len(pairs)
    if pairs.shape != (n, n) or n < 3 or not np.allclose(pairs, pairs.T, rtol=1e-6, atol=1e-9):
        raise ValueError(f"matrix must be symmetric, with at least 3 networks; got shape {pairs.shape}")
    off = pairs - np.diag(np.diag(pairs))
    total, own = off.sum() / 2, off.sum(1)
    mean = total / (n * (n - 1) / 2)
    left_out = (total - own) / ((n - 1) * (n - 2) / 2)
    return Estimate(float(mean), math.sqrt((n - 1) / n * float(((left_out - mean) ** 2).sum())), n)
