r"""The thermostat: every knob that keeps a network from settling, in one place.

A network in training is shaken by many hands: a temperature, small batches, large steps, units that are switched off,
labels that are wrong, inputs and weights that tremble. Each of them is one knob here, for all networks alike or for
each of its own, so that one call trains a whole phase diagram.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.validation import finite_array, one_of, real, whole

Value = float | npt.ArrayLike

_UNIT: Mapping[str, Any] = MappingProxyType({"least": 0, "below": 1})
_LIMITS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "temperature": {"least": 0},
        "learning_rate": {"above": 0},
        "dropout": _UNIT,
        "label_noise": {"least": 0, "most": 1},
        "input_noise": {"least": 0},
        "weight_noise": {"least": 0},
        "weight_decay": {"least": 0},
        "momentum": _UNIT,
    }
)

# What a panel needs to know of each knob: the range that is of interest, where to start, symbol and words.
_KNOBS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "temperature": {"low": 1e-4, "high": 1.0, "start": 0.01, "log": True, "symbol": "T", "label": "temperature"},
        "learning_rate": {"low": 1e-3, "high": 1.0, "start": 0.1, "log": True, "symbol": "η", "label": "learning rate"},
        "batch_size": {"low": 1, "high": 512, "start": 32, "log": True, "symbol": "B", "label": "batch size"},
        "dropout": {"low": 0.0, "high": 0.95, "start": 0.0, "symbol": "p", "label": "dropout rate"},
        "label_noise": {"low": 0.0, "high": 1.0, "start": 0.0, "symbol": "ε", "label": "fraction of wrong labels"},
        "input_noise": {"low": 0.0, "high": 2.0, "start": 0.0, "symbol": "σ_x", "label": "noise on the inputs"},
        "weight_noise": {"low": 0.0, "high": 0.5, "start": 0.0, "symbol": "σ_w", "label": "noise on the weights"},
        "weight_decay": {"low": 0.0, "high": 0.1, "start": 0.0, "symbol": "λ", "label": "weight decay"},
        "momentum": {"low": 0.0, "high": 0.99, "start": 0.0, "symbol": "μ", "label": "momentum"},
    }
)


def _series(name: str, value: Any) -> bool:
    """Tell a value per network from one for all."""
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _number(name: str, value: Any) -> float | npt.NDArray[np.float64]:
    """Return one checked number, or a read-only array of them."""
    limits = _LIMITS[name]
    if not _series(name, value):
        return real(name, value, **limits)
    array = finite_array(name, value, ndim=1).copy()
    for place in (int(array.argmin()), int(array.argmax())):
        real(f"{name} of network {place}", float(array[place]), **limits)
    array.flags.writeable = False
    return array


def _size(value: Any) -> int | npt.NDArray[np.int64] | None:
    """Return a checked batch size: None, a number, or a read-only array of numbers."""
    if value is None:
        return None
    if not _series("batch_size", value):
        return whole("batch_size", value)
    finite_array("batch_size", value, ndim=1)
    array = np.array([whole(f"batch_size of network {k}", size) for k, size in enumerate(value)], dtype=np.int64)
    array.flags.writeable = False
    return array


def _choice(value: Any) -> bool | npt.NDArray[np.bool_]:
    """Return one checked yes or no, or a read-only array of them."""
    if not _series("with_replacement", value):
        return bool(one_of("with_replacement", value, (True, False)))
    array = np.array([bool(one_of("with_replacement", choice, (True, False))) for choice in value], dtype=bool)
    if array.size == 0:
        raise ValueError("with_replacement must be True or False, or one of these per network; got an empty sequence")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Thermostat:
    r"""All knobs of noise: each a number for all networks, or one value per network, shape (E,).

    Parameters
    ----------
    learning_rate : float or array_like
        Step :math:`\eta` of gradient descent, above 0; for Langevin dynamics the time step :math:`\Delta t`.
    batch_size : int or array_like of int, optional
        Samples :math:`B` in a batch; None: all of them, in every step.
    with_replacement : bool or array_like of bool
        Whether a batch may hold a sample twice (each batch is drawn afresh), or the samples are shuffled and dealt out
        epoch by epoch, as a data loader does; samples that don't fill the last batch of an epoch are left out of it.
    temperature : float or array_like
        :math:`T`, at least 0, in units of the loss (:math:`k_B = 1`).
    dropout : float or array_like
        Probability :math:`p`, at least 0 and below 1, that a hidden unit is silent for one sample; the others are
        scaled by :math:`1/(1-p)`.
    label_noise : float or array_like
        Probability :math:`\varepsilon` in [0, 1] that a label is replaced by a wrong one, once, before the training.
    input_noise, weight_noise : float or array_like
        Standard deviation :math:`\sigma` of Gaussian noise that is added to every input value of a batch, or to every
        weight (not the biases) while the gradient is taken; drawn afresh in every step.
    weight_decay : float or array_like
        :math:`\lambda`, at least 0: adds :math:`\tfrac{\lambda}{2} |w|^2` to the loss (AdamW: shrinks the weights by
        :math:`1 - \eta\lambda` a step instead).
    momentum : float or array_like
        :math:`\mu`, at least 0 and below 1; for SGD and SAM.

    Raises
    ------
    TypeError, ValueError
        If a knob is set outside its range, or two knobs are given for different numbers of networks.

    Examples
    --------
    >>> warm = Thermostat(learning_rate=0.1, batch_size=16, dropout=[0.0, 0.2, 0.5])
    >>> warm.networks
    3
    >>> warm.per_network(3).learning_rate
    array([0.1, 0.1, 0.1])
    >>> Thermostat(dropout=1.0)
    Traceback (most recent call last):
    ...
    ValueError: dropout must be a finite number at least 0 and below 1; got 1.0
    """

    learning_rate: Value = 0.1
    batch_size: int | npt.ArrayLike | None = None
    with_replacement: bool | npt.ArrayLike = True
    temperature: Value = 0.0
    dropout: Value = 0.0
    label_noise: Value = 0.0
    input_noise: Value = 0.0
    weight_noise: Value = 0.0
    weight_decay: Value = 0.0
    momentum: Value = 0.0

    def __post_init__(self) -> None:
        """Check all that was given."""
        for name in _LIMITS:
            object.__setattr__(self, name, _number(name, getattr(self, name)))
        object.__setattr__(self, "batch_size", _size(self.batch_size))
        object.__setattr__(self, "with_replacement", _choice(self.with_replacement))
        lengths = {name: len(value) for name, value in self._values().items() if isinstance(value, np.ndarray)}
        if len(set(lengths.values())) > 1:
            given = ", ".join(f"{name} for {length}" for name, length in lengths.items())
            raise ValueError(f"all knobs must be given for the same number of networks; got {given}")

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def __repr__(self) -> str:
        """Name the knobs that are turned away from where they start."""
        start = {field.name: field.default for field in dataclasses.fields(self)}
        turned = [f"{name}={value!r}" for name, value in self._values().items() if value is not start[name]]
        kept = [text for text in turned if text not in {f"{name}={value!r}" for name, value in start.items()}]
        return f"Thermostat({', '.join(kept)})"

    @property
    def networks(self) -> int | None:
        """How many networks the knobs are given for; None when every knob is one number for all."""
        return next((len(value) for value in self._values().values() if isinstance(value, np.ndarray)), None)

    def per_network(self, networks: int) -> Thermostat:
        """Return the same thermostat with every knob as an array (E,); a batch size of None stays None.

        Raises
        ------
        TypeError, ValueError
            If ``networks`` is not a whole number above 0, or the knobs are given for another number of networks.
        """
        networks = whole("networks", networks)
        if self.networks not in (None, networks):
            raise ValueError(f"networks must be {self.networks}, for so many the knobs are given; got {networks}")
        given = {name: value for name, value in self._values().items() if value is not None}
        return self.replace(**{name: np.broadcast_to(value, (networks,)) for name, value in given.items()})

    def replace(self, **knobs: Any) -> Thermostat:
        """Return a thermostat with these knobs set anew and the others as they are.

        Raises
        ------
        TypeError, ValueError
            If there is no such knob, or a value is outside its range.
        """
        for name in knobs:
            one_of("knob", name, tuple(self._values()))
        return dataclasses.replace(self, **knobs)

    def scaled(self, **factors: Value) -> Thermostat:
        """Return a thermostat with some knobs multiplied, for all networks or each by its own factor.

        Raises
        ------
        TypeError, ValueError
            If a knob is unknown or is no real number, a factor is not finite, or a product is outside the range.

        Examples
        --------
        >>> Thermostat(learning_rate=0.5, momentum=0.9).scaled(learning_rate=0.1)
        Thermostat(learning_rate=0.05, momentum=0.9)
        """
        turned = {}
        for name, factor in factors.items():
            one_of("knob", name, tuple(_LIMITS))
            times = finite_array(f"factor of {name}", factor) if _series(name, factor) else real(name, factor)
            turned[name] = getattr(self, name) * times
        return dataclasses.replace(self, **turned)

    def grid(self, **axes: npt.ArrayLike) -> Thermostat:
        """Return a thermostat for all combinations of the given settings: a phase diagram, one network a point.

        The last axis turns fastest; ``numpy.reshape`` with the axes' lengths brings a result back to the diagram.

        Raises
        ------
        TypeError, ValueError
            If there is no axis, a knob is unknown, the thermostat holds values per network already, or a value is
            outside its range.

        Examples
        --------
        >>> diagram = Thermostat().grid(dropout=[0.0, 0.5], label_noise=[0.0, 0.1, 0.2])
        >>> diagram.networks, diagram.dropout.reshape(2, 3)[:, 0]
        (6, array([0. , 0.5]))
        """
        if not axes:
            raise ValueError("a grid must have at least one axis, as in dropout=[0, 0.5]; got none")
        others = self.replace(**{name: dataclasses.replace(Thermostat())._values().get(name) for name in axes})
        if others.networks is not None:
            raise ValueError(f"a grid must start from knobs that are one number each; got {self!r}")
        lists = [finite_array(name, values, ndim=1) for name, values in axes.items()]
        points = [column.ravel() for column in np.meshgrid(*lists, indexing="ij")]
        turned = dict(zip(axes, points, strict=True))
        for name in ("batch_size", "with_replacement"):
            if name in turned:
                kind = np.asarray(axes[name]).dtype
                turned[name] = turned[name].astype(kind)
        return self.replace(**turned)

    @staticmethod
    def knobs(*names: str) -> dict[str, dict[str, Any]]:
        """Return what a panel of knobs is made from: for each knob its range, start, symbol and words, as plain data.

        Parameters
        ----------
        *names : str
            Which knobs; left out, all that are numbers.

        Returns
        -------
        dict
            By name: a dict with ``low``, ``high``, ``start``, ``symbol``, ``label``, and ``log`` where equal distances
            are equal factors.

        Raises
        ------
        ValueError
            If there is no such knob.

        Examples
        --------
        >>> Thermostat.knobs("dropout")
        {'dropout': {'low': 0.0, 'high': 0.95, 'start': 0.0, 'symbol': 'p', 'label': 'dropout rate'}}
        """
        return {name: dict(_KNOBS[one_of("knob", name, tuple(_KNOBS))]) for name in names or _KNOBS}
