"""What dense and ragged populations share: losses, accuracies, and what fits together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.models import activations
from course_utils.models.layout import Sizes, check_inputs, network_of, per_network
from course_utils.models.losses import NAMES as LOSSES
from course_utils.models.losses import check_labels, losses_of
from course_utils.validation import one_of, positive, whole

# What is done to the hidden activations of a layer: (layer, activations, index of the networks) -> activations
Between = Callable[[int, torch.Tensor, Any], torch.Tensor]


class Scores(torch.nn.Module):
    """What dense and ragged populations share: losses and accuracies, read from `forward`."""

    networks: int
    inputs: int
    outputs: int
    activation: str
    slope: float

    def check(
        self, inputs: torch.Tensor, labels: torch.Tensor, loss: str = "cross-entropy", *, values: bool = True
    ) -> None:
        """Raise if data and networks do not fit together (see `losses`).

        Raises
        ------
        TypeError, ValueError
            If they do not; for NaN, infinities and labels that are no class only with ``values``.
        """
        one_of("loss", loss, LOSSES)
        check_inputs(inputs, next(self.parameters()), self.networks, self.inputs, values=values)
        check_labels(labels, loss, self.networks, self.outputs, inputs.shape[-1], values=values)

    def losses(
        self,
        inputs: torch.Tensor,
        labels: torch.Tensor,
        loss: str = "cross-entropy",
        *,
        between: Between | None = None,
        check: bool = True,
    ) -> torch.Tensor:
        """Return the loss of each network, averaged over the batch.

        The sum of these is what a joint training step differentiates: no network sees another one's loss.

        Parameters
        ----------
        inputs : torch.Tensor, (features, batch) or (networks, features, batch)
            Data that all networks share, or a batch for each.
        labels : torch.Tensor, (batch,) or (networks, batch)
            Classes (int64); for ``"mse"`` also float targets (outputs, batch) or (networks, outputs, batch).
        loss : {"cross-entropy", "mse"}
            As `torch.nn.CrossEntropyLoss` and `torch.nn.MSELoss` (which averages over the outputs too).
        between : function, optional
            See `forward`.
        check : bool
            Whether to look for NaN and for labels outside the classes (shapes are always looked at).

        Returns
        -------
        torch.Tensor, (networks,)

        Raises
        ------
        TypeError, ValueError
            If data and networks do not fit together, a label is no class, or a value is NaN or infinite.
        """
        self.check(inputs, labels, loss, values=check)
        if between is None and (found := self._losses_with_slopes(inputs, labels, loss)) is not None:
            return found
        return losses_of(self(inputs, between=between, check=False), labels, loss)

    def _losses_with_slopes(self, inputs: torch.Tensor, labels: torch.Tensor, loss: str) -> torch.Tensor | None:
        """Return the losses, ready to be differentiated, in a faster way than by `forward`; None if there is none."""
        return None

    def accuracies(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the fraction of the batch that each network puts into the right class: the largest output wins.

        An output that is NaN says nothing and counts as wrong.

        Parameters
        ----------
        inputs : torch.Tensor, (features, batch) or (networks, features, batch)
            Data that all networks share, or a batch for each.
        labels : torch.Tensor, (batch,) or (networks, batch)
            Classes (int64).

        Returns
        -------
        torch.Tensor, (networks,)

        Raises
        ------
        TypeError, ValueError
            As `losses`.
        """
        self.check(inputs, labels)
        with torch.no_grad():
            outputs = self(inputs, check=False)
            return right_answers(outputs, labels).to(outputs.dtype).mean(1)

    def network(self, index: int) -> torch.nn.Sequential:
        """Return a copy of one network as the plain `torch.nn.Sequential` that it is (inputs (batch, features)).

        Raises
        ------
        TypeError, ValueError
            If there is no such network.
        """
        index = whole("index", index, least=0, most=self.networks - 1)
        return network_of(self._sizes_of(index), self.flat()[index], self.activation, self.slope)

    def flat(self) -> torch.Tensor | list[torch.Tensor]:
        """Return copies of the parameters, one vector per network, ordered as ``network(k).parameters()``."""
        raise NotImplementedError

    def _sizes_of(self, index: int) -> Sizes:
        """Return the units of one network, from inputs to outputs."""
        raise NotImplementedError


def answers(outputs: torch.Tensor) -> torch.Tensor:
    """Return the class with the largest output, (..., batch), from outputs (..., classes, batch).

    Examples
    --------
    >>> answers(torch.tensor([[0.1, 2.0, 0.0], [0.3, 1.0, 0.0]]))
    tensor([1, 0, 0])
    """
    # along an axis with gaps argmax is some ten times slower than a copy without them
    return outputs.mT.contiguous().argmax(-1)


def right_answers(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return whether the label's output is the largest (and no output is NaN), (..., batch).

    As `answers` compared with the labels, but several times faster.

    Parameters
    ----------
    outputs : torch.Tensor, (..., classes, batch)
        What networks say.
    labels : torch.Tensor, (..., batch)
        Classes (int64), in a shape that broadcasts to that of the answers.

    Examples
    --------
    >>> right_answers(torch.tensor([[0.1, 2.0, 0.0, 1.0], [0.3, 1.0, 0.0, 2.0]]), torch.tensor([1, 1, 0, 1]))
    tensor([ True, False,  True,  True])
    """
    top = outputs.amax(-2)
    if (top == outputs.amin(-2)).any():  # all classes equal: argmax takes the first, and so do we
        return (answers(outputs) == labels) & ~top.isnan()
    places = labels.expand(top.shape).unsqueeze(-2)
    return outputs.gather(-2, places).squeeze(-2) >= top  # a NaN is the maximum, and no number reaches it


def wrong_share(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the share of a batch that is not answered right, (...); outputs and labels as in `right_answers`."""
    return (~right_answers(outputs, labels)).to(outputs.dtype).mean(-1)


def losses_and_wrong_shares(
    outputs: torch.Tensor, labels: torch.Tensor, loss: str
) -> tuple[torch.Tensor, torch.Tensor]:
    r"""Return the loss of each network and its share of wrong answers, (networks,) each; for reading, not for descent.

    For the cross-entropy both come from the largest output :math:`m_b`, which is taken once:

    .. math::
        L_k = \frac1B \sum_b \Bigl[m_{kb} - f_{k y_b b} + \ln \sum_c e^{f_{kcb} - m_{kb}}\Bigr]

    Parameters
    ----------
    outputs : torch.Tensor, (networks, classes, batch)
        What the networks say.
    labels : torch.Tensor, (batch,) or (networks, batch)
        As for `losses_of`; with float targets the shares are NaN.
    loss : {"cross-entropy", "mse"}
        See `losses_of`.

    Examples
    --------
    >>> losses_and_wrong_shares(torch.tensor([[[0.0, 9.0], [1.0, 1.0]]]), torch.tensor([1, 1]), "cross-entropy")
    (tensor([4.1568]), tensor([0.5000]))
    """
    if labels.is_floating_point():
        return losses_of(outputs, labels, loss), outputs.new_full(outputs.shape[:1], torch.nan)
    if loss != "cross-entropy":
        return losses_of(outputs, labels, loss), wrong_share(outputs, labels)
    top = outputs.amax(1, keepdim=True)
    below = outputs.gather(1, labels.expand(len(outputs), -1).unsqueeze(1)).sub_(top).squeeze(1)
    spread = (outputs - top).exp_().sum(1)
    tied = bool((spread == outputs.shape[1]).any())  # all classes equal: there the first wins, not everyone
    right = right_answers(outputs, labels) if tied else below >= 0  # NaN is no right answer
    return spread.log_().sub_(below).mean(1), (~right).to(outputs.dtype).mean(1)


def start_scale(
    activation: str, slope: float, scale: float | npt.ArrayLike | None, dtype: torch.dtype
) -> tuple[float, float | npt.ArrayLike]:
    """Return slope and initial scale of hidden units of a checked kind; without a scale, the one that keeps signals.

    Raises
    ------
    TypeError, ValueError
        If activation, slope or precision are none that a population can have.

    Examples
    --------
    >>> start_scale("tanh", 0.1, None, torch.float32)
    (0.1, 1.0)
    """
    one_of("activation", activation, activations.NAMES)
    one_of("dtype", dtype, (torch.float32, torch.float64))
    slope = positive("slope", slope)
    return slope, activations.gain(activation, slope) if scale is None else scale


def chosen_indices(indices: Any, networks: int) -> torch.Tensor:
    """Return ``indices`` (whole numbers or a mask) as a tensor of whole numbers."""
    array = np.asarray(indices.cpu() if isinstance(indices, torch.Tensor) else indices)
    if array.dtype == bool and array.shape == (networks,):
        array = np.flatnonzero(array)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= networks:
        raise ValueError(
            f"indices must be whole numbers from 0 to {networks - 1}, at least one, or a mask of shape ({networks},); "
            f"got {indices!r}"
        )
    return torch.from_numpy(array.astype(np.int64))


def as_numbers(values: npt.ArrayLike | torch.Tensor, networks: int, like: torch.Tensor) -> torch.Tensor:
    """Return one number per network as a tensor with the precision and the device of ``like``."""
    if isinstance(values, torch.Tensor) and values.shape == (networks,) and values.is_floating_point():
        return values.to(like)  # not looked into: on a GPU this would wait for it
    return torch.from_numpy(per_network("values", np.asarray(values), networks)).to(like)
