"""What the sweep would notice.

Each thing that it looks for, done on purpose to a world that is in order.
"""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import delete, text, update

from lib.db import tables
from lib.domain.mail_states import RETURNED_FORM
from tests.proofs.faults import state, sweep
from tests.proofs.faults.scenario import Ending, is_possible, scene


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """A daily run that nothing disturbed."""
    with sweep.stage() as own, scene("daily", *own, tmp_path_factory.mktemp("daily")) as here:
        yield here, *sweep.expected(here)


@pytest.fixture
def here(ended):
    scene_, _, _ = ended
    scene_.reset()
    assert scene_.start().code == 0
    return scene_


def execute(here, statement):
    with here.engine() as engine, engine.begin() as connection:
        connection.execute(statement)


def leave_a_part(here):
    (here.volumes / "reports_root" / "2025" / ".A668_2025-11-16.pdf.part").write_bytes(b"%PDF")


def leave_customer_data(here):
    (here.volumes / "data_dir" / "A668-missed-leads.csv").write_text("x")


def cut_a_report(here):
    file = here.volumes / "reports_root" / "2025" / "A668_2025-11-16.pdf"
    file.write_bytes(file.read_bytes()[:-1])


def lose_a_mail(here):
    here.mailbox.messages()[-1].path.unlink()


def double_a_mail(here):
    last = here.mailbox.messages()[-1].path
    shutil.copy(last, last.with_name("9999.eml"))


def leave_a_row_running(here):
    execute(here, update(tables.pipeline_run_summaries).values(overall_status="running"))


def falsify_accounting(here):
    execute(here, update(tables.ingest_counts).values(read=tables.ingest_counts.c.read + 1))


def owe_a_mail(here):
    execute(here, update(tables.notification_deliveries).values(state="pending"))


SABOTAGE = {
    leave_a_part: ".A668_2025-11-16.pdf.part is left over",
    leave_customer_data: "A668-missed-leads.csv is left over",
    cut_a_report: "is not what its row says",
    lose_a_mail: "is sent and arrived 0 times",
    double_a_mail: "is sent and arrived 2 times",
    leave_a_row_running: "is still running",
    falsify_accounting: "do not add up",
    owe_a_mail: "is pending in the end",
}


@pytest.mark.parametrize("done", SABOTAGE, ids=lambda done: done.__name__)
def test_what_is_wrong_by_itself_is_noticed(here, done):
    assert state.broken(here) == []

    done(here)

    assert any(SABOTAGE[done] in problem for problem in state.broken(here))


def test_a_lock_that_is_held_is_noticed(here, monkeypatch):
    monkeypatch.setattr(state, "LOCK_PATIENCE_S", 0.1)
    with here.engine() as engine, engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(1)"))

        assert state.broken(here) == ["1 locks are still held at the database"]


@pytest.mark.parametrize(
    "lost",
    [
        delete(tables.missed_leads).where(tables.missed_leads.c.store_code == "A668"),
        update(tables.store_dashboard_summary).values(package_new=None, ftd_revenue=1),
        update(tables.pipeline_run_summaries).values(closes=False),
        update(tables.notification_deliveries).values(state="failed"),
        update(tables.ingest_counts).values(inserted=0, unchanged=tables.ingest_counts.c.inserted),
    ],
    ids=["rows", "figures", "closing", "readers", "accounting"],
)
def test_what_an_undisturbed_run_does_not_leave_is_noticed(ended, here, lost):
    _, _, undisturbed = ended
    assert list(undisturbed.differences(state.inspect_state(here))) == []

    execute(here, lost)

    assert len(list(undisturbed.differences(state.inspect_state(here)))) == 1


@pytest.mark.parametrize(("written", "is_noticed"), [(True, True), (False, False)])
def test_a_deadline_that_was_warned_of_twice_is_noticed(here, written, is_noticed):
    words = b"Subject: [Simplify] the daily mails of Sun 16 Nov are late\r\n\r\n"
    for number in (9998, 9999):
        (here.mailbox.directory / f"{number}.eml").write_bytes(words)
    output = "" if written else "the alert does without the database"

    found = list(sweep._repeated_alerts(here, [Ending(-9, output, sprung=True)]))

    assert bool(found) is is_noticed


@pytest.fixture(scope="module")
def returned(tmp_path_factory):
    """The forms of a morning, read, and their senders answered."""
    if not is_possible("returned-mails"):
        pytest.skip("dovecot is not installed here; Debian's package is dovecot-imapd")
    with (
        sweep.stage() as own,
        scene("returned-mails", *own, tmp_path_factory.mktemp("returns")) as here,
    ):
        yield here, *sweep.expected(here)


@pytest.mark.parametrize(
    "lost",
    [
        delete(tables.form_answers),
        update(tables.form_answers).values(comment=None),
        update(tables.form_returns).values(reason="another"),
        update(tables.form_mailboxes).values(last_uid=0),
        update(tables.notification_deliveries)
        .where(tables.notification_deliveries.c.content_version.startswith(RETURNED_FORM))
        .values(recipient="other@example.invalid"),
    ],
    ids=["answers", "a comment", "a reason", "how far the mailbox is read", "who is answered"],
)
def test_what_forms_said_and_who_was_answered_is_compared(returned, lost):
    here, _, undisturbed = returned
    here.reset()
    for ending in (here.start(), *here.go_on()):
        assert ending.code == 0, ending.output
    assert list(undisturbed.differences(state.inspect_state(here))) == []

    execute(here, lost)

    assert len(list(undisturbed.differences(state.inspect_state(here)))) == 1


def test_a_form_that_was_read_and_lies_there_is_noticed(returned):
    here, _, _ = returned
    (here.volumes / "returns_dir" / "form.pdf").write_bytes(b"%PDF")

    assert "returns_dir/form.pdf is left over" in state.broken(here)
