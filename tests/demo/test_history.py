"""How much of the past the demo loads: what its reports show, and no more."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from demo import history
from demo.portal.world import World
from lib.db.tables import ingest_counts, store_dashboard_summary

ZONE = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("today", "trend", "periods", "exports"),
    [
        pytest.param(
            date(2025, 11, 15),
            "2025-10-17..2025-11-13",
            "2025-10-01..2025-11-13",
            ["2025-10-31", "2025-11-09"],
            id="middle of a month",
        ),
        pytest.param(
            date(2025, 12, 1),
            "2025-11-02..2025-11-29",
            "2025-11-01..2025-11-29",
            [],
            id="week and month ended yesterday, which is the job's",
        ),
        pytest.param(
            date(2026, 1, 2),
            "2025-12-04..2025-12-31",
            "2025-12-01..2025-12-31",
            ["2025-12-28", "2025-12-31"],
            id="new year",
        ),
    ],
)
def test_the_last_month_is_whole_and_yesterday_is_left_to_the_job(today, trend, periods, exports):
    past = history.needed(today, ZONE)

    assert f"{past.trend.first}..{past.trend.last}" == trend
    assert f"{past.periods.first}..{past.periods.last}" == periods
    assert [str(day) for day in past.exports] == exports


def test_what_is_counted_beforehand_is_what_is_read_and_stored(engine):
    world = World(stores=3, scale=0.05)
    past = history.needed(date(2025, 11, 15), ZONE)
    steps = []

    pages = history.read(world, past, ["A668"], lambda: steps.append(1))
    history.store(engine, world, past, pages, ["A668"])

    assert len(steps) == len(pages) == past.count(3, 1) == 3 * 28 + 16
    with engine.connect() as connection:
        stored = select(func.count()).select_from(store_dashboard_summary)
        assert connection.execute(stored).scalar_one() == len(pages)
        of_exports = select(ingest_counts.c.store_code, func.max(ingest_counts.c.seen_on))
        rows = connection.execute(of_exports.group_by(ingest_counts.c.store_code)).all()
    assert [(row[0], str(row[1])) for row in rows] == [("A668", "2025-11-09")]
