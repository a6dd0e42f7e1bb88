"""A day with something owed: the next run asks the portal, draws and mails only that."""

import re

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from demo.portal import Endpoint, Fault, Kind
from lib.db.tables import pipeline_run_summaries
from tests.plugins.chain import mailed_reports

pytestmark = pytest.mark.usefixtures("saved_session")


def runs(chain):
    columns = ("overall_status", "closes", "metrics_json", "summary_text")
    with chain.engine.connect() as connection:
        query = select(*(pipeline_run_summaries.c[name] for name in columns)).order_by(
            pipeline_run_summaries.c.id
        )
        return list(connection.execute(query))


def mailed(chain):
    return [code for code, _ in mailed_reports(chain)]


def without_data(chain):
    """Return which stores the report of all says it lacks."""
    [path] = (chain.volumes / "reports").rglob("ALL_*.pdf")
    words = " ".join(PdfReader(path).pages[0].extract_text().split())
    return re.search(r"Without data: (.*?\.)", words)[1]


def asked(chain):
    """Every store page that was asked for since the counters were reset."""
    return sorted(
        (seen.endpoint, seen.store) for seen in chain.portal.control.history() if seen.store
    )


def test_only_the_dashboard_that_failed_and_its_report(chain):
    chain.portal.control.add(Fault(Kind.NO_TITLE, Endpoint.DASHBOARD, store="A817"))
    assert chain.run("daily").code == 75
    assert mailed(chain) == ["A668", "ALL"]
    assert without_data(chain) != "none."
    chain.portal.control.clear()
    chain.portal.control.reset_counters()

    done = chain.run("daily")

    assert done.code == 0, done.output
    assert without_data(chain) == "none.", "the report of all is made again"
    assert {(endpoint, store) for endpoint, store in asked(chain) if store == "A817"} == {
        (Endpoint.DASHBOARD, "A817")
    }
    assert all(endpoint is Endpoint.DASHBOARD for endpoint, _ in asked(chain)), (
        "one more may prove the session"
    )
    assert mailed(chain) == ["A668", "A817", "ALL", "ALL"], "once more, corrected"
    first, second = runs(chain)
    assert (first.overall_status, first.closes) == ("error", False)
    assert second.closes
    assert second.metrics_json["stores"]["report_success"] == ["A668", "A817"]
    assert second.metrics_json["stores"]["processed"] == sorted(chain.stores)


@pytest.mark.usefixtures("undrawn")
def test_only_the_export_that_failed_and_no_file_stays(chain):
    chain.portal.control.add(Fault(Kind.STATUS, Endpoint.MISSED_LEADS, store="T105", status=403))
    assert chain.run("daily").code == 75
    assert list((chain.volumes / "data").glob("*missed*"))
    chain.portal.control.clear()
    chain.portal.control.reset_counters()

    done = chain.run("daily")

    assert done.code == 0, done.output
    assert {one for one in asked(chain) if one[0] is not Endpoint.DASHBOARD} == {
        (Endpoint.MISSED_LEADS, "T105")
    }
    assert not list((chain.volumes / "data").glob("*.csv")), (
        "the first run's files are cleaned up, too"
    )
    assert mailed(chain) == ["A668", "A817", "ALL"], "nobody gets a report twice"


@pytest.mark.usefixtures("undrawn")
def test_the_metrics_have_the_shapes_of_the_contract(chain):
    chain.run("daily", "--no-notify")
    [row] = runs(chain)
    metrics = row.metrics_json
    leads = metrics["buckets"]["missed_leads"]

    assert sorted(leads["stores"]) == sorted(chain.stores)
    assert {"download_total", "merged_rows", "ingested_rows"} <= leads["counts"].keys()
    assert sum(leads["stores"].values()) == leads["counts"]["ingested_rows"]
    assert leads["merged_file"].startswith("merged_missed_leads_")
    assert metrics["stores"].keys() == {
        "configured",
        "expected",
        "processed",
        "report_success",
        "report_failures",
    }
    assert metrics["pdf"].keys() == {"generated", "failed", "records"}
    assert metrics["email"] == {"status": "not sent", "message": "--no-notify"}


@pytest.mark.usefixtures("undrawn")
def test_chosen_stores_leave_the_day_open_for_the_others(chain):
    assert chain.run("daily", "--stores", "A668", "--no-notify").code == 0
    assert not runs(chain)[0].closes
    chain.portal.control.reset_counters()

    assert chain.run("daily", "--no-notify").code == 0

    assert "A668" not in {
        store for endpoint, store in asked(chain) if endpoint is not Endpoint.DASHBOARD
    }
    assert runs(chain)[1].closes
