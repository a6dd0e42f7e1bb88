"""No revision locks a table for long: squawk reads the SQL of each of them (lesson 90).

Its rules of taste are left out, and so are those about what `jobs.migrate` does around a revision: the transaction and
the time-outs. 0007 and those before it are released and only ever run on an empty database.
"""

from __future__ import annotations

import io
import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from alembic import command

from lib.db import migrations

pytestmark = pytest.mark.integration

SQUAWK = Path(sysconfig.get_path("scripts")) / "squawk"
NOT_OURS = [
    "ban-drop-table",  # of temporary tables; a downgrade is not read here
    "prefer-bigint-over-int",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamptz",
    "require-lock-timeout",
    "require-statement-timeout",
    "transaction-nesting",
]
KNOWN = {
    "0008_closing_runs": {"require-concurrent-index-creation"},  # one row a run: some thousands
    "0013_run_references": {
        "adding-field-with-default"
    },  # one narrow row a report: 50,000 of them take 0.7 s on a busy machine
    "0015_orders_by_store": {
        "require-concurrent-index-creation"
    },  # one row an order: a million take 1.6 s
}
"""What a revision may do because its table is small, and why it is."""

RELEASED = "0007_notification_tables"
CHAIN = migrations.chain()
STEPS = list(zip(CHAIN[CHAIN.index(RELEASED) :], CHAIN[CHAIN.index(RELEASED) + 1 :], strict=False))


def sql_of(before, revision):
    """The statements of one revision, without a database."""
    config = migrations.config()
    config.output_buffer = io.StringIO()
    command.upgrade(config, f"{before}:{revision}", sql=True)
    return config.output_buffer.getvalue()


def objections(sql):
    """What squawk says against it, by rule."""
    command_line = [
        SQUAWK,
        "--reporter",
        "json",
        "--pg-version",
        "15",
        "--exclude",
        ",".join(NOT_OURS),
    ]
    done = subprocess.run(command_line, input=sql, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return {each["rule_name"] for each in json.loads(done.stdout)}


@pytest.mark.parametrize(("before", "revision"), STEPS, ids=[revision for _, revision in STEPS])
def test_a_revision_locks_no_table_for_long(before, revision):
    assert objections(sql_of(before, revision)) == KNOWN.get(revision, set())


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        (
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (a);",
            "adding-foreign-key-constraint",
        ),
        ("ALTER TABLE t ALTER COLUMN a TYPE bigint;", "changing-column-type"),
        ("ALTER TABLE t RENAME COLUMN a TO b;", "renaming-column"),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL;", "adding-not-nullable-field"),
    ],
)
def test_what_would_lock_is_seen(sql, rule):
    assert rule in objections(sql)
