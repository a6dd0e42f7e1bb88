"""Two stores on two mornings, in a database that the system before this one left.

The server may become another one in between.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlalchemy import Engine, text

from demo.mailbox import run_mailbox
from demo.portal import run_portal
from demo.portal.world import World
from lib.db import migrations
from lib.db.engine import connect
from tests.alembic.test_adoption import CRM, EDITED, OWN_TEXT, ROWS, RUN, STAMPED
from tests.databases import Server
from tests.proofs.faults.scenario import Ending, Scene, let_few_read, make_volumes

FIRST = date(2025, 11, 30)
"""A Sunday: the morning after it is also that of a week and of a month."""
SECOND = date(2025, 12, 1)
JOBS = ("daily", "weekly", "monthly", "notify")
WHEN = time(1, 30, tzinfo=UTC)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Yield an engine that is closed afterwards: an upgrade waits for nobody."""
    engine = connect(url, application_name="tests")
    try:
        yield engine
    finally:
        engine.dispose()


def leave_previous(url: str, *further: str) -> None:
    """Make of an empty database what the system before this one left: 0007, edited, with rows.

    `further` are statements that add more of them.
    """
    run = RUN.format(code="dashboard_daily", run_id="before", day="2025-11-14")
    with opened(url) as engine:
        migrations.upgrade(engine, STAMPED)
        with engine.begin() as connection:
            for statement in (CRM, *EDITED, OWN_TEXT, ROWS, run, *further):
                connection.exec_driver_sql(statement)


def adopt(url: str) -> None:
    """Bring such a database to the newest revision."""
    with opened(url) as engine:
        migrations.upgrade(engine)


@contextmanager
def chain(server: Server, database: str, directory: Path) -> Iterator[Scene]:
    """Yield the stores with a portal and a mail server of their own; the database was adopted.

    `directory` is made, and removed in the end.
    """
    directory.mkdir()
    with (
        run_portal(World(stores=2, scale=0.03), today=FIRST, is_warm=True) as portal,
        run_mailbox(directory / "mails") as mailbox,
    ):
        here = Scene("daily", server, portal, mailbox, directory, database)
        make_volumes(here.volumes)
        session = here.volumes / "profiles_dir" / "storage_state.json"
        session.touch(mode=0o600)
        session.write_text(json.dumps(portal.storage_state()))

        leave_previous(here.url)
        adopt(here.url)
        with here.engine() as engine:
            let_few_read(engine)

        try:
            yield here
        finally:
            here.close()
    shutil.rmtree(directory)


def live_through(here: Scene, day: date) -> None:
    """Run what the timers start on the morning of that day; it all ends well."""
    here.portal.control.set_today(day)
    here.morning, here.starts = datetime.combine(day, WHEN), 0
    for job in JOBS:
        must(here, job)


def must(here: Scene, job: str) -> Ending:
    """Run a job that ends well."""
    done = here.start(job=job)
    assert done.code == 0, (job, done.output[-4000:])
    return done


def everything(url: str) -> dict[str, list[str]]:
    """Return the rows of each table as sorted texts, and what each sequence gives next."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    sequences = """
        SELECT sequencename || ' ' || coalesce(last_value::text, '-') FROM pg_sequences ORDER BY 1
    """
    kept = {}
    with opened(url) as engine, engine.connect() as connection:
        for name in connection.execute(text(tables)).scalars().all():
            rows = connection.execute(text(f'SELECT t::text FROM "{name}" AS t')).scalars()
            kept[name] = sorted(rows)

        kept["sequences"] = list(connection.execute(text(sequences)).scalars())
    return kept
