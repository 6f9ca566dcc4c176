"""The knobs of noise: what they accept, and that each does to the networks what its formula says.

Statistical tests stand within four standard errors at fixed seeds, and each says how precise it is.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.dynamics import training
from course_utils.dynamics.thermostat import Thermostat
from course_utils.dynamics.training import draws, optimisers
from course_utils.knobs.dial import Knob
from course_utils.measure.statistics import estimate
from course_utils.models.networks import Population

NUMBERS = tuple(Thermostat.knobs())

# -------------------------------------------------------------------------------------------------- the knobs


def test_values_are_numbers_or_one_per_network():
    thermostat = Thermostat(dropout=[0.0, 0.5], batch_size=(4, 8), learning_rate=0.3)
    assert thermostat.networks == 2
    assert Thermostat().networks is None
    full = thermostat.per_network(2)
    assert full.learning_rate.tolist() == [0.3, 0.3]
    assert full.batch_size.tolist() == [4, 8]
    assert full.with_replacement.tolist() == [True, True]
    assert Thermostat().per_network(3).batch_size is None
    with pytest.raises(ValueError, match="networks must be 2, for so many the knobs are given; got 3"):
        thermostat.per_network(3)
    with pytest.raises(ValueError, match="dropout for 2, momentum for 3"):
        Thermostat(dropout=[0.1, 0.2], momentum=[0, 0, 0])


def test_a_thermostat_does_not_change():
    given_rates = np.array([0.1, 0.2])
    thermostat = Thermostat(dropout=given_rates)
    given_rates[0] = 0.9
    assert thermostat.dropout.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        thermostat.dropout[0] = 0.5
    with pytest.raises(AttributeError):
        thermostat.dropout = 0.5


def test_replaced_scaled_and_crossed():
    thermostat = Thermostat(learning_rate=0.2, weight_decay=[0.1, 0.2])
    assert thermostat.replace(momentum=0.9).momentum == 0.9
    assert thermostat.scaled(learning_rate=[1, 2], weight_decay=2).learning_rate.tolist() == [0.2, 0.4]
    assert thermostat.scaled(weight_decay=2).weight_decay.tolist() == [0.2, 0.4]
    assert repr(thermostat) == "Thermostat(learning_rate=0.2, weight_decay=array([0.1, 0.2]))"
    grid = Thermostat(momentum=0.5).grid(learning_rate=[0.1, 0.2], batch_size=[4, 8, 16])
    assert grid.learning_rate.tolist() == [0.1, 0.1, 0.1, 0.2, 0.2, 0.2]
    assert grid.batch_size.tolist() == [4, 8, 16] * 2
    assert grid.per_network(6).momentum.tolist() == [0.5] * 6
    with pytest.raises(ValueError, match="start from knobs that are one number each"):
        thermostat.grid(dropout=[0.1])
    with pytest.raises(ValueError, match="at least one axis"):
        thermostat.grid()
    for method in (thermostat.replace, thermostat.scaled, thermostat.grid):
        with pytest.raises(ValueError, match="knob must be one of"):
            method(heat=[0.1])
    with pytest.raises(ValueError, match=r"dropout must be a finite number at least 0 and below 1; got 1\.5"):
        Thermostat(dropout=0.5).scaled(dropout=3.0)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_knob_makes_a_knob_of_a_panel(name):
    words = Thermostat.knobs(name)[name]
    knob = Knob(**words)
    for value in (knob.low, knob.high, knob.start):
        assert getattr(Thermostat(**{name: value}), name) == value
    assert knob.integer == (name == "batch_size")
    assert words["symbol"]
    assert words["label"]
    with pytest.raises(ValueError, match="knob must be one of"):
        Thermostat.knobs("volume")


def test_without_torch_and_without_knobs():
    import subprocess
    import sys

    code = "import sys; import course_utils.dynamics.thermostat; print(*({'torch', 'ipywidgets'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from((*NUMBERS, "with_replacement")),
    value=st.one_of(
        st.floats(), st.integers(-3, 3), st.text(max_size=3), st.none(), st.booleans(), st.complex_numbers(),
        st.lists(st.one_of(st.floats(), st.integers(-1, 2), st.booleans(), st.none()), max_size=4),
    ),
)  # fmt: skip
def test_a_knob_takes_its_range_or_says_what_it_is(name, value):
    try:
        thermostat = Thermostat(**{name: value})
    except (TypeError, ValueError) as error:
        assert str(error).startswith((name, f"{name} of network"))  # noqa: PT017
        return
    taken = np.asarray(getattr(thermostat, name))
    if name == "with_replacement":
        assert taken.dtype == bool
    elif value is not None:
        assert np.isfinite(taken.astype(float)).all()
        assert (taken >= (1 if name == "batch_size" else 0)).all()
        if name in ("dropout", "momentum"):
            assert (taken < 1).all()


# ------------------------------------------------------------------------------------------- batches and masks


def test_draws_with_replacement_are_independent_and_even():
    batches = draws.Batches(10, np.array([4, 3]), np.array([True, True]), [1, 2])
    drawn = np.stack([batches.next() for _ in range(20_000)])
    assert (drawn[:, 1, 3] == 0).all()
    for k, size in ((0, 4), (1, 3)):
        counts = np.bincount(drawn[:, k, :size].ravel(), minlength=10)
        assert np.abs(counts - 2000 * size).max() < 4 * np.sqrt(2000 * size * 0.9)
    twice = estimate((drawn[:, 0, 0] == drawn[:, 0, 1]) * 1.0)
    assert abs(twice.z(0.1)) < 4
    assert twice.error < 0.003


def test_epochs_deal_out_every_sample_once():
    batches = draws.Batches(11, np.array([3, 5]), np.array([False, False]), [1, 2])
    drawn = np.stack([batches.next() for _ in range(600)])
    for k, size, whole in ((0, 3, 3), (1, 5, 2)):
        epochs = drawn[: 600 // whole * whole, k, :size].reshape(-1, whole * size)
        assert all(len(set(epoch)) == whole * size for epoch in epochs)
        assert len({tuple(epoch) for epoch in epochs}) == len(epochs)
    seen = np.bincount(drawn[:, 0, :3].ravel(), minlength=11)
    assert np.abs(seen - 200 * 9 / 11).max() < 4 * np.sqrt(200 * 9 / 11 * 2 / 11)


def test_draws_go_on_where_they_stood(monkeypatch):
    monkeypatch.setattr(draws, "_AHEAD", 40)  # blocks of a few steps, which end within epochs

    def fresh():
        sizes, seeds = np.array([3, 5]), [1, 2]
        dealt = draws.Batches(11, sizes, np.array([False, True]), seeds)
        return dealt, draws.Normals([3, 4], "float32", seeds, "heat")

    for straight in fresh():
        for step in range(40):
            state = straight.state()
            later = fresh()[isinstance(straight, draws.Normals)]
            later.load(state)
            expected = straight.next()
            assert np.array_equal(later.next(), expected), step


def test_every_purpose_has_a_stream_of_its_own():
    first = {draws.streams([seed], purpose)[0].random() for seed in range(50) for purpose in draws.PURPOSES}
    assert len(first) == 50 * len(draws.PURPOSES)


def test_dropout_has_its_rate_and_keeps_the_mean():
    rates = np.array([0.0, 0.1, 1 / 3, 0.9])
    masks = draws.Masks(rates, [[0, 2], [1, 3]], [(40, 20), (60,)], [1, 2, 3, 4])
    drawn = [masks.draw([50, 50, 50, 50], np.float64) for _ in range(100)]
    assert [[layer.shape for layer in group] for group in drawn[0]] == [[(2, 40, 50), (2, 20, 50)], [(2, 60, 50)]]
    for group, place, rate in ((0, 1, rates[2]), (1, 0, rates[1]), (1, 1, rates[3])):
        for layer in range(len(drawn[0][group])):
            mask = np.stack([one[group][layer][place] for one in drawn])
            silent = estimate((mask == 0).ravel() * 1.0)
            assert abs(silent.z(rate)) < 4
            assert silent.error < 0.0016
            assert abs(estimate(mask.ravel()).z(1.0)) < 4
            # Units, samples and steps are silent independently of each other.
            for one, other in ((mask[1:], mask[:-1]), (mask[:, 1:], mask[:, :-1]), (mask[..., 1:], mask[..., :-1])):
                assert abs(estimate(((one - 1) * (other - 1)).ravel()).z(0.0)) < 4
    assert all((one[0][layer][0] == 1).all() for one in drawn for layer in (0, 1))


def test_labels_are_wrong_at_their_rate_and_once_for_all():
    right = np.random.default_rng(1).integers(0, 5, 40_000)
    rates = np.array([0.0, 0.1, 0.3, 1.0])
    wrong = draws.wrong_labels(right, rates, 5, [1, 1, 1, 2])
    for k, rate in enumerate(rates):
        fraction = estimate((wrong[k] != right) * 1.0)
        assert fraction.mean == rate if rate in (0, 1) else abs(fraction.z(rate)) < 4
        assert fraction.error < 0.0025
    shifts = np.bincount((wrong[3] - right) % 5, minlength=5)
    assert shifts[0] == 0
    assert np.abs(shifts[1:] - 10_000).max() < 4 * np.sqrt(10_000 * 0.75)
    changed = wrong[1] != right
    assert (wrong[2][changed] == wrong[1][changed]).all()


# ------------------------------------------------------------------- what exact theory says of noise in training

HEAT, TIME = 0.2, 0.4


def equilibrium(optimiser, heat, time, *, decay=0.0, networks=4000, steps=240):
    """Let networks f = w x + b, on targets 0 at x = ±1.5, come to equilibrium: two springs."""
    population = Population((1, 1), networks, dtype=torch.float64, scale=0.0, seeds=1)
    inputs, targets = torch.tensor([[-1.5, 1.5]], dtype=torch.float64), torch.zeros(1, 2, dtype=torch.float64)
    thermostat = Thermostat(learning_rate=time, temperature=heat, weight_decay=decay)
    return training.train(
        population, inputs, targets, steps=steps, thermostat=thermostat, optimiser=optimiser, loss="mse",
        record={"weights": lambda p, _: p.flat()}, record_at=range(steps // 2, steps + 1, steps // 6), seed=3
    )  # fmt: skip


def springs(decay=0.0):
    """Return the curvatures of weight and bias of (w x + b)², averaged over x = ±1.5."""
    return 2 * np.array([1.5**2, 1.0]) + decay


@pytest.mark.parametrize("decay", [0.0, 1.0])
def test_langevin_dynamics_has_boltzmann_s_law_at_every_time_step(decay):
    result = equilibrium(optimisers.Langevin(2.0), HEAT, TIME, decay=decay)
    spread = (result.records["weights"] ** 2).mean(1)
    for parameter, stiffness in enumerate(springs(decay)):
        measured = estimate(spread[:, parameter])
        assert abs(measured.z(HEAT / stiffness)) < 4
        # 1.5 %: friction or heat with a wrong factor 2, or a first-order scheme, is 10 % or more away.
        assert measured.error < 0.015 * HEAT / stiffness
    kinetic = estimate(result.records["kinetic temperature"].mean(1))
    exact = HEAT * (1 - springs(decay).mean() * TIME**2 / 4)
    assert abs(kinetic.z(exact)) < 4
    assert kinetic.error < 0.01 * HEAT
    assert exact < 0.9 * HEAT


def test_each_network_has_its_own_temperature():
    heats = np.repeat([0.02, 0.2, 2.0], 1500)
    result = equilibrium("langevin", heats, 0.1, networks=4500, steps=300)
    for heat in (0.02, 0.2, 2.0):
        chosen = heats == heat
        kinetic = estimate(result.records["kinetic temperature"][chosen].mean(1))
        assert abs(kinetic.z(heat * (1 - springs().mean() * 0.1**2 / 4))) < 4
        assert kinetic.error < 0.02 * heat
        measured = estimate((result.records["weights"][chosen, :, 1] ** 2).mean(1))
        assert abs(measured.z(heat / 2)) < 4


def test_heated_descent_has_the_variance_of_its_chain():
    result = equilibrium("sgd", HEAT, 0.2)
    for parameter, stiffness in enumerate(springs()):
        exact = HEAT / (stiffness * (1 - 0.2 * stiffness / 2))
        measured = estimate((result.records["weights"][..., parameter] ** 2).mean(1))
        assert abs(measured.z(exact)) < 4
        assert measured.error < 0.015 * exact


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_small_batches_heat_as_theory_says(momentum):
    # f = b on targets ±1: loss (b - y)², curvature h = 2, gradient noise of variance c/B with c = 4.
    population = Population((1, 1), 6000, dtype=torch.float64, scale=0.0, seeds=1)
    inputs, targets = torch.zeros(1, 8, dtype=torch.float64), torch.ones(1, 8, dtype=torch.float64)
    targets[0, :4] = -1
    rate, size, h, c = 0.2, 3, 2.0, 4.0
    result = training.train(
        population, inputs, targets, steps=120, loss="mse", seed=4, record={"b": lambda p, _: p.biases[0][:, 0, 0]},
        record_at=[60, 80, 100, 120], thermostat=Thermostat(learning_rate=rate, batch_size=size, momentum=momentum)
    )  # fmt: skip
    exact = rate * c * (1 + momentum) / (size * h * (1 - momentum) * (2 * (1 + momentum) - rate * h))
    measured = estimate((result.records["b"] ** 2).mean(1))
    assert abs(measured.z(exact)) < 4
    assert measured.error < 0.012 * exact


def test_input_noise_is_a_ridge_on_average():
    # With noise of variance s² on an input of mean square q, the mean gradient is that of (q + s²) w² - 2 c w.
    population = Population((1, 1), 4000, dtype=torch.float64, scale=0.0, seeds=1)
    inputs = torch.tensor([[-1.0, 1.0]], dtype=torch.float64)
    result = training.train(
        population, inputs, inputs.clone(), steps=400, loss="mse", seed=5, record_at=[400],
        thermostat=Thermostat(learning_rate=0.02, input_noise=1.0), record={"w": lambda p, _: p.weights[0][:, 0, 0]}
    )  # fmt: skip
    measured = estimate(result.records["w"][:, 0])
    assert abs(measured.z(0.5)) < 4
    assert measured.error < 0.003


def test_weight_noise_moves_the_gradient_and_not_the_weights():
    population = Population((1, 1), 20_000, dtype=torch.float64, scale=0.0, seeds=1)
    inputs = torch.ones(1, 1, dtype=torch.float64)
    result = training.train(
        population, inputs, torch.zeros(1, 1, dtype=torch.float64), steps=1, loss="mse", seed=6,
        thermostat=Thermostat(learning_rate=0.1, weight_noise=0.3), record={"flat": lambda p, _: p.flat()}
    )  # fmt: skip
    # The gradient is 2 (w + noise) for weight and bias: both move by -0.2 noise.
    moved = result.records["flat"][:, 0]
    assert np.array_equal(moved[:, 0], moved[:, 1])
    measured = estimate(moved[:, 0] ** 2)
    assert abs(measured.z((0.2 * 0.3) ** 2)) < 4
    assert measured.error < 0.011 * (0.2 * 0.3) ** 2
