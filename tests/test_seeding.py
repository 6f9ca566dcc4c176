"""Seeds: the same for the same question, different for every other one."""

import numpy as np
import pytest

from course_utils.seeding import course_seed, generator, seed


def test_course_seed_shifts_every_seed(monkeypatch):
    def all_seeds(shift):
        monkeypatch.setenv("COURSE_SEED", str(shift))
        return [seed(k) for k in range(20)]

    drawn = [s for shift in range(4) for s in all_seeds(shift)]
    assert len(set(drawn)) == 80
    assert all_seeds(2) == drawn[40:60]
    monkeypatch.delenv("COURSE_SEED")
    assert [seed(k) for k in range(20)] == drawn[:20]


@pytest.mark.parametrize("raw", ["-1", "one", "1.5", ""])
def test_a_bad_course_seed_is_named(monkeypatch, raw):
    monkeypatch.setenv("COURSE_SEED", raw)
    with pytest.raises(ValueError, match="COURSE_SEED must be a whole number"):
        course_seed()


def test_a_generator_moves_on_and_a_number_starts_again():
    stream = np.random.default_rng(1)
    assert generator(stream) is stream
    assert generator(7).random() == generator(7).random()


@pytest.mark.parametrize("bad", [-1, 1.0, None, "7", True])
def test_bad_seeds_are_named(bad):
    with pytest.raises((TypeError, ValueError), match="seed must be"):
        generator(bad)
