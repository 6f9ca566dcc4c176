"""What a hidden unit does with its input: five activations, each also as the module that a learner's network holds."""

from __future__ import annotations

import math

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


def apply(name: str, inputs: torch.Tensor, slope: float) -> torch.Tensor:
    """Return the activation of a tensor that nobody else needs: it may be overwritten.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    inputs : torch.Tensor
        Pre-activations, any shape.
    slope : float
        What is left of negative inputs, for ``"leaky-relu"``.
    """
    if name == "relu":
        return inputs.relu_()
    if name == "leaky-relu":
        return torch.nn.functional.leaky_relu_(inputs, slope)
    if name == "tanh":
        if inputs.device.type != "cpu":
            return inputs.tanh_()
        # tanh(x) = 2 sigmoid(2x) - 1 takes a third of the time on a CPU (same to the last digit or two of 1)
        return torch.add(inputs.new_tensor(-1.0), inputs.mul_(2).sigmoid_(), alpha=2)
    return torch.erf(inputs) if name == "erf" else inputs * inputs


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
