"""What a JSON column can hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest

from lib.db.jsonb import dumps
from lib.model import Status


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(Decimal("0.10"), "0.1", id="decimal"),
        pytest.param(Decimal("1E+3"), "1000", id="whole decimal"),
        pytest.param(date(2024, 2, 29), '"2024-02-29"', id="date"),
        pytest.param(datetime(2025, 1, 1, tzinfo=UTC), '"2025-01-01T00:00:00Z"', id="datetime"),
        pytest.param(
            datetime(2025, 1, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            '"2024-12-31T19:30:00Z"',
            id="datetime of another zone",
        ),
        pytest.param(Path("reports/A668.pdf"), '"reports/A668.pdf"', id="path"),
        pytest.param({"b", "a"}, '["a", "b"]', id="set"),
        pytest.param(frozenset(), "[]", id="empty frozenset"),
        pytest.param(MappingProxyType({"a": 1}), '{"a": 1}', id="read-only mapping"),
        pytest.param({"worst": Status.ERROR}, '{"worst": "error"}', id="enum"),
        pytest.param("₹", '"₹"', id="text"),
    ],
)
def test_it_holds(value, said):
    assert dumps(value) == said


@pytest.mark.parametrize(
    ("value", "error"),
    [
        pytest.param(datetime(2025, 1, 1), ValueError, id="naive datetime"),  # noqa: DTZ001
        pytest.param(float("nan"), ValueError, id="not a number"),
        pytest.param(Decimal("NaN"), ValueError, id="decimal that is not a number"),
        pytest.param(Decimal("Infinity"), ValueError, id="infinite decimal"),
        pytest.param(object(), TypeError, id="anything else"),
    ],
)
def test_it_refuses(value, error):
    with pytest.raises(error):
        dumps(value)
