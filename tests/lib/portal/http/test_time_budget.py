"""The portal's time, on a clock of our own."""

from contextlib import suppress

import pytest

from lib.portal import PortalAway
from lib.portal.http.time_budget import StoreOutOfTime, TimeBudget


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    return TimeBudget(run_s=100, store_s=30, clock=clock)


def ask(budget, clock, store, takes_s):
    with budget.spend(store) as left_s:
        clock.now += takes_s
    return left_s


def test_a_request_may_take_what_its_store_has_left(budget, clock):
    assert [ask(budget, clock, "A668", 12) for _ in range(3)] == [30, 18, 6]


def test_a_store_whose_time_is_over_is_not_asked_about_and_the_others_are(budget, clock):
    ask(budget, clock, "A668", 31)

    with pytest.raises(StoreOutOfTime, match="30 s already"):
        ask(budget, clock, "A668", 1)
    assert ask(budget, clock, "A817", 1) == 30


def test_pauses_between_requests_are_not_the_stores(budget, clock):
    ask(budget, clock, "A668", 10)
    clock.now += 50

    assert ask(budget, clock, "A668", 1) == 20


def test_no_request_may_take_longer_than_the_run_has_left(budget, clock):
    ask(budget, clock, "A668", 1)
    clock.now += 89

    assert ask(budget, clock, "A817", 1) == 10


def test_a_run_whose_time_is_over_ends_for_all_stores(budget, clock):
    ask(budget, clock, "A668", 1)
    clock.now += 100

    with pytest.raises(PortalAway, match=r"PORTAL_BUDGET_SECONDS, 100 s\) is used up"):
        ask(budget, clock, "A817", 1)


def test_the_runs_time_begins_with_the_first_request(budget, clock):
    clock.now += 500

    assert ask(budget, clock, "A668", 1) == 30


def test_a_request_that_fails_counts_too(budget, clock):
    with suppress(ConnectionError), budget.spend("A668"):
        clock.now += 25
        raise ConnectionError

    assert ask(budget, clock, "A668", 1) == 5
