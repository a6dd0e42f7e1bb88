"""The weekly and monthly reports of a run on a real PostgreSQL, a real disk and a real renderer."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, insert, select

from lib.db import tables
from lib.db.tables import documents
from lib.model import METRICS, Pipeline, Status
from lib.reports.build.period import build_period
from lib.reports.render import cpu_count
from tests.factories.periods import MONTH, WEEK, run_of, store
from tests.factories.reports import settings_for
from tests.factories.runs import add_run
from tests.factories.tables import READ_AT, add_lead, add_order, add_store

pytestmark = pytest.mark.usefixtures("drawn_in_forks")

WEEKLY, MONTHLY = run_of(Pipeline.WEEKLY, WEEK), run_of(Pipeline.MONTHLY, MONTH)


@pytest.fixture
def settings(tmp_path, database):
    return settings_for(tmp_path, database)


@pytest.fixture
def engine(engine):
    """A database with some weeks of two stores, and one store that never had a dashboard."""
    for run in (WEEKLY, MONTHLY):
        add_run(engine, run)
    for seed, (code, name) in enumerate((("A668", "RIVERSIDE COLONY"), ("A817", "LAKE VIEW"))):
        add_store(engine, code, name)
        fill(engine, code, store(Pipeline.MONTHLY, MONTH, seed=seed).days)
        fill(engine, code, store(Pipeline.WEEKLY, WEEK, seed=seed).days)
    add_store(engine, "B002", "NEW")
    return engine


def fill(engine, code, days):
    store_id = (
        select(tables.store_master.c.id)
        .where(tables.store_master.c.store_code == code)
        .scalar_subquery()
    )
    names = [metric.name for metric in METRICS]
    with engine.begin() as connection:
        for day in days:
            row = {name: day.metrics[name] for name in names}
            values = {
                "store_id": store_id,
                "dashboard_date": day.on,
                "run_date_time": READ_AT,
                **row,
            }
            connection.execute(insert(tables.store_dashboard_summary).values(**values))


def built(engine, settings, run, period, codes, **options):
    outcomes = build_period(engine, run, period, codes, settings, **options)
    return {outcome.store_code: outcome for outcome in outcomes}


def rows(engine):
    with engine.connect() as connection:
        return {row.reference_id_3: row for row in connection.execute(select(documents))}


def pages(path):
    return [
        " ".join(page.extract_text().split())
        for page in PdfReader(BytesIO(path.read_bytes())).pages
    ]


def test_a_week_is_one_report_a_store_and_one_of_all(engine, settings):
    outcomes = built(engine, settings, WEEKLY, WEEK, ["A668", "A817", "B002"])
    year = settings.volumes.reports_root / "2025"
    names = {code: f"{code}_week_2025-11-10_to_2025-11-16.pdf" for code in ("A668", "A817", "ALL")}
    assert {code: (outcome.status, outcome.path) for code, outcome in outcomes.items()} == {
        **{code: (Status.OK, year / name) for code, name in names.items()},
        "B002": (Status.WARNING, None),
    }
    assert (
        outcomes["B002"].reason
        == "no dashboard of B002 from 2025-11-10 to 2025-11-16 is stored: no report"
    )
    assert {path.name for path in year.iterdir()} == set(names.values())
    kept = {
        code: (row.doc_type, row.doc_date, row.status, row.reference_id_1)
        for code, row in rows(engine).items()
    }
    assert kept == dict.fromkeys(
        names, ("store_weekly_pdf", WEEK.last, "ok", "simplify_dashboard_weekly")
    )
    assert "All stores" in pages(outcomes["ALL"].path)[0]
    assert "Without data: NEW." in " ".join(pages(outcomes["ALL"].path))
    assert PdfReader(outcomes["A668"].path).get_fields() is None


def test_a_month_is_named_by_its_month(engine, settings):
    outcomes = built(engine, settings, MONTHLY, MONTH, ["A668"])
    assert {outcome.path.name for outcome in outcomes.values()} == {
        "A668_month_2025-10.pdf",
        "ALL_month_2025-10.pdf",
    }
    assert {row.doc_type for row in rows(engine).values()} == {"store_monthly_pdf"}
    info = PdfReader(outcomes["A668"].path).metadata
    assert {name.lower(): value for name, value in info.items()}[
        "/period"
    ] == "2025-10-01/2025-10-31"


def test_a_second_build_gives_the_same_bytes_and_replaces_the_rows(engine, settings):
    first = {
        code: outcome.path.read_bytes()
        for code, outcome in built(engine, settings, WEEKLY, WEEK, ["A668"]).items()
    }
    second = {
        code: outcome.path.read_bytes()
        for code, outcome in built(engine, settings, WEEKLY, WEEK, ["A668"]).items()
    }
    assert first == second
    assert rows(engine).keys() == {"A668", "ALL"}


def test_what_is_done_is_not_made_again_and_all_still_covers_it(engine, settings):
    outcomes = built(engine, settings, WEEKLY, WEEK, ["A668", "A817"], done={"A668"})
    assert outcomes.keys() == {"A817", "ALL"}
    assert "RIVERSIDE COLONY" in " ".join(pages(outcomes["ALL"].path))
    assert (
        built(engine, settings, WEEKLY, WEEK, ["A668", "A817"], done={"A668", "A817", "ALL"}) == {}
    )


def test_a_period_without_any_data_is_a_warning_and_leaves_nothing(engine, settings):
    outcomes = built(engine, settings, WEEKLY, WEEK, ["B002"])
    assert {code: (outcome.status, outcome.path) for code, outcome in outcomes.items()} == {
        "B002": (Status.WARNING, None),
        "ALL": (Status.WARNING, None),
    }
    assert not settings.volumes.reports_root.exists()
    assert rows(engine) == {}


def test_no_store_is_no_work(engine, settings):
    assert built(engine, settings, WEEKLY, WEEK, []) == {}


def test_the_backlog_is_that_of_the_periods_end(engine, settings):
    add_order(engine, "T1")
    add_order(engine, "T2", actual_deliver_on=date(2025, 11, 16))
    add_order(engine, "T3", actual_deliver_on=date(2025, 11, 17))
    add_order(engine, "T4", order_date=date(2025, 11, 17), expected_deliver_on=date(2025, 11, 20))
    add_lead(engine, "9000000001")
    add_lead(engine, "9000000002", pickup_created_date=date(2025, 11, 17))
    text = " ".join(pages(built(engine, settings, WEEKLY, WEEK, ["A668"])["A668"].path))
    assert "Backlog as of 16 Nov 2025 2 orders" in text
    assert "(Open as of 16 Nov 2025) 1 lead " in text
    assert [order for order in ("T1", "T2", "T3", "T4") if f"{order} N/A 10 Nov" in text] == [
        "T1",
        "T3",
    ]


def test_a_single_stored_day_is_enough(engine, settings):
    with engine.begin() as connection:
        connection.execute(tables.store_dashboard_summary.delete())
    fill(
        engine, "A668", [day for day in store(Pipeline.MONTHLY, MONTH).days if day.on == MONTH.last]
    )
    outcomes = built(engine, settings, MONTHLY, MONTH, ["A668"])
    assert {outcome.status for outcome in outcomes.values()} == {Status.OK}


def test_who_stops_listening_waits_for_no_page(engine, settings, monkeypatch):
    monkeypatch.setattr(cpu_count, "available", lambda: 1)
    outcomes = build_period(engine, WEEKLY, WEEK, ["A668", "A817"], settings)
    first = next(outcomes)
    outcomes.close()
    assert first.status is Status.OK
    with engine.connect() as connection:
        made = connection.execute(
            select(func.count()).where(documents.c.status == "ok")
        ).scalar_one()
    assert made < 3
