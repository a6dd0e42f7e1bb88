from decimal import Decimal

import pytest

from lib.domain.limits import METRIC_LIMITS
from lib.model import MetricKind

MONEY, PERCENT, COUNT = MetricKind.MONEY, MetricKind.PERCENT, MetricKind.COUNT


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        (MONEY, "999999999999.99", True),
        (MONEY, "999999999999.994", True),
        (MONEY, "999999999999.995", False),
        (MONEY, "-1000000000000", False),
        (PERCENT, "9999.99", True),
        (PERCENT, "-9999.995", False),
        (PERCENT, "10000", False),
        (COUNT, "2147483647", True),
        (COUNT, "2147483648", False),
        (COUNT, "NaN", False),
        (MONEY, "Infinity", False),
    ],
)
def test_a_value_fits_if_it_does_after_rounding(kind, value, fits):
    assert METRIC_LIMITS[kind].fits(Decimal(value)) is fits
