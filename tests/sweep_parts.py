"""What the tests of sweeps share: a grid, functions to run over it, and how results are compared."""

import numpy as np

GRID = {"temperature": [0.5, 1.0, 2.0], "size": [4, 8]}


def noisy(temperature, size, *, seed):
    rng = np.random.default_rng(seed)
    return {
        "energy": -size / temperature + rng.standard_normal(),
        "spins": rng.integers(0, 2, size),
        "name": f"T={temperature}",
    }


def same(one, other):
    """Whether two results agree to the last bit."""
    assert len(one.records) == len(other.records)
    for a, b in zip(one.records, other.records, strict=True):
        assert list(a) == list(b)
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])
            assert type(a[name]) is type(b[name])
    return True


def counted(log):
    """A function that writes down each of its calls."""

    def point(x, *, seed):
        with open(log, "a") as file:
            file.write(f"{x} {seed}\n")
        return {"noise": np.random.default_rng(seed).standard_normal(3), "flag": x > 1}

    return point


def calls(log):
    return log.read_text().split("\n")[:-1] if log.exists() else []
