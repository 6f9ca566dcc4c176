"""What a hidden unit does with its input: five activations, each also as the module that a learner's network holds."""

from __future__ import annotations

import math
from typing import Any

import torch

from course_utils.validation import one_of, positive

NAMES = ("relu", "leaky-relu", "tanh", "erf", "quadratic")


class Erf(torch.nn.Module):
    r"""The activation :math:`\operatorname{erf}(x)` as a module."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        r"""Return :math:`\operatorname{erf}(x)` of each entry."""
        return torch.erf(inputs)


class Quadratic(torch.nn.Module):
    """The activation :math:`x^2` as a module."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the square of each entry."""
        return inputs * inputs


def _value(name: str, inputs: torch.Tensor, slope: float) -> torch.Tensor:
    """Return ReLU, leaky ReLU or tanh in the memory of the inputs."""
    if name == "relu":
        return inputs.relu_()
    if name == "leaky-relu":
        return torch.nn.functional.leaky_relu_(inputs, slope)
    if inputs.device.type != "cpu":
        return inputs.tanh_()
    # tanh(x) = 2 sigmoid(2x) - 1 takes a third of the time on a CPU (same to the last digit or two of 1)
    return torch.add(inputs.new_tensor(-1.0), inputs.mul_(2).sigmoid_(), alpha=2, out=inputs)


class _InPlace(torch.autograd.Function):
    """An activation that writes over its input, and its backward pass over the gradient that comes in.

    Memory that is new in each step costs as much as the products of a small population.
    """

    @staticmethod
    def forward(ctx: Any, inputs: torch.Tensor, name: str, slope: float) -> torch.Tensor:
        """Return the activation, in the memory of the inputs."""
        ctx.mark_dirty(inputs)
        ctx.name, ctx.slope = name, slope
        value = _value(name, inputs, slope)
        ctx.save_for_backward(value)
        return value

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Return the gradient by the inputs, in the memory of that by the outputs."""
        (gradient,), (value,) = gradients, ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody wants to differentiate once more
            below = ctx.slope if ctx.name == "leaky-relu" else 0.0
            tanh = ctx.name == "tanh"
            rise = 1 - value * value if tanh else torch.ones_like(value).masked_fill(value <= 0, below)
            return gradient * rise, None, None
        aten = torch.ops.aten
        if ctx.name == "tanh":
            found = aten.tanh_backward.grad_input(gradient, value, grad_input=gradient)
        elif ctx.name == "relu":
            found = aten.threshold_backward.grad_input(gradient, value, 0.0, grad_input=gradient)
        else:
            found = aten.leaky_relu_backward.grad_input(gradient, value, ctx.slope, True, grad_input=gradient)
        return found, None, None


def apply(name: str, inputs: torch.Tensor, slope: float, *, private: bool = False) -> torch.Tensor:
    """Return the activation of a tensor that nobody else needs: it may be overwritten.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    inputs : torch.Tensor
        Pre-activations, any shape.
    slope : float
        What is left of negative inputs, for ``"leaky-relu"``.
    private : bool
        Whether the result goes into one matrix product and nowhere else: then the gradient may be overwritten too.
    """
    if name == "erf":
        return torch.erf(inputs)
    if name == "quadratic":
        return inputs * inputs
    if torch.is_grad_enabled() and inputs.requires_grad:
        if private:
            return _InPlace.apply(inputs, name, slope)
        if name == "tanh" and inputs.device.type == "cpu":
            return torch.add(inputs.new_tensor(-1.0), inputs.mul_(2).sigmoid_(), alpha=2)
    return _value(name, inputs, slope)


def gain(name: str, slope: float) -> float:
    r"""Return the initial scale that keeps the size of a signal from layer to layer.

    :math:`\sqrt{2/(1+\text{slope}^2)}` for (leaky) ReLU, 1 for the others.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, arXiv:1502.01852 (2015).

    Examples
    --------
    >>> round(gain("relu", 0.1) ** 2, 9)
    2.0
    """
    if name == "relu":
        return math.sqrt(2)
    return math.sqrt(2 / (1 + slope**2)) if name == "leaky-relu" else 1.0


def module(name: str, slope: float) -> torch.nn.Module:
    """Return the activation as a module for `torch.nn.Sequential`.

    Raises
    ------
    ValueError
        If there is no such activation, or the slope is not positive.

    Examples
    --------
    >>> module("leaky-relu", 0.1)
    LeakyReLU(negative_slope=0.1)
    """
    one_of("activation", name, NAMES)
    if name == "leaky-relu":
        return torch.nn.LeakyReLU(positive("slope", slope))
    plain = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "erf": Erf, "quadratic": Quadratic}
    return plain[name]()


def named(layer: torch.nn.Module) -> tuple[str, float | None]:
    """Return the name of an activation module, and its slope if it has one.

    Raises
    ------
    TypeError
        If it is none of the five.
    """
    if isinstance(layer, torch.nn.LeakyReLU):
        return "leaky-relu", float(layer.negative_slope)
    for kind, name in ((torch.nn.ReLU, "relu"), (torch.nn.Tanh, "tanh"), (Erf, "erf"), (Quadratic, "quadratic")):
        if isinstance(layer, kind):
            return name, None
    raise TypeError(f"networks must hold Linear layers and, between them, ReLU, LeakyReLU, Tanh, Erf or Quadratic; "
                    f"got {layer!r}")  # fmt: skip
