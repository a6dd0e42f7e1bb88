"""Forms that come back by mail, from a real IMAP server: read once, whatever ends a run."""

from __future__ import annotations

import pkgutil
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import count

import pytest

from lib import dates, notify
from lib.config.returns import read
from lib.config.settings import MailSettings
from lib.config.source import Source
from lib.db import tables
from lib.errors import ExitCode
from lib.model import Pipeline
from lib.pipelines import returns
from lib.returns import mailbox as imap_mailbox
from lib.returns import queries
from lib.returns.model import FormRefusal
from tests.factories import notify_rows, returned_forms
from tests.factories.documents import report_row
from tests.factories.replies import reply
from tests.factories.reports import RUN
from tests.factories.runs import add_run

OWNER = "owner@example.invalid"
YES = ("order", 1, "yes")

pytestmark = pytest.mark.usefixtures("forked_readers")


def of(url):
    source = Source({"RETURNS_IMAP_URL": url})
    found = read(source)
    assert source.problems == []
    return found


@pytest.fixture
def settings(tmp_path, database, imap):
    given = notify_rows.settings(tmp_path, None)
    return replace(given, database_url=database, returns=of(imap.url()))


@pytest.fixture
def engine(engine):
    """A database with the report of A668 about 14 November, which goes to one owner."""
    add_run(engine, RUN)
    notify_rows.execute(engine, tables.documents.insert().values(report_row(RUN, "A668")))
    notify_rows.add_recipient(engine, "store_daily_reports", OWNER, store_code="A668")
    return engine


def came(imap, mail, *, age=timedelta(hours=1)):
    imap.deliver(mail, dates.now().astimezone(UTC) - age)


def rows(engine, query):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def answers(engine):
    return rows(engine, "SELECT kind, number, said FROM form_answers ORDER BY id")


def states(engine):
    return rows(engine, "SELECT state, sender, reason FROM form_returns ORDER BY id")


def owed(engine):
    return rows(engine, "SELECT recipient, state FROM notification_deliveries ORDER BY id")


def test_a_form_is_read_once_and_its_mail_is_left_as_it_was(engine, settings, imap):
    came(imap, reply(returned_forms.yes()))
    before = imap.flags()

    assert returns.run(settings) is returns.run(settings) is ExitCode.OK
    assert (answers(engine), states(engine)) == ([YES], [("read", OWNER, "")])
    assert imap.flags() == before
    assert b"Seen" not in b"".join(before)


def test_mails_that_come_later_are_read_later(engine, settings, imap):
    came(imap, reply(returned_forms.yes()))
    returns.run(settings)
    came(imap, reply(returned_forms.filled(["undelivered_not_delivered_1"])))
    returns.run(settings)

    assert answers(engine) == [YES, ("order", 1, "no")]


def test_the_same_pdf_in_two_mails_is_read_once(engine, settings, imap):
    came(imap, reply(returned_forms.yes()))
    came(imap, reply(returned_forms.yes(), Message_ID="<another@example.invalid>"))
    returns.run(settings)

    assert answers(engine) == [YES]


PLACES = (
    "lib.returns.form_process.read",
    "lib.returns.mails.pdfs",
    "lib.returns.queries.store_read",
    "lib.returns.queries.store_refused",
    "lib.returns.queries.advance",
    "lib.notify.outbox.write_queries.store_message",
    "lib.pipelines.form_reader.FormReader.log_result",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("nth", [1, 2])
def test_a_kill_at_any_point_loses_nothing_and_does_nothing_twice(
    engine, settings, imap, monkeypatch, place, nth
):
    came(imap, reply(returned_forms.yes(), b"no PDF"))
    came(imap, reply(returned_forms.filled(["undelivered_not_delivered_2"])))
    module, _, name = place.rpartition(".")
    owner = pkgutil.resolve_name(module.replace(".FormReader", ":FormReader"))
    whole, calls = getattr(owner, name), count(1)

    def killed(*args, **named):
        if next(calls) == nth:
            raise KeyboardInterrupt
        return whole(*args, **named)

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(owner, name, killed)
        returns.run(settings)

    assert returns.run(settings) is ExitCode.OK
    assert answers(engine) == [YES, ("order", 2, "no")]
    assert sorted(state for state, _, _ in states(engine)) == ["read", "read", "refused"]
    assert owed(engine) == [(OWNER, "pending")]


def test_an_unreadable_form_is_answered_once_through_the_outbox(
    engine, settings, imap, mailbox, tmp_path
):
    came(imap, reply(b"no PDF"))
    came(imap, reply(b"no PDF", Message_ID="<again@example.invalid>"))
    mail = MailSettings(mailbox.host, mailbox.port, "reports@example.invalid", use_tls=False)
    settings = replace(settings, mail=mail)

    for _ in range(2):
        returns.run(settings)
        notify.deliver_period(Pipeline.DAILY, RUN.report_on, None, engine=engine, settings=settings)

    [sent] = mailbox.messages()
    assert sent.recipients == (OWNER,)
    assert sent.message["Subject"].startswith("Not read: your PDF of ")
    assert sent.message["Auto-Submitted"] == "auto-generated"
    assert FormRefusal.NO_PDF in " ".join(sent.message.get_body(("plain",)).get_content().split())


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(reply(b"%PDF-1.7", sender="stranger@example.invalid"), id="a stranger"),
        pytest.param(reply(b"%PDF-1.7", Auto_Submitted="auto-replied"), id="a machine"),
        pytest.param(reply(), id="without a PDF"),
        pytest.param(b"no mail at all", id="no mail"),
    ],
)
def test_what_is_no_form_of_a_reader_is_left_out_and_never_answered(
    engine, settings, imap, mail, monkeypatch
):
    came(imap, mail)
    monkeypatch.setattr("lib.returns.form_process.read", None)

    assert returns.run(settings) is ExitCode.OK
    assert (states(engine), owed(engine)) == ([], [])
    assert rows(engine, "SELECT count(*) FROM form_mailboxes WHERE last_uid > 0") == [(1,)]


def test_a_mail_that_is_too_large_is_not_fetched_and_its_sender_is_told(
    engine, settings, imap, monkeypatch
):
    came(imap, reply(returned_forms.yes()))
    monkeypatch.setattr("lib.returns.mails.MAX_MAIL_BYTES", 1000)
    monkeypatch.setattr("lib.returns.mailbox.OpenMailbox.content", None)
    returns.run(settings)

    assert states(engine) == [("refused", OWNER, FormRefusal.TOO_LARGE)]
    assert owed(engine) == [(OWNER, "pending")]


def test_an_old_mailbox_is_read_from_two_months_ago_on_and_in_parts(
    engine, settings, imap, monkeypatch
):
    came(imap, reply(b"no PDF"), age=timedelta(days=80))
    came(imap, reply(returned_forms.yes()))
    came(imap, reply(returned_forms.filled(["undelivered_not_delivered_1"])))
    monkeypatch.setattr(returns, "MOST_MAILS", 1)

    assert [returns.run(settings), returns.run(settings)] == [ExitCode.TEMPORARY, ExitCode.OK]
    assert answers(engine) == [YES, ("order", 1, "no")]
    assert owed(engine) == []


def test_mails_that_are_numbered_anew_are_looked_at_again_and_read_once(
    engine, settings, imap, monkeypatch
):
    came(imap, reply(returned_forms.yes()))
    returns.run(settings)
    notify_rows.execute(engine, tables.form_mailboxes.update().values(uid_validity=1))

    assert returns.run(settings) is ExitCode.OK
    assert answers(engine) == [YES]
    [[uid_validity]] = rows(engine, "SELECT uid_validity FROM form_mailboxes")
    assert uid_validity != 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "wrong"}, ExitCode.CONFIGURATION),
        ({"folder": "None"}, ExitCode.CONFIGURATION),
        ({"host": "127.0.0.2"}, ExitCode.TEMPORARY),
    ],
)
def test_a_server_that_does_not_let_us_in_is_told_without_its_words(
    engine, settings, imap, changes, code, capfd
):
    closed = replace(settings, returns=of(imap.url(**changes)))

    assert returns.run(closed) is code
    said = capfd.readouterr()
    assert "forms@" not in said.out + said.err
    assert "wrong" not in said.out + said.err


def test_a_certificate_of_nobody_we_trust_is_a_matter_for_a_person(
    engine, settings, imap, monkeypatch
):
    monkeypatch.delenv("SSL_CERT_FILE")

    assert returns.run(settings) is ExitCode.CONFIGURATION


def test_a_connection_that_ends_in_the_middle_is_gone_on_with(engine, settings, imap, monkeypatch):
    came(imap, reply(returned_forms.yes()))
    came(imap, reply(returned_forms.filled(["undelivered_not_delivered_1"])))
    content = imap_mailbox.OpenMailbox.content

    def ending(self, uid):
        found = content(self, uid)
        self._server.shutdown()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(imap_mailbox.OpenMailbox, "content", ending)
        assert returns.run(settings) is ExitCode.TEMPORARY
    assert answers(engine) == [YES]

    assert returns.run(settings) is ExitCode.OK
    assert answers(engine) == [YES, ("order", 1, "no")]


def test_how_far_a_mailbox_is_read_is_of_that_mailbox(engine):
    with engine.begin() as connection:
        queries.advance(connection, mailbox="a", uid_validity=7, uid=12)
        assert queries.last_uid(connection, "a", 7) == 12
        assert queries.last_uid(connection, "a", 8) == 0
        assert queries.last_uid(connection, "b", 7) == 0
