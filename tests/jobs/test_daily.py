"""The command line of the daily job; what the run does is tests/lib/pipelines' subject."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "DATABASE_URL": "postgresql://nobody:hunter2@127.0.0.1:1/nowhere?connect_timeout=1",
    "STORES_LIST": "A668,A817",
    "REPORT_STORES_LIST": "A668",
    "TD_UN3668_USERNAME": "UN3668",
    "TD_UN3668_PASSWORD": "hunter2",
}


def run(directory, *flags, **given):
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | SETTINGS | given
    command = [sys.executable, "-m", "jobs.daily", *flags]
    return subprocess.run(
        command,
        cwd=directory,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_mail_settings_are_needed_where_mail_is_sent(tmp_path):
    done = run(tmp_path)

    assert done.returncode == 78
    assert "REPORT_EMAIL_SMTP_HOST is missing" in done.stdout
    assert "REPORT_EMAIL_FROM is missing" in done.stdout


@pytest.mark.parametrize("flag", ["--dry-run", "--no-notify"])
def test_where_no_mail_is_sent_its_settings_may_be_missing(tmp_path, flag):
    done = run(tmp_path, flag, "--stores", "T105")

    assert done.returncode == 2
    assert "--stores names T105, but the configured stores are A668, A817" in done.stdout


def test_report_stores_that_are_not_scraped_are_refused(tmp_path):
    done = run(tmp_path, "--no-notify", REPORT_STORES_LIST="A668,T105")

    assert done.returncode == 78
    assert "REPORT_STORES_LIST has stores that STORES_LIST does not: T105" in done.stdout


def test_no_password_is_ever_shown(tmp_path):
    done = run(tmp_path, RUN_ENV="test")
    assert "hunter2" not in done.stdout + done.stderr
