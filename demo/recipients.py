"""Somebody who reads each store's report: the seeds know two stores only."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from lib.db.tables import notification_profiles as profiles
from lib.db.tables import notification_recipients as recipients


def add(connection: Connection, store_codes: Iterable[str]) -> None:
    """Add a recipient at `example.invalid` to the daily profile for each store without one."""
    profile = select(profiles.c.id).where(profiles.c.code == "store_daily_reports")
    profile_id = connection.execute(profile).scalar_one()
    known = select(recipients.c.store_code).where(recipients.c.profile_id == profile_id)
    have = set(connection.execute(known).scalars())

    rows = []

    for code in store_codes:
        if code not in have:
            rows.append(
                {
                    "profile_id": profile_id,
                    "store_code": code,
                    "email_address": f"store-{code.lower()}@example.invalid",
                }
            )

    if rows:
        connection.execute(insert(recipients), rows)
