"""Points have names that hold from run to run, and a trap springs once."""

from __future__ import annotations

import pytest

from tests.proofs.faults.points import Arm, Door, Fault, Point, Trap, can_strike, numbered

COMMIT = Point(Door.SQL, "COMMIT", 2)


def test_an_operation_is_named_by_what_it_is_and_how_often_it_came():
    trap = Trap(None, on_spring=pytest.fail)
    for label in ("COMMIT", "SELECT #", "COMMIT"):
        assert trap.reach(Door.SQL, label) is None

    assert [str(point) for point in trap.trace] == [
        "sql: COMMIT",
        "sql: SELECT #",
        "sql: COMMIT (2)",
    ]


def test_a_trap_springs_at_its_point_and_never_again():
    sprung = []
    trap = Trap(Arm(Fault.ERROR, COMMIT), on_spring=sprung.append)

    found = [trap.reach(Door.SQL, "COMMIT") for _ in range(4)]

    assert found == [None, Fault.ERROR, None, None]
    assert len(sprung) == 1


def test_a_full_disk_stays_full():
    trap = Trap(Arm(Fault.DISK_FULL, COMMIT), on_spring=lambda _: None)
    full = []
    for _ in range(3):
        trap.reach(Door.SQL, "COMMIT")
        full.append(trap.is_disk_full)

    assert full == [False, True, True]


def test_numbers_do_not_depend_on_the_order_of_threads():
    there = [Point(Door.SQL, "b", 1), Point(Door.FILE, "z", 1), Point(Door.SQL, "a", 1)]
    assert numbered(there) == numbered(reversed(there)) == sorted(there)


@pytest.mark.parametrize(
    ("fault", "door", "label", "expected"),
    [
        (Fault.SIGKILL, Door.SQL, "SELECT #", True),
        (Fault.ERROR, Door.BROWSER, "launch", True),
        (Fault.LOST_ANSWER, Door.SQL, "COMMIT", True),
        (Fault.LOST_ANSWER, Door.SQL, "SELECT #", False),
        (Fault.LOST_ANSWER, Door.PORTAL, "/mis", True),
        (Fault.DISK_FULL, Door.FILE, "write reports_root/a.pdf", True),
        (Fault.DISK_FULL, Door.FILE, "remove reports_root/a.pdf", False),
        (Fault.DISK_FULL, Door.SQL, "INSERT INTO documents", True),
        (Fault.DISK_FULL, Door.SQL, "SELECT #", False),
        (Fault.DISK_FULL, Door.SMTP, "connect", False),
    ],
)
def test_a_fault_is_tried_only_where_it_means_something(fault, door, label, expected):
    assert can_strike(fault, Point(door, label, 1)) is expected
