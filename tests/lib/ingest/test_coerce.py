import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ingest import coerce as module
from lib.ingest.buckets import Kind
from lib.ingest.coerce import UNREADABLE, Uncoercible, coerce, reader


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.TEXT, "  Customer App ", "Customer App"),
        (Kind.TEXT, " \t ", ""),
        (Kind.WHOLE, "1004", "1004"),
        (Kind.WHOLE, " 1004.0 ", "1004"),
        (Kind.WHOLE, "0012", "0012"),
        (Kind.WHOLE, "+7", "7"),
        (Kind.WHOLE, "2147483647", "2147483647"),
        (Kind.WHOLE, "-2147483648", "-2147483648"),
        (Kind.WHOLE, "", ""),
        (Kind.AMOUNT, "1110.00", "1110.00"),
        (Kind.AMOUNT, "₹ 9,12,450.50", "912450.50"),
        (Kind.AMOUNT, "-5.5", "-5.5"),
        (Kind.AMOUNT, "0.00", "0.00"),
        (Kind.AMOUNT, "999999999999.99", "999999999999.99"),
        (Kind.AMOUNT, "N/A", ""),
        (Kind.AMOUNT, "₹", ""),
        (Kind.FLAG, "1", "t"),
        (Kind.FLAG, " TRUE ", "t"),
        (Kind.FLAG, "0", "f"),
        (Kind.FLAG, "false", "f"),
        (Kind.FLAG, "yes", "f"),
        (Kind.FLAG, "  ", ""),
        (Kind.DAY, "2025-11-14", "2025-11-14"),
        (Kind.DAY, "2025-11-14 15:25:55", "2025-11-14"),
        (Kind.DAY, "2025-11-14T15:25", "2025-11-14"),
        (Kind.DAY, "14-11-2025", "2025-11-14"),
        (Kind.DAY, "14/11/2025 09:30", "2025-11-14"),
        (Kind.DAY, "03/04/2025", "2025-04-03"),
        (Kind.DAY, "11/14/2025", "2025-11-14"),
        (Kind.DAY, "29-02-2024", "2024-02-29"),
        (Kind.DAY, "N/A", ""),
        (Kind.DAY, "--", ""),
        (Kind.MOBILE, "9000000001", "9000000001"),
        (Kind.MOBILE, "+91 90000 00001", "9000000001"),
        (Kind.MOBILE, "09000000001", "9000000001"),
        (Kind.MOBILE, "9OOOoooo01", "9000000001"),
        (Kind.MOBILE, "1234567890", "1234567890"),
        (Kind.MOBILE, "unlisted", ""),
        (Kind.MOBILE, "-", ""),
    ],
)
def test_a_cell_is_read_by_the_rule_of_its_kind(kind, cell, value):
    assert coerce(kind, cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        (Kind.WHOLE, "12a", "is not a number"),
        (Kind.WHOLE, "1,004", "is not a number"),
        (Kind.WHOLE, "1_004", "is not a number"),
        (Kind.WHOLE, "NaN", "is not a number"),
        (Kind.WHOLE, "1e999999999", "is not a number"),
        (Kind.WHOLE, "١٢٣", "is not a number"),
        (Kind.WHOLE, "10.5", "is not a whole number"),
        (Kind.WHOLE, "2147483648", "does not fit 32 bits"),
        (Kind.WHOLE, "9" * 300, "does not fit 32 bits"),
        (Kind.AMOUNT, "free", "is not an amount"),
        (Kind.AMOUNT, "inf", "is not an amount"),
        (Kind.AMOUNT, "1000000000000", "is not an amount"),
        (Kind.AMOUNT, "9" * 400, "is not an amount"),
        (Kind.DAY, "soon", "is not a date"),
        (Kind.DAY, "2025-02-29", "is not a date"),
        (Kind.DAY, "0000-00-00", "is not a date"),
        (Kind.DAY, "13-14-2025", "is not a date"),
        (Kind.DAY, "11-14-2025", "is not a date"),
        (Kind.MOBILE, "12345", "is not a mobile number of ten digits"),
        (Kind.MOBILE, "929000000001", "is not a mobile number of ten digits"),
    ],
)
def test_a_cell_that_the_rule_refuses_is_described_and_never_quoted(kind, cell, reason):
    with pytest.raises(Uncoercible) as caught:
        coerce(kind, cell)
    assert str(caught.value) == reason


@pytest.mark.parametrize("kind", Kind)
@given(
    cells=st.lists(st.text(max_size=30) | st.from_regex(r"[0-9/.,₹ oO+-]{0,15}", fullmatch=True))
)
def test_reading_a_column_is_reading_its_cells(kind, cells):
    def one(cell):
        try:
            return coerce(kind, cell)
        except Uncoercible:
            return UNREADABLE

    read = reader(kind)
    assert read(cells) == [one(cell) for cell in cells]
    assert read(cells) == [one(cell) for cell in cells]


def test_the_memory_of_a_column_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MEMO_SIZE", 10)
    days = [f"2025-11-14 00:00:{second:02}" for second in range(25)]
    assert reader(Kind.DAY)(days) == ["2025-11-14"] * 25
