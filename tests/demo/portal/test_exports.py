import csv
import io
from datetime import date, timedelta

import pytest

from demo.portal.exports import (
    BYTE_ORDER_MARK,
    ZERO_ROWS,
    Export,
    Spelling,
    render,
    rows_of,
    spelling_of,
)
from demo.portal.world import World

TODAY = date(2025, 11, 15)
PLAIN = World(anomaly_rate=0)
ODD = World(anomaly_rate=0.05)
HEADERS = {
    Export.MISSED_LEADS: "id,mobile_number,pickup_no,pickup_created_date,pickup_created_time,store_code,store_name,pickup_date,"
    "pickup_time,customer_name,special_instruction,source,final_source,customer_type,is_order_placed",
    Export.UNDELIVERED_ALL: "order_no,order_date,store_code,store_name,taxable_amount,net_amount,service_code,mobile_no,status,"
    "customer_id,expected_deliver_on,actual_deliver_on",
    Export.REPEAT_CUSTOMERS: "Store Code,Mobile No.,Status",
    Export.NON_PACKAGE_ALL: "Store Code,Store Name,Mobile No,Taxable Amount,Order Date,Expected Delivery Date,Actual Delivery Date",
}


def rows(
    export: Export, today: date = TODAY, world: World = PLAIN, code: str = "A668"
) -> list[dict[str, str]]:
    return rows_of(world, export, world.by_code[code], today)


def everything(export: Export, world: World = ODD) -> list[dict[str, str]]:
    return [row for code in world.codes for row in rows(export, world=world, code=code)]


@pytest.mark.parametrize("export", HEADERS, ids=lambda export: export.name.lower())
def test_a_plain_file_has_the_headers_of_the_portal(export: Export) -> None:
    body = render(rows(export), Spelling(), {}).decode()

    assert body.splitlines()[0] == HEADERS[export]
    assert body.endswith("\n")


def test_no_rows_are_one_sentence_without_header_or_newline() -> None:
    assert (
        render([], Spelling(has_byte_order_mark=True), {})
        == ZERO_ROWS
        == b"No data available to export."
    )


@pytest.mark.parametrize(
    ("today", "total_rows"),
    [
        (
            date(2026, 1, 2),
            {"MISSED_LEADS": (200, 350), "UNDELIVERED_ALL": (240, 500), "NON_PACKAGE_ALL": (0, 0)},
        ),
        (
            date(2026, 1, 29),
            {
                "MISSED_LEADS": (6_000, 7_000),
                "UNDELIVERED_ALL": (10_500, 12_000),
                "NON_PACKAGE_ALL": (1_200, 1_600),
            },
        ),
    ],
    ids=["on the 2nd", "on the 29th"],
)
def test_sixteen_stores_have_as_many_rows_as_in_life(
    today: date, total_rows: dict[str, tuple[int, int]]
) -> None:
    for name, (least, most) in total_rows.items():
        assert (
            least <= sum(len(rows(Export[name], today, code=code)) for code in PLAIN.codes) <= most
        )


def test_scale_multiplies_the_rows() -> None:
    assert len(rows(Export.UNDELIVERED_ALL, world=World(scale=3))) > 2.5 * len(
        rows(Export.UNDELIVERED_ALL, world=World())
    )


def test_orders_are_chosen_by_due_date_so_that_some_were_placed_before_the_month() -> None:
    due = rows(Export.UNDELIVERED_ALL)

    assert all("2025-11-01" <= row["expected_deliver_on"] <= "2025-11-14" for row in due)
    assert any(row["order_date"] < "2025-11-01" for row in due)
    assert any(row["actual_deliver_on"] for row in due)
    assert any(not row["actual_deliver_on"] for row in due)


def test_on_the_first_the_old_month_is_seen_for_the_last_time() -> None:
    assert rows(Export.MISSED_LEADS, date(2025, 12, 1))[0]["pickup_created_date"] == "2025-11-01"
    assert {row["pickup_created_date"] for row in rows(Export.MISSED_LEADS, date(2025, 12, 2))} == {
        "2025-12-01"
    }


@pytest.mark.parametrize("day", [1, 2])
def test_non_package_orders_are_empty_for_every_store_at_the_start_of_a_month(day: int) -> None:
    assert not any(
        rows(Export.NON_PACKAGE_ALL, date(2025, 11, day), code=code) for code in PLAIN.codes
    )


def test_rows_keep_their_identity_and_only_learn_from_day_to_day() -> None:
    for export, key, learns in [
        (Export.MISSED_LEADS, "id", {"is_order_placed"}),
        (Export.UNDELIVERED_ALL, "order_no", {"actual_deliver_on", "status"}),
    ]:
        early = {row[key]: row for row in rows(export, date(2025, 11, 15))}
        late = {row[key]: row for row in rows(export, date(2025, 11, 17))}
        changed = {
            column
            for number in early
            for column in early[number]
            if early[number][column] != late[number][column]
        }
        assert early.keys() < late.keys()
        assert changed == learns


def test_a_placed_order_and_a_delivery_are_never_taken_back() -> None:
    for offset in range(20):
        today = date(2025, 11, 4) + timedelta(days=offset)
        before = {
            row["id"] for row in rows(Export.MISSED_LEADS, today) if row["is_order_placed"] == "1"
        }
        after = {
            row["id"]
            for row in rows(Export.MISSED_LEADS, today + timedelta(days=1))
            if row["is_order_placed"] == "1"
        }
        assert before <= after


def test_pickup_ids_are_unique_over_all_stores_and_fit_32_bits() -> None:
    ids = [int(row["id"]) for row in everything(Export.MISSED_LEADS, PLAIN)]

    assert len(set(ids)) == len(ids)
    assert max(ids) < 2**31


def test_a_world_with_anomalies_has_every_one_of_them() -> None:
    leads, orders = everything(Export.MISSED_LEADS), everything(Export.UNDELIVERED_ALL)
    repeat, loose = everything(Export.REPEAT_CUSTOMERS), everything(Export.NON_PACKAGE_ALL)
    phones = [row["mobile_number"] for row in leads]

    assert "" in phones
    assert any(phone.startswith("+91") for phone in phones)
    assert any(phone.startswith("05") for phone in phones)
    assert any("O" in phone for phone in phones)
    pairs = [(row["store_code"], row["mobile_number"]) for row in leads if row["mobile_number"]]
    assert len(set(pairs)) < len(pairs)
    assert {len(row["pickup_created_date"]) for row in leads} == {10, 19}
    assert any(row["pickup_date"] == "N/A" for row in leads)
    assert any(row["id"] == "" for row in leads)
    assert any(len(row["order_date"]) == 19 for row in orders)
    assert any(row["expected_deliver_on"] == "N/A" for row in orders)
    assert any(row["net_amount"] == "0.00" for row in orders)
    assert len({(row["store_code"], row["order_no"]) for row in orders}) < len(orders)
    assert any(row["Mobile No."] == "" for row in repeat)
    assert any(row["Mobile No"] == "" for row in loose)


def test_anomalies_are_the_same_rows_every_day() -> None:
    broken = [
        {
            row["pickup_no"]
            for row in rows(Export.MISSED_LEADS, today, ODD)
            if not row["mobile_number"].startswith("5")
        }
        for today in (TODAY, TODAY + timedelta(days=1))
    ]

    assert broken[0]
    assert broken[0] <= broken[1]


def test_stores_of_an_odd_world_spell_their_files_differently_and_all_can_be_read_back() -> None:
    seen = set()
    for store in ODD.by_code.values():
        spelling = spelling_of(ODD, store)
        body = render(rows(Export.UNDELIVERED_ALL, world=ODD, code=store.code), spelling, {})
        seen.add(
            (
                body.startswith(BYTE_ORDER_MARK),
                b"\r\n" in body,
                body.endswith(b"\n"),
                b"order_id" in body,
                b"Order No" in body,
            )
        )
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
        assert len(list(reader)) == len(rows(Export.UNDELIVERED_ALL, world=ODD, code=store.code))

    assert len(seen) > 6
    assert all(len({features[position] for features in seen}) == 2 for position in range(5))


def test_a_renamed_column_keeps_its_values() -> None:
    body = render(rows(Export.REPEAT_CUSTOMERS), Spelling(), {"Mobile No.": "Contact"}).decode()
    assert body.splitlines()[0] == "Store Code,Contact,Status"
