"""From the database to the figures of one report, by the facts and the page of that report."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from lib.dates import Period, day_of
from lib.model import Bucket, RunRef
from lib.reports.daily.context import daily_context
from lib.reports.explain import daily, list_rows, queries
from lib.reports.explain.model import ListSource, Page, SentMail, SentReport
from lib.reports.facts import queries as facts_queries

LISTS = (Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS)


def daily_page(
    connection: Connection,
    run: RunRef,
    store_code: str,
    zone: ZoneInfo,
    mails: Sequence[SentMail],
) -> Page | None:
    """Return the figures of one store and day; None where no dashboard of that day is stored."""
    on = run.report_on
    facts = facts_queries.daily_facts(connection, store_code, on)

    if facts is None:
        return None

    context = daily_context(facts, run, zone)
    days = Period(facts.history[0].on, on)
    mailed = []

    for mail in mails:
        mailed.append(SentReport(mail, daily.said(mail.figures, facts, context)))

    return Page(
        pipeline=run.pipeline,
        store_code=store_code,
        store_name=context.store_name,
        period=day_of(on),
        run=run,
        figures=daily.figures(facts, context),
        readings=queries.readings(connection, [store_code], days),
        lists=_lists(connection, store_code, run),
        documents=queries.documents_of(connection, run.pipeline, on, store_code),
        mailed=tuple(mailed),
        says=daily.says(context.headline, facts, context),
        rows={
            Bucket.UNDELIVERED_ALL: list_rows.orders(
                (*context.undelivered_orders_rows, *context.earlier_orders_rows)
            ),
            Bucket.MISSED_LEADS: list_rows.leads(context.missed_leads_rows),
        },
    )


def _lists(
    connection: Connection,
    store_code: str,
    run: RunRef,
) -> tuple[ListSource, ...]:
    found = []

    for bucket in LISTS:
        found.append(queries.list_source(connection, store_code, bucket, run.report_on))

    return tuple(found)
