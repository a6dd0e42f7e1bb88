"""Runs revisions on the connection that `lib.db.migrations` puts into `config.attributes`; knows no URL of its own.

`alembic upgrade 0007_notification_tables:head --sql` prints them instead, which is what `make lint` reads.
"""

from __future__ import annotations

from alembic import context

connection = context.config.attributes.get("connection")
if context.is_offline_mode():
    context.configure(dialect_name="postgresql", transaction_per_migration=True)
elif connection is None:
    raise SystemExit("revisions are applied with: python -m jobs.migrate")
else:
    context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
