"""A morning with a slow portal: people hear of it before the deadline, and the run goes on."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from demo.portal import Endpoint, Fault, Kind
from lib import dates
from lib.db import tables
from lib.model import Pipeline, RunRef
from tests.factories.runs import add_run
from tests.fakes.alert_channel import serving

ZONE = ZoneInfo("Asia/Kolkata")
LAST_MINUTE = time(23, 59)
#: How long the run could take longer than usual and be in time: more than a start takes.
RESERVE_S = 30
#: How long the portal takes for one dashboard; less than a request may take.
SLOW_S = 45


@pytest.fixture
def channel():
    with serving() as served:
        yield served


def add_history(chain, report_on):
    """Mornings whose mails took so long that those of today are just in time for 23:59."""
    now = datetime.now(UTC)
    left_s = (dates.instant(report_on + dates.DAY, LAST_MINUTE, ZONE) - now).total_seconds()
    usual = {"login": 0.1, "scrape": 1.0, "notify": left_s - RESERVE_S}

    for ago in range(1, 4):
        on = report_on - ago * dates.DAY
        ref = RunRef(Pipeline.DAILY, f"day-{ago}", "dev", on, now - timedelta(days=ago))
        add_run(chain.engine, ref, closes=True, metrics_json={"durations_s": usual})


def lines(ending, level):
    return [line for line in ending.messages(level) if "mails" in line and "DEADLINE_DAILY" in line]


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_a_slow_portal_is_named_in_time_and_every_mail_goes_out(chain, channel):
    report_on = chain.portal.control.today - dates.DAY
    add_history(chain, report_on)
    last = chain.stores[-1]
    slow = Fault(Kind.DELAY, Endpoint.DASHBOARD, store=last, times=1, seconds=SLOW_S)
    chain.portal.control.add(slow)

    deadline = {"DEADLINE_DAILY": f"{LAST_MINUTE:%H:%M}", "ALERT_URLS": channel.url}
    ending = chain.run("daily", "--run-id", "slow", **deadline)
    again = chain.run("daily", **deadline)

    assert (ending.code, again.code) == (0, 0), ending.output
    [expected] = lines(ending, "info")
    assert expected.startswith("the mails are expected to be out by ")
    [warned] = lines(ending, "warning")
    assert "; scrape has taken " in warned
    assert "more than the usual 1 s (median of the last 3 runs)" in warned
    [alert] = channel.received
    assert alert["title"].endswith("will be late")
    assert alert["message"].startswith(f"T{warned[1:]}.")

    position = [event["message"] for event in ending.events].index(warned)
    ended = [event["message"] for event in ending.events[:position]]
    assert "scrape ended: ok" not in ended, "it was said while the phase went on"

    runs = tables.pipeline_run_summaries
    with chain.engine.connect() as connection:
        query = select(runs.c.overall_status, runs.c.closes).where(runs.c.run_id == "slow")
        assert tuple(connection.execute(query).one()) == ("ok", True)
    assert len(chain.mailbox.messages()) > 1

    shown = chain.run("status", **deadline)
    assert f"Deadline: daily {report_on}: mails out " in shown.output
