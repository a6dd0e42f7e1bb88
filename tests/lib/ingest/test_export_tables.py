"""The tables of the exports are what `lib.domain.exports` says of them."""

import pytest
from sqlalchemy import inspect

from lib.db.tables import PRESENCE_DAYS
from lib.domain.exports import EXPORTS, SQL_TYPES
from lib.model import Bucket


@pytest.mark.parametrize("bucket", Bucket)
def test_an_export_names_the_columns_of_its_table_in_order(bucket, engine):
    ours = {"id", *PRESENCE_DAYS, "closed_seen_on"}
    export = EXPORTS[bucket]
    columns = [
        column for column in inspect(engine).get_columns(export.table) if column["name"] not in ours
    ]
    staged = [
        SQL_TYPES[column.kind].upper().replace("TEXT", "VARCHAR") for column in export.columns
    ]

    assert [column["name"] for column in columns] == list(export.names)
    assert [str(column["type"]) for column in columns] == staged


@pytest.mark.parametrize("bucket", Bucket)
def test_the_key_of_an_export_is_a_unique_constraint_of_its_table(bucket, engine):
    catalogue, export = inspect(engine), EXPORTS[bucket]
    unique = [set(each["column_names"]) for each in catalogue.get_unique_constraints(export.table)]
    primary = catalogue.get_pk_constraint(export.table)["constrained_columns"]

    assert set(export.key) in [*unique, set(primary)]
    assert export.identity is None or [export.identity] == primary
