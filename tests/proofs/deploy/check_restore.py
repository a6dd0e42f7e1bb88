"""A host is lost, and an empty one of another Debian takes its place: docs/how-to/restore.md, typed.

Run by `make test-deploy` after check_order.py. The two mornings, of the loss and after it, are the same hour in two zones
that are 24 hours apart. Their midnight is never during the test.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.proofs.deploy.booted import Host
from tests.proofs.deploy.programs import docker

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "restore.md").read_text()
#: UTC-12 and UTC+12, or near their midnight, which is noon in UTC, UTC-10 and UTC+14.
NEAR_NOON = datetime.now(UTC).hour in {11, 12}
BEFORE, AFTER = ("Etc/GMT+10", "Etc/GMT-14") if NEAR_NOON else ("Etc/GMT+12", "Etc/GMT-12")
JOBS = ("daily", "weekly", "monthly", "notify")
DOCUMENTS = "SELECT count(*) FROM documents WHERE status = 'ok'"
CLOSED = (
    "SELECT count(*) FROM pipeline_run_summaries WHERE closes AND report_date = '{}'"
    " AND pipeline_name = 'simplify_dashboard_daily'"
)


def typed(beginning):
    """Return the command of the page that begins so, whole."""
    found = re.findall(rf"^ *({re.escape(beginning)}.*?) *(?:#.*)?$", PAGE, re.MULTILINE)
    found += re.findall(rf"`({re.escape(beginning)}[^`]*)`", PAGE)
    assert len(found) == 1, (beginning, found)
    return found[0]


def let_it_be(stage, host, zone):
    """Let it be the day that it is in a zone; return that day and the one before it."""
    today, yesterday = stage.run(
        f"TZ={zone} date +%F; TZ={zone} date --date='1 day ago' +%F"
    ).split()
    stage.portal(command="set_today", today=today)
    host.write("/etc/simplify/local.env", f"PIPELINE_TIMEZONE={zone}\n")
    return today, yesterday


def run_all(host):
    for job in JOBS:
        host.run(f"systemctl start simplify@{job}", timeout_s=1800)
        assert host.property(f"simplify@{job}", "Result") == "success", job
    assert host.owes() == []


@pytest.fixture(scope="module")
def lost(host, stage, tmp_path_factory):
    """The archives of a host that made its reports, mailed them, was backed up and burned down."""
    stage.sql("TRUNCATE pipeline_run_summaries, documents, notification_messages CASCADE")
    stage.run("rm -f /stage/mails/*.eml")
    host.run("find /var/lib/simplify/reports -name '*.pdf' -delete")
    _, report_date = let_it_be(stage, host, BEFORE)
    run_all(host)
    assert stage.sql(CLOSED.format(report_date)) == "1"
    assert len(stage.mails("@")) >= 3

    stage.run_program(typed("pg_dump").replace("URL", stage.secrets["DATABASE_URL"]))
    host.run(f"cd /var/backups && {typed('tar --create')}")
    archive = tmp_path_factory.mktemp("backup") / "simplify-files.tar"
    docker("cp", f"{host.name}:/var/backups/simplify-files.tar", archive)
    reports = host.run("cd /var/lib/simplify && sha256sum $(find reports -name '*.pdf' | sort)")
    host.cut_power()
    yield archive, reports
    stage.portal(command="set_today", today=None)
    host.boot()
    host.calm()


@pytest.fixture(scope="module")
def other(lost, stage):
    """An empty host of the other Debian at the address of the lost one."""
    other = Host(f"{os.environ['NAME']}-other", os.environ["OTHER_IMAGE"], stage)
    yield other
    other.remove()


@pytest.fixture(scope="module")
def vault(operator, stage):
    """The vault names the restored database from here on."""
    _, _, rest = stage.secrets["DATABASE_URL"].partition("@")
    url = f"postgresql://restored:restored@{rest.rpartition('/')[0]}/restored"
    operator.fill_vault(stage.secrets | {"DATABASE_URL": url})
    yield url
    operator.fill_vault(stage.secrets)


def test_the_files_and_the_database_are_restored_before_anything_is_installed(
    lost, other, stage, vault
):
    archive, reports = lost
    role, database = typed("CREATE ROLE"), typed("CREATE DATABASE")
    stage.as_superuser(
        role.replace("simplify", "restored").replace("…", "restored"),
        database.replace("simplify", "restored"),
    )
    stage.run_program(typed("pg_restore").replace("URL", vault))

    docker("cp", archive, f"{other.name}:/var/backups/simplify-files.tar")
    other.run(f"cd /var/backups && {typed('mkdir -p')} && {typed('tar --extract')}")
    found = other.run("cd /var/lib/simplify && sha256sum $(find reports -name '*.pdf' | sort)")
    assert found == reports


def test_the_host_is_installed_without_a_timer(operator, other, stage, release):
    let_it_be(stage, other, AFTER)
    off = yaml.safe_load(re.search(r"'({schedule_off: .*?})'", PAGE)[1])["schedule_off"]
    code, text = operator.deploy(release, schedule_off=off)

    assert code == 0, text[-3000:]
    assert other.run("systemctl list-timers --all --no-legend 'simplify*'") == ""
    other.run(typed("simplify db_check"))
    other.run(typed("simplify status"), check=False)


def test_the_next_morning_is_green_and_nothing_is_mailed_twice(
    operator, other, stage, release, vault
):
    """With the timers on, as the last step of the page says."""
    before = stage.mails("@")
    code, text = operator.deploy(release)
    assert code == 0, text[-3000:]
    timers = other.run("systemctl list-timers --all --no-legend 'simplify*'")
    assert "simplify@daily.timer" in timers

    _, report_date = let_it_be(stage, other, AFTER)
    run_all(other)
    new = stage.mails("@")[len(before) :]
    assert stage.sql(CLOSED.format(report_date), vault) == "1"
    assert (len(new) >= 3, set(new) & set(before)) == (True, set())
