import io

import pytest

from lib.domain.exports import EXPORTS
from lib.ingest import DamagedMerge
from lib.ingest.staged_rows import StagedRows
from lib.model import Bucket

REPEAT = EXPORTS[Bucket.REPEAT_CUSTOMERS]
HEADER = "store_code,mobile_no,status\r\n"


def staged(body, batch_size=100):
    """The COPY lines of a merged file of repeat customers."""
    return b"".join(
        StagedRows(REPEAT, "merged.csv").copy_lines(io.StringIO(body, newline=""), batch_size)
    ).decode()


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_every_row_has_its_line_its_fate_and_its_values(batch_size):
    body = 'A668,9000000001,Yes\r\nA668,12,Yes\r\nA668,9000000002,"two\r\nlines"\r\nA817,+91 9000000003,\r\n'
    assert staged(HEADER + body, batch_size) == (
        "2\t\t\tA668\t9000000001\tYes\n"
        "3\tskipped\t\tA668\t\t\n"
        "4\t\t\tA668\t9000000002\ttwo\\r\\nlines\n"
        "6\t\t\tA817\t9000000003\t\n"
    )


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("a\tb", r"a\tb"),
        ("a\nb", r"a\nb"),
        ("a\rb", r"a\rb"),
        ("\\N", r"\\N"),
        ("\\.", r"\\."),
        ("é₹", "é₹"),
    ],
)
def test_a_value_is_escaped_for_copy(value, escaped):
    assert (
        staged(f'{HEADER}A668,9000000001,"{value}"\r\n') == f"2\t\t\tA668\t9000000001\t{escaped}\n"
    )


def test_a_merged_file_without_rows_is_nothing_to_copy():
    assert staged(HEADER) == ""


def test_refused_rows_are_remembered_by_store_without_their_values():
    export = EXPORTS[Bucket.UNDELIVERED_ALL]
    cells = ["T1", "soon", "A668", "", "much", *[""] * 7]
    lines = [export.names, cells, ["", *cells[1:]], [*cells[:2], "A817", *cells[3:]]]
    rows = StagedRows(export, "merged.csv")
    list(rows.copy_lines(io.StringIO("".join(",".join(line) + "\n" for line in lines)), 2))
    assert {store: list(refused.texts()) for store, refused in rows.rejections.items()} == {
        "A668": ["merged.csv line 3 rejected: order_id is empty"]
    }
    assert rows.unreadable == {
        ("A668", "order_date"): 2,
        ("A668", "taxable_amount"): 2,
        ("A817", "order_date"): 1,
        ("A817", "taxable_amount"): 1,
    }


def test_a_file_that_merge_did_not_write_is_refused():
    with pytest.raises(DamagedMerge, match=r"^merged\.csv has not the header"):
        staged("mobile_no,store_code,status\r\n")
