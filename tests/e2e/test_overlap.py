"""A morning of two batches of stores.

The first one's reports are drawn while the portal is asked for the second one's.
"""

import signal
from datetime import timedelta

import pytest
from sqlalchemy import select

from demo.portal import Endpoint, Fault, Kind
from demo.portal.faults import EXPORTS
from demo.portal.world import World
from lib.db.tables import documents, notification_deliveries, pipeline_run_summaries
from lib.model import Bucket
from lib.pipelines.exports import SMALLEST_BATCH
from tests.e2e.test_stopped import LONG_S, Program, made, wait_until
from tests.plugins.chain import run_chain, save_session


@pytest.fixture
def chain(engine, database, tmp_path):
    """One store more than a batch has; the two with a report are in the first one."""
    world = World(stores=SMALLEST_BATCH + 1, scale=0.03)
    with run_chain(engine, database, tmp_path, world) as here:
        save_session(here)
        yield here


def metrics(chain):
    columns = (pipeline_run_summaries.c.overall_status, pipeline_run_summaries.c.metrics_json)
    with chain.engine.connect() as connection:
        return list(connection.execute(select(*columns).order_by(pipeline_run_summaries.c.id)))


def mailed(chain):
    """Return what the mails are about that were sent: the run, stores, all of them."""
    mails = notification_deliveries.c
    query = select(mails.message_id, mails.store_code).where(mails.state == "sent").distinct()
    with chain.engine.connect() as connection:
        return sorted(row.store_code for row in connection.execute(query))


def asked(chain):
    return [(seen.endpoint, seen.store) for seen in chain.portal.control.history() if seen.store]


def exports_on_disk(chain):
    return sorted(path.name for path in (chain.volumes / "data").glob("*.csv"))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 75), (signal.SIGKILL, -9)], ids=["stop", "kill"]
)
def test_an_end_while_reports_are_drawn_and_the_portal_is_asked_costs_nothing_that_is_done(
    chain, number, code
):
    last = chain.stores[-1]
    slow = Fault(Kind.DELAY, Endpoint.MISSED_LEADS, store=last, seconds=LONG_S)
    chain.portal.control.add(slow)
    job = Program(chain, "daily")
    wait_until(lambda: made(chain) == ["A668", "A817"])
    job.process.send_signal(number)
    out, _ = job.process.communicate(timeout=300)
    assert job.process.returncode == code, out

    endpoints = [endpoint for endpoint, _ in asked(chain)]
    first_export = next(place for place, endpoint in enumerate(endpoints) if endpoint in EXPORTS)
    assert Endpoint.DASHBOARD not in endpoints[first_export:], "dashboards before exports"

    chain.portal.control.clear()
    chain.portal.control.reset_counters()
    done = chain.run("daily")

    assert done.code == 0, done.output
    assert {one for one in asked(chain) if one[0] is not Endpoint.DASHBOARD} == {
        (Endpoint(bucket), last) for bucket in Bucket
    }, "of the batch that was not loaded, and no other"
    assert made(chain) == ["A668", "A817", "ALL"], "each made once"
    assert exports_on_disk(chain) == []
    status, noted = metrics(chain)[-1]
    assert status == "ok"
    assert noted["stores"]["processed"] == sorted(chain.stores)
    assert mailed(chain) == ["", "A668", "A817", "ALL"], "planned when all reports are there"


@pytest.mark.usefixtures("undrawn")
def test_a_batch_that_its_audit_refuses_keeps_its_files_and_stops_no_other(chain):
    chain.portal.control.add(Fault(Kind.LOGGED_OUT, Endpoint.MISSED_LEADS, store="A817"))

    done = chain.run("daily")

    assert done.code == 75
    status, noted = metrics(chain)[-1]
    leads = noted["buckets"]["missed_leads"]
    others = sorted(set(chain.stores) - {"A817"})
    assert (status, leads["status"]) == ("error", "error")
    assert sorted(leads["stores"]) == sorted(noted["done"]["loaded"]["missed_leads"]) == others
    assert sum(leads["stores"].values()) == leads["counts"]["ingested_rows"]
    merged = leads["merged_file"]
    of_first_batch = [f"{code}-missed-leads.csv" for code in chain.stores[:-1] if code != "A817"]
    assert exports_on_disk(chain) == sorted([*of_first_batch, merged])
    assert made(chain) == ["A668", "A817", "ALL"], "from what the database has, as ever"

    chain.portal.control.clear()
    assert chain.run("daily").code == 0
    assert exports_on_disk(chain) == []


@pytest.mark.usefixtures("undrawn")
def test_a_report_that_fails_early_stops_no_export(chain):
    day = chain.portal.control.today - timedelta(days=1)
    folder = chain.volumes / "reports" / str(day.year)
    folder.parent.mkdir()
    folder.write_text("no directory")

    done = chain.run("daily")

    assert done.code == 78, "a person must mend the folder"
    _, noted = metrics(chain)[-1]
    assert noted["stores"]["processed"] == sorted(chain.stores)
    assert sorted(noted["stores"]["report_failures"]) == ["A668", "A817"]
    failures = [e for e in done.events if e["message"] == "the report failed"]
    assert {event["phase"] for event in failures} == {"report"}, "whatever the run did meanwhile"
    with chain.engine.connect() as connection:
        statuses = set(connection.execute(select(documents.c.status)).scalars())
    assert statuses == {"error"}

    folder.unlink()
    assert chain.run("daily").code == 0
    assert made(chain) == ["A668", "A817", "ALL"]


def test_a_dry_run_of_two_batches_leaves_nothing(chain):
    done = chain.run("daily", "--dry-run")

    assert done.code == 0, done.output
    ends = [event["phase"] for event in done.events if " ended: " in event["message"]]
    assert ends == ["login", "download", "merge", "scrape"]
    assert made(chain) == []
    assert exports_on_disk(chain) == []
