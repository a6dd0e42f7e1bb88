"""A weekly report that is made again with other figures: its box, its rows, its files."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from lib.db import tables
from lib.db.tables import documents
from lib.domain import restatement
from lib.domain.pipelines import version_name
from lib.model import Pipeline
from lib.notify.plan import queries as plan_queries
from lib.reports.build.period import build_period
from lib.reports.documents import pdf_file
from tests.factories import notify_rows
from tests.factories.notify_rows import execute
from tests.factories.periods import WEEK, run_of, store
from tests.factories.reports import settings_for
from tests.factories.runs import add_run
from tests.factories.tables import add_store
from tests.lib.reports.build.test_period import fill

pytestmark = pytest.mark.usefixtures("drawn_in_forks")

WEEKLY = run_of(Pipeline.WEEKLY, WEEK)
NAME = "A668_week_2025-11-10_to_2025-11-16.pdf"
BOX = "An earlier report said otherwise"


def run_number(number, report_on=WEEK.last):
    return replace(
        WEEKLY,
        run_id=f"run-{report_on}-{number}",
        report_on=report_on,
        started_at=WEEKLY.started_at + timedelta(hours=number),
    )


@pytest.fixture
def settings(tmp_path, database):
    return settings_for(tmp_path, database)


@pytest.fixture
def weekly(engine, settings):
    """Return what makes the reports of a week in a run of its own."""
    add_store(engine, "A668", "RIVERSIDE COLONY")
    fill(engine, "A668", store(Pipeline.WEEKLY, WEEK, seed=1).days)

    def make(number, period=WEEK):
        run = run_number(number, period.last)
        add_run(engine, run)
        outcomes = build_period(engine, run, period, ["A668"], settings)
        return {one.store_code: one.path for one in outcomes}

    return make


def rows(engine, code="A668"):
    with engine.connect() as connection:
        query = select(documents).where(documents.c.reference_id_3 == code)
        return list(connection.execute(query.order_by(documents.c.id)))


def text(path):
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(path).pages)


def mail(engine, number, period=WEEK, state="sent"):
    """Mail the report that the run made last, as the outbox keeps it."""
    run = run_number(number, period.last)
    with engine.connect() as connection:
        facts = plan_queries.read(connection, run.pipeline, run.run_id)
    notify_rows.add_mail(
        engine,
        run,
        f"<{run.run_id}-{state}@example.invalid>",
        message={
            "attachments": [asdict(document) for document in facts.documents],
            "planned_at": run.started_at,
        },
        profile_code="store_weekly_reports",
        store_code="A668",
        content_version=run.run_id,
        state=state,
    )


def add_sale(engine, rupees, on=date(2025, 11, 12)):
    """Late data: the portal showed more for a day of the week."""
    summary = tables.store_dashboard_summary
    execute(
        engine,
        update(summary)
        .where(summary.c.dashboard_date == on)
        .values(ftd_revenue=summary.c.ftd_revenue + rupees),
    )


def test_a_report_that_was_mailed_and_is_made_again_says_what_it_had_said(engine, weekly):
    first = weekly(1)["A668"].read_bytes()
    mail(engine, 1)
    add_sale(engine, 50_000)
    path = weekly(2)["A668"]

    said = text(path)
    assert BOX in said
    assert "is right," in said
    earlier, now = rows(engine)
    assert (earlier.version, now.version) == (1, 2)
    assert (earlier.superseded_at is not None, now.superseded_at) == (True, None)
    [sale] = [one for one in restatement.from_json(now.restated_json) if one.name == "Sale"]
    assert sale.right - sale.said == 50_000

    kept = Path(earlier.file_path)
    assert kept.name == earlier.file_name == version_name(NAME, 1)
    assert kept.read_bytes() == first
    for row in (earlier, now):
        content = Path(row.file_path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row.checksum


def test_the_same_data_restate_once(engine, weekly):
    weekly(1)
    mail(engine, 1)
    add_sale(engine, 50_000)
    weekly(2)
    mail(engine, 2)
    path = weekly(3)["A668"]

    assert BOX in text(path)
    assert [row.version for row in rows(engine)] == [1, 2, 2]
    assert rows(engine)[1].restated_json == rows(engine)[2].restated_json
    assert sorted(one.name for one in path.parent.glob("A668*")) == [NAME, version_name(NAME, 1)]


def test_what_was_not_mailed_restates_nothing_and_is_kept_all_the_same(engine, weekly):
    weekly(1)
    mail(engine, 1, state="failed")
    add_sale(engine, 50_000)
    path = weekly(2)["A668"]

    assert BOX not in text(path)
    assert [(row.version, row.restated_json) for row in rows(engine)] == [(1, None), (2, None)]


def test_a_small_change_is_in_the_row_and_not_on_the_page(engine, weekly):
    weekly(1)
    mail(engine, 1)
    add_sale(engine, 1)
    path = weekly(2)["A668"]

    assert BOX not in text(path)
    found = restatement.from_json(rows(engine)[-1].restated_json)
    assert [(one.name, one.right - one.said) for one in found] == [("Sale", 1)]


def test_the_next_week_says_what_the_one_before_had_said(engine, weekly):
    before = type(WEEK)(WEEK.first - timedelta(7), WEEK.last - timedelta(7))
    weekly(1, before)
    mail(engine, 1, before)
    add_sale(engine, 50_000, on=before.first)
    path = weekly(1)["A668"]

    said = text(path)
    assert BOX in said
    assert "Sale 3\N{EN DASH}9 Nov: " in said
    [row] = [one for one in rows(engine) if one.doc_date == WEEK.last]
    assert (row.version, row.superseded_at) == (1, None)


def test_the_report_of_all_stores_restates_too(engine, weekly):
    weekly(1)
    mail(engine, 1)
    add_sale(engine, 50_000)
    path = weekly(2)["ALL"]

    assert BOX in text(path)
    assert [row.version for row in rows(engine, "ALL")] == [1, 2]


def test_only_the_latest_version_is_mailed(engine, weekly):
    weekly(1)
    mail(engine, 1)
    add_sale(engine, 50_000)
    weekly(2)

    run = run_number(2)
    with engine.connect() as connection:
        facts = plan_queries.read(connection, run.pipeline, run.run_id)
    names = [document.file_name for document in facts.documents]
    assert sorted(names) == [NAME, f"ALL{NAME.removeprefix('A668')}"]


def test_a_kill_before_the_rows_costs_no_version(engine, weekly, monkeypatch):
    """The file is written and its row is not; the next run makes it good."""
    first = weekly(1)["A668"].read_bytes()
    mail(engine, 1)
    add_sale(engine, 50_000)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lib.reports.build.make._Maker._record_version", die)
        with pytest.raises(KeyboardInterrupt):
            weekly(2)

    path = weekly(3)["A668"]
    assert BOX in text(path)
    earlier, now = rows(engine)
    assert (earlier.version, now.version) == (1, 2)
    assert Path(earlier.file_path).read_bytes() == first


def test_a_version_whose_file_is_gone_says_so(engine, weekly):
    path = weekly(1)["A668"]
    mail(engine, 1)
    path.unlink()
    add_sale(engine, 50_000)
    weekly(2)

    earlier, now = rows(engine)
    assert (earlier.status, earlier.file_name, now.status) == ("pruned", NAME, "ok")


def test_the_name_of_a_version_is_a_report_of_its_pipeline(tmp_path):
    path = tmp_path / NAME
    stored = pdf_file.store(b"%PDF", path)
    kept = pdf_file.keep_version(path, 12, stored.checksum)

    assert kept == tmp_path / version_name(NAME, 12)
    assert pdf_file.keep_version(path, 12, "0" * 64) is None
