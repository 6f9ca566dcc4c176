"""What the exercises of lesson 51 are tried on."""

from __future__ import annotations

from typing import Any

import numpy as np


def outputs() -> list[tuple[Any, float]]:
    """Return the answers of hidden nodes, and the probability that each is awake."""
    rng = np.random.default_rng(51)
    return [(rng.normal(size=k), p) for k, p in ((2, 0.7), (5, 0.9), (9, 0.4))]


def students() -> list[tuple[Any, Any]]:
    """Return overlaps of two nodes with each other, and with their teacher."""
    rng = np.random.default_rng(52)
    found = []
    for _ in range(3):
        noise, together = rng.uniform(0.1, 0.6, 2), rng.uniform(-0.5, 0.8)
        cross = rng.uniform(0.2, 0.9, 2)
        rest = np.diag(noise) + together * np.sqrt(noise.prod()) * (1 - np.eye(2))
        found.append((np.outer(cross, cross) + rest, cross))
    return found


def samples() -> list[tuple[Any, Any, float]]:
    """Return inputs of different size, labels, and the probability that an input is kept."""
    rng = np.random.default_rng(53)
    sets = ((20, 3, 0.5), (12, 5, 0.8), (30, 2, 0.3))
    return [(rng.normal(size=(n, d)) * np.linspace(0.5, 2, d), rng.normal(size=n), p) for n, d, p in sets]
