"""A night of a production host: timed, failing, retried, stopped, cut off.

Run by `make test-deploy` after check_install.py.
"""

from pathlib import Path

import pytest

from tests.proofs.deploy.booted import NOWHERE
from tests.proofs.deploy.programs import docker

DAILY = Path(__file__).parents[3] / "lib" / "reports" / "templates" / "daily_report.html"
TEMPLATES = "/var/lib/simplify/data/templates"
ENDLESS = "{% if store_code == 'A817' %}{% for _ in range(99999) %}{% for _ in range(99999) %}{% endfor %}{% endfor %}{% endif %}"
SOON = "[Timer]\nOnCalendar=\nOnCalendar={at}\nRandomizedDelaySec=0\n"
GIVEN_UP = "is given up after"
STOP_LIMIT_S = 60


#: Says that it is Monday the 1st, whatever day it is.
MONDAY_THE_FIRST = "#!/bin/sh\ncase $1 in +%u) echo 1 ;; *) echo 01 ;; esac\n"
PRETENDING = "[Service]\nEnvironment=PATH=/usr/local/lib/pretence:/usr/bin:/bin\n"


@pytest.fixture(scope="module", autouse=True)
def _no_time_of_day(host):
    """From here on nothing starts because of the day and hour at which the tests happen to run.

    On a Monday, and on the 1st, a daily run that succeeds starts the jobs that wait for it, unless
    their timers are off.
    """
    host.run("systemctl disable simplify@weekly.timer simplify@monthly.timer")
    host.write(
        "/usr/local/lib/systemd/system/simplify@.timer.d/zz-never.conf",
        SOON.format(at="2099-01-01"),
    )
    host.run("systemctl daemon-reload")


@pytest.fixture(autouse=True)
def _calm(host):
    """No test leaves a test's settings behind."""
    yield
    host.calm()


def is_waiting(host, job):
    return host.run(f"systemctl is-active simplify-again-{job}.timer || true") == "active"


def one_set(host, stage):
    """Assert that the day has one report of each store and of all, one row of each, and one mail of each."""
    assert [name[:4] for name in host.reports()] == ["A668", "A817", "ALL_"]
    assert stage.sql("SELECT count(*) FROM documents WHERE status = 'ok'") == "3"
    about = [subject.partition(",")[0] for subject in stage.mails("second@")]
    assert (len(about), len(set(about))) == (3, 3), about


def test_a_timer_elapses_and_what_fails_with_75_is_retried_to_one_set_of_reports(
    host, stage, morning
):
    host.write("/etc/simplify/local.env", NOWHERE)
    host.retry_soon()
    host.drop_in("simplify@daily.timer", SOON.format(at="*-*-* *:*:0/5"))
    host.until(
        "the timer starts the daily run",
        lambda: "exited, status=75" in host.journal("simplify@daily", morning),
    )
    host.run("rm -r /run/systemd/system/simplify@daily.timer.d; systemctl daemon-reload")
    host.until_first_failure_is_counted("daily", morning, attempts=9)
    host.write("/etc/simplify/local.env", "")
    host.until("the day is closed", lambda: host.count("simplify@daily", "is closed", morning))
    host.until("nothing is owed", lambda: host.owes() == [])

    one_set(host, stage)
    assert host.run("head -c 5 -q $(find /var/lib/simplify/reports -name '*.pdf')") == "%PDF-" * 3
    assert host.count("simplify-alert@daily", "Starting", morning) == 0


def test_logs_are_found_under_the_job(host):
    assert '"phase": "report"' in host.journal("simplify@daily")
    assert '"phase": "report"' in host.run("journalctl --identifier=daily --output=cat --no-pager")


def test_weeks_and_months_that_are_owed_are_made_by_their_units(host, stage):
    stage.run_here(weeks=5)
    before = int(stage.run("ls /stage/mails | wc -l"))
    host.run("systemctl start simplify@weekly simplify@monthly", timeout_s=1800)
    made = [name.split("_20")[0] for name in host.reports()]

    assert made.count("ALL_week") == made.count("A668_week") == made.count("A817_week") >= 4
    assert made.count("ALL_month") == made.count("A668_month") == made.count("A817_month") >= 1
    assert int(stage.run("ls /stage/mails | wc -l")) > before
    since = host.now()
    host.run("systemctl start simplify@weekly simplify@monthly")
    assert [
        host.count(f"simplify@{job}", '"phase": "report"', since) for job in ("weekly", "monthly")
    ] == [0, 0]


def test_the_daily_run_starts_the_week_and_the_month_that_wait_for_it(host):
    host.write("/usr/local/lib/pretence/date", MONDAY_THE_FIRST)
    host.run("chmod 0755 /usr/local/lib/pretence/date")
    host.drop_in("simplify-next@.service", PRETENDING)
    off = host.now()
    host.run("systemctl start simplify@daily")
    host.until(
        "its followers are decided", lambda: host.count("simplify-next@daily", "Finished", off)
    )
    assert host.count("simplify@weekly", "Starting", off) == 0, "its timer is off"

    host.run("systemctl enable simplify@weekly.timer simplify@monthly.timer")
    on = host.now()
    host.run("systemctl start simplify@daily")
    for job in ("weekly", "monthly"):
        started = f"simplify@{job}"
        host.until(f"{job} is over", lambda started=started: host.count(started, "Finished", on))
    host.run("systemctl disable simplify@weekly.timer simplify@monthly.timer")


@pytest.mark.parametrize("job", ["notify", "prune", "returns", "status"])
def test_the_jobs_between_run_by_their_units(host, job):
    host.run(f"systemctl start simplify@{job}")
    assert (host.property(f"simplify@{job}", "Result"), host.owes()) == ("success", [])


def test_a_78_is_not_retried_and_alerts_once(host, stage):
    since, before = host.now(), int(stage.run("ls /stage/mails | wc -l"))
    host.write("/etc/simplify/local.env", "PIPELINE_TIMEZONE=Nowhere/Land\n")
    host.run("systemctl start simplify@weekly", check=False)
    host.until("people are told", lambda: host.count("simplify-alert@weekly", "Finished", since))

    assert host.property("simplify@weekly", "ExecMainStatus") == "78"
    assert (host.count("simplify@weekly", "Starting", since), is_waiting(host, "weekly")) == (
        1,
        False,
    )
    assert host.count("simplify-alert@weekly", "Starting", since) == 1
    assert int(stage.run("ls /stage/mails | wc -l")) - before == 1
    alert = stage.run("cat $(ls -t /stage/mails/*.eml | head -n 1)")
    assert ("exit code 78:" in alert, "to do: nothing" in alert) == (True, False), (
        alert
    )  # that was the run before


def test_retries_that_are_used_up_alert_once(host, morning):
    host.write("/etc/simplify/local.env", NOWHERE)
    host.retry_soon(attempts=2)
    host.run("systemctl start simplify@daily", check=False)
    ended = ("Finished", "Failed")
    host.until(
        "people are told",
        lambda: any(host.count("simplify-alert@daily", word, morning) for word in ended),
    )
    tries = host.count("simplify-retry@daily", "the next one in", morning)

    assert (host.count("simplify-retry@daily", GIVEN_UP, morning), is_waiting(host, "daily")) == (
        1,
        False,
    )
    assert host.count("simplify@daily", "Starting", morning) == tries + 1 >= 2
    assert host.count("simplify-alert@daily", "Starting", morning) == 1
    assert host.owes() == []


@pytest.fixture
def half_done(host, stage, morning):
    """A daily run that has made one store's report and is at the other's, which never ends.

    What it has made so far.
    """
    host.write(f"{TEMPLATES}/daily_report.html", ENDLESS + DAILY.read_text())
    host.run(f"chown -R simplify:simplify {TEMPLATES}")
    host.write("/etc/simplify/local.env", f"PDF_TEMPLATES_DIR={TEMPLATES}\n")
    host.run("systemctl start --no-block simplify@daily")
    made = "SELECT count(*) FROM documents WHERE status = 'ok'"
    host.until("one report is made and the other is not", lambda: stage.sql(made) == "1")
    assert (
        stage.sql("SELECT string_agg(overall_status, ' ') FROM pipeline_run_summaries") == "running"
    )
    assert stage.mails("second@") == []
    return host.reports()


def test_a_half_done_run_is_stopped_within_its_limit_and_the_next_one_does_the_rest(
    host, stage, half_done
):
    took_s = int(
        host.run("start=$(date +%s); systemctl stop simplify@daily; echo $(($(date +%s) - start))")
    )
    assert took_s < STOP_LIMIT_S
    assert host.property("simplify@daily", "ActiveState") in {"failed", "inactive"}
    assert host.run("docker ps --all --quiet") == ""
    assert (list(half_done), host.reports()) == (
        [name for name in half_done if name.startswith("A668")],
        half_done,
    )

    host.write("/etc/simplify/local.env", "")
    host.run(
        "systemctl stop simplify-again-daily.timer; systemctl start simplify@daily",
        check=False,
        timeout_s=900,
    )
    one_set(host, stage)
    assert half_done.items() <= host.reports().items()


def test_a_power_cut_loses_neither_a_half_done_run_nor_a_time(host, stage, half_done):
    minute = int(host.run("date +%s")) + 20
    at = host.run(f"date -u -d @{minute} '+%Y-%m-%d %H:%M:%S UTC'")
    drop_in = "/etc/systemd/system/simplify@status.timer.d/zz-test.conf"
    host.write(drop_in, SOON.format(at=at))
    host.write("/etc/simplify/local.env", "")
    host.run("systemctl daemon-reload && systemctl restart simplify@status.timer && sync")
    host.cut_power()
    host.until(
        "the time has passed", lambda: int(docker("exec", stage.name, "date", "+%s")) > minute
    )
    host.boot()
    boot = "journalctl --boot --output=cat --no-pager --unit="
    host.until("the run is resumed", lambda: "is closed" in host.run(f"{boot}simplify@daily"))
    host.until(
        "the missed time is caught up", lambda: "Finished" in host.run(f"{boot}simplify@status")
    )
    host.until("nothing is owed", lambda: host.owes() == [])
    host.run(f"rm {drop_in}; systemctl daemon-reload")

    one_set(host, stage)
    assert half_done.items() <= host.reports().items()
    assert (
        stage.sql("SELECT count(*) FROM pipeline_run_summaries WHERE overall_status = 'running'")
        == "0"
    )
