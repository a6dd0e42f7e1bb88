from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model import MetricKind
from lib.portal.dashboard.cells import CellValue, read

MONEY, PERCENT, COUNT = MetricKind.MONEY, MetricKind.PERCENT, MetricKind.COUNT
NOT_ONE = "its text is not one number"

VALUES = [
    ("₹ 9,12,450.50", MONEY, Decimal("912450.50")),
    ("₹9,12,450", MONEY, Decimal("912450.00")),
    ("₹ -1,250", MONEY, Decimal("-1250.00")),
    ("-₹ 1,250", MONEY, Decimal("-1250.00")),
    ("\u22121,250", MONEY, Decimal("-1250.00")),
    ("0", MONEY, Decimal("0.00")),
    ("1234567", MONEY, Decimal("1234567.00")),
    ("1,234,567", MONEY, Decimal("1234567.00")),
    ("28.83%", PERCENT, Decimal("28.83")),
    ("11.82 %", PERCENT, Decimal("11.82")),
    ("-4.5%", PERCENT, Decimal("-4.50")),
    ("30", PERCENT, Decimal("30.00")),
    ("2.345%", PERCENT, Decimal("2.35")),
    ("9999.99%", PERCENT, Decimal("9999.99")),
    ("34", COUNT, 34),
    ("12.0", COUNT, 12),
    ("1,012\nDownload", COUNT, 1012),
    ("12 Download", COUNT, 12),
    ("2147483647", COUNT, 2_147_483_647),
    ("₹ 9.12 Lakh", MONEY, Decimal("912000.00")),
    ("₹ 9.12 lakhs", MONEY, Decimal("912000.00")),
    ("₹9.12Lac", MONEY, Decimal("912000.00")),
    ("₹1.2 Cr.", MONEY, Decimal("12000000.00")),
    ("1.2 Crore", MONEY, Decimal("12000000.00")),
    ("₹ -0.5 lakh", MONEY, Decimal("-50000.00")),
    ("1.5 Lakh Download", COUNT, 150_000),
    ("-₹5", MONEY, Decimal("-5.00")),
]


@pytest.mark.parametrize(
    ("text", "kind", "value"), VALUES, ids=[repr(text) for text, _, _ in VALUES]
)
def test_a_number_is_read_as_its_column_stores_it(text, kind, value):
    cell = read(text, kind)

    assert (cell, type(cell.value)) == (CellValue(value), type(value))


@pytest.mark.parametrize("kind", MetricKind)
@pytest.mark.parametrize(
    "text", ["", " ", "-", "--", "N/A", "n/a", "NA", "na", "Download", "download", " -  Download"]
)
def test_null_words_and_a_lone_link_are_no_value_and_never_zero(text, kind):
    assert read(text, kind) == CellValue(None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("twelve", COUNT),
        ("12 34", COUNT),
        ("1 012", COUNT),
        ("1,2,3", COUNT),
        ("₹ 12", COUNT),
        ("₹9₹12", MONEY),
        ("(500)", MONEY),
        ("(1,234)", MONEY),
        ("12 of 30", COUNT),
        ("<12", COUNT),
        ("9 12 450", MONEY),
        ("1.2.3", MONEY),
        ("1e3", MONEY),
        ("1E3", COUNT),
        ("NaN", MONEY),
        ("Infinity", PERCENT),
        ("%", PERCENT),
        ("- 500", MONEY),
        ("१२", COUNT),
        ("9" * 41, MONEY),
    ],
)
def test_what_is_not_exactly_one_number_is_not_read(text, kind):
    assert read(text, kind) == CellValue(None, NOT_ONE)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.2K", MONEY),
        ("1.2 K", COUNT),
        ("12 CR", MONEY),
        ("1,234.50 Cr", MONEY),
        ("12 Dr", MONEY),
        ("9.12 L", MONEY),
        ("5 M", MONEY),
        ("5 mn", MONEY),
        ("5-", MONEY),
        ("5 -", COUNT),
        ("12 of thirty", COUNT),
        ("5 ↓", PERCENT),
        ("5% down", PERCENT),
        ("5 Lakh", PERCENT),
        ("12 %", COUNT),
        ("12*", COUNT),
        ("500/-", MONEY),
        ("12 orders", COUNT),
        ("12 USD", MONEY),
        ("5%%", PERCENT),
        ("12,", MONEY),
        ("12%", COUNT),
        ("9.12 Lakh Crore", MONEY),
    ],
)
def test_a_number_with_something_behind_it_is_never_the_bare_number(text, kind):
    cell = read(text, kind)

    assert cell.value is None
    assert "behind its number" in cell.problem or cell.problem == NOT_ONE


@pytest.mark.parametrize(
    ("text", "kind", "problem"),
    [
        ("12.5", COUNT, "it is not a whole number"),
        ("2147483648", COUNT, "more than 2,147,483,647 does not fit 32 bits"),
        ("-2147483648", COUNT, "more than 2,147,483,647 does not fit 32 bits"),
        ("10000%", PERCENT, "10,000 % or more does not fit numeric(6,2)"),
        ("9999.995%", PERCENT, "10,000 % or more does not fit numeric(6,2)"),
        ("-12,345%", PERCENT, "10,000 % or more does not fit numeric(6,2)"),
        ("1000000000000", MONEY, "1,000,000,000,000 or more does not fit numeric(14,2)"),
        ("9" * 40, MONEY, "1,000,000,000,000 or more does not fit numeric(14,2)"),
    ],
)
def test_a_number_that_its_column_cannot_hold_becomes_null_with_the_reason(text, kind, problem):
    assert read(text, kind) == CellValue(None, problem)


@given(st.text(), st.sampled_from(MetricKind))
def test_no_text_makes_it_raise_or_invent_a_number(text, kind):
    value = read(text, kind).value

    assert value is None or any(character in "0123456789" for character in text)
