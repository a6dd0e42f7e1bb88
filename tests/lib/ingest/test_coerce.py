import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.exports import ColumnKind
from lib.ingest import coerce as module
from lib.ingest.coerce import UNREADABLE, Uncoercible, coerce, reader


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (ColumnKind.TEXT, "  Customer App ", "Customer App"),
        (ColumnKind.TEXT, " \t ", ""),
        (ColumnKind.WHOLE, "1004", "1004"),
        (ColumnKind.WHOLE, " 1004.0 ", "1004"),
        (ColumnKind.WHOLE, "0012", "12"),
        (ColumnKind.WHOLE, "+7", "7"),
        (ColumnKind.WHOLE, "2147483647", "2147483647"),
        (ColumnKind.WHOLE, "-2147483648", "-2147483648"),
        (ColumnKind.WHOLE, "", ""),
        (ColumnKind.AMOUNT, "1110.00", "1110.00"),
        (ColumnKind.AMOUNT, "₹ 9,12,450.50", "912450.50"),
        (ColumnKind.AMOUNT, "-5.5", "-5.5"),
        (ColumnKind.AMOUNT, "0.00", "0.00"),
        (ColumnKind.AMOUNT, "999999999999.99", "999999999999.99"),
        (ColumnKind.AMOUNT, "N/A", ""),
        (ColumnKind.AMOUNT, "₹", ""),
        (ColumnKind.FLAG, "1", "1"),
        (ColumnKind.FLAG, " TRUE ", "1"),
        (ColumnKind.FLAG, "0", "0"),
        (ColumnKind.FLAG, "false", "0"),
        (ColumnKind.FLAG, "yes", "0"),
        (ColumnKind.FLAG, "  ", ""),
        (ColumnKind.DAY, "2025-11-14", "2025-11-14"),
        (ColumnKind.DAY, "2025-11-14 15:25:55", "2025-11-14"),
        (ColumnKind.DAY, "2025-11-14T15:25", "2025-11-14"),
        (ColumnKind.DAY, "14-11-2025", "2025-11-14"),
        (ColumnKind.DAY, "14/11/2025 09:30", "2025-11-14"),
        (ColumnKind.DAY, "03/04/2025", "2025-04-03"),
        (ColumnKind.DAY, "11/14/2025", "2025-11-14"),
        (ColumnKind.DAY, "29-02-2024", "2024-02-29"),
        (ColumnKind.DAY, "N/A", ""),
        (ColumnKind.DAY, "--", ""),
        (ColumnKind.MOBILE, "9000000001", "9000000001"),
        (ColumnKind.MOBILE, "+91 90000 00001", "9000000001"),
        (ColumnKind.MOBILE, "09000000001", "9000000001"),
        (ColumnKind.MOBILE, "9OOOoooo01", "9000000001"),
        (ColumnKind.MOBILE, "1234567890", "1234567890"),
        (ColumnKind.MOBILE, "unlisted", ""),
        (ColumnKind.MOBILE, "-", ""),
    ],
)
def test_a_cell_is_read_by_the_rule_of_its_kind(kind, cell, value):
    assert coerce(kind, cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        (ColumnKind.WHOLE, "12a", "is not a number"),
        (ColumnKind.WHOLE, "1,004", "is not a number"),
        (ColumnKind.WHOLE, "1_004", "is not a number"),
        (ColumnKind.WHOLE, "NaN", "is not a number"),
        (ColumnKind.WHOLE, "1e999999999", "is not a number"),
        (ColumnKind.WHOLE, "١٢٣", "is not a number"),
        (ColumnKind.WHOLE, "10.5", "is not a whole number"),
        (ColumnKind.WHOLE, "2147483648", "does not fit 32 bits"),
        (ColumnKind.WHOLE, "9" * 300, "does not fit 32 bits"),
        (ColumnKind.AMOUNT, "free", "is not an amount"),
        (ColumnKind.AMOUNT, "inf", "is not an amount"),
        (ColumnKind.AMOUNT, "1000000000000", "is not an amount"),
        (ColumnKind.AMOUNT, "9" * 400, "is not an amount"),
        (ColumnKind.DAY, "soon", "is not a date"),
        (ColumnKind.DAY, "2025-02-29", "is not a date"),
        (ColumnKind.DAY, "1970-01-01", "is a placeholder and no date"),
        (ColumnKind.DAY, "1970-01-01 05:30:00", "is a placeholder and no date"),
        (ColumnKind.DAY, "01-01-1970", "is a placeholder and no date"),
        (ColumnKind.DAY, "1900-01-01", "is a placeholder and no date"),
        (ColumnKind.DAY, "1899-12-30", "is a placeholder and no date"),
        (ColumnKind.DAY, "0001-01-01 00:00:00", "is a placeholder and no date"),
        (ColumnKind.DAY, "9999-12-31", "is a placeholder and no date"),
        (ColumnKind.DAY, "31/12/9999", "is a placeholder and no date"),
        (ColumnKind.DAY, "0000-01-00", "is not a date"),
        (ColumnKind.DAY, "13-14-2025", "is not a date"),
        (ColumnKind.DAY, "11-14-2025", "is not a date"),
        (ColumnKind.PHONE, "9.198765432E+09", "is a number in scientific notation"),
        (ColumnKind.PHONE, " 9.19877e+11 ", "is a number in scientific notation"),
        (ColumnKind.PHONE, "9E11", "is a number in scientific notation"),
        (ColumnKind.MOBILE, "9.198765432E+09", "is a number in scientific notation"),
        (ColumnKind.MOBILE, "12345", "is not a mobile number of ten digits"),
        (ColumnKind.MOBILE, "929000000001", "is not a mobile number of ten digits"),
        (ColumnKind.MOBILE, "9000000001/02", "is not a mobile number of ten digits"),
        (ColumnKind.MOBILE, "9000000001;9000000002", "is not a mobile number of ten digits"),
    ],
)
def test_a_cell_that_the_rule_refuses_is_described_and_never_quoted(kind, cell, reason):
    with pytest.raises(Uncoercible) as caught:
        coerce(kind, cell)
    assert str(caught.value) == reason


@pytest.mark.parametrize("kind", ColumnKind)
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

    assert reader(ColumnKind.DAY)(days) == ["2025-11-14"] * 25


@pytest.mark.parametrize(
    "cell",
    [
        "0000-00-00",
        "0000-00-00 00:00:00",
        "00-00-0000",
        "00/00/0000",
        "-0001-11-30 00:00:00",
        "30-11--0001",
    ],
)
def test_the_date_of_no_day_of_mysql_and_php_is_none(cell):
    assert coerce(ColumnKind.DAY, cell) == ""


@pytest.mark.parametrize("kind", [ColumnKind.PHONE, ColumnKind.MOBILE])
@pytest.mark.parametrize(
    "cell",
    [
        "\u202a9000000001\u202c",
        " \u202b9000000001\u202c ",
        "\u202a\u00a09000000001\u200e",
        "\u2068 9000000001 \u2069",
        "\ufeff9000000001",
    ],
)
def test_what_a_phone_puts_around_a_copied_number_is_trimmed(kind, cell):
    assert coerce(kind, cell) == "9000000001"
    assert reader(kind)(["9000000002", cell]) == ["9000000002", "9000000001"]


def test_a_phone_number_is_otherwise_as_it_is_written():
    cells = ["+91 90000 00001", "0124-4000000", "5e", "9000000001", ""]
    assert reader(ColumnKind.PHONE)(cells) == cells
