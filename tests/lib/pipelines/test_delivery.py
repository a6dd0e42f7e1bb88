"""What `jobs.notify` does about several pipelines at once.

Tests/jobs/test_notify.py has the job as operators start it.
"""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, text, update

from lib.config.settings import MailSettings
from lib.db import tables
from lib.errors import ExitCode
from lib.model import Pipeline
from lib.notify import plan_notifications_for_run
from lib.notify.delivery import deliver, queries
from lib.pipelines import delivery
from lib.pipelines.delivery import DeliveryRequest
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import add_report, add_run, execute, settings

DELIVERIES = tables.notification_deliveries


@pytest.fixture
def configured(engine, database, mailbox, tmp_path):
    """Settings of a job that finds the mails of one run promised.

    To operators, and to the readers of one store.
    """
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    mail = MailSettings(mailbox.host, mailbox.port, "reports@example.invalid", use_tls=False)
    made = replace(settings(tmp_path, mail), database_url=database)
    with engine.begin() as connection:
        plan_notifications_for_run(connection, PIPELINE, RUN_ID, settings=made)
    return made


def test_whoever_delivers_for_one_pipeline_keeps_no_mail_of_another_back(
    engine, configured, mailbox, monkeypatch
):
    monkeypatch.setattr(deliver, "LOCK_WAIT_S", 0.01)
    execute(
        engine,
        update(DELIVERIES)
        .where(DELIVERIES.c.store_code == "")
        .values(pipeline_name=Pipeline.WEEKLY),
    )

    with engine.connect() as somebody_else:
        queries.lock_delivering(somebody_else, Pipeline.DAILY)
        assert delivery.run(configured, DeliveryRequest()) is ExitCode.TEMPORARY
    assert [mail.message["Subject"].split()[0] for mail in mailbox.messages()] == ["OK"]


def test_a_mail_that_a_wrong_clock_put_off_for_years_goes_now(engine, configured, mailbox):
    execute(
        engine, update(DELIVERIES).values(next_attempt_at=func.now() + text("interval '1 year'"))
    )

    assert delivery.run(configured, DeliveryRequest()) is ExitCode.OK
    assert len(mailbox.messages()) == 2
    with engine.connect() as connection:
        assert set(connection.execute(select(DELIVERIES.c.state)).scalars()) == {"sent"}
