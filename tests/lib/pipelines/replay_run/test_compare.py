"""What counts as a difference, and which lines may be shown."""

from datetime import UTC, datetime

import pytest

from lib.pipelines.replay_run import compare
from lib.pipelines.replay_run.result import StoredMail

THEN = {
    "sale": {"days": [{"on": "2025-11-14", "rupees": 100}]},
    "counts": [{"name": "pickups", "day": 3}, {"name": "deliveries", "day": None}],
    "lists": [1, 2],
}


def mail(**changes):
    usual = {
        "profile": "store_daily_reports",
        "store_code": "A668",
        "kind": "",
        "subject": "Subject",
        "body": "one\ntwo",
        "recipients": {"owner@example.invalid": "to"},
        "attachments": ("A.pdf",),
        "problem": None,
        "dated_at": datetime(2025, 11, 15, tzinfo=UTC),
    }
    return StoredMail(**(usual | changes))


def test_equal_figures_have_no_line():
    assert compare.figures(THEN, dict(reversed(THEN.items()))) == []


def test_a_figure_is_named_by_its_path_and_unknown_is_no_number():
    now = {
        "sale": {"days": [{"on": "2025-11-14", "rupees": 101}]},
        "counts": [{"name": "pickups", "day": None}, {"name": "deliveries", "day": None}],
        "lists": [1],
        "new": 0,
    }

    assert compare.figures(THEN, now) == [
        "sale.days.2025-11-14.rupees: 100 then, 101 now",
        "counts.pickups.day: 3 then, unknown now",
        "lists.2: 2 then, not kept now",
        "new: not kept then, 0 now",
    ]


def test_lines_are_those_that_are_gone_and_those_that_are_new():
    assert compare.lines(["a", "b", "c"], ["a", "B", "c", "d"]) == ["- b", "+ B", "+ d"]


VOCABULARY = compare.words(["Delivery within TAT", "days late", "of the target", "T3678"])


@pytest.mark.parametrize(
    "line",
    ["Delivery within TAT 89.2%", "T3678 ₹2,648, 9 days late", "57.5% of the target", "₹1,00,000"],
)
def test_a_line_of_our_own_words_may_be_shown(line):
    assert compare.is_known(line, VOCABULARY)


@pytest.mark.parametrize(
    "line",
    [
        "Lojojo Zaorko",
        "T3678 5000053678 17",
        "+91 50000 53678",
        "500-005-3678",
        "T3678 Lojojo 9 days late",
        "नमूना ग्राहक 52156",
        "नमूना",
    ],
)
def test_a_line_that_may_be_a_customers_is_not(line):
    assert not compare.is_known(line, VOCABULARY)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"subject": "Other"}, ["- Subject: Subject", "+ Subject: Other"]),
        ({"body": "one\nthree"}, ["- two", "+ three"]),
        ({"attachments": ()}, ["- Attached: A.pdf"]),
        ({"recipients": {"OWNER@example.invalid": "to"}}, []),
        (
            {"recipients": {"owner@example.invalid": "cc"}},
            ["- to: o…@example.invalid", "+ cc: o…@example.invalid"],
        ),
        ({"problem": "no sender"}, ["+ Problem: no sender"]),
    ],
    ids=["same", "subject", "text", "file", "letter case", "list", "problem"],
)
def test_a_mail_differs_where_its_readers_would_see_it(changes, expected):
    masked = {"owner@example.invalid": "o…@example.invalid"}

    assert compare.mail(mail(), mail(**changes), masked) == expected


def test_of_a_digest_only_the_readers_are_compared():
    masked = {"owner@example.invalid": "o…@example.invalid"}
    then = mail(is_digest=True, subject="Subject (and 2 earlier)")

    assert compare.mail(then, mail(), masked) == []
