"""How colours look to readers: contrast after WCAG 2, and distance for normal vision and three of colour blindness.

Simulation: Machado, Oliveira, Fernandes, IEEE TVCG 15 (2009) 1291, at full severity; distance: Euclidean in CAM02-UCS
(Luo, Cui, Li, Color Research and Application 31 (2006) 320), where 1 is about what a trained eye can just see.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from colorspacious import cspace_convert
from matplotlib.colors import to_rgb, to_rgba

KINDS = {
    "normal vision": None,
    "deuteranopia": "deuteranomaly",
    "protanopia": "protanomaly",
    "tritanopia": "tritanomaly",
}


def luminance(colours: Any) -> Any:
    """Relative luminance of colours of shape (..., 3), as WCAG 2 defines it."""
    values = np.asarray(colours, float)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(colours: Any, grounds: Any) -> Any:
    """WCAG's contrast, from 1 (the same) to 21 (black on white), of colours of shape (..., 3)."""
    one, other = luminance(colours), luminance(grounds)
    return (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)


def over(colour: Any, ground: Any, alpha: float | None = None) -> Any:
    """A colour, as far as it is opaque, laid over grounds of shape (..., 3)."""
    red, green, blue, own = to_rgba(colour)
    share = own if alpha is None else alpha
    return share * np.array([red, green, blue]) + (1 - share) * np.asarray(ground, float)


def seen(colours: Any, kind: str) -> Any:
    """Colours of shape (..., 3) as readers with this kind of vision see them."""
    name = KINDS[kind]
    values = np.asarray(colours, float)
    if name is None:
        return values
    space = {"name": "sRGB1+CVD", "cvd_type": name, "severity": 100}
    return np.clip(cspace_convert(values, space, "sRGB1"), 0, 1)


@lru_cache(maxsize=4096)
def distance(one: str, other: str) -> tuple[float, str]:
    """The least distance of two colours in the four kinds of vision, and in which it is least."""
    pairs = {kind: cspace_convert(seen([to_rgb(one), to_rgb(other)], kind), "sRGB1", "CAM02-UCS") for kind in KINDS}
    return min((float(np.linalg.norm(a - b)), kind) for kind, (a, b) in pairs.items())


def lightness(colours: Any) -> Any:
    """Perceived lightness J' of colours of shape (n, 3), from 0 to 100."""
    return cspace_convert(np.asarray(colours, float), "sRGB1", "CAM02-UCS")[:, 0]
