r"""Students that learn online from a teacher, with dropout: many settings and replicas at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from course_utils.dynamics.kernels.committee import learn
from course_utils.interrupts import interruptible
from course_utils.seeding import Seed, generator
from course_utils.validation import finite_array, real, whole

Array = npt.NDArray[np.float64]
# Random numbers in one go: some thirty megabytes.
_PIECE = 4_000_000


@dataclass(frozen=True, eq=False)
class OnlineLearning:
    r"""What was recorded; ``...`` is the shape of the settings, R the number of replicas.

    Attributes
    ----------
    times : numpy.ndarray, (A,)
        :math:`\alpha`, steps per input dimension. Fewer than were asked for after an interrupt.
    student : numpy.ndarray, (A, ..., R, K, K)
        Overlaps :math:`Q_{ik} = w_i \cdot w_k / N` of the student's nodes.
    cross : numpy.ndarray, (A, ..., R, K, M)
        Overlaps :math:`R_{im} = w_i \cdot w^*_m / N` with the teacher's.
    weights : numpy.ndarray, (..., R, K, N)
        The students at the end.
    teacher : numpy.ndarray, (R, M, N)
        :math:`w^*`, orthogonal and of length :math:`\sqrt N`.
    """

    times: Array
    student: Array
    cross: Array
    weights: Array
    teacher: Array


def _teachers(replicas: int, nodes: int, inputs: int, random: np.random.Generator) -> Array:
    """Draw orthogonal weights of length √N, (R, M, N), no direction preferred."""
    columns, _ = np.linalg.qr(random.standard_normal((replicas, inputs, nodes)))
    return np.ascontiguousarray(np.swapaxes(columns, 1, 2)) * math.sqrt(inputs)


def _settings(active: npt.ArrayLike, noise: npt.ArrayLike, learning_rate: npt.ArrayLike) -> list[Array]:
    """Return the three in one shape, tested."""
    awake = finite_array("active", active, above=0)
    if awake.max() > 1:
        raise ValueError(f"active must be probabilities, above 0 and at most 1; got {awake.max():g}")
    return list(
        np.broadcast_arrays(
            awake, finite_array("noise", noise, least=0), finite_array("learning_rate", learning_rate, above=0)
        )
    )


def _led(start: npt.ArrayLike | None, shape: tuple[int, ...], hidden: int, teacher: Array) -> Array:
    """Return the part of the first weights that is made of the teacher's, (S, R, K, N)."""
    nodes = (hidden, teacher.shape[1])
    cross = np.zeros(nodes) if start is None else finite_array("start", start)
    if cross.shape[-2:] != nodes or np.broadcast_shapes(cross.shape[:-2], shape) != shape:
        raise ValueError(f"start must have shape {nodes}, or {(*shape, *nodes)}; got {cross.shape}")
    each = np.broadcast_to(cross, shape + nodes).reshape(-1, 1, *nodes)
    found: Array = each @ teacher
    return found


def learn_online(
    times: npt.ArrayLike,
    *,
    active: npt.ArrayLike = 1.0,
    noise: npt.ArrayLike = 0.0,
    learning_rate: npt.ArrayLike = 1.0,
    inputs: int = 200,
    hidden: int = 2,
    teachers: int = 1,
    spread: float = 0.0,
    start: npt.ArrayLike | None = None,
    inverted: bool = False,
    replicas: int = 24,
    seed: Seed,
) -> OnlineLearning:
    r"""Train soft committee machines on a teacher's answers, one new sample a step, with dropout of hidden nodes.

    .. math::
        \hat y = v \sum_i r_i\, g(w_i \cdot x / \sqrt N), \qquad
        w_i \leftarrow w_i - \frac{\eta v}{\sqrt N} (\hat y - y)\, r_i\, g'(w_i \cdot x / \sqrt N)\, x,

    with :math:`g(u) = \operatorname{erf}(u/\sqrt2)`, :math:`x \sim \mathcal N(0, I_N)`,
    :math:`y = \sum_m g(w^*_m \cdot x / \sqrt N) + \sigma z`, and :math:`r_i` that is 1 with probability p.

    Parameters
    ----------
    times : array_like, (A,)
        When to record: :math:`\alpha`, steps per input dimension; 0 or more, increasing. Rounded to whole steps.
    active : array_like
        Activation probability p; above 0, at most 1 (1: no dropout).
    noise : array_like
        Standard deviation :math:`\sigma` of the noise on the labels; at least 0.
    learning_rate : array_like
        Learning rate :math:`\eta`; above 0. The three broadcast to the shape of the settings.
    inputs, hidden, teachers : int
        N, the student's nodes K, the teacher's nodes M (at most N).
    spread : float
        Standard deviation of the student's first weights; at least 0.
    start : array_like, (K, M) or (..., K, M), optional
        First overlaps R, for all settings or for each: :math:`\sum_m R_{im} w^*_m` is added to the first weights.
    inverted : bool
        Whether the awake nodes are scaled up, v = 1/p; otherwise v = 1.
    replicas : int
        Students at each setting, each with its own teacher and samples. The settings share all random numbers: replicas
        are independent, settings are not, which makes *differences* between settings more certain.
    seed : int or numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    OnlineLearning
        The overlaps at the ``times``, and the last weights.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    F. Mori, F. Mignacco, arXiv:2505.07792 (2025).

    Examples
    --------
    >>> lessons = learn_online([0.0, 5.0], active=[0.7, 1.0], noise=0.3, inputs=100, replicas=4, seed=1)
    >>> lessons.student.shape, lessons.cross.shape
    ((2, 2, 4, 2, 2), (2, 2, 4, 2, 1))
    >>> bool((lessons.cross[-1].mean((1, 2, 3)) > 0.4).all())  # all have turned towards the teacher
    True
    """
    when = finite_array("times", times, ndim=1, least=0)
    if (np.diff(when) <= 0).any():
        raise ValueError(f"times must increase; got {when[:5].tolist()}")
    awake, sigma, eta = _settings(active, noise, learning_rate)
    inputs, hidden, replicas = whole("inputs", inputs), whole("hidden", hidden), whole("replicas", replicas)
    teachers, spread = whole("teachers", teachers, most=inputs), real("spread", spread, least=0)
    random, shape = generator(seed), awake.shape
    flat = [np.ascontiguousarray(a.ravel()) for a in (awake, sigma, eta, 1 / awake if inverted else np.ones(shape))]
    teacher = _teachers(replicas, teachers, inputs, random)
    first = spread * random.standard_normal((replicas, hidden, inputs))
    weights = first + _led(start, shape, hidden, teacher)
    stops, kept, piece = np.rint(when * inputs).astype(int), [], max(1, _PIECE // (replicas * inputs))
    with interruptible(float(stops[-1]), "learning online") as bar:
        now = 0
        for stop in stops:
            for begin in range(now, stop, piece):
                steps = min(piece, stop - begin)
                _advance(weights, teacher, flat, steps, random)
                bar.update(steps)
            now = stop
            kept.append((weights @ weights.swapaxes(-1, -2) / inputs, weights @ teacher.swapaxes(-1, -2) / inputs))
    student, cross = (
        np.array([pair[n] for pair in kept]).reshape(len(kept), *shape, replicas, hidden, width)
        for n, width in enumerate((hidden, teachers))
    )
    return OnlineLearning(when[: len(kept)], student, cross, weights.reshape(*shape, *first.shape), teacher)


def _advance(weights: Array, teacher: Array, settings: list[Array], steps: int, random: np.random.Generator) -> None:
    """Draw samples for some steps, and learn them."""
    replicas, _, size = teacher.shape
    x = random.standard_normal((replicas, steps, size))
    answers = erf(x @ teacher.swapaxes(1, 2) / math.sqrt(2 * size)).sum(-1)
    flips = random.standard_normal((replicas, steps))
    draws = random.random((replicas, steps, weights.shape[2]))
    learn(weights, x, answers, flips, draws, *settings)
