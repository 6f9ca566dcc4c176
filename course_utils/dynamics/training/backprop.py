"""Backpropagation by hand for a few networks at a time: every buffer and every view is made once, then re-used."""

from __future__ import annotations

from collections.abc import Sequence

import torch

_aten = torch.ops.aten


class Backprop:
    r"""Losses and gradients of networks whose parameters and buffers stay where they are.

    .. math::
        \delta^{(L)} = \partial L/\partial f, \qquad
        \delta^{(l)} = \varphi'\bigl(h^{(l)}\bigr) \odot W^{(l+1)\top} \delta^{(l+1)}, \qquad
        \partial L/\partial W^{(l)} = \delta^{(l)} h^{(l-1)\top}

    Each :math:`\delta` is kept without the loss's constant factor, which is `factor`: it costs nothing in a product.

    Parameters
    ----------
    weights : sequence of torch.Tensor, (networks, out, in)
        One per layer; views of the population's.
    biases : sequence of torch.Tensor, (networks, out, 1)
        One per layer.
    inputs : torch.Tensor, (features, batch) or (networks, features, batch)
        Data of the shape that `forward` will get.
    activation : {"relu", "leaky-relu", "tanh"}
        Of the hidden units.
    slope : float
        For "leaky-relu".
    loss : {"cross-entropy", "mse"}
        As in `course_utils.models.losses`.
    buffers : dict
        Where the buffers are kept, by shape: pass the same one to share them, so that they stay in cache.
    """

    def __init__(
        self,
        weights: Sequence[torch.Tensor],
        biases: Sequence[torch.Tensor],
        inputs: torch.Tensor,
        *,
        activation: str,
        slope: float,
        loss: str,
        buffers: dict[tuple[int, ...], torch.Tensor],
    ) -> None:
        count, batch = len(weights[0]), inputs.shape[-1]
        self.weights, self.biases = weights, biases
        self._shared, self._activation, self._slope, self._loss = inputs.dim() == 2, activation, slope, loss
        shapes = [(count, weight.shape[1], batch) for weight in weights]
        for key in [(layer, kind, *shape) for layer, shape in enumerate(shapes) for kind in range(2)]:
            if key not in buffers:
                buffers[key] = inputs.new_empty(key[2:])
        self._signals = [buffers[layer, 0, *shape] for layer, shape in enumerate(shapes)]
        self._errors = [buffers[layer, 1, *shape] for layer, shape in enumerate(shapes)]
        self._turned = [weight.transpose(1, 2) for weight in weights]
        self._turned_signals = [signal.transpose(1, 2) for signal in self._signals]
        # the first layer sees data that all share: then it is one product over all hidden units of all networks
        self._rows = [one.view(-1, one.shape[2]) for one in (weights[0], biases[0], self._signals[0], self._errors[0])]
        self._minus_one = inputs.new_tensor(-1.0)
        self._minus_ones = self._minus_one.expand(count, 1, batch)
        outputs = shapes[-1][1]
        self._wanted = inputs
        self.factor = 1 / batch if loss == "cross-entropy" else 2 / (outputs * batch)

    def forward(self, inputs: torch.Tensor, wanted: torch.Tensor) -> None:
        """Run the networks, and keep what `losses` and `errors` need.

        Parameters
        ----------
        inputs : torch.Tensor, (features, batch) or (networks, features, batch)
            A batch that all networks share, or one for each.
        wanted : torch.Tensor, (networks or 1, 1, batch) or (networks or 1, outputs, batch)
            Classes for the cross-entropy, targets for the squared error.
        """
        signal, last = inputs, len(self.weights) - 1
        twice = self._activation == "tanh"
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            size = 2.0 if twice and layer < last else 1.0
            if layer == 0 and self._shared:
                rows, bias_rows, signal_rows, _ = self._rows
                torch.addmm(bias_rows, rows, inputs, beta=size, alpha=size, out=signal_rows)
            else:
                torch.baddbmm(bias, weight, signal, beta=size, alpha=size, out=self._signals[layer])
            signal = self._signals[layer]
            if layer < last:
                self._activate(signal)
        if self._loss == "mse":
            torch.sub(signal, wanted, out=self._errors[-1])
        else:
            torch.softmax(signal, 1, out=self._errors[-1])
        self._wanted = wanted

    def _activate(self, signal: torch.Tensor) -> None:
        if self._activation == "relu":
            signal.relu_()
        elif self._activation == "leaky-relu":
            torch.nn.functional.leaky_relu_(signal, self._slope)
        else:  # tanh(x) = 2 sigmoid(2x) - 1: four times as fast on a CPU; the factor inside came with the product
            torch.add(self._minus_one, signal.sigmoid_(), alpha=2, out=signal)

    def losses(self) -> torch.Tensor:
        """Return the loss of each network after `forward` and before `errors`, (networks,)."""
        outputs, error = self._signals[-1], self._errors[-1]
        if self._loss == "mse":
            return error.square().mean((1, 2))
        right = outputs.gather(1, self._wanted.expand_as(self._minus_ones)).squeeze(1)
        # -ln p of the right class by way of the likeliest one, whose p does not underflow
        return outputs.amax(1).sub_(error.amax(1).log_()).sub_(right).mean(1)

    def errors(self, rates: torch.Tensor | None) -> None:
        """Carry the error of the last `forward` from the outputs to the first layer.

        Parameters
        ----------
        rates : torch.Tensor, (networks, 1, 1), optional
            Factors for all gradients of each network.
        """
        if self._loss == "cross-entropy":
            self._errors[-1].scatter_add_(1, self._wanted.expand_as(self._minus_ones), self._minus_ones)
        if rates is not None:
            self._errors[-1].mul_(rates)
        for layer in range(len(self.weights) - 1, 0, -1):
            error, signal = self._errors[layer - 1], self._signals[layer - 1]
            torch.bmm(self._turned[layer], self._errors[layer], out=error)
            if self._activation == "relu":
                _aten.threshold_backward.grad_input(error, signal, 0, grad_input=error)
            elif self._activation == "leaky-relu":
                _aten.leaky_relu_backward.grad_input(error, signal, self._slope, True, grad_input=error)
            else:
                _aten.tanh_backward.grad_input(error, signal, grad_input=error)

    def add_gradients(
        self, layer: int, weight: torch.Tensor, bias: torch.Tensor, inputs: torch.Tensor, *, beta: float, alpha: float
    ) -> None:
        r"""Set ``weight`` and ``bias`` to :math:`\beta\,\cdot + \alpha\,\partial L` of a layer, after `errors`.

        Parameters
        ----------
        layer : int
            Which layer, from 0.
        weight, bias : torch.Tensor, (networks, out, in) and (networks, out, 1)
            Changed in place: velocities, or the parameters themselves.
        inputs : torch.Tensor
            The data that `forward` got.
        beta, alpha : float
            The two factors.
        """
        error, alpha = self._errors[layer], alpha * self.factor
        if layer == 0 and self._shared:
            weight.view(-1, weight.shape[2]).addmm_(self._rows[3], inputs.t(), beta=beta, alpha=alpha)
        else:
            before = self._turned_signals[layer - 1] if layer else inputs.transpose(1, 2)
            weight.baddbmm_(error, before, beta=beta, alpha=alpha)
        if beta != 1:
            bias.mul_(beta)
        bias.add_(error.sum(2, keepdim=True), alpha=alpha)
