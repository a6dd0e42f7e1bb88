"""The reports of a run on a real PostgreSQL, a real disk and a real renderer."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from lib.config import PdfBackend, PdfSettings
from lib.dates import DAY
from lib.db.tables import documents
from lib.domain import headline
from lib.errors import ConfigurationError, Interrupted
from lib.model import RunRef, Status
from lib.reports.build.daily import DailyReports, build_daily
from lib.reports.build.make import ReportOutcome
from lib.reports.render import engines
from lib.returns import form, queries
from lib.returns.model import ReturnedPdf
from tests.factories import returned_forms
from tests.factories.reports import RUN, T, settings_for
from tests.factories.runs import add_run
from tests.factories.tables import add_day, add_lead, add_order, add_store

pytestmark = pytest.mark.usefixtures("drawn_in_forks")

LATER = replace(RUN, run_id="later")


@pytest.fixture
def settings(tmp_path, database):
    return settings_for(tmp_path, database)


@pytest.fixture
def engine(engine):
    """A database with two runs and with two stores at T, the first with an open order and a missed lead."""
    for run in (RUN, LATER):
        add_run(engine, run)
    for code, name in (("A668", "RIVERSIDE COLONY"), ("A817", "LAKE VIEW")):
        add_store(engine, code, name)
        add_day(engine, T, code, pickup_total_conv_pct=82)
    add_order(engine, "T1")
    add_lead(engine, "9000000001", customer_name="Asha Kulkarni")
    return engine


def built(engine, settings, codes, run=RUN):
    return {outcome.store_code: outcome for outcome in build_daily(engine, run, codes, settings)}


def rows(engine):
    with engine.connect() as connection:
        return {row.reference_id_3: row._asdict() for row in connection.execute(select(documents))}


def test_every_store_gets_its_file_and_its_row(engine, settings):
    outcomes = built(engine, settings, ["A668", "A817"])
    root = settings.volumes.reports_root

    assert sorted(root.rglob("*")) == [
        root / "2025",
        root / "2025" / "A668_2025-11-14.pdf",
        root / "2025" / "A817_2025-11-14.pdf",
    ]
    path = root / "2025" / "A668_2025-11-14.pdf"
    assert outcomes["A668"] == ReportOutcome("A668", Status.OK, path)
    content = path.read_bytes()
    assert "RIVERSIDE COLONY" in PdfReader(BytesIO(content)).pages[0].extract_text()
    row = rows(engine)["A668"]
    assert {
        name: value
        for name, value in row.items()
        if name not in ("id", "created_at", "run_id", "figures_json")
    } == {
        "doc_type": "store_daily_pdf",
        "doc_subtype": "pipeline_report",
        "doc_date": T,
        "reference_name_1": "pipeline",
        "reference_id_1": "simplify_dashboard_daily",
        "reference_name_2": "run_id",
        "reference_id_2": RUN.run_id,
        "reference_name_3": "store_code",
        "reference_id_3": "A668",
        "file_name": "A668_2025-11-14.pdf",
        "mime_type": "application/pdf",
        "file_size_bytes": len(content),
        "storage_backend": "fs",
        "file_path": str(path),
        "file_blob": None,
        "checksum": sha256(content).hexdigest(),
        "status": "ok",
        "error_message": None,
        "created_by": "pipeline",
        "version": 1,
        "superseded_at": None,
        "restated_json": None,
    }


def test_a_row_keeps_the_figures_of_its_page_for_the_mail(engine, settings):
    built(engine, settings, ["A668"])
    figures = headline.from_json(rows(engine)["A668"]["figures_json"])

    assert (figures.store_name, figures.on) == ("RIVERSIDE COLONY", T)
    assert (figures.undelivered.orders, figures.sale.rupees) == (1, None)


def test_a_store_without_a_stored_day_fails_alone_and_says_so(engine, settings):
    outcomes = built(engine, settings, ["A999", "A668"])
    reason = "no dashboard of A999 for 2025-11-14 is stored; see the scrape phase"

    assert outcomes["A999"] == ReportOutcome("A999", Status.ERROR, None, reason)
    assert outcomes["A668"].status is Status.OK
    row = rows(engine)["A999"]
    assert (row["status"], row["file_path"], row["checksum"], row["error_message"]) == (
        "error",
        None,
        None,
        reason,
    )


def test_a_second_build_of_unchanged_data_gives_the_same_bytes_and_one_row(engine, settings):
    first = built(engine, settings, ["A668"])["A668"].path.read_bytes()
    second = built(engine, settings, ["A668", "A668"])["A668"].path.read_bytes()

    assert first == second
    assert len(rows(engine)) == 1


def test_a_later_success_replaces_the_runs_error_row(engine, settings):
    built(engine, settings, ["A900"])
    add_store(engine, "A900")
    add_day(engine, T, "A900")
    built(engine, settings, ["A900"])

    assert rows(engine)["A900"]["status"] == "ok"


def test_a_failed_rebuild_keeps_the_row_of_the_report_that_is_on_disk(engine, settings):
    path = built(engine, settings, ["A668"])["A668"].path
    kept, content = rows(engine)["A668"], path.read_bytes()
    no_templates = replace(
        settings, pdf=replace(settings.pdf, templates_dir=templates_that_fail(path.parent))
    )
    for _ in range(2):
        assert built(engine, no_templates, ["A668"])["A668"].status is Status.ERROR
    with engine.connect() as connection:
        found = connection.execute(select(documents).order_by(documents.c.id)).all()

    assert [row.status for row in found] == ["ok", "error"]
    assert found[0]._asdict() == kept
    assert path.read_bytes() == content


def templates_that_fail(parent):
    directory = parent / "templates"
    directory.mkdir()
    (directory / "daily_report.html").write_text('<img src="https://example.invalid/logo.png">')
    return directory


def test_another_run_has_rows_of_its_own(engine, settings):
    built(engine, settings, ["A817"])
    built(engine, settings, ["A817"], LATER)
    with engine.connect() as connection:
        assert set(connection.scalars(select(documents.c.reference_id_2))) == {RUN.run_id, "later"}


def test_a_code_that_is_none_never_becomes_a_path(engine, settings):
    outcome = built(engine, settings, ["../A668"])["../A668"]

    assert outcome.status is Status.ERROR
    assert "is not a store code" in outcome.reason
    assert not settings.volumes.reports_root.exists()


def test_a_disk_that_cannot_be_written_is_an_error_row(engine, settings):
    settings.volumes.reports_root.write_text("in the way")
    outcome = built(engine, settings, ["A668"])["A668"]

    assert (outcome.status, outcome.needs_person) == (Status.ERROR, True)
    assert "/A668_2025-11-14.pdf cannot be written (" in outcome.reason
    assert rows(engine)["A668"]["error_message"] == outcome.reason


def draw_another_store(html: str) -> bytes:
    return engines.weasyprint(html.replace("A668", "A817"))


def test_a_pdf_of_another_store_never_gets_a_name(engine, settings, monkeypatch):
    monkeypatch.setattr(engines, "chosen", lambda _: draw_another_store)
    outcome = built(engine, settings, ["A668"])["A668"]

    assert outcome.reason == "the PDF says storecode 'A817' where 'A668' was asked for"
    assert not settings.volumes.reports_root.exists()
    assert rows(engine)["A668"]["status"] == "error"


def test_no_store_is_no_work(engine, settings):
    assert built(engine, settings, []) == {}


def test_a_backend_without_its_program_is_refused_before_any_work(engine, settings, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    chromium = replace(settings, pdf=PdfSettings(PdfBackend.CHROMIUM, None))
    with pytest.raises(
        ConfigurationError, match="PDF_RENDER_BACKEND=chromium and no Chromium found"
    ):
        build_daily(engine, RUN, ["A668"], chromium)


def test_reports_are_made_while_their_run_does_something_else(engine, settings):
    with DailyReports(engine, RUN, settings, most=3) as reports:
        reports.begin("A668")
        first = next(reports.outcomes())
        reports.begin("A817")
        reports.begin("A999")
        ended = {outcome.store_code: outcome.status for outcome in reports.outcomes()}

    assert first.path == settings.volumes.reports_root / "2025" / "A668_2025-11-14.pdf"
    assert ended == {"A668": Status.OK, "A817": Status.OK, "A999": Status.ERROR}
    assert rows(engine)["A817"]["status"] == "ok"


def test_the_report_of_all_stores_needs_no_process_more(engine, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def drawing():
        # each drawing process has one of its own
        return set(tmp_path.glob("report-worker-*"))

    with DailyReports(engine, RUN, settings, most=1) as reports:
        reports.begin("A668")
        assert [outcome.store_code for outcome in reports.outcomes()] == ["A668"]
        before = drawing()
        [of_all] = reports.combined(["A668", "A817"])

        assert before >= drawing() > set()

    assert of_all.path == settings.volumes.reports_root / "2025" / "ALL_2025-11-14.pdf"
    assert rows(engine)["ALL"]["status"] == "ok"


def test_a_run_that_ends_gives_up_the_reports_that_are_not_made(engine, settings):
    def stopped_run():
        with DailyReports(engine, RUN, settings, most=2) as reports:
            for code in ("A668", "A817"):
                reports.begin(code)
            raise Interrupted("stopped by SIGTERM")

    with pytest.raises(Interrupted):
        stopped_run()

    assert {row["status"] for row in rows(engine).values()} <= {"ok"}, "none of them has failed"


def test_a_run_without_a_report_starts_nothing(engine, settings):
    with DailyReports(engine, RUN, settings, most=0) as reports:
        assert list(reports.outcomes()) == []


def test_the_first_report_is_refused_where_its_backend_is_missing(engine, settings, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    chromium = replace(settings, pdf=PdfSettings(PdfBackend.CHROMIUM, None))
    with DailyReports(engine, RUN, chromium, most=1) as reports:
        with pytest.raises(ConfigurationError, match="no Chromium found"):
            reports.begin("A668")
        assert list(reports.outcomes()) == []


#: More than fits into a field, and with letters that are no text of a page.
WRITTEN = "<b>Paid & gone</b>, will be back on Monday for the curtains, said her sister at the door"


def test_the_next_report_has_what_the_store_said_in_the_form_of_this_one(engine, settings):
    """The whole way: a report that is drawn, filled in, read, and the report of the day after."""
    content = built(engine, settings, ["A668"])["A668"].path.read_bytes()
    filled = returned_forms.filled(
        ["undelivered_delivered_1", "missed_lead_converted_1"],
        {"undelivered_comment_1": WRITTEN, "missed_lead_comment_1": "अगले सोमवार"},
        content,
    )
    read = form.read(filled)
    pdf = ReturnedPdf("0" * 64, filled, None, datetime(2025, 11, 15, 5, 0, tzinfo=UTC))
    with engine.begin() as connection:
        assert queries.store_read(connection, pdf, read)

    again = built(engine, settings, ["A668"])["A668"].path.read_bytes()
    assert again == content, "the report that was answered says what it said"

    tomorrow = RunRef(
        RUN.pipeline, "tomorrow", "dev", T + DAY, datetime(2025, 11, 16, 0, 45, tzinfo=UTC)
    )
    add_run(engine, tomorrow)
    add_day(engine, T + DAY, "A668")
    path = built(engine, settings, ["A668"], tomorrow)["A668"].path
    said = " ".join(" ".join(p.extract_text() for p in PdfReader(path).pages).split())

    assert said.count("you said: delivered 15 Nov") == 1
    assert said.count("you said: became an order 15 Nov") == 1
    assert (
        said.count(
            "you wrote 15 Nov: “<b>Paid & gone</b>, will be back on Monday for the curtains,…”"
        )
        == 1
    )
    assert said.count("you wrote 15 Nov: “") == 2
