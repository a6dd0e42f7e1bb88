"""Facts of an invented store, as the reports read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from lib.config import Settings
from lib.config.env_file import EnvFile
from lib.config.environment import from_variables
from lib.model import METRICS, Pipeline, RunRef
from lib.reports.facts.model import DailyFacts, OpenLead, OpenOrder, StoredDay

T = date(2025, 11, 14)
RUN = RunRef(
    Pipeline.DAILY, "20251115-061500-3f9a1c", "dev", T, datetime(2025, 11, 15, 0, 45, tzinfo=UTC)
)

METRICS_OF_T = {metric.name: None for metric in METRICS} | {
    "ftd_revenue": Decimal("18240.00"),
    "mtd_revenue": Decimal("251340.00"),
    "target_revenue": Decimal("600000.00"),
    "lmt_d_revenue": Decimal("230010.00"),
    "pickup_total_conv_pct": Decimal("81.95"),
    "pickup_new_conv_pct": Decimal("61.20"),
    "pickup_existing_conv_pct": Decimal("96.00"),
    "delivery_tat_pct": Decimal("72.50"),
    "delivery_undel_over_10_days": 3,
    "delivery_total_undelivered": 12,
    "repeat_total_base_pct": Decimal("0.00"),
    "package_non_pkg_over_800": 0,
    "pickup_total_count": 212,
    "delivery_total_delivered": 188,
    "pickup_new_count": 40,
    "repeat_orders": 0,
}

NAMES = (
    "Asha Kulkarni",
    "अनुराधा श्रीवास्तव",
    "Venkatanarasimharajuvaripeta Subrahmanyam Ramachandran Iyer",
    "D’Souza <b>&amp;</b> Sons",  # noqa: RUF001
    "VeryLongUnbrokenNameWithoutAnySpaceAtAllInTheWholeThing",
)


def history(days: int = 45) -> tuple[StoredDay, ...]:
    """Return that many days up to T whose counters grow from each 1st, and faster on Fridays; T is METRICS_OF_T."""
    made = []
    for number in range(days - 1, 0, -1):
        on = T - timedelta(days=number)
        fridays = sum((on.replace(day=day)).weekday() == 4 for day in range(1, on.day + 1))
        counted = {
            "pickup_total_count": 14 * on.day + 4 * fridays,
            "delivery_total_delivered": 13 * on.day + 2 * fridays,
            "pickup_new_count": 3 * on.day,
            "repeat_orders": on.day // 7,
        }
        counted |= {
            "ftd_revenue": Decimal(15000 + 2500 * on.weekday() - 200 * (on.day % 5)),
            "mtd_revenue": Decimal(17500 * on.day),
        }
        rates = {"pickup_total_conv_pct": Decimal(70) + on.day, "repeat_total_base_pct": Decimal(5)}
        made.append(StoredDay(on, METRICS_OF_T | counted | rates))
    return (*made, StoredDay(T, METRICS_OF_T))


def order(number: int = 1, **changes) -> OpenOrder:
    """Return an order promised `number` days before T."""
    promised_on = T - timedelta(days=number)
    return replace(
        OpenOrder(
            f"T{1300 + number}", promised_on - timedelta(days=3), promised_on, Decimal("450.50")
        ),
        **changes,
    )


def lead(number: int = 1, **changes) -> OpenLead:
    """Return a lead created in the `number`th minute of 10 November."""
    made = OpenLead(
        phone=f"90000{number:05d}",
        customer_name=NAMES[number % len(NAMES)],
        created_on=date(2025, 11, 10),
        created_time=f"10:{number % 60:02d}:00",
        pickup_on=date(2025, 11, 11),
        pickup_slot="10:00 AM - 12:00 PM",
        source="Customer App",
        customer_type="Existing",
    )
    return replace(made, **changes)


def facts(*, orders: int = 0, leads: int = 0, **changes) -> DailyFacts:
    """Return the facts of store A668 at T with that many open orders and leads."""
    made = DailyFacts(
        store_code="A668",
        store_name="RIVERSIDE COLONY",
        today=StoredDay(T, METRICS_OF_T),
        read_at=datetime(2025, 11, 15, 0, 50, tzinfo=UTC),
        history=history(),
        leads_captured=12,
        leads_captured_before=9,
        orders_placed=0,
        open_orders=tuple(
            order(number % 14, order_id=f"T{1300 + number}") for number in range(orders)
        ),
        open_leads=tuple(lead(number) for number in range(leads)),
    )
    return replace(made, **changes)


def settings_for(directory: Path, database: str) -> Settings:
    """Return the defaults, for reports from `database` below `directory`."""
    given = {"DATABASE_URL": database, "REPORTS_ROOT": str(directory / "reports")}
    return from_variables(given, EnvFile({}, ()), ())
