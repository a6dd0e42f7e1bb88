import pytest

from lib.domain.exports import EXPORTS
from lib.ingest.staged_rows import RowBatch, StagedRows
from lib.model import Bucket

REPEAT = EXPORTS[Bucket.REPEAT_CUSTOMERS]


def rows_of(staged):
    return b"".join(staged.file.blocks()).decode()


def staged(tmp_path, *batches, export=REPEAT):
    """What is written of batches of rows of one store."""
    rows = StagedRows(export, tmp_path / "merged.csv")
    for batch in batches:
        rows.add(RowBatch(batch))
    rows.end_store()
    return rows


def test_every_row_has_its_line_its_fate_and_its_values(tmp_path):
    first = [["A668", "9000000001", "Yes"], ["A668", "12", "Yes"]]
    second = [["A668", "9000000002", "two\r\nlines"], ["A668", " 9000000003", " No "]]

    assert rows_of(staged(tmp_path, first, second)) == (
        "t\t2\t\t\tA668\t9000000001\tYes\n"
        "f\t3\tskipped\t\tA668\t\t\n"
        "t\t4\t\t\tA668\t9000000002\ttwo\\r\\nlines\n"
        "t\t6\t\t\tA668\t9000000003\tNo\n"
    )


def test_a_duplicate_is_not_live_whatever_letters_stand_before_it(tmp_path):
    rows = [
        ["A668", "9000000009", "é₹"],
        ["A668", "9000000001", "Yes"],
        ["A668", "9000000001", "No"],
    ]
    assert rows_of(staged(tmp_path, rows)) == (
        "t\t2\t\t\tA668\t9000000009\té₹\n"
        "f\t3\t\t\tA668\t9000000001\tYes\n"
        "t\t4\t\t\tA668\t9000000001\tNo\n"
    )


def test_rows_of_two_stores_are_no_duplicates(tmp_path):
    rows = StagedRows(REPEAT, tmp_path / "merged.csv")
    for code in ("A668", "A817"):
        rows.add(RowBatch([[code, "9000000001", ""]]))
        rows.end_store()

    assert rows_of(rows) == "t\t2\t\t\tA668\t9000000001\t\nt\t3\t\t\tA817\t9000000001\t\n"


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
def test_a_value_is_escaped_for_copy(tmp_path, value, escaped):
    rows = staged(tmp_path, [["A668", "9000000001", value]])
    assert rows_of(rows) == f"t\t2\t\t\tA668\t9000000001\t{escaped}\n"


def test_without_rows_there_is_nothing_to_copy(tmp_path):
    assert rows_of(staged(tmp_path)) == ""


def test_the_rows_are_in_no_file_that_has_a_name(tmp_path):
    assert rows_of(staged(tmp_path, [["A668", "9000000001", "Yes"]]))
    assert list(tmp_path.iterdir()) == []


def test_refused_rows_are_remembered_by_store_without_their_values(tmp_path):
    export = EXPORTS[Bucket.UNDELIVERED_ALL]
    cells = ["T1", "soon", "A668", "", "much", *[""] * 7]
    batches = [[cells, ["", *cells[1:]]], [[*cells[:2], "A817", *cells[3:]]]]
    rows = staged(tmp_path, *batches, export=export)

    assert {store: list(refused.texts()) for store, refused in rows.rejections.items()} == {
        "A668": ["merged.csv line 3 rejected: order_id is empty"]
    }
    assert rows.unreadable == {
        ("A668", "order_date"): 2,
        ("A668", "taxable_amount"): 2,
        ("A817", "order_date"): 1,
        ("A817", "taxable_amount"): 1,
    }
