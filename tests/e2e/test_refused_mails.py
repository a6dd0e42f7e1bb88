"""A mail server that takes none of our mails: the day is not done, and a person hears of it."""

import pytest
from sqlalchemy import select

from demo.mailbox import Refusal, Stage
from lib.db import tables

pytestmark = pytest.mark.usefixtures("saved_session", "undrawn")


def run_row(chain):
    with chain.engine.connect() as connection:
        return connection.execute(select(tables.pipeline_run_summaries)).one()


def states(chain):
    with chain.engine.connect() as connection:
        return set(connection.execute(select(tables.notification_deliveries.c.state)).scalars())


def test_a_server_that_refuses_our_account_leaves_the_day_open_and_the_mails_owed(chain):
    chain.mailbox.refuse(Refusal(Stage.DATA, "554 5.2.252 SendAsDenied"))
    refused = chain.run("daily")

    assert refused.code == 78, refused.output
    assert states(chain) == {"pending"}
    row = run_row(chain)
    assert (row.overall_status, row.closes) == ("error", False)
    assert row.metrics_json["email"]["message"] == "0 of 4 mails sent, 4 pending"
    assert "Nothing to do" not in chain.run("status").output

    chain.mailbox.accept_all()
    again = chain.run("daily")

    assert again.code == 0, again.output
    assert states(chain) == {"sent"}
    assert len(chain.mailbox.messages()) == 4
