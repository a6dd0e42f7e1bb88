"""How long to wait before the next mail, for servers that count mails (REPORT_EMAIL_PER_MINUTE).

The times of earlier mails are in the database, so that all pipelines and processes share the pace.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine

from lib import log
from lib.notify.delivery import queries

MINUTE = timedelta(minutes=1)


@contextmanager
def paced(
    engine: Engine,
    per_minute: int | None,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[None]:
    """Send one mail in the block, not sooner than `per_minute` allows; None: at once.

    Only one process at a time is in such a block: the next one counts this one's mail.
    """
    if per_minute is None:
        yield
        return

    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        queries.lock_pace(connection)

        try:
            now, sent_at = queries.claimed_within(connection, MINUTE)
            wait_s = pause_s(sent_at, now, per_minute)
            if wait_s:
                log.info(f"waiting {wait_s:.0f} s: REPORT_EMAIL_PER_MINUTE is {per_minute}")
                sleep(wait_s)

            yield
        finally:
            queries.unlock_pace(connection)


def pause_s(
    sent_at: Sequence[datetime],
    now: datetime,
    per_minute: int,
) -> float:
    """Return the seconds until one more mail makes no more than `per_minute` in any minute.

    `sent_at` are the times of earlier mails, oldest first.
    """
    recent = []

    for at in sent_at:
        if at > now - MINUTE:
            recent.append(at)

    if len(recent) < per_minute:
        return 0.0

    # Once this one is a minute old, fewer than `per_minute` are left.
    return (recent[-per_minute] + MINUTE - now).total_seconds()
