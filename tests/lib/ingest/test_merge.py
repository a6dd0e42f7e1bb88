import csv
from datetime import date

import pytest

from lib import ingest
from lib.ingest import FileCounts
from lib.model import Bucket, Download, Finding, Status

LEADS, ORDERS, REPEAT = Bucket.MISSED_LEADS, Bucket.UNDELIVERED_ALL, Bucket.REPEAT_CUSTOMERS
SENTENCE = "No data available to export."


def rows_of(merged):
    with merged.path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def texts(merged):
    return [str(finding) for finding in merged.findings]


def test_files_are_merged_by_header_name_whatever_their_order_spelling_and_line_ends(export, merge):
    merged = merge(
        export(REPEAT, "Store Code,Mobile No.,Status\nA668,9000000001,Yes", code="A668"),
        export(
            REPEAT,
            b"\xef\xbb\xbfstatus,extra,mobile,STORE-CODE\r\nYes,x,9000000002,a817\r\n",
            code="A817",
        ),
    )

    assert rows_of(merged) == [
        ["store_code", "mobile_no", "status"],
        ["A668", "9000000001", "Yes"],
        ["A817", "9000000002", "Yes"],
    ]
    assert merged.counts == {"A668": FileCounts(1, 1, 0), "A817": FileCounts(1, 1, 0)}
    assert merged.findings == ()


def test_a_missing_final_newline_does_not_glue_two_stores_together(export, merge):
    body = "Store Code,Mobile No.,Status\n{},9000000001,Yes"
    merged = merge(*(export(REPEAT, body.format(code), code=code) for code in ("A668", "A817")))

    assert [row[0] for row in rows_of(merged)] == ["store_code", "A668", "A817"]


def test_a_zero_row_export_between_others_loses_nobodys_rows(export, merge):
    merged = merge(
        export(ORDERS, SENTENCE, code="A668"),
        export(ORDERS, {"store_code": "A817"}, code="A817"),
        export(ORDERS, SENTENCE, code="B002"),
    )

    assert {store: counts.read for store, counts in merged.counts.items()} == {
        "A668": 0,
        "A817": 1,
        "B002": 0,
    }
    assert [row[0] for row in rows_of(merged)] == ["order_id", "T1"]


@pytest.mark.parametrize(
    "body", [SENTENCE, "Store Code,Mobile No.,Status\n"], ids=["sentence", "header only"]
)
def test_a_bucket_that_is_empty_everywhere_merges_to_a_header(export, merge, body):
    merged = merge(export(REPEAT, body))
    assert (rows_of(merged), merged.findings) == ([["store_code", "mobile_no", "status"]], ())


def test_the_merged_file_is_named_by_the_run_day_and_replaces_one_of_that_name(export, tmp_path):
    download = export(LEADS, {})
    for _ in range(2):
        merged = ingest.merge(LEADS, [download], tmp_path / "new", date(2025, 12, 1))

    assert [path.name for path in (tmp_path / "new").iterdir()] == [
        "merged_missed_leads_20251201.csv"
    ]
    assert merged.path == tmp_path / "new" / "merged_missed_leads_20251201.csv"


def test_a_merge_that_fails_leaves_the_old_file_and_nothing_half_written(
    export, tmp_path, merge, monkeypatch
):
    before = rows_of(merge(export(LEADS, {})))
    monkeypatch.setattr(
        "os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(OSError, match="No space left"):
        merge(export(LEADS, {"id": "2"}))
    monkeypatch.undo()
    files = sorted(path.name for path in tmp_path.iterdir())

    assert files == ["A668-missed-leads.csv", "merged_missed_leads_20251115.csv"]
    assert before[1][0] == "1001"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            "mobile_number,store_code\n9,A668\n",
            "it has no column pickup_row_id",
            id="renamed header",
        ),
        pytest.param(
            "<!DOCTYPE html>\n<html></html>\n",
            "it has no column pickup_row_id or id, mobile_number",
            id="HTML",
        ),
        pytest.param("", "the file is empty", id="empty"),
    ],
)
def test_an_unusable_file_is_a_named_gap_and_the_others_go_on(export, merge, body, reason):
    merged = merge(export(LEADS, body), export(LEADS, {"store_code": "A817"}, code="A817"))

    assert list(merged.counts) == ["A817"]
    assert len(rows_of(merged)) == 2
    (finding,) = merged.findings
    assert finding.severity is Status.ERROR
    assert str(finding).startswith(
        f"A668 missed_leads: A668-missed-leads.csv is left out: {reason}"
    )


def test_a_download_that_is_gone_is_a_named_gap(merge, tmp_path):
    merged = merge(Download("A668", LEADS, tmp_path / "A668-missed-leads.csv"))

    assert merged.counts == {}
    assert "cannot be opened: No such file or directory" in texts(merged)[0]


def test_rows_of_another_store_or_none_are_rejected_with_line_and_column_only(export, merge):
    merged = merge(
        export(LEADS, {}, {"id": "2", "store_code": "A817"}, {"id": "3", "store_code": " "})
    )

    assert merged.counts == {"A668": FileCounts(read=3, written=1, rejected=2)}
    assert texts(merged) == [
        "A668 missed_leads: A668-missed-leads.csv line 3 rejected: store_code is another store's",
        "A668 missed_leads: A668-missed-leads.csv line 4 rejected: store_code is empty",
    ]


def test_a_store_code_in_lower_case_is_the_same_store(export, merge):
    merged = merge(export(LEADS, {"store_code": " a668 "}, code="a668"))

    assert [row[5] for row in rows_of(merged)] == ["store_code", "A668"]
    assert list(merged.counts) == ["A668"]


def test_broken_lines_are_counted_and_at_most_five_are_told(export, merge):
    header = "Store Code,Mobile No.,Status\n"
    merged = merge(export(REPEAT, header + "A668,9000000001\n" * 8 + "A668,9000000001,Yes\n"))

    assert merged.counts == {"A668": FileCounts(read=9, written=1, rejected=8)}
    assert texts(merged)[0].endswith(
        "A668-repeat-customers.csv line 2 rejected: has 2 fields where the header has 3"
    )
    assert texts(merged)[5:] == [
        "A668 repeat_customers: A668-repeat-customers.csv: 3 more rows rejected"
    ]


def test_a_missing_optional_column_is_said_once_and_its_values_are_empty(export, merge):
    merged = merge(export(REPEAT, "Store Code,Mobile No.\nA668,9000000001\nA668,9000000002\n"))

    assert rows_of(merged)[1:] == [["A668", "9000000001", ""], ["A668", "9000000002", ""]]
    assert merged.findings == (
        Finding(Status.WARNING, "A668-repeat-customers.csv has no column status", "A668", REPEAT),
    )


def test_values_with_commas_quotes_and_line_breaks_survive_the_merge(export, merge):
    value = 'ring, "twice"\r\nthen\rwait\\'
    quoted = value.replace('"', '""')
    merged = merge(export(REPEAT, f'Store Code,Mobile No.,Status\nA668,9000000001,"{quoted}"\n'))

    assert rows_of(merged)[1] == ["A668", "9000000001", value]


def test_no_value_of_a_row_is_ever_told(export, merge):
    merged = merge(
        export(
            LEADS,
            {"store_code": "Z999", "customer_name": "Secret Name", "mobile_number": "9123456789"},
        )
    )
    said = " ".join(texts(merged))

    assert not any(value in said for value in ("Z999", "Secret", "9123456789"))
