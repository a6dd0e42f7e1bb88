"""The weekly or monthly job of two stores, and the runs that it left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import select

from lib.config import CatchUpMails, CatchUpSettings
from lib.db.tables import pipeline_run_summaries
from lib.domain.pipelines import WEEKLY
from lib.pipelines.period import PeriodChoice, PeriodJob
from tests.factories import notify_rows

STORES = ("A668", "A817")
MONDAY = date(2025, 11, 17)
"""The week of the 10th is over since yesterday, so its last day can still come."""
TUESDAY = date(2025, 11, 18)
"""The day of the runs."""
LAST = date(2025, 11, 16)


def job(
    engine,
    doors,
    run_id="run",
    *,
    calendar=WEEKLY,
    today=TUESDAY,
    catch_up=None,
    stores=STORES,
    **choice,
):
    """Return the job, whose reports and mails go through `doors`; `choice` is what its options say."""
    configured = replace(
        notify_rows.settings(Path("var"), None),
        report_stores=STORES,
        catch_up=catch_up or CatchUpSettings(26, 400, CatchUpMails.DIGEST),
    )
    chosen = PeriodChoice(stores, **choice)
    return PeriodJob(
        engine,
        configured,
        run_id,
        calendar,
        chosen,
        today,
        doors.build,
        doors.send,
        doors.send_digest,
    )


def rows(engine, *columns):
    """Return last day, status and `closes` of each run, oldest first, or other columns."""
    table = pipeline_run_summaries
    names = columns or ("report_date", "overall_status", "closes")
    with engine.connect() as connection:
        query = select(*(table.c[name] for name in names)).order_by(table.c.id)
        return [tuple(row) for row in connection.execute(query)]


def closed(engine):
    """Return the last days of the periods that are closed."""
    return {row[0] for row in rows(engine) if row[2]}
