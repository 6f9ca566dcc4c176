r"""Jarzynski (1997): work done in a hurry still knows the free-energy difference, exactly.

A system starts in equilibrium, a knob is turned, the work :math:`W` is noted, and again and again. However fast the
knob is turned,

.. math::
    \bigl\langle e^{-W/T} \bigr\rangle = e^{-\Delta F/T}.

Here are the systems in which everything about it can be written down: one walker with
:math:`\dot x = -k (x - c) + \sqrt{2T}\,\xi` (mobility 1) in a harmonic trap :math:`\tfrac k2 (x - c)^2` that is dragged
or stiffened. A protocol of ``steps`` moves the knob at once, notes the work, lets the walker relax for
``duration / steps`` and repeats; its results are exact for that protocol, not only in the limit of many steps.
"""

from __future__ import annotations

import math

from course_utils.validation import positive, real, whole


def trap_free_energy(start: float, end: float, *, temperature: float = 1.0) -> float:
    r"""Free-energy difference between two harmonic traps.

    .. math::
        \Delta F = \frac T2 \ln \frac{k_1}{k_0}

    Parameters
    ----------
    start, end : float
        Stiffness :math:`k_0` and :math:`k_1`, energy per length squared; positive.
    temperature : float
        Temperature in units of energy (:math:`k_B = 1`); positive.

    Returns
    -------
    float
        :math:`\Delta F` in units of energy.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a positive number.

    Examples
    --------
    >>> round(trap_free_energy(1.0, 8.0), 5)
    1.03972
    """
    ratio = math.log(positive("end", end)) - math.log(positive("start", start))
    return positive("temperature", temperature) / 2 * ratio


def dragging_work(stiffness: float, speed: float, duration: float, *, steps: int | None = None) -> float:
    r"""Mean work of dragging a harmonic trap at constant speed, starting in equilibrium.

    .. math::
        \langle W \rangle = v^2 \Bigl[\tau - \frac{1 - e^{-k\tau}}{k}\Bigr]

    for a trap that moves without steps. In steps of :math:`\delta = v\tau/n`, with :math:`a = e^{-k\tau/n}`,

    .. math::
        \langle W \rangle = k \delta^2 \Bigl[\frac n2 + \frac{a}{1-a}\Bigl(n - \frac{1 - a^n}{1 - a}\Bigr)\Bigr].

    The work is Gaussian at any temperature, with :math:`\mathrm{var}\,W = 2T \langle W \rangle`; and
    :math:`\Delta F = 0`, so that all of the mean work is dissipated.

    Parameters
    ----------
    stiffness : float
        :math:`k`, energy per length squared; positive.
    speed : float
        :math:`v`, length per time; either sign.
    duration : float
        :math:`\tau`; positive.
    steps : int, optional
        Number of steps :math:`n` of the protocol; without it, the trap moves continuously.

    Returns
    -------
    float
        Mean work, in units of energy; it does not depend on the temperature.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    References
    ----------
    O. Mazonka, C. Jarzynski, arXiv:cond-mat/9912121 (1999).

    Examples
    --------
    >>> round(dragging_work(1.0, 1.0, 2.0), 4), round(dragging_work(1.0, 1.0, 2.0, steps=200), 4)
    (1.1353, 1.1354)
    """
    stiffness, duration = positive("stiffness", stiffness), positive("duration", duration)
    speed = real("speed", speed)
    if steps is None:
        return speed**2 * (duration + math.expm1(-stiffness * duration) / stiffness)
    steps = whole("steps", steps)
    move = speed * duration / steps
    forgotten = -math.expm1(-stiffness * duration / steps)
    whole_run = -math.expm1(-stiffness * duration)
    return stiffness * move**2 * (steps / 2 + (1 - forgotten) / forgotten * (steps - whole_run / forgotten))


def stiffening_work(start: float, end: float, duration: float, *, steps: int, temperature: float = 1.0) -> float:
    r"""Mean work of changing the stiffness of a harmonic trap in equal steps, starting in equilibrium.

    With :math:`k_i = k_0 + (k_1 - k_0)\,i/n`, :math:`s_i = \langle x^2 \rangle` before step :math:`i` and
    :math:`a_i = e^{-2 k_{i+1} \tau / n}`,

    .. math::
        \langle W \rangle = \sum_{i=0}^{n-1} \frac{k_{i+1} - k_i}{2}\, s_i, \qquad
        s_{i+1} = a_i s_i + (1 - a_i) \frac{T}{k_{i+1}}, \quad s_0 = \frac{T}{k_0}.

    Parameters
    ----------
    start, end : float
        Stiffness :math:`k_0` and :math:`k_1`, energy per length squared; positive.
    duration : float
        :math:`\tau`; positive.
    steps : int
        Number of steps :math:`n`; one step is the sudden switch, :math:`\langle W \rangle = T (k_1 - k_0) / 2 k_0`.
    temperature : float
        :math:`T` in units of energy; positive.

    Returns
    -------
    float
        Mean work, never below `trap_free_energy`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    References
    ----------
    C. Jarzynski, Phys. Rev. Lett. 78, 2690 (1997), doi:10.1103/PhysRevLett.78.2690.

    Examples
    --------
    >>> stiffening_work(1.0, 8.0, 1.0, steps=1)
    3.5
    >>> round(stiffening_work(1.0, 8.0, 1000.0, steps=1000), 3)
    1.041
    """
    start, end = positive("start", start), positive("end", end)
    duration, temperature = positive("duration", duration), positive("temperature", temperature)
    steps = whole("steps", steps)
    spread, work = temperature / start, 0.0
    for i in range(steps):
        work += (end - start) / steps / 2 * spread
        stiffness = start + (end - start) * (i + 1) / steps
        kept = math.exp(-2 * stiffness * duration / steps)
        spread = kept * spread + (1 - kept) * temperature / stiffness
    return work


def effective_fraction(dissipated: float, *, temperature: float = 1.0) -> float:
    r"""Share of the runs that count in the average, for Gaussian work.

    .. math::
        \frac{\langle e^{-W/T} \rangle^2}{\langle e^{-2W/T} \rangle} = e^{-\sigma_W^2/T^2}
        = e^{-2 (\langle W \rangle - \Delta F)/T}

    Each :math:`T/2` of dissipated work costs a factor :math:`e` in the number of runs: this is why the equality, exact
    at any speed, is of use only at moderate ones.

    Parameters
    ----------
    dissipated : float
        :math:`\langle W \rangle - \Delta F`, in units of energy; 0 or more.
    temperature : float
        :math:`T` in units of energy; positive.

    Returns
    -------
    float
        Between 0 and 1; times the number of runs it is the expected effective sample size of many runs.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    Examples
    --------
    >>> round(effective_fraction(1.1353), 4)
    0.1033
    """
    return math.exp(-2 * real("dissipated", dissipated, least=0) / positive("temperature", temperature))
