"""A report that was mailed and made again with other figures: its readers hear of it, once.

Real rows, real mails.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import stamina
from sqlalchemy import func, select

from demo.mailbox import Refusal, Stage
from lib.db import tables
from lib.domain.headline import DaySale, Sale, to_json
from lib.notify import plan_notifications_for_run, send_notifications_for_run
from tests.factories.headline import SATURDAY, headline
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import add_recipient, add_report, add_run

AGAIN = "20261129_120000000000"
READERS = 6
ORDINARY = headline()


def kept(rupees: int):
    days = (*ORDINARY.sale.days[:-1], DaySale(SATURDAY, rupees))
    figures = replace(ORDINARY, sale=Sale(days))
    return json.loads(json.dumps(to_json(figures), default=str))


@pytest.fixture(autouse=True)
def without_waiting():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def make(engine, configured, tmp_path):
    """Make the report of A668 in a run of its own, with this sale, and mail what is owed."""

    def run(run_id, rupees, *, send=True, **changes):
        add_run(engine, run_id=run_id, **changes)
        figures = None if rupees is None else kept(rupees)
        add_report(engine, tmp_path, "A668", reference_id_2=run_id, figures_json=figures)

        if send:
            send_notifications_for_run(PIPELINE, run_id, engine=engine, settings=configured)

    return run


def about_store(mailbox):
    """Return subject and readers of each mail about the store, in order."""
    mails = [(str(one.message["Subject"]), one) for one in mailbox.messages()]
    return [(subject, len(one.recipients)) for subject, one in mails if "A668" in subject]


SAID = "A668, Fri 14 Nov: ₹8,924 (usual Sat ₹12,937), 24 orders undelivered"
RIGHT = "Corrected: A668, Fri 14 Nov: ₹9,124 (usual Sat ₹12,937), 24 orders undelivered"
BACK = f"Corrected: {SAID}"


def test_readers_hear_once_what_was_said_and_what_is_right(make, mailbox):
    make(RUN_ID, 8924)
    make(AGAIN, 9124)
    make("third", 9124)

    assert about_store(mailbox) == [(SAID, READERS), (RIGHT, READERS)]
    mail = mailbox.messages()[2].message
    text = mail.get_body(("plain",)).get_content().splitlines()
    assert text[:6] == [
        "The report that was mailed to you before had other figures. The right ones are attached.",
        "- Sale: ₹9,124 is right, ₹8,924 was said",
        "",
        "A668",
        "Friday 14 Nov",
        "",
    ]
    assert len(list(mail.iter_attachments())) == 1
    assert "Sale ₹9,124, not ₹8,924" in mail.get_body(("html",)).get_content()


def test_the_same_figures_again_are_no_news(make, mailbox):
    make(RUN_ID, 8924)
    make(AGAIN, 8924)

    assert about_store(mailbox) == [(SAID, READERS)]


def test_figures_that_come_back_are_said_again(make, mailbox):
    for number, rupees in enumerate((8924, 9124, 8924, 9124)):
        make(f"run-{number}", rupees)

    assert [subject for subject, _ in about_store(mailbox)] == [SAID, RIGHT, BACK, RIGHT]


def test_who_was_told_nothing_yet_gets_the_right_report_and_no_correction(make, mailbox):
    mailbox.refuse(Refusal(Stage.SENDER, "451 later"))
    make(RUN_ID, 8924)
    mailbox.accept_all()
    make(AGAIN, 9124)

    assert about_store(mailbox) == [(RIGHT.removeprefix("Corrected: "), READERS)]


def test_a_correction_that_could_not_go_has_the_newest_figures_when_it_goes(make, mailbox):
    make(RUN_ID, 8924)
    mailbox.refuse(Refusal(Stage.SENDER, "451 later"))
    make(AGAIN, 9000)
    mailbox.accept_all()
    make("third", 9124)

    assert about_store(mailbox) == [(SAID, READERS), (RIGHT, READERS)]


def test_a_new_reader_gets_the_report_and_the_others_the_correction(engine, make, mailbox):
    make(RUN_ID, 8924)
    add_recipient(engine, "store_daily_reports", "new@example.invalid", store_code="A668")
    make(AGAIN, 9124)

    assert about_store(mailbox) == [
        (SAID, READERS),
        (RIGHT.removeprefix("Corrected: "), 1),
        (RIGHT, READERS),
    ]


@pytest.mark.parametrize("rupees", [(None, 9124), (8924, None)], ids=["before", "now"])
def test_without_figures_nothing_is_known_to_be_wrong(make, mailbox, rupees):
    make(RUN_ID, rupees[0])
    make(AGAIN, rupees[1])

    assert len(about_store(mailbox)) == 1


def test_a_forced_run_mails_the_report_anew_and_corrects_nothing_besides(make, mailbox):
    make(RUN_ID, 8924)
    make(AGAIN, 9124, metrics_json={"forced": True})

    assert about_store(mailbox) == [
        (SAID, READERS),
        (RIGHT.removeprefix("Corrected: "), READERS),
    ]


def test_a_correction_is_owed_with_the_transaction_that_decides_it_or_not_at_all(
    engine, make, configured
):
    make(RUN_ID, 8924)
    make(AGAIN, 9124, send=False)
    deliveries = tables.notification_deliveries
    corrections = select(func.count()).where(deliveries.c.content_version.startswith("correction"))

    with engine.connect() as connection, connection.begin() as transaction:
        plan_notifications_for_run(connection, PIPELINE, AGAIN, settings=configured)
        assert connection.execute(corrections).scalar_one() == READERS
        transaction.rollback()

    with engine.connect() as connection:
        assert connection.execute(corrections).scalar_one() == 0
