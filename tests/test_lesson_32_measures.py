"""What lesson 32 measures with: units that keep their names, controls of the same size, matching by activity."""

import numpy as np
import pytest
import torch
from scipy.special import comb

from course_utils.exercises import registry
from course_utils.knobs.lesson_32 import free_flips
from course_utils.measure.activity import activity_alignment
from course_utils.measure.alignment import permuted
from course_utils.measure.barriers import pair_barriers, straight_path
from course_utils.measure.chain_memory import equal_weights, past_lines
from course_utils.measure.convergence import effective_draws, r_hat, reading
from course_utils.measure.renaming import kept_share, kept_units, moved_overlap, renamed_overlaps, shuffled_within_units
from course_utils.models import Population
from course_utils.theory import krauth1989


def odd_networks(count=3, units=12, seed=1):
    return Population((7, units, 4), count, activation="tanh", seeds=seed)


def test_a_network_keeps_all_names_against_itself_and_a_renamed_copy_as_many_as_stayed():
    networks = odd_networks()
    found = kept_units(networks, networks)
    assert found["share"].diagonal().tolist() == [1, 1, 1]
    assert found["in place"].diagonal() == pytest.approx(np.ones(3))
    order = np.arange(12)
    order[:4] = [1, 2, 3, 0]  # four units change places
    moved = kept_units(networks, permuted(networks, [order]))
    assert moved["share"].diagonal() == pytest.approx(np.full(3, 8 / 12))
    assert kept_share(networks, networks) == pytest.approx(found["share"])


def test_a_unit_that_changed_sign_has_not_stayed():
    networks = odd_networks()
    turned = networks.subset(range(3))
    with torch.no_grad():
        turned.weights[0][:, 0] *= -1
        turned.biases[0][:, 0] *= -1
        turned.weights[1][:, :, 0] *= -1
    assert kept_units(networks, turned)["share"].diagonal() == pytest.approx(np.full(3, 11 / 12))
    assert renamed_overlaps(networks, turned).diagonal() == pytest.approx(np.ones(3))


def test_both_parts_add_up_to_the_raw_overlap():
    first, second = odd_networks(seed=2), odd_networks(seed=3)
    found = kept_units(first, second)
    # the biases of the outputs, which belong to no unit, are zero at the start
    assert found["in place"] + found["elsewhere"] == pytest.approx(equal_weights(first, second), abs=1e-6)
    assert moved_overlap(first, second) == pytest.approx(found["elsewhere"])


def test_chance_leaves_one_unit_in_two_h():
    shares = kept_units(odd_networks(20, seed=4), odd_networks(20, seed=5))["share"]
    error = shares.mean(1).std(ddof=1) / 20**0.5
    assert abs(shares.mean() - 1 / 24) < 4 * error


def test_shuffled_units_keep_their_weights():
    networks = odd_networks()
    mixed = shuffled_within_units(networks, seed=1)
    assert torch.equal(networks.weights[0].sort(2).values, mixed.weights[0].sort(2).values)
    assert torch.equal(networks.weights[1].sort(1).values, mixed.weights[1].sort(1).values)
    assert not torch.equal(networks.weights[1], mixed.weights[1])
    assert renamed_overlaps(mixed).shape == (3, 3)
    # what all networks share is lost: the control must not see it
    with torch.no_grad():
        networks.weights[0].copy_(networks.weights[0][:1] + 0.1 * networks.weights[0])
        networks.weights[1].copy_(networks.weights[1][:1] + 0.1 * networks.weights[1])
    assert (
        renamed_overlaps(networks)[0, 1] > 0.9 > 0.7 > renamed_overlaps(shuffled_within_units(networks, seed=2))[0, 1]
    )


def test_matching_by_activity_finds_a_renamed_copy():
    inputs = torch.randn(7, 50, generator=torch.Generator().manual_seed(1))
    one = Population((7, 12, 4), 1, seeds=6)
    with torch.no_grad():
        one.weights[1].mul_(20)
        labels = one(inputs)[0].argmax(0)  # what it says is right: its loss is low
    both = one.subset([0, 0])
    copy = permuted(both, [np.stack([np.arange(12), np.random.default_rng(2).permutation(12)])])
    raw = straight_path(copy.subset([0]), copy.subset([1]), inputs, labels).barriers()
    found = pair_barriers(copy, inputs, labels, align="activity")
    assert raw[0] > 0.1
    assert found == pytest.approx(np.zeros((2, 2)), abs=1e-5)


def test_activities_are_compared_without_their_means():
    """Units that say the same but for a constant belong together; by size alone, the loud ones would."""
    one, two = (Population((2, 2, 1), 1, seeds=1) for _ in range(2))
    with torch.no_grad():
        one.weights[0].copy_(torch.eye(2))
        two.weights[0].copy_(torch.eye(2).flip(0))
        for network in (one, two):
            network.biases[0].copy_(torch.tensor([[10.0], [4.0]]))
    inputs = torch.randn(2, 60, generator=torch.Generator().manual_seed(2))
    assert activity_alignment(two, one, inputs)[0].tolist() == [[1, 0]]


def test_free_flips_have_the_exact_mean():
    found = free_flips(51, 0.5, tasks=400, learned=3, seed=9)
    typical = np.array(found["typical"])
    assert (len(typical), len(found["learned"])) == (400, 3)
    error = typical.std(ddof=1) / 20
    assert abs(typical.mean() - krauth1989.mean_neighbours(51, 26)[1]) < 4 * error


def test_the_exercise_agrees_with_the_exact_means_and_knows_the_angle():
    exact = registry.find("32.3").judge(lambda N, P, d: krauth1989.mean_neighbours(N, P)[d])
    assert exact.state == "correct"
    wrong = registry.find("32.3").judge(lambda N, P, d: comb(N, d) * (1 - np.arccos(1 - 2 * d / N) / np.pi) ** P)
    assert "whole numbers" in f"{wrong.reason} {wrong.mistake}"


def test_readings_and_tables_in_words():
    draws = np.random.default_rng(1).normal(size=(4, 40))
    many = np.random.default_rng(2).normal(size=(40, 4, 3))
    words = reading(draws, many)
    assert words["R-hat: loss"] == f"{r_hat(draws):.3f}"
    assert words["draws worth: loss"] == f"{effective_draws(draws):.0f}"
    assert words["R-hat: a weight (median)"] == f"{np.median([r_hat(many[:, :, k].T) for k in range(3)]):.2f}"
    lines = past_lines({2.0: (np.array([1.0, 3.0]), np.zeros(2)), 1.0: (np.ones(2), np.ones(2))})
    assert lines["own past"][0] == [1.0, 2.0]
    assert [one.mean for one in lines["own past"][1]] == [1.0, 2.0]
    assert lines["others' past"][1][1].mean == 0


def test_one_stuck_weight_does_not_decide_what_is_said_of_the_weights():
    many = np.random.default_rng(3).normal(size=(60, 4, 5))
    many[:, :, 0] += 30 * np.arange(4)
    several = [(r_hat(many[:, :, k].T), effective_draws(many[:, :, k].T)) for k in range(5)]
    words = reading(many[:, :, 1].T, many)
    assert words["R-hat: a weight (median)"] == f"{np.median(several, 0)[0]:.2f}"
    assert words["draws worth: a weight"] == f"{np.median(several, 0)[1]:.0f}"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kept_units(odd_networks(), odd_networks(units=5)), "others must have the sizes"),
        (lambda: kept_units(Population((3, 4, 2), 2, seeds=1), odd_networks()), "others must have|odd activation"),
        (lambda: shuffled_within_units(Population((3, 4, 4, 2), 2, seeds=1), seed=1), "one hidden layer"),
        (
            lambda: activity_alignment(Population((3, 4, 4, 2), 1, seeds=1), odd_networks(1), torch.ones(3, 2)),
            "one hidden",
        ),
        (lambda: activity_alignment(odd_networks(2), odd_networks(2), torch.ones(7, 2)), "reference must be one"),
        (lambda: pair_barriers(odd_networks(2), torch.ones(7, 2), torch.zeros(2).long(), align="names"), "align must"),
        (lambda: free_flips(51, 0.5, tasks=0, learned=1, seed=1), "tasks must be"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
