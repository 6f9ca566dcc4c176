"""The evidence table says what was measured, and says so when a claim fails."""

import pytest

from course_utils.evidence import MIME_TYPE, TRIALS_MIME_TYPE, Evidence
from course_utils.measure.statistics import Estimate

ROW = {
    "claim": "a mean",
    "theory": 1.0,
    "measured": Estimate(1.02, 0.01, 16),
    "over": "16 replicas",
    "source": "nobody",
}


def table(**changes):
    evidence = Evidence("99")
    evidence.add(**{**ROW, **changes})
    return evidence


def test_a_row_within_four_standard_errors_holds():
    assert table().holds
    assert table().rows[0].z == pytest.approx(2.0)


def test_a_row_beyond_them_does_not_and_the_table_says_so():
    failing = table(theory=0.97)
    assert not failing.holds
    assert "does not hold" in failing._repr_mimebundle_()["text/html"]
    assert failing.verdict().startswith("1 of 1 claims do not hold")


def test_a_refuted_theory_holds_only_when_it_is_far_away():
    assert table(theory=0.9, rejects=True).holds
    assert not table(rejects=True).holds
    assert "not ruled out" in table(rejects=True)._repr_mimebundle_()["text/html"]


def test_an_empty_table_proves_nothing():
    assert not Evidence("99").holds


def test_running_a_cell_again_replaces_its_row():
    evidence = table()
    evidence.add(**{**ROW, "theory": 1.01})
    assert [row.theory for row in evidence.rows] == [1.01]


def test_the_bundle_carries_the_rows_for_the_tests():
    (row,) = table()._repr_mimebundle_()[MIME_TYPE]
    assert row == {
        "claim": "a mean", "theory": 1.0, "mean": 1.02, "error": 0.01, "n": 16, "over": "16 replicas",
        "source": "nobody", "rejects": False, "z": pytest.approx(2.0), "holds": True,
    }  # fmt: skip


def test_the_shift_of_the_seeds_is_named(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "3")
    assert "COURSE_SEED = 3" in table().verdict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measured": 1.02}, "measured must be an Estimate"),
        ({"theory": float("nan")}, "theory must be"),
        ({"claim": ""}, "claim must be"),
        ({"over": 3}, "over must be"),
        ({"rejects": 1}, "rejects must be"),
    ],
)
def test_bad_input_is_named(change, message):
    with pytest.raises((TypeError, ValueError), match=message):
        table(**change)


# --- popular claims

TRIAL = {"verdict": "half right", "because": "It was 1.02.", "deciding": "a mean"}


def test_a_trial_stands_under_the_table_with_the_row_that_decides():
    evidence = table()
    evidence.trial("All means are one", **TRIAL)
    bundle = evidence._repr_mimebundle_()
    assert all(word in bundle["text/html"] for word in ("All means are one", "half right", "It was 1.02."))
    assert "All means are one: half right" in bundle["text/plain"]
    (trial,) = bundle[TRIALS_MIME_TYPE]
    assert trial["verdict"] == "half right"
    assert trial["deciding"] == bundle[MIME_TYPE][0]


def test_without_trials_nothing_is_said_of_them():
    assert TRIALS_MIME_TYPE not in table()._repr_mimebundle_()


def test_a_verdict_waits_when_its_row_does_not_hold():
    evidence = table(theory=0.97)
    evidence.trial("All means are one", **TRIAL)
    assert "open: the deciding row does not hold" in evidence._repr_mimebundle_()["text/html"]


def test_running_the_cell_again_replaces_the_verdict():
    evidence = table()
    evidence.trial("All means are one", **TRIAL)
    evidence.trial("All means are one", **{**TRIAL, "verdict": "wrong"})
    assert [trial.verdict for trial in evidence.trials] == ["wrong"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"verdict": "perhaps"}, "verdict"),
        ({"verdict": "not tested"}, "deciding must be a row's claim, or None for 'not tested'"),
        ({"deciding": None}, "deciding must be a row's claim, or None"),
        ({"because": ""}, "because"),
        ({"deciding": "another mean"}, "deciding"),
        ({"deciding": 3}, "deciding"),
    ],
)
def test_a_bad_trial_is_refused_and_nothing_is_kept(change, named):
    evidence = table()
    with pytest.raises((TypeError, ValueError), match=named):
        evidence.trial("All means are one", **{**TRIAL, **change})
    assert evidence.trials == []


def test_a_claim_that_nothing_here_decides_is_not_tested_and_needs_no_row():
    evidence = Evidence("21")
    evidence.trial("All means are one", verdict="not tested", because="No mean was taken")
    bundle = evidence._repr_mimebundle_()
    assert "All means are one: not tested. No mean was taken" in bundle["text/plain"]
    assert bundle["application/vnd.course-trials+json"] == [
        {"popular": "All means are one", "verdict": "not tested", "because": "No mean was taken", "deciding": None}
    ]


@pytest.mark.parametrize(
    ("z", "shown"),
    [(1.24, "+1.2 σ"), (-0.04, "+0.0 σ"), (-99.94, "−99.9 σ"), (-152.0, "−150 σ"), (12345.0, "+12,000 σ")],
)
def test_a_distance_has_no_more_digits_than_a_reader_can_use(z, shown):
    evidence = Evidence("21")
    evidence.add("a mean", theory=0.0, measured=Estimate(z, 1.0, 9), over="9 runs", source="nobody", rejects=True)
    assert f"  {shown}: " in evidence._repr_mimebundle_()["text/plain"]
