"""What is known of readings and runs, of periods and of all stores; what is not known is said."""

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from lib.config.env_file import EnvFile
from lib.config.environment import from_variables
from lib.dates import Period, month_of
from lib.db import tables
from lib.errors import UsageError
from lib.model import Pipeline, RunRef
from lib.pipelines import explain
from tests.factories.runs import add_run
from tests.factories.tables import READ_AT, add_day, add_store

WEEK = Period(date(2025, 11, 10), date(2025, 11, 16))
T = date(2025, 11, 14)


@pytest.fixture
def stores(engine):
    for code in ("A668", "A817"):
        add_store(engine, code, f"STORE {code}")
        for number in range(7):
            on = WEEK.first + timedelta(days=number)
            add_day(
                engine,
                on,
                code,
                ftd_revenue=1000 + number,
                mtd_revenue=5000 + 1000 * number,
                target_revenue=90000,
                pickup_total_count=20 + 3 * number,
            )


@pytest.fixture
def asked(database):
    given = {"DATABASE_URL": database, "REPORT_STORES_LIST": "A668,A817,TS48"}
    settings = from_variables(given, EnvFile({}, ()), ())

    def ask(store="A668", on=T, period=None, figure=None, *, as_json=True):
        question = explain.question(settings, store, on, period, figure=figure, with_rows=False)
        answer = explain.explain(settings, "asking", question, as_json=as_json)
        return json.loads(answer) if as_json else answer

    return ask


def minutes(number) -> datetime:
    return READ_AT + timedelta(minutes=number)


def read_by(answer):
    """Return the runs that read the dashboard of T, as the answer has them."""
    stored = [
        one for figure in answer["figures"] for term in figure["terms"] for one in term["stored"]
    ]
    return {one["run_id"] for one in stored if one["on"] == T.isoformat()}


@pytest.mark.parametrize(
    ("runs", "known"),
    [
        ([("r1", -5, 5)], "r1"),
        ([("r1", -5, -1)], None),
        ([("r1", 1, 5)], None),
        ([("killed", -5, -5)], "killed"),
        ([("killed", -9, -9), ("r2", -5, 5)], "r2"),
        ([("r1", -5, 5), ("later", 9, 12)], "r1"),
    ],
    ids=["at work", "over", "not begun", "killed", "resumed", "made again"],
)
def test_a_reading_is_of_the_run_that_was_at_work_then(engine, stores, asked, runs, known):
    for run_id, start, end in runs:
        run = RunRef(Pipeline.DAILY, run_id, "dev", T, minutes(start))
        add_run(engine, run, finished_at=minutes(end))

    assert read_by(asked()) == {known}


def test_the_words_about_one_figure(engine, stores, asked):
    add_run(engine, RunRef(Pipeline.DAILY, "r1", "dev", T, minutes(-5)), finished_at=minutes(5))

    assert (
        asked(figure="Pickup requests", as_json=False)
        == """\
daily report 2025-11-14 of STORE A668 (A668)
No report of it was made; this is what it would say now.

Pickup requests (Friday 14 Nov): 3 · 32
  3: difference of counters
    32 on 14 Nov less 29 on 13 Nov.
    pickup_total_count of 14 Nov 2025: 32, read 15 Nov 2025, 06:20 IST, run r1
    pickup_total_count of 13 Nov 2025: 29, read 15 Nov 2025, 06:20 IST, by a run that no row tells of
  32: value of the dashboard
    pickup_total_count of 14 Nov 2025: 32, read 15 Nov 2025, 06:20 IST, run r1

Pickup requests, not yet an order (missed leads): 0 requests
  0 requests: rows of a list
    Rows that are no order.
    The list is missed_leads; its export is told below.

Export missed_leads
  Not known: no export of it up to 2025-11-14 has a load accounting.

Rules
  value of the dashboard: as the portal's dashboard of that store and day showed it
  difference of counters: the portal counts from the 1st of the month: the count of the day less\
 that of the stored day before; a fall counts as 0
  rows of a list: rows of the portal's export that were open at the end of the day"""
    )


def test_a_day_that_was_read_again_says_when_first(engine, stores, asked):
    first = READ_AT - timedelta(hours=2)
    with engine.begin() as connection:
        connection.execute(update(tables.store_dashboard_summary).values(created_at=first))

    said = asked(figure="Fridays", as_json=False)

    assert "read 15 Nov 2025, 06:20 IST" in said
    assert "first read 15 Nov 2025, 04:20 IST" in said


def test_a_report_that_was_never_made_is_explained_all_the_same_and_says_so(stores, asked):
    said = asked(as_json=False)

    assert "No report of it was made; this is what it would say now." in said
    assert "Export undelivered_all\n  Not known: no export of it up to 2025-11-14" in said
    assert "mailed" not in said


def test_a_week_is_explained_by_its_days(stores, asked):
    said = asked(period=(Pipeline.WEEKLY, WEEK), figure="pickups")

    assert said["period"]["label"] == "2025-W46"
    counted = next(one for one in said["figures"] if one["section"] == "Counts")
    (sum_of_days,) = [term for term in counted["terms"] if term["rule"] == "sum of days"]
    assert counted["printed"][0] == sum_of_days["text"] == "18"
    assert sum_of_days["because"][0].startswith("18 = 3 (11 Nov), 3 (12 Nov)")
    assert [one["value"] for one in sum_of_days["stored"]] == [20, 23, 26, 29, 32, 35, 38]


def test_all_stores_are_explained_store_by_store(stores, asked):
    said = asked("all", figure="sale")

    (sale,) = [one for one in said["figures"] if one["section"] == "Key figures"]
    assert sale["printed"][0] == "₹2,008"
    (total,) = [term for term in sale["terms"] if term["rule"] == "sum of stores"][:1]
    assert total["because"] == ["STORE A668 ₹1,004.00; STORE A817 ₹1,004.00."]


def test_all_stores_of_a_month_are_explained(stores, asked):
    said = asked("ALL", period=(Pipeline.MONTHLY, month_of(T)), figure="STORE A668")

    assert {one["label"] for one in said["figures"]} == {"STORE A668"}


def test_the_run_that_failed_says_why_nothing_is_known(engine, stores, asked):
    failures = {"stores": {"report_failures": {"A668": "server error (status 500)"}}}
    on = date(2025, 11, 20)
    run = RunRef(Pipeline.DAILY, "r9", "dev", on, READ_AT)
    add_run(engine, run, overall_status="error", metrics_json=failures)

    assert asked(on=on)["not_known"] == [
        "No dashboard of A668 for 20 Nov 2025 is stored, so no figure of it is known.",
        "The stored days of A668 are from 2025-11-10 to 2025-11-16.",
        "Run r9 about 2025-11-20 ended as error: server error (status 500)",
    ]


def test_a_name_that_is_not_printed_is_refused_with_those_that_are(stores, asked):
    with pytest.raises(UsageError, match=r"it prints: .*Pickup requests"):
        asked(figure="weather")


def test_a_column_of_the_dashboard_chooses_what_stands_on_it(stores, asked):
    labels = [one["label"] for one in asked(figure="mtd_revenue")["figures"]]

    assert labels == ["November so far", "Do today, 1", "Month against target"]
