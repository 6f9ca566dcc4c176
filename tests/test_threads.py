"""One thread in a simulation, unless somebody asks for more; never more than cores; put back afterwards."""

import os
import subprocess
import sys

import pytest

from course_utils import threads


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 4)
    monkeypatch.delenv("COURSE_THREADS", raising=False)


def test_this_machine_has_the_cores_that_the_process_may_use():
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert 1 <= threads.cores() <= allowed


@pytest.mark.parametrize(
    ("wanted", "inside", "side_by_side"), [(None, 1, 4), ("", 1, 4), ("2", 2, 2), ("3", 3, 1), ("64", 4, 1)]
)
def test_the_choice_and_how_to_change_it(four_cores, monkeypatch, wanted, inside, side_by_side):
    if wanted is not None:
        monkeypatch.setenv("COURSE_THREADS", wanted)
    assert threads.threads() == inside
    assert threads.workers() == side_by_side
    assert threads.workers(64) == side_by_side
    assert threads.workers(1) == 1
    assert threads.threads(2) == 2


@pytest.mark.parametrize("wrong", ["0", "-1", "two", "1.5"])
def test_a_wrong_choice_is_named(monkeypatch, wrong):
    monkeypatch.setenv("COURSE_THREADS", wrong)
    with pytest.raises(ValueError, match="COURSE_THREADS must be a whole number"), threads.limit_threads():
        pytest.fail("the body must not run")


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "1"])
def test_a_wrong_argument_is_named(wrong):
    for call in (threads.threads, threads.workers):
        with pytest.raises((TypeError, ValueError), match="must be a whole number"):
            call(wrong)


@pytest.mark.parametrize("without", ["nothing", "threadpoolctl"])
def test_torch_is_limited_and_put_back_even_after_an_error(four_cores, monkeypatch, without):
    torch = pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, without, None)
    before = torch.get_num_threads()

    @threads.limit_threads()
    def failing():
        assert torch.get_num_threads() == 1
        with threads.limit_threads(3) as number:
            assert number == torch.get_num_threads() == 3
        assert torch.get_num_threads() == 1
        raise KeyError

    try:
        torch.set_num_threads(2)
        with pytest.raises(KeyError):
            failing()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_algebra_under_numpy_is_limited(four_cores):
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def counts():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}

    with threadpoolctl.threadpool_limits(2), threads.limit_threads():
        assert counts() == {1}


def test_a_decorated_function_can_be_called_again_and_again(four_cores):
    torch = pytest.importorskip("torch")

    @threads.limit_threads()
    def inside(offset, *, factor=1):
        """Documented."""
        return offset + factor * torch.get_num_threads()

    assert [inside(1), inside(1, factor=2)] == [2, 3]
    assert inside.__doc__ == "Documented."


def test_torch_is_not_imported_for_this():
    code = "import sys; from course_utils.threads import *\nwith limit_threads(): assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_training_runs_on_the_threads_that_were_chosen_and_puts_them_back(four_cores, monkeypatch):
    import torch

    from course_utils.dynamics import Thermostat, train
    from course_utils.models import Population

    monkeypatch.setenv("COURSE_THREADS", "2")
    inputs, labels = torch.zeros(3, 4), torch.zeros(4, dtype=torch.long)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        trained = train(
            Population((3, 4, 2), 1, seeds=[0]), inputs, labels, steps=1, thermostat=Thermostat(learning_rate=0.1),
            record={"threads": lambda population, step: torch.tensor([float(torch.get_num_threads())])}, record_at=[1],
            seed=0,
        )  # fmt: skip
        assert trained.records["threads"].tolist() == [[2.0]]
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
