from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lib import formatting
from lib.model import MetricKind

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "N/A"),
        (0, "₹0"),
        (Decimal("0.00"), "₹0"),
        (999, "₹999"),
        (1000, "₹1,000"),
        (Decimal("12345.00"), "₹12,345"),
        (100012, "₹1,00,012"),
        (Decimal("912450.5"), "₹9,12,451"),
        (12345678, "₹1,23,45,678"),
        (Decimal("999.5"), "₹1,000"),
        (Decimal("-1234.50"), f"{MINUS}₹1,235"),
    ],
)
def test_rupees_are_grouped_as_in_india(value, text):
    assert formatting.rupees(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "N/A"),
        (0, "₹0"),
        (Decimal("912450.5"), "₹9,12,451"),
        (999_999, "₹9,99,999"),
        (1_000_000, "₹10 L"),
        (1_234_567, "₹12.35 L"),
        (1_250_000, "₹12.5 L"),
        (9_999_999, "₹1 Cr"),
        (10_000_000, "₹1 Cr"),
        (10_000_000_000, "₹1,000 Cr"),
        (123_456_789_012, "₹12,345.68 Cr"),
        (-1_234_567, f"{MINUS}₹12.35 L"),
    ],
)
def test_large_sums_are_short_in_summaries(value, text):
    assert formatting.short_rupees(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "N/A"), (Decimal(0), "₹0.00"), (Decimal("1860.1"), "₹1,860.10")]
)
def test_amounts_in_a_column_always_have_paise(value, text):
    assert formatting.rupees_and_paise(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "N/A"),
        (0, "0.0%"),
        (Decimal("0.00"), "0.0%"),
        (Decimal("81.95"), "82.0%"),
        (Decimal("70.00"), "70.0%"),
        (Decimal("72.50"), "72.5%"),
        (Decimal("100.00"), "100.0%"),
        (Decimal("-4.20"), f"{MINUS}4.2%"),
    ],
)
def test_a_percentage_has_one_decimal_and_zero_is_not_missing(value, text):
    assert formatting.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "N/A"), (0, "0"), (1012, "1,012"), (100012, "1,00,012"), (-2, f"{MINUS}2")],
)
def test_counts_are_whole_numbers(value, text):
    assert formatting.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [("12", "12.0"), ("-2.25", "2.3"), ("0.04", "0.0"), ("100012", "1,00,012.0")]
)
def test_differences_have_one_decimal_and_no_sign(value, text):
    assert formatting.one_decimal(Decimal(value)) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [(MetricKind.MONEY, "₹70"), (MetricKind.PERCENT, "70.0%"), (MetricKind.COUNT, "70")],
)
def test_a_metric_is_printed_by_its_kind(kind, text):
    assert formatting.figure(70, kind) == text


def test_dates_are_unmistakable_and_instants_tell_their_zone():
    assert formatting.day(date(2025, 11, 4)) == "4 Nov 2025"
    assert formatting.day(None) == "N/A"
    late = datetime(2025, 11, 14, 20, 15, tzinfo=UTC)
    assert formatting.day_and_time(late, ZoneInfo("Asia/Kolkata")) == "15 Nov 2025, 01:45 IST"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "N/A"),
        (Decimal("81.95"), "81.95%"),
        (Decimal("81.999"), "81.99%"),
        (Decimal("81.94"), "81.9%"),
        (Decimal("82.00"), "82.0%"),
        (Decimal("82.04"), "82.0%"),
    ],
)
def test_a_percentage_never_looks_like_the_limit_that_it_missed(value, text):
    assert formatting.judged_percent(value, (82, 70)) == text


@pytest.mark.parametrize(
    ("phone", "link"),
    [
        ("9000000001", "tel:9000000001"),
        ("+91 90000-00001", "tel:+919000000001"),
        ("N/A", ""),
        ("12", ""),
        ("9000000001;ext=1", ""),
    ],
)
def test_what_can_be_dialled_is_a_link(phone, link):
    assert formatting.phone_link(phone) == link
