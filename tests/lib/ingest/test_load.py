import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import ingest
from lib.db.engine import connect
from lib.db.errors import DatabaseRefused, DatabaseUnavailable
from lib.domain.exports import EXPORTS
from lib.ingest import BucketNotLoaded, Counts, DamagedMerge, FileCounts
from lib.ingest.unnamed_file import UnnamedFile
from lib.model import Bucket
from tests.factories.runs import add_run
from tests.lib.ingest.conftest import RUN, RUN_ON, Pipe, csv_of

LEADS, ORDERS, REPEAT, NONPACKAGE = Bucket


@pytest.fixture
def altered(database):
    """An engine on a database whose tables the test may change."""
    door = connect(database, application_name="tests")
    add_run(door, RUN)
    yield door
    door.dispose()


def said(load):
    return [finding.text for finding in load.findings]


@pytest.mark.parametrize("bucket", Bucket)
def test_a_first_load_inserts_and_a_second_changes_nothing(load, stored, bucket):
    table, key = EXPORTS[bucket].table, EXPORTS[bucket].names

    assert load(bucket, {}) == Counts(read=1, inserted=1)
    before = stored(table, *key)
    assert load(bucket, {}) == Counts(read=1, unchanged=1)
    assert stored(table, *key) == before
    assert load.findings == []


@pytest.mark.parametrize("bucket", Bucket)
def test_an_empty_export_loads_nothing_and_erases_nothing(load, stored, bucket):
    load(bucket, {})
    before = stored(EXPORTS[bucket].table, *EXPORTS[bucket].names)

    assert load(bucket, "No data available to export.") == Counts()
    assert stored(EXPORTS[bucket].table, *EXPORTS[bucket].names) == before


def test_every_value_of_a_lead_reaches_its_column(load, stored):
    load(
        LEADS, {"special_instruction": "ring, twice", "pickup_created_date": "2025-11-03 00:00:00"}
    )
    assert stored("missed_leads", *EXPORTS[LEADS].names) == [
        (
            1001,
            "9000000001",
            "P1",
            date(2025, 11, 3),
            "10:15:00",
            "A668",
            "RIVERSIDE COLONY",
            date(2025, 11, 4),
            "10:00 AM - 12:00 PM",
            "Example Customer",
            "ring, twice",
            "WhatsApp",
            "WhatsApp",
            "New",
            False,
        )
    ]


def test_a_value_with_tabs_backslashes_and_line_breaks_is_stored_as_it_is(load, stored):
    value = "ring, twice\\\tor\r\nknock \\. \\N"
    load(ORDERS, f'order_no,store_code,status\nT1,A668,"{value}"\nT2,A668,"\n\\.\nlast"\n')

    assert stored("undelivered_orders", "order_id", "status") == [
        ("T1", value),
        ("T2", "\\.\nlast"),
    ]


def test_amounts_lose_their_separators_and_zero_stays_zero(load, stored):
    load(ORDERS, {"net_amount": "₹ 1,18,000.50", "taxable_amount": "0.00"})
    assert stored("undelivered_orders", "net_amount", "taxable_amount") == [(118000.5, 0.0)]


def test_the_same_order_number_in_two_stores_is_two_orders(engine, export, merge, stored):
    downloads = [export(ORDERS, {"store_code": code}, code=code) for code in ("A668", "A817")]
    result = ingest.load(engine, merge(*downloads), RUN)

    assert result.counts == {code: Counts(read=1, inserted=1) for code in ("A668", "A817")}
    assert stored("undelivered_orders", "store_code", "order_id") == [
        ("A668", "T1"),
        ("A817", "T1"),
    ]


PLACED, DAY, TIME = "is_order_placed", "pickup_created_date", "pickup_created_time"


@pytest.mark.parametrize(
    ("bucket", "rows", "winner"),
    [
        pytest.param(
            LEADS,
            [{PLACED: "1"}, {DAY: "2025-11-09"}],
            0,
            id="leads: a placed order beats a later lead",
        ),
        pytest.param(LEADS, [{DAY: "2025-11-09"}, {}], 0, id="leads: the later day"),
        pytest.param(LEADS, [{TIME: "11:00:00"}, {}], 0, id="leads: the later time of a day"),
        pytest.param(LEADS, [{}, {DAY: ""}], 0, id="leads: a day beats none"),
        pytest.param(
            LEADS, [{PLACED: "0"}, {PLACED: ""}], 1, id="leads: not placed and unknown are equal"
        ),
        pytest.param(LEADS, [{}, {}, {}], 2, id="leads: of equals the later row"),
        pytest.param(
            ORDERS,
            [{"actual_deliver_on": "2025-11-02"}, {"order_date": "2025-11-09"}],
            0,
            id="orders: delivered",
        ),
        pytest.param(
            ORDERS, [{"order_date": "2025-11-02"}, {}], 0, id="orders: the later order date"
        ),
        pytest.param(
            ORDERS,
            [{"expected_deliver_on": "2025-11-09"}, {}],
            0,
            id="orders: the later expected date",
        ),
        pytest.param(
            ORDERS,
            [{"order_date": ""}, {"order_date": "N/A"}],
            1,
            id="orders: missing dates compare",
        ),
        pytest.param(
            ORDERS,
            [{"actual_deliver_on": "2025-11-09"}, {"actual_deliver_on": "2025-11-08"}],
            0,
            id="orders: delivery",
        ),
        pytest.param(REPEAT, [{}, {}], 1, id="repeat: the later row"),
        pytest.param(
            NONPACKAGE,
            [{"Order Date": "2025-11-09 09:00:00"}, {"Actual Delivery Date": "2025-11-09"}],
            0,
            id="non-package: the later order",
        ),
        pytest.param(
            NONPACKAGE,
            [{"Actual Delivery Date": "2025-11-09"}, {"Order Date": "2025-11-08"}],
            0,
            id="non-package: the known delivery",
        ),
        pytest.param(NONPACKAGE, [{}, {}], 1, id="non-package: the later row"),
    ],
)
def test_of_duplicates_the_winner_is_stored_and_the_others_are_counted(
    load, stored, bucket, rows, winner
):
    marks = {LEADS: "source", ORDERS: "service_code", REPEAT: "Status", NONPACKAGE: "Store Name"}
    mark = marks[bucket]
    ids = [{"id": str(number)} if bucket is LEADS else {} for number in range(len(rows))]
    marked = [each | {mark: f"row {number}"} | rows[number] for number, each in enumerate(ids)]
    lost = len(rows) - 1
    expected = Counts(read=len(rows), inserted=1, skipped=lost, duplicates=lost)

    assert load(bucket, *marked) == expected
    assert expected.merged == 1
    column = mark.lower().replace(" ", "_")
    assert stored(EXPORTS[bucket].table, column, "store_code") == [(f"row {winner}", "A668")]
    assert load(bucket, *marked) == Counts(
        read=len(rows), unchanged=1, skipped=lost, duplicates=lost
    )


def test_a_placed_order_never_turns_unplaced(load, stored):
    load(LEADS, {PLACED: "1"})

    assert load(LEADS, {PLACED: "0"}) == Counts(read=1, unchanged=1)
    assert load(LEADS, {PLACED: "", "source": "Customer App"}) == Counts(read=1, updated=1)
    assert stored("missed_leads", "is_order_placed", "source") == [(True, "Customer App")]


def test_a_lead_that_is_placed_later_is_updated(load, stored):
    load(LEADS, {PLACED: "0"})

    assert load(LEADS, {PLACED: "1"}) == Counts(read=1, updated=1)
    assert stored("missed_leads", "is_order_placed", "pickup_row_id") == [(True, 1001)]


def test_a_delivery_date_is_never_erased(load, stored):
    load(ORDERS, {"actual_deliver_on": "2025-11-06"})

    assert load(ORDERS, {"actual_deliver_on": "N/A"}) == Counts(read=1, unchanged=1)
    assert load(ORDERS, {"actual_deliver_on": "2025-11-07"}) == Counts(read=1, updated=1)
    assert [
        str(row[0]) for row in stored("undelivered_orders", "actual_deliver_on", "order_id")
    ] == ["2025-11-07"]


def test_a_null_never_replaces_a_value(load, stored):
    load(ORDERS, {"net_amount": "118.00", "status": "In Process"})

    assert load(ORDERS, {"net_amount": "", "status": ""}) == Counts(read=1, unchanged=1)
    assert load(ORDERS, "order_no,store_code\nT1,A668\n") == Counts(read=1, unchanged=1)
    assert stored("undelivered_orders", "net_amount", "status") == [(118.0, "In Process")]


@pytest.mark.parametrize(
    ("stored_lead", "incoming", "expected"),
    [
        pytest.param({}, {DAY: "2025-11-04"}, 2, id="a later one of the month replaces it"),
        pytest.param({}, {DAY: "2025-11-02"}, 1, id="an earlier one does not"),
        pytest.param(
            {PLACED: "1"},
            {DAY: "2025-11-04"},
            1,
            id="an unplaced one of the month does not beat a placed one",
        ),
        pytest.param({PLACED: "1"}, {DAY: "2025-12-01"}, 2, id="one of the next month does"),
        pytest.param(
            {PLACED: "1"}, {DAY: ""}, 1, id="one of an unknown day does not beat a placed one"
        ),
        pytest.param({}, {PLACED: "1", DAY: "2025-11-01"}, 2, id="a placed one does"),
    ],
)
def test_another_pickup_of_a_customer_meets_the_stored_one(
    load, stored, stored_lead, incoming, expected
):
    load(LEADS, {"id": "1", "source": "Walk-in"} | stored_lead)
    counts = load(LEADS, {"id": "2", "source": ""} | incoming)

    assert counts == (Counts(read=1, updated=1) if expected == 2 else Counts(read=1, unchanged=1))
    source = None if expected == 2 else "Walk-in"
    assert stored("missed_leads", "pickup_row_id", "source") == [(expected, source)]


def test_a_pickup_with_an_edited_mobile_updates_its_row(load, stored):
    load(LEADS, {}, {"id": "1002", "mobile_number": "9000000002"})

    assert load(LEADS, {"mobile_number": "9000000009", PLACED: "1"}) == Counts(read=1, updated=1)
    assert stored("missed_leads", "pickup_row_id", "mobile_number", "is_order_placed") == [
        (1001, "9000000009", True),
        (1002, "9000000002", False),
    ]
    assert load(LEADS, {"mobile_number": "9000000009", PLACED: "1"}) == Counts(read=1, unchanged=1)


def test_the_old_mobile_of_an_edited_pickup_is_free_for_another_pickup_of_the_same_file(
    load, stored
):
    load(LEADS, {})
    counts = load(LEADS, {"mobile_number": "9000000009"}, {"id": "1002"})

    assert counts == Counts(read=2, inserted=1, updated=1)
    assert stored("missed_leads", "pickup_row_id", "mobile_number") == [
        (1001, "9000000009"),
        (1002, "9000000001"),
    ]


def test_a_pickup_listed_with_its_old_and_its_edited_mobile_is_one_pickup(load, stored):
    assert load(LEADS, {}, {"mobile_number": "9000000009"}) == Counts(
        read=2, inserted=1, skipped=1, duplicates=1
    )
    assert stored("missed_leads", "pickup_row_id", "mobile_number") == [(1001, "9000000009")]


def test_an_edited_mobile_that_a_third_row_has_costs_that_row_only(load, stored):
    load(LEADS, {}, {"id": "1002", "mobile_number": "9000000002"})
    counts = load(
        LEADS,
        {"mobile_number": "9000000002", DAY: "2025-11-30"},
        {"id": "1003", "mobile_number": "9000000003"},
    )

    assert counts == Counts(read=2, inserted=1, rejected=1)
    assert stored("missed_leads", "pickup_row_id", "mobile_number") == [
        (1001, "9000000001"),
        (1002, "9000000002"),
        (1003, "9000000003"),
    ]
    assert said(load) == [
        "rows rejected: 1, the first in merged_missed_leads_20251115.csv line 2: pickup_row_id is another row's already"
    ]


def test_a_pickup_of_another_store_is_never_taken_over(engine, export, merge, stored):
    ingest.load(engine, merge(export(LEADS, {})), RUN)
    rows = [
        {"id": number, "store_code": "A817", "mobile_number": f"900000000{number[-1]}"}
        for number in ("1001", "5")
    ]
    result = ingest.load(engine, merge(export(LEADS, *rows, code="A817")), RUN)

    assert result.counts == {"A817": Counts(read=2, inserted=1, rejected=1)}
    assert stored("missed_leads", "pickup_row_id", "store_code") == [(5, "A817"), (1001, "A668")]


def test_one_pickup_in_two_stores_files_stays_with_the_first(engine, export, merge, stored):
    downloads = [export(LEADS, {"store_code": code}, code=code) for code in ("A668", "A817")]
    result = ingest.load(engine, merge(*downloads), RUN)

    assert result.counts == {"A668": Counts(read=1, inserted=1), "A817": Counts(read=1, rejected=1)}
    assert stored("missed_leads", "store_code", "pickup_row_id") == [("A668", 1001)]


@pytest.mark.parametrize(
    ("bucket", "change", "reason"),
    [
        pytest.param(LEADS, {"id": ""}, "pickup_row_id is empty", id="no pickup id"),
        pytest.param(LEADS, {"id": "abc"}, "pickup_row_id is not a number", id="no number"),
        pytest.param(
            LEADS, {"id": "2147483648"}, "pickup_row_id does not fit 32 bits", id="33 bits"
        ),
        pytest.param(ORDERS, {"order_no": " "}, "order_id is empty", id="no order id"),
    ],
)
def test_a_row_without_its_own_id_is_rejected_and_the_others_are_stored(
    load, bucket, change, reason
):
    good = {"mobile_number": "9000000002"} if bucket is LEADS else {}

    assert load(bucket, change, good) == Counts(read=2, inserted=1, rejected=1)
    name = EXPORTS[bucket].merged_name(RUN_ON)
    assert said(load) == [f"{name} line 2 rejected: {reason}"]


def test_at_most_five_rejected_rows_of_a_store_are_told(load):
    rows = [{"id": "abc", "mobile_number": f"900000000{n}"} for n in range(8)]

    assert load(LEADS, *rows) == Counts(read=8, rejected=8)
    assert said(load)[-1] == "merged_missed_leads_20251115.csv: 3 more rows rejected"
    assert len(said(load)) == 6


def test_a_rejected_row_after_one_of_several_lines_is_told_by_its_own_line(load):
    body = csv_of(LEADS, {"special_instruction": "ring,\nthen\nknock"}, {"id": "x"})
    load(LEADS, body)

    assert said(load) == [
        "merged_missed_leads_20251115.csv line 5 rejected: pickup_row_id is not a number"
    ]


@pytest.mark.parametrize(
    ("bucket", "change"),
    [
        pytest.param(LEADS, {"mobile_number": "  "}, id="leads: empty mobile"),
        pytest.param(REPEAT, {"Mobile No.": ""}, id="repeat: empty mobile"),
        pytest.param(REPEAT, {"Mobile No.": "12345"}, id="repeat: malformed mobile"),
    ],
)
def test_a_row_without_a_usable_mobile_is_skipped_counted_and_not_told(load, bucket, change):
    assert load(bucket, change, {}) == Counts(read=2, inserted=1, skipped=1)
    assert load.findings == []


def test_a_mobile_of_a_lead_is_stored_as_given(load, stored):
    load(LEADS, {"mobile_number": " +91 9OO "})
    assert stored("missed_leads", "mobile_number", "store_code") == [("+91 9OO", "A668")]


@pytest.mark.parametrize("mobile", ["+91 9000000001", "09000000001", "9OOOOOOOO1"])
def test_spellings_of_a_repeat_customers_mobile_are_one_customer(load, mobile):
    assert load(REPEAT, {}, {"Mobile No.": mobile}) == Counts(
        read=2, inserted=1, skipped=1, duplicates=1
    )


def test_unreadable_dates_and_amounts_become_null_and_are_counted_by_column(load, stored):
    counts = load(
        ORDERS,
        {"order_date": "soon", "net_amount": "free"},
        {"order_no": "T2", "order_date": "later"},
    )

    assert counts == Counts(read=2, inserted=2)
    assert stored("undelivered_orders", "order_id", "order_date", "net_amount") == [
        ("T1", None, None),
        ("T2", None, 118.0),
    ]
    assert said(load) == [
        "2 values of order_date are unreadable and were left out",
        "1 values of net_amount are unreadable and were left out",
    ]


@pytest.mark.parametrize("word", ["N/A", "n/a", "-", ""])
def test_a_date_that_is_known_to_be_missing_is_no_finding(load, word):
    load(ORDERS, {"expected_deliver_on": word})
    assert load.findings == []


def test_rows_lost_on_the_way_to_the_database_are_noticed(engine, export, merge):
    merged = merge(export(LEADS, {}, {"id": "2", "mobile_number": "9000000002"}))
    all_rows = b"".join(merged.staged.file.blocks())
    merged.staged.file = UnnamedFile(merged.path.parent)
    merged.staged.file.write(all_rows.partition(b"\n")[0] + b"\n")
    result = ingest.load(engine, merged, RUN)

    assert result.counts == {"A668": Counts(read=2, inserted=1)}
    assert (
        ingest.audit(merged, result, ["A668"])
        .findings[0]
        .text.startswith("rows are unaccounted for")
    )


def test_rows_of_a_store_that_was_not_merged_are_damage_and_nothing_is_stored(
    engine, export, merge, stored
):
    merged = replace(merge(export(REPEAT, {})), counts={"A817": FileCounts(1, 1, 0)})
    with pytest.raises(DamagedMerge, match=r"merged_repeat_customers_20251115\.csv"):
        ingest.load(engine, merged, RUN)

    assert stored("repeat_customers", "store_code", "mobile_no") == []


def test_a_bucket_that_the_database_refuses_stores_nothing_quotes_nothing_and_leaves_the_others(
    altered, export, merge
):
    engine = altered
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "ALTER TABLE missed_leads ADD CHECK (customer_name <> 'Secret Name')"
        )
    leads = merge(
        export(
            LEADS, {}, {"id": "2", "mobile_number": "9000000002", "customer_name": "Secret Name"}
        )
    )
    with pytest.raises(BucketNotLoaded) as caught:
        ingest.load(engine, leads, RUN)

    assert "missed_leads was not loaded, its files are kept" in str(caught.value)
    assert "Secret" not in str(caught.value)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM missed_leads").all() == []
    assert ingest.load(engine, merge(export(REPEAT, {})), RUN).counts == {
        "A668": Counts(read=1, inserted=1)
    }


def test_a_table_that_is_not_there_is_our_error_too(altered, export, merge):
    with altered.begin() as connection:
        connection.exec_driver_sql("DROP TABLE repeat_customers")
    with pytest.raises(DatabaseRefused, match="42P01"):
        ingest.load(altered, merge(export(REPEAT, {})), RUN)


def test_a_server_that_dies_during_copy_is_a_temporary_failure_and_stores_nothing(
    engine, export, merge, stored, tmp_path
):
    merged = merge(export(REPEAT, *({"Mobile No.": str(9_000_000_000 + n)} for n in range(2000))))
    rows, path = merged.staged.file, tmp_path / "slow"
    os.mkfifo(path)
    with ThreadPoolExecutor() as pool, engine.connect() as watcher:
        merged.staged.file = Pipe(path)
        loading = pool.submit(ingest.load, engine, merged, RUN)
        with path.open("wb") as pipe:
            assert _terminate_copy(watcher)
            with suppress(BrokenPipeError):
                pipe.write(b"".join(rows.blocks()))
        with pytest.raises(DatabaseUnavailable):
            loading.result()
    merged.staged.file = rows

    assert stored("repeat_customers", "store_code", "mobile_no") == []
    assert ingest.load(engine, merged, RUN).counts == {"A668": Counts(read=2000, inserted=2000)}


def _terminate_copy(watcher):
    """End the backend that is in COPY, as soon as there is one."""
    give_up_at = time.monotonic() + 30
    statement = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY staged%%'
    """
    while time.monotonic() < give_up_at:
        if watcher.exec_driver_sql(statement, {}).all():
            return True
        watcher.rollback()
    return False


def test_two_loads_of_one_bucket_at_once_both_balance(engine, export, merge):
    merged = merge(
        export(
            LEADS, *({"id": str(n), "mobile_number": str(9_000_000_000 + n)} for n in range(500))
        )
    )
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: ingest.load(engine, merged, RUN), range(3)))
    counts = sorted((result.counts["A668"] for result in results), key=lambda each: each.unchanged)

    assert counts == [Counts(read=500, inserted=500), *[Counts(read=500, unchanged=500)] * 2]


def test_twenty_thousand_rows_go_in_one_load(load):
    rows = [{"id": str(n), "mobile_number": str(9_000_000_000 + n % 18_000)} for n in range(20_000)]

    assert load(LEADS, *rows) == Counts(
        read=20_000, inserted=18_000, skipped=2_000, duplicates=2_000
    )
    assert load(LEADS, *rows) == Counts(
        read=20_000, unchanged=18_000, skipped=2_000, duplicates=2_000
    )


CELLS = st.sampled_from(
    ["", "1", "2", "1.0", "x", "N/A", "2025-11-03", "03/11/2025", "9000000001", "+919000000001"]
)
ROWS = st.lists(st.lists(CELLS | st.text(max_size=8), min_size=14, max_size=16), max_size=12)


def _body(names, rows):
    """Rows that mostly have the header's width and the store's code, in any state otherwise."""
    store_at = names.index("store_code")
    lines = [list(names), *(row[: len(names)] for row in rows)]
    for line in lines[1:]:
        line[store_at] = "A668"
    return "\n".join(map(",".join, lines)).encode("utf-8", "replace")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(bucket=st.sampled_from(Bucket), rows=ROWS)
def test_whatever_a_file_holds_its_rows_are_accounted_for_and_loading_it_again_changes_nothing(
    engine, export, merge, bucket, rows
):
    merged = merge(export(bucket, _body(EXPORTS[bucket].names, rows)))
    first, again = (ingest.load(engine, merged, RUN).counts["A668"] for _ in range(2))

    assert first.balances
    assert again.balances
    assert (again.inserted, again.updated) == (0, 0)
    assert (again.read, again.rejected, again.skipped) == (
        first.read,
        first.rejected,
        first.skipped,
    )
