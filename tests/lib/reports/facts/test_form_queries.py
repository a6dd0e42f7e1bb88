"""What the store said in forms that came back, as tomorrow's report has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from lib.db import tables
from lib.domain.report_form import ListKind
from lib.reports.facts.form_queries import row_answers
from lib.reports.facts.model import RowAnswer
from tests.factories.reports import RUN, T
from tests.factories.runs import add_run

BEFORE = datetime(2025, 11, 15, 18, 30, tzinfo=UTC)
"""Midnight after the day on which the report of T is read."""
MORNING = datetime(2025, 11, 15, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
IST = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def form(engine):
    """Store a form of a report of A668; its answers are `(kind, about, said)`, or with a comment."""
    numbers = count(1)
    add_run(engine, RUN)

    def store(*answers, on=T - DAY, at=MORNING, state="read", code="A668", run_id=RUN.run_id):
        number = next(numbers)
        row = {
            "digest": f"{number:064}",
            "received_at": at,
            "state": state,
            "store_code": code,
            "report_date": on,
            "run_id": run_id,
        }
        with engine.begin() as connection:
            returned = insert(tables.form_returns).values(row).returning(tables.form_returns.c.id)
            return_id = connection.execute(returned).scalar_one()
            for place, (kind, about, said, *comment) in enumerate(answers, 1):
                connection.execute(
                    insert(tables.form_answers).values(
                        return_id=return_id,
                        kind=kind,
                        number=place,
                        about=about,
                        said=said,
                        comment=comment[0] if comment else None,
                    )
                )

    return store


@pytest.fixture
def found(engine):
    with engine.connect() as connection:
        yield lambda: row_answers(connection, "A668", T, IST)


def yes(at=MORNING):
    return RowAnswer(yes_at=at)


def wrote(comment, at=MORNING, yes_at=None):
    return RowAnswer(yes_at, comment, at)


@pytest.fixture
def another_run(engine):
    earlier = replace(RUN, run_id="earlier")
    add_run(engine, earlier)
    return earlier.run_id


def test_a_yes_is_said_at_the_instant_at_which_the_form_came(form, found):
    form(("order", "T1", "yes"), ("lead", "9000000001", "yes"), ("order", "T2", "no"))

    assert found() == {
        ListKind.ORDER: {"T1": yes()},
        ListKind.LEAD: {"9000000001": yes()},
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"on": T}, id="of the same day"),
        pytest.param({"on": T + DAY}, id="of a later day"),
        pytest.param({"at": BEFORE}, id="that came later"),
        pytest.param({"state": "refused"}, id="that was refused"),
        pytest.param({"code": "A817"}, id="of another store"),
    ],
)
def test_a_form_of_something_else_says_nothing(form, found, changes):
    form(("order", "T1", "yes", "Paid"), **changes)

    assert found()[ListKind.ORDER] == {}


def test_both_boxes_and_a_row_that_names_nothing_say_nothing(form, found):
    form(("order", "T1", "both"), ("order", None, "yes"), ("order", "T2", None))

    assert found()[ListKind.ORDER] == {}


def test_the_last_form_of_a_report_takes_back_what_the_one_before_said(form, found):
    form(("order", "T1", "yes"), ("order", "T2", "yes"))
    form(("order", "T2", "yes"), at=MORNING + timedelta(hours=1))

    assert found()[ListKind.ORDER] == {"T2": yes(MORNING + timedelta(hours=1))}


def test_what_a_newer_report_answers_counts_and_what_it_leaves_open_stays(form, found, another_run):
    form(("order", "T1", "yes"), ("order", "T2", "yes"), on=T - 2 * DAY, run_id=another_run)
    form(("order", "T1", "no"), on=T - DAY, at=MORNING - DAY)

    assert found()[ListKind.ORDER] == {"T2": yes()}


def test_a_comment_is_said_with_or_without_a_tick(form, found):
    form(("order", "T1", "yes", "Paid"), ("order", "T2", "no", "Monday"), ("lead", "T3", None, "?"))

    assert found() == {
        ListKind.ORDER: {"T1": wrote("Paid", yes_at=MORNING), "T2": wrote("Monday")},
        ListKind.LEAD: {"T3": wrote("?")},
    }


def test_a_comment_that_the_last_form_of_its_report_lacks_is_taken_back(form, found):
    form(("order", "T1", "yes", "Paid"))
    form(("order", "T1", "yes"), at=MORNING + timedelta(hours=1))

    assert found()[ListKind.ORDER] == {"T1": yes(MORNING + timedelta(hours=1))}


def test_of_several_reports_the_newest_comment_counts(form, found, another_run):
    form(("order", "T1", None, "old"), on=T - 2 * DAY, run_id=another_run)
    form(("order", "T1", None, "new"), ("order", "T2", "yes"), at=MORNING - DAY)

    assert found()[ListKind.ORDER] == {
        "T1": wrote("new", MORNING - DAY),
        "T2": yes(MORNING - DAY),
    }


def test_a_tick_of_a_newer_report_leaves_the_comment_of_an_older_one(form, found, another_run):
    form(("order", "T1", None, "Monday"), on=T - 2 * DAY, run_id=another_run)
    form(("order", "T1", "yes"), at=MORNING + timedelta(hours=1))

    assert found()[ListKind.ORDER] == {
        "T1": wrote("Monday", yes_at=MORNING + timedelta(hours=1)),
    }
