"""How flat it is: spectra of the curvature, and a network at the edge of stability for a knob."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure, SubFigure

from course_utils.measure.statistics import estimates
from course_utils.plots.marks import measured
from course_utils.plots.panels import Part, side_by_side
from course_utils.plots.showing import entitle, figure
from course_utils.plots.styling import AREA, CATEGORY, HEADING, INK, LINE, MUTED, style
from course_utils.validation import finite_array

_KIND = {0.5: 0, 0.6: 1, 0.75: 2, 1.0: 3, 2.0: 4}  # a learning rate has the same colour and marker in every figure


def spectrum(eigenvalues: npt.ArrayLike, nodes: npt.ArrayLike, weights: npt.ArrayLike, *, title: str) -> Figure:
    """Return a figure of one network's spectrum: counts of eigenvalues, and the share of the trace that few hold.

    Parameters
    ----------
    eigenvalues : array_like, (parameters,)
        All of them.
    nodes, weights : array_like, (points,)
        Where products with a few random vectors place them, and how many; the weights sum to one.
    title : str
        The message of the figure.

    Raises
    ------
    TypeError, ValueError
        If the arrays are not of this kind.
    """
    exact = np.sort(finite_array("eigenvalues", eigenvalues, ndim=1))[::-1]
    places, shares = finite_array("nodes", nodes, ndim=1), finite_array("weights", weights, ndim=1)
    if places.shape != shares.shape:
        raise ValueError(f"weights must have the shape of nodes, {places.shape}; got {shares.shape}")
    drawn = figure()
    with style():
        entitle(drawn, title)
        left, right = drawn.subplots(1, 2)
        edges = np.linspace(min(exact[-1], places.min()) - 1e-9, max(exact[0], places.max()) * 1.001, 41)
        counts = np.histogram(exact, edges)[0]
        left.stairs(np.maximum(counts, 0.2), edges, baseline=0.2, fill=True, color=AREA,
                    label="all eigenvalues")  # fmt: skip
        guessed = np.histogram(places, edges, weights=shares * exact.size)[0]
        left.plot(0.5 * (edges[1:] + edges[:-1])[guessed > 0.3], guessed[guessed > 0.3], "o", color=INK, mfc="white",
                  mew=1.3, ms=5, label="from 400 products")  # fmt: skip
        left.set(yscale="log", ylim=(0.2, 3 * exact.size), xlabel=r"curvature $\lambda$", ylabel="directions per bin")
        left.set_title("how many directions", **HEADING)
        left.legend(fontsize=9)
        held = np.cumsum(exact) / exact.sum()
        right.plot(np.arange(1, exact.size + 1), held, color=CATEGORY[0])
        right.plot(
            np.arange(1, exact.size + 1), np.arange(1, exact.size + 1) / exact.size, color=INK, ls=LINE[1], lw=1.4
        )
        right.annotate("if all were alike", (0.3 * exact.size, 0.3), (-6, 4), textcoords="offset points", ha="right",
                       fontsize=9)  # fmt: skip
        near = min(40, exact.size // 2)
        right.annotate("measured", (near, held[near - 1]), (-8, 6), textcoords="offset points", ha="right", fontsize=9,
                       color=CATEGORY[0])  # fmt: skip
        right.set(xscale="log", ylim=(0, 1.05), xlabel="stiffest directions, counted", ylabel="share of the trace")
        right.set_title("who holds the curvature", **HEADING)
    return drawn


def edge(figure: Figure | SubFigure, picture: Mapping[str, Any], artists: dict[str, Any] | None) -> dict[str, Any]:
    """Draw the sharpness along a training and what weight noise costs over what is predicted.

    See `course_utils.knobs.Draw` for the protocol. The picture: what `course_utils.knobs.lesson_41.edge` returns.
    """
    if artists is None:
        with style():
            upper, lower = figure.subplots(2, 1)
            upper.set(xlim=(0, picture["steps"][-1]), ylim=(0, 9.4), ylabel=r"sharpness $\lambda_\max$")
            upper.set_xlabel("training step", labelpad=1)
            lower.set(xscale="log", xlim=(2.4e-3, 0.4), ylim=(0.7, 1.5))
            lower.set_xlabel(r"weight noise $\sigma$", labelpad=1)
            lower.set_ylabel("rise / predicted")
            lower.set_yticks([0.8, 1.0, 1.2, 1.4])
            lower.axhspan(0.9, 1.1, color=MUTED, alpha=0.15, lw=0, label="within ten per cent")
            lower.minorticks_off()
            lower.set_xticks([0.003, 0.01, 0.03, 0.1, 0.3], ["0.003", "0.01", "0.03", "0.1", "0.3"])
            dots = {"ls": "none", "mfc": "white", "mew": 1.5, "ms": 6}
            artists = {
                "sharpness": upper.plot([], [], color=CATEGORY[0], label="measured")[0],
                "limit": upper.axhline(1.0, color=INK, ls=LINE[1], lw=1.6, label="2 / learning rate"),
                "law": lower.axhline(1.0, color=INK, lw=1.6, label="half σ² trace"),
                "rises": lower.plot([], [], marker="o", color=CATEGORY[0], label="measured", **dots)[0],
                "now": lower.plot([], [], "*", ms=12, color=CATEGORY[1], mec=INK, label="your noise")[0],
            }
            upper.legend(loc="upper right", fontsize=8.5, ncols=2, borderaxespad=0)
            lower.legend(loc="upper left", fontsize=8.5, labelspacing=0.2, ncols=2)
    artists["sharpness"].set_data(picture["steps"], picture["sharpness"])
    artists["limit"].set_ydata([picture["limit"][0]] * 2)
    artists["rises"].set_data(picture["noises"], picture["ratios"])
    artists["now"].set_data([picture["now"][0]], [picture["now"][1]])
    return artists


def costs(noises: npt.ArrayLike, rises: Mapping[str, npt.ArrayLike], traces: Mapping[str, npt.ArrayLike]) -> Figure:
    r"""Return a figure of what weight noise costs, beside half its square times the trace and divided by that.

    Parameters
    ----------
    noises : array_like, (noises,)
        :math:`\sigma`.
    rises : mapping of str to (noises, networks) array_like
        Rise of the loss, by kind of network.
    traces : mapping of str to (networks,) array_like
        The traces, by the same names.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit together.
    """
    sigma = finite_array("noises", noises, ndim=1)
    costs = {name: finite_array(f"rises[{name!r}]", rise, ndim=2) for name, rise in rises.items()}
    held = {name: finite_array(f"traces[{name!r}]", traces[name], ndim=1) for name in rises}
    law = {name: 0.5 * sigma[:, None] ** 2 * held[name] for name in costs}
    left = Part(
        "what it costs",
        r"noise on each weight $\sigma$",
        "rise of the loss",
        series={name: (sigma, estimates(rise.T)) for name, rise in costs.items()},
        theory={name: (sigma, line.mean(1)) for name, line in law.items()},
        law="predicted",
        x_log=True,
        y_log=True,
        x_ticks=sigma.tolist(),
        y_ticks=(1e-4, 1e-2, 1),
    )
    right = Part(
        "divided by half σ² trace",
        r"noise on each weight $\sigma$",
        "rise / predicted",
        series={name: (sigma, estimates((rise / law[name]).T)) for name, rise in costs.items()},
        theory={"predicted": (sigma, np.ones(sigma.size))},
        joined=True,
        x_log=True,
        y_log=True,
        x_ticks=sigma.tolist(),
        y_ticks=(1, 2, 5, 10),
        y_range=(0.8, 12),
    )
    return side_by_side([left, right], title="The trace predicts small noise; for flat networks it fails first")


def sharpness_paths(
    moments: npt.ArrayLike, sharpness: Mapping[float, npt.ArrayLike], *, title: str, log: bool = False
) -> Figure:
    r"""Return a figure of the sharpness along training at several learning rates, with the limit :math:`2/\eta`.

    Parameters
    ----------
    moments : array_like, (records,)
        Training steps.
    sharpness : mapping of float to (networks, records) array_like
        By learning rate.
    title : str
        The message of the figure.
    log : bool
        Whether axes are logarithmic; then only the view in units of the limit is drawn.

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit together.
    """
    steps = finite_array("moments", moments, ndim=1)
    runs = {rate: finite_array(f"sharpness[{rate}]", run, ndim=2) for rate, run in sharpness.items()}
    limit = {r"limit, $2/\eta$": (steps, np.ones(steps.size))}
    if log:
        part = Part("15 networks, each with its own digits", "training step", r"sharpness $\times\ \eta/2$",
                    theory=limit, x_log=True, y_log=True, x_ticks=(1, 10, 100, 1000),
                    y_ticks=(0.01, 0.1, 1, 10))  # fmt: skip
        drawn = side_by_side([part], title=title)
    else:
        left = Part("as it is", "training step", r"sharpness $\lambda_\max$", y_range=(0, 4.9))
        right = Part(r"times $\eta/2$", "training step", r"sharpness $\times\ \eta/2$", theory=limit, y_range=(0, 1.25))
        drawn = side_by_side([left, right], title=title)
    with style():
        for axes, unit in zip(drawn.axes, ("limit",) if log else ("one", "limit"), strict=True):
            for kind, (rate, run) in enumerate(runs.items()):
                values = estimates(run * (rate / 2 if unit == "limit" else 1))
                measured(axes, steps, values, kind=_KIND.get(rate, kind), label=f"η = {rate:g}")
            axes.legend(fontsize=9, handlelength=1.8)
    return drawn


def network_and_bowl(
    network: npt.ArrayLike, bowl: npt.ArrayLike, moments: npt.ArrayLike, stiffest: npt.ArrayLike, slow: npt.ArrayLike
) -> Figure:
    """Return a figure of one network and its frozen bowl after the same start: losses, and the stiffest directions.

    Parameters
    ----------
    network, bowl : array_like, (steps,)
        The losses.
    moments : array_like, (records,)
        Steps at which curvatures were taken.
    stiffest : array_like, (records, directions)
        Of the network's largest curvatures, falling, in units of the limit; at most five.
    slow : array_like, (records,)
        The largest curvature after as much time in small steps, in the same units.

    Raises
    ------
    TypeError, ValueError
        If they are not such arrays.
    """
    real = finite_array("network", network, ndim=1)
    thrown = np.asarray(bowl, dtype=float)  # may have run off to infinity, or below zero
    places, edges = finite_array("moments", moments, ndim=1), finite_array("stiffest", stiffest, ndim=2)
    small = finite_array("slow", slow, ndim=1)
    if len(edges) != places.size or small.size != places.size:
        raise ValueError(f"stiffest and slow must have {places.size} records, as moments has")
    drawn = figure()
    with style():
        entitle(drawn, "The bowl throws it out; the network stops sharpening")
        left, right = drawn.subplots(1, 2)
        left.plot(real, color=CATEGORY[0], label="network")
        left.plot(thrown, color=CATEGORY[1], ls=LINE[1], label="frozen bowl")
        left.set(yscale="log", ylim=(2e-3, 1e3), ylabel="training loss")
        left.set_yticks([0.01, 1, 100], ["0.01", "1", "100"])
        left.set_yticks([], minor=True)
        left.legend(fontsize=9, loc="upper right")
        right.axhline(1, color=INK, label=r"limit, $2/\eta$")
        right.plot(places, small, color=CATEGORY[2], ls=LINE[4], label="small steps: stiffest")
        for k, edge in enumerate(edges.T):
            name = ("stiffest", "second", "third", "fourth", "fifth")[k]
            dashes, width = ("-", 2.2) if k == 0 else (LINE[k], 1.6)
            right.plot(places, edge, color=CATEGORY[0], lw=width, ls=dashes, label=f"network: {name}")
        top = max(small.max(), edges.max())
        right.set(ylim=(0.6, 1.1 + 1.25 * (top - 1)), ylabel=r"curvature $\times\ \eta/2$")
        right.legend(fontsize=9, handlelength=2.4, loc="upper left", labelspacing=0.25)
        for axes, heading in ((left, "loss"), (right, "the stiffest directions")):
            axes.set_title(heading, **HEADING)
        left.set_xlabel("steps after step 150")
        right.set_xlabel("time after step 150, in large steps")
    return drawn
