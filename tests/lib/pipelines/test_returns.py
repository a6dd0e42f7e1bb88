"""Forms that come back to a directory: what they say is stored once, whatever happens between."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from lib import dates
from lib.config.settings import ReturnSettings
from lib.db import tables
from lib.errors import ExitCode
from lib.pipelines import prune, returns
from lib.pipelines.form_reader import FormOutcome, FormReader
from lib.returns import form, form_process
from lib.returns.form_process import ReaderUnavailable
from lib.returns.model import FormRefusal, ReturnedPdf
from tests.factories import notify_rows, returned_forms
from tests.factories.documents import report_row
from tests.factories.reports import RUN
from tests.factories.runs import add_run

OWNER = "owner@example.invalid"
RECEIVED_AT = datetime(2025, 11, 15, 4, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("forked_readers")


@pytest.fixture
def box(tmp_path):
    path = tmp_path / "returns"
    path.mkdir()
    return path


@pytest.fixture
def settings(tmp_path, database, box):
    given = notify_rows.settings(tmp_path, None)
    return replace(given, database_url=database, returns=ReturnSettings(box))


@pytest.fixture
def engine(engine):
    """A database with the report of A668 about 14 November, which goes to one owner."""
    add_run(engine, RUN)
    notify_rows.execute(engine, tables.documents.insert().values(report_row(RUN, "A668")))
    notify_rows.add_recipient(engine, "store_daily_reports", OWNER, store_code="A668")
    return engine


@pytest.fixture
def reader(engine, settings):
    return FormReader(engine, settings)


def put(box, content, name="form.pdf", *, age=timedelta(hours=1)):
    path = box / name
    path.write_bytes(content)
    at = (dates.now() - age).timestamp()
    os.utime(path, (at, at))
    return path


def mailed(content, sender=OWNER):
    return ReturnedPdf(hashlib.sha256(content).hexdigest(), content, sender, RECEIVED_AT)


def rows(engine, query):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def answers(engine):
    return rows(engine, "SELECT kind, number, said, comment FROM form_answers ORDER BY id")


def states(engine):
    return rows(engine, "SELECT state, reason FROM form_returns ORDER BY id")


def owed(engine):
    return rows(
        engine,
        "SELECT recipient, state, subject FROM notification_deliveries"
        " JOIN notification_messages USING (message_id) ORDER BY id",
    )


def left(box):
    return sorted(str(path.relative_to(box)) for path in box.rglob("*.pdf"))


def about_the_first(content):
    return form.read(content).answers[0].about


def test_what_a_form_says_is_stored_and_the_file_is_gone(engine, settings, box):
    content = returned_forms.filled(
        ["undelivered_delivered_1", "undelivered_not_delivered_2"],
        {"missed_lead_comment_1": "फोन नहीं उठाया"},
    )
    put(box, content)

    assert returns.run(settings) is ExitCode.OK
    assert left(box) == []
    assert answers(engine) == [
        ("lead", 1, None, "फोन नहीं उठाया"),
        ("order", 1, "yes", None),
        ("order", 2, "no", None),
    ]
    assert rows(
        engine, "SELECT state, sender, store_code, report_date, run_id FROM form_returns"
    ) == [("read", None, "A668", RUN.report_on, RUN.run_id)]


def test_orders_stay_what_the_portal_says(engine, settings, box):
    notify_rows.execute(
        engine,
        tables.undelivered_orders.insert().values(
            order_id="T1301", store_code="A668", order_date=RUN.report_on
        ),
    )
    before = rows(engine, "SELECT * FROM undelivered_orders")
    put(box, returned_forms.yes())
    returns.run(settings)

    assert rows(engine, "SELECT * FROM undelivered_orders") == before


def test_the_same_pdf_twice_is_read_once(engine, settings, box):
    put(box, returned_forms.yes())
    returns.run(settings)
    put(box, returned_forms.yes(), "again.PDF")

    assert returns.run(settings) is ExitCode.OK
    assert left(box) == []
    assert len(states(engine)) == len(answers(engine)) == 1


@pytest.mark.parametrize("killed_at", ["before the commit", "after the commit"])
def test_a_kill_loses_nothing_and_does_nothing_twice(engine, settings, box, monkeypatch, killed_at):
    """Whatever is left of a run is in the files and in the database: the next run goes on there."""
    put(box, returned_forms.yes())
    place = "lib.returns.queries.store_read" if "before" in killed_at else None
    place = place or "lib.returns.directory.FoundFile.remove"

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, killed)
        with pytest.raises(KeyboardInterrupt):
            returns.run(settings)
    assert left(box) == ["form.pdf"]

    assert returns.run(settings) is ExitCode.OK
    assert left(box) == []
    assert answers(engine) == [("order", 1, "yes", None)]
    assert states(engine) == [("read", "")]


def test_what_is_refused_is_set_aside_under_its_name_with_the_reason_in_its_row(
    engine, settings, box
):
    put(box, b"no PDF", "invoice.pdf")
    put(box, returned_forms.blank(), "later.pdf")

    assert returns.run(settings) is ExitCode.OK
    names = left(box)
    assert sorted(name.partition("-")[2] for name in names) == ["invoice.pdf", "later.pdf"]
    assert all(name.startswith("refused/") for name in names)
    assert states(engine) == [("refused", FormRefusal.NO_PDF), ("refused", FormRefusal.EMPTY)]
    assert owed(engine) == []


def test_a_file_that_may_still_be_being_written_is_left(engine, settings, box):
    whole = returned_forms.yes()
    put(box, whole[: len(whole) // 2], age=timedelta(0))

    assert returns.run(settings) is ExitCode.OK
    assert left(box) == ["form.pdf"]
    assert states(engine) == []

    put(box, whole, age=timedelta(0))
    returns.run(settings)
    assert left(box) == []
    assert states(engine) == [("read", "")]


def test_links_and_hidden_and_other_files_are_left_alone(engine, settings, box, tmp_path):
    elsewhere = put(tmp_path, returned_forms.yes(), "elsewhere.pdf")
    (box / "link.pdf").symlink_to(elsewhere)
    put(box, returned_forms.yes(), ".form.pdf")
    put(box, b"words", "notes.txt")
    (box / "folder.pdf").mkdir()

    assert returns.run(settings) is ExitCode.OK
    assert sorted(path.name for path in box.iterdir()) == [
        ".form.pdf",
        "folder.pdf",
        "link.pdf",
        "notes.txt",
    ]
    assert states(engine) == []


def test_a_directory_that_cannot_be_changed_is_told_with_the_next_step(
    engine, settings, box, monkeypatch, capsys
):
    put(box, returned_forms.yes())

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lib.removal.os.unlink", refused)
    assert returns.run(settings) is ExitCode.CONFIGURATION
    assert answers(engine) == [("order", 1, "yes", None)]


def test_a_machine_without_time_refuses_nothing(engine, settings, box, monkeypatch):
    put(box, returned_forms.yes())

    def away(_):
        raise ReaderUnavailable("the process that reads PDFs does not start here")

    monkeypatch.setattr(form_process, "read", away)
    assert returns.run(settings) is ExitCode.TEMPORARY
    assert (left(box), states(engine)) == (["form.pdf"], [])


def test_where_forms_come_back_to_nowhere_there_is_nothing_to_do(settings):
    off = replace(settings, returns=ReturnSettings(), database_url="")
    assert returns.run(off) is ExitCode.OK


def test_a_form_of_a_report_that_was_never_made_is_refused(engine, settings, box):
    put(box, returned_forms.renamed(returned_forms.yes(), runid="another"))
    put(box, returned_forms.renamed(returned_forms.yes(), storecode="A817"), "b.pdf")
    returns.run(settings)

    assert states(engine) == [("refused", FormRefusal.UNKNOWN)] * 2


def test_the_form_of_an_older_day_is_read_also_when_its_file_is_pruned(engine, settings, box):
    notify_rows.execute(engine, tables.documents.update().values(status="pruned"))
    put(box, returned_forms.yes())
    returns.run(settings)

    assert states(engine) == [("read", "")]


@pytest.mark.parametrize(
    ("sender", "is_read"),
    [
        (OWNER, True),
        (OWNER.upper(), True),
        ("office@example.invalid", True),
        ("other@example.invalid", False),
        ("gone@example.invalid", False),
        ("elsewhere@example.invalid", False),
        ("summary@example.invalid", False),
    ],
)
def test_only_a_reader_of_the_store_says_something_about_it(engine, reader, sender, is_read):
    add = notify_rows.add_recipient
    add(engine, "store_daily_reports", "office@example.invalid")
    add(engine, "store_daily_reports", "other@example.invalid", store_code="A817")
    add(engine, "store_daily_reports", "gone@example.invalid", is_active=False)
    add(engine, "store_daily_reports", "elsewhere@example.invalid", env="prod")
    add(engine, "run_summary", "summary@example.invalid")

    outcome = reader.read(mailed(returned_forms.yes(), sender))
    assert outcome is (FormOutcome.READ if is_read else FormOutcome.REFUSED)
    assert len(answers(engine)) == is_read


def test_who_becomes_a_reader_is_heard_when_the_same_form_comes_again(engine, reader):
    reader.read(mailed(returned_forms.yes(), "new@example.invalid"))
    notify_rows.add_recipient(
        engine, "store_daily_reports", "new@example.invalid", store_code="A668"
    )

    outcome = reader.read(mailed(returned_forms.yes(), "new@example.invalid"))
    assert outcome is FormOutcome.READ
    assert states(engine) == [("read", "")]


def test_the_sender_of_an_unreadable_form_is_answered_once_with_the_reason(engine, reader):
    for _ in range(3):
        reader.read(mailed(returned_forms.locked(returned_forms.blank())))
        reader.read(mailed(b"no PDF"))

    [first, second] = owed(engine)[:2]
    assert len(owed(engine)) == 4, "each locked file has other bytes"
    assert first == (OWNER, "pending", "Not read: your PDF of 15 Nov")
    assert second == first
    [[body]] = rows(
        engine,
        f"SELECT body FROM notification_messages WHERE body LIKE '%{FormRefusal.NO_PDF}%'",
    )
    assert body == (
        "We could not read your form\n\n"
        f"Your PDF of 15 Nov was not read: {FormRefusal.NO_PDF}.\n"
        "Open the PDF from our mail, tick and type in it, save it, and reply with the saved file.\n"
        "\n"
        "You get this once, because a PDF came from this address."
    )


def test_a_pdf_that_is_too_large_is_refused_unread(engine, reader):
    outcome = reader.read(ReturnedPdf("0" * 64, None, OWNER, RECEIVED_AT))

    assert outcome is FormOutcome.REFUSED
    assert states(engine) == [("refused", FormRefusal.TOO_LARGE)]
    assert len(owed(engine)) == 1


def test_a_refusal_takes_the_place_of_no_report_that_is_still_owed(engine, reader, settings):
    reader.read(mailed(b"no PDF"))
    reader.read(mailed(b"none either"))

    assert [state for _, state, _ in owed(engine)] == ["pending", "pending"]


def test_before_the_first_run_nobody_is_answered(engine, reader):
    for table in (tables.documents, tables.pipeline_run_summaries):
        notify_rows.execute(engine, table.delete())
    reader.read(mailed(b"no PDF"))

    assert owed(engine) == []


def test_a_later_form_of_the_same_report_is_a_return_of_its_own(engine, reader):
    reader.read(mailed(returned_forms.yes()))
    reader.read(mailed(returned_forms.filled(["undelivered_not_delivered_1"])))

    with engine.connect() as connection:
        said = connection.execute(
            select(tables.form_answers.c.said).order_by(tables.form_answers.c.id)
        )
        assert said.scalars().all() == ["yes", "no"]


def test_comments_and_numbers_of_leads_end_and_ticks_for_orders_stay(
    engine, reader, settings, box, monkeypatch
):
    ticked = ["undelivered_delivered_1", "missed_lead_converted_1"]
    reader.read(mailed(returned_forms.filled(ticked, {"undelivered_comment_1": "Paid"})))
    old = put(box, b"no PDF", age=timedelta(days=200))
    returns.run(settings)
    [name] = left(box)
    assert name.endswith(f"-{old.name}")

    with engine.begin() as connection:
        connection.execute(text("UPDATE form_answers SET created_at = now() - interval '91 days'"))
    volumes = replace(settings.volumes, data_dir=box / "none", reports_root=box / "none")
    prune.run(replace(settings, volumes=volumes), dry_run=False)

    assert rows(engine, "SELECT kind, about, said, comment FROM form_answers ORDER BY kind") == [
        ("lead", None, "yes", None),
        ("order", about_the_first(returned_forms.yes()), "yes", None),
    ]
    assert left(box) == []
