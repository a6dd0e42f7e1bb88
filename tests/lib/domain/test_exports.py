from datetime import date
from string import Formatter

import pytest

from lib.domain.exports import EXPORTS, STORE_CODE
from lib.domain.headers import normalise, positions
from lib.model import Bucket

LEADS, ORDERS, REPEAT, NONPACKAGE = Bucket


def test_every_bucket_is_one_row():
    assert list(EXPORTS) == list(Bucket)


@pytest.mark.parametrize(
    ("bucket", "path", "file_name", "merged_name"),
    [
        (
            LEADS,
            "/mis/download_csv?store_code=A668",
            "A668-missed-leads.csv",
            "merged_missed_leads_20251115.csv",
        ),
        (
            ORDERS,
            "/mis/download_undelivered_csv?type=a&store_code=A668",
            "A668-undelivered-all.csv",
            "merged_undelivered_all_20251115.csv",
        ),
        (
            REPEAT,
            "/mis/download_repeat_csv?store_code=A668",
            "A668-repeat-customers.csv",
            "merged_repeat_customers_20251115.csv",
        ),
        (
            NONPACKAGE,
            "/mis/download_nonpackageorder_csv?type=all&store_code=A668",
            "A668-non-package-all.csv",
            "merged_nonpackage_all_20251115.csv",
        ),
    ],
    ids=str,
)
def test_an_export_has_its_address_and_its_files_named_by_store_and_run_day(
    bucket,
    path,
    file_name,
    merged_name,
):
    export = EXPORTS[bucket]

    assert export.path_of("A668") == path
    assert export.file_name("A668") == file_name
    assert export.merged_name(date(2025, 11, 15)) == merged_name
    assert export.merged_name(date(2025, 11, 15), 2) == merged_name.replace(".csv", "_2.csv")


@pytest.mark.parametrize("export", EXPORTS.values(), ids=str)
def test_a_row_names_its_own_columns_only(export):
    deciding = {name for name, _ in export.precedence}
    presence = export.presence
    closed_by = {presence.closed_by} if presence else set()

    assert deciding | closed_by | set(export.key) <= set(export.names)
    assert export.identity is None or export.identity in export.names


@pytest.mark.parametrize("export", EXPORTS.values(), ids=str)
def test_every_column_of_a_key_is_required_and_the_store_code_is_one_of_them(export):
    required = {column.name for column in export.required()}

    assert STORE_CODE.name in export.key
    assert set(export.key) <= required


@pytest.mark.parametrize("export", EXPORTS.values(), ids=str)
def test_an_address_has_the_store_code_as_its_only_placeholder(export):
    fields = [field for _, field, _, _ in Formatter().parse(export.portal_path) if field]
    assert fields == ["store_code"]


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
    assert normalise(header) == "pickuprowid"


def test_of_two_headers_that_are_alike_the_first_counts():
    assert positions(["Status", "Mobile No.", "mobile_no"]) == {"status": 0, "mobileno": 1}


def test_a_column_is_found_under_its_own_name_before_an_alias():
    mobile = EXPORTS[REPEAT].columns[1]

    assert mobile.position(positions(["Mobile", "Mobile No."])) == 1
    assert mobile.position(positions(["Mobile", "Status"])) == 0
    assert mobile.position(positions(["Status"])) is None


@pytest.mark.parametrize(
    ("bucket", "header", "missing"),
    [
        pytest.param(LEADS, "id,mobile_number,store_code", [], id="id for pickup_row_id"),
        pytest.param(LEADS, "Pickup Row Id,Mobile Number,Store Code", [], id="title case"),
        pytest.param(LEADS, "store_code,extra,mobile_number,id", [], id="other order, unknown"),
        pytest.param(LEADS, "mobile_number,store_code", ["pickup_row_id or id"], id="no id"),
        pytest.param(ORDERS, "order_no,store_code", [], id="order_no"),
        pytest.param(ORDERS, "order_id,store_code", [], id="order_id"),
        pytest.param(ORDERS, "id,store_code", ["order_id or order_no"], id="id is not an order"),
        pytest.param(REPEAT, "Store Code,Mobile No.,Status", [], id="with a full stop"),
        pytest.param(REPEAT, "Store Code,Mobile Number", [], id="mobile number, without status"),
        pytest.param(NONPACKAGE, "Store Code,Mobile No,Order Date", [], id="the fewest columns"),
        pytest.param(NONPACKAGE, "Mobile,Order Date,Store Code", [], id="Mobile for Mobile No"),
        pytest.param(NONPACKAGE, "Store Code,Mobile No.", ["order_date"], id="no order date"),
        pytest.param(
            REPEAT,
            "No data available to export.",
            ["store_code", "mobile_no or mobile or mobile_number"],
            id="zero-row sentence",
        ),
    ],
)
def test_a_header_is_told_what_it_lacks(bucket, header, missing):
    assert EXPORTS[bucket].missing(header.split(",")) == missing
