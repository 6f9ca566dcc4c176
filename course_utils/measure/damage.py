r"""What a change of the weights costs a network, beside what curvature says of a change in a random direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from course_utils.measure.statistics import estimate
from course_utils.models.networks import Population
from course_utils.validation import finite_array

Array = npt.NDArray[np.float64]
Key = tuple[str, float]
Kinds = Mapping[str, slice]


def costs(
    changed: Mapping[Key, Sequence[Population]],
    networks: Population,
    inputs: Tensor,
    labels: Tensor,
    traces: npt.ArrayLike,
    *,
    loss: str = "cross-entropy",
) -> tuple[dict[Key, Array], dict[Key, Array]]:
    r"""Return how far each change lifts each network's loss, and that over what a random direction would cost.

    .. math::
        \frac{L(\theta + \delta) - L(\theta)}{\tfrac12 |\delta|^2 \operatorname{tr} H / P}

    Parameters
    ----------
    changed : mapping of (str, float) to sequence of Population
        Changed copies, by kind and strength of the change; over several of one key the mean is taken.
    networks : Population
        As they were.
    inputs, labels : torch.Tensor
        As `Population.losses` takes them.
    traces : array_like, (networks,)
        :math:`\operatorname{tr} H`; :math:`P` is the number of parameters.
    loss : {"cross-entropy", "mse"}
        Averaged over the batch.

    Returns
    -------
    (dict, dict)
        Rises and ratios, (networks,) each, by the same keys.

    Raises
    ------
    TypeError, ValueError
        If the traces do not fit the networks.

    Examples
    --------
    A linear network with squared error, moved by 1 in one of two equal directions: 1 of the 3 parameters' trace of 6.

    >>> import torch
    >>> nets, data = Population((2, 1), 1, seeds=1), torch.eye(2) * 2**0.5
    >>> nets.load_flat(torch.zeros(1, 3))
    >>> moved = nets.subset([0])
    >>> moved.load_flat(torch.tensor([[1.0, 0.0, 0.0]]))
    >>> rises, ratios = costs({("move", 1): [moved]}, nets, data, torch.zeros(1, 2), np.array([6.0]), loss="mse")
    >>> rises["move", 1].round(6).tolist(), ratios["move", 1].round(6).tolist()
    ([1.0], [1.0])
    """
    total = finite_array("traces", traces, ndim=1)
    where, before = networks.flat(), networks.losses(inputs, labels, loss=loss).detach().double().numpy()
    if total.size != before.size:
        raise ValueError(f"traces must have one number for each of {before.size} networks; got {total.size}")
    rises: dict[Key, Array] = {}
    ratios: dict[Key, Array] = {}
    for key, several in changed.items():
        after = [one.losses(inputs, labels, loss=loss).detach().double().numpy() for one in several]
        moved = [(one.flat() - where).double().square().sum(1).numpy() for one in several]
        rises[key] = np.mean(after, axis=0) - before
        ratios[key] = rises[key] / (0.5 * np.mean(moved, axis=0) * total / where.shape[1])
    return rises, ratios


def in_columns(kinds: Kinds, table: Mapping[str, npt.ArrayLike]) -> str:
    """Return a table as text: one line a quantity, one column a kind of network, each with its error.

    Parameters
    ----------
    kinds : mapping of str to slice
        Which networks are of which kind.
    table : mapping of str to (networks,) array_like
        Quantities by name.

    Examples
    --------
    >>> print(in_columns({"a": slice(0, 2), "b": slice(2, 4)}, {"x": [1.0, 1.2, 3.0, 3.4]}))
                a                   b
    x           1.10 ± 0.10         3.20 ± 0.20
    """
    wide = max(map(len, table)) + 11
    lines = [" " * wide + "".join(f"{kind:20s}" for kind in kinds)]
    for name, values in table.items():
        array = np.asarray(values, dtype=float)
        lines.append(name.ljust(wide) + "".join(f"{estimate(array[own])!s:20s}" for own in kinds.values()))
    return "\n".join(line.rstrip() for line in lines)


def damage_table(
    kinds: Kinds, rises: Mapping[Key, Array], accuracies: Mapping[Key, Array], traces: npt.ArrayLike
) -> str:
    """Return what damage costs as a table: mean rise and accuracy by kind, and the rank correlation with traces.

    Parameters
    ----------
    kinds : mapping of str to slice
        Which networks are of which kind.
    rises, accuracies : mapping of (str, float) to (networks,) array
        By kind and strength of the damage.
    traces : array_like, (networks,)
        What the rises are ranked against.
    """
    rank = lambda values: np.argsort(np.argsort(values))  # noqa: E731
    names = " ".join(f"{name:>7s}" for name in kinds)
    wide = len(names)
    lines = [f"{'':12s}{'rise of the loss':>{wide}s}   {'test accuracy':>{wide}s}   rank correlation",
             f"{'':12s}{names}   {names}   of rise and trace"]  # fmt: skip
    for (kind, strength), rise in rises.items():
        up = " ".join(f"{rise[own].mean():7.4f}" for own in kinds.values())
        right = " ".join(f"{accuracies[kind, strength][own].mean():7.3f}" for own in kinds.values())
        both = np.corrcoef(rank(np.asarray(traces)), rank(rise))[0, 1]
        lines.append(f"{kind + f' {strength:g}':12s}{up}   {right}   {both:+.2f}")
    return "\n".join(lines)
