"""What the portal changed, in words: tables for the words, PostgreSQL for the memory."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lib import dates
from lib.db.tables import portal_headers
from lib.model import METRICS, Bucket, Dashboard, Download, Finding, Status
from lib.portal import notice_changes
from lib.portal.changes import compare, queries, record
from lib.portal.changes.compare import Headers

T = date(2025, 12, 9)
BASE = ("Customer (6 Months Ago)", "Repeat Orders", "Total Base (%)")
FULL = Dashboard("A668", "RIVERSIDE", T, None, {metric.name: 1 for metric in METRICS})


def page(code, *blank):
    return replace(
        FULL, store_code=code, metrics={name: None if name in blank else 1 for name in FULL.metrics}
    )


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (("Base 6M", *BASE[1:]), "'Customer (6 Months Ago)' is now called 'Base 6M'"),
        (
            ("Base 6M", "Orders", BASE[2]),
            "'Customer (6 Months Ago)' is now called 'Base 6M'; 'Repeat Orders' is now called 'Orders'",
        ),
        (BASE[:2], "'Total Base (%)' is gone"),
        ((*BASE, "Extra"), "'Extra' is new"),
        (("Extra", *BASE[:2]), "'Total Base (%)' is gone; 'Extra' is new"),
        (BASE[::-1], "the same columns in another order or number"),
        ((*BASE, BASE[0]), "the same columns in another order or number"),
        (("x" * 99, *BASE[1:]), f"'Customer (6 Months Ago)' is now called '{'x' * 40}'"),
    ],
)
def test_a_difference_is_told_in_words(after, words):
    assert compare.difference(BASE, after) == words


def test_a_change_is_told_once_for_all_stores_of_which_it_is_true():
    codes = [f"A{number}" for number in range(7)]
    known = {(code, "Repeat Customers"): BASE for code in codes} | {("B1", "Package"): ("New",)}
    seen = [Headers(code, "Repeat Customers", ("Base 6M", *BASE[1:])) for code in codes]
    seen += [Headers("B1", "Package", ("Fresh",)), Headers("B2", "Package", ("Fresh",))]

    assert compare.changes(known, seen) == [
        Finding(
            Status.WARNING,
            "the portal changed the headers of Repeat Customers for 7 stores (A0, A1, A2, A3, A4, …):"
            " 'Customer (6 Months Ago)' is now called 'Base 6M'",
        ),
        Finding(
            Status.WARNING,
            "the portal changed the headers of Package for B1: 'New' is now called 'Fresh'",
        ),
    ]


def test_a_metric_that_most_pages_do_not_show_is_an_error_of_its_own():
    blank = ("repeat_customer_base_6m", "repeat_orders")
    (finding,) = compare.mostly_empty([page("A1", *blank), page("A2", *blank), page("A3")])

    assert finding.severity is Status.ERROR
    assert finding.store_code is None
    assert finding.text.startswith(
        "Repeat Customers shows no value for repeat_customer_base_6m (2 of 3 stores), repeat_orders (2 of 3 stores):"
    )


@pytest.mark.parametrize(
    "pages",
    [
        [],
        [page("A1", "package_new"), page("A2", "package_new")],
        [page("A1", "package_new"), page("A2", "package_new"), page("A3"), page("A4")],
        [page("A1", "package_new"), page("A2", "package_ftd"), page("A3")],
    ],
    ids="none too-few half other-metrics".split(),
)
def test_what_some_pages_do_not_show_is_not(pages):
    assert compare.mostly_empty(pages) == []


def test_every_part_with_headers_is_remembered_and_no_other():
    shown = replace(FULL, headers={"Package": ("New",), "Revenue": ("MTD",)})
    files = [
        Download("A1", Bucket.MISSED_LEADS, None, ("id",)),
        Download("A2", Bucket.MISSED_LEADS, None),
    ]

    assert compare.headers_of_dashboards([shown]) == [
        Headers("A668", "Package", ("New",)),
        Headers("A668", "Revenue", ("MTD",)),
    ]
    assert compare.headers_of_downloads(files) == [Headers("A1", "missed_leads", ("id",))]


class TestMemory:
    OLD = Headers("A668", "Package", ("New",))
    NEW = Headers("A668", "Package", ("Fresh",))
    TOLD = "the portal changed the headers of Package for A668: 'New' is now called 'Fresh'"

    def tell(self, engine, headers, *, keep=True):
        return [finding.text for finding in notice_changes(engine, [headers], keep=keep)]

    def test_a_first_sight_is_no_change_and_a_change_is_told_once(self, engine):
        assert [self.tell(engine, each) for each in (self.OLD, self.OLD, self.NEW, self.NEW)] == [
            [],
            [],
            [self.TOLD],
            [],
        ]

    def test_a_change_back_is_a_change(self, engine):
        assert [len(self.tell(engine, each)) for each in (self.OLD, self.NEW, self.OLD)] == [
            0,
            1,
            1,
        ]

    def test_what_is_not_kept_is_told_again(self, engine):
        self.tell(engine, self.OLD)

        assert [self.tell(engine, self.NEW, keep=False) for _ in range(2)] == [
            [self.TOLD],
            [self.TOLD],
        ]

    def test_other_stores_have_other_headers(self, engine):
        self.tell(engine, self.OLD)

        assert self.tell(engine, replace(self.NEW, store_code="B002")) == []

    def test_it_knows_since_when_a_store_shows_this_and_when_last(self, engine):
        started = dates.now()
        times = []
        for headers in (self.OLD, self.OLD, self.NEW):
            self.tell(engine, headers)
            with engine.connect() as connection:
                row = connection.execute(select(portal_headers)).one()
            times.append((row.first_seen_at, row.last_seen_at))
        (first, last), (first_again, last_again), (changed, _) = times

        assert started <= first == last == first_again < last_again < changed

    def test_what_was_not_seen_for_long_is_forgotten(self, engine, monkeypatch):
        self.tell(engine, self.OLD)
        monkeypatch.setattr(record, "KEPT", timedelta(0))
        self.tell(engine, replace(self.NEW, store_code="B002"))

        with engine.connect() as connection:
            assert connection.execute(select(portal_headers.c.store_code)).scalars().all() == [
                "B002"
            ]

    def test_a_torn_header_line_leaves_no_customer_in_the_table(self, engine):
        torn = ("id", "mobile_number", 'store_code\n1,9876543210,"Asha Rao', "A668", "ring twice")
        file = Download("A668", Bucket.MISSED_LEADS, Path("A668.csv"), torn)
        notice_changes(engine, compare.headers_of_downloads([file]), keep=True)

        with engine.connect() as connection:
            [texts] = connection.execute(select(portal_headers.c.texts)).scalars()
        assert texts[:2] == ["id", "mobile_number"]
        assert not [word for word in ("98765", "Asha", "Rao", "twice") if word in str(texts)]

    def test_texts_of_an_earlier_version_are_no_change_by_being_masked(self, engine):
        raw = Headers("A668", "missed_leads", ("id", "Asha Rao"))
        with engine.begin() as connection:
            queries.keep_headers(connection, [raw], dates.now())
        file = Download("A668", Bucket.MISSED_LEADS, Path("A668.csv"), raw.texts)

        assert notice_changes(engine, compare.headers_of_downloads([file]), keep=True) == []

    def test_nothing_seen_is_nothing_to_tell(self, engine):
        assert notice_changes(engine, [], keep=True) == []
