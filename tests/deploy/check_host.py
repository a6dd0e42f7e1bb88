"""A night of a production host, in order: installed, timed, failing, retried, cut off, upgraded, rolled back.

Run by `make test-deploy`; each test continues where the one before left the host.
"""

import os
import re
from pathlib import Path

import pytest

from tests.deploy.booted import Host, Playbook, Stage, docker, until

OLD, NEW = os.environ["OLD_IMAGE"], os.environ["IMAGE"]
NOWHERE = "TD_BASE_URL=http://127.0.0.1:9\nTMS_BASE=http://127.0.0.1:9\nPORTAL_NETWORK_WAIT_SECONDS=1\n"
QUICKLY = "[Service]\nEnvironment=SIMPLIFY_PAUSE_S=3 SIMPLIFY_ATTEMPTS={attempts}\n"
FORCED = "[Service]\nEnvironment=JOB_FLAGS=--force\n"
GIVEN_UP = "is given up after"


@pytest.fixture(scope="module")
def stage():
    stage = Stage("simplify-stage", os.environ["DEMO_IMAGE"])
    yield stage
    docker("rm", "--force", "--volumes", stage.name)


@pytest.fixture(scope="module")
def host(stage):
    host = Host("simplify-host", stage, os.environ["HOST_IMAGE"])
    yield host
    docker("rm", "--force", "--volumes", host.name)
    docker("volume", "rm", f"{host.name}-engine")


@pytest.fixture(scope="module")
def play(stage, tmp_path_factory):
    return Playbook(tmp_path_factory.mktemp("playbook"), stage, Path(os.environ["HOST_KEY"]))


@pytest.fixture(autouse=True)
def _calm(host):
    """No test leaves a test's settings behind."""
    yield
    host.run(": >/etc/simplify/local.env", check=False)
    host.undo_drop_ins()


def changed(text):
    return int(re.search(r"changed=(\d+)", text)[1])


def is_waiting(host, job):
    return host.run(f"systemctl is-active simplify-again-{job}.timer || true") == "active"


def test_one_playbook_makes_a_production_host(play, host):
    code, text = play(OLD)
    assert code == 0, text[-3000:]
    assert host.image() == docker("image", "inspect", "--format={{.Id}}", OLD)


def test_a_second_run_changes_nothing(play):
    code, text = play(OLD)
    assert (code, changed(text)) == (0, 0), text[-3000:]


def test_check_mode_works_and_would_change_nothing(play):
    code, text = play(OLD, "--check")
    assert (code, changed(text)) == (0, 0), text[-3000:]


def test_secrets_are_for_the_jobs_alone(host):
    modes = host.run("stat -Lc '%a %U' /etc/simplify /etc/simplify/current/secrets /etc/simplify/current/secrets/*")
    assert modes.splitlines() == ["750 root", "700 simplify", "600 simplify", "600 simplify"]
    told = host.run("setpriv --reuid=nobody --clear-groups cat /etc/simplify/current/secrets/* 2>&1", check=False)
    assert [line.rpartition(": ")[2] for line in told.splitlines()] == ["Permission denied"] * 2


def test_the_secrets_are_in_no_journal_and_no_argument(host, stage):
    password = stage.secrets["TD_A668_PASSWORD"]
    assert host.run(f"journalctl --no-pager | grep -c {password} || true") == "0"


def test_a_timer_elapses_and_what_fails_with_75_is_retried_to_one_set_of_reports(host, stage):
    since = host.now()
    host.write("/etc/simplify/local.env", NOWHERE)
    host.drop_in("simplify-retry@.service", QUICKLY.format(attempts=9))
    soon = "[Timer]\nOnCalendar=\nOnCalendar=*-*-* *:*:0/5\nRandomizedDelaySec=0\n"
    host.drop_in("simplify@daily.timer", soon)
    until(lambda: "exited, status=75" in host.journal("simplify@daily", since))
    host.run("rm -r /run/systemd/system/simplify@daily.timer.d; systemctl daemon-reload")
    until(lambda: "attempt 1 of 9" in host.journal("simplify-retry@daily", since))
    host.write("/etc/simplify/local.env", "")
    until(lambda: host.count("simplify@daily", "is closed", since))
    until(lambda: host.run("ls /var/lib/simplify/owed") == "")

    reports = host.run("cd /var/lib/simplify/reports && find . -name '*.pdf' | sort").splitlines()
    assert [Path(report).name[:4] for report in reports] == ["A668", "A817"]
    assert host.run(f"head -c 5 /var/lib/simplify/reports/{reports[0]}") == "%PDF-"
    assert stage.sql("SELECT count(*) FROM documents") == "2"
    assert len([subject for subject in stage.mails() if "A668" in subject]) == 1
    assert host.count("simplify-alert@daily", "Starting", since) == 0


def test_logs_are_found_under_the_job(host):
    assert '"phase": "report"' in host.journal("simplify@daily")
    assert '"phase": "report"' in host.run("journalctl --identifier=daily --output=cat --no-pager")


def test_a_78_is_not_retried_and_alerts_once(host, stage):
    since, before = host.now(), len(stage.mails())
    host.write("/etc/simplify/local.env", "PIPELINE_TIMEZONE=Nowhere/Land\n")
    host.run("systemctl start simplify@weekly", check=False)
    until(lambda: host.count("simplify-alert@weekly", "Finished", since))
    assert host.property("simplify@weekly", "ExecMainStatus") == "78"
    assert (host.count("simplify@weekly", "Starting", since), is_waiting(host, "weekly")) == (1, False)
    assert (host.count("simplify-alert@weekly", "Starting", since), len(stage.mails()) - before) == (1, 1)


def test_retries_that_are_used_up_alert_once(host):
    since = host.now()
    host.write("/etc/simplify/local.env", NOWHERE)
    host.drop_in("simplify@daily.service", FORCED)
    host.drop_in("simplify-retry@.service", QUICKLY.format(attempts=2))
    host.run("systemctl start simplify@daily", check=False)
    until(
        lambda: (
            host.count("simplify-alert@daily", "Finished", since) or host.count("simplify-alert@daily", "Failed", since)
        ),
        400,
    )
    tries = host.count("simplify-retry@daily", "the next one in", since)
    assert (host.count("simplify-retry@daily", GIVEN_UP, since), is_waiting(host, "daily")) == (1, False)
    assert host.count("simplify@daily", "Starting", since) == tries + 1 >= 2
    assert host.count("simplify-alert@daily", "Starting", since) == 1
    assert host.run("ls /var/lib/simplify/owed") == ""


def running_slowly(host, stage):
    """Start a forced daily run that takes long, and wait until it is in the middle of it."""
    since = host.now()
    stage.portal(command="set_latency", latency_s=3)
    host.drop_in("simplify@daily.service", FORCED)
    host.run("systemctl start --no-block simplify@daily")
    until(lambda: host.run("docker ps --quiet --filter name=simplify-daily"))
    until(lambda: stage.sql("SELECT count(*) FROM pipeline_run_summaries WHERE overall_status = 'running'") != "0")
    return since


def test_a_running_job_is_stopped_within_its_limit_and_the_next_run_resumes(host, stage):
    running_slowly(host, stage)
    host.run("systemctl stop simplify@daily")
    assert host.property("simplify@daily", "Result") == "exit-code"
    assert host.run("docker ps --all --quiet") == ""
    stage.portal(command="set_latency", latency_s=0)
    since = host.now()
    host.run("systemctl start simplify@daily")
    assert host.count("simplify@daily", "is closed", since) == 1
    host.run("systemctl stop simplify-again-daily.timer", check=False)


def test_a_power_cut_loses_neither_a_running_job_nor_a_time(host, stage):
    running_slowly(host, stage)
    minute = int(host.run("date +%s")) + 20
    at = host.run(f"date -u -d @{minute} '+%Y-%m-%d %H:%M:%S UTC'")
    drop_in = "/etc/systemd/system/simplify@status.timer.d/zz-cut.conf"
    host.write(drop_in, f"[Timer]\nOnCalendar=\nOnCalendar={at}\nRandomizedDelaySec=0\n")
    host.run("systemctl daemon-reload && systemctl restart simplify@status.timer && sync")
    host.cut_power()
    stage.portal(command="set_latency", latency_s=0)
    until(lambda: int(docker("exec", stage.name, "date", "+%s")) > minute)
    host.boot()
    boot = "journalctl --boot --output=cat --no-pager --unit="
    until(
        lambda: (
            "is closed" in host.run(f"{boot}simplify@daily") or "closed already" in host.run(f"{boot}simplify@daily")
        )
    )
    until(lambda: "Finished" in host.run(f"{boot}simplify@status"))
    until(lambda: host.run("ls /var/lib/simplify/owed") == "")
    host.run(f"rm {drop_in}; systemctl daemon-reload")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"app_secrets": {"DATABASE_URL": ""}}, "fill in the vault", id="a missing secret"),
        pytest.param({"app_image": "simplify:latest"}, "name it by digest", id="a tag"),
        pytest.param({"host_free_mb": 1_000_000_000}, "MB free", id="a full disk"),
        pytest.param(
            {"app_secrets": {"DATABASE_URL": "postgresql://a:b@127.0.0.1:9/x", "TD_A668_PASSWORD": "x"}},
            "cannot connect to the database",
            id="a database that is away",
        ),
    ],
)
def test_bad_input_stops_before_the_running_version_changes(play, host, changes, why):
    before = host.release()
    code, text = play(NEW, **changes)
    assert (code != 0, why in text, host.release()) == (True, True, before), text[-3000:]


def test_a_wrong_vault_password_stops_before_anything(play, host, tmp_path):
    (tmp_path / "wrong").write_text("wrong\n")
    (tmp_path / "right").write_text("right\n")
    vault = tmp_path / "vault.yml"
    vault.write_text("app_memory: 1g\n")
    tool = os.environ["ANSIBLE_PLAYBOOK"].replace("ansible-playbook", "ansible-vault")
    from tests.deploy.booted import output

    output(tool, "encrypt", "--vault-password-file", tmp_path / "right", vault)
    before = host.release()
    code, text = play(NEW, "-e", f"@{vault}", "--vault-password-file", str(tmp_path / "wrong"))
    assert (code != 0, "Decryption failed" in text, host.release()) == (True, True, before), text[-3000:]


def test_a_red_smoke_test_leaves_the_version_that_runs(play, host, stage):
    before = host.release()
    code, text = play(NEW, app_secrets={**stage.secrets, "TD_A668_PASSWORD": "wrong"})
    assert (code != 0, host.release()) == (True, before), text[-3000:]
    assert "Log in, fetch and check everything" in text


def test_an_upgrade_keeps_the_data_and_removes_retired_units(play, host, stage):
    rows = stage.sql("SELECT count(*) FROM documents")
    host.write("/etc/systemd/system/simplify@gone.timer.d/schedule.conf", "[Timer]\nOnCalendar=daily\n")
    host.write("/etc/systemd/system/simplify-old.service", "[Service]\nExecStart=/bin/true\n")
    host.run("systemctl daemon-reload && systemctl enable --now simplify@gone.timer")
    code, text = play(NEW)
    assert code == 0, text[-3000:]
    assert host.image() == docker("image", "inspect", "--format={{.Id}}", NEW)
    assert stage.sql("SELECT count(*) FROM documents") == rows
    assert host.run("ls -d /etc/systemd/system/simplify@gone* /etc/systemd/system/simplify-old* || true") == ""
    assert "gone" not in host.run("systemctl list-timers --all --no-pager")


def test_a_rollback_returns_to_the_version_before_and_keeps_the_data(play, host, stage):
    rows = stage.sql("SELECT count(*) FROM documents")
    code, text = play(OLD, book="rollback.yml")
    assert code == 0, text[-3000:]
    assert host.image() == docker("image", "inspect", "--format={{.Id}}", OLD)
    assert stage.sql("SELECT count(*) FROM documents") == rows
