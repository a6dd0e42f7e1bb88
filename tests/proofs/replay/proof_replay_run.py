"""`jobs.replay_run` after real runs: what it says, and that nothing real is touched by it."""

import csv
import hashlib
import json
import signal
import time
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import select, text, update

from demo import history
from demo.portal import Endpoint, Fault, Kind
from lib import dates, ingest
from lib.config.env_file import EnvFile
from lib.config.environment import from_variables
from lib.db import scratch, tables
from lib.domain.exports import EXPORTS
from lib.model import Bucket, Download, Pipeline, RunRef
from lib.pipelines import replay_run
from lib.reports.metrics import kpis
from tests.factories.tables import add_day, add_store
from tests.plugins.chain import RUN_ID

REPORTED = ("A668", "A817")


def replayed(chain, run_id=RUN_ID):
    settings = from_variables(chain.environment, EnvFile({}, ()), ())
    return replay_run.replay(settings, run_id), settings


def answer_of(ended):
    """Return the JSON that the command printed between its log lines."""
    [line] = [line for line in ended.output.splitlines() if line.startswith('{"run_id"')]
    return json.loads(line)


def parts(result):
    return {part.name: part for part in result.parts}


def said(chain, result, *, with_rows=False):
    settings = from_variables(chain.environment, EnvFile({}, ()), ())
    return replay_run.as_text(result, settings.zone, with_rows=with_rows)


def everything(engine):
    """Return of each real table how many rows it has, what they say, and its last transaction."""
    found = {}
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            query = text(
                f"SELECT count(*), max(xmin::text::bigint), md5(string_agg(own::text, '' ORDER BY own::text))"
                f" FROM {table.name} AS own"
            )
            found[table.name] = tuple(connection.execute(query).one())
        sequences = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
        found |= dict(tuple(row) for row in connection.execute(text(sequences)))
    return found


def files(chain):
    return {
        path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(chain.volumes.rglob("*"))
        if path.is_file()
    }


def scratch_schemas(engine):
    with engine.connect() as connection:
        return scratch.left(connection)


def kept_values(engine, column):
    """Return the stored values of a column by store code."""
    code, value = tables.store_master.c.store_code, tables.store_dashboard_summary.c[column]
    query = select(code, value).join(tables.store_master)
    with engine.connect() as connection:
        return dict(tuple(row) for row in connection.execute(query))


def report_day(chain):
    return chain.portal.control.today - dates.DAY


def customers(engine):
    with engine.connect() as connection:
        found = [
            *connection.execute(select(tables.undelivered_orders.c.mobile_no)).scalars(),
            *connection.execute(select(tables.missed_leads.c.mobile_number)).scalars(),
            *connection.execute(select(tables.missed_leads.c.customer_name)).scalars(),
        ]
    return {one for one in found if one and len(one) > 2}


@contextmanager
def changed_limit(kpi, band, limit):
    """Change a limit as if the source had another number."""
    before = kpi.limits
    limits = tuple((own, limit if own is band else value) for own, value in before)
    object.__setattr__(kpi, "limits", limits)
    try:
        yield
    finally:
        object.__setattr__(kpi, "limits", before)


def test_unchanged_code_makes_the_same_and_touches_nothing_real(after_a_morning):
    chain = after_a_morning
    rows, volumes = everything(chain.engine), files(chain)
    asked, mails = len(chain.portal.control.history()), len(chain.mailbox.messages())

    ended = chain.run("replay_run", "--run-id", RUN_ID, "--json")

    assert ended.code == 0, ended.output
    answer = answer_of(ended)
    assert answer["differences"] == 0
    compared = {name: answer[name]["compared"] for name in ("figures", "report_text", "mail_plan")}
    assert compared == {"figures": "3 reports", "report_text": "3 reports", "mail_plan": "4 mails"}
    assert everything(chain.engine) == rows
    assert files(chain) == volumes
    assert len(chain.portal.control.history()) == asked
    assert len(chain.mailbox.messages()) == mails
    assert scratch_schemas(chain.engine) == []


def test_what_is_not_kept_is_said_and_is_not_equal(after_a_morning):
    result, _ = replayed(after_a_morning)

    rows = parts(result)["rows"]
    assert not rows.compared
    assert len(rows.not_compared) == len(Bucket)
    assert not result.is_complete
    last = said(after_a_morning, result).splitlines()[-1]
    assert last == "no difference in what could be compared"


def test_a_changed_band_shows_which_stores_it_moves(after_a_morning):
    """The example of CONTRIBUTING.md."""
    chain = after_a_morning
    values = kept_values(chain.engine, "delivery_tat_pct")
    limit = max(kpis.TAT.limits[-1][1], int(min(values.values())) + 1)
    rows, volumes = everything(chain.engine), files(chain)
    before = {code: kpis.TAT.band(value) for code, value in values.items()}

    with changed_limit(kpis.TAT, kpis.Band.NEEDS_ATTENTION, limit):
        after = {code: kpis.TAT.band(value) for code, value in values.items()}
        result, _ = replayed(chain)

    moved = {code for code in REPORTED if before[code] is not after[code]}
    shown = {one.about: one.lines for one in parts(result)["report text"].differences}
    assert moved == shown.keys() - {"ALL"}
    for code in moved:
        for sign, band in (("-", before[code]), ("+", after[code])):
            label = f"{sign} Delivery within TAT"
            assert any(one.startswith(label) and one.endswith(band) for one in shown[code])

    assert not parts(result)["figures"].differences
    assert everything(chain.engine) == rows
    assert files(chain) == volumes


@pytest.fixture
def stricter():
    """A rule by which every store's delivery is critical."""
    with ExitStack() as stack:
        for band, _ in kpis.TAT.limits:
            stack.enter_context(changed_limit(kpis.TAT, band, 1000))
        yield


def test_a_figure_that_is_another_now_is_in_report_and_mail(after_a_morning):
    chain = after_a_morning
    with chain.engine.begin() as connection:
        connection.execute(text("UPDATE store_dashboard_summary SET mtd_revenue = 1000"))

    result, _ = replayed(chain)

    found = parts(result)
    assert {one.about for one in found["figures"].differences} == {"A668", "A817", "ALL"}
    figures = {one.about: one.lines for one in found["figures"].differences}
    assert any(line.startswith("month.to_date: ") for line in figures["A668"])
    mails = {one.about: one.lines for one in found["mail plan"].differences}
    assert mails.keys() == {
        "all_stores_report ALL",
        "store_daily_reports A668",
        "store_daily_reports A817",
    }
    assert any(line.startswith("+ Month ₹1,000") for line in mails["store_daily_reports A668"])


def test_customers_are_shown_with_rows_only(after_a_morning):
    chain = after_a_morning
    data = customers(chain.engine)
    with chain.engine.begin() as connection:
        connection.execute(text("UPDATE missed_leads SET pickup_time = '9 am', source = 'Other'"))
        connection.execute(text("UPDATE undelivered_orders SET net_amount = net_amount + 1"))

    result, _ = replayed(chain)

    hidden, shown = said(chain, result), said(chain, result, with_rows=True)
    as_json = replay_run.as_json(result, with_rows=False)
    assert not {one for one in data if one in hidden or one in as_json}
    assert {one for one in data if one in shown}
    assert "--rows shows customers' data" in hidden
    assert "@" not in hidden.replace("…@example.invalid", "")


def test_a_pdf_that_is_gone_is_compared_by_its_checksum_alone(after_a_morning, stricter):
    chain = after_a_morning
    for path in (chain.volumes / "reports").rglob("A668_*.pdf"):
        path.unlink()

    result, _ = replayed(chain)

    texts = parts(result)["report text"]
    assert "A668" not in {one.about for one in texts.differences}
    assert any("A668" in reason and "not kept" in reason for reason in texts.not_compared)


def test_the_pdfs_of_a_database_that_was_restored_elsewhere_are_found(after_a_morning, stricter):
    chain = after_a_morning
    with chain.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE documents SET file_path = '/nowhere/' || doc_date::text::char(4) || '/' || file_name"
            )
        )

    result, _ = replayed(chain)

    texts = parts(result)["report text"]
    assert texts.compared == "3 reports"
    assert {"A668", "A817"} <= {one.about for one in texts.differences}


def test_texts_of_mails_that_were_emptied_are_not_compared(after_a_morning):
    chain = after_a_morning
    with chain.engine.begin() as connection:
        connection.execute(
            text("UPDATE notification_messages SET body = '', to_addresses = '[]', panel = NULL")
        )

    result, _ = replayed(chain)

    plan = parts(result)["mail plan"]
    assert not plan.compared
    assert not plan.differences
    assert any("not kept" in reason for reason in plan.not_compared)


def test_kept_exports_are_merged_and_loaded_again(chain, saved_session):
    """An audit keeps the files of a bucket of which a store is missing."""
    chain.portal.control.add(Fault(Kind.STATUS, Endpoint.MISSED_LEADS, store="T105", status=500))
    assert chain.run("daily", "--run-id", "partly").code == 75
    kept = sorted(path.name for path in (chain.volumes / "data").iterdir())
    assert [name for name in kept if name.startswith("A668")] == ["A668-missed-leads.csv"]
    rows, volumes = everything(chain.engine), files(chain)

    result, _ = replayed(chain, "partly")

    assert parts(result)["rows"].compared == "2 exports"
    assert result.differences == 0
    assert everything(chain.engine) == rows
    assert files(chain) == volumes

    # As it is on the next morning: the exports have new names, the merged file has its day.
    for path in (chain.volumes / "data").glob("*-missed-leads.csv"):
        path.unlink()

    result, _ = replayed(chain, "partly")
    assert parts(result)["rows"].compared == "2 exports"
    assert result.differences == 0

    with chain.engine.begin() as connection:
        connection.execute(
            text("UPDATE missed_leads SET customer_type = 'Unheard' WHERE store_code = 'A668'")
        )
        connection.execute(
            text(
                "UPDATE ingest_counts SET skipped = skipped + 1, read = read + 1"
                " WHERE store_code = 'A817' AND bucket = 'missed_leads'"
            )
        )

    found = {one.about: one for one in parts(replayed(chain, "partly")[0])["rows"].differences}
    assert found.keys() == {"A668 missed_leads", "A817 missed_leads"}
    assert found["A668 missed_leads"].lines[0].startswith("customer_type: another value in ")
    assert "Unheard" in found["A668 missed_leads"].rows[0]
    assert any(
        line.startswith("skipped: 1 rows then, 0 now") for line in found["A817 missed_leads"].lines
    )


def test_rejected_rows_that_would_be_loaded_now_are_told(after_a_morning):
    chain = after_a_morning
    header = ["order_id", "order_date", "store_code", "net_amount"]
    day = report_day(chain)
    with chain.engine.begin() as connection:
        for number, order in enumerate(("", "T9999"), 2):
            connection.execute(
                tables.ingest_rejects.insert().values(
                    run_id=RUN_ID,
                    bucket="undelivered_all",
                    store_code="A668",
                    seen_on=day,
                    file_name="A668-undelivered-all.csv",
                    line=number,
                    reason="is empty",
                    row_json={"header": header, "cells": [order, str(day), "A668", "1"]},
                )
            )

    rows = parts(replayed(chain)[0])["rows"]

    assert rows.compared == "2 rejected rows"
    (difference,) = rows.differences
    assert difference.about == "A668 undelivered_all"
    assert difference.lines == ("1 of 2 rejected rows would be loaded now",)


def test_what_later_days_brought_is_undone(after_a_morning):
    """Orders are delivered, leads placed and gone, another pickup comes, a day is read."""
    chain = after_a_morning
    day = report_day(chain) + dates.DAY
    with chain.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO pipeline_run_summaries (pipeline_name, run_id, run_env, started_at,"
                " finished_at, total_time_taken, report_date, overall_status, summary_text)"
                " VALUES (:pipeline, 'next', 'dev', now(), now(), '00:00:00', :day, 'ok', '')"
            ),
            {"pipeline": Pipeline.DAILY, "day": day},
        )
    ref = RunRef(Pipeline.DAILY, "next", "dev", day, dates.now())
    add_day(chain.engine, day, "A668", ftd_revenue=1)
    load_again(chain, ref, Bucket.UNDELIVERED_ALL, delivered_later(day))
    load_again(chain, ref, Bucket.MISSED_LEADS, placed_later(day))

    result, _ = replayed(chain)

    assert said(chain, result).splitlines()[-1] == "no difference in what could be compared"
    assert parts(result)["report text"].compared == "3 reports"


def load_again(chain, ref, bucket, change):
    """Load the next day's export of A668: its rows as they are stored, changed."""
    export = EXPORTS[bucket]
    table = tables.metadata.tables[export.table]
    with chain.engine.connect() as connection:
        query = select(*(table.c[name] for name in export.names)).where(
            table.c.store_code == "A668"
        )
        stored = [dict(row._mapping) for row in connection.execute(query)]
    path = chain.volumes / "next" / export.file_name("A668")
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, export.names)
        writer.writeheader()
        for row in change(stored):
            writer.writerow({name: "" if value is None else value for name, value in row.items()})
    merged = ingest.merge(bucket, [Download("A668", bucket, path)], path.parent, ref.report_on)
    loaded = ingest.load(chain.engine, merged, ref).counts["A668"]
    merged.release()
    assert loaded.updated
    path.unlink()
    merged.path.unlink()


def delivered_later(day):
    """Half of the open orders are delivered by then; an order of that day is new."""

    def change(rows):
        still_open = [row for row in rows if row["actual_deliver_on"] is None]
        assert still_open
        for row in still_open[::2]:
            row["actual_deliver_on"] = day - dates.DAY
        yield from rows
        yield rows[0] | {
            "order_id": "T9999",
            "order_date": day - dates.DAY,
            "actual_deliver_on": None,
        }

    return change


def placed_later(day):
    """Some leads become orders, some leave the list, one customer asks again."""

    def change(rows):
        gone = 0
        for number, row in enumerate(rows):
            if number % 9 == 1 and gone < 3:
                gone += 1
                continue
            if number % 3 == 0:
                row["is_order_placed"] = True
            if number % 3 == 2:
                row |= {
                    "pickup_row_id": 900_000 + number,
                    "pickup_created_date": day,
                    "pickup_date": day,
                    "is_order_placed": False,
                }
            yield row

    return change


def test_a_week_is_replayed_with_what_was_stored_then(chain):
    week = dates.last_complete_week(chain.portal.control.today)
    for code in REPORTED:
        add_store(chain.engine, code, f"STORE {code}")
        for number, day in enumerate(week.days(), 1):
            add_day(chain.engine, day, code, ftd_revenue=1000 * number, mtd_revenue=1000 * number)
    period = dates.week_label(week)
    assert chain.run("weekly", "--period", period).code == 0
    with chain.engine.connect() as connection:
        run_id = connection.execute(select(tables.pipeline_run_summaries.c.run_id)).scalar_one()

    result, _ = replayed(chain, run_id)
    assert said(chain, result).splitlines()[-1] == "no difference"
    assert parts(result)["report text"].compared == "3 reports"
    assert parts(result)["mail plan"].compared

    # A day that came late is not what the run knew; a value that was replaced is lost, and told.
    with chain.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE store_dashboard_summary SET ftd_revenue = 1, run_date_time = now() + '1 minute'"
                " WHERE dashboard_date = :day"
            ),
            {"day": week.first},
        )

    result, _ = replayed(chain, run_id)
    assert parts(result)["figures"].differences
    assert any("read again since" in remark for remark in result.remarks)


#: The last week or month that was over on a day.
LAST_PERIOD = {"weekly": dates.last_complete_week, "monthly": dates.last_complete_month}


def load_days(chain, first, last):
    """Load days of the simulated portal, as the daily job does."""
    zone = from_variables(chain.environment, EnvFile({}, ()), ()).zone
    history.load(
        chain.engine, chain.portal.world, dates.Period(first, last), zone, step=lambda: None
    )


def load_later(chain, first, last):
    """Load days by runs that began after all others: what they bring no earlier run knew."""
    load_days(chain, first, last)
    runs = tables.pipeline_run_summaries
    with chain.engine.begin() as connection:
        connection.execute(
            update(runs).where(runs.c.report_date >= first).values(started_at=dates.now())
        )


def run_of(chain, pipeline):
    runs = tables.pipeline_run_summaries.c
    with chain.engine.connect() as connection:
        query = select(runs.run_id).where(runs.pipeline_name == pipeline)
        return connection.execute(query).scalar_one()


@pytest.mark.parametrize(
    ("job", "pipeline"), [("weekly", Pipeline.WEEKLY), ("monthly", Pipeline.MONTHLY)]
)
def test_the_portal_days_of_a_period_make_the_same_and_a_changed_rule_shows(chain, job, pipeline):
    known_to = report_day(chain) - 2 * dates.DAY
    period = LAST_PERIOD[job](known_to)
    load_days(chain, period.first - 8 * dates.DAY, known_to)
    assert chain.run(job, "--period", str(period.first)).code == 0
    run_id = run_of(chain, pipeline)
    load_later(chain, known_to + dates.DAY, report_day(chain))
    rows, volumes = everything(chain.engine), files(chain)

    ended = chain.run("replay_run", "--run-id", run_id, "--json")

    assert ended.code == 0, ended.output
    answer = answer_of(ended)
    assert answer["is_complete"]
    assert {
        name: found["compared"] for name, found in answer.items() if "compared" in str(found)
    } == {
        "figures": "3 reports",
        "report_text": "3 reports",
        "mail_plan": "4 mails",
    }

    changed = chain.run_program(
        "replay_run", "--run-id", run_id, "--json", module="tests.changed_rule"
    )

    assert changed.code == 1, changed.output
    differences = answer_of(changed)["report_text"]["differences"]
    shown = {one["about"]: one["lines"] for one in differences}
    for code in REPORTED:
        label = "+ Total undelivered"
        assert any(line.startswith(label) and line.endswith("Critical") for line in shown[code])
    assert everything(chain.engine) == rows
    assert files(chain) == volumes


@pytest.mark.parametrize("place", ["exports", "reports", "mails"])
def test_a_kill_leaves_the_real_tables_alone_and_the_next_start_cleans_up(
    after_a_morning, tmp_path, place
):
    chain = after_a_morning
    chain.environment["TMPDIR"] = str(tmp_path)
    rows, volumes = everything(chain.engine), files(chain)

    killed = chain.run_module("tests.killed_replay", place, "--run-id", RUN_ID)

    assert killed.code == -signal.SIGKILL, killed.output
    assert everything(chain.engine) == rows
    assert files(chain) == volumes
    assert len(scratch_schemas(chain.engine)) == 1
    (left,) = tmp_path.glob("simplify-replay-*")
    assert bool(list(left.rglob("*.pdf"))) == (place != "exports")
    wait_for_its_sessions(chain.engine)
    assert chain.run("replay_run", "--run-id", RUN_ID).code == 0
    assert scratch_schemas(chain.engine) == []
    assert list(tmp_path.iterdir()) == []


def wait_for_its_sessions(engine):
    """Wait until the server has seen that the process is gone."""
    query = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        with engine.connect() as connection:
            if not connection.execute(query).scalar_one():
                return
    pytest.fail("the sessions of the killed process stay")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "say which run: --run-id ID"),
        (("--run-id", "unheard"), "--run-id names no run"),
        (("--run-id", "at-work"), "is at work"),
        (("--run-id", "empty"), "nothing of the run empty is kept"),
    ],
    ids=["none", "unknown", "running", "nothing kept"],
)
def test_a_run_that_cannot_be_replayed_is_wrong_usage(after_a_morning, flags, words):
    chain = after_a_morning
    for run_id, status in (("at-work", "running"), ("empty", "ok")):
        with chain.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO pipeline_run_summaries (pipeline_name, run_id, run_env, started_at,"
                    " finished_at, total_time_taken, report_date, overall_status, summary_text)"
                    " VALUES (:pipeline, :run_id, 'dev', now(), now(), '00:00:00', '2025-01-06', :status, '')"
                ),
                {"pipeline": Pipeline.DAILY, "run_id": run_id, "status": status},
            )

    ended = chain.run("replay_run", *flags)

    assert ended.code == 2, ended.output
    assert words in ended.output
    assert scratch_schemas(chain.engine) == []
