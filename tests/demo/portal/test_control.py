from contextlib import suppress
from datetime import date, datetime

from demo.portal.control import INDIA, Control, Seen
from demo.portal.faults import Endpoint, Fault, Host, Kind

DASHBOARD = Seen(Host.TMS, Endpoint.DASHBOARD, "A668")


def test_a_counted_fault_is_used_up_and_an_uncounted_one_stays() -> None:
    control = Control()
    counted, lasting = Fault(Kind.DROP, times=2), Fault(Kind.DELAY, seconds=1)
    control.add(counted, lasting)
    taken = [[fault.kind for fault in control.take(Endpoint.DASHBOARD, "A668")] for _ in range(3)]

    assert taken == [[Kind.DROP, Kind.DELAY], [Kind.DROP, Kind.DELAY], [Kind.DELAY]]
    assert control.faults() == [lasting]


def test_equal_faults_count_apart() -> None:
    control = Control()
    control.add(Fault(Kind.DROP, times=1), Fault(Kind.DROP, times=3))
    control.take(Endpoint.HOME, None)

    assert control.faults() == [Fault(Kind.DROP, times=2)]


def test_a_fault_elsewhere_is_not_used_up() -> None:
    control = Control()
    control.add(Fault(Kind.DROP, store="A817", times=1))

    assert control.take(Endpoint.DASHBOARD, "A668") == []
    assert len(control.faults()) == 1


def test_the_day_is_the_real_one_in_india_unless_set() -> None:
    control = Control(today=date(2025, 12, 10))

    assert control.today == date(2025, 12, 10)
    control.set_today(None)
    before = datetime.now(INDIA).date()
    assert before <= control.today <= datetime.now(INDIA).date()


def test_the_high_water_mark_is_the_most_at_one_moment_on_each_host() -> None:
    control = Control()
    with control.request(DASHBOARD), control.request(DASHBOARD):
        pass
    with control.request(DASHBOARD), control.request(Seen(Host.SIMPLIFY, Endpoint.HOME, None)):
        pass

    assert {host: control.high_water(host) for host in Host} == {Host.TMS: 2, Host.SIMPLIFY: 1}


def test_a_request_that_fails_is_no_longer_in_flight() -> None:
    control = Control()
    for _ in range(3):
        with suppress(ZeroDivisionError), control.request(DASHBOARD):
            _ = 1 / 0

    assert control.high_water(Host.TMS) == 1


def test_requests_are_counted_by_kind_and_store() -> None:
    control = Control()
    for seen in (
        DASHBOARD,
        DASHBOARD,
        Seen(Host.TMS, Endpoint.MISSED_LEADS, "A668"),
        Seen(Host.TMS, Endpoint.HOP, None),
    ):
        with control.request(seen):
            pass

    assert control.requests() == 4
    assert control.requests(Endpoint.DASHBOARD) == 2
    assert control.requests(store="A668") == 3
    assert control.requests(Endpoint.MISSED_LEADS, "A817") == 0
    assert (control.hops, control.login_submissions) == (1, 0)
    control.reset_counters()
    assert control.history() == []
