"""The metrics for Prometheus, their file, and the alert rules that live on them.

Without Debian's package `prometheus` there is no promtool to ask; `.ci/run` installs it.
"""

import shutil
import stat
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from lib import dates
from lib.db.tables import ingest_counts
from lib.model import Pipeline, RunRef
from lib.pipelines.deadline import DeadlineState
from lib.pipelines.status.facts import MailGroup, Morning, Overview, Telemetry
from lib.pipelines.status.prometheus import metrics
from tests.factories.runs import add_run
from tests.programs import run_job

RULES = Path(__file__).parents[3] / "deploy/prometheus"
AT = datetime(2025, 11, 18, 3, tzinfo=UTC)
YESTERDAY = date(2025, 11, 17)
COUNTS = dict.fromkeys(("updated", "unchanged", "skipped", "duplicates"), 0)

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None,
    reason="promtool is not installed here",
)


def overview(telemetry=None, mails=(), missing=None, stores=("A668", "TS48"), deadlines=()):
    return Overview(
        at=AT,
        today=AT.date(),
        headline="",
        morning=Morning(YESTERDAY, stores, missing or {}, has_run=True, is_running=False),
        runs=(),
        grid={},
        mails=mails,
        unread=(),
        killed=(),
        steps=(),
        telemetry=telemetry or Telemetry(),
        deadlines=deadlines,
    )


def everything():
    return overview(
        Telemetry(
            successes={Pipeline.DAILY: AT - timedelta(hours=2)},
            durations_s={Pipeline.WEEKLY: {"report": 12.5}},
            rows={("missed_leads", "read"): 56, ("missed_leads", "rejected"): 1},
        ),
        mails=(
            MailGroup(Pipeline.DAILY, YESTERDAY, "pending", 3),
            MailGroup(Pipeline.DAILY, YESTERDAY, "sending", 1),
            MailGroup(Pipeline.DAILY, YESTERDAY - timedelta(days=1), "uncertain", 2),
            MailGroup(Pipeline.MONTHLY, YESTERDAY, "failed", 1),
        ),
        missing={"TS48": "server error (status 500)"},
        deadlines=(
            DeadlineState(
                Pipeline.DAILY,
                YESTERDAY,
                AT + timedelta(minutes=30),
                expected_at=AT - timedelta(minutes=5),
                out_at=AT,
            ),
            DeadlineState(Pipeline.WEEKLY, YESTERDAY, AT + timedelta(hours=1)),
        ),
    )


def samples(text):
    """Return the lines that are no comments."""
    return [line for line in text.decode().splitlines() if not line.startswith("#")]


def test_every_figure_is_a_sample():
    assert samples(metrics(everything())) == [
        "simplify_status_timestamp_seconds 1.7634348e+09",
        'simplify_last_success_timestamp_seconds{pipeline="daily"} 1.7634276e+09',
        'simplify_last_success_age_seconds{pipeline="daily"} 7200.0',
        'simplify_phase_duration_seconds{phase="report",pipeline="weekly"} 12.5',
        "simplify_stores 2.0",
        "simplify_stores_without_report 1.0",
        'simplify_store_without_report{store_code="TS48"} 1.0',
        'simplify_mails{pipeline="daily",state="owed"} 4.0',
        'simplify_mails{pipeline="daily",state="uncertain"} 2.0',
        'simplify_mails{pipeline="daily",state="failed"} 0.0',
        'simplify_mails{pipeline="weekly",state="owed"} 0.0',
        'simplify_mails{pipeline="weekly",state="uncertain"} 0.0',
        'simplify_mails{pipeline="weekly",state="failed"} 0.0',
        'simplify_mails{pipeline="monthly",state="owed"} 0.0',
        'simplify_mails{pipeline="monthly",state="uncertain"} 0.0',
        'simplify_mails{pipeline="monthly",state="failed"} 1.0',
        'simplify_bucket_rows{bucket="missed_leads",result="read"} 56.0',
        'simplify_bucket_rows{bucket="missed_leads",result="rejected"} 1.0',
        'simplify_mails_due_timestamp_seconds{pipeline="daily"} 1.7634366e+09',
        'simplify_mails_due_timestamp_seconds{pipeline="weekly"} 1.7634384e+09',
        'simplify_mails_expected_timestamp_seconds{pipeline="daily"} 1.7634345e+09',
        'simplify_mails_out_timestamp_seconds{pipeline="daily"} 1.7634348e+09',
    ]


def test_what_is_not_known_has_no_sample():
    names = {line.partition("{")[0].split(" ")[0] for line in samples(metrics(overview()))}

    assert names == {
        "simplify_status_timestamp_seconds",
        "simplify_stores",
        "simplify_stores_without_report",
        "simplify_mails",
    }


def test_it_is_openmetrics_to_the_end():
    assert metrics(overview()).endswith(b"\n# EOF\n")


@promtool
@pytest.mark.integration
def test_promtool_finds_nothing_to_say_about_names_and_units():
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=metrics(everything()),
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@promtool
@pytest.mark.integration
def test_the_alert_rules_keep_their_promises():
    done = subprocess.run(
        ["promtool", "test", "rules", "simplify.test.yml"],
        cwd=RULES,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_every_metric_of_the_rules_is_written():
    rules = (RULES / "simplify.rules.yml").read_text(encoding="utf-8")
    written = metrics(everything()).decode()
    used = {word.split("{")[0] for word in rules.replace("(", " ").replace(")", " ").split()}
    names = {word for word in used if word.startswith("simplify_")}

    assert len(names) > 4
    assert [name for name in sorted(names) if f"# TYPE {name} gauge" not in written] == []


def test_the_job_writes_what_the_database_knows(engine, database, tmp_path):
    now = dates.now()
    report_on = dates.report_day(now.date())
    ended = {"finished_at": now - timedelta(minutes=5), "closes": True}
    ref = RunRef(Pipeline.DAILY, "daily", "dev", report_on, now - timedelta(minutes=9))
    add_run(engine, ref, metrics_json={"durations_s": {"scrape": 30.25}}, **ended)

    for store_code, read in (("A668", 5), ("TS48", 7)):
        row = {"run_id": "daily", "bucket": "missed_leads", "store_code": store_code}
        counts = COUNTS | {"seen_on": report_on, "read": read, "inserted": read, "rejected": 0}

        with engine.begin() as connection:
            connection.execute(insert(ingest_counts).values(**row, **counts))

    done = run_job("status", "--prometheus", "simplify.prom", cwd=tmp_path, DATABASE_URL=database)

    assert done.returncode == 0, done.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["simplify.prom"]
    file = tmp_path / "simplify.prom"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    found = samples(file.read_bytes())
    assert 'simplify_phase_duration_seconds{phase="scrape",pipeline="daily"} 30.25' in found
    assert 'simplify_bucket_rows{bucket="missed_leads",result="read"} 12.0' in found
    assert 'simplify_bucket_rows{bucket="missed_leads",result="rejected"} 0.0' in found
    stamp = ended["finished_at"].timestamp()
    line = next(one for one in found if one.startswith("simplify_last_success_timestamp_seconds"))
    assert float(line.split()[-1]) == pytest.approx(stamp, abs=0.001)


def test_a_path_that_cannot_be_written_is_for_a_person(database, tmp_path):
    done = run_job("status", "--prometheus", "away/x.prom", cwd=tmp_path, DATABASE_URL=database)

    assert done.returncode == 78
    assert "choose another --prometheus PATH" in done.stdout
