"""REPORT_EMAIL_PER_MINUTE: no minute has more mails, whichever process sends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from lib.db.tables import notification_deliveries as deliveries
from lib.notify import plan_notifications_for_run
from lib.notify.delivery.pacing import paced, pause_s
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import add_report, add_run, execute

NOW = datetime(2025, 11, 15, 3, 0, tzinfo=UTC)


def ago(*seconds):
    return [NOW - timedelta(seconds=one) for one in seconds]


@pytest.mark.parametrize(
    ("sent_at", "per_minute", "expected"),
    [
        pytest.param([], 1, 0, id="the first"),
        pytest.param(ago(59), 1, 1, id="one a minute"),
        pytest.param(ago(60), 1, 0, id="a minute ago"),
        pytest.param(ago(50, 40, 30), 3, 10, id="full"),
        pytest.param(ago(50, 40, 30), 4, 0, id="not full"),
        pytest.param(ago(70, 50, 40, 30), 3, 10, id="old ones do not count"),
        pytest.param(ago(50, 40, 30, 20), 2, 30, id="more than allowed, after a change"),
    ],
)
def test_a_mail_waits_until_its_minute_has_room(sent_at, per_minute, expected):
    assert pause_s(sent_at, NOW, per_minute) == expected


@pytest.mark.integration
def test_the_mails_of_every_process_count(engine, tmp_path, configured):
    add_run(engine)
    add_report(engine, tmp_path, "A668")
    with engine.begin() as connection:
        plan_notifications_for_run(connection, PIPELINE, RUN_ID, settings=configured)
    waits = []
    with paced(engine, 2, waits.append):
        pass

    assert waits == []
    execute(engine, update(deliveries).values(claimed_at=datetime.now(UTC), state="sent"))
    with paced(engine, 2, waits.append):
        pass
    with paced(engine, None, waits.append):
        pass
    assert len(waits) == 1
    assert 0 < waits[0] <= 60
