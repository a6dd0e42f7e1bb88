"""Runs revisions on the connection that `lib.db.migrations` puts into `config.attributes`; knows no URL of its own."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("revisions are applied with: python -m jobs.migrate")

context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
