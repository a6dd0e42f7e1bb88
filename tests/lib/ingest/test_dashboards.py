from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from lib import ingest
from lib.model import METRICS, Dashboard, Finding, MetricKind, Status

DAY = date(2025, 11, 14)
RUN_AT = datetime(2025, 11, 15, 2, 0, tzinfo=UTC)
FULL = {
    metric.name: number if metric.kind is MetricKind.COUNT else Decimal(f"{number}.25")
    for number, metric in enumerate(METRICS)
}
NAMES = [metric.name for metric in METRICS]


def dashboard(code="A668", on=DAY, name="RIVERSIDE COLONY", launched=date(2024, 5, 10), **metrics):
    return Dashboard(code, name, on, launched, FULL | metrics)


@pytest.fixture
def store(engine):
    """Store a dashboard in a transaction of its own."""

    def do(page, run_at=RUN_AT):
        with engine.begin() as connection:
            return ingest.store_dashboard(connection, page, run_at)

    return do


@pytest.fixture
def sql(engine):
    """Run one statement; return its rows."""

    def do(statement):
        with engine.begin() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    return do


def test_all_figures_of_an_unknown_store_are_stored(store, sql):
    assert store(dashboard()) == ()
    stored = sql(
        f"SELECT dashboard_date, run_date_time, {', '.join(NAMES)} FROM store_dashboard_summary"
    )

    assert stored == [(DAY, RUN_AT, *FULL.values())]
    columns = "store_code, store_name, gstin, launch_date, is_active, created_at, updated_at"
    expected = ("A668", "RIVERSIDE COLONY", None, date(2024, 5, 10), True, RUN_AT, RUN_AT)
    assert sql(f"SELECT {columns} FROM store_master") == [expected]


def test_a_known_stores_values_are_never_touched(store, sql):
    sql(
        "INSERT INTO store_master (store_code, store_name, gstin, launch_date, is_active)"
        " VALUES ('A668', 'Operator''s name', 'OPERATORS-OWN', '2020-01-01', false)"
    )
    before = sql("SELECT * FROM store_master")
    store(dashboard())

    assert sql("SELECT * FROM store_master") == before
    assert sql("SELECT count(*) FROM store_dashboard_summary") == [(1,)]


@pytest.mark.parametrize("empty", ["NULL", "''", "'  '"])
def test_empty_fields_of_a_known_store_are_filled_once(store, sql, empty):
    sql(f"INSERT INTO store_master (store_code, store_name) VALUES ('A668', {empty})")
    store(dashboard())
    store(dashboard(name="ANOTHER NAME", launched=date(2025, 1, 1)))

    assert sql("SELECT store_name, launch_date FROM store_master") == [
        ("RIVERSIDE COLONY", date(2024, 5, 10))
    ]


def test_an_unknown_launch_date_erases_nothing(store, sql):
    store(dashboard())
    store(dashboard(name=" ", launched=None))

    assert sql("SELECT store_name, launch_date FROM store_master") == [
        ("RIVERSIDE COLONY", date(2024, 5, 10))
    ]


def test_a_code_in_lower_case_is_the_same_store(store, sql):
    sql("INSERT INTO store_master (store_code) VALUES ('a668')")
    store(dashboard())

    assert sql("SELECT count(*) FROM store_master") == [(1,)]


def test_a_null_never_replaces_a_value_of_the_same_day(store, sql):
    store(dashboard(ftd_revenue=Decimal("500.00"), repeat_orders=None))
    store(
        dashboard(ftd_revenue=None, repeat_orders=0, mtd_revenue=Decimal(7)),
        RUN_AT + timedelta(hours=1),
    )
    columns = "ftd_revenue, repeat_orders, mtd_revenue, run_date_time"
    expected = (Decimal("500.00"), 0, Decimal(7), RUN_AT + timedelta(hours=1))

    assert sql(f"SELECT {columns} FROM store_dashboard_summary") == [expected]


def test_another_day_is_another_row_with_its_own_nulls(store, sql):
    store(dashboard())
    store(dashboard(on=DAY + timedelta(days=1), ftd_revenue=None))

    assert sql("SELECT dashboard_date, ftd_revenue FROM store_dashboard_summary ORDER BY 1") == [
        (DAY, FULL["ftd_revenue"]),
        (DAY + timedelta(days=1), None),
    ]


@pytest.mark.parametrize(
    ("metric", "value", "stored"),
    [
        ("growth_pct", Decimal("9999.99"), Decimal("9999.99")),
        ("growth_pct", Decimal("9999.994"), Decimal("9999.99")),
        ("growth_pct", Decimal("9999.995"), None),
        ("growth_pct", Decimal(10_000), None),
        ("growth_pct", Decimal(-10_000), None),
        ("growth_pct", Decimal("NaN"), None),
        ("mtd_revenue", Decimal("999999999999.99"), Decimal("999999999999.99")),
        ("mtd_revenue", Decimal(10) ** 12, None),
        ("repeat_orders", 2_147_483_647, 2_147_483_647),
        ("repeat_orders", 2_147_483_648, None),
        ("repeat_orders", 0, 0),
    ],
)
def test_a_figure_that_does_not_fit_is_left_out_and_said_and_the_other_32_are_kept(
    store, sql, metric, value, stored
):
    findings = store(dashboard(**{metric: value}))
    said = [Finding(Status.WARNING, f"{metric} is too large to be stored and was left out", "A668")]

    assert list(findings) == ([] if stored is not None else said)
    (row,) = sql(f"SELECT {', '.join(NAMES)} FROM store_dashboard_summary")
    assert dict(zip(NAMES, row, strict=True)) == FULL | {metric: stored}


def test_a_figure_that_the_page_lacks_is_null(store, sql):
    store(Dashboard("A668", "RIVERSIDE COLONY", DAY, None, {}))
    assert sql(f"SELECT {', '.join(NAMES)} FROM store_dashboard_summary") == [(None,) * 33]


def test_known_stores_are_named_by_code_in_upper_case(engine, store, sql):
    store(dashboard())
    sql("INSERT INTO store_master (store_code) VALUES ('b002')")
    with engine.connect() as connection:
        assert ingest.known_stores(connection) == {"A668": "RIVERSIDE COLONY", "B002": None}
