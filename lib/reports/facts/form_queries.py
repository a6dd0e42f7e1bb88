"""What the store answered in forms that came back; lib/returns writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, select
from sqlalchemy.dialects.postgresql import distinct_on

from lib import dates
from lib.dates import DAY
from lib.db.codes import is_of
from lib.db.tables import form_answers as answers
from lib.db.tables import form_returns as returns
from lib.domain.report_form import ListKind
from lib.reports.facts.model import DailyFacts, RowAnswer

#: Answers by what they are about: an order id, a lead's phone.
Answers = Mapping[ListKind, Mapping[str, RowAnswer]]


def with_answers(connection: Connection, facts: DailyFacts, zone: ZoneInfo) -> DailyFacts:
    """Return the facts of a day with what the store answered before its report is read."""
    found = row_answers(connection, facts.store_code, facts.today.on, zone)

    return replace(
        facts,
        order_answers=found[ListKind.ORDER],
        lead_answers=found[ListKind.LEAD],
    )


def row_answers(
    connection: Connection,
    store_code: str,
    on: date,
    zone: ZoneInfo,
) -> Answers:
    """Return what the store answered about each order and lead.

    In forms of reports from before `on` that came before the end of the day after it, by the clock
    of `zone`: that is the day on which the report of `on` is read, and a report that is made again
    later says what it said. Of several forms of one report the last counts; of several reports the
    newest that ticks the row at all, and for comments the newest that has one.
    """
    before = dates.instant(on + 2 * DAY, time.min, zone)
    found: dict[ListKind, dict[str, RowAnswer]] = {kind: {} for kind in ListKind}

    for row in _newest(connection, store_code, on, before, of=answers.c.said):
        if row.said == "yes":
            found[ListKind(row.kind)][row.about] = RowAnswer(yes_at=row.received_at)

    for row in _newest(connection, store_code, on, before, of=answers.c.comment):
        of_kind = found[ListKind(row.kind)]
        of_kind[row.about] = replace(
            of_kind.get(row.about, RowAnswer()),
            comment=row.comment,
            commented_at=row.received_at,
        )

    return found


def _newest(
    connection: Connection,
    store_code: str,
    on: date,
    before: datetime,
    *,
    of: ColumnElement[str],
) -> list[Row[Any]]:
    """Return of each order and lead the newest answer that has the column `of`."""
    latest = (
        select(returns.c.id)
        .ext(distinct_on(returns.c.run_id))
        .where(
            is_of(returns.c.store_code, store_code),
            returns.c.state == "read",
            returns.c.report_date < on,
            returns.c.received_at < before,
        )
        .order_by(returns.c.run_id, returns.c.received_at.desc(), returns.c.id.desc())
    )
    query = (
        select(
            answers.c.kind,
            answers.c.about,
            answers.c.said,
            answers.c.comment,
            returns.c.received_at,
        )
        .ext(distinct_on(answers.c.kind, answers.c.about))
        .join(returns, returns.c.id == answers.c.return_id)
        .where(
            returns.c.id.in_(latest),
            answers.c.about.is_not(None),
            of.is_not(None),
        )
        .order_by(
            answers.c.kind,
            answers.c.about,
            returns.c.report_date.desc(),
            returns.c.received_at.desc(),
            returns.c.id.desc(),
        )
    )

    return list(connection.execute(query))
