r"""Products of networks' Hessians with vectors, written out by hand: what autograd would do, without its graph.

Every quantity of a forward and backward pass has a rate of change :math:`\mathcal R\{\cdot\}` as the parameters move
along a vector. With :math:`V, c` the vector's part in the weights and biases of a layer,

.. math::
    \mathcal R\{a^{(l)}\} &= V^{(l)} h^{(l-1)} + c^{(l)} + W^{(l)} \mathcal R\{h^{(l-1)}\}, \qquad
    \mathcal R\{h^{(l)}\} = \varphi'(a^{(l)}) \odot \mathcal R\{a^{(l)}\} \\
    \mathcal R\{\delta^{(l)}\} &= \varphi'(a^{(l)}) \odot
    \bigl(V^{(l+1)\top} \delta^{(l+1)} + W^{(l+1)\top} \mathcal R\{\delta^{(l+1)}\}\bigr)
    + \varphi''(a^{(l)}) \odot W^{(l+1)\top}\delta^{(l+1)} \odot \mathcal R\{a^{(l)}\} \\
    (Hv)^{(l)} &= \mathcal R\{\delta^{(l)}\} h^{(l-1)\top} + \delta^{(l)} \mathcal R\{h^{(l-1)}\}^\top .

All but the rates is computed once and kept. The source is B. A. Pearlmutter, Neural Comput. 6, 147 (1994),
doi:10.1162/neco.1994.6.1.147.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.models import activations
from course_utils.models.layout import split_vectors
from course_utils.models.losses import losses_of, targets_of
from course_utils.models.networks import Population


class HessianProducts:
    r"""Losses, gradients and Hessian-vector products of a few networks.

    Parameters
    ----------
    population : Population
        Gives shape and activation.
    vectors : torch.Tensor, (networks, parameters)
        The networks' parameters, ordered as ``Population.flat``.
    inputs, labels : torch.Tensor
        As for `Population.losses`; checked there.
    loss : {"cross-entropy", "mse"}
        As in `course_utils.models.losses`.

    Attributes
    ----------
    losses : torch.Tensor, (networks,)
        The losses.
    gradients : torch.Tensor, (networks, parameters)
        Their slopes.
    """

    @torch.no_grad()
    def __init__(self, population: Population, vectors: Tensor, inputs: Tensor, labels: Tensor, loss: str) -> None:
        self._networks, self._spaces = len(vectors), dict[int, list[_Rates]]()
        parts = split_vectors(vectors, population.sizes)
        weights, biases, signals = parts[0::2], parts[1::2], [inputs]
        slopes: list[tuple[Tensor, Tensor | None]] = []
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            before = weight @ signals[-1] + bias
            signals.append(activations.apply(population.activation, before.clone(), population.slope))
            slopes.append(derivatives(population.activation, before, signals[-1], population.slope))
        outputs = weights[-1] @ signals[-1] + biases[-1]
        self.losses = losses_of(outputs, labels, loss)
        self._shares = outputs.softmax(1) if loss == "cross-entropy" else None
        # the loss's constant factor is left out of all errors: it costs nothing at the end
        self._factor = 1 / outputs.shape[2] if loss == "cross-entropy" else 2 / outputs[0].numel()
        error = (outputs if self._shares is None else self._shares) - targets_of(labels, outputs)
        self._layers = [_Layer(weights[-1], signals[-1], error, None, None)]
        for weight, signal, (first, second) in zip(weights[-2::-1], signals[-2::-1], slopes[::-1], strict=True):
            carried = self._layers[0].weight.mT @ self._layers[0].error
            bend = None if second is None else second * carried
            self._layers.insert(0, _Layer(weight, signal, first * carried, first, bend))
        rows = [(layer.error @ layer.signal.mT, layer.error.sum(2)) for layer in self._layers]
        self.gradients = torch.cat([one.flatten(1) for pair in rows for one in pair], 1).mul_(self._factor)

    @torch.no_grad()
    def times(self, vectors: Tensor) -> Tensor:
        """Return each network's Hessian times its vectors, (vectors, networks, parameters)."""
        count = len(vectors)
        if count not in self._spaces:
            self._spaces = {count: [_Rates(layer, self._networks, count) for layer in self._layers]}
        rates = self._spaces[count]
        # the vectors of one network lie beside each other: what they share is then one product of taller matrices
        buffers = [buffer for rate in rates for buffer in rate.vectors]
        pieces = vectors.transpose(0, 1).split([buffer.shape[2] for buffer in buffers], 2)
        for buffer, piece in zip(buffers, pieces, strict=True):
            buffer.copy_(piece)
        for below, rate in zip([None, *rates], rates, strict=False):
            rate.forward(below)
        if self._shares is not None:
            shares = self._shares[:, None]
            weighted = rates[-1].push_wide.mul_(shares)
            weighted.addcmul_(shares, weighted.sum(2, keepdim=True), value=-1)
        for below, rate in zip([None, *rates][-2::-1], rates[::-1], strict=True):
            rate.backward(below)
        return torch.cat([image for rate in rates for image in rate.images], 2).transpose(0, 1).mul(self._factor)


class _Layer(NamedTuple):
    """What is kept of a layer of E networks."""

    weight: Tensor  # (E, out, in)
    signal: Tensor  # what enters it, (in, batch) or (E, in, batch)
    error: Tensor  # slope of the loss in what its units get, (E, out, batch)
    first: Tensor | None  # first derivative of the activation, and
    bend: Tensor | None  # second one times the error that was carried back to it, both (E, out, batch)


class _Rates:
    """A layer's rates of change for so many vectors at a time; every buffer and every view is made once."""

    def __init__(self, layer: _Layer, networks: int, count: int) -> None:
        self.layer, (out, entering), batch = layer, layer.weight.shape[1:], layer.signal.shape[-1]
        self.weight, self.error = layer.weight, layer.error
        if count > 1:
            self.weight, self.error = (one.repeat_interleave(count, 0) for one in (layer.weight, layer.error))
        self.weight_turned, self.signal_turned = self.weight.mT, layer.signal.mT
        self.shared = layer.signal.dim() == 2
        pushed, self.image = layer.weight.new_empty((2, networks * count, out, entering))
        shift, image_shift = layer.weight.new_empty((2, networks * count, out, 1))
        self.vectors, self.images = (
            [one.view(networks, count, -1) for one in pair] for pair in ((pushed, shift), (self.image, image_shift))
        )
        self.pushed_turned, self.image_shift = pushed.mT, image_shift
        self.push = layer.weight.new_empty((networks * count, out, batch))
        self.push_wide = self.push.view(networks, count, out, batch)
        self.rate, self.rate_wide = self.push, self.push_wide  # at the outputs one becomes the other
        self.first, self.bend = (None if one is None else one[:, None] for one in (layer.first, layer.bend))
        if self.first is not None:
            self.rate, self.leaving = torch.empty_like(self.push), torch.empty_like(self.push)
            self.rate_wide, self.leaving_wide = (one.view_as(self.push_wide) for one in (self.rate, self.leaving))
            self.leaving_turned = self.leaving.mT
        rows = (-1,) if self.shared else (networks, -1)
        self.tall = [one.view(*rows, one.shape[2]) for one in (pushed, shift, self.push, self.rate, self.image)]

    def forward(self, below: _Rates | None) -> None:
        """Set the rates of what the units get, and of what leaves them."""
        pushed, shift, push, _, _ = self.tall
        (torch.addmm if self.shared else torch.baddbmm)(shift, pushed, self.layer.signal, out=push)
        if below is not None:
            self.push.baddbmm_(self.weight, below.leaving)
        if self.first is not None:
            torch.mul(self.push_wide, self.first, out=self.leaving_wide)

    def backward(self, below: _Rates | None) -> None:
        """Set the images of the vectors from the error's rate, and the rate of the error below."""
        (torch.mm if self.shared else torch.bmm)(self.tall[3], self.signal_turned, out=self.tall[4])
        torch.sum(self.rate, 2, keepdim=True, out=self.image_shift)
        if below is None or below.first is None:
            return
        self.image.baddbmm_(self.error, below.leaving_turned)
        torch.bmm(self.pushed_turned, self.error, out=below.rate)
        below.rate.baddbmm_(self.weight_turned, self.rate)
        below.rate_wide.mul_(below.first)
        if below.bend is not None:
            below.rate_wide.addcmul_(below.bend, below.push_wide)


def derivatives(name: str, before: Tensor, after: Tensor, slope: float) -> tuple[Tensor, Tensor | None]:
    """Return the first and second derivative of an activation; None stands for a second one that is zero.

    Parameters
    ----------
    name : str
        One of `course_utils.models.activations.NAMES`.
    before, after : torch.Tensor
        What enters and leaves the units.
    slope : float
        For ``"leaky-relu"``.

    Examples
    --------
    >>> x = torch.tensor([-1.0, 3.0])
    >>> derivatives("quadratic", x, x * x, 0.1)
    (tensor([-2.,  6.]), tensor([2., 2.]))
    """
    if name == "tanh":
        first = 1 - after.square()
        return first, -2 * after * first
    if name == "erf":
        first = before.square().neg_().exp_().mul_(2 / math.sqrt(math.pi))
        return first, -2 * before * first
    if name == "quadratic":
        return 2 * before, torch.full_like(before, 2.0)
    positive = (before > 0).to(before)
    return (positive if name == "relu" else slope + (1 - slope) * positive), None
