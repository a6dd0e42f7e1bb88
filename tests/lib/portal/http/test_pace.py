"""Times of replies in, verdict out: who waits for whom at the portal."""

import random
from dataclasses import replace

import pytest

from demo.portal import latency
from demo.portal.faults import Endpoint
from lib.portal.http.pace import MIN_ALONE_S, PaceMeter, ReplyTimes, Serving

LIMIT = 4
REQUESTS = 60
#: The times of this one begin with a slow page.
SLOW_FIRST = 3


def locked(took, in_flight=LIMIT):
    """Yield the times of requests that one session has served one after another."""
    ends = [0.0] * in_flight
    free = previous = None
    for number, seconds in enumerate(took):
        sent = ends[number % in_flight]
        free = max(sent, free or 0.0) + seconds
        ahead = sum(end > sent for end in ends) if number else 0
        yield ReplyTimes("page", sent, free, previous, min(ahead, in_flight - 1))
        ends[number % in_flight] = previous = free


def beside(took, in_flight=LIMIT):
    """Yield the times of requests that were served side by side, as their replies came."""
    free = [0.0] * in_flight
    rows = []
    for number, seconds in enumerate(took):
        lane = free.index(min(free))
        rows.append((free[lane], free[lane] + seconds, 0 if number == 0 else in_flight - 1))
        free[lane] += seconds
    previous = None
    for sent, done, ahead in sorted(rows, key=lambda row: row[1]):
        yield ReplyTimes("page", sent, done, previous, ahead)
        previous = done


def verdict(replies, in_flight=LIMIT, alone=()):
    """Record the replies, and a page that was `alone` each time that the meter is in doubt."""
    meter = PaceMeter(in_flight)
    alone = iter(alone)

    for times in replies:
        meter.record(times)

        if meter.is_in_doubt() and (seconds := next(alone, None)):
            meter.record(ReplyTimes("page", 0.0, seconds, None, 0))

    return meter


def real(seed):
    return [latency.seconds(Endpoint.DASHBOARD, f"A{n}", seed) for n in range(REQUESTS)]


@pytest.mark.parametrize("in_flight", [2, 4, 8])
@pytest.mark.parametrize("took", [[2.0] * REQUESTS, real(1), real(2), real(4), real(7)])
def test_a_session_that_is_locked_is_found_out(took, in_flight):
    found = verdict(locked(took, in_flight), in_flight, took)

    assert found.serving is Serving.ONE_AT_A_TIME
    assert 0.3 < found.effective() < 1.6


@pytest.mark.parametrize("in_flight", [4, 8])
@pytest.mark.parametrize("took", [[2.0] * REQUESTS, real(1), real(2), real(3), real(4)])
def test_pages_that_are_served_side_by_side_are_never_slowed_down(took, in_flight):
    found = verdict(beside(took, in_flight), in_flight, took)

    assert found.serving is Serving.SIDE_BY_SIDE
    assert found.effective() > 2


def test_two_in_flight_are_hardly_ever_called_one():
    found = [verdict(beside(real(seed), 2), 2, real(seed + 100)).serving for seed in range(40)]

    assert found.count(Serving.ONE_AT_A_TIME) <= 1


def test_a_slow_page_that_was_alone_leaves_it_open():
    meter = verdict(locked(real(SLOW_FIRST)))

    assert meter.serving is Serving.UNKNOWN
    for times in locked([16.0] * REQUESTS):
        meter.record(times)
    assert meter.serving is Serving.ONE_AT_A_TIME


def test_a_slow_first_page_does_not_make_a_queue_look_like_pages_side_by_side():
    replies = list(locked([16.0] + [2.0] * REQUESTS))

    assert verdict(replies).serving is Serving.UNKNOWN
    assert verdict(replies, alone=[2.0]).serving is Serving.ONE_AT_A_TIME


def test_a_slow_first_page_of_one_kind_does_not_speak_against_all_others():
    """Exports first, the first of them slow; then rounds of dashboards, of which one is alone each time."""
    exports = [replace(times, kind="export") for times in locked([1.1] + [0.25] * 11)]
    replies = exports + [times for _ in range(3) for times in locked([0.25] * 8)]
    meter = PaceMeter(LIMIT)
    verdicts = [meter.record(times) for times in replies]

    assert verdicts.index(Serving.ONE_AT_A_TIME) == len(exports) + 11
    assert meter.effective() == pytest.approx(1.0)


def test_without_a_verdict_a_page_is_asked_for_alone_now_and_then():
    meter = PaceMeter(LIMIT)
    in_doubt = []

    for number, times in enumerate(locked([16.0] + [2.0] * REQUESTS)):
        meter.record(times)

        if meter.is_in_doubt():
            in_doubt.append(number)

    assert in_doubt == [20, 40, 60]


def test_few_replies_are_no_verdict():
    assert verdict(locked([2.0] * 5)).serving is Serving.UNKNOWN


def test_without_a_page_that_was_alone_there_is_no_verdict():
    replies = [ReplyTimes("page", 0.0, float(n), n - 1.0, 3) for n in range(1, 50)]

    assert verdict(replies).serving is Serving.UNKNOWN
    assert verdict(replies).effective() is None


def test_quick_replies_are_not_judged():
    assert verdict(locked([MIN_ALONE_S / 2] * REQUESTS)).serving is Serving.UNKNOWN


def test_kinds_are_not_compared_with_each_other():
    """An export is quick, a dashboard slow: that says nothing about a queue."""
    slow = ReplyTimes("dashboard", 0.0, 16.0, None, 0)
    quick = [ReplyTimes("missed_leads", n - 4.0, float(n), n - 1.0, 3) for n in range(17, 60)]

    assert verdict([slow, *quick]).serving is Serving.UNKNOWN


def test_a_portal_with_two_workers_is_not_slowed_down_to_one():
    rng = random.Random(7)
    took = [1.0 + rng.random() / 10 for _ in range(REQUESTS)]

    # Two lanes serve, although four requests are sent.
    replies = [
        ReplyTimes(times.kind, times.sent - 1.0, times.done, times.previous_done, times.ahead)
        for times in beside(took, 2)
    ]

    assert verdict(replies).serving is not Serving.ONE_AT_A_TIME
