"""How wrong each network of a population is: cross-entropy and mean squared error, one number per network."""

from __future__ import annotations

import torch
from torch.nn import functional

NAMES = ("cross-entropy", "mse")


def targets_of(labels: torch.Tensor, outputs: torch.Tensor) -> torch.Tensor:
    """Return float targets (networks or 1, outputs, batch): ``labels`` themselves, or ones at the labels' places."""
    if labels.is_floating_point():
        return labels if labels.dim() == 3 else labels.unsqueeze(0)
    places = labels.reshape(-1, 1, labels.shape[-1])
    hot = outputs.new_zeros(places.shape[0], outputs.shape[1], places.shape[2])
    return hot.scatter_(1, places, 1.0)


def losses_of(outputs: torch.Tensor, labels: torch.Tensor, loss: str) -> torch.Tensor:
    r"""Return the loss of each network, averaged over the batch (and over the outputs for the squared error).

    .. math::
        L_k = -\frac1B \sum_b \ln p_k(y_b \mid x_b) \quad\text{or}\quad
        L_k = \frac{1}{BC} \sum_{b,c} (f_{kcb} - t_{cb})^2

    Parameters
    ----------
    outputs : torch.Tensor, (networks, outputs, batch)
        What the networks say.
    labels : torch.Tensor, (batch,) or (networks, batch)
        Classes (int64); or for the squared error float targets, (outputs, batch) or (networks, outputs, batch).
    loss : {"cross-entropy", "mse"}
        As `torch.nn.CrossEntropyLoss` and `torch.nn.MSELoss` define them, network by network.

    Examples
    --------
    >>> losses_of(torch.zeros(2, 4, 3), torch.tensor([0, 1, 3]), "cross-entropy").exp()
    tensor([4., 4.])
    """
    if loss == "mse":
        return (outputs - targets_of(labels, outputs)).square().mean((1, 2))
    each = functional.cross_entropy(outputs, labels.expand(outputs.shape[0], -1), reduction="none")
    return each.mean(1)


def check_labels(labels: torch.Tensor, loss: str, networks: int, classes: int, batch: int, *, values: bool) -> None:
    """Raise if ``labels`` do not fit the networks' outputs.

    Parameters
    ----------
    labels : torch.Tensor
        What will be compared with the outputs.
    loss : str
        The loss, one of `NAMES`.
    networks, classes, batch : int
        The shape of the outputs.
    values : bool
        Whether to look at the entries too, or only at kind and shape.

    Raises
    ------
    TypeError
        If they are not a tensor of whole numbers (or, for the squared error, of floats).
    ValueError
        If the shape is wrong, a label lies outside the classes, or a target is NaN or infinite.
    """
    if not isinstance(labels, torch.Tensor):
        raise TypeError(f"labels must be a torch tensor of int64; got a {type(labels).__name__}")
    if loss == "mse" and labels.is_floating_point():
        allowed: tuple[tuple[int, ...], ...] = ((classes, batch), (networks, classes, batch))
    elif labels.dtype == torch.int64:
        allowed = ((batch,), (networks, batch))
    else:
        takes = "int64 classes or float targets" if loss == "mse" else "int64 classes"
        raise TypeError(f"labels must be {takes} for the loss {loss!r}; got {labels.dtype}")
    if tuple(labels.shape) not in allowed:
        raise ValueError(f"labels must have shape {allowed[0]} or {allowed[1]}; got {tuple(labels.shape)}")
    if not values:
        return
    if labels.is_floating_point():
        if not torch.isfinite(labels).all():
            raise ValueError("labels must be finite; they hold NaN or infinite entries")
    elif labels.amin() < 0 or labels.amax() >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)]
        found = f"{len(wrong)} are not, such as {int(wrong[0])}"
        raise ValueError(f"labels must be classes from 0 to {classes - 1}; {found}")
