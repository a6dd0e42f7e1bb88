from datetime import date

import pytest
from sqlalchemy import inspect

from lib.db.tables import STAY
from lib.ingest import LAYOUTS, header_ok, required_headers
from lib.ingest.buckets import normalised
from lib.ingest.queries import TYPES
from lib.model import Bucket

LEADS, ORDERS, REPEAT = Bucket.MISSED_LEADS, Bucket.UNDELIVERED_ALL, Bucket.REPEAT_CUSTOMERS


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        (LEADS, ("A668-missed-leads.csv", "merged_missed_leads_20251115.csv")),
        (ORDERS, ("A668-undelivered-all.csv", "merged_undelivered_all_20251115.csv")),
        (REPEAT, ("A668-repeat-customers.csv", "merged_repeat_customers_20251115.csv")),
    ],
    ids=str,
)
def test_files_are_named_by_store_and_by_run_day(bucket, expected):
    layout = LAYOUTS[bucket]
    assert (layout.local_name("A668"), layout.merged_name(date(2025, 11, 15))) == expected


@pytest.mark.parametrize("bucket", Bucket)
def test_a_layout_names_the_columns_of_its_table_in_order(bucket, engine):
    ours = {"id", *STAY, "closed_seen_on"}
    columns = [
        column
        for column in inspect(engine).get_columns(LAYOUTS[bucket].table)
        if column["name"] not in ours
    ]
    assert [column["name"] for column in columns] == list(LAYOUTS[bucket].names)
    staged = [
        TYPES[column.kind].upper().replace("TEXT", "VARCHAR") for column in LAYOUTS[bucket].columns
    ]
    assert [str(column["type"]) for column in columns] == staged


@pytest.mark.parametrize("bucket", Bucket)
def test_the_key_of_a_layout_is_a_unique_constraint_of_its_table(bucket, engine):
    catalogue, layout = inspect(engine), LAYOUTS[bucket]
    unique = [set(each["column_names"]) for each in catalogue.get_unique_constraints(layout.table)]
    primary = catalogue.get_pk_constraint(layout.table)["constrained_columns"]
    assert set(layout.key) in [*unique, set(primary)]
    assert layout.identity is None or [layout.identity] == primary


@pytest.mark.parametrize(
    "header",
    [
        "Pickup Row Id",
        "pickup_row_id",
        "pickup-row-id",
        " PICKUP ROW ID ",
        "pickup\u00a0row\u00a0id",
    ],
)
def test_spaces_underscores_hyphens_and_case_make_no_difference_in_a_header(header):
    assert normalised(header) == "pickuprowid"


def test_required_headers_are_those_of_the_bucket():
    assert {bucket: set(required_headers(bucket)) for bucket in Bucket} == {
        LEADS: {"pickup_row_id", "mobile_number", "store_code"},
        ORDERS: {"order_id", "store_code"},
        REPEAT: {"store_code", "mobile_no"},
    }


@pytest.mark.parametrize(
    ("bucket", "line", "expected"),
    [
        pytest.param(LEADS, "id,mobile_number,store_code\r\n", True, id="id for pickup_row_id"),
        pytest.param(
            LEADS,
            "\ufeffPickup Row Id,Mobile Number,Store Code",
            True,
            id="byte-order mark, title case",
        ),
        pytest.param(
            LEADS, "store_code,extra,mobile_number,id", True, id="other order, unknown column"
        ),
        pytest.param(LEADS, "mobile_number,store_code", False, id="no id"),
        pytest.param(ORDERS, "order_no,store_code", True, id="order_no"),
        pytest.param(ORDERS, "order_id,store_code", True, id="order_id"),
        pytest.param(ORDERS, "id,store_code", False, id="id is not an order"),
        pytest.param(REPEAT, "Store Code,Mobile No.,Status", True, id="with a full stop"),
        pytest.param(REPEAT, '"Store Code","Mobile No"', True, id="quoted, without status"),
        pytest.param(REPEAT, "No data available to export.", False, id="zero-row sentence"),
        pytest.param(REPEAT, "<!DOCTYPE html>", False, id="HTML"),
        pytest.param(REPEAT, "", False, id="nothing"),
    ],
)
def test_a_first_line_is_a_header_when_it_has_every_required_column(bucket, line, expected):
    assert header_ok(bucket, line) is expected
