"""Run revisions on the connection in `config.attributes`, else on DATABASE_URL.

`alembic upgrade 0007_notification_tables:head --sql` prints them instead, which is what `make lint`
reads.
"""

from __future__ import annotations

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection


def run(**how: Connection | str) -> None:
    context.configure(transaction_per_migration=True, **how)

    with context.begin_transaction():
        context.run_migrations()


def run_by_hand() -> None:
    """Run a command that a person gave to alembic; an error of ours has no traceback."""
    from lib import config
    from lib.db import migrations
    from lib.db.engine import connect
    from lib.errors import JobError

    try:
        settings = config.load({config.Need.DATABASE})
        with migrations.alone(
            connect(settings.database_url, application_name="simplify-alembic")
        ) as connection:
            run(connection=connection)
    except JobError as error:
        raise CommandError(str(error)) from error


if context.is_offline_mode():
    run(dialect_name="postgresql")
elif (given := context.config.attributes.get("connection")) is not None:
    run(connection=given)
else:
    run_by_hand()
