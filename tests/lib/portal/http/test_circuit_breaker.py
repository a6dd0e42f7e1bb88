import pytest

from lib.portal import PortalAway
from lib.portal.http.circuit_breaker import CircuitBreaker


@pytest.fixture
def questions():
    return []


def breaker(questions, *, answers):
    def ask():
        questions.append("anybody there?")
        return answers

    return CircuitBreaker(3, ask)


def test_a_dead_network_stops_the_run_and_keeps_it_stopped(questions):
    dead = breaker(questions, answers=False)
    dead.record_failure()
    dead.record_failure()
    dead.check()

    with pytest.raises(PortalAway, match="3 network failures in a row"):
        dead.record_failure()
    with pytest.raises(PortalAway):
        dead.check()
    assert len(questions) == 1


def test_one_store_that_always_breaks_stops_nobody(questions):
    alive = breaker(questions, answers=True)
    for _ in range(9):
        alive.record_failure()

    alive.check()
    assert len(questions) == 3


def test_only_failures_in_a_row_count(questions):
    lucky = breaker(questions, answers=False)
    for _ in range(5):
        lucky.record_failure()
        lucky.record_failure()
        lucky.record_success()

    lucky.check()
    assert questions == []


def test_it_can_be_opened_for_another_reason(questions):
    breaker_ = breaker(questions, answers=True)
    breaker_.open(PortalAway("stopped"))

    with pytest.raises(PortalAway, match="stopped"):
        breaker_.check()
