"""What a trial of flatness reads off each network: losses, sharpnesses, and errors at home and away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.measure.curvature import sharpness
from course_utils.models.networks import Population
from course_utils.validation import whole

NAMES = (
    "training loss",
    "sharpness",
    "adaptive sharpness",
    "training error",
    "test error",
    "test error, first half",
    "shifted error, second half",
)
"""The columns of `read`."""


def half_a_pixel(images: Tensor, side: int = 8) -> Tensor:
    """Return pictures moved half a pixel to the right: each pixel is the mean of itself and its left neighbour.

    Parameters
    ----------
    images : torch.Tensor, (..., side², samples)
        Pictures, row by row; the background is their smallest value.
    side : int
        Pixels in a row, and rows.

    Raises
    ------
    TypeError, ValueError
        If the pictures are not of this shape.

    Examples
    --------
    >>> half_a_pixel(torch.tensor([[0.0], [2.0], [4.0], [0.0]]), side=2).ravel()
    tensor([0., 1., 2., 2.])
    """
    width = whole("side", side)
    if not isinstance(images, Tensor) or images.dim() < 2 or images.shape[-2] != width**2:
        raise ValueError(
            f"images must be a tensor (..., {width**2}, samples); got {getattr(images, 'shape', images)!r}"
        )
    pixels = images.unflatten(-2, (width, width))
    blank = torch.full_like(pixels[..., :1, :], float(pixels.min()))
    return (0.5 * (pixels + torch.cat([blank, pixels[..., :-1, :]], -2))).flatten(-3, -2)


@torch.no_grad()
def _shares(nets: Population, tests: list[tuple[Tensor, Tensor]]) -> list[Tensor]:
    return [1 - nets.accuracies(*test) for test in tests]


def read(
    networks: Population,
    inputs: Tensor,
    labels: Tensor,
    test_inputs: Tensor,
    test_labels: Tensor,
    *,
    loss: str = "cross-entropy",
) -> npt.NDArray[np.float64]:
    """Read off each network what `NAMES` says.

    Parameters
    ----------
    networks : Population
        Recipes × replicas: network number r + R·k belongs to replica r.
    inputs, labels, test_inputs, test_labels : torch.Tensor
        Of the R replicas: (R, 64, samples), (R, samples), and the same for the test; digits of 8×8 pixels.
    loss : {"cross-entropy", "mse"}
        What was minimised.

    Returns
    -------
    numpy.ndarray, (networks, 7)
        Training loss; largest eigenvalue of its Hessian, plain and adaptive (to two per cent); shares of errors on the
        training labels, on the test, on its first half, and on its second half moved by half a pixel (so that the
        last two share no picture).

    Raises
    ------
    TypeError, ValueError
        If networks and replicas do not fit together.
    """
    if not isinstance(networks, Population):
        raise TypeError(f"networks must be a Population; got a {type(networks).__name__}")
    recipes, odd = divmod(networks.networks, len(inputs))
    if odd or not recipes:
        raise ValueError(f"networks must be recipes × {len(inputs)} replicas; got {networks.networks}")
    x, own, half = inputs.repeat(recipes, 1, 1), labels.repeat(recipes, 1), test_inputs.shape[-1] // 2
    moved = half_a_pixel(test_inputs[..., half:])
    sharp = [sharpness(networks, x, own, loss=loss, adaptive=kind, tolerance=0.02, seed=1) for kind in (False, True)]
    with torch.no_grad():
        losses = networks.losses(x, own, loss)
    fit, first, second, away = _shares(
        networks,
        [
            (x, own),
            *(
                (pictures.repeat(recipes, 1, 1), right.repeat(recipes, 1))
                for pictures, right in (
                    (test_inputs[..., :half], test_labels[:, :half]),
                    (test_inputs[..., half:], test_labels[:, half:]),
                    (moved, test_labels[:, half:]),
                )
            ),
        ],
    )
    share = half / test_inputs.shape[-1]
    shares = [fit, share * first + (1 - share) * second, first, away]
    columns = [losses.numpy(), *sharp, *(one.numpy() for one in shares)]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], -1)
