r"""Landscapes that can be drawn: losses on a plane through parameter space, and the plane of a training path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.evaluation import Networks, along_combinations, as_population, as_vectors, torch_generator
from course_utils.seeding import Seed
from course_utils.theory import antognini2018
from course_utils.validation import finite_array, real, whole

Array = npt.NDArray[np.float64]

_GRID = tuple(np.linspace(-1, 1, 51).tolist())


def filter_normalised(networks: Networks, *, seed: Seed) -> Tensor:
    r"""Return a random direction for each network whose filters are as long as the network's own.

    .. math::
        d_i \leftarrow \frac{d_i}{|d_i|}\,|W_i|, \qquad d_i \sim \mathcal N(0, 1)

    for the incoming weights :math:`W_i` of every unit i; biases stay where they are. Without this, a network with large
    weights looks flat only because a step of length one is small for it.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        The networks.
    seed : int or numpy.random.Generator
        Where the direction comes from.

    Returns
    -------
    torch.Tensor, (networks, parameters)
        Ordered as ``Population.flat``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, NeurIPS (2018), arXiv:1712.09913.
    """
    population = as_population("networks", networks)
    random = torch_generator(seed, population.weights[0].device)
    parts = []
    for weight, bias in zip(population.weights, population.biases, strict=True):
        own = weight.detach()
        draw = torch.empty_like(own).normal_(generator=random)
        parts.append((draw * (own.norm(dim=2, keepdim=True) / draw.norm(dim=2, keepdim=True))).flatten(1))
        parts.append(torch.zeros_like(bias.detach()).flatten(1))
    return torch.cat(parts, 1)


@dataclass(frozen=True)
class Plane:
    r"""Losses and errors on a plane :math:`\theta + a\,d_1 + b\,d_2`.

    Parameters
    ----------
    along, across : numpy.ndarray, (rows,) and (columns,)
        The values of a and b.
    losses : numpy.ndarray, (networks, rows, columns)
        The loss at each a (row) and b (column). NaN where an interrupt came first.
    errors : numpy.ndarray, (networks, rows, columns)
        The share of wrong answers; NaN for float targets.
    """

    along: Array
    across: Array
    losses: Array
    errors: Array


def plane(
    networks: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    directions: Sequence[Tensor],
    along: npt.ArrayLike = _GRID,
    across: npt.ArrayLike | None = None,
    loss: str = "cross-entropy",
) -> Plane:
    r"""Return the loss of each network on a plane through its parameters, spanned by two directions of its own.

    .. math::
        L_k(a, b) = L\bigl(\theta_k + a\,d_k^{(1)} + b\,d_k^{(2)}\bigr)

    All points are evaluated in batches. What enters the first activation is linear in a and b, so that the product of
    the first weights with the data is taken three times and not once a point.

    Parameters
    ----------
    networks : Population, torch.nn.Sequential, or a sequence of these last
        The networks, each in the middle of its plane.
    inputs : torch.Tensor, (features, batch) or (networks, features, batch)
        Data, features first.
    labels : torch.Tensor, (batch,) or (networks, batch)
        Classes (int64), or float targets for ``"mse"``.
    directions : two torch.Tensor, (networks, parameters) each
        See `filter_normalised` and `trajectory_components`.
    along, across : array_like, (rows,) and (columns,)
        The values of a and b; without ``across``, both are ``along``. The default is 51 × 51 points from -1 to 1.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.

    Returns
    -------
    Plane
        After an interrupt: what was computed, NaN elsewhere, with a warning.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or networks, directions and data do not fit together.

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, NeurIPS (2018), arXiv:1712.09913.
    """
    population = as_population("networks", networks)
    population.check(inputs, labels, loss)
    if not isinstance(directions, (list, tuple, Tensor)) or len(directions) != 2:
        raise TypeError(f"directions must be two tensors (networks, parameters); got {directions!r:.80}")
    ways = [as_vectors(f"directions[{i}]", way, population) for i, way in enumerate(directions)]
    rows = finite_array("along", along, ndim=1)
    columns = rows if across is None else finite_array("across", across, ndim=1)
    bases = torch.stack([population.flat(), *ways])
    grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)
    coefficients = torch.from_numpy(np.insert(grid, 0, 1.0, axis=1)).to(bases)
    losses, errors = along_combinations(population, bases, coefficients, inputs, labels, loss, "loss plane")
    shape = (population.networks, len(rows), len(columns))
    return Plane(rows, columns, *(part.double().cpu().numpy().reshape(shape) for part in (losses, errors)))


@dataclass(frozen=True)
class TrajectoryComponents:
    r"""A training path in its principal components, beside what a walk without any aim would show.

    Parameters
    ----------
    coordinates : numpy.ndarray, (networks, records, components)
        Where the path is, measured from its centre.
    directions : torch.Tensor, (components, networks, parameters)
        The components, of length one (where the path has any extent): two of them span a plane for `plane`.
    centre : torch.Tensor, (networks, parameters)
        The mean over the records.
    explained : numpy.ndarray, (networks, components)
        Share of the path's variance that each component holds.
    null : numpy.ndarray, (components,)
        The same for a random walk of as many records in a space of many more dimensions: 61 % and 15 % for a long one.
        Only what lies beyond says something about training.
    """

    coordinates: Array
    directions: Tensor
    centre: Tensor
    explained: Array
    null: Array


def trajectory_components(trajectory: Tensor, *, components: int = 2) -> TrajectoryComponents:
    r"""Return the principal components of training paths, with their random-walk null.

    With :math:`X` the records minus their mean, :math:`X X^{\mathsf T} u_k = \mu_k u_k` gives the coordinates
    :math:`\sqrt{\mu_k} u_k`, the directions :math:`X^{\mathsf T} u_k / \sqrt{\mu_k}` and the shares
    :math:`\mu_k / \sum_j \mu_j`.

    Parameters
    ----------
    trajectory : torch.Tensor, (records, networks, parameters) or (records, parameters)
        Parameters recorded along the way (``Population.flat``), more records than components.
    components : int
        How many.

    Returns
    -------
    TrajectoryComponents

    Raises
    ------
    TypeError, ValueError
        If the trajectory is no such tensor, never moves, or has too few records.

    References
    ----------
    J. Antognini, J. Sohl-Dickstein, NeurIPS (2018), arXiv:1806.08805.
    """
    if not isinstance(trajectory, Tensor) or not trajectory.is_floating_point():
        raise TypeError(f"trajectory must be a torch tensor of real numbers; got {trajectory!r:.80}")
    if trajectory.dim() not in (2, 3) or trajectory.numel() == 0:
        raise ValueError(f"trajectory must have shape (records, networks, parameters); got {tuple(trajectory.shape)}")
    if not torch.isfinite(trajectory).all():
        raise ValueError("trajectory must be finite; it holds NaN or infinite entries")
    records = trajectory.detach() if trajectory.dim() == 3 else trajectory.detach()[:, None]
    most = min(len(records) - 1, records.shape[2])
    components = whole("components", components)
    if most < components:
        raise ValueError(
            f"trajectory must have more records than the {components} components, and no fewer parameters; "
            f"got {len(records)} and {records.shape[2]}"
        )
    centre = records.mean(0)
    moves = (records - centre).transpose(0, 1)
    values, vectors = torch.linalg.eigh((moves @ moves.mT).double())
    if (values[:, -1] <= 0).any():
        raise ValueError("trajectory must move; at least one network stands still")
    values, vectors = values.flip(1)[:, :components], vectors.flip(2)[:, :, :components]
    whole_variance = moves.double().square().sum((1, 2))
    lengths = values.clamp(min=0).sqrt()
    raw = (vectors.to(moves).mT @ moves).transpose(0, 1)
    return TrajectoryComponents(
        (vectors * lengths[:, None]).cpu().numpy(),
        torch.nn.functional.normalize(raw, dim=2),
        centre,
        (values / whole_variance[:, None]).clamp(0, 1).cpu().numpy(),
        antognini2018.explained(components, points=len(records)),
    )


def beneath(
    components: TrajectoryComponents,
    networks: Networks,
    inputs: Tensor,
    labels: Tensor,
    *,
    index: int = 0,
    points: int = 51,
    margin: float = 0.3,
    loss: str = "cross-entropy",
) -> Plane:
    r"""Return the loss on the plane of a training path's first two components, as far as the path reaches.

    The plane goes through the middle of the path; the path itself lies in it only as much as `explained` says.

    Parameters
    ----------
    components : TrajectoryComponents
        See `trajectory_components`, with two components or more.
    networks : Population, torch.nn.Sequential, or a sequence of these last
        Networks of the shape that was trained; their parameters don't matter.
    inputs : torch.Tensor, (features, batch)
        Data, features first.
    labels : torch.Tensor, (batch,)
        Classes (int64), or float targets for ``"mse"``.
    index : int
        Which network's path.
    points : int
        Points a side.
    margin : float
        How far the plane reaches beyond the path's farthest point, as a share of that distance.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.

    Returns
    -------
    Plane
        Of one network, in the units of the path's coordinates.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or path and networks do not fit together.
    """
    if not isinstance(components, TrajectoryComponents):
        raise TypeError(f"components must be what trajectory_components returned; got {components!r:.80}")
    index = whole("index", index, least=0, most=len(components.centre) - 1)
    reach = (1 + real("margin", margin, least=0)) * np.abs(components.coordinates[index, :, :2]).max(0)
    sides = np.linspace(-1, 1, whole("points", points, least=2))
    own = slice(index, index + 1)
    middle = as_population("networks", networks).subset([0])
    middle.load_flat(components.centre[own])
    ways = list(components.directions[:2, own])
    return plane(middle, inputs, labels, directions=ways, along=sides * reach[0], across=sides * reach[1], loss=loss)
