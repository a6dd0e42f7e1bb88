"""Runs revisions on the connection that `lib.db.migrations` puts into `config.attributes`, else on DATABASE_URL.

`alembic upgrade 0007_notification_tables:head --sql` prints them instead, which is what `make lint` reads.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection


def opened() -> AbstractContextManager[Connection]:
    """Return the connection to run on: a person's own `alembic downgrade` brings none."""
    if (given := context.config.attributes.get("connection")) is not None:
        return nullcontext(given)

    from lib import config
    from lib.db import migrations
    from lib.db.engine import connect

    settings = config.load({config.Need.DATABASE})
    return migrations.alone(connect(settings.database_url, application_name="simplify-alembic"))


def run() -> None:
    """Run what was asked for; a foreseen error is told without a traceback."""
    from lib.errors import JobError

    try:
        with opened() as connection:
            context.configure(connection=connection, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
    except JobError as error:
        raise CommandError(str(error)) from error


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
