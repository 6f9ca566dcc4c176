"""The parts of lesson 51's figures: what is measured, and the theory behind it, ready for `side_by_side`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import Estimate, estimates
from course_utils.plots.panels import Part

Array = npt.NDArray[np.float64]
Curve = tuple[npt.ArrayLike, npt.ArrayLike]
AWAKE = "probability $p$ to be awake"
SILENT = "dropout in training, $1 - p$"


def optimum_parts(
    active: Array, errors: Mapping[str, Array], dense: Array, lines: Mapping[str, Array], best: Mapping[str, Any]
) -> list[Part]:
    """Return test error against p for several label noises, and where it is least.

    Parameters
    ----------
    active, dense : numpy.ndarray, (P,) and (D,)
        Where it was measured, and where theory is drawn.
    errors, lines : mapping of str to numpy.ndarray, (P, replicas) and (D,)
        Test errors by name, and theory by the same names.
    best : mapping
        ``noises`` (n,), ``measured`` (n estimates), ``same`` (n,) by the same parabola, ``exact`` (two arrays), and
        ``guess``.

    Examples
    --------
    >>> from course_utils.measure.statistics import Estimate
    >>> best = {"noises": [0.3], "measured": [Estimate(0.7, 0.1, 9)], "same": [0.7], "exact": ([0], [1]), "guess": None}
    >>> left, right = optimum_parts(np.ones(1), {"a": np.ones((1, 3))}, np.ones(1), {"a": np.ones(1)}, best)
    >>> list(left.series), list(right.theory)
    (['a'], ['by a parabola', 'exact'])
    """
    left = Part("400 inputs, 5 samples per input, rate 1", AWAKE, "test error", y_log=True, y_range=(0.008, 1.6),
                series={name: (active, estimates(values.T)) for name, values in errors.items()},
                theory={name: (dense, line) for name, line in lines.items()})  # fmt: skip
    right = Part("where the error is least", r"noise on the labels $\sigma$", "best $p$", y_range=(0.35, 1.05),
                 series={"by a parabola": (best["noises"], best["measured"])}, guess=best["guess"],
                 theory={"by a parabola": (best["noises"], best["same"]), "exact": best["exact"]},
                 law="exact, same parabola",
                 places={"asked": 0.3})  # fmt: skip
    return [left, right]


def twin_parts(
    active: Array, shared: Array, exact: Curve, rates: Array, slow: Mapping[str, Array], lines: Mapping[str, Curve],
    guess: Any,
) -> list[Part]:  # fmt: skip
    """Return the correlation of two nodes' noise against p, and the test error against the learning rate.

    Parameters
    ----------
    active, rates : numpy.ndarray, (P,) and (E,)
        Probabilities and learning rates.
    shared : numpy.ndarray, (replicas, P)
        Correlations.
    slow : mapping of str to numpy.ndarray, (E, replicas)
        Test errors by name.
    exact, lines
        Theory: a curve, and curves by the same names.
    guess : Prediction or float or None
        Of the best learning rate.

    Examples
    --------
    >>> line = (np.ones(1), np.ones(1))
    >>> len(twin_parts(np.ones(1), np.ones((3, 1)), line, np.ones(1), {"a": np.ones((1, 3))}, {"a": line}, None))
    2
    """
    left = Part("noise 0.3, learning rate 1", AWAKE, r"correlation $\Delta$ of the noise",
                series={"measured": (active, estimates(shared))}, theory={"measured": exact})  # fmt: skip
    right = Part("noise 0.3, 5 samples per input", r"learning rate $\eta$", "test error", x_log=True, y_log=True,
                 series={name: (rates, estimates(values.T)) for name, values in slow.items()}, theory=lines,
                 x_ticks=(0.1, 0.3, 1), y_ticks=(0.03, 0.05, 0.1), y_range=(0.02, 0.13), guess=guess,
                 guess_axis="x")  # fmt: skip
    return [left, right]


def preference_part(times: Array, series: Mapping[str, Array], each: Array, lines: Mapping[str, Array]) -> Part:
    """Return the preference of two nodes against time, with the level that the learner was asked about.

    Parameters
    ----------
    times, each : numpy.ndarray, (A,) and (B,)
        When it was measured, and where theory is drawn.
    series, lines : mapping of str to numpy.ndarray, (A, replicas) and (B,)
        Preferences by name, and theory by the same names.

    Examples
    --------
    >>> preference_part(np.ones(1), {"a": np.ones((1, 3))}, np.ones(1), {"a": np.ones(1)}).y_range
    (-0.05, 1.05)
    """
    return Part("two nodes each, clean labels, learning rate 1, 200 inputs", r"samples per input $\alpha$",
                "preference $s$", series={name: (times, estimates(values.T)) for name, values in series.items()},
                theory={name: (each, line) for name, line in lines.items()}, levels={"asked: 0.4": 0.4},
                y_range=(-0.05, 1.05))  # fmt: skip


def transition_parts(
    chances: Array, ends: Mapping[int, Array], theory: Mapping[str, Curve], weak: Array,
    growth: Mapping[int, Sequence[Estimate]], rising: Mapping[str, Curve], critical: float,
) -> list[Part]:  # fmt: skip
    """Return where specialisation ends at several sizes N, and how fast a small preference grows.

    Parameters
    ----------
    chances, weak : numpy.ndarray, (P,) and (W,)
        Probabilities p of the left and of the right part.
    ends : mapping of int to numpy.ndarray, (replicas, P)
        Specialisation for each N.
    growth : mapping of int to W estimates
        Growth rate over the learning rate for each N.
    theory, rising : mapping of str to curve
        Of the left and of the right part.
    critical : float
        p_c.

    Examples
    --------
    >>> found = transition_parts(np.ones(1), {6: np.ones((3, 1))}, {}, np.ones(1), {6: [Estimate(0, 1, 3)]}, {}, 0.85)
    >>> [list(part.series) for part in found]
    [['N = 6'], ['N = 6, rate 0.5']]
    """
    left = Part("learning rate 0.5, time 600", AWAKE, "specialisation $S$", y_range=(-0.03, 1.35), theory=theory,
                series={f"N = {N}": (chances, estimates(values)) for N, values in ends.items()})  # fmt: skip
    right = Part("a small preference", AWAKE, "growth rate / learning rate", y_range=(-0.095, 0.05), theory=rising,
                 series={f"N = {N}, rate 0.5": (weak, values) for N, values in growth.items()},
                 places={"$p_c$": critical})  # fmt: skip
    return [left, right]


def damage_parts(
    levels: Sequence[float], wrong: Mapping[str, Array], stopped: Estimate, harmed: Mapping[str, Array]
) -> list[Part]:
    """Return test errors with clean and wrong labels, and what damaged networks still know, against the dropout.

    Parameters
    ----------
    levels : sequence of float, (n,)
        Dropout in training.
    wrong : mapping of str to numpy.ndarray, (n, replicas)
        Share of wrong answers.
    stopped : Estimate
        The same without dropout, stopped early.
    harmed : mapping of str to numpy.ndarray, (replicas, n)
        Accuracy after each damage.

    Examples
    --------
    >>> left, _ = damage_parts([0], {"a": np.ones((1, 3))}, Estimate(0.1, 0.1, 3), {"b": np.ones((3, 1))})
    >>> list(left.series)
    ['a', '30 % wrong, 180 steps']
    """
    series = {name: (levels, estimates(values.T)) for name, values in wrong.items()}
    left = Part("64–128–10, 400 images, 16 replicas", SILENT, "share of wrong answers", joined=True,
                series=series | {"30 % wrong, 180 steps": ([0], [stopped])}, y_range=(0, 0.29))  # fmt: skip
    right = Part("trained on clean labels, then damaged", SILENT, "accuracy", joined=True,
                 series={name: (levels, estimates(values)) for name, values in harmed.items()},
                 y_ticks=(0.6, 0.8, 1.0), y_range=(0.5, 1.25))  # fmt: skip
    return [left, right]


def heat_part(curvatures: Array, series: Mapping[str, Array], theory: Mapping[str, Array]) -> Part:
    """Return the temperature of each mode against its curvature.

    Parameters
    ----------
    curvatures : numpy.ndarray, (d,)
        h.
    series, theory : mapping of str to numpy.ndarray, (replicas, d) and (d,)
        Temperatures by name, measured and exact.

    Examples
    --------
    >>> heat_part(np.ones(1), {"bath": np.ones((3, 1))}, {"bath": np.ones(1)}).x_log
    True
    """
    return Part("linear regression, 6 weights, 40 samples, p = 0.7, 256 replicas", "curvature $h$ of the mode",
                "temperature (dropout: coldest = 1)", x_log=True, y_log=True, y_ticks=(1, 3, 10, 30, 100),
                y_range=(0.7, 150), series={name: (curvatures, estimates(t)) for name, t in series.items()},
                theory={name: (curvatures, t) for name, t in theory.items()})  # fmt: skip
