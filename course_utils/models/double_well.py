"""Potentials on a line: the double well, the harmonic trap, and the quartic polynomial that both are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial

from course_utils.validation import finite_array, positive, real

Array = npt.NDArray[np.float64]

# A double root of U' (two stationary points that have just met) is found only to the square root of the rounding.
_SAME_ROOT = 1e-6


class Potential(ABC):
    r"""What all potentials on a line share: :math:`U(x) = \sum_{k=0}^4 a_k x^k`.

    The coefficients are all that the compiled walkers need; energies, forces and the places where the force is zero
    follow from them.
    """

    @property
    @abstractmethod
    def coefficients(self) -> tuple[float, float, float, float, float]:
        """The five coefficients, from the constant to the fourth power."""

    def _derivative(self, order: int) -> Polynomial:
        return Polynomial(self.coefficients).deriv(order) if order else Polynomial(self.coefficients)

    def energy(self, position: npt.ArrayLike) -> Array:
        """Energy U(x), for any shape of ``position``."""
        return self._derivative(0)(finite_array("position", position))

    def force(self, position: npt.ArrayLike) -> Array:
        """Force −U'(x), for any shape of ``position``."""
        return -self._derivative(1)(finite_array("position", position))

    def curvature(self, position: npt.ArrayLike) -> Array:
        """Curvature U''(x), for any shape of ``position``: positive in a well, negative on a barrier."""
        return self._derivative(2)(finite_array("position", position))

    def _stationary(self) -> list[float]:
        """Return the real zeros of the force, from left to right."""
        slope = self._derivative(1).trim()
        if slope.degree() < 1:
            return []
        roots = slope.roots()
        # Rounding gives a double root an imaginary part of order 1e-8: such a point is neither well nor barrier.
        return sorted(float(root.real) for root in roots if abs(root.imag) < 1e-9 * max(1.0, float(abs(root))))

    @property
    def minima(self) -> tuple[float, ...]:
        """Positions of the wells, from left to right."""
        return tuple(x for x in self._stationary() if self._derivative(2)(x) > _SAME_ROOT)

    @property
    def maxima(self) -> tuple[float, ...]:
        """Positions of the barrier tops, from left to right."""
        return tuple(x for x in self._stationary() if self._derivative(2)(x) < -_SAME_ROOT)


@dataclass(frozen=True)
class Quartic(Potential):
    r"""Any polynomial of degree four or less, :math:`U(x) = a_0 + a_1 x + a_2 x^2 + a_3 x^3 + a_4 x^4`.

    Parameters
    ----------
    constant, linear, quadratic, cubic, quartic : float
        The coefficients :math:`a_0 \dots a_4`. All zero is a plateau.

    Raises
    ------
    TypeError, ValueError
        If a coefficient is not a finite number.

    Examples
    --------
    >>> Quartic(quadratic=0.5).force(3.0).item()
    -3.0
    """

    constant: float = 0.0
    linear: float = 0.0
    quadratic: float = 0.0
    cubic: float = 0.0
    quartic: float = 0.0

    def __post_init__(self) -> None:
        """Reject what is no finite number."""
        for name in ("constant", "linear", "quadratic", "cubic", "quartic"):
            object.__setattr__(self, name, real(name, getattr(self, name)))

    @property
    def coefficients(self) -> tuple[float, float, float, float, float]:
        """The five coefficients, from the constant to the fourth power."""
        return self.constant, self.linear, self.quadratic, self.cubic, self.quartic


@dataclass(frozen=True)
class Trap(Potential):
    r"""The harmonic trap :math:`U(x) = \tfrac12 k (x - c)^2`: everything about it is known in closed form.

    Parameters
    ----------
    stiffness : float
        The curvature :math:`k`; positive.
    centre : float
        The bottom :math:`c`.

    Raises
    ------
    TypeError, ValueError
        If the stiffness is not positive and finite, or the centre is not finite.

    Examples
    --------
    >>> Trap(stiffness=2.0).energy([0.0, 1.0])
    array([0., 1.])
    """

    stiffness: float = 1.0
    centre: float = 0.0

    def __post_init__(self) -> None:
        """Reject what is no finite number."""
        object.__setattr__(self, "stiffness", positive("stiffness", self.stiffness))
        object.__setattr__(self, "centre", real("centre", self.centre))

    @property
    def coefficients(self) -> tuple[float, float, float, float, float]:
        """The five coefficients, from the constant to the fourth power."""
        k, c = self.stiffness, self.centre
        return k * c**2 / 2, -k * c, k / 2, 0.0, 0.0


@dataclass(frozen=True)
class DoubleWell(Potential):
    r"""Two valleys and a hill between them, :math:`U(x) = h\,(x^2 - 1)^2 + b\,x`.

    Without tilt the wells lie at -1 and +1 with energy 0, and the hill at 0 with energy :math:`h`.

    Parameters
    ----------
    barrier : float
        Height of the hill :math:`h`; positive.
    tilt : float
        Slope :math:`b`: positive lifts the right well. Beyond :math:`8h/(3\sqrt 3)` only one well is left.

    Raises
    ------
    TypeError, ValueError
        If the barrier is not positive and finite, or the tilt is not finite.

    Examples
    --------
    >>> well = DoubleWell(barrier=1.0)
    >>> well.energy([-1.0, 0.0, 1.0])
    array([0., 1., 0.])
    >>> [round(x, 6) for x in well.minima], round(well.barrier_top, 6)
    ([-1.0, 1.0], 0.0)
    """

    barrier: float = 1.0
    tilt: float = 0.0

    def __post_init__(self) -> None:
        """Reject what is no finite number."""
        object.__setattr__(self, "barrier", positive("barrier", self.barrier))
        object.__setattr__(self, "tilt", real("tilt", self.tilt))

    @property
    def coefficients(self) -> tuple[float, float, float, float, float]:
        """The five coefficients, from the constant to the fourth power."""
        h = self.barrier
        return h, self.tilt, -2 * h, 0.0, h

    @property
    def barrier_top(self) -> float:
        """Position of the hill between the two wells.

        Raises
        ------
        ValueError
            If the tilt has removed one of the wells.
        """
        if not self.maxima:
            limit = 8 * self.barrier / 27**0.5
            raise ValueError(
                f"tilt must be between {-limit:.4g} and {limit:.4g} for a barrier to exist; got {self.tilt!r}"
            )
        return self.maxima[0]
