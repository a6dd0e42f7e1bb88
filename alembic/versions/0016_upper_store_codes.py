"""Rows of the exports have their store's code in upper case, as every load writes it.

A row from before the loads of today may be in another case. No load finds it again: the store's order or customer would
be stored a second time, and a lead refused for its number. A row that has such a twin already stays as it is.

The downgrade leaves the codes, which every version understands.

Source: docs/reference/domain.md#export-values.
"""

from __future__ import annotations

from alembic import op

revision = "0016_upper_store_codes"
down_revision = "0015_orders_by_store"
branch_labels = None
depends_on = None

KEYS = {
    "missed_leads": "mobile_number",
    "undelivered_orders": "order_id",
    "repeat_customers": "mobile_no",
}
"""By what a table tells the rows of a store apart."""


def upgrade() -> None:
    for table, key in KEYS.items():
        op.execute(f"""
            UPDATE {table} AS own SET store_code = upper(store_code)
            WHERE store_code <> upper(store_code) AND NOT EXISTS (
                SELECT FROM {table} AS twin
                WHERE upper(twin.store_code) = upper(own.store_code) AND twin.{key} = own.{key}
                  AND twin.store_code COLLATE "C" < own.store_code COLLATE "C")
        """)  # noqa: S608 - names of this file


def downgrade() -> None:
    """Leave the codes as they are."""
