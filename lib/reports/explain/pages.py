"""From the database to the figures of one report, by the facts and the page of that report."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from lib.dates import Period, day_of
from lib.domain import restatement
from lib.domain.stores import ALL
from lib.model import Bucket, RunRef
from lib.reports.build.combined import names_of
from lib.reports.combined.context import ALL_STORES, combined_context
from lib.reports.combined.context import stored_since as combined_since
from lib.reports.daily.context import daily_context
from lib.reports.documents import queries as document_queries
from lib.reports.explain import combined, combined_sources, daily, list_rows, queries, restatements
from lib.reports.explain import period as period_figures
from lib.reports.explain.model import Figure, Page, SentReport
from lib.reports.explain.period_sources import sources
from lib.reports.explain.provenance import ListSource, SentMail
from lib.reports.facts import form_queries
from lib.reports.facts import queries as facts_queries
from lib.reports.period.context import store_context, stored_since

LISTS = (Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS)


def daily_page(
    connection: Connection,
    run: RunRef,
    store_code: str,
    *,
    zone: ZoneInfo,
    mails: Sequence[SentMail],
) -> Page | None:
    """Return the figures of one store and day; None where no dashboard of that day is stored."""
    on = run.report_on
    facts = facts_queries.daily_facts(connection, store_code, on)

    if facts is None:
        return None

    # For the rows of the lists only, which are shown to whoever asks for customers' data.
    facts = form_queries.with_answers(connection, facts, zone)
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
        documents=queries.documents_of(
            connection,
            run.pipeline,
            on,
            store_code,
        ),
        mailed=tuple(mailed),
        says=daily.says(context.headline, facts, context),
        rows={
            Bucket.UNDELIVERED_ALL: list_rows.orders(
                (*context.undelivered_orders_rows, *context.earlier_orders_rows)
            ),
            Bucket.MISSED_LEADS: list_rows.leads(context.missed_leads_rows),
        },
    )


def period_page(
    connection: Connection,
    run: RunRef,
    period: Period,
    store_code: str,
    *,
    zone: ZoneInfo,
    mails: Sequence[SentMail],
) -> Page | None:
    """Return the figures of one store and week or month; None where no day of it is stored."""
    since = stored_since(period, run.pipeline)
    facts = facts_queries.period_facts(connection, store_code, period, since)

    if facts is None:
        return None

    context = store_context(facts, run, zone)
    mailed = []

    for mail in mails:
        mailed.append(SentReport(mail, period_figures.said(mail.figures, facts, context)))

    return Page(
        pipeline=run.pipeline,
        store_code=store_code,
        store_name=context.store_name,
        period=period,
        run=run,
        figures=(
            *period_figures.figures(facts, context),
            *_box(connection, run, store_code),
        ),
        readings=queries.readings(
            connection,
            [store_code],
            Period(since, period.last),
        ),
        lists=_lists(connection, store_code, run),
        documents=queries.documents_of(
            connection,
            run.pipeline,
            period.last,
            store_code,
        ),
        mailed=tuple(mailed),
        says=period_figures.says(context.headline, sources(facts, context)),
        rows={
            Bucket.UNDELIVERED_ALL: list_rows.orders(context.undelivered_orders_rows),
            Bucket.MISSED_LEADS: list_rows.leads(context.missed_leads_rows),
        },
    )


def combined_page(
    connection: Connection,
    run: RunRef,
    period: Period,
    store_codes: Sequence[str],
    *,
    zone: ZoneInfo,
    mails: Sequence[SentMail],
) -> Page | None:
    """Return the figures of the page of these stores; None where no day of any is stored."""
    since = combined_since(run, period)
    known = {}

    for code in store_codes:
        facts = facts_queries.standing_facts(connection, code, period, since)
        if facts is not None:
            known[code] = combined_sources.store_source(code, facts, run, period)

    if not known:
        return None

    absent = names_of(connection, [code for code in store_codes if code not in known])
    standings = [store.standing for store in known.values()]
    context = combined_context(
        standings,
        run,
        period,
        zone,
        absent=absent,
    )
    of = combined_sources.sources(
        context,
        list(known.values()),
        run,
    )

    mailed = []

    for mail in mails:
        mailed.append(SentReport(mail, combined.said(mail.figures, of)))

    return Page(
        pipeline=run.pipeline,
        store_code=ALL,
        store_name=ALL_STORES,
        period=period,
        run=run,
        figures=(*combined.figures(of), *_box(connection, run, ALL)),
        readings=queries.readings(
            connection,
            store_codes,
            Period(since, period.last),
        ),
        # The lists of each store are explained with its own report.
        lists=(),
        documents=queries.documents_of(
            connection,
            run.pipeline,
            period.last,
            ALL,
        ),
        mailed=tuple(mailed),
        says=combined.says(context.headline, of),
        rows={},
    )


def _box(connection: Connection, run: RunRef, store_code: str) -> tuple[Figure, ...]:
    """Return what the newest version of the report says of figures that were mailed otherwise."""
    newest = document_queries.newest_version(
        connection,
        run.pipeline,
        run.report_on,
        store_code,
    )

    figures = restatement.from_json(newest.restated) if newest else ()

    return tuple(restatements.box(figures))


def _lists(
    connection: Connection,
    store_code: str,
    run: RunRef,
) -> tuple[ListSource, ...]:
    found = []

    for bucket in LISTS:
        found.append(
            queries.list_source(
                connection,
                store_code,
                bucket,
                run.report_on,
            )
        )

    return tuple(found)
