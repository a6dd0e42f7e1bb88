"""What the store said in forms that came back; lib/returns writes it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from lib.db.codes import is_of
from lib.db.tables import form_answers as answers
from lib.db.tables import form_returns as returns
from lib.domain.report_form import ListKind


def said_yes(
    connection: Connection,
    store_code: str,
    on: date,
    before: datetime,
) -> dict[ListKind, dict[str, datetime]]:
    """Return when the store said yes to each order (by id) and lead (by phone), aware.

    In forms of reports from before `on` that came before the instant `before`: a report that is
    made again later says what it said. Of several forms of one report the last counts, of several
    reports the newest that answers the row at all.
    """
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
        select(answers.c.kind, answers.c.about, answers.c.said, returns.c.received_at)
        .ext(distinct_on(answers.c.kind, answers.c.about))
        .join(returns, returns.c.id == answers.c.return_id)
        .where(
            returns.c.id.in_(latest),
            answers.c.about.is_not(None),
            answers.c.said.is_not(None),
        )
        .order_by(
            answers.c.kind,
            answers.c.about,
            returns.c.report_date.desc(),
            returns.c.received_at.desc(),
            returns.c.id.desc(),
        )
    )

    found: dict[ListKind, dict[str, datetime]] = {kind: {} for kind in ListKind}

    for row in connection.execute(query):
        if row.said == "yes":
            found[ListKind(row.kind)][row.about] = row.received_at

    return found
