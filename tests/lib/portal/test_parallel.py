from threading import Barrier, Event, Lock

import pytest

from lib.errors import TemporaryError
from lib.portal import LoginRefused, PortalAway
from lib.portal.parallel import run_concurrently


def outcomes(units, work, threads=2, on_early_exit=lambda: None):
    return dict(run_concurrently(units, work, threads=threads, on_early_exit=on_early_exit))


def test_every_unit_comes_back_with_its_value():
    assert outcomes(range(20), lambda unit: unit * 2) == {unit: unit * 2 for unit in range(20)}


def test_no_units_are_no_work():
    assert outcomes([], lambda _: 1) == {}


@pytest.mark.parametrize("error", [TemporaryError("a gap"), ValueError("a bug")])
def test_an_error_is_its_units_own(error):
    def work(unit):
        if unit == 1:
            raise error
        return unit

    assert outcomes([0, 1, 2, 3], work) == {0: 0, 1: error, 2: 2, 3: 3}


@pytest.mark.parametrize("error", [PortalAway("gone"), LoginRefused("no")])
def test_when_nobody_gets_anything_any_more_the_rest_is_marked_and_not_tried(error):
    tried = []

    def work(unit):
        tried.append(unit)
        raise error

    assert outcomes(range(50), work) == dict.fromkeys(range(50), error)
    assert len(tried) <= 4


def test_never_more_threads_work_than_allowed():
    lock, working, most = Lock(), 0, 0
    pair = Barrier(3)

    def work(_):
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
        pair.wait(timeout=60)
        with lock:
            working -= 1

    outcomes(range(9), work, threads=3)
    assert most == 3


def test_a_caller_that_leaves_early_has_the_rest_stopped():
    stopped, tried = Event(), []

    def work(unit):
        tried.append(unit)
        if unit:
            assert stopped.wait(timeout=60)

    for _ in run_concurrently(range(50), work, threads=2, on_early_exit=stopped.set):
        break
    assert stopped.is_set()
    assert len(tried) <= 4


def test_units_are_taken_from_their_source_only_when_threads_are_near():
    taken = []

    def source():
        for unit in range(100):
            taken.append(unit)
            yield unit

    results = run_concurrently(source(), lambda unit: unit, threads=2, on_early_exit=lambda: None)
    next(results)
    assert len(taken) <= 4
    results.close()
