"""What the store said in forms that came back, as tomorrow's report has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import insert

from lib.db import tables
from lib.domain.report_form import ListKind
from lib.reports.facts.form_queries import said_yes
from tests.factories.reports import RUN, T
from tests.factories.runs import add_run

BEFORE = datetime(2025, 11, 15, 18, 30, tzinfo=UTC)
"""Midnight after the day on which the report of T is read."""
MORNING = datetime(2025, 11, 15, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def form(engine):
    """Store a form of a report of A668; its answers are `(kind, about, said)`."""
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
            for place, (kind, about, said) in enumerate(answers, 1):
                connection.execute(
                    insert(tables.form_answers).values(
                        return_id=return_id, kind=kind, number=place, about=about, said=said
                    )
                )

    return store


@pytest.fixture
def found(engine):
    def of(on=T, before=BEFORE):
        with engine.connect() as connection:
            return said_yes(connection, "A668", on, before)

    return of


@pytest.fixture
def another_run(engine):
    earlier = replace(RUN, run_id="earlier")
    add_run(engine, earlier)
    return earlier.run_id


def test_a_yes_is_said_at_the_instant_at_which_the_form_came(form, found):
    form(("order", "T1", "yes"), ("lead", "9000000001", "yes"), ("order", "T2", "no"))

    assert found() == {
        ListKind.ORDER: {"T1": MORNING},
        ListKind.LEAD: {"9000000001": MORNING},
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
    form(("order", "T1", "yes"), **changes)

    assert found()[ListKind.ORDER] == {}


def test_both_boxes_and_a_row_that_names_nothing_say_nothing(form, found):
    form(("order", "T1", "both"), ("order", None, "yes"), ("order", "T2", None))

    assert found()[ListKind.ORDER] == {}


def test_the_last_form_of_a_report_takes_back_what_the_one_before_said(form, found):
    form(("order", "T1", "yes"), ("order", "T2", "yes"))
    form(("order", "T2", "yes"), at=MORNING + timedelta(hours=1))

    assert found()[ListKind.ORDER] == {"T2": MORNING + timedelta(hours=1)}


def test_what_a_newer_report_answers_counts_and_what_it_leaves_open_stays(form, found, another_run):
    form(("order", "T1", "yes"), ("order", "T2", "yes"), on=T - 2 * DAY, run_id=another_run)
    form(("order", "T1", "no"), on=T - DAY, at=MORNING - DAY)

    assert found()[ListKind.ORDER] == {"T2": MORNING}
