"""Losses of a population whose slopes are known as soon as they are: the compiled way, for autograd and for descent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.models import activations
from course_utils.models.losses import losses_of, targets_of

KINDS = ("relu", "leaky-relu", "tanh")  # in the order of the kernels' RELU, LEAKY, TANH
Array = npt.NDArray[Any]
Tensors = Sequence[torch.Tensor]


def worthwhile(sizes: Sequence[int], parameters: Iterable[torch.Tensor], activation: str, inputs: torch.Tensor) -> bool:
    """Tell whether the compiled loop can take these networks and this batch, and is the faster way.

    Parameters
    ----------
    sizes : sequence of int
        Units from input to output.
    parameters : iterable of torch.Tensor
        Of all networks.
    activation : str
        Of the hidden units.
    inputs : torch.Tensor, (..., features, batch)
        The batch.
    """
    from course_utils.models.loss_kernels import LARGEST, MOST_LAYERS

    products = [fan_in * fan_out * inputs.shape[-1] for fan_in, fan_out in pairwise(sizes)]
    plain = all(one.device.type == "cpu" and one.is_contiguous() for one in parameters)
    return plain and activation in KINDS and len(products) <= MOST_LAYERS and max(products) <= LARGEST


def arrays(tensors: Iterable[torch.Tensor]) -> tuple[Array, ...]:
    """Return the numbers of these tensors where they are, without their graph."""
    return tuple(tensor.detach().numpy() for tensor in tensors)


def data_arrays(inputs: torch.Tensor, wanted: torch.Tensor) -> tuple[tuple[Array, Array, Array], bool]:
    """Return (inputs, labels, targets) as the kernels take them, and whether the inputs' last axis is the features.

    Parameters
    ----------
    inputs : torch.Tensor, (features, batch) or (networks, features, batch)
        A batch that all networks share, or one for each; in memory, the batch or the features may come last.
    wanted : torch.Tensor, (networks or 1, batch) or (networks or 1, outputs, batch)
        Classes for the cross-entropy, float targets for the squared error.
    """
    data = inputs.detach()
    data = data.unsqueeze(0) if data.dim() == 2 else data
    by_row = not data.is_contiguous() and data.transpose(1, 2).is_contiguous()
    x = (data.transpose(1, 2) if by_row else data.contiguous()).numpy()
    if wanted.is_floating_point():
        return (x, np.zeros((1, 1), int), wanted.detach().to(inputs.dtype).contiguous().numpy()), by_row
    return (x, wanted.contiguous().numpy(), np.zeros((1, 1, 1), x.dtype)), by_row


def signal_buffers(sizes: Sequence[int], batch: int, kind: Any) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Return room for the signals and for the errors of one network, (units, batch) by layer."""
    signals, errors = [tuple(np.empty((size, batch), kind) for size in sizes[1:]) for _ in range(2)]
    return signals, errors


def kernel_numbers(slope: float, kind: Any) -> Array:
    """Return 0, 1, 2 and the slope of leaky ReLU in the networks' precision."""
    return np.array([0.0, 1.0, 2.0, slope], kind)


class CompiledLosses(torch.autograd.Function):
    """Losses of many networks as one node of the graph, which holds the slopes already."""

    @staticmethod
    def forward(
        ctx: Any, inputs: torch.Tensor, labels: torch.Tensor, kinds: tuple[str, float, str], *parameters: torch.Tensor
    ) -> torch.Tensor:
        """Return the losses (networks,).

        Parameters
        ----------
        inputs, labels : torch.Tensor
            As for `course_utils.models.networks.Population.losses`.
        kinds : tuple (activation, slope, loss)
            By name.
        *parameters : torch.Tensor
            Weights (networks, out, in) of all layers, then biases (networks, out, 1).
        """
        from course_utils.models.loss_kernels import all_losses_and_slopes

        ctx.kinds = kinds
        activation, slope, loss = kinds
        ctx.save_for_backward(inputs, labels, *parameters)
        ctx.slopes = [torch.empty_like(one) for one in parameters]
        layers = len(parameters) // 2
        values, found = arrays(parameters), arrays(ctx.slopes)
        sizes, kind = (inputs.shape[-2], *(one.shape[1] for one in values[:layers])), values[0].dtype
        wanted = labels if loss == "cross-entropy" else targets_of(labels, parameters[layers - 1][:0])
        data, by_row = data_arrays(inputs, wanted if wanted.dim() > 1 else wanted.unsqueeze(0))
        batch = inputs.shape[-1]
        buffers = *signal_buffers(sizes, batch, kind), found[:layers], found[layers:], *np.empty((2, batch), kind)
        losses = parameters[0].new_empty(len(values[0]))
        all_losses_and_slopes(
            (values[:layers], values[layers:]), data, buffers, losses.numpy(),
            (KINDS.index(activation), loss == "mse", by_row), kernel_numbers(slope, kind),
        )  # fmt: skip
        return losses

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Return the slopes, each network's times the gradient by its loss."""
        (upstream,) = gradients
        if not torch.is_grad_enabled():
            factors = upstream.view(-1, 1, 1)
            return None, None, None, *(slope * factors for slope in ctx.slopes)
        # somebody wants to differentiate once more: the same in steps that autograd knows
        inputs, labels, *parameters = ctx.saved_tensors
        activation, slope, loss = ctx.kinds
        signal, layers = inputs, len(parameters) // 2
        for layer, (weight, bias) in enumerate(zip(parameters[:layers], parameters[layers:], strict=True)):
            signal = weight @ signal + bias
            signal = activations.module(activation, slope)(signal) if layer < layers - 1 else signal
        losses = losses_of(signal, labels, loss)
        return None, None, None, *torch.autograd.grad(losses, parameters, upstream, create_graph=True)
