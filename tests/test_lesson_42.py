"""Lesson 42's pieces: replicated search, crowding, rescaling, and the knob."""

import numpy as np
import pytest
import torch

from course_utils import plots
from course_utils.dynamics import Thermostat, recipes, replicated_annealing, train
from course_utils.dynamics.training import replicated_descent
from course_utils.dynamics.training.optimisers import Replicated
from course_utils.knobs.lesson_42 import flat_paths
from course_utils.measure import flatness_readings, neighbourhoods, ranks
from course_utils.measure.curvature import Curvature, sharpness
from course_utils.measure.equal_loss import at_level, first_below, read_at_level
from course_utils.measure.evaluation import with_vectors
from course_utils.measure.statistics import Estimate, estimate
from course_utils.models import BinaryPerceptron, Population
from course_utils.theory import baldassi2015, dinh2017, gyorgyi1990

# --- the binary perceptron

EVERYTHING = 2 * np.indices((2,) * 9).reshape(9, -1).T - 1


@pytest.mark.parametrize(("copies", "beta", "gamma"), [(3, 1.0, 0.3), (1, 0.7, 0.2), (5, 1.5, 0.15)])
def test_replicas_sample_the_local_entropy(copies, beta, gamma):
    """Centre and copies against their exact laws, over all settings of nine weights."""
    tasks = [BinaryPerceptron.draw(9, patterns=5, seed=k) for k in range(40)]
    found = replicated_annealing.anneal(tasks, copies=copies, betas=np.full(5000, beta), couplings=gamma, seed=1)
    centre, copy = [], []
    for task, own, each in zip(tasks, found.centre_energies[:, 200:], found.energies[:, :, 200:], strict=True):
        energies = task.energies(EVERYTHING)
        weight = np.exp(-beta * energies)
        entropy = baldassi2015.local_entropy(weight, gamma)
        entropy -= entropy.max()
        centre.append(own.mean() - np.average(energies, weights=np.exp(copies * entropy)))
        rest = np.exp(baldassi2015.local_entropy(np.exp((copies - 1) * entropy), gamma))
        copy.append(each.mean() - np.average(energies, weights=weight * rest))
    for miss in map(estimate, (centre, copy)):
        assert abs(miss.z(0.0)) < 4
        assert miss.error < 0.006


def test_without_coupling_copies_are_alone_and_centres_are_coins():
    tasks = [BinaryPerceptron.draw(21, patterns=10, seed=k) for k in range(30)]
    found = replicated_annealing.anneal(tasks, copies=1, betas=np.linspace(0.5, 6, 300), couplings=0.0, seed=2)
    assert (found.energies[:, 0, -1] == 0).mean() > 0.7
    assert abs(estimate(found.centre_energies[:, -1]).z(5.0)) < 4
    for task, copies, energies in zip(tasks, found.copies, found.energies[:, :, -1], strict=True):
        assert task.energies(copies).tolist() == energies.tolist()


def test_a_seed_gives_the_same_search_and_the_team_beats_a_solution_drawn_by_lot():
    random = np.random.default_rng(3)
    teachers = random.choice([-1, 1], (60, 15))
    tasks = [BinaryPerceptron.draw(15, patterns=10, planted=t, seed=k) for k, t in enumerate(teachers)]
    schedule = {"betas": np.linspace(0.5, 6, 200), "couplings": np.linspace(0.05, 1, 200)}
    one, two = (replicated_annealing.anneal(tasks, copies=7, seed=5, **schedule) for _ in range(2))
    assert (one.centres == two.centres).all()
    errors, gain = gyorgyi1990.disagreement(np.arange(16), 15), []
    for task, teacher, centre in zip(tasks, teachers, one.centres, strict=True):
        found = neighbourhoods.survey(task.solutions(), teacher, errors, ends={"team": centre}, seed=1)
        gain.append(found["drawn by lot"] - found["team"])
    assert estimate(gain).z(0.0) > 4


@pytest.mark.parametrize("coupling", [0.05, 0.4, 1.5, 3.0, 20.0])
@pytest.mark.parametrize("solutions", [1, 3, 512])
def test_local_entropy_is_the_sum_over_all_settings(coupling, solutions):
    """With few solutions and a strong pull, sums of both signs would lose all digits."""
    table = np.random.default_rng(4).random(512) * (np.arange(512) % (512 // solutions) == 0)
    exponent = coupling * EVERYTHING @ EVERYTHING.T
    brute = np.log((table * np.exp(exponent - 9 * coupling)).sum(1)) + 9 * coupling
    assert baldassi2015.local_entropy(table, coupling) == pytest.approx(brute, abs=1e-9)


def test_disagreement_against_patterns_and_in_its_limits():
    random = np.random.default_rng(5)
    patterns = random.choice([-1, 1], (200_000, 11))
    one = np.ones(11)
    for d in (0, 2, 5, 8, 11):
        other = np.where(np.arange(11) < d, -1, 1)
        share = float((np.sign(patterns @ one) != np.sign(patterns @ other)).mean())
        assert gyorgyi1990.disagreement(d, 11) == pytest.approx(share, abs=0.005)
    d = np.arange(250, 2000, 250)
    assert gyorgyi1990.disagreement(d, 2001) == pytest.approx(np.arccos(1 - 2 * d / 2001) / np.pi, abs=0.002)


def test_the_teacher_is_any_of_the_solutions():
    """Measured against hidden teachers, errors are what counting over the solutions says."""
    random = np.random.default_rng(6)
    errors, miss = gyorgyi1990.disagreement(np.arange(14), 13), []
    for k, teacher in enumerate(random.choice([-1, 1], (300, 13))):
        task = BinaryPerceptron.draw(13, patterns=9, planted=teacher, seed=k)
        found = neighbourhoods.survey(task.solutions(), teacher, errors, seed=k)
        miss += [found["true 3"] - found["expected 3"]] if np.isfinite(found["true 3"]) else []
    assert abs(estimate(miss).z(0.0)) < 4
    assert estimate(miss).error < 0.005


def test_crowding_by_hand():
    solutions = [[1, 1, 1], [1, 1, -1], [-1, -1, -1]]
    assert neighbourhoods.hamming_distances(solutions, solutions).tolist() == [[0, 1, 3], [1, 0, 2], [3, 2, 0]]
    found = neighbourhoods.survey(solutions, [1, 1, 1], [0, 0.25, 0.5, 1], reach=1, ends={"a": [1, 1, 1]}, seed=1)
    assert found["isolated"] == pytest.approx(1 / 3)
    assert found["neighbours"] == pytest.approx(2 / 3)
    assert found["a"] == pytest.approx(1.25 / 3)
    assert found["near a"] == 1  # without itself
    assert found["solves a"] == 1
    assert found["expected 1"] == 0.5
    crowd = [*(1 - 2 * np.eye(5, 12)), [-1] * 12]
    for k in range(8):  # the one without neighbours, opposite to the teacher, comes first, whatever the seed
        assert neighbourhoods.survey(crowd, [1] * 12, np.arange(13) / 12, reach=2, seed=k)["true 1"] > 0.5


# --- networks


def small(count=4, **options):
    random = np.random.default_rng(8)
    x, y = torch.from_numpy(random.normal(size=(6, 40))), torch.from_numpy(random.integers(0, 3, 40))
    return Population((6, 5, 3), count, seeds=range(count), dtype=torch.float64, **options), x, y


@pytest.mark.parametrize("factor", [0.3, 7.0])
def test_stretching_changes_the_curvature_as_dinh_says_and_nothing_else(factor):
    nets, x, y = small(activation="relu")
    bent = nets.subset(range(4))
    with torch.no_grad():
        bent.weights[0].mul_(factor)
        bent.biases[0].mul_(factor)
        bent.weights[1].div_(factor)
    assert torch.allclose(bent(x), nets(x), atol=1e-12)
    before, after = (Curvature(n, x, y).hessian().diagonal(axis1=1, axis2=2) for n in (nets, bent))
    first, second, rest = (part.sum(1) for part in np.split(before, (35, 50), axis=1))
    exact = dinh2017.rescaled_trace(factor, entering=first, leaving=second, others=rest)
    assert after.sum(1) == pytest.approx(exact, rel=1e-9)
    kept = [sharpness(n, x, y, adaptive=True, tolerance=1e-6, seed=1) for n in (nets, bent)]
    assert kept[1] == pytest.approx(kept[0], rel=1e-4)
    assert not np.allclose(sharpness(bent, x, y, seed=1), sharpness(nets, x, y, seed=1), rtol=0.1)
    fine = np.linspace(0.5, 2, 4001)
    assert dinh2017.flattest(4.0, 2.0) == pytest.approx(
        fine[dinh2017.rescaled_trace(fine, entering=4.0, leaving=2.0).argmin()], abs=1e-3
    )


def test_a_team_moves_as_written():
    """One step by hand; the pull leaves the centre where the gradients alone would take it."""
    nets, x, y = small(6)
    with torch.no_grad():
        start = nets.flat()
    losses = nets.losses(x, y)
    gradients = torch.cat([g.flatten(1) for g in torch.autograd.grad(losses.sum(), [
        p for pair in zip(nets.weights, nets.biases, strict=True) for p in pair])], 1)  # fmt: skip
    middle = start.view(2, 3, -1).mean(1).repeat_interleave(3, 0)
    wanted = start - 0.1 * (gradients + 0.4 * (start - middle))
    heat = Thermostat(learning_rate=0.1)
    moved = train(nets, x, y, steps=1, thermostat=heat, optimiser=Replicated(3, 0.4), seed=1).population
    assert torch.allclose(moved.flat(), wanted, atol=1e-12)
    free = train(nets, x, y, steps=1, thermostat=heat, seed=1).population
    assert torch.allclose(
        replicated_descent.centres(moved, 3).flat(), replicated_descent.centres(free, 3).flat(), atol=1e-12
    )


def test_recipes_come_in_their_order():
    random = np.random.default_rng(9)
    x = torch.from_numpy(random.normal(size=(2, 6, 24)).astype(np.float32))
    y = torch.from_numpy(random.integers(0, 3, (2, 24)))
    found, tried = recipes.train_grid(
        x, y, read=lambda nets: nets.losses(x.repeat(4, 1, 1), y.repeat(4, 1)).detach().numpy()[:, None],
        learning_rates=(1e-6, 0.1), batch_sizes=(4, 12), weight_decays=(0.0, 0.1), epochs=(1, 6),
        hidden=5, seeds=[1, 2],
    )  # fmt: skip
    assert found.shape == (2, 2, 8, 1)
    assert tried[0] == (4, 1e-6, 0.0)
    assert tried[-1] == (12, 0.1, 0.1)
    still = [rate < 1e-3 for _, rate, _ in tried]
    assert np.allclose(found[0][:, still], found[1][:, still], atol=1e-3)
    assert (found[1][:, ~np.array(still)] < found[1][:, still]).all()


def test_readings_of_replicas():
    random = np.random.default_rng(10)
    x = torch.from_numpy(random.normal(size=(2, 64, 31)).astype(np.float32))
    y = torch.from_numpy(random.integers(0, 10, (2, 31)))
    nets = Population((64, 5, 10), 4, seeds=range(4))
    found = flatness_readings.read(nets, x, y, x, y)
    assert found.shape == (4, len(flatness_readings.NAMES))
    assert found[:, 3] == pytest.approx(found[:, 4], abs=1e-6)  # the same data, for training and for the test
    alone = nets.subset([3])
    assert found[3, 0] == pytest.approx(float(alone.losses(x[1], y[1]).detach()), rel=1e-5)
    first, second = slice(0, 15), slice(15, 31)  # not alike in length: each counts by its samples
    assert found[3, 5] == pytest.approx(1 - float(alone.accuracies(x[1][:, first], y[1][first])))
    assert found[3, 6] == pytest.approx(
        1 - float(alone.accuracies(flatness_readings.half_a_pixel(x[1][:, second]), y[1][second]))
    )


def test_followed_networks_are_those_of_a_plain_training():
    random = np.random.default_rng(13)
    x, y = (
        torch.from_numpy(random.normal(size=(2, 6, 24)).astype(np.float32)),
        torch.from_numpy(random.integers(0, 3, (2, 24))),
    )
    y[:, 0] = 2
    own = {"learning_rate": 0.1, "batch_size": 8, "steps": 20, "records": 5, "hidden": 4}
    own |= {"start_seeds": [1, 2], "batch_seeds": [3, 4]}
    path = recipes.weights_on_the_way(x, y, **own)
    nets = Population((6, 4, 3), 2, activation="leaky-relu", seeds=[1, 2])
    heat = Thermostat(learning_rate=0.1, batch_size=8, momentum=0.9)
    end = train(nets, x, y, steps=20, thermostat=heat, seed=[3, 4]).population
    assert path.shape == (2, 5, end.flat().shape[1])
    assert torch.allclose(torch.from_numpy(path[:, -1]), end.flat(), atol=1e-6)
    assert torch.allclose(with_vectors(end, torch.from_numpy(path[:, -1]))(x), end(x), atol=1e-6)


# --- the knob and the pictures


def test_the_knob_trains_flatter_networks_at_the_same_loss():
    plain, flat = flat_paths(0.0, 32), flat_paths(0.3, 32)
    assert plain["sharpness at loss 0.8, yours"] == plain["sharpness at loss 0.8, plain"]
    assert float(flat["sharpness at loss 0.8, yours"]) < 0.5 * float(flat["sharpness at loss 0.8, plain"])
    assert flat_paths(1.0, 32)["sharpness at loss 0.8, yours"] == "not reached by all"
    drawn = plots.figure()
    first = plots.flat_paths(drawn, plain, None)
    assert plots.flat_paths(drawn, flat, first) is first
    assert first["yours_test"][1].get_xdata() == pytest.approx(flat["yours_loss"][0])


def test_what_one_should_have_found_with_the_knob():
    """The answers under the knob: where the sharpness is halved, and that small batches are flatter and err more."""
    sharp, error = "sharpness at loss 0.8, yours", "test error at loss 0.8, yours"
    plain, near, far, noisy = flat_paths(0.0, 32), flat_paths(0.1, 32), flat_paths(0.2, 32), flat_paths(0.0, 12)
    assert float(far[sharp]) < 0.5 * float(plain[sharp]) < float(near[sharp])
    assert float(noisy[sharp]) == pytest.approx(float(near[sharp]), rel=0.1)
    assert float(noisy[error]) > float(plain[error]) + 0.02


def test_courts_and_rows_hold_their_words():
    values = [Estimate(1.0, 0.1, 4), Estimate(2.0, 0.2, 4), Estimate(3.0, 0.1, 4)]
    court = plots.ScatterPanel("one", values, values, [0.1, 1.0, 2.0], note="τ = 1")
    drawn = plots.scatter_panels([court], title="t", x_label="x", y_label="y", colour_label="c")
    assert "τ = 1" in {note.get_text() for note in drawn.axes[0].texts}
    rows = plots.rows_of_methods({"error": {"loss 1": values}}, ["a", "b", "c"], title="t", line=0.0)
    assert [tick.get_text() for tick in rows.axes[0].get_yticklabels()] == ["a", "b", "c"]


X = np.arange(6.0).reshape(2, 3)
TASK = BinaryPerceptron.draw(5, patterns=3, seed=1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ranks.kendall(X, X[:, :2]), "x and y must have one shape"),
        (lambda: ranks.kendall(np.ones((2, 3)), X), "x must not be the same"),
        (lambda: ranks.partial_kendall(X, -X, X), "given must not have the very order"),
        (lambda: ranks.direction(0.3), "measured must be an Estimate"),
        (lambda: ranks.rank_draws(X, X, groups=[1, 2], seed=1), "groups must hold"),
        (lambda: ranks.within([np.nan]), "draws must hold"),
        (lambda: ranks.verdict(["maybe"]), "signs must be"),
        (lambda: first_below([[1.0]], 0.5), "losses must hold two"),
        (lambda: read_at_level(X + 1, X, 1.0, read=len), "weights must have shape"),
        (
            lambda: recipes.weights_on_the_way(
                torch.ones(2, 3, 4),
                torch.zeros(2, 4),
                learning_rate=1,
                batch_size=1,
                steps=2,
                records=1,
                start_seeds=[1],
                batch_seeds=[1],
            ),
            "start_seeds and batch_seeds must be",
        ),
        (lambda: at_level(X + 1, X[:1], 1.0), "values must have shape"),
        (lambda: at_level(X, X, 1.0), "losses must be"),
        (lambda: replicated_annealing.anneal([], copies=1, betas=[1.0], couplings=0.0, seed=1), "perceptrons must be"),
        (lambda: replicated_annealing.anneal(TASK, copies=0, betas=[1.0], couplings=0.0, seed=1), "copies must be"),
        (
            lambda: replicated_annealing.anneal(TASK, copies=1, betas=[1.0], couplings=[0.0, 1.0], seed=1),
            "couplings must be",
        ),
        (lambda: replicated_annealing.anneal(TASK, copies=1, betas=[-1.0], couplings=0.0, seed=1), "betas must be"),
        (lambda: gyorgyi1990.disagreement(1, 4), "inputs must be odd"),
        (lambda: gyorgyi1990.disagreement(6, 5), "distance must be"),
        (lambda: baldassi2015.local_entropy([1.0, 2.0, 3.0], 1.0), "table must hold"),
        (lambda: baldassi2015.local_entropy([0.0, 0.0], 1.0), "table must be above 0"),
        (lambda: neighbourhoods.hamming_distances([[1, 1]], [[1, 1, 1]]), "weights and solutions"),
        (lambda: neighbourhoods.expected_errors([[1]], [[1]], [0.0]), "errors must hold"),
        (lambda: dinh2017.rescaled_trace(0.0, entering=1.0, leaving=1.0), "factors must be"),
        (lambda: Replicated(1), "copies must be"),
        (lambda: Replicated(3, -0.1), "pull must be"),
        (lambda: replicated_descent.centres(Population((2, 2, 2), 4, seeds=1), 3), "population must hold whole teams"),
        (lambda: flatness_readings.half_a_pixel(torch.zeros(3, 4)), "images must be"),
        (lambda: flat_paths(-0.1), "radius must be"),
        (lambda: flat_paths(0.1, 2), "batch_size must be"),
        (lambda: plots.scatter_panels([], title="t", x_label="x", y_label="y", colour_label="c"), "panels must be"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_a_population_that_is_no_team_is_refused():
    nets, x, y = small(4)
    with pytest.raises(ValueError, match="whole teams of 3"):
        train(nets, x, y, steps=1, thermostat=Thermostat(), optimiser=Replicated(3), seed=1)
